"""The measurements, in their order."""

import platform
import sys

import django
import psycopg

import benchmarks
from benchmarks import collecting, importing, renewal, throughput, ticking
from benchmarks.report import Report
from benchmarks.server import SEEDED, address, own_server, processes, tell


def main() -> None:
    """`python -m benchmarks [10000 | N=10000]`: measures with so many members, prints and files the table."""
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(benchmarks.__doc__)
        return
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
        for part in (renewal, importing, collecting, ticking, throughput):
            part.measure(host, report)
    print(f"\nWritten to {report.write()}")


def _versions(host: str) -> dict[str, str]:
    with psycopg.connect(address(host, "postgres")) as connection:
        server = connection.execute("SHOW server_version").fetchone()
    assert server is not None
    return {
        "postgresql": server[0].split()[0],
        "python": platform.python_version(),
        "django": django.__version__,
    }
