"""An import of a roster, its report first and then its commit, against its floor."""

import tempfile
from pathlib import Path

from benchmarks.renewal import MEMORY_LIMIT_MB
from benchmarks.report import Figures, Report
from benchmarks.server import address, fresh_copy, processes, tell

EMPTY = "empty"
FILE_NAME = "roster.csv"


def measure(host: str, report: Report) -> None:
    """As many rows as the report has members, into an organization without any."""
    tell(host, f"CREATE DATABASE {EMPTY}")
    with processes(address(host, EMPTY)) as (one,):
        one.ask("seed", members=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE_NAME
        _write_roster(path, report.members)
        floor, ours = (_taken(host, what, path) for what in ("import_floor", "import_roster"))
    if floor.pop("rows") != ours.pop("rows"):
        raise SystemExit("The floor of the import and the import did not write the same number of rows.")
    if ours["peak_mb"] > MEMORY_LIMIT_MB:
        raise SystemExit(f"The import took {ours['peak_mb']:.0f} MB; {MEMORY_LIMIT_MB} are allowed.")
    ratio, parts = floor["seconds"] / ours["seconds"], ours["parts"]
    report.say()
    report.say(
        f"import: {report.members} rows, floor {floor['seconds']:.2f} s, ours {ours['seconds']:.2f} s"
        f" (report {parts['preview']:.2f}, commit {parts['commit']:.2f}), {ours['peak_mb']:.0f} MB, ratio {ratio:.2f}"
    )
    report.figures["import"] = {"floor": floor, "ours": ours, "ratio": ratio}


def _taken(host: str, what: str, path: Path) -> Figures:
    with fresh_copy(host, EMPTY) as url, processes(url) as (one,):
        return one.ask(what, path=str(path)) | {"rows": one.ask("count_rows")}


def _write_roster(path: Path, rows: int) -> None:
    """A roster of so many members of one level, without a fault."""
    with path.open("w", encoding="utf-8") as file:
        file.write("Member ID,First name,Last name,Email,Phone,Level,Member since,Paid through\n")
        for n in range(1, rows + 1):
            file.write(
                f"M{n},Given{n % 997},Family{n},member{n}@example.org,+1 555 {n % 10_000:04},Regular member,"
                f"2020-01-01,{'2026-12-31' if n % 10 == 0 else '2025-12-31'}\n"
            )
