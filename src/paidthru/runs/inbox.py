"""The inbox of a gateway's events: stored once, worked later by fetching the object that each names (C.3, step 9).

Nothing in an event is believed but which object it is about. So the same end is reached in whatever order, and however
often, events come (B-51); one that can't be worked is tried again later and given up after some tries, while the
others go on (B-56).
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from paidthru.actions.finish_setup import finish_setup
from paidthru.actions.refresh_method import refresh_method
from paidthru.actions.settle import settle
from paidthru.actions.settle_dispute import settle_dispute
from paidthru.actions.settle_refund import settle_refund
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import (
    NO_MONEY_MOVED,
    Gateway,
    GatewayDispute,
    GatewayError,
    GatewayEvent,
    GatewayIntent,
    GatewayMethod,
    GatewayNotExecuted,
    GatewayRefund,
    GatewaySetup,
    GatewayUnknown,
    IntentStatus,
)
from paidthru.payments.queries.accounts import connected_account
from paidthru.payments.queries.inbox import attempt_meant, bears_our_mark
from paidthru.runs.desk import Desk
from paidthru.runs.methods import setup_of
from paidthru.runs.sweep import Sweep
from paidthru.timeline.models import InboxEvent
from paidthru.timeline.operations import (
    Actor,
    again_on_conflict,
    conclude_event,
    count_inbox,
    put_off_event,
    store_event,
)
from paidthru.timeline.queries import events_waiting

log = logging.getLogger(__name__)

#: So often an event is tried before it is given up.
TRIES = 8
_BACKOFF_MINUTES = (1, 2, 5, 15, 60, 240, 720)
#: So often something of ours that isn't known is waited for: our own commit may be on its way (B-53).
_PATIENT_TRIES = 2
#: How long to wait where nobody answered: that is no fault of the event's, and isn't counted.
_PATIENCE = timedelta(minutes=5)
#: Events taken up at a time, and objects asked for at once: at 250 ms each that is within a gateway's limit.
_AT_A_TIME, _AT_ONCE = 100, 5
_PROCESSOR = Actor("gateway", "the processor")


class _NotOurs(Exception):  # noqa: N818 - an answer
    """What the event is about is none of ours."""


class _NotKnown(Exception):  # noqa: N818 - an answer
    """What the event is about is ours, and isn't known here (yet)."""


class _OfNoPayment(Exception):  # noqa: N818 - an answer
    """A refund or dispute of a payment that isn't known here; the intent tells whose it was."""

    def __init__(self, intent_ref: str) -> None:
        super().__init__(intent_ref)
        self.intent_ref = intent_ref


def receive(organization: Organization, event: GatewayEvent, *, gateway: str, now: datetime) -> InboxEvent:
    """Keeps an event, to be worked later; told again, it is the row that is there already. `now`: when it came."""
    id_ = new_id()
    kept = store_event(
        InboxEvent(
            id=id_,
            organization=organization,
            gateway=gateway,
            livemode=event.livemode,
            event_id=event.id,
            kind=event.kind[:80],
            object_kind=event.object_kind,
            object_ref=event.object_ref,
            intent_ref=event.intent_ref,
            occurred_at=event.at,
            received_at=now,
            next_try_at=now,
        )
    )
    count_inbox(organization.id, gateway, "received" if kept.id == id_ else "again", now=now)
    return kept


def work_inbox(desk: Desk) -> int:
    """Works the events that are due: each object is asked for once, however many events speak of it. Returns how many
    events were taken up."""
    worked = 0
    while due := events_waiting(desk.organization.id, due_by=desk.clock.now(), limit=_AT_A_TIME):
        by_object: dict[tuple[str, str], list[InboxEvent]] = {}
        for event in due:
            if event.gateway == desk.gateway.name and event.object_kind in _KINDS:
                by_object.setdefault((event.object_kind, event.object_ref), []).append(event)
            elif event.object_kind in _KINDS and _comes_back(desk, event.gateway):
                until = desk.clock.now() + _PATIENCE
                put_off_event(
                    event.id, until=until, tries=event.tries, why="The processor can't be asked just now."
                )
            else:  # of a gateway that is connected no more, or about what the sweep looks after
                conclude_event(event.id, "ignored", why="Nothing follows from it.")
        answers = _asked(desk.gateway, by_object)
        for about, events in by_object.items():
            error = _worked(desk, about[0], answers[about])
            if isinstance(error, _NotKnown) and max(event.tries for event in events) >= _PATIENT_TRIES:
                error = _recovered(desk, about[0], answers[about])
            _note(desk, events, error)
        worked += len(due)
    return worked


def _comes_back(desk: Desk, gateway: str) -> bool:
    """Whether a gateway's account is connected though it can't be asked: its keys don't open here (yet)."""
    account = connected_account(desk.organization.id)
    return account is not None and account.gateway == gateway


def _asked(gateway: Gateway, objects: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """Each object as the gateway knows it now, or the error that came instead."""

    def ask(about: tuple[str, str]) -> Any:
        kind, ref = about
        try:
            return _KINDS[kind].ask(gateway, ref)
        except GatewayError as error:
            return error

    wanted = list(objects)
    at_once = min(gateway.capabilities.max_in_flight, _AT_ONCE, len(wanted))
    if at_once <= 1:
        return {about: ask(about) for about in wanted}
    with ThreadPoolExecutor(at_once, thread_name_prefix="inbox") as pool:
        return dict(zip(wanted, pool.map(ask, wanted), strict=True))


def _worked(desk: Desk, kind: str, answer: Any) -> Exception | None:
    """Settles an answer; the error that kept it from being settled, if one did."""
    try:
        if isinstance(answer, GatewayError):
            raise answer
        try:
            again_on_conflict(partial(_KINDS[kind].settle, desk, answer), repeatable=True)
        except _OfNoPayment as unknown:
            return _whose(desk, unknown.intent_ref)
    except Exception as error:  # noqa: BLE001 - one that can't be worked must not hold up the others (B-56)
        return error
    return None


def _recovered(desk: Desk, kind: str, answer: Any) -> Exception | None:
    """Money of ours whose row is lost gets one again, or goes into suspense, as a sweep would do it (C.10, B-54)."""
    try:
        _PLACED[kind](Sweep(desk, desk.clock.now(), actor=_PROCESSOR), answer)
    except Exception as error:  # noqa: BLE001 - as above
        return error
    return None


def _note(desk: Desk, events: Iterable[InboxEvent], error: Exception | None) -> None:
    """Writes down what became of the events about one object."""
    now = desk.clock.now()
    for event in events:
        if error is None:
            conclude_event(event.id, "done")
        elif isinstance(error, _NotOurs) or getattr(error, "code", "") == NO_MONEY_MOVED:
            conclude_event(event.id, "ignored", why=str(error))
            count_inbox(desk.organization.id, event.gateway, "ignored", now=now)
        elif isinstance(error, GatewayNotExecuted) or (isinstance(error, GatewayUnknown) and not error.code):
            wait = getattr(error, "retry_after", None) or _PATIENCE
            put_off_event(event.id, until=now + wait, tries=event.tries, why=error.message)
        else:
            _fail(event, error, now)


def _fail(event: InboxEvent, error: Exception, now: datetime) -> None:
    """A try that failed; after the last one the event is given up, for a person and the sweep to look at."""
    # the words of errors that we didn't make may quote a row
    words = str(error) if isinstance(error, GatewayError | Refused | _NotKnown) else ""
    why, tries = f"{type(error).__name__.lstrip('_')} {words}".strip(), event.tries + 1
    if tries >= TRIES:
        conclude_event(event.id, "dead", why=why)
        log.error("an event of the gateway was given up (%s, %s)", event.kind, type(error).__name__)
        return
    until = now + timedelta(minutes=_BACKOFF_MINUTES[tries - 1])
    put_off_event(event.id, until=until, tries=tries, why=why)
    log.warning("an event of the gateway could not be worked (%s, %s)", event.kind, type(error).__name__)


def _settle_intent(desk: Desk, answer: GatewayIntent) -> None:
    if answer.status is IntentStatus.REQUIRES_CONFIRMATION or (
        answer.status is IntentStatus.REQUIRES_PAYMENT_METHOD and answer.decline_code is None
    ):
        return  # made, and not confirmed: it says nothing yet
    attempt_id = attempt_meant(desk.organization.id, desk.gateway.name, answer)
    if attempt_id is None:
        raise _unknown(answer)
    settle(desk.organization, attempt_id, answer, actor=_PROCESSOR, now=desk.clock.now())


def _settle_refund(desk: Desk, answer: GatewayRefund) -> None:
    try:
        settle_refund(desk.organization, answer, refund_id=None, actor=_PROCESSOR, now=desk.clock.now())
    except Refused as refused:
        if refused.code != "payment_unknown" or bears_our_mark(answer.metadata):
            raise
        raise _OfNoPayment(answer.intent_ref) from None


def _settle_dispute(desk: Desk, answer: GatewayDispute) -> None:
    try:
        settle_dispute(desk.organization, answer, actor=_PROCESSOR, now=desk.clock.now())
    except Refused as refused:
        if refused.code != "payment_unknown":
            raise
        raise _OfNoPayment(answer.intent_ref) from None


def _whose(desk: Desk, intent_ref: str) -> Exception:
    """Whether money that is spoken of was ours: its intent tells. What has none was never collected by us."""
    if not intent_ref:
        return _NotOurs("It is about money that was collected elsewhere.")
    return _unknown(desk.gateway.fetch_intent(intent_ref))


def _unknown(answer: GatewayIntent) -> Exception:
    if bears_our_mark(answer.metadata):
        return _NotKnown("It is about money of ours that isn't known here.")
    return _NotOurs("It is about money that was collected elsewhere.")


def _refresh_method(desk: Desk, answer: GatewayMethod) -> None:
    refresh_method(
        desk.organization, answer, gateway=desk.gateway.name, actor=_PROCESSOR, now=desk.clock.now()
    )


def _finish_setup(desk: Desk, answer: GatewaySetup) -> None:
    setup_id = setup_of(desk, answer.ref)
    if setup_id is None:
        raise _NotOurs("A saving that was begun elsewhere.")
    finish_setup(desk.organization, setup_id, answer, actor=_PROCESSOR, now=desk.clock.now())


@dataclass(frozen=True, slots=True)
class _Kind:
    """How an event's object is asked for, and what is done with the answer."""

    ask: Callable[[Gateway, str], Any]
    settle: Callable[[Desk, Any], None]


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "intent": _Kind(lambda gateway, ref: gateway.fetch_intent(ref), _settle_intent),
        "refund": _Kind(lambda gateway, ref: gateway.fetch_refund(ref), _settle_refund),
        "dispute": _Kind(lambda gateway, ref: gateway.fetch_dispute(ref), _settle_dispute),
        "method": _Kind(lambda gateway, ref: gateway.fetch_method(ref), _refresh_method),
        "setup": _Kind(lambda gateway, ref: gateway.fetch_setup(ref), _finish_setup),
    }
)
_PLACED: Mapping[str, Callable[[Sweep, Any], None]] = MappingProxyType(
    {"intent": Sweep.intent, "refund": Sweep.refund, "dispute": Sweep.dispute}
)
