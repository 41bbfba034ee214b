"""Charge late fees on what homes have not paid when their grace is over (A-33)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.assessments.operations import LATE_FEE, item_of_late_fee
from paidthru.assessments.queries import late_by, late_fee_now
from paidthru.assessments.rules.late_fees import next_charge
from paidthru.invoicing.operations.asking import Demand, ask
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.ledger.rules.postings import basis_of
from paidthru.notices.operations import mail_bills
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.operations import use_credit
from paidthru.timeline.operations import Actor, Happening, record

A_BATCH = 500


def charge_late_fees(
    organization: Organization, *, spared: Collection[UUID] = (), actor: Actor, now: datetime
) -> list[UUID]:
    """Bills the next late fee of whatever was due and is unpaid after its grace, at most a batch; returns the invoices,
    none when there is nothing left. Whoever owes what is late owes the fee.

    A period has one fee, however often and by however many workers this is run; one that was waived (its invoice is
    void, or credited) doesn't come again. What is `spared` (receivables) has none, nor what is being paid just now.
    """
    policies, currency = policies_of(organization), organization.currency
    fee = late_fee_now(organization)
    if fee is None:
        return []
    today = local_date(now, organization.zone)
    with transaction.atomic():
        demands, happenings = [], []
        for late in late_by(organization.id, currency, fee, on=today, spared=spared, limit=A_BATCH):
            owed = late.receivable
            charge = next_charge(fee, owed.due_on, late.charged)
            if charge is None or charge.on > today:  # another worker was there first
                continue
            item = item_of_late_fee(owed, charge, late.unit, fee.grace_days)
            demands.append(Demand(owed.party_id, [(owed.source_id, item)], today))
            facts = {
                "amount": plain(charge.amount_minor, currency), "currency": currency, "due": owed.due_on.isoformat(),
            }  # fmt: skip
            happenings.append(
                Happening("late_fee_charged", "unit", owed.source_id, owed.party_id, facts=facts)
            )
        batch_id = ask(
            organization.id, LATE_FEE, currency, demands, batch="assessments", basis=basis_of(policies),
            bill_on=today, now=now,
        )  # fmt: skip
        if batch_id is not None and policies.word("credit.apply") == "auto":
            payers = list({one.party_id for one in demands})
            use_credit(organization.id, batch_id, payers, on=today, now=now)
        made = [one.invoice_id for one in demands]
        record(organization.id, actor, now, [*happenings, *mail_bills(organization.id, made, now=now)])
        return made
