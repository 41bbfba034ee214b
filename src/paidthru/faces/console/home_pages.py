"""Homes on the records of those who own or rent them (A-29)."""

from collections.abc import Sequence

from paidthru.assessments.queries import Home
from paidthru.faces.console.access import Visit
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Badge, Column, Figure, Link, Row, Table
from paidthru.kernel.money import Money


def homes_section(visit: Visit, homes: Sequence[Home]) -> tuple[Section, ...]:
    """What somebody owns or rents, what they owe of it, and what it is billed next; nothing for who has no home."""
    rows = tuple(_row(visit, one) for one in homes)
    if not rows:
        return ()
    columns = (
        Column("unit", "Unit", "link"), Column("role", "Role"), Column("since", "Since", "date"),
        Column("owes", "Owes", "money"), Column("next", "Next on", "date"), Column("amount", "Amount", "money"),
        Column("way", "Collected", "badge"),
    )  # fmt: skip
    return (Section("homes", "Homes", Table(columns, rows, "Homes")),)


def _row(visit: Visit, one: Home) -> Row:
    currency = (
        visit.organization.currency if visit.organization.currency in one.owed else next(iter(one.owed), "")
    )
    owes = Money(one.owed[currency], currency) if currency else Money(0, visit.organization.currency)
    owner, coming = one.holding.role == "owner", one.coming
    return Row(
        (
            Link(one.unit.name, visit.url(f"homes/{one.unit.id}/")),
            one.holding.role.capitalize(),
            one.holding.from_on,
            owes if owner else None,
            coming.on if coming and owner else None,
            Money(coming.amount_minor, coming.currency) if coming and owner else None,
            (Badge("AutoPay", "info") if one.holding.autopay else Badge("By invoice")) if owner else None,
        )
    )  # fmt: skip


def home_badges(homes: Sequence[Home]) -> tuple[Badge, ...]:
    """Which homes somebody without a membership owns or rents."""
    found = []
    for role, verb in (("owner", "Owns"), ("tenant", "Rents")):
        names = [one.unit.name for one in homes if one.holding.role == role]
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            found.append(
                Badge(f"{verb} {', '.join(names[:3])}{more}", "good" if role == "owner" else "neutral")
            )
    return tuple(found)


def next_of_homes(homes: Sequence[Home], locale: str) -> tuple[Figure, ...]:
    """What an owner is billed next for any of their homes."""
    coming = [(one.coming, one.unit.name) for one in homes if one.coming and one.holding.role == "owner"]
    if not coming:
        return ()
    first, name = min(coming, key=lambda one: one[0].on)
    said = f"{name}, on {day_text(first.on, locale)}"
    return (Figure("Next assessment", Money(first.amount_minor, first.currency), said),)
