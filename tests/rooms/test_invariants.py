"""The invariants: a living organization breaks none of them, and each finds what is planted for it.

Two organizations are made once, by the actions themselves: a club on accrual with deferred income, an association on
cash. Each test breaks rows in a transaction that is rolled back, with the database's own guards and foreign keys
switched off, for what could not happen is what is planted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models, transaction
from pytest_django import DjangoDbBlocker

from paidthru import invariants
from paidthru.actions.charge import claim, open_attempt, send
from paidthru.actions.commit_run import commit_run
from paidthru.actions.join import join
from paidthru.actions.post_batch import post_batch
from paidthru.actions.preview_run import preview, start_run
from paidthru.actions.recognize import recognize
from paidthru.actions.record_payment import record_payment
from paidthru.actions.renew import finish_run, renew_next
from paidthru.actions.save_method import save_method
from paidthru.actions.settle import settle
from paidthru.adapters.sandbox.desk import SandboxDesk
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.invariants.owners import REFERENCES
from paidthru.invoicing.models import Invoice, Line, Receivable
from paidthru.kernel.clock import FixedClock
from paidthru.kernel.ids import new_id
from paidthru.ledger.models import Batch, DeferralSchedule, Entry, Journal, Recognition
from paidthru.ledger.operations import JournalDraft, open_batch, write_journals
from paidthru.ledger.rules.postings import Draft, reverse
from paidthru.membership.models import (
    BillingCycle,
    BillingRun,
    Fee,
    Membership,
    Plan,
    ProrateTable,
    RunChunk,
    RunItem,
    Term,
)
from paidthru.organizations.models import Organization, Owned, Series
from paidthru.organizations.operations import create_organization, record_gap, set_policy, take_numbers
from paidthru.payments.models import Allocation, Attempt, IntentInvoice, Payment, PaymentIntent, PaymentMethod
from paidthru.people.operations import PartyDraft, add_parties
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db

ZONE = "America/New_York"
START = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)
CLERK = Actor("staff", "Clerk")


@dataclass
class Club:
    """An organization at work: it moves through time, and its members are named."""

    preset: str
    policies: dict[str, str | int] = field(default_factory=dict)
    now: datetime = START

    def __post_init__(self) -> None:
        self.organization: Organization = create_organization(
            name=f"Club {self.preset}", preset=self.preset, currency="USD", zone=ZONE, locale="en_US", mode="sandbox",
            now=START,
        )
        for key, value in self.policies.items():
            set_policy(self.organization, key, value, actor="Clerk", now=START)
        self.clock = FixedClock(START)
        self.gateway = SandboxGateway(self.id, self.clock)
        self.desk = SandboxDesk(self.id, self.clock)
        self.parties: dict[str, UUID] = {}
        self.memberships: dict[str, UUID] = {}

    @property
    def id(self) -> UUID:
        return self.organization.id

    def on(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 15, 0, tzinfo=UTC)
        self.clock.set(self.now)

    def plan(self, name: str, *amounts: int, kind: str = "subscription", voluntary: int = 0) -> UUID:
        plan = Plan.objects.create(organization=self.organization, name=name, kind=kind, currency="USD",
                                   created_at=self.now)
        for position, amount in enumerate(amounts):
            Fee.objects.create(organization=self.organization, plan=plan, name=f"{name} {position}",
                               amount_minor=amount, position=position, is_primary=position == 0)
        if voluntary:
            Fee.objects.create(organization=self.organization, plan=plan, name="Gift", amount_minor=voluntary,
                               position=9, voluntary=True)
        return plan.id

    def member(self, name: str, plan: UUID, *, current_cycle_paid: bool = False, starting_on: date | None = None) -> None:
        draft = PartyDraft(name)
        add_parties(self.id, [draft], now=self.now)
        self.parties[name] = draft.id
        self.memberships[name] = join(
            self.organization, draft.id, plan, actor=CLERK, now=self.now, autopay=True, starting_on=starting_on,
            current_cycle_paid=current_cycle_paid,
        ).membership_id

    def card(self, name: str, test_code: str = "ok") -> None:
        party = self.parties[name]
        saved = self.gateway.save_method(str(party), "card", test_code)
        save_method(self.organization, party, saved, gateway="sandbox", actor=CLERK, now=self.now)

    def charge(self, name: str) -> None:
        invoice = Invoice.objects.filter(party_id=self.parties[name], state="sent").order_by("number")[0]
        attempt = open_attempt(self.organization, invoice.id, max_attempts=4, initiator="staff", actor=CLERK, now=self.now)
        held = claim(attempt.id, now=self.now)
        assert held is not None
        answer = send(held, self.gateway)
        assert answer is not None
        settle(self.organization, attempt.id, answer, actor=CLERK, now=self.now, lease=held.lease)

    def check_of(self, name: str, amount_minor: int) -> None:
        record_payment(self.organization, self.parties[name], amount_minor=amount_minor, currency="USD", means="check",
                       actor=CLERK, now=self.now)

    def run(self, name: str, effective_on: date, *, written: bool = True, cycle: str = "") -> None:
        run = start_run(self.organization, name=name, effective_on=effective_on, actor=CLERK, now=self.now,
                        billing_cycle=cycle)
        preview(run.id)
        commit_run(run.id, actor=CLERK, now=self.now)
        if written:
            while renew_next(run.id, actor=CLERK, now=self.now) is not None:
                pass
            assert finish_run(run.id, actor=CLERK, now=self.now)


def _live_a_year(club: Club) -> Club:
    """Joins, fees, a voluntary line, cards that work, are declined and never answer, checks with a surplus, a renewal
    run with its collection, recognized months, a posted batch, a gap with its reason, and a run that is not written."""
    gold = club.plan("Gold", 120_00, 10_00, voluntary=5_00)
    table = ProrateTable.objects.create(organization=club.organization, name="Steps", factors=["1.00"] * 12)
    Plan.objects.filter(id=gold).update(prorate_table=table)
    once = club.plan("Once", 30_00, kind="non_recurring")
    free = club.plan("Friends", kind="free")
    cycle = BillingCycle.objects.create(organization=club.organization, name="All", types=[""])
    for name in ("Ann", "Bob", "Cid", "Dee"):
        club.member(name, gold)
        club.card(name, "insufficient_funds" if name == "Dee" else "ok")
    club.member("Eve", once)
    club.member("Fay", free)
    club.member("Gus", gold, current_cycle_paid=True)
    club.member("Hal", gold, starting_on=date(2026, 12, 1))
    club.charge("Ann")
    club.charge("Dee")  # declined
    club.check_of("Bob", 150_00)  # 15.00 of credit
    club.check_of("Eve", 20_00)  # a part
    club.desk.set_script(str(club.parties["Cid"]), "silent_but_charges")
    club.charge("Cid")  # the processor took it, and we don't know
    for batch in Batch.objects.filter(organization=club.organization, kind="receipts", state="open"):
        post_batch(batch.id, actor=CLERK, now=club.now)
    club.on(date(2026, 12, 31))
    for month in range(1, 13):
        last = date(2026 + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        recognize(club.organization, month_end_on=last, now=club.now)
    effective = date(2027, 1, 31)
    club.run("Renewals", effective, cycle="All")
    assert cycle.name == "All"
    club.charge("Bob")
    numbers = take_numbers(club.id, "invoice", 2)
    record_gap(club.id, "invoice", numbers, 2, "Given to nobody: a trial.")
    _take_back_a_gift(club)
    club.on(date(2027, 12, 31))
    club.run("Unwritten", date(2028, 1, 31), written=False)
    return club


def _take_back_a_gift(club: Club) -> None:
    """A booking and its reversal, which points at it."""
    batch = open_batch(club.id, "receipts", date(2026, 12, 31), now=club.now)
    given = JournalDraft("adjustment", new_id(), "gift", date(2026, 12, 31), "A gift",
                         [Draft("Bank", 700), Draft("Income:Donations", -700)], id=new_id())
    back = JournalDraft("adjustment", new_id(), "taken back", date(2026, 12, 31), "A gift taken back",
                        reverse(given.entries), reverses_id=given.id)
    with transaction.atomic():
        write_journals(club.id, batch.id, "USD", [given, back], now=club.now)


@pytest.fixture(scope="module")
def clubs(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Club, Club]]:
    with django_db_blocker.unblock():
        try:
            yield (
                _live_a_year(Club("recommended", {"accounting.defer": "all", "proration.join": "none"})),
                _live_a_year(Club("association", {"term.basis": "anniversary", "billing.trigger": "auto"})),
            )
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def club(clubs: tuple[Club, Club], db: None) -> Iterator[Club]:
    """The accrual club, in a transaction that is rolled back, with every guard down but unique and check constraints."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield clubs[0]
        transaction.set_rollback(True)


def broken(club: Club) -> set[str]:
    """The names of the invariants that are broken."""
    found = invariants.check(club.id)
    assert all(violation.subject and violation.what for violation in found)
    return {violation.invariant for violation in found}


def planted(statement: str, *values: object, rows: int = 1) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert rows < 0 or cursor.rowcount == rows


def test_a_living_organization_breaks_none(clubs: tuple[Club, Club]) -> None:
    for each in clubs:
        assert invariants.check(each.id) == []
