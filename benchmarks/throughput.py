"""Collection against a gateway that takes 250 ms and limits how often it may be asked (issue 3, item 6).

The ratio is what was collected, each outcome on disk, over what the limit would allow in the same time, begin and end
included. Beside it a client that sends one payment after the other.

`python -m benchmarks.throughput [SECONDS]` measures only this, each for so many seconds at its limit.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from benchmarks.report import Figures, Report
from benchmarks.server import TOP, address, fresh_copy, own_server, processes, tell
from benchmarks.slow_gateway import LATENCY, SlowGateway

LIMITS = (25, 100)  # payments a second
WORKERS = (1, 2)
SECONDS = 45  # that a measurement lasts at its limit
IN_FLIGHT = 96  # at a time from one process
ALONE = 20  # payments of the client that sends one after the other
TARGET = 0.95
_WAITING = "waiting"


def measure(host: str, report: Report, lasting: int = SECONDS) -> None:
    """Both limits, with one worker process and with two; and one payment after the other."""
    tell(host, f"CREATE DATABASE {_WAITING}")
    with processes(address(host, _WAITING)) as (one,):
        one.ask("seed_sending", payments=max(LIMITS) * lasting)
    alone = _measured(host, 0, 1, ALONE, in_flight=1)
    report.say()
    report.say(
        f"sending to a gateway of {LATENCY * 1000:.0f} ms, one payment after the other:"
        f" {alone['per_second']:.1f} payments a second"
    )
    found: dict[str, Figures] = {"one after the other": alone}
    for limit in LIMITS:
        for workers in WORKERS:
            one_run = found[f"{limit}/s, {workers}"] = _measured(host, limit, workers, limit * lasting)
            report.say(
                f"sending at {limit}/s, {workers} worker process{'es' if workers > 1 else ''}:"
                f" {one_run['answered']} payments in {one_run['seconds']:.1f} s,"
                f" {one_run['per_second']:.1f} a second, {one_run['turned_away']} calls turned away,"
                f" {one_run['per_second'] / alone['per_second']:.0f} times one after the other,"
                f" ratio {one_run['ratio']:.3f}{'' if one_run['ratio'] >= TARGET else f' (target {TARGET})'}"
            )
    report.figures["sending"] = found


def _measured(host: str, limit: int, workers: int, payments: int, in_flight: int = IN_FLIGHT) -> Figures:
    with fresh_copy(host, _WAITING) as url, _gateway(limit or 1000) as port, processes(url, workers) as all_:
        all_[0].ask("leave", payments=payments)
        began = perf_counter()
        for one in all_:
            one.tell("send", port=port, limit=limit, in_flight=in_flight)
        answered = [one.answer()["answered"] for one in all_]
        seconds = perf_counter() - began
        found, counted = all_[0].ask("sent"), SlowGateway(port, per_second=0, in_flight=1).ask("counts")
    once = {payments, found["payments"], found["intents"], counted["charges"]}
    if len(once) > 1 or found["left"] or found["broken"]:
        raise SystemExit(f"Not every payment was made once: {payments} wanted, {found}, {counted}")
    return {
        "answered": sum(answered), "by_worker": answered, "seconds": seconds, "per_second": payments / seconds,
        "ratio": payments / seconds / limit if limit else None, "turned_away": sum(counted["refused"].values()),
    }  # fmt: skip


@contextmanager
def _gateway(limit: int) -> Iterator[int]:
    """The gateway, in a process of its own; its port."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.slow_gateway", str(limit)],
        cwd=TOP, text=True, stdout=subprocess.PIPE, env=_environment(),
    )  # fmt: skip
    try:
        assert server.stdout is not None
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait()


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(TOP / "src"), str(TOP)])}


def main() -> None:
    """Measures and prints."""
    if not all(text.isdigit() for text in sys.argv[1:]):
        print(__doc__)
        return
    report = Report(0, {})
    with own_server() as host:
        measure(host, report, *map(int, sys.argv[1:2]))


if __name__ == "__main__":
    main()
