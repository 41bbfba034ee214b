"""Payments: money that came and attempts to collect it, found and read; nothing here changes anything (I-63, I-66)."""

from collections.abc import Sequence
from datetime import time, timedelta
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import batch_url, invoice_url, member_url, payment_url
from paidthru.faces.console.badges import MEANS, settlement_badge
from paidthru.faces.console.journal_pages import journal_section
from paidthru.faces.console.listing import (
    amount_in,
    csv_of,
    day_in,
    page_by_key,
    query_of,
    streamed_together,
    text_in,
)
from paidthru.faces.console.member_pages import invoice_links
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import (
    Badge,
    Choice,
    Column,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Tab,
    Table,
    Text,
    badge_of,
    with_query,
)
from paidthru.faces.console.sentences import moments
from paidthru.invoicing.models import Invoice
from paidthru.kernel.clock import local_instant
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period
from paidthru.ledger.queries import journals_of_source
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Attempt, Payment
from paidthru.payments.queries import (
    allocations_of,
    attempts_made,
    has_label,
    invoices_by_intent,
    invoices_by_payment,
    label_of,
    payments_received,
)
from paidthru.payments.rules.settlement import SettlementLabel
from paidthru.people.models import Party
from paidthru.people.queries import found_by
from paidthru.timeline.queries import events_of

_PAYMENTS = (
    Column("number", "Payment", "code", "number"),
    Column("received", "Received", "date", "received_on"),
    Column("member", "Member", "link"),
    Column("means", "By"),
    Column("invoice", "Invoice", "code"),
    Column("amount", "Amount", "money"),
    Column("status", "Status", "badge"),
)
_PAYMENTS_CSV = (
    "payment",
    "received on",
    "member number",
    "member",
    "by",
    "invoices",
    "currency",
    "amount",
    "credit left",
    "status",
    "batch",
    "reference",
)
_ATTEMPTS = (
    Column("on", "Tried", "date", "created_at"),
    Column("member", "Member", "link"),
    Column("invoice", "Invoice", "code"),
    Column("method", "Method", "code"),
    Column("amount", "Amount", "money"),
    Column("label", "Settlement", "badge"),
    Column("said", "What was said", "prose"),
)
_ATTEMPTS_CSV = (
    "tried at",
    "member number",
    "member",
    "invoices",
    "method",
    "currency",
    "amount",
    "settlement",
    "code",
    "what was said",
    "reference",
)
_APPLIED = {"applied": "Applied", "credit": "Credit left"}


def _filters(visit: Visit, statuses: Sequence[Choice]) -> tuple[Filter, ...]:
    request = visit.request
    return (
        Filter("q", "Member", "search", text_in(request, "q")),
        Filter("status", "Status", "choice", text_in(request, "status"), (Choice("", "Any"), *statuses)),
        Filter("from", "From", "date", text_in(request, "from")),
        Filter("to", "To", "date", text_in(request, "to")),
        Filter("amount", "Amount", "text", text_in(request, "amount")),
    )


def _tabs(visit: Visit, current: str) -> tuple[Tab, ...]:
    return (
        Tab("Received", visit.url("payments/"), current=current == "received"),
        Tab("Attempts", visit.url("payments/attempts/"), current=current == "attempts"),
    )


def _of_member(visit: Visit) -> Q:
    """The payments or attempts of the members that the search finds."""
    text = text_in(visit.request, "q")
    parties = Party.objects.filter(found_by(text), organization=visit.organization)
    return Q(party_id__in=parties.values("id")) if text else Q()


@staff_page("view")
def payment_list(visit: Visit) -> HttpResponseBase:
    """Money that came, by member, date, amount and status, with the invoice that it paid (I-63, I-67)."""
    request = visit.request
    found = payments_received(visit.organization.id).filter(_of_member(visit))
    if start := day_in(request, "from"):
        found = found.filter(received_on__gte=start)
    if through := day_in(request, "to"):
        found = found.filter(received_on__lte=through)
    if (amount := amount_in(request, "amount", visit.organization.currency)) is not None:
        found = found.filter(amount_minor=amount)
    match text_in(request, "status"):
        case "":
            pass
        case "applied":
            found = found.filter(unallocated_minor=0)
        case "credit":
            found = found.filter(unallocated_minor__gt=0)
        case other:
            raise _no_status(other)
    if "export" in request.GET:
        return csv_of("payments", _PAYMENTS_CSV, streamed_together(found.order_by("-number"), _payment_lines))
    page, sort = page_by_key(found, request, ["number", "received_on"], "-number")
    paid = invoices_by_payment([payment.id for payment in page.rows])
    return visit.page(
        ListPage(
            title="Payments",
            columns=_PAYMENTS,
            rows=tuple(_payment_row(visit, one, paid[one.id]) for one in page.rows),
            empty=EmptyState(
                "No payments yet",
                "What is collected by card or bank debit comes here by itself; checks, cash and transfers are recorded"
                " on the member’s page.",
            ),
            filters=_filters(visit, [Choice(key, label) for key, label in _APPLIED.items()]),
            next_url=page.next_url,
            previous_url=page.previous_url,
            tabs=_tabs(visit, "received"),
            query=query_of(request),
            sort=sort,
            export_url=with_query(query_of(request), export="csv"),
            noun=("payment", "payments"),
        ),
        "payments",
    )


def _no_status(status: str) -> Refused:
    return Refused(
        "status_unknown",
        f"There is no status “{status}” here.",
        field="status",
        value=status,
        fix="Choose one from the list.",
    )


def _payment_badge(payment: Payment) -> Badge:
    if payment.state != "succeeded":
        return badge_of(payment.state)
    return (
        Badge(_APPLIED["credit"], "warn") if payment.unallocated_minor else Badge(_APPLIED["applied"], "good")
    )


def _payment_row(visit: Visit, payment: Payment, invoices: Sequence[Invoice]) -> Row:
    return Row(
        (
            str(payment.number),
            payment.received_on,
            Link(payment.party.name, member_url(visit, payment.party_id)),
            MEANS.get(payment.means, payment.means),
            invoice_links(visit, invoices),
            Money(payment.amount_minor, payment.currency),
            _payment_badge(payment),
        ),
        payment_url(visit, payment.id),
    )


def _payment_lines(found: list[Payment]) -> list[Sequence[object]]:
    paid = invoices_by_payment([payment.id for payment in found])
    return [
        (
            payment.number,
            payment.received_on,
            payment.party.number,
            payment.party.name,
            payment.means,
            _numbers(paid[payment.id]),
            payment.currency,
            Money(payment.amount_minor, payment.currency),
            Money(payment.unallocated_minor, payment.currency),
            payment.state,
            payment.batch.number,
            payment.gateway_ref,
        )
        for payment in found
    ]


def _numbers(invoices: Sequence[Invoice]) -> str:
    return " ".join(str(invoice.number) for invoice in invoices)


@staff_page("view")
def attempt_list(visit: Visit) -> HttpResponseBase:
    """Each try to collect, by member, date, amount and settlement state; looking changes nothing (I-66)."""
    request, zone = visit.request, visit.organization.zone
    days = policies_of(visit.organization).number("collect.reconcile_timeout_days")
    found = attempts_made(visit.organization.id).filter(_of_member(visit))
    if start := day_in(request, "from"):
        found = found.filter(created_at__gte=local_instant(start, time(0), zone))
    if through := day_in(request, "to"):
        found = found.filter(created_at__lt=local_instant(through + timedelta(days=1), time(0), zone))
    if (amount := amount_in(request, "amount", visit.organization.currency)) is not None:
        found = found.filter(intent__amount_minor=amount)
    if status := text_in(request, "status"):
        if status not in set(SettlementLabel):
            raise _no_status(status)
        found = found.filter(has_label(status, zone=zone, on=visit.desk.today, timeout_days=days))

    if "export" in request.GET:
        return csv_of(
            "attempts",
            _ATTEMPTS_CSV,
            streamed_together(
                found.order_by("-created_at", "-id"), lambda some: _attempt_lines(visit, some, days)
            ),
        )
    page, sort = page_by_key(found, request, ["created_at"], "-created_at")
    about = invoices_by_intent([attempt.intent_id for attempt in page.rows])
    return visit.page(
        ListPage(
            title="Payments",
            columns=_ATTEMPTS,
            rows=tuple(_attempt_row(visit, one, about[one.intent_id], days) for one in page.rows),
            empty=EmptyState("No attempts yet", "Submitting invoices for payment makes them."),
            filters=_filters(visit, [Choice(label, label) for label in SettlementLabel]),
            next_url=page.next_url,
            previous_url=page.previous_url,
            tabs=_tabs(visit, "attempts"),
            query=query_of(request),
            sort=sort,
            export_url=with_query(query_of(request), export="csv"),
            noun=("attempt", "attempts"),
        ),
        "payments",
    )


def _attempt_row(visit: Visit, attempt: Attempt, invoices: Sequence[Invoice], days: int) -> Row:
    label = label_of(attempt, zone=visit.organization.zone, on=visit.desk.today, timeout_days=days)
    return Row(
        (
            attempt.submitted_at or attempt.created_at,
            Link(attempt.party.name, member_url(visit, attempt.party_id)),
            invoice_links(visit, invoices),
            f"{attempt.method.brand} {attempt.method.last4}",
            Money(attempt.intent.amount_minor, attempt.intent.currency),
            settlement_badge(label),
            attempt.apply_error or attempt.message,
        ),
        tone="bad" if label.red else "neutral",
    )


def _attempt_lines(visit: Visit, found: list[Attempt], days: int) -> list[Sequence[object]]:
    about = invoices_by_intent([attempt.intent_id for attempt in found])
    lines: list[Sequence[object]] = []
    for attempt in found:
        intent, method, party = attempt.intent, attempt.method, attempt.party
        label = label_of(attempt, zone=visit.organization.zone, on=visit.desk.today, timeout_days=days)
        lines.append(
            (
                attempt.submitted_at or attempt.created_at,
                party.number,
                party.name,
                _numbers(about[intent.id]),
                f"{method.brand} {method.last4}",
                intent.currency,
                Money(intent.amount_minor, intent.currency),
                str(label),
                attempt.decline_code,
                attempt.apply_error or attempt.message,
                intent.gateway_ref,
            )
        )
    return lines


# ---------------------------------------------------------------- one payment


@staff_page("view")
def payment(visit: Visit, payment_id: UUID) -> HttpResponseBase:
    """A payment: what it paid, how it is booked, and how it came."""
    found = get_object_or_404(
        Payment.objects.select_related("party", "batch", "attempt__method", "attempt__intent"),
        id=payment_id,
        organization=visit.organization,
    )
    happened = events_of(visit.organization.id, found.id)
    if found.attempt_id:
        happened = sorted(
            [*happened, *events_of(visit.organization.id, found.attempt_id)],
            key=lambda event: event.id,
            reverse=True,
        )
    return visit.page(
        RecordPage(
            title=found.party.name,
            kind="Payment",
            number=str(found.number),
            badges=(_payment_badge(found),),
            figures=(
                Figure("Amount", Money(found.amount_minor, found.currency)),
                Figure("Applied", Money(found.amount_minor - found.unallocated_minor, found.currency)),
                Figure("Still credit", Money(found.unallocated_minor, found.currency)),
            ),
            facts=(
                Fact("Member", Link(found.party.name, member_url(visit, found.party_id))),
                Fact("Received on", found.received_on),
                Fact("By", MEANS.get(found.means, found.means)),
                Fact(
                    "Batch",
                    Link(f"{found.batch.number}, {found.batch.name}", batch_url(visit, found.batch_id)),
                ),
                *_how_it_came(found),
            ),
            sections=(_allocated(visit, found), journal_section(visit, journals_of_source(found.id))),
            timeline=moments(happened, visit.organization.locale),
            crumbs=(Link("Payments", visit.url("payments/")),),
            printable=True,
            printed_at=visit.desk.clock.now(),
        ),
        "payments",
    )


def _how_it_came(found: Payment) -> tuple[Fact, ...]:
    if found.attempt is None:
        return ()
    method = found.attempt.method
    return (
        Fact("Method", Text(f"{method.brand} ending in {method.last4}")),
        Fact("Taken at", found.taken_at),
        Fact("Attempt", f"{found.attempt.n}"),
        Fact("Processor’s reference", found.gateway_ref),
    )


def _allocated(visit: Visit, found: Payment) -> Section:
    columns = (
        Column("invoice", "Invoice", "code"),
        Column("line", "Line"),
        Column("term", "Term"),
        Column("on", "Applied on", "date"),
        Column("amount", "Amount", "money"),
    )
    parts = allocations_of(payment_id=found.id)
    rows = tuple(
        Row(
            (
                Link(str(part.invoice.number), invoice_url(visit, part.invoice_id)),
                Text("Primary fee" if part.receivable.is_primary else "Further fee"),
                Period(part.receivable.period_start, part.receivable.period_end),
                part.allocated_on,
                Money(part.amount_minor, found.currency),
            )
        )
        for part in parts
    )
    foot = (
        Row(("Applied", None, None, None, Money(sum(p.amount_minor for p in parts), found.currency)))
        if parts
        else None
    )
    return Section(
        "applied",
        "What it paid",
        Table(
            columns,
            rows,
            "What it paid",
            foot,
            EmptyState("Nothing yet:", "all of it stands as the member’s credit."),
        ),
    )
