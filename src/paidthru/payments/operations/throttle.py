"""The throttle of a gateway: its tokens, and its circuit. All workers of an organization share the row."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from paidthru.kernel.ids import new_id
from paidthru.payments.models import Throttle
from paidthru.payments.rules import throttle as rules
from paidthru.timeline.operations import Actor, Happening, record

_MAKE = """
    INSERT INTO payments_throttle (id, organization_id, gateway, tokens_micro, refilled_at, closed_why, failures)
    VALUES (%s, %s, %s, %s, clock_timestamp(), '', 0) ON CONFLICT (organization_id, gateway) DO NOTHING"""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was taken: a wait for each token (from now on, until it may be used), or none and when to ask `again`.

    `closed`: nothing may be sent before that instant. `probe`: the one token with which a gateway is tried again.
    `troubled`: an answer that is heard would end something. `at`: the database's instant from which the waits count.
    """

    waits: tuple[timedelta, ...] = ()
    again: timedelta = timedelta(0)
    closed: datetime | None = None
    probe: bool = False
    troubled: bool = False
    at: datetime | None = None


def take_turns(organization_id: UUID, gateway: str, per_second: int, wanted: int, *, now: datetime) -> Turn:
    """Takes up to `wanted` tokens, each the right to start one payment, in a short transaction of its own (C.3, 2).

    `per_second` is the gateway's limit, 0 for none. `now` (UTC) is held against the circuit, the database's clock
    against the tokens. A token that is taken and not used is lost, which is harmless.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Tokens that a crash loses are only a short pause: no need to wait for the disk.
        cursor.execute("SET LOCAL synchronous_commit = off")
        if per_second:
            cursor.execute(
                _MAKE,
                [new_id(), organization_id, gateway, rules.MICRO],
            )
        cursor.execute(
            """SELECT id, closed_until, closed_code, failures > 0, tokens_micro,
                   (extract(epoch FROM clock_timestamp() - refilled_at) * 1000000)::bigint, refilled_at
               FROM payments_throttle WHERE organization_id = %s AND gateway = %s FOR UPDATE""",
            [organization_id, gateway],
        )
        row = cursor.fetchone()
        if row is None:
            return Turn((timedelta(0),) * wanted)
        id_, closed_until, closed_code, troubled, tokens, elapsed, refilled_at = row
        if closed_until is not None and closed_until > now:
            return Turn(closed=closed_until)
        if closed_code:
            cursor.execute(
                "UPDATE payments_throttle SET closed_until = %s WHERE id = %s", [now + rules.PROBE, id_]
            )
            return Turn((timedelta(0),), probe=True, troubled=True)
        if not per_second:
            return Turn((timedelta(0),) * wanted, troubled=troubled)
        taken = rules.take(tokens, elapsed, per_second, wanted)
        cursor.execute(
            """UPDATE payments_throttle SET tokens_micro = %s,
                   refilled_at = refilled_at + %s * interval '1 microsecond' WHERE id = %s""",
            [taken.tokens_micro, elapsed, id_],
        )
        return Turn(
            tuple(timedelta(microseconds=us) for us in taken.waits),
            timedelta(microseconds=taken.again),
            troubled=troubled,
            at=refilled_at + timedelta(microseconds=elapsed),
        )


def heed(
    organization_id: UUID,
    gateway: str,
    word: rules.Word,
    *,
    actor: Actor,
    now: datetime,
    code: str = "",
    why: str = "",
    retry_after: timedelta | None = None,
    probe: bool = False,
) -> bool:
    """Heeds what an answer says about the gateway itself; returns whether nothing may be sent for now.

    A circuit that opens, and one that closes, is an event. `code` and `why` are what staff read while it is open; it is
    closed by an answer to a `probe` only, for others may have been asked before it opened.
    """
    with transaction.atomic():
        if word is rules.Word.HEARD:
            row = _locked(organization_id, gateway, only_troubled=True)
            if row is not None and (probe or not row.closed_code):
                _close(row, actor, now, keep_pause=not probe)
            return False
        row = _locked(organization_id, gateway, make=True)
        assert row is not None
        circuit = rules.after(word, row.failures, probe=probe)
        pause, row.failures = circuit.pause, circuit.failures
        if word is rules.Word.TURNED_AWAY:
            pause = rules.jittered(retry_after or rules.TURNED_AWAY, new_id().int)
        elif pause is not None:
            _open(row, code, why, actor, now)
        if pause is not None:
            before = now if probe or row.closed_until is None else row.closed_until
            row.closed_until = max(now + pause, before)
        row.save(update_fields=["failures", "closed_until", "closed_code", "closed_why", "closed_at"])
        return pause is not None


def put_back_probe(organization_id: UUID, gateway: str, *, now: datetime) -> None:
    """Gives back a probe for which there was nothing to send."""
    found = Throttle.objects.filter(organization_id=organization_id, gateway=gateway).exclude(closed_code="")
    found.update(closed_until=now)


def hold(organization_id: UUID, gateway: str, code: str, why: str, *, actor: Actor, now: datetime) -> None:
    """Lets nothing be sent for a minute because a gate is shut (`queries/gates.py`); told once, however often."""
    with transaction.atomic():
        row = _locked(organization_id, gateway, make=True)
        assert row is not None
        row.closed_until = now + rules.PAUSES[0]
        _open(row, code, why, actor, now)
        row.save(update_fields=["closed_until", "closed_code", "closed_why", "closed_at"])


def reopen(organization_id: UUID, gateway: str, *, actor: Actor, now: datetime) -> bool:
    """Lets sending go on at once, inside somebody's transaction; False when nothing held it."""
    row = _locked(organization_id, gateway, only_troubled=True)
    if row is None:
        return False
    _close(row, actor, now, keep_pause=False)
    return True


def _locked(
    organization_id: UUID, gateway: str, *, make: bool = False, only_troubled: bool = False
) -> Throttle | None:
    rows = Throttle.objects.filter(organization_id=organization_id, gateway=gateway)
    if only_troubled and not rows.exclude(failures=0, closed_until__isnull=True).exists():
        return None  # the usual case, and nothing is locked
    found = rows.select_for_update().first()
    if found is None and make:
        with connection.cursor() as cursor:
            cursor.execute(
                _MAKE,
                [new_id(), organization_id, gateway, rules.MICRO],
            )
        found = rows.select_for_update().get()
    return found


def _open(row: Throttle, code: str, why: str, actor: Actor, now: datetime) -> None:
    """Notes why it is open; an event when it wasn't, or for another reason."""
    if row.closed_code != code:
        row.closed_code, row.closed_why, row.closed_at = code, why[:300], now
        facts = {"gateway": row.gateway, "code": code}
        record(
            row.organization_id,
            actor,
            now,
            [Happening("sending_paused", "gateway", row.id, None, why, facts)],
        )


def _close(row: Throttle, actor: Actor, now: datetime, *, keep_pause: bool) -> None:
    was_open = bool(row.closed_code)
    row.failures, row.closed_code, row.closed_why, row.closed_at = 0, "", "", None
    if not keep_pause:
        row.closed_until = None
    row.save(update_fields=["failures", "closed_until", "closed_code", "closed_why", "closed_at"])
    if was_open:
        facts = {"gateway": row.gateway}
        record(
            row.organization_id,
            actor,
            now,
            [Happening("sending_resumed", "gateway", row.id, None, "", facts)],
        )
