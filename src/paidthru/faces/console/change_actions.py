"""What a member's page offers to change of a running membership, and what it says of changes to come."""

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.parts import Action, Fact
from paidthru.membership.models import Membership
from paidthru.people.models import Party


def change_actions(visit: Visit, party: Party, current: Membership | None) -> list[Action]:
    """The acts on a membership that goes on, for whoever may do them."""
    if current is None or current.state == "ended":
        return []
    here, words = member_url(visit, party.id), visit.words
    found: list[Action] = []
    failed = current.unpaid_since is not None
    if failed and visit.may("charge"):
        found.append(Action("Resolve the failed cycle", f"{here}resolve/"))
    if visit.may("record_payment") and current.plan.kind in ("subscription", "prepaid"):
        found.append(Action("Mark cycle paid", f"{here}paid/"))
    if visit.may("renew") and current.state != "ending":
        if failed:
            found.append(Action("Set active", f"{here}active/"))
        found.append(Action(f"Switch {words.plan}", f"{here}switch/"))
        if (current.next_plan or current.plan).kind == "subscription":
            found.append(Action(words.titled("renewal_date"), f"{here}renewal-date/"))
    if visit.may("renew"):
        found.append(Action("Set dates", f"{here}dates/"))
    return found


def change_facts(visit: Visit, current: Membership | None) -> list[Fact]:
    """A plan chosen for the next renewal, a trial, and the renewal date."""
    if current is None or current.state == "ended":
        return []
    found: list[Fact] = []
    if current.next_plan is not None:
        found.append(Fact("From the next renewal", current.next_plan.name))
    if current.trial_until is not None and current.trial_until > visit.desk.today:
        found.append(Fact("Trial until", current.trial_until))
    if current.next_bill_on is not None:
        found.append(Fact(visit.words.titled("renewal_date"), current.next_bill_on))
    return found
