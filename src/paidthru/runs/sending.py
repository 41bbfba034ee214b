"""Sending: attempts that wait are claimed, sent and settled; open questions are asked again. The gateway is called with
no transaction open.

Sends of one process overlap as far as its gateway allows (`overlapping.py`); a gateway that answers at once, as the
sandbox's, is asked one thing after the other here.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import connection

from paidthru.actions.abandon_attempt import abandon_attempt
from paidthru.actions.charge import (
    Claim,
    claim,
    claim_fence,
    claim_resumed,
    claim_waiting,
    give_back,
    open_with_present_methods,
    send,
)
from paidthru.actions.postpone_look import postpone_look
from paidthru.actions.settle import Settled, settle
from paidthru.kernel.errors import Refused
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.gateway import GatewayError, GatewayIntent, IntentStatus
from paidthru.payments.models import Attempt
from paidthru.payments.operations.throttle import Turn
from paidthru.payments.queries import count_unsent, in_flight
from paidthru.payments.queries.accounts import connected_account
from paidthru.payments.queries.gates import GATES
from paidthru.runs.desk import Desk, Progress
from paidthru.runs.overlapping import send_overlapping
from paidthru.runs.throttling import Throttled, refuse_paused, sending_paused, wait
from paidthru.timeline.operations import SCHEDULE, Actor, again_on_conflict

VISITOR_WAITS = timedelta(hours=1)  # who confirms a payment begun by a pay link
CLAIMED = 20  # attempts taken at a time; even at 5 s each the last is sent before its deadline


def _never() -> bool:
    return False


def collect_unsent(desk: Desk, progress: Progress | None = None, *, stop: Callable[[], bool] = _never) -> int:
    """Sends every attempt that waits, beside whoever else does; returns how many were answered.

    Ends when nothing is left to send, when sending is paused (the gateway refuses the account itself, asks for
    patience, or a gate is shut: what was not sent waits, B-31), and when `stop` says so: what is in flight is finished,
    the rest given back. What waits for a payment method that is no longer on file is opened anew before.
    """
    _change_methods(desk)
    if desk.gateway.capabilities.max_in_flight > 1 and not connection.in_atomic_block:
        return send_overlapping(desk, progress, stop)
    answered = 0
    throttled = Throttled(desk)
    while not stop():
        turn = throttled.turns(CLAIMED)
        if not turn.waits:
            if turn.closed is not None:
                return answered
            wait(turn.again)
            continue
        held = _claimed(desk, throttled, len(turn.waits))
        if held is None:
            throttled.nothing_to_send(turn)
            return answered
        done, paused = _send_each(desk, held, throttled, turn, stop)
        answered += done
        if paused:
            return answered
        if progress is not None:
            progress(answered, answered + count_unsent(desk.organization.id))
    return answered


def _change_methods(desk: Desk) -> None:
    try:
        again_on_conflict(
            partial(open_with_present_methods, desk.organization, actor=SCHEDULE, now=desk.clock.now())
        )
    except Refused as refused:  # a gate is shut, as those find who would send
        if refused.code not in GATES:
            raise


def _claimed(desk: Desk, throttled: Throttled, limit: int) -> list[Claim] | None:
    """The next claims; None when there are none, or a gate is shut."""
    try:
        return claim_waiting(
            desk.organization.id, now=desk.clock.now(), limit=limit, gateway=desk.gateway.name
        )
    except Refused as refused:
        throttled.shut(refused)
        return None


def _send_each(
    desk: Desk, held: list[Claim], throttled: Throttled, turn: Turn, stop: Callable[[], bool]
) -> tuple[int, bool]:
    """Sends claims one after the other; how many were answered, and whether nothing more may be sent for now."""
    answered, policies = 0, policies_of(desk.organization)
    since = timedelta(0)
    for place, (one, due) in enumerate(zip(held, turn.waits, strict=False)):
        if stop():
            give_back(held[place:], now=desk.clock.now())
            return answered, True
        wait(due - since)
        since = max(since, due)
        answer = _send(desk, one)
        if answer is None:
            continue
        _settle(desk, one.attempt_id, answer, one.lease, policies)
        answered += 1
        if throttled.heed(answer, probe=turn.probe):
            give_back(held[place + 1 :], now=desk.clock.now())
            return answered, True
    return answered, False


def collect(desk: Desk, attempt_id: UUID) -> Settled | None:
    """Sends one attempt and settles the answer; None when somebody else is at it. Refused `sending_paused`, and as
    `claim` while a gate is shut."""
    turn, throttled = _turn(desk)
    held = claim(attempt_id, now=desk.clock.now(), gateway=desk.gateway.name)
    if held is None:
        throttled.nothing_to_send(turn)
        return None
    answer = _send(desk, held)
    if answer is None:
        return None
    settled = _settle(desk, attempt_id, answer, held.lease)
    throttled.heed(answer, probe=turn.probe)
    return settled


def _turn(desk: Desk) -> tuple[Turn, Throttled]:
    """Waits for one turn. Refused `sending_paused`."""
    throttled = Throttled(desk)
    while not (turn := throttled.turns(1)).waits:
        if turn.closed is not None:
            refuse_paused(desk)
        wait(max(turn.again, timedelta(milliseconds=50)))
    wait(turn.waits[0])
    return turn, throttled


def _send(desk: Desk, held: Claim) -> GatewayIntent | GatewayError | None:
    """The gateway's answer; None, and the claim given back, when the right to send was lost on the way."""
    answer = send(held, desk.gateway)
    if answer is None:
        give_back([held], now=desk.clock.now(), lost=True)
    return answer


def _settle(
    desk: Desk,
    attempt_id: UUID,
    answer: GatewayIntent | GatewayError,
    lease: UUID | None = None,
    policies: Policies | None = None,
) -> Settled:
    return again_on_conflict(
        partial(
            settle,
            desk.organization,
            attempt_id,
            answer,
            actor=SCHEDULE,
            now=desk.clock.now(),
            lease=lease,
            policies=policies,
        ),
        repeatable=True,
    )


def look(desk: Desk, attempt_id: UUID) -> Settled | None:
    """Asks the gateway about an open attempt and settles what it says; drives it again where nothing took effect, and
    ends it where it was given up or its payer took too long. None when somebody else is at it, or sending is paused.

    One of another gateway than the desk's is left as it is: staff are told that it can't be asked about."""
    attempt = Attempt.objects.select_related("intent").get(id=attempt_id)
    if _is_elsewhere(desk, attempt):
        return _postponed(desk, attempt_id)
    if attempt.intent.gateway_ref is None:
        return _again(desk, attempt_id)
    answer = _fetched(desk, attempt.intent.gateway_ref)
    settled = _settle(desk, attempt_id, answer)
    if isinstance(answer, GatewayError):
        return settled
    if settled.state == "requires_action" and _given_up(desk, attempt):
        return fence(desk, attempt_id)
    return _again(desk, attempt_id) if settled.send_again else settled


def see(desk: Desk, attempt_id: UUID) -> None:
    """Asks the gateway about an attempt and settles what it says, and nothing else: a page that somebody opens sends
    nothing."""
    attempt = Attempt.objects.select_related("intent").get(id=attempt_id)
    ref = attempt.intent.gateway_ref
    if ref is not None and not _is_elsewhere(desk, attempt):
        _settle(desk, attempt_id, _fetched(desk, ref))


def _is_elsewhere(desk: Desk, attempt: Attempt) -> bool:
    """Whether the desk's gateway is not the one that has the attempt: the organization's own can't be used here, or it
    has connected another one, or the other mode of it."""
    intent = attempt.intent
    if intent.gateway != desk.gateway.name:
        return True
    account = None if desk.organization.is_sandbox else connected_account(desk.organization.id)
    return account is not None and (account.gateway, account.livemode) != (intent.gateway, intent.livemode)


def _postponed(desk: Desk, attempt_id: UUID) -> Settled:
    state = again_on_conflict(
        partial(postpone_look, desk.organization, attempt_id, actor=SCHEDULE, now=desk.clock.now())
    )
    return Settled(attempt_id, state)


def _again(desk: Desk, attempt_id: UUID) -> Settled | None:
    try:
        return collect(desk, attempt_id)
    except Refused as refused:
        if refused.code != "sending_paused":
            Throttled(desk).shut(refused)
        return None


def _fetched(desk: Desk, ref: str) -> GatewayIntent | GatewayError:
    """The intent as it is now, or why that isn't known. A look ends a pause of sending, or extends it, only where that
    pause is over: silence about old questions is no reason to send no new ones."""
    paused = sending_paused(desk)
    try:
        answer: GatewayIntent | GatewayError = desk.gateway.fetch_intent(ref)
    except GatewayError as error:
        answer = error
    if paused is None and getattr(answer, "opens_circuit", False):
        Throttled(desk).heed(answer)
    return answer


def _given_up(desk: Desk, attempt: Attempt) -> bool:
    """Whether what waits for its payer has waited long enough (B-39). A visitor is there now or not at all, and mustn't
    hold the invoice against its member."""
    days = policies_of(desk.organization).number("collect.action_days")
    wait = VISITOR_WAITS if attempt.initiator == "visitor" else timedelta(days=days)
    asked_at = attempt.submitted_at or attempt.created_at
    return attempt.abandoned_at is not None or desk.clock.now() - asked_at >= wait


def retrieve(desk: Desk) -> dict[str, int]:
    """Asks about every attempt in flight (I-46, I-54); returns how many stand in each state afterwards."""
    found: dict[str, int] = {}
    for id_ in in_flight(desk.organization.id, limit=1_000_000):
        settled = look(desk, id_)
        state = settled.state if settled else Attempt.objects.get(id=id_).state
        found[state] = found.get(state, 0) + 1
    return found


def look_at_due(desk: Desk) -> None:
    """Asks about every open attempt whose time for that has come, until the gateway turns us away."""
    for id_ in in_flight(desk.organization.id, due_by=desk.clock.now()):
        if sending_paused(desk) is not None:
            return
        look(desk, id_)


def fence(desk: Desk, attempt_id: UUID) -> Settled | None:
    """Cancels an open attempt at the gateway, then closes it; where it can't be canceled any more, it is settled as
    what it is (C.3, 8a). None when somebody else is at it, or the gateway never heard of it: then it is closed now. One
    of another gateway than the desk's is left as it is."""
    attempt = Attempt.objects.select_related("intent").get(id=attempt_id)
    if _is_elsewhere(desk, attempt):
        return _postponed(desk, attempt_id)
    held = claim_fence(attempt_id, now=desk.clock.now(), gateway=desk.gateway.name)
    if held is None:
        return None
    answer = _send(desk, held)
    return _settle(desk, attempt_id, answer, held.lease) if answer is not None else None


def abandon(desk: Desk, attempt_id: UUID, *, actor: Actor, why: str) -> str:
    """Gives an open attempt up for staff, and returns the state that it is in then: canceled, unless the gateway would
    not cancel it any more or did not answer. Refused as `abandon_attempt`."""
    abandon_attempt(desk.organization, attempt_id, why=why, actor=actor, now=desk.clock.now())
    fence(desk, attempt_id)
    return Attempt.objects.values_list("state", flat=True).get(id=attempt_id)


def resume(desk: Desk, attempt_id: UUID, return_url: str) -> str | None:
    """Lets the payer, who is there, confirm a payment that waits for them: the same intent, never another (B-39).

    Returns where they do so; None when nothing waits for them any more, for the payment has come or ended. Refused
    `payment_in_progress` (somebody else is at it), `processor_silent`, `processor_unreachable`, `sending_paused`, and
    as `claim`.
    """
    attempt = Attempt.objects.select_related("intent").get(id=attempt_id, organization=desk.organization)
    if attempt.state != "requires_action" or attempt.intent.gateway_ref is None:
        return None
    if _is_elsewhere(desk, attempt):
        raise Refused(
            "processor_unreachable",
            "The processor of this payment can't be asked just now.",
            fix="Nothing was charged twice, and nothing will be: open the page again later, or ask the organization.",
        )
    answer = _fetched(desk, attempt.intent.gateway_ref)
    settled = _settle(desk, attempt_id, answer)
    if settled.state != "requires_action":
        return None
    if (
        isinstance(answer, GatewayIntent)
        and answer.status is IntentStatus.REQUIRES_ACTION
        and answer.action_url
    ):
        return answer.action_url
    turn, throttled = _turn(desk)
    held = claim_resumed(attempt_id, return_url, now=desk.clock.now(), gateway=desk.gateway.name)
    if held is None:
        throttled.nothing_to_send(turn)
        raise Refused(
            "payment_in_progress",
            "This payment is being worked on just now.",
            fix="Wait a minute, then open the page again.",
        )
    confirmed = _send(desk, held)
    if confirmed is not None:
        _settle(desk, attempt_id, confirmed, held.lease)
        throttled.heed(confirmed, probe=turn.probe)
    if isinstance(confirmed, GatewayIntent):
        return confirmed.action_url if confirmed.status is IntentStatus.REQUIRES_ACTION else None
    raise Refused(
        "processor_silent",
        "The processor did not answer.",
        fix="Nothing was charged twice, and nothing will be: open the page again in a few minutes.",
    )
