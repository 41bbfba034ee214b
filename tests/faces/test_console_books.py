"""Batches (I-15, I-16, I-17, I-60, I-61, I-62), the journal, the trial balance, the checks and the settings (G-01)."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from tests.faces.test_console_members import exported, words
from tests.faces.test_console_money import at, page, paid_by, rows
from tests.staff import signed_in
from tests.world import NOW, STAFF, World, a_world, party_named

from paidthru import runs
from paidthru.actions.record_payment import record_payment
from paidthru.actions.submit import Selection
from paidthru.faces.console.views import batches, books
from paidthru.invariants import ALL, Violation
from paidthru.invariants.invariant import Invariant
from paidthru.invoicing.models import Invoice
from paidthru.ledger.models import Account, Batch
from paidthru.ledger.queries import batch_totals
from paidthru.payments.models import Payment
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

LAST_YEAR = date(2025, 12, 31)


def a_year(preset: str = "association") -> World:
    """Ann's card pays $100, Bob pays $150 in cash, Cid owes $100."""
    world = a_world(preset)
    plan = world.plan()
    world.member("Ann", plan, paid_through=LAST_YEAR, card=True, autopay=True)
    world.member("Bob", plan, paid_through=LAST_YEAR)
    world.member("Cid", plan, paid_through=LAST_YEAR)
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    runs.submit(world.desk, Selection(date(2026, 1, 1)), actor=STAFF, acknowledged=True)
    runs.collect_unsent(world.desk)
    pays(world, "Bob", 15_000)
    return world


def pays(world: World, name: str, amount_minor: int) -> None:
    record_payment(
        world.organization,
        party_named(world, name).id,
        amount_minor=amount_minor,
        currency="USD",
        means="cash",
        actor=STAFF,
        now=world.desk.clock.now(),
    )


def batch(world: World, kind: str) -> Batch:
    return Batch.objects.get(organization=world.organization, kind=kind)


# ---------------------------------------------------------------- batches


def test_batches_are_listed_with_their_totals() -> None:
    world = a_year()
    html = page(signed_in(world, "viewer"), world, "batches/")
    assert rows(html) == [
        "3 Receipts 2026-01-01 Receipts Jan 1, 2026 Open 1 $150.00",
        "2 Auto-Created for AutoPay 2026-01-01 AutoPay Jan 1, 2026 Open 1 $100.00",
        "1 2026 Renewal run Jan 1, 2026 Reviewed 3 $300.00",
    ]


def test_batches_are_found() -> None:
    world = a_year()
    client = signed_in(world)
    for query, numbers in [
        ("?q=autopay", ["2"]),
        ("?state=open", ["3", "2"]),
        ("?state=posted", []),
        ("?kind=renewal", ["1"]),
        ("?from=2026-01-01&to=2026-01-01", ["3", "2", "1"]),
        ("?from=2026-01-02", []),
        ("?sort=number", ["1", "2", "3"]),
        ("?sort=dated_on", ["1", "2", "3"]),
    ]:
        assert [row.split()[0] for row in rows(page(client, world, f"batches/{query}"))] == numbers, query


def test_the_report_on_paper_is_the_report_on_screen() -> None:
    world = a_year()
    found = batch(world, "receipts")
    html = page(signed_in(world), world, f"batches/{found.id}/")
    text = words(html)
    for said in (
        "Batch 3 Receipts 2026-01-01 Open",
        "Journals 1 Debits $150.00 Credits $150.00 equal to the debits Memo $100.00",
        "1010 Undeposited $150.00",
        "2000 Credit – none $50.00",
        "4000 Income:Dues – none $100.00",
        "Total $150.00 $150.00",
        "1290 Memo billed – none $100.00",
        "Payment 2 by cash",
    ):
        assert said in text, said
    assert "data-print" in html
    assert 'class="sign-off"' in html
    (totals,) = batch_totals(found.id)
    assert totals.debit_minor == totals.credit_minor
    assert totals.amount_minor == sum(p.amount_minor for p in Payment.objects.filter(batch=found)), "I-61"
    lines = exported(signed_in(world), at(world, f"batches/{found.id}/?export=csv"))
    assert [(line["name"], line["debit"], line["credit"]) for line in lines] == [
        ("Undeposited", "150.00", ""),
        ("Memo contra", "100.00", ""),
        ("Credit", "", "50.00"),
        ("Income:Dues", "", "100.00"),
        ("Memo billed", "", "100.00"),
    ]


def test_a_long_report_says_that_its_totals_are_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PRINTED", 2)
    world = a_year()
    html = page(signed_in(world), world, f"batches/{batch(world, 'renewal').id}/")
    assert "The first 2 of 3 journals; the totals above are of all." in words(html)
    assert "Memo $300.00" in words(html)
    assert 'href="/o/maple-club/journal/?batch=1"' in html
    assert len(rows(page(signed_in(world), world, "journal/?batch=1"))) == 3 * 3


def asked(client: Client, world: World, found: Batch, act: str) -> tuple[str, dict[str, str]]:
    html = page(client, world, f"batches/{found.id}/{act}/")
    return words(html), dict(re.findall(r'<input type="hidden" name="(digest)" value="([^"]*)"', html))


def test_a_batch_is_opened_reviewed_posted_and_then_sealed() -> None:
    world = a_year()
    found, client = batch(world, "receipts"), signed_in(world)
    text, fields = asked(client, world, found, "review")
    assert "1 journal: debits $150.00, credits $150.00; memo $100.00 on both sides." in text
    assert "Mark as reviewed" in words(page(client, world, f"batches/{found.id}/"))
    done = client.post(at(world, f"batches/{found.id}/review/"), fields, follow=True)
    assert "Batch 3 is reviewed." in words(done.content)
    found.refresh_from_db()
    assert (found.state, found.reviewed_by) == ("reviewed", "Pat Treasurer")
    assert client.post(at(world, f"batches/{found.id}/review/"), fields).status_code == 302, (
        "twice changes nothing"
    )
    assert Event.objects.filter(verb="batch_reviewed").count() == 1

    text, fields = asked(client, world, found, "post")
    assert "Seals it" in text
    done = client.post(at(world, f"batches/{found.id}/post/"), fields, follow=True)
    assert "Batch 3 is posted." in words(done.content)
    assert "Reviewed batch 3, Receipts 2026-01-01." in words(done.content)
    found.refresh_from_db()
    assert (found.state, found.posted_by) == ("posted", "Pat Treasurer")
    for answer in (client.get(at(world, f"batches/{found.id}/post/")),
                   client.post(at(world, f"batches/{found.id}/post/"), fields)):  # fmt: skip
        assert answer.status_code == 409
        assert "Batch 3 is already posted." in words(answer.content)
        assert "Corrections go into a new batch." in words(answer.content)
    assert client.post(at(world, f"batches/{found.id}/review/"), fields).status_code == 409
    assert Event.objects.filter(verb="batch_posted").count() == 1
    html = words(page(client, world, f"batches/{found.id}/"))
    assert "Post batch" not in html
    assert "Mark as reviewed" not in html
    pays(world, "Cid", 10_000)
    assert Batch.objects.filter(kind="receipts").count() == 2, "what comes later goes into a new one"


def test_posting_is_bound_to_what_was_read() -> None:
    world = a_year()
    found, client = batch(world, "receipts"), signed_in(world)
    _, fields = asked(client, world, found, "post")
    pays(world, "Cid", 4_000)
    for act in ("review", "post"):
        answer = client.post(at(world, f"batches/{found.id}/{act}/"), fields)
        assert answer.status_code == 409
        assert "The batch has changed since you read it." in words(answer.content)
        assert "2 journals: debits $190.00" in words(answer.content)
    assert client.post(at(world, f"batches/{found.id}/post/")).status_code == 409, (
        "nothing read, nothing posted"
    )
    found.refresh_from_db()
    assert found.state == "open"


def test_an_unreviewed_batch_may_be_posted_by_whoever_says_they_read_it() -> None:
    world = a_year()
    found, client = batch(world, "autopay"), signed_in(world, "approver")
    text, fields = asked(client, world, found, "post")
    assert "Nobody has reviewed it yet; posting it says that you have." in text
    client.post(at(world, f"batches/{found.id}/post/"), fields)
    found.refresh_from_db()
    assert (found.state, found.reviewed_by) == ("posted", "Pat Treasurer")


def test_the_autopay_batch_has_the_day_of_the_organization_s_zone() -> None:
    world = a_world(
        zone="Europe/Helsinki", now=datetime(2026, 1, 10, 23, 30, tzinfo=UTC)
    )  # 1:30 on the 11th there
    world.member("Ann", world.plan(), paid_through=LAST_YEAR, card=True, autopay=True)
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    runs.submit(world.desk, Selection(date(2026, 1, 11)), actor=STAFF, acknowledged=True)
    runs.collect_unsent(world.desk)
    html = words(page(signed_in(world), world, "batches/"))
    assert "Auto-Created for AutoPay 2026-01-11 AutoPay Jan 11, 2026" in html


# ---------------------------------------------------------------- the journal


def headings(html: str) -> list[str]:
    return [words(found) for found in re.findall(r'<tr class="heading".*?</tr>', html, re.DOTALL)]


def test_the_journal_shows_each_with_its_entries_newest_first() -> None:
    world = a_year("recommended")
    html = page(signed_in(world, "auditor"), world, "journal/")
    assert headings(html) == [
        "Jan 1, 2026 · Payment 2 by cash · Batch 3",
        "Jan 1, 2026 · Payment 1 by card · Batch 2",
        "Jan 1, 2026 · Invoice 3: Regular · Batch 1",
        "Jan 1, 2026 · Invoice 2: Regular · Batch 1",
        "Jan 1, 2026 · Invoice 1: Regular · Batch 1",
    ]
    assert "1010 Undeposited $150.00 – none" in rows(html)
    assert f"/payments/{paid_by(world, 'Bob').id}/" in html
    assert f"/invoices/{Invoice.objects.get(number=1).id}/" in html


def test_the_journal_is_found_by_account_date_batch_and_member() -> None:
    world = a_year("recommended")
    client = signed_in(world)

    def count(query: str) -> int:
        return len(headings(page(client, world, f"journal/?{query}")))

    credit = Account.objects.get(code="Credit").id
    assert count(f"account={credit}") == 1
    assert count(f"member={party_named(world, 'Bob').id}") == 2
    assert count("batch=1") == 3
    assert count("from=2026-01-01&to=2026-01-01") == 5
    assert count("from=2026-01-02") == 0
    assert count(f"batch=3&account={credit}") == 1
    assert "Of Bob only." in page(client, world, f"journal/?member={party_named(world, 'Bob').id}")
    assert len(exported(client, at(world, "journal/?batch=3&export=csv"))) == 3
    assert len({line["journal"] for line in exported(client, at(world, "journal/?export=csv"))}) == 5


def test_a_filter_of_the_journal_that_is_none_is_named() -> None:
    world = a_year()
    client = signed_in(world)
    for query, said in [
        ("batch=9", "There is no batch 9."),
        ("batch=x", "There is no batch x."),
        ("batch=99999999999999999999", "There is no batch"),
        ("account=x", "names nothing here"),
        ("account=00000000-0000-0000-0000-000000000000", "There is no such account."),
        ("from=x", "is no date"),
    ]:
        answer = client.get(at(world, f"journal/?{query}"))
        assert answer.status_code == 409, query
        assert said in words(answer.content)


# ---------------------------------------------------------------- the trial balance and the checks


def test_both_sides_are_equal_and_the_memo_accounts_stand_apart() -> None:
    world = a_year()  # cash basis
    html = page(signed_in(world, "viewer"), world, "trial-balance/")
    text = words(html)
    assert "Debits $250.00 Credits $250.00 equal to the debits" in text
    books_, memo = text.split("Memo accounts, USD What")
    for said in ("1010 Undeposited Asset $150.00", "1100 Clearing Asset $100.00", "2000 Credit Liability – none $50.00",
                 "4000 Income:Dues Income – none $200.00", "Total $250.00 $250.00"):  # fmt: skip
        assert said in books_, said
    assert "1290 Memo billed Memo $100.00" in memo
    assert "no income yet" in memo
    lines = exported(signed_in(world), at(world, "trial-balance/?export=csv"))
    assert sum(Decimal(line["balance"]) for line in lines) == 0
    assert {line["name"]: line["balance"] for line in lines}["Credit"] == "-50.00"


def test_the_trial_balance_of_an_earlier_day_and_of_two_currencies() -> None:
    world = a_year()
    record_payment(
        world.organization,
        party_named(world, "Ann").id,
        amount_minor=9_000,
        currency="JPY",
        means="check",
        actor=STAFF,
        now=NOW,
    )
    client = signed_in(world)
    text = words(page(client, world, "trial-balance/"))
    assert "¥9,000" in text
    assert "JPY" in text
    assert text.count("equal to the debits") == 2
    earlier = words(page(client, world, "trial-balance/?through=2025-12-31"))
    assert "Nothing is booked yet" in earlier
    assert "Through Dec 31, 2025." in earlier
    assert client.get(at(world, "trial-balance/?through=x")).status_code == 409


def test_the_check_names_every_invariant_and_that_it_holds() -> None:
    world = a_year()
    text = words(page(signed_in(world, "viewer"), world, "checks/"))
    assert "All hold" in text
    assert text.count(" Holds") == len(ALL)
    for one in ALL:
        assert one.sentence in text


def test_a_broken_invariant_is_shown_with_the_rows_that_break_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Invariant):
        def violations(self, organization_id: object, *, limit: int = 20) -> list[Violation]:
            return [Violation("cents", "Invoice 7", "<b>one cent</b> is missing")]

    monkeypatch.setattr(books, "ALL", (*ALL, Broken("cents", "No cent is missing.", "")))
    world = a_year()
    html = page(signed_in(world), world, "checks/")
    assert "1 broken" in words(html)
    assert "Invoice 7 <b>one cent</b> is missing" in words(html)
    assert "<b>one cent" not in html


def test_it_checks_the_rows_of_this_organization(monkeypatch: pytest.MonkeyPatch) -> None:
    asked_of: list[object] = []

    def violations(self: Invariant, organization_id: object, *, limit: int = 20) -> Sequence[Violation]:
        asked_of.append(organization_id)
        return []

    monkeypatch.setattr(Invariant, "violations", violations)
    world = a_world()
    page(signed_in(world), world, "checks/")
    assert asked_of == [world.organization.id] * len(ALL)


def test_the_lists_that_are_read_page_by_page_start_from_an_index() -> None:
    """Whatever the planner makes of small tables, the indexes that carry the lists are there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes")
        names = {row[0] for row in cursor.fetchall()}
    assert {
        "journal_by_date",
        "payment_by_date",
        "attempt_in_order",
        "membership_by_paid",
        "party_by_name",
    } <= names
