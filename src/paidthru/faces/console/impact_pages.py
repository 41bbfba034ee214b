"""What a change of policy would alter in the next 30 days, as the console shows it before it is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from paidthru.faces.console.access import Visit
from paidthru.faces.console.formats import reader_text
from paidthru.faces.console.late import has_many
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import Action, Column, Fact, Figure, Link, Row, Table
from paidthru.faces.console.settings_pages import ORGANIZATION, Place, place_of
from paidthru.kernel.money import Money
from paidthru.membership.operations.deciding import Scope
from paidthru.organizations.rules.policies import CATALOGUE, Value, known_policy, parse, shown
from paidthru.runs.forecast import Happens
from paidthru.runs.impact import Impact, impact
from paidthru.runs.impact_words import HOW, sentences, words

PAGE = "settings/impact/"


def impact_facts(
    visit: Visit, changes: Mapping[str, Value | None], place: Place = ORGANIZATION
) -> tuple[Fact, ...]:
    """Lines for a confirm step: what it alters in all, and the way to the list; with many members the way alone.
    Refused as `impact`."""
    way = Link("See what comes otherwise", impact_url(visit, changes, place))
    if has_many(visit):
        return (Fact("In the next 30 days", way),)
    found = impact(visit.desk, changes, scope=Scope(place.kind, place.id), listed=0)
    facts = [Fact("In the next 30 days", reader_text(" ".join(sentences(found)), visit.organization.locale))]
    if found.concerned:
        facts.append(Fact("Whom it concerns", way))
    return tuple(facts)


def impact_url(visit: Visit, changes: Mapping[str, Value | None], place: Place = ORGANIZATION) -> str:
    """Where a change is shown member by member."""
    return visit.url(f"{PAGE}?{changes_query(changes)}{place.query.replace('?', '&')}")


def changes_query(changes: Mapping[str, Value | None]) -> str:
    """Changes of policy as an address carries them."""
    asked = [("set", f"{key}={shown(value)}") for key, value in changes.items() if value is not None]
    return urlencode([*asked, *(("unset", key) for key, value in changes.items() if value is None)])


def asked_changes(visit: Visit) -> dict[str, Value | None]:
    """The changes that the address carries. Refused as `parse`."""
    pairs = (one.partition("=") for one in visit.request.GET.getlist("set"))
    changes: dict[str, Value | None] = {key: parse(key, text) for key, _, text in pairs}
    return changes | dict.fromkeys(known_policy(key).name for key in visit.request.GET.getlist("unset"))


def asked_place(visit: Visit, changes: Mapping[str, Value | None]) -> Place:
    """The plan, member or membership that the address names beside the changes; 404 as `place_of`."""
    places = {place_of(visit, CATALOGUE[key]) for key in changes if key in CATALOGUE}
    return places.pop() if len(places) == 1 else ORGANIZATION


def impact_head(visit: Visit) -> RecordPage:
    """What stands there while it is reckoned."""
    return RecordPage(
        title="What it alters in 30 days",
        kind="Settings",
        crumbs=(Link("Settings", visit.url("settings/")),),
    )


def impact_page(visit: Visit, changes: Mapping[str, Value | None], place: Place = ORGANIZATION) -> RecordPage:
    """The totals, present and proposed, and the first members for whom something comes otherwise. Refused as
    `impact`."""
    found = impact(visit.desk, changes, scope=Scope(place.kind, place.id))
    listed = ", ".join(
        f"{key} = {'the preset’s' if value is None else shown(value)}" for key, value in changes.items()
    )
    return replace(
        impact_head(visit),
        intro=f"{listed}{f' for {place.name}' if place.name else ''}. {HOW}",
        figures=_figures(found),
        sections=(
            Section(
                "totals", "In all", text=reader_text(" ".join(sentences(found)), visit.organization.locale)
            ),
            Section(
                "members", f"The first {len(found.different)} of {found.concerned}", _members(visit, found)
            ),
        ),
        actions=_rehearse(visit, changes, place),
    )


def _rehearse(visit: Visit, changes: Mapping[str, Value | None], place: Place) -> tuple[Action, ...]:
    """The way to a whole year of it: a rehearsal is of the organization's own policies."""
    if place.kind != "organization" or not visit.may("rehearse"):
        return ()
    return (Action("Rehearse a year of it", visit.url(f"rehearsals/new/?{changes_query(changes)}")),)


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
