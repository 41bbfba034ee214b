"""`paidthru books`: exports and closed periods, and what it says to bad input (A-55)."""

from pathlib import Path

import pytest
from beancount import loader
from tests.actions.test_books import a_club, pays, post_all
from tests.faces.test_cli import refused, run

pytestmark = pytest.mark.django_db(transaction=True)


def test_books_leave_and_are_closed(tmp_path: Path) -> None:
    world = a_club()
    pays(world, "Ann", 5_000)
    assert refused("books", "export", "--since-last") == "nothing_to_export"
    post_all(world)
    assert refused("books", "export", "--since-last", "--format", "pdf") == "format_unknown"
    assert refused("books", "export", "--since-last", "--from", "2026-01-01") == "options_conflict"
    assert refused("books", "export", "--from", "2026-02-01", "--through", "2026-01-01") == "period_invalid"
    assert refused("books", "export", "--number", "1") == "export_unknown"
    assert refused("books", "export", "--out", str(tmp_path / "none" / "a")) == "file_not_writable"
    out = tmp_path / "books.beancount"
    assert "Export 1: 2 posted batches." in run("books", "export", "--since-last", "--out", str(out)).out
    assert not loader.load_file(str(out))[1]
    assert run("books", "exports", "--json").json["waiting"] == 0
    assert refused("books", "close", "2026-01-31") == "month_unfinished"
    assert refused("books", "reopen", "--because", "A slip") == "period_open"
    assert "closed through 2025-12-31" in run("books", "close", "2025-12-31").out
    assert refused("books", "reopen") == "reason_missing"
    assert refused("books", "reopen", "--approve") == "not_asked"
    assert "is undone" in run("books", "reopen", "--because", "A slip").out
    assert [one["state"] for one in run("books", "periods", "--json").json["periods"]] == ["reopened"]
