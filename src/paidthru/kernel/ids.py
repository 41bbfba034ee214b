"""Ids that we make ourselves, so that rows can be linked before they are written."""

import os
from threading import Lock
from uuid import UUID

from paidthru.kernel.clock import epoch_milliseconds

_RANDOM_BITS = 74  # of a version 7 UUID: 12 before the variant, 62 after it
_LOW_BITS = 62
_STEP_BYTES = 4

_lock = Lock()
_last_ms = 0
_last_random = 0


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562), greater than every one made before by this process.

    Within a millisecond, or when the machine's clock steps back, the random part grows by a random step.
    """
    global _last_ms, _last_random
    with _lock:
        now_ms = epoch_milliseconds()
        if now_ms > _last_ms:
            _last_ms = now_ms
            _last_random = _fresh_random()
        else:
            _last_random += int.from_bytes(os.urandom(_STEP_BYTES), "big") + 1
            if _last_random >> _RANDOM_BITS:
                _last_ms += 1
                _last_random = _fresh_random()
        high = (_last_ms << 16) | (7 << 12) | (_last_random >> _LOW_BITS)
        low = (0b10 << _LOW_BITS) | (_last_random & ((1 << _LOW_BITS) - 1))
    return UUID(int=(high << 64) | low)


def _fresh_random() -> int:
    """A random part whose top bit is 0: room to grow within the millisecond."""
    return int.from_bytes(os.urandom(10), "big") >> (80 - _RANDOM_BITS + 1)


def _after_fork() -> None:
    """A child must neither wait for the parent's lock nor continue the parent's row of ids."""
    global _lock, _last_random
    _lock = Lock()
    _last_random = _fresh_random()


os.register_at_fork(after_in_child=_after_fork)
