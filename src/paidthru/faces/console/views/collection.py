"""Collection: review the invoices of runs, submit them for payment, retrieve what became of them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.review_run import review_run
from paidthru.actions.submit import Selection, refuse_unready, submit_page, submit_totals
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import invoice_url, member_url, run_url
from paidthru.faces.console.attempt_pages import (
    Labels,
    attempt_columns,
    attempt_row,
    result_badge,
    trace_page,
)
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.listing import PAGE, csv_of, id_in, page_by_key, query_of, text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage
from paidthru.faces.console.parts import (
    Action,
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
    badge_of,
    with_query,
)
from paidthru.faces.console.run_pages import many, money_of
from paidthru.invoicing.rules.states import shown_state
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money
from paidthru.membership.models import BillingRun
from paidthru.membership.queries import EXCEPTIONS, InvoiceInReview, invoices_in_review, review_totals
from paidthru.payments.models import OPEN_ATTEMPT, Attempt
from paidthru.payments.operations import look_now
from paidthru.payments.queries import Collectable, attempts_made, in_flight, invoices_by_intent
from paidthru.payments.rules.settlement import ResultLabel, result_label
from paidthru.people.queries import found_by
from paidthru.runs import retrieve as ask_gateway
from paidthru.runs import submit as submit_now
from paidthru.timeline.operations import once
from paidthru.wiring import enqueue_submission, enqueue_work, is_submitting

AT_ONCE = 200  # invoices that a request submits or asks about itself; more are a worker's


_LONGEST_WAY_BACK = 40  # pages; further back it is the first one


def _pages(visit: Visit, next_place: str | None, **keep: str) -> tuple[str | None, str | None]:
    """The addresses of the next and the previous page of a list that is read onward only: the address remembers the
    places of the pages before."""
    query, here = query_of(visit.request), text_in(visit.request, "after")
    way = [place for place in visit.request.GET.get("back", "").split(",") if place][-_LONGEST_WAY_BACK:]

    def url(after: str, back: Sequence[str]) -> str:
        base = with_query(query, **{**keep, "back": ",".join(back)})
        return f"{base}&after={quote(after)}" if after else base

    return (
        url(next_place, [*way, here or "-"]) if next_place else None,
        url("" if not way or way[-1] == "-" else way[-1], way[:-1]) if here else None,
    )


# ---------------------------------------------------------------- review (I-20, I-21)

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
        return visit.page(ListPage(
            "Review invoices", _REVIEW, (), EmptyState(
                "Nothing waits to be reviewed",
                "When a billing run is done, its invoices are read here before they are submitted for payment.",
                Action("Billing runs", visit.url("renewals/")),
            ),
        ), "review")
    on, query = visit.desk.today, query_of(visit.request)
    name, exception = text_in(visit.request, "name"), text_in(visit.request, "exception")
    if "export" in visit.request.GET:
        return csv_of("invoices-to-review", _REVIEW_CSV, _review_lines(run, on, name, exception))
    after = text_in(visit.request, "after")
    page = invoices_in_review(
        run, on=on, name=name, exception=exception, after=int(after) if after.isdecimal() and len(after) < 19 else 0,
        limit=PAGE + 1,
    )
    count, amount_minor, exceptions = review_totals(run, on=on)
    shown, more = page[:PAGE], len(page) > PAGE
    next_url, previous_url = _pages(visit, str(shown[-1].number) if more else None, run=str(run.id))
    tabs = tuple(Tab(one.name, f"?run={one.id}", one.billed, one == run) for one in waiting_runs)
    mark = Action("Mark as reviewed", run_url(visit, run.id, "review/"), "primary", ask=True, icon="good")
    look = sum(exceptions.values())
    return visit.page(ListPage(
        title="Review invoices",
        columns=_REVIEW,
        rows=tuple(_review_row(visit, one) for one in shown),
        empty=EmptyState("No invoice", "This run has none."),
        filters=(
            Filter("name", "Member name contains", "search", name),
            Filter("exception", "Look at", "choice", exception, (
                Choice("", "All invoices"), Choice("any", "Exceptions only"),
                *(Choice(key, _LOOK_AT[key]) for key in EXCEPTIONS),
            )),
        ),
        total=None if name or exception else count,
        next_url=next_url,
        previous_url=previous_url,
        actions=(mark,) if visit.may("review") else (),
        intro="Read the invoices and how they will be paid; then mark the run as reviewed, so that they may be submitted.",
        tabs=tabs if len(tabs) > 1 else (),
        figures=(
            Figure("Run", Link(run.name, run_url(visit, run.id))),
            Figure("Invoices", count),
            Figure("Amount", Money(amount_minor, run.organization.currency)),
            Figure("Exceptions", look, ", ".join(f"{n} {_LOOK_AT[key].lower()}" for key, n in exceptions.items()),
                   "warn" if look else "neutral"),
        ),
        query=query,
        export_url=with_query(query, run=str(run.id), export="csv"),
        noun=("invoice", "invoices"),
    ), "review")


def _review_row(visit: Visit, one: InvoiceInReview) -> Row:
    method: object = one.method or None
    return Row((
        Link(str(one.number), invoice_url(visit, one.invoice_id)),
        Link(one.name, member_url(visit, one.party_id)),
        one.due_on,
        badge_of(shown_state(one.state, one.due_on, one.total_minor, visit.desk.today)),
        f"{method}, expires {one.expires}" if method and one.expires else one.method or None,
        one.autopay,
        Badge(", ".join(_LOOK_AT[key] for key in one.exceptions), "warn") if one.exceptions else None,
        Money(one.total_minor, visit.organization.currency),
    ), tone="warn" if one.exceptions else "neutral")


_REVIEW_CSV = ("invoice", "member", "due", "state", "payment method", "expires", "autopay", "look at", "amount")


def _review_lines(run: BillingRun, on: date, name: str, exception: str) -> Iterator[Sequence[object]]:
    after = 0
    while page := invoices_in_review(run, on=on, name=name, exception=exception, after=after, limit=2_000):
        for one in page:
            yield (one.number, one.name, one.due_on, one.state, one.method, one.expires, one.autopay,
                   ", ".join(_LOOK_AT[key] for key in one.exceptions), Money(one.total_minor, run.organization.currency))
        after = page[-1].number


@staff_page("review")
def mark_reviewed(visit: Visit, run_id: UUID) -> HttpResponseBase:
    """Asks, and then marks a run's invoices and its batch as reviewed."""
    run = BillingRun.objects.filter(organization=visit.organization, id=run_id).select_related("organization").first()
    if run is None:
        raise Http404
    if visit.request.method == "POST":
        review_run(run.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"The invoices of “{run.name}” are reviewed and may be submitted.")
        return redirect(visit.url("renewals/review/"))
    count, amount_minor, exceptions = review_totals(run, on=visit.desk.today)
    lines = [
        f"{many(visit, count, 'invoice', 'invoices')}, {money_of(visit, amount_minor)} in all, may then be submitted.",
        "Its batch is marked as reviewed too. Nothing is collected or posted by this.",
        *(f"{_LOOK_AT[key]}: {many(visit, n, 'invoice', 'invoices')}." for key, n in exceptions.items()),
    ]
    return visit.page(ConfirmPage(f"Have you reviewed “{run.name}”?", Confirm(
        run_url(visit, run.id, "review/"), "Mark as reviewed", tuple(lines),
        cancel_url=visit.url(f"renewals/review/?run={run.id}"),
    )), "review")


# ---------------------------------------------------------------- submit (I-39 to I-43)

REFUSED: Mapping[str, str] = {
    "no_payment_method": "No payment method on file",
    "card_expired": "Card expired: waits for a new card or expiry date",
    "attempts_exhausted": "No tries left: waits for a new payment method",
    "authorization_revoked": "The member has withdrawn the permission",
    "code_unrecognised": "The gateway's reason is not understood: look first",
}
_SUBMIT = (
    Column("invoice", "Invoice", "code"),
    Column("member", "Member", "link"),
    Column("due", "Due", "date"),
    Column("method", "Payment method"),
    Column("tried", "Tries so far", "number"),
    Column("amount", "Amount", "money"),
)
_NOT_SUBMITTED = (*_SUBMIT[:4], Column("why", "Why not"), *_SUBMIT[4:])


def _selection(visit: Visit) -> Selection:
    asked = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    text = asked.get("due_by", "").strip()
    try:
        due_by = date.fromisoformat(text) if text else visit.desk.today
    except ValueError as error:
        raise Refused("date_invalid", f"“{text}” is no date.", field="due_by", value=text,
                      fix="Write it as 2026-03-15.") from error
    return Selection(due_by, asked.get("name", "").replace("\0", "").strip()[:200])


@staff_page("view")
def submit(visit: Visit) -> HttpResponseBase:
    """Invoices due for collection by a date: what will be submitted, and what can't be, with the reason; posted, the
    list that was confirmed is submitted."""
    if visit.request.method == "POST":
        return _submitted(visit)
    selection, today, query = _selection(visit), visit.desk.today, query_of(visit.request)
    totals = submit_totals(visit.organization, selection, on=today)
    left_out = sum(totals.refused.values())
    refused = visit.request.GET.get("show") == "refused"
    if "export" in visit.request.GET:
        return csv_of("invoices-to-submit", _SUBMIT_CSV, _submit_lines(visit, selection, refused))
    found, after = submit_page(
        visit.organization, selection, on=today, refused=refused, after=_place(visit), limit=PAGE
    )
    keep = {"due_by": selection.due_by.isoformat()}
    next_url, previous_url = _pages(visit, f"{after[0].isoformat()}~{after[1]}" if after else None, **keep)
    confirm = Action("Submit invoices for payment", visit.url("renewals/submit/confirm/") + with_query(
        (), name=selection.name_contains, **keep), "primary", ask=True, icon="send")
    if selection.due_by > today:
        messages.warning(visit.request, f"{_day(visit, selection.due_by)} lies ahead: invoices that aren't due yet are "
                         "on this list. The due date is not checked again when they are submitted.")
    for name in _unreviewed(visit, totals.run_ids):
        messages.warning(visit.request, f"The invoices of “{name}” have not been reviewed.")
    if is_submitting(visit.organization.id):
        messages.info(visit.request, "A worker is submitting a list just now; this one shrinks while it does.")
    return visit.page(ListPage(
        title="Submit invoices",
        columns=_NOT_SUBMITTED if refused else _SUBMIT,
        rows=tuple(_submit_row(visit, one, refused) for one in found),
        empty=EmptyState(
            "Nothing to submit", "No unpaid AutoPay invoice is due by that date, or all of them are being collected.",
        ),
        filters=(
            Filter("due_by", "Due for collection on or before", "date", selection.due_by.isoformat(), always=True),
            Filter("name", "Member name contains", "search", selection.name_contains),
        ),
        total=left_out if refused else totals.count,
        next_url=next_url,
        previous_url=previous_url,
        actions=(confirm,) if visit.may("submit") and totals.count and not refused else (),
        intro="This is exactly what will be submitted: membership invoices of members on AutoPay, not paid, and not "
        "being collected already." + ("" if visit.may("submit") else " An approver submits them."),
        tabs=(
            Tab("To be submitted", with_query(query, show=""), totals.count, not refused),
            Tab("Can't be submitted", with_query(query, show="refused"), left_out, refused),
        ),
        figures=(
            Figure("To submit", totals.count),
            Figure("Amount", Money(totals.amount_minor, visit.organization.currency)),
            Figure("Can't be submitted", left_out, tone="warn" if left_out else "neutral"),
        ),
        query=query,
        export_url=with_query(query, export="csv", **keep),
        noun=("invoice", "invoices"),
    ), "submit")


def _day(visit: Visit, on: date) -> str:
    return day_text(on, visit.organization.locale)


def _place(visit: Visit) -> tuple[date, int] | None:
    day, _, number = text_in(visit.request, "after").partition("~")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


def _submit_row(visit: Visit, one: Collectable, refused: bool) -> Row:
    cells: tuple[Any, ...] = (
        Link(str(one.number), invoice_url(visit, one.invoice_id)),
        Link(one.name, member_url(visit, one.party_id)),
        one.due_on,
        one.method or None,
        one.tried,
        Money(one.balance_minor, one.currency),
    )
    if refused:
        cells = (*cells[:4], REFUSED.get(one.refused, one.refused), *cells[4:])
    return Row(cells)


_SUBMIT_CSV = ("invoice", "member", "due", "payment method", "tries", "why not", "amount", "currency")


def _submit_lines(visit: Visit, selection: Selection, refused: bool) -> Iterator[Sequence[object]]:
    after, today = None, visit.desk.today
    while True:
        page, after = submit_page(
            visit.organization, selection, on=today, refused=refused, after=after, limit=2_000
        )
        for one in page:
            yield (one.number, one.name, one.due_on, one.method, one.tried, REFUSED.get(one.refused, one.refused),
                   Money(one.balance_minor, one.currency), one.currency)
        if after is None:
            return


def _unreviewed(visit: Visit, run_ids: Sequence[UUID]) -> list[str]:
    """The runs that the policy wants reviewed first, by name."""
    names = []
    for run_id in run_ids:
        try:
            refuse_unready(visit.organization, Selection(visit.desk.today), [run_id], now=visit.desk.clock.now(),
                           acknowledged=False)
        except Refused as refused:
            names.append(str(refused.value))
    return names


@staff_page("submit")
def confirm_submit(visit: Visit) -> HttpResponseBase:
    """What submitting would do, with what has to be ticked first (I-20, I-27)."""
    selection, today = _selection(visit), visit.desk.today
    totals = submit_totals(visit.organization, selection, on=today)
    back = visit.url("renewals/submit/") + with_query((), due_by=selection.due_by.isoformat(), name=selection.name_contains)
    invoices = many(visit, totals.count, "invoice", "invoices")
    if not totals.count:
        return visit.page(ConfirmPage("Nothing to submit", Confirm("", "", (
            f"No invoice due by {_day(visit, selection.due_by)} can be submitted.",), cancel_url=back, cancel_label="Back",
        )), "submit")
    ticks = []
    if selection.due_by > today:
        ticks.append(f"I want to collect invoices due up to {_day(visit, selection.due_by)} before they are due.")
    if unreviewed := _unreviewed(visit, totals.run_ids):
        ticks.append(f"I have read the invoices of {', '.join(f'“{name}”' for name in unreviewed)}, which were not "
                     "marked as reviewed.")
    lines = [f"{invoices}, {money_of(visit, totals.amount_minor)} in all, are collected from cards and bank accounts on file, "
             "at once."]
    if left_out := sum(totals.refused.values()):
        lines.append(f"{many(visit, left_out, 'invoice', 'invoices')} can't be submitted and are left out.")
    return visit.page(ConfirmPage(f"Submit {invoices} for payment?", Confirm(
        visit.url("renewals/submit/"), f"Submit {invoices}", tuple(lines), digest=totals.digest, cancel_url=back,
        fields=(("due_by", selection.due_by.isoformat()), ("name", selection.name_contains), ("key", str(new_id()))),
        acknowledge=" ".join(ticks),
    ), facts=(
        Fact("Due on or before", selection.due_by), Fact("Member name contains", selection.name_contains or None),
    )), "submit")


def _submitted(visit: Visit) -> HttpResponseBase:
    """Submits the list that was confirmed, once for each confirmation; a list that has changed since is refused."""
    visit.must("submit")
    selection, posted, desk = _selection(visit), visit.request.POST, visit.desk
    acknowledged = posted.get("acknowledge") == "yes"
    digest = posted.get("digest", "")

    def act() -> dict[str, Any]:
        totals = submit_totals(visit.organization, selection, on=desk.today)
        refuse_unready(visit.organization, selection, totals.run_ids, now=desk.clock.now(), acknowledged=acknowledged)
        if digest != totals.digest:
            raise Refused("list_changed", "The list has changed since you read it: it now has "
                          f"{many(visit, totals.count, 'invoice', 'invoices')}, {money_of(visit, totals.amount_minor)}.",
                          field="digest", fix="Nothing was submitted. Read the list again, then submit it.")
        said = f"{many(visit, totals.count, 'invoice', 'invoices')}, {money_of(visit, totals.amount_minor)}"
        if totals.count > AT_ONCE:
            enqueue_submission(visit.organization.id, due_by=selection.due_by, name_contains=selection.name_contains,
                               acknowledged=acknowledged, actor_name=visit.actor.name)
        else:
            submit_now(desk, selection, actor=visit.actor, acknowledged=acknowledged)
            enqueue_work(visit.organization.id)
        return {"said": said}

    inputs = {"due_by": selection.due_by.isoformat(), "name": selection.name_contains, "digest": digest}
    done = once(visit.organization.id, f"submit:{posted.get('key', '')[:64] or new_id()}", "submit", inputs,
                desk.clock.now(), act)
    messages.success(visit.request, f"Submitted for payment: {done['said']}. Their progress is below.")
    return redirect(visit.url("renewals/retrieve/"))


# ---------------------------------------------------------------- retrieve (I-46 to I-59)


@staff_page("view")
def retrieve(visit: Visit) -> HttpResponseBase:
    """Payments that are under way, the latest submitted first, and those that have been answered."""
    if visit.request.method == "POST":
        return _retrieved(visit)
    query, name = query_of(visit.request), text_in(visit.request, "name")
    processed = visit.request.GET.get("show") == "processed"
    made = attempts_made(visit.organization.id).filter(found_by(name, "party__"))
    waiting, answered = made.filter(state__in=OPEN_ATTEMPT), made.exclude(state__in=OPEN_ATTEMPT)
    found = answered if processed else waiting
    if "export" in visit.request.GET:
        return csv_of("payments", _ATTEMPT_CSV, _attempt_lines(visit, found))
    page, sort = page_by_key(found, visit.request, ["created_at"], "-created_at")
    labels = Labels(visit)
    invoices = invoices_by_intent([attempt.intent_id for attempt in page.rows])
    counts = waiting.count(), answered.count()
    ask = Action("Retrieve processed payments", visit.url("renewals/retrieve/"), "primary", "post", icon="inbox")
    return visit.page(ListPage(
        title="Processed payments" if processed else "Submitted payments",
        columns=attempt_columns("Settlement Status" if processed else "Invoice Settlement Status"),
        rows=tuple(attempt_row(visit, labels, attempt, invoices[attempt.intent_id]) for attempt in page.rows),
        empty=EmptyState(
            "Nothing has been answered yet" if processed else "Nothing is under way",
            "Payments appear here when the gateway has answered." if processed
            else "Payments appear here when invoices are submitted, until the gateway has answered.",
            None if processed else Action("Submit invoices", visit.url("renewals/submit/")),
        ),
        filters=(Filter("name", "Member", "search", name),),
        total=counts[processed],
        next_url=page.next_url,
        previous_url=page.previous_url,
        actions=(ask,) if visit.may("retrieve") else (),
        intro="Retrieving asks the gateway about every submitted payment. Completed invoices are marked paid; failed "
        "ones stay open.",
        tabs=(
            Tab("Submitted", with_query(query, show=""), counts[0], not processed),
            Tab("Processed", with_query(query, show="processed"), counts[1], processed),
        ),
        query=query,
        sort=sort,
        export_url=with_query(query, export="csv"),
        noun=("payment", "payments"),
    ), "retrieve")


_ATTEMPT_CSV = ("invoices", "member", "method", "submitted", "settlement status", "result", "message", "code", "amount",
                "currency")  # fmt: skip


def _attempt_lines(visit: Visit, found: Any) -> Iterator[Sequence[object]]:
    labels = Labels(visit)
    batch: list[Attempt] = []

    def lines() -> Iterator[Sequence[object]]:
        invoices = invoices_by_intent([one.intent_id for one in batch])
        for one in batch:
            result = result_badge(one)
            yield (", ".join(str(invoice.number) for invoice in invoices[one.intent_id]), one.party.name,
                   f"{one.method.brand} {one.method.last4}", one.created_at, labels.of(one).value,
                   result.label if result else None, one.apply_error or one.message, one.decline_code,
                   Money(one.intent.amount_minor, one.intent.currency), one.intent.currency)

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
        messages.info(visit.request, f"A worker is asking about {many(visit, count, 'payment', 'payments')}; "
                      "this list shrinks while it does.")
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
    """Why an attempt stands where it stands: its facts, its events, and the gateway's own trail (I-57)."""
    attempt = attempts_made(visit.organization.id).filter(id=attempt_id).first()
    if attempt is None:
        raise Http404
    invoices = invoices_by_intent([attempt.intent_id])[attempt.intent_id]
    back = Link("Retrieve processed payments", visit.url("renewals/retrieve/"))
    return visit.page(trace_page(visit, attempt, invoices, back), "retrieve")
