"""The invariants: a living organization breaks none of them, and each finds what is planted for it.

Two organizations are made once, by the actions themselves: a club on accrual with deferred income, an association on
cash. Each test breaks rows in a transaction that is rolled back, with the database's own guards and foreign keys
switched off, for what could not happen is what is planted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models, transaction
from pytest_django import DjangoDbBlocker
from tests.giving import gifts_are_given
from tests.going_back import members_who_pay, money_goes_back
from tests.homes_and_visits import homes_are_billed
from tests.signing_up import somebody_signs_up
from tests.writing_invoices import something_is_written

from paidthru import invariants
from paidthru.actions.apply_credit import apply_credit
from paidthru.actions.arrange_payment import arrange_payment
from paidthru.actions.cancel_membership import cancel_membership
from paidthru.actions.change_price import change_price
from paidthru.actions.charge import claim, open_attempt, send
from paidthru.actions.commit_run import commit_run
from paidthru.actions.export_books import export_books
from paidthru.actions.follow_up import follow_up
from paidthru.actions.join import join
from paidthru.actions.post_batch import post_batch
from paidthru.actions.preview_run import preview, start_run
from paidthru.actions.recognize import recognize
from paidthru.actions.record_payment import record_payment
from paidthru.actions.rehearse import Luck, rehearse
from paidthru.actions.renew import finish_run, renew_next
from paidthru.actions.save_method import save_method
from paidthru.actions.set_payer import set_payer
from paidthru.actions.settle import settle
from paidthru.actions.skip_step import skip_step
from paidthru.actions.unapply_payment import unapply_payment
from paidthru.adapters.sandbox.desk import SandboxDesk
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.dunning.models import Case
from paidthru.dunning.operations import owed_of
from paidthru.dunning.queries import facts_of
from paidthru.dunning.rules.arrangement import Part
from paidthru.dunning.rules.ladder import ladder_from, next_step
from paidthru.invariants.owners import REFERENCES, SOMETIMES
from paidthru.invoicing.models import CreditNote, Invoice, Line, Receivable
from paidthru.invoicing.operations import close_failed, live_documents
from paidthru.kernel.clock import FixedClock
from paidthru.kernel.ids import new_id
from paidthru.ledger.models import Batch, DeferralSchedule, Entry, Journal, Recognition
from paidthru.ledger.operations import JournalDraft, accounts, open_batch, write_journals
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
from paidthru.organizations.models import BrandLogo, Organization, OrganizationBrand, Owned
from paidthru.organizations.operations import create_organization, record_gap, set_policy, take_numbers
from paidthru.payments.models import Attempt, IntentInvoice, Payment
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
    on_the_way: list[tuple[str, invariants.Violation]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.organization: Organization = create_organization(
            name=f"Club {self.preset}",
            preset=self.preset,
            currency="USD",
            zone=ZONE,
            locale="en_US",
            mode="sandbox",
            now=START,
        )
        for key, value in self.policies.items():
            set_policy(self.organization, key, value, actor="Clerk", now=START)
        logo = BrandLogo.objects.create(
            organization=self.organization, kind="svg", content=b"<svg/>", digest=""
        )
        OrganizationBrand.objects.create(
            organization=self.organization, number=1, name="Club Inc.", logo=logo, set_at=START
        )
        self.clock = FixedClock(START)
        self.gateway = SandboxGateway(self.id, self.clock)
        self.desk = SandboxDesk(self.id, self.clock)
        self.parties: dict[str, UUID] = {}
        self.memberships: dict[str, UUID] = {}

    @property
    def id(self) -> UUID:
        return self.organization.id

    def look(self, after: str) -> None:
        """Notes what is broken after a step: nothing may be, not even for a moment."""
        self.on_the_way += [(after, violation) for violation in invariants.check(self.id)]

    def on(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 15, 0, tzinfo=UTC)
        self.clock.set(self.now)

    def plan(self, name: str, *amounts: int, kind: str = "subscription", voluntary: int = 0) -> UUID:
        plan = Plan.objects.create(
            organization=self.organization, name=name, kind=kind, currency="USD", created_at=self.now
        )
        for position, amount in enumerate(amounts):
            Fee.objects.create(
                organization=self.organization,
                plan=plan,
                name=f"{name} {position}",
                amount_minor=amount,
                position=position,
                is_primary=position == 0,
            )
        if voluntary:
            Fee.objects.create(
                organization=self.organization,
                plan=plan,
                name="Gift",
                amount_minor=voluntary,
                position=9,
                voluntary=True,
            )
        return plan.id

    def member(
        self, name: str, plan: UUID, *, current_cycle_paid: bool = False, starting_on: date | None = None
    ) -> None:
        draft = PartyDraft(name)
        add_parties(self.id, [draft], now=self.now)
        self.parties[name] = draft.id
        self.memberships[name] = join(
            self.organization,
            draft.id,
            plan,
            actor=CLERK,
            now=self.now,
            autopay=True,
            starting_on=starting_on,
            current_cycle_paid=current_cycle_paid,
        ).membership_id
        self.look(f"{name} joins")

    def card(self, name: str, test_code: str = "ok") -> None:
        party = self.parties[name]
        saved = self.gateway.save_method(str(party), "card", test_code)
        save_method(self.organization, party, saved, gateway="sandbox", actor=CLERK, now=self.now)

    def charge(self, name: str) -> None:
        invoice = Invoice.objects.filter(party_id=self.parties[name], state="sent").order_by("number")[0]
        attempt = open_attempt(
            self.organization,
            invoice.id,
            max_attempts=4,
            initiator="staff",
            actor=CLERK,
            now=self.now,
            off_session=False,
        )
        self.look(f"{name}'s attempt is opened")
        held = claim(attempt.id, now=self.now)
        assert held is not None
        answer = send(held, self.gateway)
        assert answer is not None
        self.look(f"{name}'s attempt is sent")
        settle(self.organization, attempt.id, answer, actor=CLERK, now=self.now, lease=held.lease)
        self.look(f"{name}'s attempt is settled")

    def check_of(self, name: str, amount_minor: int) -> None:
        record_payment(
            self.organization,
            self.parties[name],
            amount_minor=amount_minor,
            currency="USD",
            means="check",
            actor=CLERK,
            now=self.now,
        )
        self.look(f"{name} pays by check")

    def run(self, name: str, effective_on: date, *, written: bool = True, cycle: str = "") -> None:
        run = start_run(
            self.organization,
            name=name,
            effective_on=effective_on,
            actor=CLERK,
            now=self.now,
            billing_cycle=cycle,
        )
        preview(run.id)
        self.look(f"{name} is previewed")
        commit_run(run.id, actor=CLERK, now=self.now)
        self.look(f"{name} is committed")
        if written:
            while renew_next(run.id, actor=CLERK, now=self.now) is not None:
                self.look(f"a slice of {name} is written")
            assert finish_run(run.id, actor=CLERK, now=self.now)
            self.look(f"{name} is done")


def _live_a_year(club: Club) -> Club:
    """Joins, fees, a voluntary line, cards that work, are declined and never answer, checks with a surplus, a renewal
    run with its collection, recognized months, a posted batch, a gap with its reason, and a run that is not written."""
    gold = club.plan("Gold", 120_00, 10_00, voluntary=5_00)
    change_price(club.organization, gold, 130_00, actor=CLERK, now=club.now, from_on=date(2040, 1, 1))
    table = ProrateTable.objects.create(organization=club.organization, name="Steps", factors=["1.00"] * 12)
    Plan.objects.filter(id=gold).update(prorate_table=table)
    once = club.plan("Once", 30_00, kind="non_recurring")
    free = club.plan("Friends", kind="free")
    BillingCycle.objects.create(organization=club.organization, name="All", types=[""])
    for name in ("Ann", "Bob", "Cid", "Dee"):
        club.member(name, gold)
        club.card(name, "insufficient_funds" if name == "Dee" else "ok")
    club.member("Eve", once)
    club.member("Fay", free)
    club.member("Gus", gold, current_cycle_paid=True)
    club.member("Hal", gold, starting_on=date(2026, 12, 1))
    ivy = PartyDraft("Ivy")
    add_parties(club.id, [ivy], now=club.now)
    club.parties["Ivy"] = ivy.id
    club.charge("Ann")
    club.charge("Dee")  # declined
    _somebody_is_followed_up(club)
    club.check_of("Bob", 300_00)  # the rest is credit, and pays for the renewal
    club.check_of("Eve", 20_00)  # a part
    taken = unapply_payment(club.organization, payment_of(club, "Eve").id, actor=CLERK, now=club.now)
    club.look("Eve's check is taken off")
    asked = invoices_of(club, "Eve").latest("number")
    apply_credit(club.organization, taken.party_id, {asked.id: 20_00}, actor=CLERK, now=club.now)
    club.look("Eve's credit is applied")
    members_who_pay(club, gold)
    club.desk.set_script(str(club.parties["Cid"]), "silent_but_charges")
    club.charge("Cid")  # the processor took it, and we don't know
    for batch in Batch.objects.filter(organization=club.organization, kind="receipts", state="open"):
        post_batch(batch.id, actor=CLERK, now=club.now)
    export_books(club.organization, actor=CLERK, now=club.now)
    club.on(date(2026, 12, 31))
    for month in range(1, 13):
        last = date(2026 + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        recognize(club.organization, month_end_on=last, now=club.now)
    club.look("a year is recognized")
    club.run("Renewals", date(2027, 1, 31), cycle="All")
    club.charge("Bob")
    with transaction.atomic():
        record_gap(club.id, "invoice", take_numbers(club.id, "invoice", 2), 2, "Given to nobody: a trial.")
    _take_back_a_gift(club)
    money_goes_back(club)
    start_run(club.organization, name="Started", effective_on=date(2027, 3, 1), actor=CLERK, now=club.now)
    club.on(date(2027, 12, 31))
    with transaction.atomic():
        declined = invoices_of(club, "Eve").latest("number")  # a part is paid
        close_failed([declined.id])
        live_documents(club.id, [declined.id], on=date(2027, 1, 31), now=club.now)
    set_payer(club.organization, club.parties["Eve"], club.parties["Dee"], actor=CLERK, now=club.now)
    club.run("Unwritten", date(2028, 1, 31), written=False)
    _somebody_comes_back(club, free, gold)
    somebody_signs_up(club, gold)
    something_is_written(club, gold)
    homes_are_billed(club)
    gifts_are_given(club)
    rehearse(club.organization, name="A month", months=1, changes={}, luck=Luck(), actor=CLERK, now=club.now)
    return club


def _somebody_comes_back(club: Club, free: UUID, gold: UUID) -> None:
    """A membership ends, another one follows it, and its plan will change."""
    club.member("Una", free)
    cancel_membership(club.organization, club.memberships["Una"], actor=CLERK, now=club.now)
    club.look("Una has canceled")
    join(club.organization, club.parties["Una"], free, actor=CLERK, now=club.now)
    club.look("Una is back")
    Membership.objects.filter(party_id=club.parties["Una"]).exclude(state="ended").update(next_plan_id=gold)
    club.look("Una will be on another plan")


def _somebody_is_followed_up(club: Club) -> None:
    """Dee's payment failed: her next step is skipped, and she agrees to pay later."""
    on = club.now.date()
    follow_up(club.organization, by=on, actor=CLERK, now=club.now)
    case = Case.objects.get(organization=club.organization)
    coming = next_step(ladder_from(case.ladder), facts_of([case])[case.id])
    if coming is not None:  # else it was left to staff at once
        skip_step(club.organization, case.id, coming[0].key, why="", actor=CLERK, now=club.now)
    parts = [Part(on + timedelta(days=10), owed_of(case))]
    arrange_payment(club.organization, case.id, parts, why="", actor=CLERK, now=club.now)
    club.look("Dee is followed up")


def _take_back_a_gift(club: Club) -> None:
    """A booking and its reversal, which points at it."""
    batch = open_batch(club.id, "receipts", date(2026, 12, 31), now=club.now)
    given = JournalDraft(
        "adjustment",
        new_id(),
        "gift",
        date(2026, 12, 31),
        "A gift",
        [Draft("Bank", 700), Draft("Income:Donations", -700)],
        id=new_id(),
    )
    back = JournalDraft(
        "adjustment",
        new_id(),
        "taken back",
        date(2026, 12, 31),
        "A gift taken back",
        reverse(given.entries),
        reverses_id=given.id,
    )
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
    """The accrual club, in a transaction that is rolled back; all guards are down but unique and check constraints."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield clubs[0]
        transaction.set_rollback(True)


def planted(statement: str, *values: UUID | date | str | None, rows: int = 1) -> None:
    """Breaks `rows` rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        assert cursor.rowcount == rows  # -1 for a statement that isn't about rows


def moved(club: Club, debit: str, credit: str, currency: str = "USD") -> None:
    """A balanced journal of 1.00 that nothing stands behind."""
    batch = open_batch(club.id, "receipts", date(2027, 6, 1), now=club.now)
    accounts(club.id, "EUR")
    write_journals(
        club.id,
        batch.id,
        currency,
        [
            JournalDraft(
                "adjustment",
                new_id(),
                "moved",
                date(2027, 6, 1),
                "Moved",
                [Draft(debit, 100), Draft(credit, -100)],
            ),
        ],
        now=club.now,
    )


def invoices_of(club: Club, name: str) -> "models.QuerySet[Invoice]":
    return Invoice.objects.filter(party_id=club.parties[name]).order_by("number")


def payment_of(club: Club, name: str) -> Payment:
    return Payment.objects.filter(party_id=club.parties[name]).order_by("number")[0]


Plant = Callable[[Club], None]
PLANTS: list[tuple[str, Plant]] = []


def breaks(name: str) -> Callable[[Plant], Plant]:
    """What the function plants breaks the named invariant, and no other."""

    def kept(plant: Plant) -> Plant:
        PLANTS.append((name, plant))
        return plant

    return kept


# ---------------------------------------------------------------- the books


@breaks("journals_balance")
def two_journals_are_off_by_a_cent_each(club: Club) -> None:
    first, second = Entry.objects.filter(
        organization=club.organization, journal__source_kind="adjustment", account__code="Bank"
    ).values_list("id", flat=True)
    planted("UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE id = %s", first)
    planted("UPDATE ledger_entry SET amount_minor = amount_minor - 1 WHERE id = %s", second)


@breaks("journals_balance")
def a_journal_without_entries(club: Club) -> None:
    batch = Batch.objects.filter(organization=club.organization)[0]
    Journal.objects.create(
        organization=club.organization,
        batch=batch,
        currency="USD",
        effective_on=batch.dated_on,
        recorded_at=club.now,
        source_kind="adjustment",
        source_id=new_id(),
        event="none",
        text="",
    )


@breaks("trial_balance")
def income_that_was_only_noted_in_memo(club: Club) -> None:
    moved(club, "Memo contra", "Income:Dues")


@breaks("trial_balance")
def a_journal_on_accounts_of_another_currency(club: Club) -> None:
    moved(club, "Bank", "Income:Dues", currency="EUR")
    planted(
        "UPDATE ledger_journal SET currency = 'USD' WHERE organization_id = %s AND currency = 'EUR'", club.id
    )


@breaks("deferred_income")
def income_recognized_of_no_schedule(club: Club) -> None:
    moved(club, "Deferred", "Income:Dues")


@breaks("recognitions")
def a_month_that_is_gone(club: Club) -> None:
    planted(
        "DELETE FROM ledger_recognition WHERE id = %s",
        Recognition.objects.filter(organization=club.organization)[0].id,
    )


@breaks("recognitions")
def a_schedule_that_stops_too_early(club: Club) -> None:
    schedule = DeferralSchedule.objects.filter(organization=club.organization, recognized_minor=0)[0]
    planted("UPDATE ledger_deferralschedule SET next_on = NULL WHERE id = %s", schedule.id)


@breaks("tax_ledger")
def tax_of_nothing_that_is_taxed(club: Club) -> None:
    moved(club, "Tax", "Income:Dues")


@breaks("tax_ledger")
def tax_booked_to_income(club: Club) -> None:
    taxed = Entry.objects.filter(organization=club.organization, account__code="Tax")[0]
    income = accounts(club.id, "USD")["Income:Dues"]
    planted("UPDATE ledger_entry SET account_id = %s WHERE id = %s", income, taxed.id)


# ---------------------------------------------------------------- what is owed


@breaks("receivable_ledger")
def an_entry_for_another_fee_of_the_invoice(club: Club) -> None:
    invoice = invoices_of(club, "Cid")[0]
    dues, fee = Receivable.objects.filter(lines__invoice=invoice, voluntary=False).order_by("position")
    planted(
        "UPDATE ledger_entry SET receivable_id = %s WHERE receivable_id = %s AND account_id IN"
        " (SELECT id FROM ledger_account WHERE code = 'Receivable')",
        fee.id,
        dues.id,
    )


@breaks("invoice_ledger")
def an_entry_for_another_invoice(club: Club) -> None:
    planted(
        "UPDATE ledger_entry SET invoice_id = %s WHERE invoice_id = %s AND account_id IN"
        " (SELECT id FROM ledger_account WHERE code = 'Memo billed') AND amount_minor > 0",
        invoices_of(club, "Cid")[0].id,
        invoices_of(club, "Ann")[0].id,
    )


@breaks("invoice_totals")
def a_line_of_another_amount(club: Club) -> None:
    planted(
        "UPDATE invoicing_line SET amount_minor = amount_minor + 1 WHERE id = %s",
        Line.objects.filter(invoice=invoices_of(club, "Ann")[0])[0].id,
    )


@breaks("invoice_balances")
def a_paid_line_that_asks_for_an_open_receivable(club: Club) -> None:
    owed = Receivable.objects.filter(party_id=club.parties["Cid"], state="open")[0]
    planted(
        "UPDATE invoicing_line SET receivable_id = %s WHERE id = %s",
        owed.id,
        Line.objects.filter(invoice=invoices_of(club, "Ann")[0])[0].id,
    )


@breaks("one_live_document")
def a_closed_invoice_that_waits_beside_its_successor(club: Club) -> None:
    first = invoices_of(club, "Eve").exclude(closed_because="").earliest("number")
    planted("UPDATE invoicing_invoice SET awaits_reissue = true WHERE id = %s", first.id)


@breaks("invoice_states")
def a_paid_invoice_with_a_balance(club: Club) -> None:
    planted("UPDATE invoicing_invoice SET state = 'paid' WHERE id = %s", invoices_of(club, "Cid")[0].id)


@breaks("invoice_states")
def a_sent_invoice_without_a_balance(club: Club) -> None:
    planted("UPDATE invoicing_invoice SET state = 'sent' WHERE id = %s", invoices_of(club, "Ann")[0].id)


@breaks("receivable_states")
def a_settled_receivable_with_a_balance(club: Club) -> None:
    planted(
        "UPDATE invoicing_receivable SET state = 'settled' WHERE party_id = %s AND voluntary AND period_start < %s",
        club.parties["Cid"],
        date(2027, 1, 1),
    )


@breaks("receivable_states")
def an_open_receivable_without_a_balance(club: Club) -> None:
    planted(
        "UPDATE invoicing_receivable SET state = 'open' WHERE party_id = %s AND voluntary AND period_start < %s",
        club.parties["Ann"],
        date(2027, 1, 1),
    )


@breaks("receivables_paid")
def an_allocation_to_another_fee(club: Club) -> None:
    first, second, _ = payment_of(club, "Ann").allocations.order_by("-amount_minor")
    planted("UPDATE payments_allocation SET receivable_id = %s WHERE id = %s", second.receivable_id, first.id)


# ---------------------------------------------------------------- money


@breaks("member_credit")
def credit_of_another_member(club: Club) -> None:
    planted(
        "UPDATE ledger_entry SET party_id = %s WHERE party_id = %s AND account_id IN"
        " (SELECT id FROM ledger_account WHERE code = 'Credit') AND amount_minor < 0",
        club.parties["Ann"],
        club.parties["Bob"],
    )


@breaks("payments_allocated")
def an_allocation_of_another_payment(club: Club) -> None:
    allocation = payment_of(club, "Ann").allocations.all()[0]
    planted(
        "UPDATE payments_allocation SET payment_id = %s WHERE id = %s",
        payment_of(club, "Bob").id,
        allocation.id,
    )


@breaks("payments_booked")
def a_payment_that_no_journal_received(club: Club) -> None:
    planted(
        "UPDATE ledger_journal SET event = 'seen' WHERE source_id = %s AND event = 'received'",
        payment_of(club, "Ann").id,
    )


@breaks("payments_booked")
def a_payment_on_no_account_where_money_arrives(club: Club) -> None:
    planted(
        "UPDATE ledger_entry SET account_id = %s WHERE journal_id IN (SELECT id FROM ledger_journal"
        " WHERE source_id = %s) AND account_id IN (SELECT id FROM ledger_account WHERE code = 'Undeposited')",
        accounts(club.id, "USD")["Bad debt"],
        payment_of(club, "Eve").id,
    )


@breaks("payments_taken_back")
def a_dispute_that_the_payment_does_not_know(club: Club) -> None:
    planted(
        "UPDATE payments_payment SET disputed_minor = disputed_minor - 1 WHERE id = %s",
        payment_of(club, "Moe").id,
    )


@breaks("payments_taken_back")
def a_reversed_payment_that_is_gone_by_less(club: Club) -> None:
    planted(
        "UPDATE payments_payment SET reversed_minor = reversed_minor - 1 WHERE id = %s",
        payment_of(club, "Lea").id,
    )


@breaks("payments_taken_back")
def a_returned_payment_that_reads_as_if_it_were_there(club: Club) -> None:
    planted("UPDATE payments_payment SET state = 'succeeded' WHERE id = %s", payment_of(club, "Lea").id)


@breaks("reversal_parts")
def an_excess_of_another_amount(club: Club) -> None:
    planted(
        "UPDATE payments_reversalpart SET amount_minor = amount_minor + 1"
        " WHERE organization_id = %s AND kind = 'excess'",
        club.id,
    )


@breaks("reversals_booked")
def a_reversal_that_no_journal_books(club: Club) -> None:
    planted(
        "UPDATE ledger_journal SET source_id = %s WHERE source_kind = 'reversal' AND source_id IN"
        " (SELECT id FROM payments_reversal WHERE payment_id = %s)",
        new_id(),
        payment_of(club, "Lea").id,
    )


@breaks("reversals_booked")
def an_open_dispute_that_holds_nothing(club: Club) -> None:
    planted(
        "UPDATE ledger_journal SET source_id = %s WHERE source_kind = 'dispute' AND source_id IN"
        " (SELECT id FROM payments_dispute WHERE payment_id = %s)",
        new_id(),
        payment_of(club, "Moe").id,
    )


@breaks("disputes_held")
def money_held_for_no_dispute(club: Club) -> None:
    moved(club, "Disputes", "Bank")


@breaks("refunds_unsent")
def money_owed_for_no_refund(club: Club) -> None:
    moved(club, "Bank", "Refunds payable")


@breaks("sandbox_disputes")
def a_dispute_decided_that_stands_open_here(club: Club) -> None:
    planted(
        "UPDATE sandbox_sandboxdispute SET status = 'won' WHERE ref IN"
        " (SELECT gateway_ref FROM payments_dispute WHERE payment_id = %s)",
        payment_of(club, "Moe").id,
    )


@breaks("sandbox_disputes")
def a_dispute_that_nobody_told_us_of(club: Club) -> None:
    planted(
        "UPDATE payments_dispute SET gateway_ref = 'another' WHERE payment_id = %s",
        payment_of(club, "Moe").id,
    )


@breaks("refunds_held")
def a_refund_that_the_payment_does_not_hold(club: Club) -> None:
    planted(
        "UPDATE payments_payment SET refunded_minor = refunded_minor + 1 WHERE id = %s",
        payment_of(club, "Ned").id,
    )


@breaks("refund_parts")
def a_refund_of_which_a_part_is_lost(club: Club) -> None:
    planted(
        "UPDATE payments_refundpart SET amount_minor = amount_minor - 1 WHERE refund_id IN"
        " (SELECT id FROM payments_refund WHERE via = 'check' AND payment_id = %s)",
        payment_of(club, "Ned").id,
    )


@breaks("refunds_booked")
def a_refund_sent_that_no_journal_books(club: Club) -> None:
    planted(
        "UPDATE ledger_journal SET source_id = %s WHERE source_kind = 'refund' AND event = 'sent' AND source_id IN"
        " (SELECT id FROM payments_refund WHERE payment_id = %s)",
        new_id(),
        payment_of(club, "Kim").id,
    )


@breaks("sandbox_refunds")
def a_refund_of_another_amount_at_the_processor(club: Club) -> None:
    planted(
        "UPDATE sandbox_sandboxrefund SET amount_minor = amount_minor + 1 WHERE ref IN"
        " (SELECT gateway_ref FROM payments_refund WHERE payment_id = %s)",
        payment_of(club, "Kim").id,
    )


@breaks("credit_notes")
def a_credit_note_of_another_amount(club: Club) -> None:
    planted(
        "UPDATE invoicing_creditnote SET amount_minor = amount_minor + 1 WHERE organization_id = %s",
        club.id,
        rows=CreditNote.objects.filter(organization=club.organization).count(),
    )


@breaks("one_open_intent")
def a_second_open_intent(club: Club) -> None:
    held = IntentInvoice.objects.select_related("intent").get(organization=club.organization, open=True)
    attempt = Attempt.objects.get(intent=held.intent)
    planted("DROP INDEX one_open_intent_per_invoice", rows=-1)
    for row in (held.intent, held, attempt):
        row.pk, row._state.adding = new_id(), True
    held.intent.gateway_ref = None
    attempt.idempotency_key, attempt.intent = "another", held.intent
    held.intent.save(force_insert=True)
    held.intent_id = held.intent.id
    held.save(force_insert=True)
    attempt.intent_id = held.intent.id
    attempt.save(force_insert=True)


@breaks("open_questions")
def an_open_attempt_that_holds_no_invoice(club: Club) -> None:
    planted("UPDATE payments_intentinvoice SET open = false WHERE organization_id = %s AND open", club.id)


@breaks("open_questions")
def an_answered_attempt_that_holds_its_invoice(club: Club) -> None:
    planted(
        "UPDATE payments_intentinvoice SET open = true WHERE invoice_id = %s", invoices_of(club, "Dee")[0].id
    )


@breaks("successes_paid")
def a_success_without_a_payment(club: Club) -> None:
    planted("UPDATE payments_payment SET attempt_id = NULL WHERE id = %s", payment_of(club, "Ann").id)


@breaks("successes_paid")
def a_payment_of_an_attempt_that_was_declined(club: Club) -> None:
    planted(
        "UPDATE payments_attempt SET state = 'declined' WHERE id = %s", payment_of(club, "Ann").attempt_id
    )


@breaks("clearing")
def a_payout_that_nobody_booked_as_such(club: Club) -> None:
    moved(club, "Bank", "Clearing")


@breaks("sandbox_books")
def a_charge_of_another_amount(club: Club) -> None:
    planted(
        "UPDATE sandbox_sandboxcharge SET amount_minor = amount_minor + 1 WHERE ref = %s",
        payment_of(club, "Ann").gateway_ref,
    )


@breaks("sandbox_books")
def a_payment_that_the_processor_does_not_know(club: Club) -> None:
    planted("DELETE FROM sandbox_sandboxcharge WHERE ref = %s", payment_of(club, "Ann").gateway_ref)


@breaks("sandbox_books")
def a_question_closed_though_the_money_was_taken(club: Club) -> None:
    held = IntentInvoice.objects.get(organization=club.organization, open=True)
    planted("UPDATE payments_attempt SET state = 'canceled' WHERE intent_id = %s", held.intent_id)
    planted("UPDATE payments_paymentintent SET state = 'closed' WHERE id = %s", held.intent_id)
    planted("UPDATE payments_intentinvoice SET open = false WHERE id = %s", held.id)


# ---------------------------------------------------------------- members


@breaks("renewed_through")
def renewed_through_a_day_too_far(club: Club) -> None:
    planted(
        "UPDATE membership_membership SET renewed_through = renewed_through + 1, next_bill_on = next_bill_on + 1"
        " WHERE id = %s",
        club.memberships["Ann"],
    )


@breaks("paid_through")
def paid_through_forgotten(club: Club) -> None:
    planted("UPDATE membership_membership SET paid_through = NULL WHERE id = %s", club.memberships["Ann"])


@breaks("next_bill_on")
def a_next_term_that_begins_before_the_last_is_over(club: Club) -> None:
    planted(
        "UPDATE membership_membership SET next_bill_on = renewed_through WHERE id = %s",
        club.memberships["Ann"],
    )


@breaks("next_bill_on")
def a_plan_that_never_renews_with_a_next_term(club: Club) -> None:
    planted(
        "UPDATE membership_membership SET next_bill_on = renewed_through + 1 WHERE id = %s",
        club.memberships["Eve"],
    )


@breaks("next_bill_on")
def a_canceled_member_with_a_next_term(club: Club) -> None:
    planted(
        "UPDATE membership_membership SET cancel_on = renewed_through + 1, state = 'ending' WHERE id = %s",
        club.memberships["Ann"],
    )


@breaks("cases_about")
def a_case_of_somebody_else(club: Club) -> None:
    planted(
        "UPDATE dunning_case SET party_id = %s WHERE party_id = %s", club.parties["Ann"], club.parties["Dee"]
    )


@breaks("cases_silent")
def a_mail_after_the_payment(club: Club) -> None:
    planted(
        """UPDATE dunning_case c SET receivable_id = r.id, party_id = r.party_id, membership_id = r.source_id
           FROM invoicing_receivable r WHERE c.party_id = %s AND r.source_id = %s AND r.is_primary
             AND r.state = 'settled'""",
        club.parties["Dee"],
        club.memberships["Ann"],
    )
    planted(
        """UPDATE dunning_step SET id = %s, state = 'done', message_key = 'a mail'
           WHERE id = (SELECT id FROM dunning_step WHERE organization_id = %s ORDER BY id LIMIT 1)""",
        new_id(),
        club.id,
    )


@breaks("cases_end")
def a_closed_case_that_waits(club: Club) -> None:
    planted(
        "UPDATE dunning_case SET state = 'closed', closed_on = opened_on, closed_because = 'paid' WHERE party_id = %s",
        club.parties["Dee"],
    )


@breaks("ends")
def an_end_without_a_cause(club: Club) -> None:
    planted("UPDATE membership_membership SET ended_because = '' WHERE id = %s", club.memberships["Una"])


@breaks("ends")
def an_ended_membership_on_autopay(club: Club) -> None:
    planted("UPDATE membership_membership SET autopay = true WHERE id = %s", club.memberships["Una"])


@breaks("ends")
def a_cancellation_without_its_day(club: Club) -> None:
    planted(
        "UPDATE membership_membership SET state = 'ending', cancel_on = NULL, next_bill_on = NULL WHERE id = %s",
        club.memberships["Ann"],
    )


@breaks("follows")
def a_membership_that_follows_one_of_somebody_else(club: Club) -> None:
    planted(
        "UPDATE membership_membership SET party_id = %s WHERE id = %s",
        club.parties["Ivy"],
        club.memberships["Una"],
    )


@breaks("follows")
def a_downgrade_that_leads_nowhere(club: Club) -> None:
    planted(
        "UPDATE membership_membership SET follows_id = NULL WHERE follows_id = %s", club.memberships["Una"]
    )
    planted(
        "UPDATE membership_membership SET ended_because = 'downgraded' WHERE id = %s", club.memberships["Una"]
    )


@breaks("terms_overlap")
def a_term_inside_another(club: Club) -> None:
    term = Term.objects.filter(membership_id=club.memberships["Ann"]).order_by("start_on")[0]
    Term.objects.create(
        organization=club.organization,
        membership_id=term.membership_id,
        plan_id=term.plan_id,
        start_on=term.start_on + timedelta(days=9),
        end_on=term.start_on + timedelta(days=20),
        amount_minor=0,
        source="external",
    )


@breaks("terms_billed")
def a_term_of_another_amount(club: Club) -> None:
    term = Term.objects.filter(membership_id=club.memberships["Ann"]).order_by("start_on")[0]
    planted("UPDATE membership_term SET amount_minor = amount_minor + 1 WHERE id = %s", term.id)


@breaks("terms_billed")
def dues_for_no_term(club: Club) -> None:
    planted(
        "UPDATE invoicing_receivable SET period_start = period_start + 1 WHERE party_id = %s",
        club.parties["Eve"],
    )


@breaks("terms_billed")
def dues_of_another_length(club: Club) -> None:
    planted(
        "UPDATE invoicing_receivable SET period_end = period_end + 1 WHERE party_id = %s", club.parties["Eve"]
    )


# ---------------------------------------------------------------- numbers and runs


@pytest.mark.parametrize("series", ["invoice", "payment", "batch"])
def test_a_number_taken_and_not_used(club: Club, series: str) -> None:
    number = take_numbers(club.id, series)
    found = invariants.check(club.id)
    assert [(one.invariant, one.subject) for one in found] == [(f"{series}_numbers", f"{series} {number}")]
    record_gap(club.id, series, number, 1, "Now there is a reason.")
    assert invariants.check(club.id) == []


@breaks("documents_kept")
def an_invoice_that_nobody_knows_the_payer_of(club: Club) -> None:
    invoice = Invoice.objects.filter(organization=club.organization, number__isnull=False).latest("number")
    planted("DELETE FROM invoicing_issueddocument WHERE id = %s", invoice.id)


@breaks("invoice_labels")
def an_invoice_that_reads_another_number(club: Club) -> None:
    invoice = Invoice.objects.filter(organization=club.organization, number__isnull=False).latest("number")
    planted("UPDATE invoicing_invoice SET label = 'INV-1' WHERE id = %s", invoice.id)


@breaks("invoice_labels")
def a_series_that_leaves_one_out(club: Club) -> None:
    planted(
        "INSERT INTO invoicing_numberstretch (id, organization_id, first_number, prefix, width, first_value)"
        " SELECT gen_random_uuid(), %s, next_value, 'INV-', 1, 2 FROM organizations_series"
        " WHERE organization_id = %s AND name = 'invoice'",
        club.id,
        club.id,
    )


@breaks("invoice_numbers")
def a_gap_without_a_reason(club: Club) -> None:
    planted("DELETE FROM organizations_seriesgap WHERE organization_id = %s", club.id)


@breaks("invoice_numbers")
def a_reservation_given_up(club: Club) -> None:
    planted(
        "UPDATE membership_billingrun SET first_number = NULL WHERE organization_id = %s AND state = 'queued'",
        club.id,
    )


@breaks("payment_numbers")
def a_payment_beyond_the_counter(club: Club) -> None:
    planted(
        "UPDATE organizations_series SET next_value = next_value - 1"
        " WHERE name = 'payment' AND organization_id = %s",
        club.id,
    )


@breaks("batch_numbers")
def a_batch_that_is_not_the_next(club: Club) -> None:
    last = Batch.objects.filter(organization=club.organization).order_by("-number")[0]
    planted(
        "UPDATE organizations_series SET next_value = next_value + 5 WHERE organization_id = %s AND name = 'batch'",
        club.id,
    )
    planted("UPDATE ledger_batch SET number = number + 5 WHERE id = %s", last.id)


@breaks("runs_billed")
def a_run_that_billed_something_else_than_it_proposed(club: Club) -> None:
    item = RunItem.objects.filter(run__name="Renewals", run__organization=club.organization, reason="")[0]
    planted("UPDATE membership_runitem SET total_minor = total_minor + 1 WHERE id = %s", item.id)


@breaks("runs_billed")
def a_run_that_missed_a_member(club: Club) -> None:
    planted("UPDATE invoicing_invoice SET run_id = NULL WHERE id = %s", invoices_of(club, "Ann")[1].id)


@breaks("runs_complete")
def a_run_done_before_its_last_slice(club: Club) -> None:
    chunk = RunChunk.objects.filter(run__name="Renewals", run__organization=club.organization)[0]
    planted("UPDATE membership_runchunk SET done = false WHERE id = %s", chunk.id)


# ---------------------------------------------------------------- whose rows, and the database's own guards


@breaks("own_rows")
def a_method_of_nobody(club: Club) -> None:
    planted(
        "UPDATE payments_paymentmethod SET party_id = %s WHERE party_id = %s", new_id(), club.parties["Bob"]
    )


@breaks("guards_stand")
def a_guard_that_sleeps(club: Club) -> None:
    planted("ALTER TABLE ledger_journal DISABLE TRIGGER journal_needs_an_open_batch", rows=-1)


@breaks("guards_stand")
def a_guard_that_is_gone(club: Club) -> None:
    planted("DROP TRIGGER event_never_changes ON timeline_event", rows=-1)


@breaks("events_owned")
def an_event_of_no_organization(club: Club) -> None:
    event = Event.objects.filter(organization=club.organization)[0]
    planted("UPDATE timeline_event SET organization_id = %s WHERE id = %s", new_id(), event.id)


OF_THE_INSTALLATION = {"events_owned", "guards_stand"}


@pytest.mark.parametrize(
    ("name", "plant"), PLANTS, ids=[f"{name}: {plant.__name__}" for name, plant in PLANTS]
)
def test_exactly_the_broken_invariant_is_named(
    club: Club, clubs: tuple[Club, Club], name: str, plant: Plant
) -> None:
    plant(club)
    found = invariants.check(club.id)
    assert {violation.invariant for violation in found} == {name}
    assert all(violation.subject and violation.what for violation in found)
    beside = {violation.invariant for violation in invariants.check(clubs[1].id)}
    assert beside == {name} & OF_THE_INSTALLATION


def test_every_invariant_is_shown_to_find_something() -> None:
    names = [invariant.name for invariant in invariants.ALL]
    assert len(set(names)) == len(names)
    assert set(names) == {name for name, _ in PLANTS}
    assert all(invariant.sentence.endswith(".") for invariant in invariants.ALL)


# ---------------------------------------------------------------- all is well


def test_a_living_organization_breaks_none(clubs: tuple[Club, Club]) -> None:
    for each in clubs:
        assert invariants.check(each.id) == []


def test_none_is_broken_on_the_way(clubs: tuple[Club, Club]) -> None:
    assert [step for each in clubs for step in each.on_the_way] == []


def test_the_living_organizations_have_lived(clubs: tuple[Club, Club]) -> None:
    """What the invariants are tried on is there: otherwise they would have nothing to be right about."""
    for each in clubs:
        mine = {"organization": each.organization}
        assert {*Attempt.objects.filter(**mine).values_list("state", flat=True)} == {
            "succeeded",
            "declined",
            "unknown",
        }
        assert {*BillingRun.objects.filter(**mine).values_list("state", flat=True)} == {
            "done",
            "queued",
            "previewing",
        }
        assert {*Batch.objects.filter(**mine).values_list("state", flat=True)} == {"open", "posted"}
        assert {*Term.objects.filter(**mine).values_list("source", flat=True)} == {"join", "run", "external"}
        assert Payment.objects.filter(**mine, unallocated_minor__gt=0).exists()
        assert Receivable.objects.filter(
            **mine, state="open", balance_minor__lt=models.F("amount_minor")
        ).exists()
    assert Recognition.objects.filter(organization=clubs[0].organization).exists()


def test_an_organization_with_nothing_breaks_none(db: None) -> None:
    assert invariants.check(Club("coworking").id) == []


def test_only_so_many_rows_are_shown(club: Club) -> None:
    planted(
        "UPDATE membership_term SET amount_minor = amount_minor + 1 WHERE organization_id = %s AND source = 'join'",
        club.id,
        rows=11,
    )
    assert len(invariants.check(club.id)) == 11
    assert len(invariants.check(club.id, limit=2)) == 2


def test_what_is_not_installed_can_not_be_broken(db: None) -> None:
    absent = invariants.Invariant(
        "absent", "It holds.", "SELECT 'x', 'y' FROM no_such_table", needs="no_such_table"
    )
    assert absent.violations(new_id()) == []


@pytest.mark.parametrize(
    ("table", "column", "named"), REFERENCES, ids=[f"{one[0]}.{one[1]} {one[2]}" for one in REFERENCES]
)
def test_a_row_of_another_organization_is_found(
    club: Club, clubs: tuple[Club, Club], table: str, column: str, named: str
) -> None:
    """The canary: each reference in turn is pointed at a row of the other organization."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT o.id FROM {named} o WHERE o.organization_id = %s AND NOT EXISTS"
            f" (SELECT 1 FROM {table} c WHERE c.{column} = o.id) LIMIT 1",
            [clubs[1].id],
        )
        strangers = cursor.fetchone() or (new_id(),)  # where all are taken, by an id that names nothing
    planted(
        f"UPDATE {table} SET {column} = %s WHERE id = (SELECT c.id FROM {table} c WHERE c.organization_id = %s"
        f" AND c.{column} IS NOT NULL AND {SOMETIMES.get((table, column, named), 'true')} LIMIT 1)",
        strangers[0],
        club.id,
    )
    found = {violation.what for violation in invariants.check(club.id) if violation.invariant == "own_rows"}
    assert found == {f"{column} {strangers[0]} is no row of its organization in {named}"}


def test_every_foreign_key_between_rows_of_an_organization_is_looked_at() -> None:
    keys = {
        (table._meta.db_table, key.column, key.related_model._meta.db_table)
        for table in apps.get_models()
        if issubclass(table, Owned)
        for key in table._meta.concrete_fields
        if isinstance(key, models.ForeignKey) and issubclass(key.related_model, Owned)
    }
    assert not keys - set(REFERENCES), "add it to invariants/owners.py"
