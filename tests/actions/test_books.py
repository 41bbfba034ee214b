"""Exports to other programs (A-55, I-17), closed periods, and the invoice numbers: what an accountant relies on."""

import csv
import io
from datetime import UTC, date, datetime
from typing import cast
from uuid import UUID

import pytest
from beancount import loader
from django.db import IntegrityError, transaction
from tests.together import together
from tests.world import STAFF, World, a_world, party_named

from paidthru import runs
from paidthru.actions.close_period import close_period
from paidthru.actions.export_books import export_books
from paidthru.actions.post_batch import post_batch
from paidthru.actions.record_payment import record_payment
from paidthru.actions.reopen_period import approve_reopening, reopen_period, withdraw_reopening
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch, BookExport, Journal
from paidthru.ledger.operations import hold_open_period
from paidthru.ledger.queries.closing import unposted_in
from paidthru.ledger.queries.exporting import book_file, books_of_export, books_of_period
from paidthru.organizations.operations import take_numbers
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)

LAST_YEAR = date(2025, 12, 31)
ALI = Actor("staff", "Ali", "1")
BEA = Actor("staff", "Bea", "2")


def a_club(preset: str = "association", currency: str = "USD") -> World:
    """Ann and Zoë owe a year each, by a run of January 1; batches are posted by hand."""
    world = a_world(preset, currency=currency, batch__post="manual")
    plan = world.plan()
    world.member("Ann", plan, paid_through=LAST_YEAR)
    world.member('=Zoë "; | \\', plan, paid_through=LAST_YEAR)
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    return world


def pays(world: World, name: str, amount_minor: int, on: date | None = None) -> None:
    record_payment(
        world.organization, party_named(world, name).id, amount_minor=amount_minor,
        currency=world.organization.currency, means="cash", received_on=on, actor=STAFF, now=world.desk.clock.now(),
    )  # fmt: skip


def post_all(world: World) -> None:
    for batch in Batch.objects.filter(organization=world.organization).exclude(state="posted"):
        post_batch(batch.id, actor=STAFF, now=world.desk.clock.now())


def exported(world: World, form: str, export: BookExport | None = None) -> str:
    organization = world.organization
    books = (
        books_of_export(export, organization.name)
        if export
        else books_of_period(organization.id, organization.name, date(2026, 1, 1), date(2026, 3, 31))
    )
    return "".join(book_file(organization.id, books, form))


def checked(text: str) -> list[object]:
    """What bean-check finds wrong."""
    _, errors, _ = loader.load_string(text)
    return list(errors)


@pytest.mark.parametrize(
    ("preset", "currency"), [("association", "USD"), ("ams_nonprofit", "KWD"), ("coworking", "JPY")]
)
def test_a_period_is_exported_as_far_as_it_is_posted(preset: str, currency: str) -> None:
    world = a_club(preset, currency)
    post_all(world)
    pays(world, "Ann", 5_000)
    text = exported(world, "beancount")
    assert not checked(text), checked(text)
    assert "Assets:Undeposited" not in text
    assert "Left out, for they aren't posted yet: batches 2." in text
    post_all(world)
    text = exported(world, "beancount")
    assert not checked(text), checked(text)
    amount = {"USD": "50.00 USD", "KWD": "5.000 KWD", "JPY": "5000 JPY"}[currency]
    assert f"Assets:Undeposited  {amount}" in text
    assert f"2026-02-01 balance Assets:Undeposited  {amount}" in text
    assert "Memo" not in text
    assert checked(text.replace(f"Assets:Undeposited  {amount}", "Assets:Undeposited  7 " + currency, 1))


def test_nothing_is_exported_twice_and_the_files_follow_each_other() -> None:
    """Each numbered export holds what the ones before don't; read together they are sound, and closed months stated."""
    world = a_club()
    post_all(world)
    first = export_books(world.organization, actor=STAFF, now=world.desk.clock.now(), key="click")
    assert export_books(world.organization, actor=STAFF, now=world.desk.clock.now(), key="click") == first
    with pytest.raises(Refused, match="has been exported"):
        export_books(world.organization, actor=STAFF, now=world.desk.clock.now())
    pays(world, "Ann", 5_000)
    post_all(world)
    later = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)
    close_period(world.organization, date(2026, 1, 31), actor=ALI, now=later)
    second = export_books(world.organization, actor=STAFF, now=later)
    texts = [exported(world, "beancount", one) for one in (first, second)]
    assert not checked("".join(texts)), checked("".join(texts))
    assert [text.count('* "Batch') for text in texts] == [0, 1]  # on a cash basis the run is memo only
    assert "2026-02-01 balance Assets:Undeposited  50.00 USD" in texts[1]
    assert exported(world, "beancount", first) == texts[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        BookExport.objects.filter(id=first.id).update(number=9)


def test_hledger_and_csv_say_the_same() -> None:
    """hledger's rules that we keep: the text of a transaction holds no `;` and no bar of its own, two spaces before an
    amount, none within an account, sides that sum to zero, assertions of the running balance in order of date."""
    world = a_club()
    pays(world, '=Zoë "; | \\', 5_000)
    post_all(world)
    sums: dict[str, int] = {}
    running: dict[str, int] = {}
    asserted = 0
    for line in exported(world, "hledger").splitlines():
        if line.startswith("2"):
            assert line.partition("  ; ")[0].count(";") == 0
            assert "|" not in line
            assert not any(sums.values())
        elif line.startswith("    "):
            account, _, amount = line.strip().partition("  ")
            moved, _, held = amount.removesuffix(" USD").partition(" USD = ")
            assert " " not in account
            minor = int(moved.replace(".", ""))
            sums["USD"] = sums.get("USD", 0) + minor
            running[account] = running.get(account, 0) + minor
            if held:
                asserted += 1
                assert running[account] == int(held.replace(".", ""))
    assert asserted
    assert not any(sums.values())
    lines = list(csv.DictReader(io.StringIO(exported(world, "csv").removeprefix("\ufeff"))))
    assert {(one["account"], one["debit"]) for one in lines if one["debit"]} == {
        ("Assets:Undeposited", "50.00")
    }
    assert not any(cell.startswith(("=", "+", "@")) for one in lines for cell in one.values())


def test_a_closed_period_takes_nothing_more() -> None:
    world = a_club()
    organization = world.organization
    later = datetime(2026, 2, 10, 9, 0, tzinfo=UTC)
    with pytest.raises(Refused) as unposted:
        close_period(organization, date(2026, 1, 31), actor=ALI, now=later)
    assert unposted.value.code == "batches_unposted"
    post_all(world)
    for through in (date(2026, 1, 30), date(2026, 2, 28)):
        with pytest.raises(Refused) as unfinished:
            close_period(organization, through, actor=ALI, now=later)
        assert unfinished.value.code == "month_unfinished"
    period = close_period(organization, date(2026, 1, 31), actor=ALI, now=later)
    with pytest.raises(Refused) as again:
        close_period(organization, date(2025, 12, 31), actor=ALI, now=later)
    assert again.value.code == "period_locked"
    with pytest.raises(Refused) as locked:
        pays(world, "Ann", 5_000, on=date(2026, 1, 1))
    assert (locked.value.code, locked.value.field) == ("period_locked", "received_on")
    # What happens by itself can't be refused: it is booked on the first open day, in a batch of that day.
    pays(world, "Ann", 5_000)
    assert not unposted_in(organization.id, date(2026, 1, 31))
    journal = Journal.objects.filter(organization=organization).order_by("-id")[0]
    assert (journal.effective_on, journal.batch.dated_on) == (date(2026, 2, 1), date(2026, 2, 1))
    # The database refuses by itself.
    with pytest.raises(IntegrityError), transaction.atomic():
        Journal.objects.create(
            organization=organization, batch=journal.batch, currency="USD", effective_on=date(2026, 1, 31),
            recorded_at=later, source_kind="x", source_id=organization.id, event="x", text="x",
        )  # fmt: skip
    with pytest.raises(Refused) as mute:
        reopen_period(organization, period.id, reason=" ", actor=ALI, now=later)
    assert mute.value.code == "reason_missing"


def test_two_people_open_a_period_where_separation_is_on() -> None:
    world = a_world("association", staff__separation="on")
    organization, later = world.organization, datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    january = close_period(organization, date(2026, 1, 31), actor=ALI, now=later)
    period = close_period(organization, date(2026, 2, 28), actor=ALI, now=later)
    with pytest.raises(Refused) as earlier:
        reopen_period(organization, january.id, reason="A bill was forgotten", actor=ALI, now=later)
    assert earlier.value.code == "period_not_latest"
    assert reopen_period(organization, period.id, reason="Forgotten", actor=ALI, now=later).state == "asked"
    assert withdraw_reopening(organization, period.id, actor=ALI, now=later).state == "closed"
    reopen_period(organization, period.id, reason="A bill was forgotten", actor=ALI, now=later)
    with pytest.raises(Refused) as alone:
        approve_reopening(organization, period.id, actor=ALI, now=later)
    assert alone.value.code == "own_request"
    with transaction.atomic():
        assert hold_open_period(organization.id) == date(2026, 2, 28)
    assert approve_reopening(organization, period.id, actor=BEA, now=later).state == "reopened"
    with transaction.atomic():
        assert hold_open_period(organization.id) == date(2026, 1, 31)
    kinds = list(
        Event.objects.filter(organization=organization, subject_id=period.id)
        .order_by("id")
        .values_list("verb", flat=True)
    )
    assert kinds == [
        "period_closed",
        "reopening_asked",
        "reopening_withdrawn",
        "reopening_asked",
        "period_reopened",
    ]


def test_workers_at_once_leave_no_gap_and_no_twin() -> None:
    """Eight workers issue 200 invoices of one organization; every fifth is rolled back, and leaves no hole."""
    world = a_club()
    organization = world.organization
    before = take_in_transaction(organization.id)

    def worker() -> list[int]:
        taken = []
        for turn in range(25):
            try:
                with transaction.atomic():
                    number = take_numbers(organization.id, "invoice")
                    if turn % 5 == 4:
                        raise _StoppedError
                taken.append(number)
            except _StoppedError:
                pass
        return taken

    came = [number for taken in together([worker] * 8) for number in cast("list[int]", taken)]
    assert sorted(came) == list(range(before + 1, before + 1 + 160))


class _StoppedError(Exception):
    """What stops a worker in the middle of a transaction."""


def take_in_transaction(organization_id: UUID) -> int:
    """The next number of an invoice."""
    with transaction.atomic():
        return take_numbers(organization_id, "invoice")
