"""How far one course of a rehearsal has got."""

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
        ("failed", "begin"): "playing",
        ("waiting", "discard"): "discarded",
        ("playing", "discard"): "discarded",
        ("failed", "discard"): "discarded",
        ("played", "discard"): "discarded",
    },
)
