"""Money that comes: what it pays, in which order and currency, in whose batch, and how far a member is paid."""

from datetime import UTC, date, datetime, time

import pytest
from django.db import connection, transaction
from tests.collecting import Collection, billed
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions.record_payment import record_payment
from paidthru.invoicing.models import Invoice, Receivable
from paidthru.kernel.clock import local_instant
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch
from paidthru.membership.models import Fee, Plan
from paidthru.organizations.operations import move_clock
from paidthru.payments.models import Allocation, Payment
from paidthru.payments.operations import use_credit
from paidthru.payments.queries import credit_of
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

THROUGH = date(2026, 12, 31)
BEFORE = date(2025, 12, 31)


def pays(
    found: Collection, name: str, amount_minor: int, *, currency: str = "USD", **more: object
) -> Payment:
    """Staff record a check."""
    return record_payment(
        found.world.organization, found.party(name), amount_minor=amount_minor, currency=currency, means="check",
        actor=STAFF, now=found.desk.clock.now(), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def with_fees(plan: Plan, *fees: tuple[str, int, dict[str, bool]]) -> Plan:
    """Adds further fees to a plan, in order."""
    for position, (name, amount, about) in enumerate(fees, start=1):
        Fee.objects.create(
            organization=plan.organization,
            plan=plan,
            name=name,
            amount_minor=amount,
            position=position,
            **about,
        )
    return plan


def several(**policies: str) -> Collection:
    """Ann's invoice: dues 100.00, magazine 20.00, a voluntary gift 10.00, a badge that costs nothing."""
    world = a_world(**policies)  # type: ignore[arg-type]
    plan = with_fees(
        world.plan(),
        ("Magazine", 2_000, {}),
        ("Gift", 1_000, {"voluntary": True}),
        ("Badge", 0, {"complimentary": True}),
    )
    return billed("Ann", world=world, plan=plan)


def balances_of(found: Collection, name: str) -> list[int]:
    """What the lines of the member's invoice still ask for, in their order."""
    invoice = found.invoice(name)
    receivables = Receivable.objects.filter(lines__invoice=invoice, amount_minor__gt=0).order_by("position")
    return [one.balance_minor for one in receivables]


def test_money_pays_the_primary_fee_then_further_ones_then_voluntary_ones() -> None:
    found = several()
    for amount, left in ((9_900, [100, 2_000, 1_000]), (600, [0, 1_500, 1_000]), (2_000, [0, 0, 500])):
        pays(found, "Ann", amount)
        assert balances_of(found, "Ann") == left
        found.check()
    pays(found, "Ann", 700)
    assert found.invoice("Ann").state == "paid"
    assert credit_of(found.party("Ann")) == {"USD": 200}
    found.check()


def test_the_oldest_invoice_is_paid_first_unless_one_is_named() -> None:
    found = billed("Ann", price=5_000)
    old = found.invoice("Ann")
    runs.generate(found.desk, name="2027", effective_on=date(2027, 1, 1), actor=STAFF)
    new = found.invoice("Ann")
    pays(found, "Ann", 1_000, invoice_ids=[new.id])
    pays(found, "Ann", 6_000)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.balance_minor, new.balance_minor) == (0, 3_000)
    found.check()


def test_paid_through_moves_with_the_primary_fee_i19() -> None:
    found = several()  # association: primary_paid
    pays(found, "Ann", 9_900)
    assert found.membership("Ann").paid_through == BEFORE
    pays(found, "Ann", 100)
    assert found.membership("Ann").paid_through == THROUGH
    found.check()


def test_an_item_that_is_optional_moves_nothing_i19() -> None:
    found = several()
    gift = Receivable.objects.get(voluntary=True)
    primary = Receivable.objects.get(is_primary=True)
    assert primary.balance_minor == 10_000
    with connection.cursor() as cursor:  # as if only the gift were on the document that is paid
        cursor.execute("UPDATE invoicing_receivable SET is_primary = false WHERE id = %s", [gift.id])
    pays(found, "Ann", 500)
    assert found.membership("Ann").paid_through == BEFORE


def test_in_full_means_all_that_is_owed_g13() -> None:
    found = several(paid_through__on="paid")
    pays(found, "Ann", 10_000)
    assert found.membership("Ann").paid_through == BEFORE
    pays(found, "Ann", 2_000)
    assert found.membership("Ann").paid_through == THROUGH  # the gift is not owed
    found.check()


def test_the_line_of_the_term_g15() -> None:
    found = several(accounting__method="accrual", paid_through__on="line_paid")
    pays(found, "Ann", 9_999)
    assert found.membership("Ann").paid_through == BEFORE
    pays(found, "Ann", 1)
    assert found.membership("Ann").paid_through == THROUGH
    assert found.balances()["Receivable"] == 2_000
    found.check()


def test_of_two_plans_in_one_invoice_only_the_one_that_is_paid_moves_g15() -> None:
    found = billed("Ann", "Bob", accounting__method="accrual", paid_through__on="line_paid")
    both, empty = found.invoice("Ann"), found.invoice("Bob")
    with connection.cursor() as cursor:  # as if one document asked for both memberships
        cursor.execute("UPDATE invoicing_line SET invoice_id = %s WHERE invoice_id = %s", [both.id, empty.id])
        cursor.execute(
            "UPDATE invoicing_receivable SET party_id = %s WHERE source_id = %s",
            [found.party("Ann"), found.membership("Bob").id],
        )
        cursor.execute("UPDATE invoicing_invoice SET balance_minor = 20000 WHERE id = %s", [both.id])
    pays(found, "Ann", 15_000, invoice_ids=[both.id])
    owed = {one.source_id: one.balance_minor for one in Receivable.objects.filter(lines__invoice=both)}
    moved = {name: found.membership(name).paid_through for name in ("Ann", "Bob")}
    assert sorted(owed.values()) == [0, 5_000]
    for name, through in moved.items():
        assert through == (BEFORE if owed[found.membership(name).id] else THROUGH)


def test_billing_itself_moves_it_on_accrual_g16() -> None:
    found = several(accounting__method="accrual", paid_through__on="billed")
    assert found.membership("Ann").paid_through == THROUGH
    pays(found, "Ann", 500)
    assert found.membership("Ann").paid_through == THROUGH
    found.check()


@pytest.mark.parametrize(("policy", "after"), [("billing", THROUGH), ("payment", BEFORE)])
def test_a_term_that_costs_nothing_beside_one_that_does_g14(policy: str, after: date) -> None:
    """The dues are free, the magazine is not: the free item counts at billing, or with the payment."""
    world = a_world(paid_through__complimentary=policy)
    plan = with_fees(world.plan(amount_minor=0), ("Magazine", 2_000, {}))
    found = billed("Ann", world=world, plan=plan)
    pays(found, "Ann", 500)
    assert found.membership("Ann").paid_through == after
    pays(found, "Ann", 1_500)
    assert found.membership("Ann").paid_through == THROUGH
    found.check()


@pytest.mark.parametrize("method", ["cash", "accrual"])
def test_on_either_basis_the_lifetime_income_is_the_same_g10_g11(method: str) -> None:
    found = billed("Ann", "Bob", accounting__method=method, accounting__defer="none")
    found.collect()
    income = {"Clearing": 20_000, "Income:Dues": -20_000}
    assert found.balances() == income
    found.check()


def test_part_by_check_and_the_rest_by_card() -> None:
    found = billed("Ann")
    pays(found, "Ann", 2_550)
    found.collect()
    assert [payment.amount_minor for payment in found.payments("Ann")] == [2_550, 7_450]
    assert found.attempt("Ann").intent.amount_minor == 7_450
    assert found.invoice("Ann").state == "paid"
    assert found.balances() == {"Clearing": 7_450, "Undeposited": 2_550, "Income:Dues": -10_000}
    found.check()


def test_a_check_between_submission_and_sending_takes_the_charge_back_b18_b24() -> None:
    found = billed("Ann")
    found.submit()
    pays(found, "Ann", 4_000)
    runs.collect_unsent(found.desk)
    assert (found.states("Ann"), found.charged()) == (["canceled"], 0)  # what was frozen is no longer owed
    found.collect()
    assert found.attempt("Ann").intent.amount_minor == 6_000
    assert (found.invoice("Ann").state, found.charged()) == ("paid", 1)
    found.check()


def test_a_check_makes_no_charge_pay_what_is_voluntary_g44_b24() -> None:
    """Frozen over 120.00 that was owed; 5.00 came meanwhile, and the gift would have taken the difference."""
    found = several()
    found.submit()
    assert found.attempt("Ann").intent.amount_minor == 12_000
    pays(found, "Ann", 500)
    runs.collect_unsent(found.desk)
    assert (found.states("Ann"), found.charged()) == (["canceled"], 0)
    found.collect()
    assert found.attempt("Ann").intent.amount_minor == 11_500
    assert balances_of(found, "Ann") == [0, 0, 1_000]
    found.check()


def test_too_much_is_credit_and_pays_the_next_invoice_by_itself() -> None:
    found = billed("Ann")
    pays(found, "Ann", 14_000)
    assert credit_of(found.party("Ann")) == {"USD": 4_000}
    assert found.balances()["Credit"] == -4_000
    runs.generate(found.desk, name="2027", effective_on=date(2027, 1, 1), actor=STAFF)
    assert found.invoice("Ann").balance_minor == 6_000
    assert credit_of(found.party("Ann")) == {}
    found.check()
    found.submit(date(2027, 1, 1))
    runs.collect_unsent(found.desk)
    assert [payment.amount_minor for payment in found.payments("Ann")] == [14_000, 6_000]
    assert found.membership("Ann").paid_through == date(2027, 12, 31)
    found.check()


def test_credit_pays_nothing_that_is_voluntary_g44() -> None:
    found = several()
    pays(found, "Ann", 12_000)
    pays(found, "Ann", 5_000, invoice_ids=[])
    batch = Batch.objects.first()
    assert batch is not None
    organization_id, now = found.world.organization.id, found.desk.clock.now()
    with transaction.atomic():
        assert use_credit(organization_id, batch.id, [found.party("Ann")], on=date(2026, 1, 1), now=now) == []
    assert balances_of(found, "Ann") == [0, 0, 1_000]
    found.check()


@pytest.mark.parametrize(
    ("currency", "price", "check", "shown"),
    [("JPY", 12_345, 345, "12000"), ("KWD", 12_345_678, 678, "12345.000"), ("USD", 999, 1, "9.98")],
)
def test_to_the_last_minor_unit_a37(currency: str, price: int, check: int, shown: str) -> None:
    found = billed("Ann", currency=currency, price=price)
    pays(found, "Ann", check, currency=currency)
    found.collect()
    (charge,) = found.world.processor.charges()
    assert (charge.amount_minor, charge.currency) == (price - check, currency)
    assert found.attempt("Ann").intent.amount_minor == price - check
    assert found.invoice("Ann").balance_minor == 0
    assert found.balances() == {"Clearing": price - check, "Undeposited": check, "Income:Dues": -price}
    told = Event.objects.get(verb="payment_received")
    assert (told.facts["amount"], told.facts["currency"]) == (shown, currency)
    found.check()


@pytest.mark.parametrize(
    ("zone", "taken_at", "dated"),
    [
        ("Etc/GMT-2", datetime(2026, 1, 1, 23, 30, tzinfo=UTC), date(2026, 1, 2)),  # UTC+2
        ("Etc/GMT-2", datetime(2026, 1, 1, 21, 59, tzinfo=UTC), date(2026, 1, 1)),
        ("America/New_York", datetime(2026, 1, 2, 4, 59, tzinfo=UTC), date(2026, 1, 1)),
        # Clocks go forward: midnight is at 05:00Z before the night, at 04:00Z after it.
        (
            "America/New_York",
            local_instant(date(2026, 3, 7), time(23, 59), "America/New_York"),
            date(2026, 3, 7),
        ),
        ("America/New_York", datetime(2026, 3, 8, 7, 1, tzinfo=UTC), date(2026, 3, 8)),
        ("America/New_York", datetime(2026, 3, 9, 3, 59, tzinfo=UTC), date(2026, 3, 8)),
        ("America/New_York", datetime(2026, 3, 9, 4, 0, tzinfo=UTC), date(2026, 3, 9)),
        ("Europe/Berlin", datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),  # and back
        ("Europe/Berlin", datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_the_batch_is_dated_when_the_processor_took_the_money_i60_i62(
    zone: str, taken_at: datetime, dated: date
) -> None:
    found = billed("Ann", zone=zone)
    move_clock(found.world.organization, taken_at)
    found.behave("Ann", "silent_but_charges")
    found.collect()
    found.move(days=2)  # the answer comes later, and is dated by the money
    found.answer("Ann", "succeeded")
    (payment,) = found.payments("Ann")
    assert (payment.taken_at, payment.received_on, payment.batch.dated_on) == (taken_at, dated, dated)
    assert payment.batch.name == f"Auto-Created for AutoPay {dated.isoformat()}"
    found.check()


def test_what_staff_may_not_record() -> None:
    found = billed("Ann", "Bob")
    other = billed("Eve", world=a_world(name="Other Club"))
    invoice, bobs, foreign = found.invoice("Ann"), found.invoice("Bob"), other.invoice("Eve")

    def refusal(amount_minor: int = 100, **about: object) -> str:
        with pytest.raises(Refused) as refused:
            pays(found, "Ann", amount_minor, **about)  # type: ignore[arg-type]
        return refused.value.code

    assert refusal(0) == refusal(-1) == "amount_invalid"
    assert refusal(received_on=date(2026, 1, 2)) == "past_date"
    assert refusal(currency="EUR", invoice_ids=[invoice.id]) == "currency_mismatch"
    assert refusal(invoice_ids=[bobs.id]) == refusal(invoice_ids=[foreign.id]) == "invoice_unknown"
    Invoice.objects.filter(id=invoice.id).update(state="closed")
    assert refusal(invoice_ids=[invoice.id]) == "invoice_closed"
    with pytest.raises(Refused) as refused:
        record_payment(
            found.world.organization, found.party("Ann"), amount_minor=1, currency="USD", means="card",
            actor=STAFF, now=found.desk.clock.now(),
        )  # fmt: skip
    assert refused.value.code == "means_unknown"
    assert not Payment.objects.exists() and not Allocation.objects.exists()


def test_money_in_another_currency_pays_nothing_and_is_credit_a37() -> None:
    found = billed("Ann")
    pays(found, "Ann", 3_000, currency="EUR")
    assert found.invoice("Ann").balance_minor == 10_000
    assert credit_of(found.party("Ann")) == {"EUR": 3_000}
    found.check()


def test_the_same_key_is_the_same_payment_whatever_the_hour() -> None:
    found = billed("Ann")
    first = pays(found, "Ann", 100, key="form 1")
    found.move(days=1)  # the form is sent again after midnight
    assert pays(found, "Ann", 100, key="form 1") == first
    with pytest.raises(Refused) as refused:
        pays(found, "Ann", 200, key="form 1")
    assert refused.value.code == "key_reused"
    assert Payment.objects.count() == 1


def luhn(digits: str) -> bool:
    """Whether the digits could be a card's number."""
    total = sum(
        sum(divmod(2 * int(one), 10)) if place % 2 else int(one) for place, one in enumerate(reversed(digits))
    )
    return total % 10 == 0


AN_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # random digits, now and then as many as a card's


def test_no_card_number_is_anywhere_a02_i22() -> None:
    assert luhn("4242424242424242") and not luhn("4242424242424241")
    found = billed("Ann", "Bob")
    found.behave("Bob", "decline", "insufficient_funds")
    found.collect()
    found.new_card("Bob")
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
               AND data_type IN ('text', 'character varying', 'jsonb', 'json', 'bytea', 'character')"""
        )
        columns = cursor.fetchall()
        assert ("payments_paymentmethod", "token") in columns
        for table, column in columns:
            cursor.execute(
                f"""SELECT found[1] FROM "{table}",
                    regexp_matches(regexp_replace("{column}"::text, %s, '', 'g'),
                                   '([0-9][0-9 -]{{11,21}}[0-9])', 'g') AS found""",
                [AN_ID],
            )
            for (text,) in cursor.fetchall():
                digits = text.replace(" ", "").replace("-", "")
                assert not (13 <= len(digits) <= 19 and luhn(digits)), f"{table}.{column}: {text}"
