"""Whatever is done to a taxed invoice, and in whatever order, every cent of it is somewhere (A-14, A-15, A-16, A-36).

The acts and the books are the product's own; tests/rules/test_taxed_credits.py plays the same without a database.
"""

from random import Random

import pytest
from tests.world import STAFF, World, a_world

from paidthru import invariants
from paidthru.actions.add_tax import add_tax
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.record_payment import record_payment
from paidthru.actions.record_refund import record_refund
from paidthru.actions.reverse_payment import reverse_payment
from paidthru.actions.write_invoice import Payer, write_invoice
from paidthru.actions.write_off import write_off
from paidthru.invoicing.models import CreditNote, Invoice
from paidthru.invoicing.queries import billed_lines, lines_of
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.errors import Refused
from paidthru.ledger.queries import trial_balance
from paidthru.payments.models import Payment

pytestmark = pytest.mark.django_db(transaction=True)

ACTS = ("pay", "pay", "refund", "reverse", "credit", "credit a line", "write off")
MONEY = {"Bank", "Undeposited", "Clearing", "Refunds payable"}
#: What an act may be told when there is nothing left to do it to.
SPENT = {
    "amount_invalid",
    "invoice_closed",
    "invoice_paid",
    "payment_reversed",
    "refund_exceeds_payment",
    "reversal_exceeds_payment",
}


@pytest.mark.parametrize(
    ("currency", "basis", "rounding", "seed"),
    [
        ("USD", "accrual", "per_line", 1),
        ("USD", "cash", "per_invoice", 2),
        ("JPY", "accrual", "per_invoice", 3),
        ("KWD", "cash", "per_line", 4),
    ],
)
def test_every_cent_of_a_taxed_invoice_is_somewhere(
    currency: str, basis: str, rounding: str, seed: int
) -> None:
    world = a_world(currency=currency, accounting__method=basis, tax__rounding=rounding)
    dice, now = Random(seed), world.desk.clock.now()
    for name, inclusive, rate in (("VAT", False, 190_000), ("GST", True, 70_001)):
        add_tax(world.organization, name, rate_ppm=rate, inclusive=inclusive, actor=STAFF, now=now)
    done = {act for name in ("Ann", "Bob", "Cid") for act in _played(world, name, dice)}
    assert done == set(ACTS), "a walk that does less shows less"


def _played(world: World, name: str, dice: Random) -> list[str]:
    """Fifteen acts upon one invoice, the books looked at after each; those that were not refused."""
    party = world.party(name)
    written = [
        WrittenLine("Hall", dice.randint(1, 7), dice.randint(1, 99_999), dice.choice(["", "VAT", "GST"]))
        for _ in range(dice.randint(1, 4))
    ]
    invoice = write_invoice(
        world.organization, Payer(party), written, actor=STAFF, now=world.desk.clock.now()
    )
    done, credited_minor = [], 0
    for number in range(15):
        act = dice.choice(ACTS)
        try:
            credited_minor += _act(world, invoice, act, dice)
        except Refused as refused:
            if refused.code not in SPENT:
                raise
        else:
            done.append(act)
        assert invariants.check(world.organization.id) == [], (number, act)
        _accounted_for(world, invoice, credited_minor)
    return done


def _act(world: World, invoice: Invoice, act: str, dice: Random) -> int:
    """Does it, and says how much was credited by it."""
    organization, now = world.organization, world.desk.clock.now()
    amount = dice.randint(1, max(1, invoice.total_minor // 4))
    currency = invoice.currency
    paid = list(Payment.objects.filter(party_id=invoice.party_id).order_by("number"))
    if act == "pay":
        record_payment(
            organization, invoice.party_id, amount_minor=amount, currency=currency, means="check",
            invoice_ids=[invoice.id], actor=STAFF, now=now,
        )  # fmt: skip
    elif act == "credit":
        return credit_invoice(
            organization, invoice.id, amount_minor=amount, actor=STAFF, now=now
        ).amount_minor
    elif act == "credit a line":
        line = dice.choice(billed_lines(lines_of(invoice.id)))
        lines = {line.line.id: dice.randint(1, amount)}
        return credit_invoice(organization, invoice.id, lines=lines, actor=STAFF, now=now).amount_minor
    elif act == "write off":
        write_off(organization, invoice.id, amount_minor=amount, actor=STAFF, now=now)
    elif not paid:
        raise Refused("amount_invalid", "Nothing came yet.", fix="Pay first.")
    elif act == "refund":
        record_refund(
            organization, dice.choice(paid).id, amount_minor=amount, currency=currency, via="check",
            actor=STAFF, now=now,
        )  # fmt: skip
    else:
        reverse_payment(
            organization, dice.choice(paid).id, amount_minor=dice.choice([None, amount]), actor=STAFF, now=now
        )
    return 0


def _accounted_for(world: World, invoice: Invoice, credited_minor: int) -> None:
    """The money that came and was not given back is in the money accounts; credit notes say what was credited."""
    paid = Payment.objects.filter(organization=world.organization)
    kept_minor = sum(one.amount_minor - one.refunded_minor - one.reversed_minor for one in paid)
    books = trial_balance(world.organization.id)
    assert sum(one.balance_minor for one in books if one.code in MONEY) == kept_minor
    notes = CreditNote.objects.filter(invoice=invoice)
    assert sum(one.amount_minor for one in notes) == credited_minor
