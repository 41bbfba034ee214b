"""Whether this worker was told to stop. Jobs that last look here, finish what they are at, and give back the rest."""

from collections.abc import Callable
from threading import Event, Lock
from uuid import UUID

from paidthru.kernel.clock import seconds_running
from paidthru.organizations.models import Organization

stopping = Event()
_LOOK_EVERY = 2  # seconds

_sending: set[UUID] = set()
_lock = Lock()


def begin_sending(organization_id: UUID) -> bool:
    """Whether this process may begin to send for an organization: it does so once at a time."""
    with _lock:
        if organization_id in _sending:
            return False
        _sending.add(organization_id)
        return True


def end_sending(organization_id: UUID) -> None:
    """This process is done with sending for an organization."""
    with _lock:
        _sending.discard(organization_id)


def stop_for(organization_id: UUID) -> Callable[[], bool]:
    """Whether to stop sending for an organization: its worker was switched off, or this one is to end."""
    looked_at, stopped = seconds_running(), False

    def stop() -> bool:
        nonlocal looked_at, stopped
        if seconds_running() - looked_at > _LOOK_EVERY:
            looked_at = seconds_running()
            stopped = not Organization.objects.filter(id=organization_id, worker_stopped=False).exists()
        return stopped or stopping.is_set()

    return stop
