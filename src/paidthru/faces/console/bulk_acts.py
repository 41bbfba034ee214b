"""What can be done for many memberships at once: each act says first what it would do to each, or why it leaves it."""

from collections.abc import Callable
from dataclasses import dataclass

from paidthru.actions.switch_autopay import switch_autopay
from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.faces.console.access import Visit
from paidthru.faces.console.parts import Bulk, Choice, Query
from paidthru.faces.console.views.ending import cancel_said
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.queries.ending import cancel_preview, refuse_over
from paidthru.organizations.queries import policies_of
from paidthru.runs import cancel

MOST = 200


@dataclass(frozen=True, slots=True)
class BulkAct:
    """An act: what it is called before and after, the act of a role that it needs, what it would do to one membership
    in a sentence (Refused: why it leaves it), and the doing, once under a key."""

    label: str
    done: str
    needs: str
    foretell: Callable[[Visit, Membership], str]
    do: Callable[[Visit, Membership, str], object]


def _cancels(visit: Visit, one: Membership) -> str:
    refuse_over(one)
    if one.state == "ending":
        raise Refused("already_canceled", "It is canceled already.")
    preview = cancel_preview(
        one, policies_of(visit.organization), visit.desk.today, wanted=None, by_staff=True
    )
    return " ".join(cancel_said(visit, preview))


def _goes_on(visit: Visit, one: Membership) -> str:
    refuse_over(one)
    if one.state != "ending":
        raise Refused("not_canceled", "It isn’t canceled: there is nothing to undo.")
    return "It goes on, and is billed again at its next renewal."


def _autopay(*, on: bool) -> Callable[[Visit, Membership], str]:
    def foretell(visit: Visit, one: Membership) -> str:
        refuse_over(one)
        if one.autopay == on:
            raise Refused("nothing_to_do", f"Autopay is {'on' if on else 'off'} already.")
        if on:
            return "Its invoices are collected by themselves from now on."
        return "Nothing is collected by itself any more; what is on its way goes on."

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
    kept = tuple((name, value) for name, value in query if name in ("q", "plan", "status", "ending", "list"))
    return Bulk(visit.url("members/bulk/"), acts, total, kept)
