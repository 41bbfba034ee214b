"""What `paidthru worker` runs."""

import asyncio
import signal
from contextlib import suppress

from django.db.models import Q
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from paidthru.kernel.clock import SystemClock

from .stopping import stopping

CONCURRENCY = 4
FINISH_WITHIN = (
    30  # seconds that jobs at hand have to end by themselves; what is cut off is gone on with later
)


def run(*, wait: bool = True) -> None:
    """Works until it is told to stop, then finishes what it is at; with `wait` false, until nothing is left.

    SIGINT and SIGTERM end it after the jobs at hand, however often they come: a terminal sends Ctrl-C to `serve` and
    to the worker beside it, and `serve` then ends the worker once more.
    """
    stopping.clear()
    while True:
        with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
            asyncio.run(_work(worker, wait))
        if wait or stopping.is_set() or not _is_left():
            return


def _is_left() -> bool:
    """Whether jobs asked for others before they ended."""
    todo = ProcrastinateJob.objects.filter(status="todo")
    return todo.filter(Q(scheduled_at=None) | Q(scheduled_at__lte=SystemClock().now())).exists()


async def _work(worker: object, wait: bool) -> None:
    async with worker.open_async():  # type: ignore[attr-defined]
        working = asyncio.ensure_future(
            worker.run_worker_async(  # type: ignore[attr-defined]
                concurrency=CONCURRENCY,
                wait=wait,
                shutdown_graceful_timeout=FINISH_WITHIN,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        )

        def stop() -> None:
            stopping.set()
            if not working.cancelling():
                working.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ValueError):  # only a main thread hears signals; elsewhere its starter stops it
                asyncio.get_running_loop().add_signal_handler(number, stop)
        with suppress(asyncio.CancelledError):
            await working
