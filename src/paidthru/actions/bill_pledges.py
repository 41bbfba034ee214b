"""Bill the instalments of pledges on their dates (A-27)."""

from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from paidthru.giving.models import PledgePart
from paidthru.giving.operations import due_parts, item_of_part
from paidthru.invoicing.operations.asking import Demand, ask
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.ledger.rules.postings import Basis
from paidthru.notices.operations import mail_bills
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.operations import use_credit
from paidthru.timeline.operations import Actor, Happening, record

A_BATCH = 500
PLEDGE = "pledge"


def bill_pledges(organization: Organization, *, actor: Actor, now: datetime) -> list[UUID]:
    """Bills the instalments whose date has come, each on an invoice of its own, at most a batch; returns the invoices,
    none when there is nothing left. Each is there once, however often and by however many workers this is run. One that
    is billed late is due the day it is asked for."""
    today = local_date(now, organization.zone)
    with transaction.atomic():
        parts, made, happenings = due_parts(organization.id, on=today, limit=A_BATCH), [], []
        counts = dict(
            PledgePart.objects.filter(pledge__in={part.pledge_id for part in parts})
            .values_list("pledge")
            .annotate(n=Count("id"))
        )
        policies = policies_of(organization)
        parts.sort(key=lambda part: (part.pledge.currency, part.pledge.basis))
        for (currency, basis), group in groupby(
            parts, key=lambda part: (part.pledge.currency, part.pledge.basis)
        ):
            asked = list(group)
            demands = [
                Demand(part.pledge.party_id, [(part.id, item_of_part(part, counts[part.pledge_id]))], today)
                for part in asked
            ]
            kept: Basis = "cash" if basis == "cash" else "accrual"
            batch_id = ask(
                organization.id,
                PLEDGE,
                currency,
                demands,
                batch="pledges",
                basis=kept,
                bill_on=today,
                now=now,
            )
            for part, demand in zip(asked, demands, strict=True):
                part.invoice_id = demand.invoice_id
                made.append(demand.invoice_id)
                facts = {"amount": plain(part.amount_minor, currency), "currency": currency, "n": part.n}
                happenings.append(
                    Happening("pledge_billed", "pledge", part.pledge_id, demand.party_id, facts=facts)
                )
            if batch_id is not None and policies.word("credit.apply") == "auto":
                use_credit(
                    organization.id, batch_id, list({one.party_id for one in demands}), on=today, now=now
                )
        PledgePart.objects.bulk_update(parts, ["invoice"], batch_size=500)
        record(organization.id, actor, now, [*happenings, *mail_bills(organization.id, made, now=now)])
        return made
