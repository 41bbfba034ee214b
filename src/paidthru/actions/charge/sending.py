"""Steps CREATE, BIND and CONFIRM of a charge, with no transaction open (field-notes C.3, 3 to 5)."""

from collections.abc import Callable, Sequence
from typing import Protocol

from django.db import IntegrityError, connection

from paidthru.actions.charge.claiming import Claim
from paidthru.payments.gateway import (
    NO_SUCH_INTENT,
    UNEXPECTED_STATE,
    Gateway,
    GatewayError,
    GatewayIntent,
    GatewayKeyReused,
    GatewayNotCharged,
    GatewayNotExecuted,
    GatewayRejected,
    GatewayUnknown,
    IntentStatus,
)
from paidthru.payments.models import PaymentIntent
from paidthru.payments.rules.intents import INTENT


class Desktop(Protocol):
    """Where a send writes down what it learns on its way: here, or on another thread's connection."""

    def may_send(self, held: Claim, ref: str) -> bool:
        """Step BIND: writes the gateway's id down, and waits until a confirmation may begin; whether the money may be
        asked for then. Asked before each confirmation, for between two of them time has passed."""
        ...

    def fenced(self, ref: str, gateway: str) -> None:
        """Writes down that a declined intent was canceled at the gateway."""
        ...

    def waits(self, turned_away: GatewayNotExecuted, times: int, call: str) -> bool:
        """Whether it has waited, and the same create or confirm may be asked for again: nothing was done (C.4, 429)."""
        ...

    def pace(self, call: str) -> None:
        """Waits until a call of that kind may begin; before a confirmation `may_send` does."""
        ...


def send(
    held: Claim, gateway: Gateway, desktop: Desktop | None = None
) -> GatewayIntent | GatewayError | None:
    """Steps CREATE, BIND, CONFIRM, with no transaction open; returns the gateway's answer or error. What is no longer
    wanted is canceled at the gateway instead (design.md §5, step 6); where that is refused, what it is instead.

    None when the right to send was lost on the way (deadline, lease, or another worker's intent): whoever has it now
    goes on, and what we created is unconfirmed and harms nobody.
    """
    desktop = desktop or Here()
    ref = held.gateway_ref
    try:
        if ref is not None and not held.wanted:
            return cancel(ref, gateway, key=f"fence:{held.attempt_id}:{held.lease}")
        if ref is None:
            for stale in held.stale_refs:
                _fence(stale, gateway, desktop)
            ref = _created(held, gateway, desktop)
        return _confirmed(held, ref, gateway, desktop)
    except GatewayError as error:
        return error


def _created(held: Claim, gateway: Gateway, desktop: Desktop) -> str:
    """Step CREATE: the gateway's id of an intent, which moves nothing yet; refused, nothing ever will."""
    try:
        made = _asked(
            lambda: gateway.create_intent(held.request, key=f"col:{held.intent_id}"), desktop, "create"
        )
    except GatewayRejected as error:
        raise GatewayNotCharged(error.message, code=error.code) from error
    return made.ref


def _confirmed(held: Claim, ref: str, gateway: Gateway, desktop: Desktop) -> GatewayIntent | None:
    """Step CONFIRM, after a last look at lease and deadline each time that it is asked; None when it may not be.

    A refused confirmation is fenced before the attempt may be closed on it: an earlier one may still be on its way.
    One of a payer's own making is only not taken: their payment still waits for them.
    """
    times = 0
    while True:
        if not desktop.may_send(held, ref):
            return None
        try:
            return _asked(lambda: gateway.confirm_intent(ref, held.confirmation, key=held.key))
        except GatewayNotExecuted as error:
            times += 1
            if not desktop.waits(error, times, "confirm"):
                raise
        except GatewayRejected as error:
            if held.resumed or error.code in (UNEXPECTED_STATE, NO_SUCH_INTENT):
                raise
            fenced = cancel(ref, gateway, key=f"fence:{held.attempt_id}:{held.lease}")
            if fenced.status is not IntentStatus.CANCELED:
                return fenced
            raise GatewayNotCharged(error.message, code=error.code) from error


def cancel(ref: str, gateway: Gateway, *, key: str) -> GatewayIntent:
    """Cancels an intent at the gateway; one that can't be canceled any more is fetched instead, to be settled as what
    it is. Raises `GatewayError`."""
    try:
        return _asked(lambda: gateway.cancel_intent(ref, key=key))
    except GatewayRejected as error:
        if error.code != UNEXPECTED_STATE:
            raise
        return _asked(lambda: gateway.fetch_intent(ref))


def _asked(
    call: Callable[[], GatewayIntent], desktop: Desktop | None = None, kind: str = ""
) -> GatewayIntent:
    """What a gateway answered, asked again where it was turned away and has waited. An error that is none of the port's
    may have come before the money moved or after: it is unknown (C.4, "anything else")."""
    times = 0
    while True:
        if desktop is not None:
            desktop.pace(kind)
        try:
            return call()
        except GatewayNotExecuted as error:
            times += 1
            if desktop is None or not desktop.waits(error, times, kind):
                raise
        except GatewayError:
            raise
        except Exception as error:
            raise GatewayUnknown(f"{type(error).__name__} while asking the gateway") from error


def _fence(ref: str, gateway: Gateway, desktop: Desktop) -> None:
    """Cancels an intent that another one takes the place of (C.3, 11). Should it have moved on, a person must look."""
    try:
        _asked(lambda: gateway.cancel_intent(ref, key=f"fence:{ref}"))
    except GatewayRejected as error:
        if error.code == UNEXPECTED_STATE:
            raise GatewayKeyReused(
                "An earlier intent of this invoice, taken for declined, can't be canceled.",
                code="earlier_intent",
            ) from error
        raise
    desktop.fenced(ref, gateway.name)


class Here:
    """Writes on this thread's own connection."""

    def may_send(self, held: Claim, ref: str) -> bool:
        """See Desktop."""
        return _may_send(held, ref)

    def fenced(self, ref: str, gateway: str) -> None:
        """See Desktop."""
        intent = PaymentIntent.objects.filter(gateway_ref=ref, gateway=gateway, state="declined")
        intent.update(state=INTENT.next("declined", "close"))

    def waits(self, turned_away: GatewayNotExecuted, times: int, call: str) -> bool:
        """See Desktop: nobody waits here, the attempt is sent again in its turn."""
        return False

    def pace(self, call: str) -> None:
        """See Desktop: one after the other is slow enough."""


def _may_send(held: Claim, ref: str) -> bool:
    return bind([(held, ref)])[0]


def bind(created: Sequence[tuple[Claim, str]]) -> list[bool]:
    """Step BIND, for one or several: each gateway's id is written once under its lease; and the last look before money
    moves, whether lease, deadline and attempt still allow it.

    Raises `GatewayKeyReused` when the gateway gave the id of another payment of ours: a person must look.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                """WITH a AS MATERIALIZED (
                       SELECT id, state, lease_token, send_deadline FROM payments_attempt
                       WHERE id = ANY(%s) ORDER BY id FOR UPDATE)
                   UPDATE payments_paymentintent t SET gateway_ref = v.ref
                   FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::boolean[])
                        AS v (attempt, intent, lease, ref, resumed), a
                   WHERE t.id = v.intent AND a.id = v.attempt AND a.lease_token = v.lease
                     AND (a.state IN ('submitted', 'unknown') OR v.resumed AND a.state = 'requires_action')
                     AND (t.gateway_ref IS NULL OR t.gateway_ref = v.ref)
                   RETURNING a.id, a.send_deadline > clock_timestamp()""",
                [
                    [
                        held.attempt_id for held, _ in created
                    ],  # locked: whoever took them up meanwhile is waited for
                    [held.attempt_id for held, _ in created],
                    [held.intent_id for held, _ in created],
                    [held.lease for held, _ in created],
                    [ref for _, ref in created],
                    [held.resumed for held, _ in created],
                ],
            )
            may = dict(cursor.fetchall())
    except IntegrityError as error:
        raise GatewayKeyReused(
            "The gateway gave a payment the id of another one.", code="id_of_another"
        ) from error
    return [bool(may.get(held.attempt_id)) for held, _ in created]
