"""How far one course of a rehearsal has got."""

from collections.abc import Collection

from paidthru.kernel.states import Machine

COURSE = Machine(
    "course",
    "waiting",
    {
        ("waiting", "begin"): "playing",
        ("playing", "begin"): "playing",  # by another worker, after the first one was killed
        ("playing", "arrive"): "played",
        ("waiting", "fail"): "failed",
        ("playing", "fail"): "failed",
        ("waiting", "discard"): "discarded",
        ("playing", "discard"): "discarded",
        ("failed", "discard"): "discarded",
        ("played", "discard"): "discarded",
    },
)

_OF_ALL = ("failed", "playing", "waiting", "played", "discarded")


def state_of_all(states: Collection[str]) -> str:
    """How a rehearsal stands whose courses stand so: as the one that most wants to be looked at."""
    return min(states, key=_OF_ALL.index)
