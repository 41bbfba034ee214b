"""Bill what homes owe: the assessments whose period has begun, and the instalments of levies (A-30, A-31)."""

from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction

from paidthru.assessments.operations import Owed, due_assessments, due_parts, move_on, note_billed, owed_for
from paidthru.invoicing.operations.asking import Demand, ask
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.ledger.rules.postings import basis_of
from paidthru.notices.operations import mail_bills
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.operations import use_credit
from paidthru.people.queries import payers_of
from paidthru.timeline.operations import Actor, Happening, record

A_BATCH = 500


def bill_assessments(
    organization: Organization, *, levy_id: UUID | None = None, actor: Actor, now: datetime
) -> list[UUID]:
    """Bills the next period of each assessment, and each instalment, that has fallen due, at most a batch; returns the
    invoices, none when there is nothing left. With a `levy_id`, its first instalments, whenever they are due.

    Each is there once, however often and by however many workers this is run. Whoever owned the unit on the due day
    pays; if nobody did, or the day is still to come, whoever owns it now.
    """
    today = local_date(now, organization.zone)
    with transaction.atomic():
        policies = policies_of(organization)
        assessments = due_assessments(organization.id, on=today, limit=A_BATCH) if levy_id is None else []
        parts = due_parts(organization.id, on=today, limit=A_BATCH, levy_id=levy_id)
        owed = owed_for(assessments, parts)
        move_on(assessments)
        invoices: dict[UUID, UUID] = {}  # by what is asked for
        happenings = []
        owed.sort(key=_together)
        for (kind, currency, on), group in groupby(owed, key=_together):
            asked = list(group)
            payers = payers_of([one.unit_id for one in asked], min(on, today))
            demands = [
                Demand(payers[one.unit_id], [(one.unit_id, one.item)], max(on, today)) for one in asked
            ]
            batch_id = ask(
                organization.id, kind, currency, demands, batch="assessments", basis=basis_of(policies),
                bill_on=min(on, today), now=now,
            )  # fmt: skip
            for one, demand in zip(asked, demands, strict=True):
                invoices[one.item.fee_id] = demand.invoice_id
                facts = {
                    "amount": plain(one.item.amount_minor, currency), "currency": currency,
                    "text": one.item.description,
                }  # fmt: skip
                happenings.append(
                    Happening("assessment_billed", "unit", one.unit_id, demand.party_id, facts=facts)
                )
            if batch_id is not None and policies.word("credit.apply") == "auto":
                use_credit(
                    organization.id, batch_id, list({one.party_id for one in demands}), on=today, now=now
                )
        note_billed({part.id: invoices[part.id] for part in parts})
        made = list(invoices.values())
        record(organization.id, actor, now, [*happenings, *mail_bills(organization.id, made, now=now)])
        return made


def _together(one: Owed) -> tuple[str, str, date]:
    return one.kind, one.currency, one.on
