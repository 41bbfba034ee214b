"""Review the invoices of runs before they are submitted (I-20, I-21)."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.review_run import (
    EXCEPTIONS,
    InvoiceInReview,
    invoices_in_review,
    review_run,
    review_totals,
)
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import invoice_url, member_url, run_url
from paidthru.faces.console.badges import invoice_state_badge
from paidthru.faces.console.listing import PAGE, csv_of, id_in, in_words, onward_pages, query_of, text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Choice,
    Column,
    EmptyState,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Tab,
    with_query,
)
from paidthru.faces.console.run_pages import many, monies, monies_text, totals_of
from paidthru.kernel.money import Money
from paidthru.membership.models import BillingRun

_REVIEW = (
    Column("invoice", "Invoice", "code"),
    Column("member", "Member", "link"),
    Column("due", "Due", "date"),
    Column("state", "Invoice is", "badge"),
    Column("method", "Payment method"),
    Column("autopay", "AutoPay"),
    Column("exception", "Look at", "badge"),
    Column("amount", "Amount", "money"),
)
_LOOK_AT = {"no_method": "No payment method", "expired": "Card expired", "zero_amount": "Zero amount"}


@staff_page("view")
def review(visit: Visit) -> HttpResponseBase:
    """The invoices of a finished run that nobody has reviewed yet, each with how it will be paid."""
    waiting = BillingRun.objects.filter(
        organization=visit.organization, state="done", billed__gt=0, reviewed_at__isnull=True
    )
    waiting_runs = list(waiting.select_related("organization").order_by("created_at", "id")[:20])
    asked = id_in(visit.request, "run")
    run = next((one for one in waiting_runs if one.id == asked), waiting_runs[0] if waiting_runs else None)
    if run is None:
        return visit.page(
            ListPage(
                "Review invoices",
                _REVIEW,
                (),
                EmptyState(
                    "Nothing waits to be reviewed",
                    "When a billing run is done, its invoices are read here before they are submitted for payment.",
                    Action("Billing runs", visit.url("renewals/")),
                ),
            ),
            "review",
        )
    on, query = visit.desk.today, query_of(visit.request)
    name, exception = text_in(visit.request, "name"), text_in(visit.request, "exception")
    if "export" in visit.request.GET:
        return csv_of("invoices-to-review", _REVIEW_CSV, _review_lines(run, on, name, exception))
    after = text_in(visit.request, "after")
    page = invoices_in_review(
        run,
        on=on,
        name=name,
        exception=exception,
        after=int(after) if after.isdecimal() and len(after) < 19 else 0,
        limit=PAGE + 1,
    )
    count, exceptions = review_totals(run, on=on)
    shown, more = page[:PAGE], len(page) > PAGE
    next_url, previous_url = onward_pages(
        visit.request, str(shown[-1].number) if more else None, run=str(run.id)
    )
    tabs = tuple(Tab(one.name, f"?run={one.id}", one.billed, one == run) for one in waiting_runs)
    mark = Action("Mark as reviewed", run_url(visit, run.id, "review/"), "primary", ask=True, icon="good")
    look = sum(exceptions.values())
    return visit.page(
        ListPage(
            title="Review invoices",
            columns=in_words(visit.words, _REVIEW),
            rows=tuple(_review_row(visit, one) for one in shown),
            empty=EmptyState("No invoice", "This run has none."),
            filters=(
                Filter("name", "Member name contains", "search", name),
                Filter(
                    "exception",
                    "Look at",
                    "choice",
                    exception,
                    (
                        Choice("", "All invoices"),
                        Choice("any", "Exceptions only"),
                        *(Choice(key, _LOOK_AT[key]) for key in EXCEPTIONS),
                    ),
                ),
            ),
            total=None if name or exception else count,
            next_url=next_url,
            previous_url=previous_url,
            actions=(mark,) if visit.may("review") else (),
            intro="Read the invoices and how they will be paid; then mark the run as reviewed. After that they may be "
            "submitted.",
            tabs=tabs if len(tabs) > 1 else (),
            figures=(
                Figure("Run", Link(run.name, run_url(visit, run.id))),
                Figure("Invoices", count),
                Figure("Amount", monies(visit, totals_of(run))),
                Figure(
                    "Exceptions",
                    look,
                    ", ".join(f"{n} {_LOOK_AT[key].lower()}" for key, n in exceptions.items()),
                    "warn" if look else "neutral",
                ),
            ),
            query=query,
            export_url=with_query(query, run=str(run.id), export="csv"),
            noun=("invoice", "invoices"),
        ),
        "review",
    )


def _review_row(visit: Visit, one: InvoiceInReview) -> Row:
    method: object = one.method or None
    return Row(
        (
            Link(one.label, invoice_url(visit, one.invoice_id)),
            Link(one.name, member_url(visit, one.party_id)),
            one.due_on,
            invoice_state_badge(one.state, one.due_on, one.total_minor, visit.desk.today),
            f"{method}, expires {one.expires}" if method and one.expires else one.method or None,
            one.autopay,
            Badge(", ".join(_LOOK_AT[key] for key in one.exceptions), "warn") if one.exceptions else None,
            Money(one.total_minor, one.currency),
        ),
        tone="warn" if one.exceptions else "neutral",
    )


_REVIEW_CSV = (
    "invoice",
    "member",
    "due",
    "state",
    "payment method",
    "expires",
    "autopay",
    "look at",
    "amount",
)


def _review_lines(run: BillingRun, on: date, name: str, exception: str) -> Iterator[Sequence[object]]:
    after = 0
    while page := invoices_in_review(run, on=on, name=name, exception=exception, after=after, limit=2_000):
        for one in page:
            yield (
                one.label,
                one.name,
                one.due_on,
                one.state,
                one.method,
                one.expires,
                one.autopay,
                ", ".join(_LOOK_AT[key] for key in one.exceptions),
                Money(one.total_minor, one.currency),
            )
        after = page[-1].number


@staff_page("review")
def mark_reviewed(visit: Visit, run_id: UUID) -> HttpResponseBase:
    """Asks, and then marks a run's invoices and its batch as reviewed."""
    run = (
        BillingRun.objects.filter(organization=visit.organization, id=run_id)
        .select_related("organization")
        .first()
    )
    if run is None:
        raise Http404
    if visit.request.method == "POST":
        review_run(run.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"The invoices of “{run.name}” are reviewed and may be submitted.")
        return redirect(visit.url("renewals/review/"))
    count, exceptions = review_totals(run, on=visit.desk.today)
    total = monies_text(visit, totals_of(run))
    lines = [
        f"{many(visit, count, 'invoice', 'invoices')}, {total} in all, may then be submitted.",
        "Its batch is marked as reviewed too. Nothing is collected or posted by this.",
        *(f"{_LOOK_AT[key]}: {many(visit, n, 'invoice', 'invoices')}." for key, n in exceptions.items()),
    ]
    return visit.page(
        ConfirmPage(
            f"Have you reviewed “{run.name}”?",
            Confirm(
                run_url(visit, run.id, "review/"),
                "Mark as reviewed",
                tuple(lines),
                cancel_url=visit.url(f"renewals/review/?run={run.id}"),
            ),
        ),
        "review",
    )
