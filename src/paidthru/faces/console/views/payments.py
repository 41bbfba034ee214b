"""Payments: money that came and attempts to collect it, found and read; nothing changes here (I-63, I-64, I-66)."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import attempt_url, member_url, payment_url
from paidthru.faces.console.badges import MEANS, REVIEWED, review_badge, settlement_badge
from paidthru.faces.console.listing import (
    csv_of,
    day_in,
    in_words,
    merged,
    of_amount,
    page_by_key,
    page_of_all,
    query_of,
    streamed_together,
    text_in,
)
from paidthru.faces.console.member_sections import invoice_links
from paidthru.faces.console.parts import (
    Choice,
    Column,
    EmptyState,
    Filter,
    Link,
    ListPage,
    Row,
    Tab,
    Text,
    with_query,
)
from paidthru.faces.console.payment_pages import payment_page
from paidthru.invoicing.models import Invoice
from paidthru.kernel.clock import local_instant
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import EXPONENTS, Money
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Attempt, Payment
from paidthru.payments.queries import (
    attempts_made,
    has_label,
    invoices_by_intent,
    invoices_by_payment,
    label_of,
)
from paidthru.payments.queries.reviewing import (
    ReviewStatus,
    payments_reviewed,
    status_of,
    tries_reviewed,
)
from paidthru.payments.rules.settlement import SettlementLabel
from paidthru.people.queries import whose

_PAYMENTS = (
    Column("number", "Payment", "code"),
    Column("on", "Date", "date", "on"),
    Column("member", "Member", "link"),
    Column("means", "By"),
    Column("invoice", "Invoice", "code"),
    Column("amount", "Amount", "money"),
    Column("status", "Status", "badge"),
)
_PAYMENTS_CSV = (
    "payment",
    "date",
    "member number",
    "member",
    "by",
    "invoices",
    "currency",
    "amount",
    "credit left",
    "refunded",
    "status",
    "batch",
    "reference",
    "what was said",
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


_SHOWN = (Choice("", "Payments, and tries that brought none"), Choice("came", "Money that came"))


def _filters(visit: Visit, statuses: Sequence[Choice]) -> tuple[Filter, ...]:
    request = visit.request
    return (
        Filter("q", visit.words.titled("member"), "search", text_in(request, "q")),
        Filter("status", "Status", "choice", text_in(request, "status"), (Choice("", "Any"), *statuses)),
        Filter("from", "From", "date", text_in(request, "from")),
        Filter("to", "To", "date", text_in(request, "to")),
        Filter("amount", "Amount", "text", text_in(request, "amount")),
    )


def _tabs(visit: Visit, current: str) -> tuple[Tab, ...]:
    return (
        Tab("Payments", visit.url("payments/"), current=current == "received"),
        Tab("Attempts", visit.url("payments/attempts/"), current=current == "attempts"),
    )


def _of_member(visit: Visit) -> Q:
    """The payments or attempts of the members that the search finds."""
    return whose(visit.organization.id, text_in(visit.request, "q"))


@staff_page("view")
def payment_list(visit: Visit) -> HttpResponseBase:
    """Money that came, and tries that brought none, by member, date, amount and status (I-63, I-64, I-67)."""
    request, organization = visit.request, visit.organization
    status = _status(text_in(request, "status"))
    of_member = _of_member(visit)
    paid, tried = (
        payments_reviewed(organization.id, status).filter(of_member),
        tries_reviewed(organization.id, organization.zone, status).filter(of_member),
    )
    if start := day_in(request, "from"):
        paid = paid.filter(received_on__gte=start)
        tried = tried.filter(created_at__gte=local_instant(start, time(0), organization.zone))
    if through := day_in(request, "to"):
        paid = paid.filter(received_on__lte=through)
        end = local_instant(through + timedelta(days=1), time(0), organization.zone)
        tried = tried.filter(created_at__lt=end)
    if (currency := text_in(request, "currency")) in EXPONENTS:
        paid, tried = paid.filter(currency=currency), tried.filter(intent__currency=currency)
    if text_in(request, "show") == "came":
        tried = tried.none()
    if (amount := of_amount(request, "amount")) is not None:
        paid = paid.filter(amount)
    if (amount := of_amount(request, "amount", "intent__")) is not None:
        tried = tried.filter(amount)
    if "export" in request.GET:
        return csv_of("payments", _PAYMENTS_CSV, merged([paid, tried], "on", _payment_lines))
    page, sort = page_of_all([paid, tried], request, "on", "-on")
    about = _invoices_of(page.rows)
    return visit.page(
        ListPage(
            title="Payments",
            columns=in_words(visit.words, _PAYMENTS),
            rows=tuple(_payment_row(visit, one, about[one.id]) for one in page.rows),
            empty=EmptyState(
                "No payments yet",
                "What is collected by card or bank debit comes here by itself; checks, cash and transfers are recorded"
                " on the member’s page.",
            ),
            filters=(
                *_filters(visit, [Choice(key, label) for key, (label, _) in REVIEWED.items()]),
                Filter("show", "What", "choice", text_in(request, "show"), _SHOWN),
                *((Filter("currency", "Currency", "text", currency),) if currency in EXPONENTS else ()),
            ),
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


def _status(text: str) -> ReviewStatus | None:
    if text and text not in set(ReviewStatus):
        raise _no_status(text)
    return ReviewStatus(text) if text else None


def _no_status(status: str) -> Refused:
    return Refused(
        "status_unknown",
        f"There is no status “{status}” here.",
        field="status",
        value=status,
        fix="Choose one from the list.",
    )


def _invoices_of(found: Sequence[Payment | Attempt]) -> dict[UUID, list[Invoice]]:
    """The invoices that payments paid, and that attempts are about."""
    paid = invoices_by_payment([one.id for one in found if isinstance(one, Payment)])
    tried = {one.id: one.intent_id for one in found if isinstance(one, Attempt)}
    about = invoices_by_intent(list(tried.values()))
    return paid | {id_: about[intent_id] for id_, intent_id in tried.items()}


def _day_of(one: Payment | Attempt) -> date:
    day: date = one.on  # type: ignore[union-attr]  # an annotation of the query's
    return day


def _payment_row(visit: Visit, one: Payment | Attempt, invoices: Sequence[Invoice]) -> Row:
    money = one if isinstance(one, Payment) else one.intent
    means, note = (one.means, one.reference) if isinstance(one, Payment) else (one.method.kind, "")
    return Row(
        (
            str(one.number) if isinstance(one, Payment) else "Attempt",
            _day_of(one),
            Link(one.party.name, member_url(visit, one.party_id)),
            Text(MEANS.get(means, means), note),
            invoice_links(visit, invoices),
            Money(money.amount_minor, money.currency),
            review_badge(one),
        ),
        payment_url(visit, one.id) if isinstance(one, Payment) else attempt_url(visit, one.id),
        tone="bad" if status_of(one) in _URGENT else "neutral",
    )


_URGENT = frozenset({ReviewStatus.FAILED_TO_SETTLE, ReviewStatus.NEEDS_REVIEW, ReviewStatus.DISPUTED})


def _payment_lines(found: list[Payment | Attempt]) -> list[Sequence[object]]:
    about = _invoices_of(found)
    lines: list[Sequence[object]] = []
    for one in found:
        party, status = one.party, REVIEWED[status_of(one)][0]
        who = _day_of(one), party.number, party.name
        numbers = _numbers(about[one.id])
        if isinstance(one, Attempt):
            intent = one.intent
            amount = Money(intent.amount_minor, intent.currency)
            lines.append(
                (None, *who, one.method.kind, numbers, intent.currency, amount, None, None, status, None,
                 intent.gateway_ref, one.apply_error or one.message)
            )  # fmt: skip
            continue
        amount, left = Money(one.amount_minor, one.currency), Money(one.unallocated_minor, one.currency)
        refunded = Money(one.refunded_minor, one.currency)
        lines.append(
            (one.number, *who, one.means, numbers, one.currency, amount, left, refunded, status, one.batch.number,
             one.gateway_ref or one.reference, None)
        )  # fmt: skip
    return lines


def _numbers(invoices: Sequence[Invoice]) -> str:
    return " ".join(invoice.label for invoice in invoices)


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
    if (amount := of_amount(request, "amount", "intent__")) is not None:
        found = found.filter(amount)
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
            columns=in_words(visit.words, _ATTEMPTS),
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
        attempt_url(visit, attempt.id),
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
    """A payment: what it paid, what of it was given or taken back, how it is booked, and how it came."""
    found = get_object_or_404(
        Payment.objects.select_related("party", "batch", "attempt__method", "attempt__intent"),
        id=payment_id,
        organization=visit.organization,
    )
    return visit.page(payment_page(visit, found), "payments")
