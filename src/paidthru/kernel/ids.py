"""Ids that we make ourselves, so that rows can be linked before they are written."""

import os
from threading import Lock
from uuid import UUID, SafeUUID

from paidthru.kernel.clock import epoch_milliseconds

_RANDOM_BITS = 74  # of a version 7 UUID: 12 before the variant, 62 after it
_LOW_BITS = 62
_LOW_MASK = (1 << _LOW_BITS) - 1
_FRAME = (7 << 76) | (0b10 << _LOW_BITS)  # version and variant
_STEPS = 1024  # random steps of 32 bits, fetched together: asking the system for each is a third of the cost

_lock = Lock()
_last_ms = 0
_last_random = 0
_steps: list[int] = []


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562), greater than every one made before by this process.

    Within a millisecond, or when the machine's clock steps back, the random part grows by a random step.
    """
    global _last_ms, _last_random, _steps
    with _lock:
        now_ms = epoch_milliseconds()
        if now_ms > _last_ms:
            _last_ms, _last_random = now_ms, _random_start()
        else:
            if not _steps:
                _steps = list(memoryview(os.urandom(_STEPS * 4)).cast("I"))
            _last_random += _steps.pop() + 1
            if _last_random >> _RANDOM_BITS:
                _last_ms += 1
                _last_random = _random_start()
        value = (_last_ms << 80) | _FRAME | (_last_random >> _LOW_BITS << 64) | (_last_random & _LOW_MASK)
    # As psycopg makes them from rows: the constructor would check once more what is right by construction.
    made = _new(UUID)
    _set(made, "int", value)
    _set(made, "is_safe", _SAFE)
    return made


def first_id_at(at_ms: int) -> UUID:
    """The smallest id of a millisecond since 1970: all that are made from then on are greater."""
    return UUID(int=(at_ms << 80) | _FRAME)


_SAFE = SafeUUID.unknown
_new = UUID.__new__
_set = object.__setattr__


def _random_start() -> int:
    """A random part whose top bit is 0: room to grow within the millisecond."""
    return int.from_bytes(os.urandom(10), "big") >> (80 - _RANDOM_BITS + 1)


def _after_fork() -> None:
    """A child must neither wait for the parent's lock nor continue the parent's row of ids."""
    global _lock, _last_random, _steps
    _lock, _steps = Lock(), []
    _last_random = _random_start()


os.register_at_fork(after_in_child=_after_fork)
