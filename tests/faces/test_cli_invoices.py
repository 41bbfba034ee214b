"""`paidthru invoice`: what staff do about invoices on the command line, and what it says to bad input
(A-10 to A-15)."""

from datetime import date

import pytest
from tests.faces.test_cli import refused, run
from tests.world import STAFF, a_world

from paidthru.actions.add_tax import add_tax
from paidthru.invariants import check

pytestmark = pytest.mark.django_db(transaction=True)


def test_invoices_by_command() -> None:
    world = a_world("ams_nonprofit", accounting__method="accrual")
    world.member("Ann", world.plan(), paid_through=date(2026, 12, 31))
    now = world.desk.clock.now()
    add_tax(world.organization, "VAT", rate_ppm=200_000, inclusive=False, actor=STAFF, now=now)
    hall = ("--line", "Hall | 100.00 | 2 | VAT | Building", "--line", "Tea | 10")
    for line, code in (
        ("Hall", "line_unreadable"),
        ("Hall | 1.2.3", "amount_invalid"),
        ("Hall | 1 | 1e999999", "quantity_invalid"),
        ("Hall | 1 | -", "quantity_invalid"),
        ("Hall | 1 | -1", "quantity_invalid"),
        ("Hall | 1 | 1 | GST", "tax_unknown"),
    ):
        assert refused("invoice", "new", "--for", "Ann", "--line", line) == code, line
    draft = run("invoice", "new", "--for", "Guest", "--email", "g@example.org", *hall, "--draft").out
    called = next(word for word in draft.split() if word.startswith("draft-"))
    assert "over 250.00 USD is kept" in draft
    assert run("invoice", "list", "--state", "draft", "--json").json["invoices"][0]["invoice"] == called
    assert "Hall" in run("invoice", "show", called).out
    assert "is issued and mailed to g@example.org" in run("invoice", "send", called).out
    number = run("invoice", "list", "--of", "Guest", "--json").json["invoices"][0]["invoice"]
    assert "is mailed to" in run("invoice", "resend", number).out
    assert refused("invoice", "credit", number, "--line", "1=240.01") == "amount_invalid"
    assert refused("invoice", "credit", number, "--line", "9=1") == "line_unknown"
    assert refused("invoice", "credit", number, "--line", "1=1", "--amount", "1") == "options_conflict"
    assert "over 24.00 USD" in run("invoice", "credit", number, "--line", "1=24", "--because", "A stain").out
    shown = run("invoice", "show", number, "--json").json
    assert (shown["open"], shown["lines"][0]["open"], shown["credit_notes"][0]["amount"]) == (
        "226.00",
        "216.00",
        "24.00",
    )
    assert "written off in part" in run("invoice", "write-off", number, "--amount", "26.00").out
    taxes = run("tax", "report", "--json").json
    assert [(one["billed"], one["credited"], one["in_books"]) for one in taxes["taxes"]] == [
        ("40.00", "4.00", "36.00")
    ]
    assert "The account Tax grew by 36.00 USD." in run("tax", "report").out
    assert refused("tax", "report", "--from", "2026-02-01", "--through", "2026-01-01") == "period_invalid"
    run("invoice", "new", "--for", "Ann", "--line", "Tea | 10", "--due", "2026-02-01")
    latest = run("invoice", "list", "--of", "Ann", "--json").json["invoices"][0]["invoice"]
    assert "is void" in run("invoice", "void", latest, "--because", "A slip").out
    assert refused("invoice", "void", latest) == "invoice_closed"
    assert refused("invoice", "show", "99") == "invoice_unknown"
    other = run("invoice", "new", "--for", "Ann", *hall, "--draft").out
    again = next(word for word in other.split() if word.startswith("draft-"))
    assert "is discarded" in run("invoice", "discard", again).out
    assert refused("invoice", "discard", again) == "invoice_unknown"
    assert check(world.organization.id) == []
