"""A renewal run, previewed, committed and written, against its floor."""

from statistics import median
from time import perf_counter

from benchmarks.report import Figures, Report
from benchmarks.server import Process, fresh_copy, processes

ROUNDS = 3
WORKERS = 4
MEMORY_LIMIT_MB = 300
FEW = 20_000  # members; with more, rows are counted but no longer compared value for value


def measure(host: str, report: Report) -> None:
    """A renewal run, previewed, committed and written: the floor, one worker of ours, four of them."""
    members = report.members
    floors: list[Figures] = []
    singles: list[Figures] = []
    shares: list[Figures] = []
    for n in range(ROUNDS):
        # In turn forwards and backwards, so that a machine that warms up or slows down favours nobody.
        takes = [(floors, _floor), (singles, _single), (shares, _shared)]
        for kept, take in takes if n % 2 == 0 else reversed(takes):
            kept.append(take(host, contents=members <= FEW))
    _same_rows(floors + singles + shares)
    floor = median(one["seconds"] for one in floors)
    report.say(f"Renewal run of {members:,} members, preview and commit included; medians of {ROUNDS}")
    report.say()
    report.say(f"{'':26}{'seconds':>9}{'µs/member':>11}{'preview':>9}{'commit':>8}{'write':>8}{'MB':>6}")
    report.say(f"{'floor, plain SQL':26}{floor:9.2f}{floor / members * 1e6:11.1f}")
    found: Figures = {"floor": floors, "rounds": ROUNDS}
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
