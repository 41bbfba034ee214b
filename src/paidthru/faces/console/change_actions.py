"""What a member's page offers to change of a running membership, and what it says of changes to come."""

from dataclasses import replace

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.parts import Action, Fact
from paidthru.membership.models import Membership
from paidthru.organizations.queries import policies_of
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


#: What is offered first where a member has paid outside (`external_payment.ui`, X13).
_PAID_OUTSIDE = {
    "checkbox": "Mark cycle paid",
    "custom_charge": "Charge now",
    "batch": "Record a payment",
}


#: What is offered before the rest, where it can be done at all.
_FOREMOST = (
    "Start again",
    "Add membership",
    "Resolve the failed cycle",
    "Undo the cancellation",
    "Record a payment",
)


def led(visit: Visit, actions: list[Action], *, owes: bool) -> tuple[Action, ...]:
    """The actions, the most wanted first; where something is owed, the one that notes what was paid outside stands out
    before them."""
    led = _PAID_OUTSIDE[policies_of(visit.organization).word("external_payment.ui")]
    actions = sorted(actions, key=lambda one: one.label not in _FOREMOST)
    first = next((one for one in actions if owes and one.label == led), None)
    if first is None:
        return tuple(actions)
    rest = (
        replace(one, weight="secondary") if one.weight == "primary" else one
        for one in actions
        if one is not first
    )
    return (replace(first, weight="primary"), *rest)
