"""What a change of policy would alter in the next 30 days, as the console shows it before it is saved."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from paidthru.faces.console.access import Visit
from paidthru.faces.console.formats import reader_text
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import Column, Fact, Figure, Link, Row, Table
from paidthru.kernel.money import Money
from paidthru.organizations.rules.policies import Value, parse, shown
from paidthru.runs.forecast import Happens
from paidthru.runs.impact import Impact, impact
from paidthru.runs.impact_words import HOW, sentences, words

PAGE = "settings/impact/"


def impact_facts(visit: Visit, changes: Mapping[str, Value | None]) -> tuple[Fact, ...]:
    """Lines for a confirm step: what it alters in all, and the way to the list."""
    found = impact(visit.desk, changes, listed=0)
    facts = [Fact("In the next 30 days", reader_text(" ".join(sentences(found)), visit.organization.locale))]
    if found.concerned:
        facts.append(Fact("Whom it concerns", Link("See what comes otherwise", impact_url(visit, changes))))
    return tuple(facts)


def impact_url(visit: Visit, changes: Mapping[str, Value | None]) -> str:
    """Where a change is shown member by member."""
    return visit.url(f"{PAGE}?{changes_query(changes)}")


def changes_query(changes: Mapping[str, Value | None]) -> str:
    """Changes of policy as an address carries them."""
    asked = [("set", f"{key}={shown(value)}") for key, value in changes.items() if value is not None]
    return urlencode([*asked, *(("unset", key) for key, value in changes.items() if value is None)])


def asked_changes(visit: Visit) -> dict[str, Value | None]:
    """The changes that the address carries. Refused as `parse`."""
    pairs = (one.partition("=") for one in visit.request.GET.getlist("set"))
    changes: dict[str, Value | None] = {key: parse(key, text) for key, _, text in pairs}
    return changes | dict.fromkeys(visit.request.GET.getlist("unset"))


def impact_page(visit: Visit, changes: Mapping[str, Value | None]) -> RecordPage:
    """The totals, present and proposed, and the first members for whom something comes otherwise."""
    found = impact(visit.desk, changes)
    listed = ", ".join(
        f"{key} = {'the preset’s' if value is None else shown(value)}" for key, value in changes.items()
    )
    return RecordPage(
        title="What it alters in 30 days",
        kind="Settings",
        intro=f"{listed}. {HOW}",
        figures=_figures(found),
        sections=(
            Section(
                "totals", "In all", text=reader_text(" ".join(sentences(found)), visit.organization.locale)
            ),
            Section(
                "members", f"The first {len(found.different)} of {found.concerned}", _members(visit, found)
            ),
        ),
        crumbs=(Link("Settings", visit.url("settings/")),),
    )


def _figures(found: Impact) -> tuple[Figure, ...]:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, found.currency)

    was, is_ = found.before, found.after
    return (
        Figure("Memberships concerned", found.concerned, f"of {found.members}"),
        Figure("Charged, with the change", money(is_.charged_minor)),
        Figure("Charged, as it is", money(was.charged_minor)),
        Figure("Mails", is_.mails, f"{was.mails} as it is now"),
    )


def _members(visit: Visit, found: Impact) -> Table:
    def told(happens: Sequence[Happens]) -> str:
        said = "; ".join(words(each, found.currency) for each in happens)
        return reader_text(said, visit.organization.locale)

    columns = (
        Column("member", "Member", "link"),
        Column("now", "As it is", "prose"),
        Column("then", "With it", "prose"),
    )
    rows = tuple(
        Row(
            (
                Link(one.name, visit.url(f"members/{one.party_id}/")),
                told(one.before),
                told(one.after),
            )
        )
        for one in found.different
    )
    return Table(columns, rows, "What comes otherwise")
