"""`paidthru member cancel` and `undo`: a membership ends, or goes on after all."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidthru.faces.cli.enrolment import Who
from paidthru.faces.cli.shell import AsJson, Org, day, desk, me, member, say, say_json
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain

if TYPE_CHECKING:
    from paidthru.membership.models import Membership
    from paidthru.membership.queries.ending import CancelPreview
    from paidthru.people.models import Party
    from paidthru.runs import Desk


def cancel(
    who: Who,
    on: Annotated[
        str, typer.Option(help="The first day without the membership; by policy without it.", metavar="DATE")
    ] = "",
    why: Annotated[str, typer.Option(help="Why; it stands in the timeline.")] = "",
    preview: Annotated[
        bool, typer.Option("--preview", help="Show what it would do, and do nothing.")
    ] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Cancel a membership, as the organization's policies say."""
    from paidthru import runs

    at = desk(slug)
    party = member(at, who)
    current = _current(party)
    wanted = day(on, "on") if on else None
    found = _previewed(at, current, wanted)
    if not preview:
        runs.cancel(at, current.id, on=wanted, why=why, actor=me())
    if as_json:
        say_json(_facts(party, current, found, preview))
        return
    first, last = found.decided.on, found.decided.last_day
    would = "would be" if preview else "is"
    say(f"{current.plan.name} of {party.name} {would} over from {first} on; its last day is {last}.")
    for bill in found.withdrawn:
        say(f"Invoice {bill.number} {would} {'credited' if found.credits else 'void'}.")
    for bill in found.owed:
        say(f"Invoice {bill.number}: {plain(bill.balance_minor, bill.currency)} {bill.currency} stays owed.")
    if found.into:
        say(f"Then {party.name} goes on with {found.into}.")


def undo(who: Who, slug: Org = "", as_json: AsJson = False) -> None:
    """Let a membership go on that was canceled and has not ended."""
    from paidthru.actions.undo_cancellation import undo_cancellation

    at = desk(slug)
    party = member(at, who)
    current = _current(party)
    undo_cancellation(at.organization, current.id, actor=me(), now=at.clock.now())
    current = _current(party)
    if as_json:
        say_json({"member": party.name, "plan": current.plan.name, "state": current.state,
                  "next_bill": current.next_bill_on})  # fmt: skip
        return
    bills = f" and bills next on {current.next_bill_on}" if current.next_bill_on else ""
    say(f"{current.plan.name} of {party.name} goes on{bills}.")


def _current(party: "Party") -> "Membership":
    from paidthru.membership.queries import membership_of

    found = membership_of(party.id)
    if found is None:
        raise Refused("not_a_member", f"{party.name} has no membership.", field="member", value=party.name,
                      fix="paidthru member join begins one.")  # fmt: skip
    return found


def _previewed(at: "Desk", current: "Membership", wanted: date | None) -> "CancelPreview":
    from paidthru.membership.queries.ending import cancel_preview, refuse_over
    from paidthru.organizations.queries import policies_of

    refuse_over(current)
    return cancel_preview(current, policies_of(at.organization), at.today, wanted=wanted, by_staff=True)


def _facts(party: "Party", current: "Membership", found: "CancelPreview", preview: bool) -> dict[str, Any]:
    return {
        "member": party.name, "number": party.number, "plan": current.plan.name, "preview": preview,
        "over_from": found.decided.on, "last_day": found.decided.last_day, "then": found.into or None,
        "taken_back": [bill.number for bill in found.withdrawn],
        "owed": [{"invoice": bill.number, "balance": plain(bill.balance_minor, bill.currency),
                  "currency": bill.currency} for bill in found.owed],
    }  # fmt: skip
