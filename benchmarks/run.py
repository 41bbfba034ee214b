"""The measurements, in their order."""

import platform
import sys
from statistics import median
from time import perf_counter
from typing import Any

import django
import psycopg

from benchmarks.report import Report
from benchmarks.server import SEEDED, Process, address, fresh_copy, own_server, processes, tell

WORKERS = 4
MEMORY_LIMIT_MB = 300
FEW = 20_000  # members; with more, fewer rounds, and rows are counted but no longer compared value for value
Figures = dict[str, Any]


def main() -> None:
    """`python -m benchmarks [10000 | N=10000]`: measures with so many members, prints and files the table."""
    try:
        members = int((sys.argv[1] if len(sys.argv) > 1 else "10000").removeprefix("N=").replace("_", ""))
    except ValueError:
        raise SystemExit(f"How many members? {sys.argv[1]!r} is no number.") from None
    if members < 20:
        raise SystemExit("Measure with 20 members or more.")
    with own_server() as host:
        tell(host, f"CREATE DATABASE {SEEDED}")
        with processes(address(host, SEEDED)) as (one,):
            one.ask("seed", members=members)
        report = Report(members, _versions(host))
        renewal_run(host, report)
    print(f"Written to {report.write()}")


def _versions(host: str) -> dict[str, str]:
    with psycopg.connect(address(host, "postgres")) as connection:
        server = connection.execute("SHOW server_version").fetchone()
    assert server is not None
    return {
        "postgresql": server[0].split()[0],
        "python": platform.python_version(),
        "django": django.__version__,
    }


def renewal_run(host: str, report: Report) -> None:
    """A renewal run, previewed, committed and written: the floor, one worker of ours, four of them."""
    members = report.members
    rounds = 3 if members <= FEW else 2
    floors: list[Figures] = []
    singles: list[Figures] = []
    shares: list[Figures] = []
    for n in range(rounds):
        # In turn forwards and backwards, so that a machine that warms up or slows down favours nobody.
        takes = [(floors, _floor), (singles, _single), (shares, _shared)]
        for kept, take in takes if n % 2 == 0 else reversed(takes):
            kept.append(take(host, contents=members <= FEW))
    _same_rows(floors + singles + shares)
    floor = median(one["seconds"] for one in floors)
    report.say(f"Renewal run of {members:,} members, preview and commit included; medians of {rounds}")
    report.say()
    report.say(f"{'':26}{'seconds':>9}{'µs/member':>11}{'preview':>9}{'commit':>8}{'write':>8}{'MB':>6}")
    report.say(f"{'floor, plain SQL':26}{floor:9.2f}{floor / members * 1e6:11.1f}")
    found: Figures = {"floor": floors, "rounds": rounds}
    for name, taken in (("one worker", singles), (f"{WORKERS} workers", shares)):
        middle = sorted(taken, key=lambda one: one["seconds"])[(len(taken) - 1) // 2]
        seconds, parts = median(one["seconds"] for one in taken), middle["parts"]
        peak = max(one["peak_mb"] for one in taken)
        report.say(
            f"{name:26}{seconds:9.2f}{seconds / members * 1e6:11.1f}{parts['preview']:9.2f}{parts['commit']:8.2f}"
            f"{parts['write']:8.2f}{peak:6.0f}"
        )
        found[name.replace(" ", "_")] = taken
        found[f"ratio_{name.replace(' ', '_')}"] = floor / seconds
        if peak > MEMORY_LIMIT_MB:
            raise SystemExit(f"A process took {peak:.0f} MB; {MEMORY_LIMIT_MB} are allowed.")
    report.say()
    report.say(f"renewal run: {members} members, one worker, ratio {found['ratio_one_worker']:.2f}")
    report.say(
        f"renewal run: {members} members, {WORKERS} workers, ratio {found[f'ratio_{WORKERS}_workers']:.2f}"
    )
    report.figures["renewal_run"] = found


def _floor(host: str, *, contents: bool) -> Figures:
    with fresh_copy(host) as url, processes(url) as (one,):
        taken = one.ask("write_floor")
        return taken | _looked_at(one, contents=contents)


def _single(host: str, *, contents: bool) -> Figures:
    with fresh_copy(host) as url, processes(url) as (one,):
        before = one.ask("prepare_run")
        after = one.ask("write_run", run=before["run"])
        return {
            "seconds": before["seconds"] + after["seconds"], "parts": before["parts"] | after["parts"],
            "peak_mb": after["peak_mb"],
        } | _looked_at(one, contents=contents)  # fmt: skip


def _shared(host: str, *, contents: bool) -> Figures:
    with fresh_copy(host) as url, processes(url, WORKERS) as all_:
        before = all_[0].ask("prepare_run")
        began = perf_counter()
        for one in all_:
            one.tell("write_run", run=before["run"])
        after = [one.answer() for one in all_]
        write = perf_counter() - began
        return {
            "seconds": before["seconds"] + write, "parts": before["parts"] | {"write": write},
            "peak_mb": max(one["peak_mb"] for one in after),
        } | _looked_at(all_[0], contents=contents)  # fmt: skip


def _looked_at(one: Process, *, contents: bool) -> Figures:
    questions = ["run_state", "count_rows", *(["fingerprint"] if contents else [])]
    return {"seen": [one.ask(question) for question in questions]}


def _same_rows(taken: list[Figures]) -> None:
    """Stops when the floor and we have not written the same: so many rows in each table, and the same in them."""
    seen = [one.pop("seen") for one in taken]
    for one in seen:
        if one != seen[0]:
            raise SystemExit(f"Not the same was written:\n{seen[0]}\n{one}")
