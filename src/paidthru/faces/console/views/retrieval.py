"""Retrieve processed payments: what is under way, what became of it, and why (I-46 to I-59)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.attempt_pages import (
    Labels,
    attempt_columns,
    attempt_row,
    live_section,
    result_badge,
    trace_page,
    waiting_live,
)
from paidthru.faces.console.listing import csv_of, page_by_key, query_of, text_in
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    EmptyState,
    Filter,
    Link,
    ListPage,
    Tab,
    with_query,
)
from paidthru.faces.console.run_pages import many
from paidthru.kernel.money import Money
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import OPEN_ATTEMPT, Attempt
from paidthru.payments.operations import look_now
from paidthru.payments.queries import attempts_made, in_flight, invoices_by_intent
from paidthru.payments.queries.attention import is_red
from paidthru.payments.rules.settlement import ResultLabel, result_label
from paidthru.people.queries import whose
from paidthru.runs import retrieve as ask_gateway
from paidthru.wiring import enqueue_work

AT_ONCE = 200  # invoices that a request asks about itself; more are a worker's


@staff_page("view")
def retrieve(visit: Visit) -> HttpResponseBase:
    """Payments that are under way, the latest submitted first, and those that have been answered."""
    if visit.request.method == "POST":
        return _retrieved(visit)
    query, name = query_of(visit.request), text_in(visit.request, "name")
    show = visit.request.GET.get("show")
    processed, red = show == "processed", show == "red"
    made = attempts_made(visit.organization.id).filter(whose(visit.organization.id, name))
    waiting, answered = made.filter(state__in=OPEN_ATTEMPT), made.exclude(state__in=OPEN_ATTEMPT)
    looked = made.filter(_is_red(visit))
    found = looked if red else answered if processed else waiting
    if "export" in visit.request.GET:
        return csv_of("payments", _ATTEMPT_CSV, _attempt_lines(visit, found))
    page, sort = page_by_key(found, visit.request, ["created_at"], "-created_at")
    labels = Labels(visit)
    invoices = invoices_by_intent([attempt.intent_id for attempt in page.rows])
    counts = waiting.count(), answered.count(), looked.count()
    ask = Action(
        "Retrieve processed payments", visit.url("renewals/retrieve/"), "primary", "post", icon="inbox"
    )
    return visit.page(
        ListPage(
            title="Payments to look at"
            if red
            else "Processed payments"
            if processed
            else "Submitted payments",
            columns=attempt_columns("Invoice Settlement Status" if not show else "Settlement Status"),
            rows=tuple(
                attempt_row(visit, labels, attempt, invoices[attempt.intent_id]) for attempt in page.rows
            ),
            empty=EmptyState(
                "Nothing stands red", "What is not understood, or could not be applied, comes here."
            )
            if red
            else EmptyState(
                "Nothing has been answered yet" if processed else "Nothing is under way",
                "Payments appear here when the gateway has answered."
                if processed
                else "Payments appear here when invoices are submitted, until the gateway has answered.",
                None if processed else Action("Submit invoices", visit.url("renewals/submit/")),
            ),
            filters=(Filter("name", visit.words.titled("member"), "search", name),),
            total=counts[2 if red else processed],
            next_url=page.next_url,
            previous_url=page.previous_url,
            actions=(
                *((ask,) if visit.may("retrieve") else ()),
                *((Action("Settle with evidence", visit.url("renewals/needs-review/")),) if red else ()),
            ),
            intro="Retrieving asks the gateway about every submitted payment. Completed invoices are marked paid; "
            "failed ones stay open.",
            tabs=(
                Tab("Submitted", with_query(query, show=""), counts[0], not processed and not red),
                Tab("Processed", with_query(query, show="processed"), counts[1], processed),
                Tab("To look at", with_query(query, show="red"), counts[2], red),
            ),
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=("payment", "payments"),
        ),
        "retrieve",
    )


def _is_red(visit: Visit) -> Q:
    """Those that stand red today: Unknown, Failed to Settle, timed out (I-37, I-48, I-52)."""
    days = policies_of(visit.organization).number("collect.reconcile_timeout_days")
    return is_red(zone=visit.organization.zone, on=visit.desk.today, timeout_days=days)


_ATTEMPT_CSV = ("invoices", "member", "method", "submitted", "settlement status", "result", "message", "code", "amount",
                "currency")  # fmt: skip


def _attempt_lines(visit: Visit, found: Any) -> Iterator[Sequence[object]]:
    labels = Labels(visit)
    batch: list[Attempt] = []

    def lines() -> Iterator[Sequence[object]]:
        invoices = invoices_by_intent([one.intent_id for one in batch])
        for one in batch:
            result = result_badge(one)
            yield (
                ", ".join(invoice.label for invoice in invoices[one.intent_id]),
                one.party.name,
                f"{one.method.brand} {one.method.last4}",
                one.created_at,
                labels.of(one).value,
                result.label if result else None,
                one.apply_error or one.message,
                one.decline_code,
                Money(one.intent.amount_minor, one.intent.currency),
                one.intent.currency,
            )

    for attempt in found.order_by("-created_at", "-id").iterator(chunk_size=2_000):
        batch.append(attempt)
        if len(batch) == 2_000:
            yield from lines()
            batch.clear()
    yield from lines()


def _retrieved(visit: Visit) -> HttpResponseBase:
    """Asks the gateway about everything under way, here or by a worker; says what was found."""
    visit.must("retrieve")
    organization = visit.organization
    under_way = len(in_flight(organization.id, limit=AT_ONCE + 1))
    if under_way > AT_ONCE:
        with transaction.atomic():
            count = look_now(organization.id, now=visit.desk.clock.now())
            enqueue_work(organization.id)
        messages.info(
            visit.request,
            f"A worker is asking about {many(visit, count, 'payment', 'payments')}; "
            "this list shrinks while it does.",
        )
        return redirect(visit.url("renewals/retrieve/"))
    results = Counter[str]()
    for state, n in ask_gateway(visit.desk).items():
        results[result_label(state) or "open"] += n
    enqueue_work(organization.id)
    completed, failed = results[ResultLabel.COMPLETED], results[ResultLabel.FAILED]
    if not under_way:
        messages.info(visit.request, "Nothing is waiting for an answer of the gateway.")
    else:
        messages.success(
            visit.request,
            f"Asked about {many(visit, under_way, 'payment', 'payments')}: {completed} completed, {failed} failed, "
            f"{results['open']} still under way.",
        )
    return redirect(visit.url("renewals/retrieve/") + ("?show=processed" if completed or failed else ""))


@staff_page("view")
def trace(visit: Visit, attempt_id: UUID) -> HttpResponseBase:
    """Why an attempt stands where it stands: its facts, its events, and the processor's own trace (I-57)."""
    attempt = found_attempt(visit, attempt_id)
    return visit.page(_record(visit, attempt, waiting_live(visit, attempt)), "retrieve")


@staff_page("view")
def live(visit: Visit, attempt_id: UUID) -> HttpResponseBase:
    """What the processor knows of an attempt now, as a part of its page, or without a script the page with it."""
    attempt = found_attempt(visit, attempt_id)
    section = live_section(visit, attempt)
    if visit.request.headers.get("HX-Request"):
        return visit.part("console/parts/section.html", section)
    return visit.page(_record(visit, attempt, section), "retrieve")


def found_attempt(visit: Visit, attempt_id: UUID) -> Attempt:
    """The organization's attempt, or 404."""
    attempt = attempts_made(visit.organization.id).filter(id=attempt_id).first()
    if attempt is None:
        raise Http404
    return attempt


def _record(visit: Visit, attempt: Attempt, section: Section) -> RecordPage:
    invoices = invoices_by_intent([attempt.intent_id])[attempt.intent_id]
    back = Link("Retrieve processed payments", visit.url("renewals/retrieve/"))
    return trace_page(visit, attempt, invoices, back, section)
