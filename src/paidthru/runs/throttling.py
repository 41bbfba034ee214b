"""Asking a gateway no faster than it likes, and not at all while it is better left alone (field-notes C.3, 0 and 2)."""

from datetime import timedelta
from threading import Event

from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import GatewayError, GatewayIntent, GatewayNotExecuted, GatewayRefund
from paidthru.payments.operations.throttle import Turn, heed, hold, put_back_probe, take_turns
from paidthru.payments.queries.gates import GATES, Paused, paused
from paidthru.payments.rules.throttle import Word, word_of
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import SCHEDULE, again_on_conflict

#: What staff read while the circuit is open; the gateway's own words follow.
_WHY = {
    Word.REFUSED: ("account_refused", "The processor refuses the account"),
    Word.SILENT: ("no_answers", "The processor has not answered for a while"),
}


class Throttled:
    """A gateway as one pass of sending meets it: takes turns, and heeds what the answers say about the gateway."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._name = desk.gateway.name
        self._per_second = desk.gateway.capabilities.per_second
        self._troubled = False

    def turns(self, wanted: int) -> Turn:
        """Up to `wanted` turns, each with its wait; none while sending is paused."""
        turn = take_turns(
            self._desk.organization.id, self._name, self._per_second, wanted, now=self._desk.clock.now()
        )
        self._troubled = self._troubled or turn.troubled
        return turn

    def heed(self, answer: GatewayIntent | GatewayRefund | GatewayError, *, probe: bool = False) -> bool:
        """Heeds an answer; returns whether nothing more may be sent for now."""
        word = word_of(answer)
        if word is Word.HEARD and not (self._troubled or probe):
            return False  # nothing to be ended: no need to ask the database
        self._troubled = word is not Word.HEARD
        code, why = _WHY.get(word, ("", ""))
        return again_on_conflict(
            lambda: heed(
                self._desk.organization.id,
                self._name,
                word,
                actor=SCHEDULE,
                now=self._desk.clock.now(),
                code=code,
                why=f"{why}: {answer}" if why else "",
                retry_after=answer.retry_after if isinstance(answer, GatewayNotExecuted) else None,
                probe=probe,
            )
        )

    def shut(self, refused: Refused) -> None:
        """Pauses sending because a gate is shut, and lets staff read why. Raises the refusal if it is about anything
        else."""
        if refused.code not in GATES:
            raise refused
        why = f"{refused.message} {refused.fix or ''}".strip()
        organization_id, now = self._desk.organization.id, self._desk.clock.now()
        again_on_conflict(
            lambda: hold(organization_id, self._name, refused.code, why, actor=SCHEDULE, now=now)
        )

    def nothing_to_send(self, turn: Turn) -> None:
        """Gives back a turn that was the one try of a gateway that is left alone."""
        if turn.probe:
            put_back_probe(self._desk.organization.id, self._name, now=self._desk.clock.now())


def sending_paused(desk: Desk) -> Paused | None:
    """Why nothing is sent to the organization's gateway just now; None when it is."""
    found = paused(desk.organization, desk.gateway.name, now=desk.clock.now())
    return found if found is not None and found.until > desk.clock.now() else None


def refuse_paused(desk: Desk) -> None:
    """Refuses `sending_paused` to somebody who would pay or collect now, while nothing is sent."""
    found = sending_paused(desk)
    if found is not None:
        raise Refused(
            "sending_paused",
            f"Nothing is sent to the processor just now. {found.why}".strip(),
            fix="Try again a little later.",
        )


def wait(span: timedelta) -> None:
    """Waits for one's turn."""
    if span > timedelta(0):
        Event().wait(span.total_seconds())
