"""When a frozen installation may charge again (field-notes C.10)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

#: What was claimed before the freeze may be sent until then: so long, and no replay can have seen everything.
LONGEST_SEND = timedelta(seconds=120)

#: The mark of an organization whose processor was read through: when that began, by the database's clock.
REPLAY = "replay"


def missing(frozen_at: datetime, replays: Mapping[str, datetime | None], now: datetime) -> list[str]:
    """What has to happen before charging may go on, in sentences; none when nothing is missing.

    `replays` are the live organizations by name, each with when its last replay began; all instants are the database's.
    A replay that began before the last request of the time before the freeze could have been sent counts for nothing.
    """
    wait = frozen_at + LONGEST_SEND - now
    if wait > timedelta():
        seconds = int(wait.total_seconds()) + 1
        return [
            f"Requests that were sent before the freeze may still land: wait {seconds} seconds, then replay."
        ]
    found = []
    for name, began in sorted(replays.items()):
        if began is None or began < frozen_at:
            found.append(f"{name}: its processor was not read through since the freeze (replay).")
        elif began < frozen_at + LONGEST_SEND:
            found.append(
                f"{name}: its processor was read through too early, before the last requests could land: replay again."
            )
    return found
