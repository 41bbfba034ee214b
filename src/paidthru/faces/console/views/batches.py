"""Batches: the list, the batch report, review and posting (I-15 to I-17, I-60, I-61)."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.post_batch import post_batch
from paidthru.actions.review_batch import review_batch
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import batch_url, run_url
from paidthru.faces.console.badges import BATCH_KINDS, batch_badge
from paidthru.faces.console.formats import day_text, money_text, number_text
from paidthru.faces.console.journal_pages import ENTRY_COLUMNS, journal_rows
from paidthru.faces.console.listing import csv_of, day_in, page_by_key, query_of, streamed_together, text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Choice,
    Column,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Table,
    Value,
    with_query,
)
from paidthru.faces.console.sentences import moments
from paidthru.faces.console.views.books import JOURNAL_CSV, entry_lines
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.ledger.models import Batch
from paidthru.ledger.queries import (
    Balance,
    BatchTotals,
    accounts_in_batches,
    batch_totals,
    journals,
    totals_of_batches,
)
from paidthru.membership.models import BillingRun
from paidthru.timeline.queries import events_of

PRINTED = 100  # journals of a report on screen; the PDF has more, the journal list and the CSV have all
_STATES = {"open": "Open", "reviewed": "Reviewed", "posted": "Posted"}
_COLUMNS = (
    Column("number", "Batch", "code", "number"),
    Column("name", "Name"),
    Column("kind", "Kind"),
    Column("date", "Date", "date", "dated_on"),
    Column("state", "State", "badge"),
    Column("journals", "Journals", "number"),
    Column("total", "Total", "money"),
)
_CSV = (
    "batch",
    "name",
    "kind",
    "date",
    "state",
    "reviewed by",
    "posted by",
    "currency",
    "journals",
    "debits",
    "credits",
    "memo",
)


@staff_page("view")
def batch_list(visit: Visit) -> HttpResponseBase:
    """Every batch with its state, journals and total."""
    request = visit.request
    found = Batch.objects.filter(organization=visit.organization)
    if name := text_in(request, "q"):
        found = found.filter(name__icontains=name)
    if state := text_in(request, "state"):
        if state not in _STATES:
            raise Refused(
                "status_unknown",
                f"A batch is never “{state}”.",
                field="state",
                value=state,
                fix="Choose one from the list.",
            )
        found = found.filter(state=state)
    if kind := text_in(request, "kind"):
        found = found.filter(kind=kind)
    if start := day_in(request, "from"):
        found = found.filter(dated_on__gte=start)
    if through := day_in(request, "to"):
        found = found.filter(dated_on__lte=through)
    query = query_of(request)
    if "export" in request.GET:
        return csv_of("batches", _CSV, streamed_together(found.order_by("-number"), _lines))
    page, sort = page_by_key(found, request, ["number", "dated_on"], "-number")
    totals = totals_of_batches([batch.id for batch in page.rows])
    kinds = tuple(Choice(key, label) for key, label in BATCH_KINDS.items())
    states = tuple(Choice(key, label) for key, label in _STATES.items())
    return visit.page(
        ListPage(
            title="Batches",
            columns=_COLUMNS,
            rows=tuple(_row(visit, batch, totals.get(batch.id, [])) for batch in page.rows),
            empty=EmptyState(
                "No batches yet",
                "Whatever is billed or received is gathered in a batch, to be read and then posted.",
            ),
            filters=(
                Filter("q", "Name", "search", name),
                Filter("state", "State", "choice", state, (Choice("", "Any"), *states)),
                Filter("kind", "Kind", "choice", kind, (Choice("", "All kinds"), *kinds)),
                Filter("from", "From", "date", text_in(request, "from")),
                Filter("to", "To", "date", text_in(request, "to")),
            ),
            next_url=page.next_url,
            previous_url=page.previous_url,
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=("batch", "batches"),
        ),
        "batches",
    )


def _row(visit: Visit, batch: Batch, totals: Sequence[BatchTotals]) -> Row:
    total: Value = None
    if len(totals) == 1:
        total = Money(totals[0].amount_minor, totals[0].currency)
    elif totals:
        total = "; ".join(
            money_text(Money(t.amount_minor, t.currency), visit.organization.locale) for t in totals
        )
    return Row(
        (
            str(batch.number),
            batch.name,
            BATCH_KINDS.get(batch.kind, batch.kind),
            batch.dated_on,
            batch_badge(batch.state),
            sum(one.journals for one in totals),
            total,
        ),
        batch_url(visit, batch.id),
    )


def _lines(found: list[Batch]) -> list[Sequence[object]]:
    totals = totals_of_batches([batch.id for batch in found])
    lines: list[Sequence[object]] = []
    for batch in found:
        about = (
            batch.number,
            batch.name,
            batch.kind,
            batch.dated_on,
            batch.state,
            batch.reviewed_by,
            batch.posted_by,
        )
        sums: list[tuple[object, ...]] = [
            (
                one.currency,
                one.journals,
                Money(one.debit_minor - one.memo_minor, one.currency),
                Money(one.credit_minor - one.memo_minor, one.currency),
                Money(one.memo_minor, one.currency),
            )
            for one in totals.get(batch.id, [])
        ]
        lines += [(*about, *each) for each in sums or [("", 0, None, None, None)]]
    return lines


# ---------------------------------------------------------------- the report


@staff_page("view")
def batch(visit: Visit, batch_id: UUID) -> HttpResponseBase:
    """The batch report, on screen as on paper: totals of both sides, by account, and every journal (I-16)."""
    found = get_object_or_404(Batch, id=batch_id, organization=visit.organization)
    in_batch = journals(visit.organization.id, batch_id=found.id)
    if "export" in visit.request.GET:
        return csv_of(f"batch-{found.number}", JOURNAL_CSV, entry_lines(in_batch))
    totals = batch_totals(found.id)
    count = sum(one.journals for one in totals)
    return visit.page(
        RecordPage(
            title=found.name,
            kind="Batch",
            number=str(found.number),
            badges=(batch_badge(found.state),),
            figures=_figures(totals),
            facts=_facts(visit, found),
            actions=_actions(visit, found),
            sections=(
                *_by_account(accounts_in_batches([found.id]).get(found.id, [])),
                _journals(visit, found, count),
            ),
            timeline=moments(events_of(visit.organization.id, found.id), visit.organization.locale) or None,
            printable=True,
            printed_at=visit.desk.clock.now(),
            sign_off=("Prepared by", "Reviewed by", "Posted by"),
            export_url="?export=csv",
            crumbs=(Link("Batches", visit.url("batches/")),),
        ),
        "batches",
    )


def _figures(totals: Sequence[BatchTotals]) -> tuple[Figure, ...]:
    if not totals:
        return (Figure("Journals", 0),)
    found = [Figure("Journals", sum(one.journals for one in totals))]
    for one in totals:
        even = one.debit_minor == one.credit_minor
        said, tone = ("equal to the debits", "neutral") if even else ("NOT equal to the debits", "bad")
        found += [
            Figure("Debits", Money(one.debit_minor - one.memo_minor, one.currency)),
            Figure("Credits", Money(one.credit_minor - one.memo_minor, one.currency), said, tone),  # type: ignore[arg-type]
        ]
        if one.memo_minor:
            found.append(
                Figure("Memo", Money(one.memo_minor, one.currency), "on both sides, outside of income")
            )
    return tuple(found)


def _facts(visit: Visit, batch: Batch) -> tuple[Fact, ...]:
    run = BillingRun.objects.filter(batch=batch, organization=visit.organization).first()
    return (
        Fact("Kind", BATCH_KINDS.get(batch.kind, batch.kind)),
        Fact("Date", batch.dated_on),
        *((Fact("Billing run", Link(run.name, run_url(visit, run.id))),) if run else ()),
        Fact("Opened", batch.opened_at),
        Fact("Reviewed", batch.reviewed_at, batch.reviewed_by),
        Fact("Posted", batch.posted_at, batch.posted_by),
    )


def _actions(visit: Visit, batch: Batch) -> tuple[Action, ...]:
    here = batch_url(visit, batch.id)
    found = []
    if batch.state == "open" and visit.may("review"):
        weight = "secondary" if visit.may("post") else "primary"
        found.append(Action("Mark as reviewed", f"{here}review/", weight, ask=True, icon="review"))  # type: ignore[arg-type]
    if batch.state != "posted" and visit.may("post"):
        found.append(Action("Post batch", f"{here}post/", "primary", ask=True, icon="check"))
    found.append(Action("PDF", f"{here}pdf/"))
    return tuple(found)


def _by_account(balances: Sequence[Balance]) -> tuple[Section, ...]:
    found = []
    for currency in dict.fromkeys(balance.currency for balance in balances):
        for memo, title in ((False, "By account"), (True, "Memo accounts")):
            own = [one for one in balances if one.currency == currency and (one.kind == "memo") == memo]
            if own:
                table = _sides(own, currency, title)
                found.append(
                    Section(f"{title[:4].lower().strip()}-{currency}", f"{title}, {currency}", table)
                )
    return tuple(found)


def _sides(balances: Sequence[Balance], currency: str, title: str) -> Table:
    rows = tuple(
        Row(
            (
                f"{one.number} {one.code}",
                Money(one.debit_minor, currency) if one.debit_minor else None,
                Money(one.credit_minor, currency) if one.credit_minor else None,
            )
        )
        for one in balances
    )
    debit, credit = sum(one.debit_minor for one in balances), sum(one.credit_minor for one in balances)
    foot = Row(("Total", Money(debit, currency), Money(credit, currency)))
    return Table(ENTRY_COLUMNS, rows, f"{title}, {currency}", foot)


def _journals(visit: Visit, batch: Batch, count: int) -> Section:
    shown = journals(visit.organization.id, batch_id=batch.id).order_by("id")[:PRINTED]
    return Section(
        "journals",
        "Journals",
        Table(
            ENTRY_COLUMNS,
            journal_rows(visit, shown, batches=False),
            "Journals",
            empty=EmptyState("Nothing is in it yet."),
        ),
        text=f"The first {PRINTED} of {count} journals; the totals above are of all."
        if count > PRINTED
        else "",
        more=Link(f"All {count} journals", visit.url(f"journal/?batch={batch.number}"))
        if count > PRINTED
        else None,
    )


# ---------------------------------------------------------------- review and post


def _digest(batch: Batch, totals: Sequence[BatchTotals]) -> str:
    return hashlib.sha256(repr((batch.id, totals)).encode()).hexdigest()


def _sums(visit: Visit, totals: Sequence[BatchTotals]) -> tuple[str, ...]:
    def money(amount_minor: int, one: BatchTotals) -> str:
        return money_text(Money(amount_minor, one.currency), visit.organization.locale)

    found = []
    for one in totals:
        debit, credit = (
            money(one.debit_minor - one.memo_minor, one),
            money(one.credit_minor - one.memo_minor, one),
        )
        memo = f"; memo {money(one.memo_minor, one)} on both sides" if one.memo_minor else ""
        journals = (
            "1 journal"
            if one.journals == 1
            else f"{number_text(one.journals, visit.organization.locale)} journals"
        )
        found.append(f"{journals}: debits {debit}, credits {credit}{memo}.")
    return tuple(found) or ("It is empty.",)


@staff_page("review")
def review(visit: Visit, batch_id: UUID) -> HttpResponseBase:
    """Marks a batch as reviewed, after showing what was read."""
    found = get_object_or_404(Batch, id=batch_id, organization=visit.organization)
    totals, here = batch_totals(found.id), batch_url(visit, found.id)
    if visit.request.method == "POST" and visit.request.POST.get("digest") == _digest(found, totals):
        review_batch(found.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"Batch {found.number} is reviewed.")
        return redirect(here)
    sentences = (*_sums(visit, totals), f"Your name stands on it as the reviewer: {visit.actor.name}.")
    return _asked(
        visit, found, f"Have you read batch {found.number}?", "Mark as reviewed", sentences, totals, "review/"
    )


@staff_page("post")
def post(visit: Visit, batch_id: UUID) -> HttpResponseBase:
    """Posts a batch, after showing what is sealed. A second time is refused (I-17)."""
    found = get_object_or_404(Batch, id=batch_id, organization=visit.organization)
    totals, here = batch_totals(found.id), batch_url(visit, found.id)
    if found.state == "posted":
        raise Refused(
            "batch_posted",
            f"Batch {found.number} is already posted.",
            field="batch",
            value=found.number,
            fix="Corrections go into a new batch.",
        )
    if visit.request.method == "POST" and visit.request.POST.get("digest") == _digest(found, totals):
        post_batch(found.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"Batch {found.number} is posted.")
        return redirect(here)
    sentences = (
        *_sums(visit, totals),
        "Seals it: nothing can be added or changed afterwards, corrections go into a new batch.",
    )
    if found.state == "open":
        sentences += ("Nobody has reviewed it yet; posting it says that you have.",)
    return _asked(visit, found, f"Post batch {found.number}?", "Post batch", sentences, totals, "post/")


def _asked(
    visit: Visit,
    batch: Batch,
    title: str,
    label: str,
    sentences: tuple[str, ...],
    totals: Sequence[BatchTotals],
    act: str,
) -> HttpResponseBase:
    changed = visit.request.method == "POST"
    if changed:
        messages.warning(visit.request, "The batch has changed since you read it. Please read it again.")
    here = batch_url(visit, batch.id)
    return visit.page(
        ConfirmPage(
            title=title,
            confirm=Confirm(f"{here}{act}", label, sentences, _digest(batch, totals), here),
            text=f"{batch.name}, dated {day_text(batch.dated_on, visit.organization.locale)}",
            crumbs=(Link("Batches", visit.url("batches/")), Link(batch.name, here)),
        ),
        "batches",
        409 if changed else 200,
    )
