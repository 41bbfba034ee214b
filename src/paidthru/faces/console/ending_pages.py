"""What a member's page says and offers of ends: cancel, undo, what is open to them, and the history of their status."""

from collections.abc import Sequence

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.badges import label_badge
from paidthru.faces.console.formats import day_text, reader_text
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Action, Badge, Column, EmptyState, Fact, Link, Row, Table
from paidthru.faces.console.sentences import sentence, who
from paidthru.membership.models import Membership
from paidthru.membership.queries import plans_of
from paidthru.membership.queries.ending import access_of
from paidthru.membership.queries.history import CausedChange, status_history_of
from paidthru.membership.rules.joining import WITHOUT_TERMS
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.people.models import Party


def ending_actions(visit: Visit, party: Party, current: Membership | None) -> list[Action]:
    """The acts on the end of a membership, for whoever may do them."""
    if current is None or not visit.may("renew"):
        return []
    here = member_url(visit, party.id)
    if current.state == "ending":
        return [Action("Undo the cancellation", f"{here}undo/", ask=True)]
    if current.state == "ended":
        return []
    return [Action("Cancel the membership", f"{here}cancel/", ask=True)]


def ends_said(visit: Visit, current: Membership) -> str:
    """That it ends, and its last day (C-45); "" where it goes on."""
    last = current.last_day
    return f"Ends on {day_text(last, visit.organization.locale)}" if last else ""


def ending_badge(visit: Visit, current: Membership) -> tuple[Badge, ...]:
    """The same as a badge."""
    said = ends_said(visit, current)
    return (Badge(said, "warn"),) if said else ()


def ending_facts(visit: Visit, current: Membership | None, policies: Policies) -> list[Fact]:
    """When it ends or ended, what it follows, and what it opens (C-35)."""
    if current is None:
        return []
    found: list[Fact] = []
    if current.ended_on is not None:
        found.append(Fact("Ended on", current.ended_on))
    if current.follows is not None:
        found.append(
            Fact("Goes on from", f"{current.follows.plan.name}, ended {_ended(visit, current.follows)}")
        )
    open_ = access_of(current, policies, visit.desk.today)
    found.append(
        Fact("Access", f"{_ACCESS[open_.access]} {reader_text(open_.why, visit.organization.locale)}")
    )
    return found


_ACCESS = {
    "full": "Full.",
    "limited": "Limited.",
    "fallback": "As the default plan gives.",
    "none": "None.",
}


def _ended(visit: Visit, one: Membership) -> str:
    return day_text(one.ended_on, visit.organization.locale) if one.ended_on else "before"


def status_changes(visit: Visit, party: Party) -> list[CausedChange]:
    """Every change of what a member was called, the newest first."""
    free = [plan.name for plan in plans_of(visit.organization.id) if plan.kind in WITHOUT_TERMS]
    policies = policies_of(visit.organization)
    return status_history_of(visit.organization, party.id, policies, visit.desk.today, without_terms=free)


def history_section(visit: Visit, party: Party, limit: int, more: str) -> Section:
    """Every change of what the member is called, with its cause (A-54)."""
    found = status_changes(visit, party)
    columns = (
        Column("on", "From", "date"),
        Column("status", "Status", "badge"),
        Column("cause", "Cause", "prose"),
        Column("who", "By"),
    )
    return Section(
        "status",
        "Status history",
        Table(
            columns,
            tuple(_row(visit, one) for one in found[:limit]),
            "Status history",
            empty=EmptyState("No membership yet."),
        ),
        actions=(Action("Why?", f"{member_url(visit, party.id)}why/"),) if found else (),
        more=Link("The whole status history", f"{more}#status") if len(found) > limit else None,
    )


def _row(visit: Visit, one: CausedChange) -> Row:
    locale, change = visit.organization.locale, one.change
    by = who(one.event) if one.event is not None else "By date"
    return Row((change.on, label_badge(change.label), reader_text(cause_text(one, locale), locale), by))


def cause_text(one: CausedChange, locale: str) -> str:
    """What caused a change, in sentences."""
    event = one.event
    if event is None:
        return one.change.because
    said: Sequence[str] = [sentence(event, locale), event.why]
    return " ".join(text if text.endswith(".") else f"{text}." for text in said if text)
