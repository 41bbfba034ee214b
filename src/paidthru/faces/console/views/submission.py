"""Submit invoices for payment: the list is what will be submitted (I-39 to I-43)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.submit import Selection, refuse_unready, submit_page, submit_totals
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import key_of
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.listing import PAGE, csv_of, id_in, onward_pages, query_of, text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, ProgressPage
from paidthru.faces.console.parts import (
    Action,
    Column,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Tab,
    with_query,
)
from paidthru.faces.console.run_pages import many, monies, monies_text
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money
from paidthru.payments.queries import Collectable, attempts_made
from paidthru.runs import submit as submit_now
from paidthru.timeline.operations import once
from paidthru.wiring import enqueue_submission, enqueue_work, is_submitting

AT_ONCE = 200  # invoices that a request submits itself; more are a worker's

REFUSED: Mapping[str, str] = {
    "no_payment_method": "No payment method on file",
    "card_expired": "Card expired: waits for a new card or expiry date",
    "attempts_exhausted": "No tries left: waits for a new payment method",
    "authorization_revoked": "The member has withdrawn the permission",
    "code_unrecognised": "The gateway's reason is not understood: look first",
}
_WHAT = (
    "This is exactly what will be submitted: membership invoices of members on AutoPay, not paid, and not being "
    "collected already."
)
_WHY_NOT = "These are due too, and can't be collected until what stands beside them has changed."
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
        raise Refused(
            "date_invalid", f"“{text}” is no date.", field="due_by", value=text, fix="Write it as 2026-03-15."
        ) from error
    return Selection(due_by, asked.get("name", "").replace("\0", "").strip()[:200])


@staff_page("view")
def submit(visit: Visit) -> HttpResponseBase:
    """Invoices due for collection by a date: what will be submitted, and what can't be, with the reason; posted, the
    list that was confirmed is submitted."""
    if visit.request.method == "POST":
        return _submitted(visit)
    selection, today, query = _selection(visit), visit.desk.today, query_of(visit.request)
    totals = submit_totals(visit.organization, selection, now=visit.desk.clock.now())
    left_out = sum(totals.refused.values())
    refused = visit.request.GET.get("show") == "refused"
    if "export" in visit.request.GET:
        return csv_of("invoices-to-submit", _SUBMIT_CSV, _submit_lines(visit, selection, refused))
    found, after = submit_page(
        visit.organization,
        selection,
        now=visit.desk.clock.now(),
        refused=refused,
        after=_place(visit),
        limit=PAGE,
    )
    keep = {"due_by": selection.due_by.isoformat()}
    next_url, previous_url = onward_pages(
        visit.request, f"{after[0].isoformat()}~{after[1]}" if after else None, **keep
    )
    confirm = Action(
        "Submit invoices for payment",
        visit.url("renewals/submit/confirm/") + with_query((), name=selection.name_contains, **keep),
        "primary",
        ask=True,
        icon="send",
    )
    if selection.due_by > today:
        messages.warning(
            visit.request,
            f"{_day(visit, selection.due_by)} lies ahead: invoices that aren't due yet are "
            "on this list. The due date is not checked again when they are submitted.",
        )
    for name in _unreviewed(visit, totals.run_ids):
        messages.warning(visit.request, f"The invoices of “{name}” have not been reviewed.")
    if is_submitting(visit.organization.id):
        messages.info(
            visit.request, "A worker is submitting a list just now; this one shrinks while it does."
        )
    return visit.page(
        ListPage(
            title="Submit invoices",
            columns=_NOT_SUBMITTED if refused else _SUBMIT,
            rows=tuple(_submit_row(visit, one, refused) for one in found),
            empty=EmptyState(
                "Nothing to submit",
                "No unpaid AutoPay invoice is due by that date, or all of them are being collected.",
            ),
            filters=(
                Filter(
                    "due_by",
                    "Due for collection on or before",
                    "date",
                    selection.due_by.isoformat(),
                    always=True,
                ),
                Filter("name", "Member name contains", "search", selection.name_contains),
            ),
            total=left_out if refused else totals.count,
            next_url=next_url,
            previous_url=previous_url,
            actions=(confirm,) if visit.may("submit") and totals.count and not refused else (),
            intro=_WHY_NOT
            if refused
            else _WHAT + ("" if visit.may("submit") else " An approver submits them."),
            tabs=(
                Tab("To be submitted", with_query(query, show=""), totals.count, not refused),
                Tab("Can't be submitted", with_query(query, show="refused"), left_out, refused),
            ),
            figures=(
                Figure("To submit", totals.count),
                Figure("Amount", monies(visit, totals.amounts)),
                Figure("Can't be submitted", left_out, tone="warn" if left_out else "neutral"),
            ),
            query=query,
            export_url=with_query(query, export="csv", **keep),
            noun=("invoice", "invoices"),
        ),
        "submit",
    )


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
        Link(one.label, invoice_url(visit, one.invoice_id)),
        Link(one.name, member_url(visit, one.party_id)),
        one.due_on,
        one.method or None,
        one.tried,
        Money(one.balance_minor, one.currency),
    )
    if refused:
        cells = (*cells[:4], REFUSED.get(one.refused, one.why), *cells[4:])
    return Row(cells)


_SUBMIT_CSV = ("invoice", "member", "due", "payment method", "tries", "why not", "amount", "currency")


def _submit_lines(visit: Visit, selection: Selection, refused: bool) -> Iterator[Sequence[object]]:
    after = None
    while True:
        page, after = submit_page(
            visit.organization,
            selection,
            now=visit.desk.clock.now(),
            refused=refused,
            after=after,
            limit=2_000,
        )
        for one in page:
            yield (
                one.label,
                one.name,
                one.due_on,
                one.method,
                one.tried,
                REFUSED.get(one.refused, one.why),
                Money(one.balance_minor, one.currency),
                one.currency,
            )
        if after is None:
            return


def _unreviewed(visit: Visit, run_ids: Sequence[UUID]) -> list[str]:
    """The runs that the policy wants reviewed first, by name."""
    names = []
    for run_id in run_ids:
        try:
            refuse_unready(
                visit.organization,
                Selection(visit.desk.today),
                [run_id],
                now=visit.desk.clock.now(),
                acknowledged=False,
            )
        except Refused as refused:
            names.append(str(refused.value))
    return names


@staff_page("submit")
def confirm_submit(visit: Visit) -> HttpResponseBase:
    """What submitting would do, with what has to be ticked first (I-20, I-27)."""
    selection, today = _selection(visit), visit.desk.today
    totals = submit_totals(visit.organization, selection, now=visit.desk.clock.now())
    back = visit.url("renewals/submit/") + with_query(
        (), due_by=selection.due_by.isoformat(), name=selection.name_contains
    )
    invoices = many(visit, totals.count, "invoice", "invoices")
    if not totals.count:
        return visit.page(
            ConfirmPage(
                "Nothing to submit",
                Confirm(
                    "",
                    "",
                    (f"No invoice due by {_day(visit, selection.due_by)} can be submitted.",),
                    cancel_url=back,
                    cancel_label="Back",
                ),
            ),
            "submit",
        )
    ticks = []
    if selection.due_by > today:
        ticks.append(
            f"I want to collect invoices due up to {_day(visit, selection.due_by)} before they are due."
        )
    if unreviewed := _unreviewed(visit, totals.run_ids):
        ticks.append(
            f"I have read the invoices of {', '.join(f'“{name}”' for name in unreviewed)}, which were not "
            "marked as reviewed."
        )
    total = monies_text(visit, totals.amounts)
    lines = [f"{invoices}, {total} in all, are collected from cards and bank accounts on file, at once."]
    if left_out := sum(totals.refused.values()):
        lines.append(f"{many(visit, left_out, 'invoice', 'invoices')} can't be submitted and are left out.")
    return visit.page(
        ConfirmPage(
            f"Submit {invoices} for payment?",
            Confirm(
                visit.url("renewals/submit/"),
                f"Submit {invoices}",
                tuple(lines),
                digest=totals.digest,
                cancel_url=back,
                fields=(
                    ("due_by", selection.due_by.isoformat()),
                    ("name", selection.name_contains),
                    ("key", str(new_id())),
                ),
                acknowledge=" ".join(ticks),
            ),
            facts=(
                Fact("Due on or before", selection.due_by),
                Fact("Member name contains", selection.name_contains or None),
            ),
        ),
        "submit",
    )


def _submitted(visit: Visit) -> HttpResponseBase:
    """Submits the list that was confirmed, once for each confirmation; a list that has changed since is refused."""
    visit.must("submit")
    selection, posted, desk = _selection(visit), visit.request.POST, visit.desk
    acknowledged = posted.get("acknowledge") == "yes"
    digest, mark = posted.get("digest", ""), str(new_id())

    def act() -> dict[str, Any]:
        totals = submit_totals(visit.organization, selection, now=desk.clock.now())
        refuse_unready(
            visit.organization, selection, totals.run_ids, now=desk.clock.now(), acknowledged=acknowledged
        )
        if digest != totals.digest:
            raise Refused(
                "list_changed",
                "The list has changed since you read it: it now has "
                f"{many(visit, totals.count, 'invoice', 'invoices')}, {monies_text(visit, totals.amounts)}.",
                field="digest",
                fix="Nothing was submitted. Read the list again, then submit it.",
            )
        said = f"{many(visit, totals.count, 'invoice', 'invoices')}, {monies_text(visit, totals.amounts)}"
        if totals.count > AT_ONCE:
            enqueue_submission(
                visit.organization.id,
                due_by=selection.due_by,
                name_contains=selection.name_contains,
                acknowledged=acknowledged,
                actor_name=visit.actor.name,
            )
        else:
            submit_now(desk, selection, actor=visit.actor, acknowledged=acknowledged)
            enqueue_work(visit.organization.id)
        return {"said": said, "mark": mark, "queued": totals.count if totals.count > AT_ONCE else 0}

    inputs = {"due_by": selection.due_by.isoformat(), "name": selection.name_contains, "digest": digest}
    done = once(
        visit.organization.id,
        f"submit:{key_of(visit)}",
        "submit",
        inputs,
        desk.clock.now(),
        act,
    )
    messages.success(visit.request, f"Submitted for payment: {done['said']}. Their progress is below.")
    if done["queued"]:
        return redirect(visit.url(f"renewals/submit/progress/?after={done['mark']}&of={done['queued']}"))
    return redirect(visit.url("renewals/retrieve/"))


@staff_page("view")
def progress(visit: Visit) -> HttpResponseBase:
    """How far a long submission is: the attempts opened since it was confirmed, and how many of them have been sent."""
    mark, of = id_in(visit.request, "after"), text_in(visit.request, "of")
    opened = attempts_made(visit.organization.id).filter(initiator="submission")
    if mark is not None:
        opened = opened.filter(id__gt=mark)
    count, waiting = opened.count(), opened.filter(state="created").count()
    under_way = waiting > 0 or is_submitting(visit.organization.id)
    expected = int(of) if of.isdecimal() and len(of) < 10 else 0
    page = ProgressPage(
        title="Submit invoices",
        label="Submitting invoices for payment",
        done=count - waiting,
        total=max(count, expected) if under_way else count,
        poll_url=visit.request.get_full_path(),
        state="done" if not under_way else "running" if count else "waiting",
        result=Link("See what became of them", visit.url("renewals/retrieve/?show=processed")),
        noun=("invoice", "invoices"),
        crumbs=(Link("Submit invoices", visit.url("renewals/submit/")),),
    )
    if visit.request.headers.get("HX-Request"):
        return visit.part("console/parts/progress.html", page)
    return visit.page(page, "submit")
