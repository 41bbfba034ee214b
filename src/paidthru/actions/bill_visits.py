"""Bill visits: what was not included, at once or when its cycle is over (C-03, C-28, C-29)."""

from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.operations.asking import Demand, ask
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import plain
from paidthru.ledger.rules.postings import basis_of
from paidthru.notices.operations import mail_bills
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.operations import use_credit
from paidthru.payments.queries import with_method
from paidthru.timeline.operations import Actor, Happening, record
from paidthru.visits.models import Visit
from paidthru.visits.operations import item_of

A_BATCH = 500


def bill_visits(
    organization: Organization, *, party_id: UUID | None = None, actor: Actor, now: datetime
) -> list[UUID]:
    """Bills the visits whose day of billing has come, of one party or of all, each party's on one invoice with a line
    for each, at most a batch; returns the invoices, none when there is nothing left. Each visit is billed once, however
    often and by however many workers this is run. Who has no method on file, to be charged at once, is mailed the
    bill."""
    today = local_date(now, organization.zone)
    with transaction.atomic():
        waiting = Visit.objects.select_for_update(of=("self",), skip_locked=True).select_related("price")
        waiting = waiting.filter(organization=organization, bill_on__lte=today, invoice=None)
        if party_id is not None:
            waiting = waiting.filter(party=party_id)
        visits = list(waiting.order_by("price__currency", "party", "at")[:A_BATCH])
        if len(visits) == A_BATCH:  # who may have more of them is billed with the next batch, on one invoice
            visits = [one for one in visits if one.party_id != visits[-1].party_id] or visits
        policies, made, happenings = policies_of(organization), [], []
        for currency, in_currency in groupby(visits, key=lambda one: one.price.currency):
            mine = [list(of) for _, of in groupby(in_currency, key=lambda one: one.party_id)]
            demands = [Demand(of[0].party_id, [(one.id, item_of(one)) for one in of], today) for of in mine]
            batch_id = ask(
                organization.id, "visit", currency, demands, batch="charges", basis=basis_of(policies), bill_on=today,
                now=now,
            )  # fmt: skip
            for demand, of in zip(demands, mine, strict=True):
                for one in of:
                    one.invoice_id = demand.invoice_id
                owed = plain(sum(one.amount_minor for one in of), currency)
                facts = {"amount": owed, "currency": currency, "visits": len(of)}
                happenings.append(
                    Happening("visits_billed", "invoice", demand.invoice_id, demand.party_id, facts=facts)
                )
                made.append(demand.invoice_id)
            if batch_id is not None and policies.word("credit.apply") == "auto":
                use_credit(organization.id, batch_id, [one.party_id for one in demands], on=today, now=now)
        Visit.objects.bulk_update(visits, ["invoice"], batch_size=500)
        charged = with_method({one.party_id for one in visits})  # by whoever calls: to them nothing is mailed
        mailed = [one.invoice_id for one in visits if one.party_id not in charged and one.invoice_id]
        record(organization.id, actor, now, [*happenings, *mail_bills(organization.id, mailed, now=now)])
        return made
