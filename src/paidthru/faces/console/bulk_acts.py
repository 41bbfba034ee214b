"""What can be done for many memberships at once: each act says first what it would do to each, or why it leaves it."""

from collections.abc import Callable
from dataclasses import dataclass

from paidthru.actions.switch_autopay import switch_autopay
from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.faces.console.access import Visit
from paidthru.faces.console.parts import Bulk, Choice, Query
from paidthru.faces.console.views.ending import cancel_said
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership
from paidthru.membership.queries.ending import cancel_preview, refuse_over
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries.collecting import active_method
from paidthru.runs import cancel

MOST = 200
FILTERS = ("q", "plan", "status", "ending", "list")  # of the list of members


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an act would do to a membership: in a few words, in whole sentences, and the amounts that it takes back."""

    what: str
    why: str = ""
    taken_back: tuple[Money, ...] = ()


@dataclass(frozen=True, slots=True)
class BulkAct:
    """An act: what it is called before and after, the act of a role that it needs, what it would do to one membership
    (Refused: why it leaves it), the doing, once under a key, and what else is to be known of it before."""

    label: str
    done: str
    needs: str
    foretell: Callable[[Visit, Membership], Foreseen]
    do: Callable[[Visit, Membership, str], object]
    besides: str = ""


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


def _switch(*, on: bool) -> Callable[[Visit, Membership, str], object]:
    def do(visit: Visit, one: Membership, key: str) -> None:
        switch_autopay(visit.organization, one.id, on=on, actor=visit.actor, now=visit.desk.clock.now())

    return do


ACTS = {
    "cancel": BulkAct(
        "Cancel the membership",
        "canceled",
        "renew",
        _cancels,
        lambda visit, one, key: cancel(visit.desk, one.id, actor=visit.actor, key=key),
        besides="Each of them is mailed that the membership is canceled, unless it is undone before the mail leaves.",
    ),
    "undo": BulkAct(
        "Undo the cancellation",
        "going on",
        "renew",
        _goes_on,
        lambda visit, one, key: undo_cancellation(
            visit.organization, one.id, actor=visit.actor, now=visit.desk.clock.now()
        ),
    ),
    "autopay_on": BulkAct("Switch autopay on", "on autopay", "charge", _autopay(on=True), _switch(on=True)),
    "autopay_off": BulkAct(
        "Switch autopay off", "off autopay", "charge", _autopay(on=False), _switch(on=False)
    ),
}


def bulk_of(visit: Visit, total: int, query: Query) -> Bulk | None:
    """The acts that the person may do for many of the list of members."""
    acts = tuple(Choice(name, act.label) for name, act in ACTS.items() if visit.may(act.needs))
    if not acts or not visit.may("renew"):
        return None
    kept = tuple((name, value) for name, value in query if name in FILTERS)
    return Bulk(visit.url("members/bulk/"), acts, total, kept)
