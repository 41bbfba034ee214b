"""Make the recurring invoices whose day has come (A-11)."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Invoice, RecurringInvoice
from paidthru.invoicing.operations.recurring import due_recurring, move_on, next_paper
from paidthru.invoicing.operations.writing import books_of, drafted, issue_paper, issued, keep_draft
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.notices.operations import tell_of_invoice
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.operations import use_credit
from paidthru.timeline.operations import SCHEDULE, record

A_BATCH = 200


def make_recurring(organization: Organization, *, now: datetime) -> tuple[list[UUID], bool]:
    """Makes one invoice of each recurring one that is due, at most a batch; returns those that were issued, and whether
    there may be more to make. Each is there once, however often and by however many workers this is run. One that is
    refused stays due, and holds up no other; what is late is told (`runs.watching`).

    Where invoices are reviewed first (`invoice.review`), or the recurring one says so, they are drafts: sent by hand,
    or by themselves after the days that the policy gives.
    """
    on = local_date(now, organization.zone)
    policies = policies_of(organization)
    invoices: list[Invoice] = []
    with transaction.atomic():
        for one in due_recurring(organization.id, on=on, limit=A_BATCH):
            own = policies.within(customer=one.party_id)
            with suppress(Refused), transaction.atomic():
                invoices.append(_make(organization, one, own, on=on, now=now))
    return [one.id for one in invoices if one.state != "draft"], len(invoices) > 0


def _make(
    organization: Organization, one: RecurringInvoice, policies: Policies, *, on: date, now: datetime
) -> Invoice:
    """The next invoice of one that is due, by the policies that hold for its payer."""
    paper, books = next_paper(one), books_of(policies)
    move_on(one)
    review = policies.call("invoice.review")
    if one.as_draft or review.name in ("must_approve", "draft_days"):
        days = review.args[0] if review.name == "draft_days" and not one.as_draft else None
        send_on = on + timedelta(days=int(days)) if days is not None else None
        draft = keep_draft(organization.id, paper, books, send_on=send_on, now=now)
        record(organization.id, SCHEDULE, now, [drafted(draft)])
        return draft
    invoice = issue_paper(organization.id, paper, books, now=now)
    record(organization.id, SCHEDULE, now, [issued(invoice)])
    if policies.word("credit.apply") == "auto" and invoice.batch_id is not None:
        use_credit(organization.id, invoice.batch_id, [invoice.party_id], on=on, now=now)
    tell_of_invoice(organization.id, invoice, now=now)
    return invoice
