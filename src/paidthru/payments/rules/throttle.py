"""How fast a gateway may be asked, and when it is better not asked at all (field-notes C.3 step 2, C.4, B-30, B-31).

Tokens are counted in millionths, times in microseconds: whole numbers, so that nothing is lost by dividing.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from paidthru.payments.gateway import GatewayIntent, GatewayNotExecuted, GatewayRefund, GatewayUnknown

MICRO = 1_000_000
#: Requests reach a gateway less evenly than they leave us, so we leave it two in a hundred to spare.
USED_PERCENT = 98
#: What may be taken ahead: each is sent in its own turn, so that a hiccup of the database costs no throughput.
AHEAD_MS = 250

#: So many answers in a row that never came, and the gateway is left alone for a while.
SILENT_IN_A_ROW = 10
#: How long it is left alone: longer each time that the one request with which it is tried again fails too.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (60, 300, 900, 3600))
#: Where it turned us away without saying for how long (429).
TURNED_AWAY = timedelta(seconds=1)
#: A single request that is turned away without a word of how long waits so long, then longer, and is sent again …
BACKOFFS = tuple(timedelta(milliseconds=ms) for ms in (100, 150, 200, 300, 400, 400))
#: … unless so many were turned away in a row; then everybody pauses.
TURNED_AWAY_IN_A_ROW = 12
#: Whoever tries it has so long to come back with an answer before another one tries.
PROBE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Taken:
    """`tokens_micro` is what is left; `waits` are the microseconds from now after which each taken token may be used.
    With none taken, asking again makes sense after `again` microseconds."""

    tokens_micro: int
    waits: tuple[int, ...]
    again: int


def take(tokens_micro: int, elapsed_us: int, per_second: int, wanted: int) -> Taken:
    """Takes up to `wanted` tokens out of a bucket that was last filled `elapsed_us` microseconds ago.

    The bucket holds one token, so that requests are spaced evenly; it may be overdrawn by what `AHEAD_MS` brings, and
    what is overdrawn has to wait for its turn. A clock that ran backwards brings nothing.
    """
    rate = per_second * MICRO * USED_PERCENT // 100  # micro-tokens a second
    held = min(MICRO, tokens_micro + max(elapsed_us, 0) * rate // MICRO)
    ahead = rate * AHEAD_MS // 1000
    count = max(0, min(wanted, (held + ahead) // MICRO))
    waits = tuple(max(0, (nth * MICRO - held) * MICRO // rate) for nth in range(1, count + 1))
    again = 0 if count else max(1, (MICRO - ahead - held) * MICRO // rate)
    return Taken(held - count * MICRO, waits, again)


class Word(StrEnum):
    """What an answer says about the gateway itself, whatever it says about the payment."""

    HEARD = "heard"  # it answered
    SILENT = "silent"  # no answer that can be read: timeout, 5xx
    REFUSED = "refused"  # the account is refused: 401, 403
    TURNED_AWAY = "turned_away"  # too many requests: 429


def word_of(answer: GatewayIntent | GatewayRefund | BaseException) -> Word:
    """What an answer says about the gateway itself. A refusal, a decline and a key in use are answers like any."""
    match answer:
        case GatewayNotExecuted(opens_circuit=True):
            return Word.REFUSED
        case GatewayNotExecuted():
            return Word.TURNED_AWAY
        case GatewayUnknown():
            return Word.SILENT
    return Word.HEARD


@dataclass(frozen=True, slots=True)
class Circuit:
    """What becomes of the circuit: failures in a row, and for how long nothing is sent, if so."""

    failures: int
    pause: timedelta | None = None


def after(word: Word, failures: int, *, probe: bool = False) -> Circuit:
    """The circuit after a further word, `failures` being those in a row before it; a word that is heard ends the row.
    `probe`: it answers the one request with which a gateway is tried again."""
    since_open = (
        failures if word is Word.REFUSED or failures + 1 < SILENT_IN_A_ROW else failures + 1 - SILENT_IN_A_ROW
    )
    pause = PAUSES[min(since_open, len(PAUSES) - 1)]
    match word:
        case Word.REFUSED:
            return Circuit(failures + 1, pause)
        case Word.SILENT:
            return Circuit(failures + 1, pause if probe or failures + 1 >= SILENT_IN_A_ROW else None)
        case Word.TURNED_AWAY:
            return Circuit(failures)
    return Circuit(0)


def jittered(pause: timedelta, draw: int) -> timedelta:
    """A pause and up to a quarter more, by a number drawn from 0 to 1023: those who were turned away together must not
    come back together (B-30)."""
    return pause + pause * (draw & 1023) // 4096
