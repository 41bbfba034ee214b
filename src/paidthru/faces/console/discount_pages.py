"""What the pages about discounts share: a discount in a list, its facts, and a member's own."""

from uuid import UUID

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Column,
    EmptyState,
    Fact,
    Link,
    Row,
    Table,
    Value,
)
from paidthru.kernel.money import Money
from paidthru.membership.models import Discount
from paidthru.membership.queries.discounts import as_rule, discounts_given
from paidthru.people.models import Party


def discount_url(visit: Visit, discount_id: UUID) -> str:
    """A discount's page."""
    return visit.url(f"settings/discounts/{discount_id}/")


def may_change(visit: Visit, row: Discount) -> bool:
    """Whether the person may end it: a member's own is a concession like a credit, the others are settings."""
    return visit.may("credit" if row.party_id else "set_policy")


def discount_columns(visit: Visit) -> tuple[Column, ...]:
    """The columns of a list of discounts."""
    return (
        Column("name", "Discount"),
        Column("off", "Off", "money"),
        Column("whom", "For"),
        Column("plan", visit.words.titled("plan")),
        Column("from", "From", "date"),
        Column("until", "Until", "date"),
        Column("terms", "Terms"),
        Column("state", "Status", "badge"),
    )


def discount_row(visit: Visit, row: Discount) -> Row:
    """A discount in a list."""
    return Row(
        (
            row.name, _off(row), _whom(row), row.plan.name if row.plan else "All", row.from_on, row.until_on,
            str(row.terms) if row.terms else "all", _state(visit, row),
        ),
        discount_url(visit, row.id),
    )  # fmt: skip


def discount_facts(visit: Visit, row: Discount) -> tuple[Fact, ...]:
    """What a discount is."""
    whom: Value = Link(row.party.name, member_url(visit, row.party.id)) if row.party else _whom(row)
    return (
        Fact("Status", _state(visit, row)),
        Fact("Takes off", _off(row)),
        Fact("For", whom),
        Fact(visit.words.titled("plan"), row.plan.name if row.plan else "All"),
        *((Fact("Item", row.fee.name),) if row.fee else ()),
        Fact("Terms that begin from", row.from_on),
        Fact("and before", row.until_on),
        Fact("Number of terms", str(row.terms) if row.terms else "all"),
        *((Fact("Reason", row.why),) if row.why else ()),
        Fact("Given by", row.given_by),
        *(
            (Fact("By the code", Link(row.coded.code, discount_url(visit, row.coded.id))),)
            if row.coded
            else ()
        ),
    )


def own_discounts(visit: Visit, party: Party, limit: int, more: str) -> tuple[Section, ...]:
    """The discounts that a member was given; nothing where there never was one."""
    found = list(discounts_given(visit.organization.id, party_id=party.id)[: limit + 1])
    if not found:
        return ()
    columns = tuple(one for one in discount_columns(visit) if one.key != "whom")
    rows = []
    for one in found[:limit]:
        row = discount_row(visit, one)
        rows.append(Row((*row.cells[:2], *row.cells[3:]), row.href))
    return (
        Section(
            "discounts",
            "Discounts",
            Table(columns, tuple(rows), "Discounts", empty=EmptyState("None.")),
            more=Link("All discounts", f"{more}#discounts") if len(found) > limit else None,
        ),
    )


def give_action(visit: Visit, party: Party) -> tuple[Action, ...]:
    """Giving a member a discount, for whoever may."""
    return (
        (Action("Give a discount", f"{member_url(visit, party.id)}discount/"),) if visit.may("credit") else ()
    )


def _off(row: Discount) -> Value:
    return Money(row.amount_minor, row.currency) if row.kind == "amount" else as_rule(row).said


def _whom(row: Discount) -> str:
    return row.party.name if row.party else f"the code {row.code}" if row.code else "everybody"


def _state(visit: Visit, row: Discount) -> Badge:
    today = visit.desk.today
    if row.until_on is not None and row.until_on <= today:
        return Badge("Over")
    return Badge("Holds", "good") if row.from_on <= today else Badge("To come", "info")
