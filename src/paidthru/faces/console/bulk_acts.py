"""What can be done for many memberships at once."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.switch_autopay import switch_autopay
from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.bulk_kinds import BulkAct, Foreseen, Kind
from paidthru.faces.console.parts import Link
from paidthru.faces.console.views.ending import cancel_said
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership
from paidthru.membership.queries.ending import cancel_preview, refuse_over
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries.collecting import active_method
from paidthru.runs import cancel


def _cancels(visit: Visit, one: Membership) -> Foreseen:
    refuse_over(one)
    if one.state == "ending":
        raise Refused("already_canceled", "It is canceled already.")
    preview = cancel_preview(
        one, policies_of(visit.organization), visit.desk.today, wanted=None, by_staff=True
    )
    first, *rest = cancel_said(visit, preview)
    taken_back = tuple(Money(bill.balance_minor, bill.currency) for bill in preview.withdrawn)
    return Foreseen(first, " ".join(rest), taken_back)


def _goes_on(visit: Visit, one: Membership) -> Foreseen:
    refuse_over(one)
    if one.state != "ending":
        raise Refused("not_canceled", "It isn’t canceled: there is nothing to undo.")
    return Foreseen("It goes on.", "What the cancellation took back is billed again with its next renewal.")


def _autopay(*, on: bool) -> Callable[[Visit, Membership], Foreseen]:
    def foretell(visit: Visit, one: Membership) -> Foreseen:
        refuse_over(one)
        if one.autopay == on:
            raise Refused("nothing_to_do", f"Autopay is {'on' if on else 'off'} already.")
        if not on:
            return Foreseen("Nothing is collected by itself any more.", "What is on its way goes on.")
        if active_method(one.paid_by) is None:
            raise Refused("no_method", "There is no way to pay on file that could be charged.")
        return Foreseen("Its invoices are collected by themselves from now on.")

    return foretell


def _switch(*, on: bool) -> Callable[[Visit, Membership, dict[str, Any], str], object]:
    def do(visit: Visit, one: Membership, given: dict[str, Any], key: str) -> None:
        switch_autopay(visit.organization, one.id, on=on, actor=visit.actor, now=visit.desk.clock.now())

    return do


MEMBERS: Kind[Membership] = Kind(
    path="members/",
    current="members",
    needs="renew",
    filters=("q", "plan", "status", "with", "ending", "list"),
    acts={
        "cancel": BulkAct(
            "Cancel the membership",
            "canceled",
            "renew",
            _cancels,
            lambda visit, one, given, key: cancel(visit.desk, one.id, actor=visit.actor, key=key),
            sums="Taken back or credited, of invoices that are open",
            besides="Each of them is mailed that the membership is canceled, unless it is undone before the mail"
            " leaves.",
        ),
        "undo": BulkAct(
            "Undo the cancellation",
            "going on",
            "renew",
            _goes_on,
            lambda visit, one, given, key: undo_cancellation(
                visit.organization, one.id, actor=visit.actor, now=visit.desk.clock.now()
            ),
        ),
        "autopay_on": BulkAct(
            "Switch autopay on", "on autopay", "charge", _autopay(on=True), _switch(on=True)
        ),
        "autopay_off": BulkAct(
            "Switch autopay off", "off autopay", "charge", _autopay(on=False), _switch(on=False)
        ),
    },
    noun=lambda visit: (visit.words.member, visit.words.members),
    title=lambda visit: visit.words.titled("members"),
    subject=lambda visit, one: Link(one.party.name, member_url(visit, one.party_id), one.plan.name),
    related=("party", "plan"),
    order=("party__number", "id"),
    none_chosen="Nobody is chosen: tick whom it is about, or all that the list shows.",
)
