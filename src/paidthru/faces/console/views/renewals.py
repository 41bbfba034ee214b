"""Renewal runs: generate, preview, release, watch, look up."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRefresh

from paidthru.actions.commit_run import PreviewStale, commit_run
from paidthru.actions.preview_run import preview_again, start_run
from paidthru.actions.resume_run import resume_run
from paidthru.faces.console import run_pages
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import batch_url, run_url
from paidthru.faces.console.forms import GenerateForm
from paidthru.faces.console.listing import csv_of, page_by_key, query_of, streamed
from paidthru.faces.console.pages import Drift, FormPage
from paidthru.faces.console.parts import (
    Action,
    Column,
    EmptyState,
    Link,
    ListPage,
    Row,
    Text,
    Value,
    with_query,
)
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period
from paidthru.membership.models import BillingCycle, BillingRun, Membership
from paidthru.membership.queries import proposed_effective_date, run_items, run_totals
from paidthru.runs import preview_run
from paidthru.timeline.operations import once
from paidthru.wiring import enqueue_run

AT_ONCE = 2_000  # members whom a request previews itself; more are a worker's


# ---------------------------------------------------------------- the log

_LOG = (
    Column("name", "Billing run", "link", "name"),
    Column("state", "State", "badge"),
    Column("bill", "Bill date", "date", "bill_on"),
    Column("effective", "Effective date", "date", "effective_on"),
    Column("billed", "Billed", "number"),
    Column("skipped", "Left out", "number"),
    Column("amount", "Amount", "money"),
    Column("batch", "Batch", "code"),
    Column("next", "Next", "link"),
)


@staff_page("view")
def log(visit: Visit) -> HttpResponseBase:
    """Every run, newest first. A run that succeeded is a link; one that failed isn't, and says why (I-13, I-14)."""
    query = query_of(visit.request)
    found = BillingRun.objects.filter(organization=visit.organization).select_related("batch")
    if name := visit.request.GET.get("name", "").strip():
        found = found.filter(name__icontains=name)
    if "export" in visit.request.GET:
        return csv_of("billing-runs", _LOG_CSV, streamed(found.order_by("-created_at", "-id"), _log_line))
    page, sort = page_by_key(
        found, visit.request, ["created_at", "name", "bill_on", "effective_on"], "-created_at"
    )
    totals = run_totals(page.rows)
    generate = Action("Generate renewals", visit.url("renewals/generate/"), "primary", icon="renew")
    may = visit.may("renew")
    return visit.page(
        ListPage(
            title="Billing runs",
            columns=_LOG,
            rows=tuple(_log_row(visit, run, totals[run.id]) for run in page.rows),
            empty=EmptyState(
                "No billing run yet",
                "A run bills the next term of everybody who is due, after a preview.",
                generate if may else None,
            ),
            next_url=page.next_url,
            previous_url=page.previous_url,
            actions=(generate,) if may else (),
            intro="A run whose name is a link has succeeded; the link shows everyone it billed.",
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=("run", "runs"),
        ),
        "logs",
    )


def _log_row(visit: Visit, run: BillingRun, totals: Sequence[Money]) -> Row:
    here = run_url(visit, run.id)
    by = f"{run.created_by}{', AutoPay only' if run.autopay_only else ''}"
    follows: dict[str, str] = {
        "previewing": "See the progress",
        "previewed": "Read the preview",
        "queued": "See the progress",
        "running": "See the progress",
        "failed": "What happened, and how to go on",
    }
    step: Value = Link(follows[run.state], here) if run.state in follows else None
    if run.state == "done" and run.billed and not run.reviewed_at:
        step = Link("Review invoices", visit.url(f"renewals/review/?run={run.id}"))
    return Row(
        (
            Link(run.name, here, by) if run.state == "done" else Text(run.name, by),
            run_pages.state_badge(run),
            run.bill_on,
            run.effective_on,
            run.billed,
            run.skipped,
            run_pages.monies(visit, totals),
            Link(str(run.batch.number), batch_url(visit, run.batch.id)) if run.batch else None,
            step,
        ),
        tone="bad" if run.state == "failed" else "neutral",
    )


_LOG_CSV = ("run", "state", "bill date", "effective date", "billed", "left out", "amount", "batch", "failure")


def _log_line(run: BillingRun) -> Sequence[object]:
    return (
        run.name,
        run.state,
        run.bill_on,
        run.effective_on,
        run.billed,
        run.skipped,
        " + ".join(str(one) for one in run_totals([run])[run.id]),
        run.batch.number if run.batch else None,
        run.failure,
    )


# ---------------------------------------------------------------- generate

_ASIDE = (
    (
        "First comes a preview: every member with the term, the amount and the reason, or why they are left out. "
        "Nothing is billed until you have read it and said so."
    ),
    (
        "The effective date has two jobs. Members paid through a day before it are included, and terms that are the "
        "same for everybody begin on it."
    ),
    "The bill date is the day of the run and the date on its invoices.",
)


@staff_page("renew")
def generate(visit: Visit) -> HttpResponseBase:
    """The form of a new run; posted, the run is previewed (I-04 to I-12, G-20, G-21)."""
    today = visit.desk.today
    cycles = list(
        BillingCycle.objects.filter(organization=visit.organization)
        .order_by("name")
        .values_list("name", flat=True)
    )
    if visit.request.method == "POST":
        form = GenerateForm(visit.request.POST, cycles=cycles, today=today)
        if form.is_valid():
            try:
                return redirect(run_url(visit, _started(visit, form.cleaned_data)))
            except Refused as refused:
                form.refuse(refused)
    else:
        form = GenerateForm(
            cycles=cycles,
            today=today,
            initial={
                "bill_on": today,
                "effective_on": proposed_effective_date(visit.organization, today),
                "key": str(new_id()),
            },
        )
    page = FormPage(
        "Generate renewals",
        form,
        "Preview",
        visit.url("renewals/generate/"),
        visit.url("renewals/"),
        aside=_ASIDE,
        crumbs=run_pages.crumbs(visit),
    )
    return visit.page(page, "generate", 422 if form.errors else 200)


def _started(visit: Visit, said: dict[str, Any]) -> UUID:
    """Starts the run that the form describes, once for each form, and previews it here or by a worker."""
    now = visit.desk.clock.now()

    def start() -> dict[str, Any]:
        run = start_run(
            visit.organization,
            name=said["name"],
            effective_on=said["effective_on"],
            actor=visit.actor,
            now=now,
            bill_on=said["bill_on"],
            autopay_only=said["autopay_only"],
            billing_cycle=said["cycle"],
        )
        return {"run": str(run.id)}

    inputs = {name: str(value) for name, value in said.items() if name != "key"}
    run_id = UUID(
        once(visit.organization.id, f"generate:{said['key']}", "start_run", inputs, now, start)["run"]
    )
    _preview(visit, run_id)
    return run_id


def _preview(visit: Visit, run_id: UUID) -> None:
    if Membership.objects.filter(organization=visit.organization).count() > AT_ONCE:
        with transaction.atomic():
            enqueue_run(run_id, hands=1)
    else:
        preview_run(run_id, actor=visit.actor, now=visit.desk.clock.now())


# ---------------------------------------------------------------- one run


def _run(visit: Visit, run_id: UUID) -> BillingRun:
    found = BillingRun.objects.filter(organization=visit.organization, id=run_id)
    run = found.select_related("organization", "billing_cycle", "batch").first()
    if run is None:
        raise Http404
    return run


@staff_page("view")
def run(visit: Visit, run_id: UUID) -> HttpResponseBase:
    """A run, wherever it stands: its preview, its progress, why it failed, or whom it billed."""
    it = _run(visit, run_id)
    if it.state not in ("previewed", "done"):
        page = run_pages.progress_page(visit, it)
        if visit.request.headers.get("HX-Request"):
            return visit.part("console/parts/progress.html", page)
        return visit.page(page, "logs")
    if visit.request.headers.get("HX-Request"):  # the progress has come to its end
        return HttpResponseClientRefresh()
    asked = visit.request.GET
    name, show = asked.get("name", "").strip(), asked.get("show", "")
    if it.state == "done":
        show = show or "billed"
    found = run_items(it, name=name, show=show)
    slice_, _ = page_by_key(found, visit.request, ["seq"], "seq")
    if it.state == "previewed":
        total = found.count() if name or show else it.candidates
        return visit.page(run_pages.preview_page(visit, it, slice_, total, _drift(visit, it)), "logs")
    refused = run_items(it, show="refused").count()
    total = found.count() if name or show != "billed" else it.billed
    return visit.page(run_pages.result_page(visit, it, slice_, total, refused), "logs")


@staff_page("view")
def items_csv(visit: Visit, run_id: UUID) -> HttpResponseBase:
    """A run's items as a file, narrowed as the page is."""
    it = _run(visit, run_id)
    found = run_items(
        it, name=visit.request.GET.get("name", "").strip(), show=visit.request.GET.get("show", "")
    )
    headers = (
        "member number",
        "member",
        "decision",
        "start",
        "through",
        "amount",
        "currency",
        "invoice",
        "why",
        "paid by",
    )
    return csv_of("billing-run", headers, _item_lines(it, found))


def _item_lines(it: BillingRun, found: Any) -> Iterator[Sequence[object]]:
    def line(item: Any) -> Sequence[object]:
        if item.reason:
            decision = run_pages.REASONS.get(item.reason, item.reason)
            named = item.party_number, item.party_name, decision
            return *named, None, None, None, None, None, item.detail, item.payer_name
        number = (
            it.first_number + item.ordinal
            if it.first_number is not None and item.ordinal is not None
            else None
        )
        period_end = Period(item.start_on, item.end_on).through
        decision = "changed meanwhile" if item.outcome == "refused" else "billed"
        return (
            item.party_number,
            item.party_name,
            decision,
            item.start_on,
            period_end,
            Money(item.total_minor, item.currency),
            item.currency,
            number,
            item.detail,
            item.payer_name,
        )

    return streamed(found.order_by("seq"), line)


def _drift_key(run_id: UUID) -> str:
    return f"drift {run_id}"


def _drift(visit: Visit, it: BillingRun) -> Drift | None:
    stored = visit.request.session.get(_drift_key(it.id))
    return run_pages.drift_of(stored) if stored else None


@staff_page("renew")
def commit(visit: Visit, run_id: UUID) -> HttpResponseBase:
    """Releases a run exactly as it was read; if the world has changed, nothing is done and the changes are shown."""
    it = _run(visit, run_id)
    if visit.request.method != "POST":
        return redirect(run_url(visit, it.id))
    token = _token(visit.request.POST.get("digest", ""))
    session = visit.request.session
    try:
        with transaction.atomic():
            committed = commit_run(it.id, actor=visit.actor, now=visit.desk.clock.now(), token=token)
            enqueue_run(it.id)
    except PreviewStale as stale:
        session[_drift_key(it.id)] = {
            "summary": "The run was not released. This is what changed:",
            "changes": [[one.name, one.was, one.now] for one in stale.drift],
            "total": stale.count,
        }
        if token == it.preview_token:
            preview_again(it)
            _preview(visit, it.id)
        return redirect(run_url(visit, it.id))
    session.pop(_drift_key(it.id), None)
    if committed.state == "queued":
        messages.success(
            visit.request,
            f"“{it.name}” was submitted for processing: {run_pages.many(visit, it.billed, 'member', 'members')}, "
            f"{run_pages.monies_text(visit, run_pages.totals_of(it))}.",
        )
    return redirect(run_url(visit, it.id))


def _token(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Refused(
            "preview_not_read",
            "The page did not say which preview you read.",
            field="digest",
            value=text[:80],
            fix="Open the run, read its preview, and release it from there.",
        ) from error


@staff_page("renew")
def make_preview_again(visit: Visit, run_id: UUID) -> HttpResponse:
    """Makes a preview anew from the facts as they are."""
    it = _run(visit, run_id)
    if visit.request.method == "POST":
        visit.request.session.pop(_drift_key(it.id), None)
        if it.state == "previewed":
            preview_again(it)
            _preview(visit, it.id)
    return redirect(run_url(visit, it.id))


@staff_page("renew")
def resume(visit: Visit, run_id: UUID) -> HttpResponse:
    """Starts a failed run again (I-14)."""
    it = _run(visit, run_id)
    if visit.request.method == "POST":
        with transaction.atomic():
            resume_run(it.id, actor=visit.actor, now=visit.desk.clock.now())
            enqueue_run(it.id)
        messages.success(visit.request, f"“{it.name}” goes on where it stopped.")
    return redirect(run_url(visit, it.id))
