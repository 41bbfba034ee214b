"""What `paidthru worker` runs."""

import asyncio

from procrastinate.contrib.django import app

CONCURRENCY = 4


def run(*, wait: bool = True) -> None:
    """Works until it is told to stop, then finishes what it is at; with `wait` false, until nothing is left.

    SIGINT and SIGTERM end it after the jobs at hand.
    """
    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        asyncio.run(_work(worker, wait))


async def _work(worker: object, wait: bool) -> None:
    async with worker.open_async():  # type: ignore[attr-defined]
        await worker.run_worker_async(  # type: ignore[attr-defined]
            concurrency=CONCURRENCY,
            wait=wait,
            shutdown_graceful_timeout=30,
            delete_jobs="successful",
        )
