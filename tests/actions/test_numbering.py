"""Invoices are numbered by a series of the organization's own: from its first invoice on, anew with each fiscal year,
without a gap however many work at once (A-10, A-55)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client
from tests.faces.acting import at, done, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.together import together
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.make_planned_changes import make_planned_changes
from paidthru.actions.set_policy import set_policy
from paidthru.actions.write_invoice import Payer, write_invoice
from paidthru.documents.queries import invoice_document
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations import labels_for, take_invoice_numbers
from paidthru.invoicing.queries import invoice_called
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Journal
from paidthru.timeline.models import Event
from paidthru.timeline.operations import SCHEDULE

pytestmark = pytest.mark.django_db(transaction=True)
PATTERN = "INV-{year}-{n:3}"


def labels(world: World) -> list[str]:
    found = Invoice.objects.filter(organization=world.organization, number__isnull=False)
    return list(found.order_by("number").values_list("label", flat=True))


def invoiced(world: World, party: object, now: datetime) -> Invoice:
    line = WrittenLine("Hall", 1, 5_000)
    return write_invoice(world.organization, Payer(party), [line], actor=STAFF, now=now)  # type: ignore[arg-type]


def test_a_series_of_its_own_is_read_everywhere_and_changes_with_the_fiscal_year() -> None:
    world = a_world(zone="UTC", term__first_month="7", now=datetime(2026, 5, 4, 12, tzinfo=UTC))
    organization, now, client = world.organization, world.desk.clock.now(), signed_in(world)
    set_policy(organization, {"invoice.numbering": PATTERN}, actor=STAFF, now=now)
    plan = world.plan()
    for name in ("Ann", "Bob"):
        world.member(name, plan, paid_through=date(2026, 5, 31))
    run = runs.generate(world.desk, name="June", effective_on=date(2026, 6, 1), actor=STAFF)
    ann = Invoice.objects.get(run_id=run.id, party__name="Ann")
    assert labels(world) == ["INV-2025-001", "INV-2025-002"]
    assert (ann.number, ann.label) == (1, "INV-2025-001")
    assert invoice_called(organization.id, " inv-2025-001 ") == invoice_called(organization.id, "#1") == ann
    assert Event.objects.get(verb="billed", party_id=ann.party_id).facts["invoice"] == "INV-2025-001"
    assert Journal.objects.get(source_id=ann.id).text == "Invoice INV-2025-001: Regular"
    document = invoice_document(organization, ann)
    assert document.file_name == "invoice-INV-2025-001.pdf"
    assert "INV-2025-001" in str(document.sheet)
    _is_read_on_pages(client, world, ann)

    for on, way_out in ((None, "2026-07-01"), (date(2026, 9, 1), "2026-07-01")):
        with pytest.raises(Refused, match="one year, one series") as refused:
            set_policy(organization, {"invoice.numbering": "R-{n}"}, actor=STAFF, now=now, on=on)
        assert (refused.value.code, refused.value.field) == ("numbering_in_use", "invoice.numbering")
        assert way_out in str(refused.value.fix)
    answer = done_badly(client, world, "R-{n}")
    assert "one year, one series" in answer
    next_year = date(2026, 7, 1)
    set_policy(organization, {"invoice.numbering": "R/{year}/{n}"}, actor=STAFF, now=now, on=next_year)

    july = datetime(2026, 7, 1, 9, tzinfo=UTC)
    assert make_planned_changes(organization, today=next_year, actor=SCHEDULE, now=july) == 1
    invoiced(world, ann.party_id, july)
    credit_invoice(organization, ann.id, reason="Gone", actor=STAFF, now=july)
    invoiced(world, ann.party_id, july + timedelta(days=365))
    assert labels(world)[2:] == ["R/2026/1", "R/2027/1"]
    assert invariants.check(organization.id) == []


def done_badly(client: Client, world: World, pattern: str) -> str:
    """What the page of the policy says to a pattern that can't be."""
    fields = {"key": "k", "value": "text", "text": pattern}
    answer = client.post(at(world, "settings/invoice.numbering/"), fields)
    assert answer.status_code in (409, 422)
    return words(answer.content)


def _is_read_on_pages(client: Client, world: World, ann: Invoice) -> None:
    for page in ("invoices/", f"invoices/{ann.id}/", f"members/{ann.party_id}/", "invoices/?q=INV-2025-001"):
        assert "INV-2025-001" in text(client, at(world, page)), page
    assert "INV-2025-002" not in text(client, at(world, "invoices/?q=INV-2025-001"))
    said = text(client, at(world, "settings/"))
    assert "The first invoice of this fiscal year is INV-2025-001, the first from" in said


def test_a_pattern_is_chosen_on_its_page_before_the_first_invoice() -> None:
    world = a_world(zone="UTC", now=datetime(2026, 5, 4, 12, tzinfo=UTC))
    client = signed_in(world)
    assert "letters from A to Z" in done_badly(client, world, "<script>{n}")
    assert "Enter a value." in done_badly(client, world, "")
    done(client, at(world, "settings/invoice.numbering/"), value="text", text="A-{n:4}")
    invoiced(world, world.party("Ann"), world.desk.clock.now())
    assert labels(world) == ["A-0001"]


def test_workers_at_once_leave_no_gap_in_a_series_that_begins_anew() -> None:
    """Eight workers number 200 invoices of two fiscal years; every fifth is rolled back, and leaves no hole."""
    world = a_world(invoice__numbering=PATTERN)
    id_ = world.organization.id

    def worker() -> list[tuple[int, int]]:
        taken = []
        for turn in range(25):
            year = 2026 + turn % 2
            try:
                with transaction.atomic():
                    number = take_invoice_numbers(id_, 1, date(year, 3, 1))
                    if turn % 5 == 4:
                        raise _StoppedError
                taken.append((number, year))
            except _StoppedError:
                pass
        return taken

    came = dict(one for taken in together([worker] * 8) for one in taken)  # type: ignore[attr-defined]
    assert sorted(came) == list(range(1, 161))
    numbers = sorted(came)
    said = dict(zip(numbers, labels_for(id_, numbers), strict=True))
    for year in (2026, 2027):
        mine = [said[number] for number in numbers if came[number] == year]
        assert mine == [f"INV-{year}-{value:03d}" for value in range(1, len(mine) + 1)]


class _StoppedError(Exception):
    """What stops a worker in the middle of a transaction."""
