"""Taking turns: whoever works on an organization keeps everybody else from it meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import OperationalError, connection

from paidthru.kernel.errors import Refused
from paidthru.runs.desk import turn_key


@contextmanager
def take_turn(organization_id: UUID, *, patience: str = "10s") -> Iterator[None]:
    """Keeps a worker, or a second click, from the organization meanwhile. Refused `organization_busy`."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [patience])
            cursor.execute("SELECT pg_advisory_lock(%s)", [turn_key(organization_id)])
        except OperationalError as error:
            # A wait given up in the instant in which the turn came leaves it taken: the lock is the session's.
            cursor.execute("SELECT pg_advisory_unlock(%s)", [turn_key(organization_id)])
            raise Refused(
                "organization_busy",
                "A worker is at work for this organization right now.",
                fix="Try it again in a moment.",
            ) from error
        finally:
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [turn_key(organization_id)])
