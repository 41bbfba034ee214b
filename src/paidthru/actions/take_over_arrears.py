"""Take over arrears: whoever owns a home from now on is asked for what was asked of the former owner (A-32)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction

from paidthru.assessments.operations import LATE_FEE, LEVY, note_billed
from paidthru.invoicing.models import Invoice, Line, Receivable
from paidthru.invoicing.operations.asking import Demand, ask
from paidthru.invoicing.operations.issuing import Item
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.ledger.rules.postings import basis_of
from paidthru.notices.operations import mail_bills
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.operations import use_credit
from paidthru.timeline.operations import Actor, Happening, record


def take_over_arrears(
    organization: Organization,
    unit_id: UUID,
    party_id: UUID,
    void_invoice_ids: Sequence[UUID],
    *,
    actor: Actor,
    now: datetime,
) -> list[UUID]:
    """Asks a unit's owner for what void invoices asked of another, on an invoice for each, due when it was due and at
    the earliest today (nobody is late with what they weren't asked for); returns the invoices. A late fee stays one of
    its period. Nothing is owed twice: what was void is canceled by it."""
    today, policies = local_date(now, organization.zone), policies_of(organization)
    with transaction.atomic():
        lines = list(
            Line.objects.filter(
                invoice__in=void_invoice_ids, invoice__state="void", receivable__source_id=unit_id
            )
            .filter(receivable__state="void")
            .select_related("receivable", "invoice")
            .order_by("invoice__number", "position")
        )
        # Late fees last: each is of a receivable that is asked for anew before it.
        lines.sort(
            key=lambda one: (one.receivable.kind == LATE_FEE, one.receivable.kind, one.receivable.currency)
        )
        Receivable.objects.filter(id__in=[one.receivable_id for one in lines]).update(state="canceled")
        anew: dict[UUID, UUID] = {}
        made: list[UUID] = []
        for (kind, currency), of_kind in groupby(
            lines, key=lambda one: (one.receivable.kind, one.receivable.currency)
        ):
            demands = []
            for _, of_invoice in groupby(of_kind, key=lambda one: one.invoice_id):
                asked = list(of_invoice)
                due_on = max(asked[0].invoice.due_on, today)
                demands.append(Demand(party_id, [(unit_id, _item(one, anew)) for one in asked], due_on))
            batch_id = ask(
                organization.id, kind, currency, demands, batch="assessments", basis=basis_of(policies),
                bill_on=today, now=now,
            )  # fmt: skip
            if batch_id is not None and policies.word("credit.apply") == "auto":
                use_credit(organization.id, batch_id, [party_id], on=today, now=now)
            invoices = [one.invoice_id for one in demands]
            fresh = Receivable.objects.filter(lines__invoice__in=invoices)
            there = {(one.fee_id, one.period_start): one.id for one in fresh}
            for one in lines:
                if one.receivable.kind == kind and one.receivable.currency == currency:
                    item = _item(one, anew)
                    anew[one.receivable_id] = there[item.fee_id, item.period_start]
            made += invoices
        levied = Line.objects.filter(invoice__in=made, receivable__kind=LEVY)
        note_billed(dict(levied.values_list("receivable__fee_id", "invoice_id")))
        told = [
            Happening(
                "arrears_taken_over", "unit", unit_id, party_id,
                facts={"amount": plain(one.total_minor, one.currency), "currency": one.currency, "invoice": one.named},
            )
            for one in Invoice.objects.filter(id__in=made).order_by("number")
        ]  # fmt: skip
        record(organization.id, actor, now, [*told, *mail_bills(organization.id, made, now=now)])
        return made


def _item(line: Line, anew: dict[UUID, UUID]) -> Item:
    """What a line asked for, once more; of a late fee, for what took the place of what is late."""
    owed = line.receivable
    return Item(
        fee_id=anew.get(owed.fee_id, owed.fee_id), period_start=owed.period_start, period_end=owed.period_end,
        description=line.description, quantity=line.quantity, unit_amount_minor=line.unit_amount_minor,
        amount_minor=line.amount_minor, derivation=line.derivation, is_primary=owed.is_primary,
        voluntary=owed.voluntary, income_code=owed.income_code, fund=owed.fund,
    )  # fmt: skip
