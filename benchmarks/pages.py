"""Every page of the console and of the portal with many members: `python -m benchmarks.pages 100000`.

A club that the engine has lived for two years is copied until it has so many members (club.py, cloning.py). Then each
page is asked for in twenty ways (walking.py): other ids, tabs, filters, orders and places of its list, search terms.
In process, by Django's test client: what is measured is ours and the database's, not the network. A figure of
milliseconds says more about the machine than about us, so each stands beside two floors of the same run: the page that
says that there is none, and a row that is fetched by its id.
"""

import os
import platform
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.report import Report
from benchmarks.server import address, own_server, tell

MEMBERS, LIMIT_MS = 100_000, 300
_LONGEST = 20.0  # seconds for one page
_SLOW_MS = 3_000  # a page that takes longer is asked for once
_AT_LEAST = 4  # times that a page is asked for, however long it takes


@dataclass
class Page:
    """What one page took, in milliseconds."""

    route: str
    taken: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)
    worst: tuple[float, str] = (0.0, "")
    slowest: list[tuple[float, str]] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    @property
    def p50(self) -> float:
        """The median."""
        return median(self.taken)

    @property
    def p95(self) -> float:
        """The 95th of a hundred, by the nearest rank."""
        return sorted(self.taken)[ceil(0.95 * len(self.taken)) - 1]


@contextmanager
def _statements(kept: list[tuple[float, str]]) -> Iterator[None]:
    from django.db import connection

    def timed(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        began = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            kept.append(((perf_counter() - began) * 1e3, str(sql)))

    with connection.execute_wrapper(timed):
        yield


def ask(client: Any, page: Page, path: str) -> None:
    """Asks for an address once; of a download it takes the first part."""
    from django.core.cache import cache

    told: list[tuple[float, str]] = []
    cache.clear()  # as if nobody had asked before
    began = perf_counter()
    with _statements(told):
        answer = client.get(path)
        if answer.streaming:
            next(iter(answer.streaming_content), None)
    taken = (perf_counter() - began) * 1e3
    answer.close()
    page.answers[answer.status_code] += 1
    if answer.status_code != 200:
        return
    page.taken.append(taken)
    page.queries.append(len(told))
    if taken > page.worst[0]:
        page.worst, page.slowest = (taken, path), sorted(told, reverse=True)[:3]


def measured(client: Any, route: str, paths: list[str]) -> tuple[Page, list[str]]:
    """One page in all its ways, and the addresses of its exports."""
    from benchmarks.walking import ways

    page, first = Page(route), Page(route)
    ask(client, first, paths[0])
    if set(first.answers) == {405}:  # an act
        return first, []
    if first.worst[0] > _SLOW_MS:
        return first, []
    every, exports = ways(client, paths)
    began = perf_counter()
    for path in every:
        ask(client, page, path)
        if perf_counter() - began > _LONGEST and len(page.taken) >= _AT_LEAST:
            break
    return page, exports


def floors(client: Any) -> tuple[float, float]:
    """Milliseconds of the page that says that there is none, and of a row that is fetched by its id."""
    from django.db import connection

    from paidthru.people.models import Party

    nowhere, rows, id_ = Page("404"), [], Party.objects.order_by("id")[0].id
    for _ in range(50):
        began = perf_counter()
        client.get("/nowhere/")
        nowhere.taken.append((perf_counter() - began) * 1e3)
        with connection.cursor() as cursor:
            began = perf_counter()
            cursor.execute("SELECT * FROM people_party WHERE id = %s", [id_])
            cursor.fetchone()
            rows.append((perf_counter() - began) * 1e3)
    return nowhere.p50, median(rows)


def walk(club: Any, copies: int, report: Report, only: str = "") -> None:
    """Asks for all pages and tells what they took, the slowest first."""
    from django.test import Client

    from benchmarks.club import staff
    from benchmarks.walking import Walk

    client, walking = staff(), Walk(club, copies)
    floor, row = floors(client)
    pages, files, otherwise = list[Page](), list[Page](), list[Page]()
    for who, routes in ((client, walking.console()), (Client(HTTP_HOST="localhost"), walking.portal())):
        for route, paths in routes:
            if only not in route:
                continue
            page, exports = measured(who, route, paths)
            if page.taken:
                pages.append(page)
            elif set(page.answers) != {405}:
                otherwise.append(page)
            for path in exports[:3]:
                file = Page(path)
                for _ in range(5):
                    ask(who, file, path)
                files += [file] if file.taken else []
    report.say(f"floors: a page that is not there {floor:.1f} ms, a row by its id {row:.2f} ms\n")
    _tell(report, "Pages", pages, floor)
    _tell(report, "Downloads, until their first part", files, floor)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1_048_576 if sys.platform == "darwin" else 1024
    )
    over = [page for page in (*pages, *files) if page.p95 > LIMIT_MS]
    report.say(
        f"pages: {len(pages)} pages and {len(files)} downloads, {len(over)} over {LIMIT_MS} ms at p95; peak memory of"
        f" the process {peak:.0f} MB"
    )
    answered = ", ".join(f"{page.route} {dict(page.answers)}" for page in otherwise)
    report.say(f"no page at these addresses with what there is: {answered or 'none'}")
    report.figures |= {
        "floor_ms": floor, "row_ms": row,
        "pages": [_figures(page, floor) for page in (*pages, *files)],
    }  # fmt: skip


def _tell(report: Report, title: str, pages: list[Page], floor: float) -> None:
    report.say(f"{title:64} {'p50 ms':>8} {'p95 ms':>8} {'ratio':>7} {'max ms':>8} {'queries':>8}")
    for page in sorted(pages, key=lambda one: -one.p95):
        mark = " !" if page.p95 > LIMIT_MS else ""
        report.say(
            f"{page.route[:64]:64} {page.p50:8.0f} {page.p95:8.0f} {floor / page.p95:7.3f} {page.worst[0]:8.0f}"
            f" {max(page.queries):8}{mark}"
        )
        if mark:
            report.say(f"    {page.worst[1][:150]}")
            for taken, sql in page.slowest:
                if taken > 20:
                    report.say(f"    {taken:7.0f} ms  {' '.join(sql.split())[:220]}")
    report.say()


def _figures(page: Page, floor: float) -> dict[str, Any]:
    return {
        "route": page.route, "p50": round(page.p50, 2), "p95": round(page.p95, 2), "max": round(page.worst[0], 2),
        "ratio": round(floor / page.p95, 4), "queries": max(page.queries), "times": len(page.taken),
        "slowest": page.worst[1],
    }  # fmt: skip


def main() -> None:
    """Seeds, walks, prints and files the table."""
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__)
        return
    try:
        members = int(
            (sys.argv[1] if len(sys.argv) > 1 else str(MEMBERS)).removeprefix("N=").replace("_", "")
        )
    except ValueError:
        raise SystemExit(f"How many members? {sys.argv[1]!r} is no number.") from None
    with own_server() as host:
        tell(host, "CREATE DATABASE pages")
        os.environ |= {
            "DATABASE_URL": address(host, "pages"),
            "DJANGO_SETTINGS_MODULE": "paidthru.config.settings",
        }
        import django

        django.setup()

        from benchmarks import club
        from paidthru.config import schema

        schema.bring_up_to_date()
        began = perf_counter()
        made = club.seed(members)
        report = Report(
            members, {"python": platform.python_version(), "django": django.__version__}, name="pages"
        )
        report.say(f"{made.rows:,} rows in {perf_counter() - began:.0f} s")
        walk(made, members // club.PEOPLE - 1, report, *sys.argv[2:3])
        print(f"\nWritten to {report.write()}")


if __name__ == "__main__":
    main()
