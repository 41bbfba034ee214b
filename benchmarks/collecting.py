"""A submission: attempts opened, sent to the sandbox processor, and settled.

There is no floor here. What a payment costs is its protocol: one transaction after the other, ours and the processor's,
each on disk before the next begins, so that nobody is charged twice whatever happens (docs/design.md, Collection).
"""

from time import perf_counter

from benchmarks.report import Figures, Report
from benchmarks.server import address, fresh_copy, processes, tell

SUBMITTED = "submitted"
PAYMENTS = 500
FEW = 200  # payments, where the benchmark is to be short
WORKERS = 4


def measure(host: str, report: Report) -> None:
    """The same invoices with one worker and with four."""
    payments = PAYMENTS if report.members > 20_000 else FEW
    tell(host, f"CREATE DATABASE {SUBMITTED}")
    with processes(address(host, SUBMITTED)) as (one,):
        one.ask("seed_collection", members=payments * 10 // 9 + 1)  # one in ten is not due
    taken = {count: _taken(host, count) for count in (1, WORKERS)}
    report.say()
    for count, found in taken.items():
        report.say(
            f"submission: {found['submitted']} payments, {count} worker{'s' if count > 1 else ''}: submitted in"
            f" {found['submit']:.2f} s, collected in {found['collect']:.2f} s,"
            f" {found['per_second']:.0f} payments a second"
        )
    report.figures["submission"] = taken


def _taken(host: str, workers: int) -> Figures:
    with fresh_copy(host, SUBMITTED) as url, processes(url, workers) as all_:
        opened = all_[0].ask("submit")
        began = perf_counter()
        for one in all_:
            one.tell("collect")
        answered = sum(one.answer()["answered"] for one in all_)
        seconds = perf_counter() - began
        found = all_[0].ask("payments")
    if not opened["submitted"] == answered == found["payments"] or found["broken"]:
        raise SystemExit(f"Not every payment was made once: {opened}, {answered} answered, {found}")
    return {
        "submitted": answered, "submit": opened["seconds"], "collect": seconds, "per_second": answered / seconds,
    }  # fmt: skip
