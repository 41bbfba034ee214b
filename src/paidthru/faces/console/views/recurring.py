"""Recurring invoices: what comes again and when; paused, gone on with, ended (A-11)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.pause_recurring import end_recurring, pause_recurring, resume_recurring
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import told
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.badges import invoice_badge
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.listing import in_words, page_by_key, query_of, text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Column,
    EmptyState,
    Fact,
    Figure,
    Link,
    ListPage,
    Row,
    Tab,
    Table,
    with_query,
)
from paidthru.faces.console.row_exports import rows_csv
from paidthru.faces.console.sentences import moments
from paidthru.faces.console.written_lines import written_lines
from paidthru.invoicing.models import Invoice, RecurringInvoice
from paidthru.invoicing.operations.recurring import interval_of
from paidthru.invoicing.rules.recurring import upcoming
from paidthru.invoicing.rules.writing import restored
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.runs.invoices import reckon
from paidthru.timeline.models import Event

_SHOWN = 12  # further dates, and invoices that are there
_COLUMNS = (
    Column("member", "Member"),
    Column("what", "For"),
    Column("every", "How often"),
    Column("next", "Next on", "date", "next_on"),
    Column("until", "The last by", "date"),
    Column("state", "State", "badge"),
    Column("made", "Made", "number"),
)
_TABS: Mapping[str, tuple[str, Q]] = {
    "": ("Going on", Q(next_on__isnull=False, paused_at=None)),
    "paused": ("Paused", Q(next_on__isnull=False, paused_at__isnull=False)),
    "ended": ("Ended", Q(next_on=None)),
}


@staff_page("view")
def recurring_list(visit: Visit) -> HttpResponseBase:
    """What comes again, the next first; `?show=` is the tab."""
    show, query = text_in(visit.request, "show"), query_of(visit.request)
    found = RecurringInvoice.objects.filter(organization=visit.organization).select_related("party")
    found = found.filter(_TABS.get(show, _TABS[""])[1])
    if text_in(visit.request, "export") == "csv":
        every = found.order_by("-created_at", "-id").iterator(chunk_size=500)
        columns = in_words(visit.words, _COLUMNS)
        return rows_csv("recurring-invoices", columns, (_row(visit, one) for one in every))
    page, sort = page_by_key(found, visit.request, ["created_at"], "-created_at")
    write = Action("New invoice", visit.url("invoices/new/"), "primary", icon="plus")
    return visit.page(
        ListPage(
            title="Recurring invoices",
            columns=in_words(visit.words, _COLUMNS),
            rows=tuple(_row(visit, one) for one in page.rows),
            empty=EmptyState(
                "Nothing here",
                "An invoice that is written to come every month, quarter or year is found here.",
                write if visit.may("charge") else None,
            ),
            next_url=page.next_url,
            previous_url=page.previous_url,
            tabs=tuple(
                Tab(label, with_query(query, show=key), None, key == show)
                for key, (label, _) in _TABS.items()
            ),
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=("recurring invoice", "recurring invoices"),
            crumbs=(Link("Invoices", visit.url("invoices/")),),
        ),
        "invoices",
    )


@staff_page("view")
def one_recurring(visit: Visit, recurring_id: UUID) -> HttpResponseBase:
    """A recurring invoice: its lines, the days to come, the invoices that are there."""
    one = _found(visit, recurring_id)
    come_to = reckon(
        visit.desk, one.party, restored(one.lines), currency=one.currency, on=one.next_on or visit.desk.today
    )
    happened = Event.objects.filter(organization=visit.organization, subject_id=one.id).order_by("-id")
    here = _url(visit, one)
    acts = tuple(
        Action(act.label, f"{here}{key}/", ask=True)
        for key, act in ACTS.items()
        if act.offered(one) and visit.may("charge")
    )
    page = RecordPage(
        title=f"{_what(one)}, {one.party.name}",
        kind="Recurring invoice",
        badges=(_state(one),),
        figures=(Figure("Each comes to", Money(come_to.total_minor, one.currency)),),
        facts=(
            Fact(visit.words.titled("member"), Link(one.party.name, member_url(visit, one.party_id))),
            Fact("How often", f"Every {interval_of(one).each}"),
            Fact("First on", one.starts_on),
            Fact("Next on", one.next_on if one.paused_at is None else None),
            Fact("The last by", one.ends_on, "" if one.ends_on else "Until somebody ends it."),
            Fact("Due", f"{one.due_days} days after it is billed" if one.due_days else "At once"),
            Fact("Comes as", "A draft" if one.as_draft else "An invoice that is sent"),
        ),
        actions=acts,
        sections=(written_lines(come_to, one.currency), _days(visit, one), _made(visit, one)),
        timeline=moments(happened[:50], visit.organization.locale),
        crumbs=(
            Link("Invoices", visit.url("invoices/")),
            Link("Recurring invoices", visit.url("invoices/recurring/")),
        ),
    )
    return visit.page(page, "invoices")


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do about a recurring invoice: its button, when it is offered, what it does in a sentence."""

    label: str
    offered: Callable[[RecurringInvoice], bool]
    does: Callable[..., RecurringInvoice]
    says: str
    done: str
    danger: bool = False


ACTS: Mapping[str, Act] = {
    "pause": Act(
        "Pause",
        lambda one: one.next_on is not None and one.paused_at is None,
        pause_recurring,
        "No further invoice comes until somebody goes on with it.",
        "It is paused.",
    ),
    "resume": Act(
        "Go on",
        lambda one: one.next_on is not None and one.paused_at is not None,
        resume_recurring,
        "The next invoice comes on the first of its days that is today or later; what fell into the pause is left out.",
        "It goes on.",
    ),
    "end": Act(
        "End",
        lambda one: one.next_on is not None,
        end_recurring,
        "No further invoice comes. Those that are there stay as they are. It can’t be begun again.",
        "It has ended.",
        danger=True,
    ),
}


@staff_page("charge")
def act(visit: Visit, recurring_id: UUID, verb: str) -> HttpResponseBase:
    """Pauses it, goes on with it, or ends it, after it was read what that does. Done again, nothing happens."""
    one, chosen = _found(visit, recurring_id), ACTS.get(verb)
    if chosen is None:
        raise Http404
    back = _url(visit, one)
    if visit.request.method == "POST":
        try:
            chosen.does(visit.organization, one.id, actor=visit.actor, now=visit.desk.clock.now())
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(visit.request, chosen.done)
        return redirect(back)
    return visit.page(
        ConfirmPage(
            title=f"{chosen.label}: {_what(one)}?",
            confirm=Confirm(
                action_url=f"{back}{verb}/",
                label=chosen.label,
                consequences=(f"It asks {one.party.name} every {interval_of(one).each}.", chosen.says),
                cancel_url=back,
                danger=chosen.danger,
            ),
            crumbs=(Link("Recurring invoices", visit.url("invoices/recurring/")),),
        ),
        "invoices",
    )


def _found(visit: Visit, recurring_id: UUID) -> RecurringInvoice:
    mine = RecurringInvoice.objects.select_related("party")
    return get_object_or_404(mine, id=recurring_id, organization=visit.organization)


def _url(visit: Visit, one: RecurringInvoice) -> str:
    return visit.url(f"invoices/recurring/{one.id}/")


def _what(one: RecurringInvoice) -> str:
    lines = restored(one.lines)
    return lines[0].description if len(lines) == 1 else f"{lines[0].description} and {len(lines) - 1} more"


def _state(one: RecurringInvoice) -> Badge:
    if one.next_on is None:
        return Badge("Ended", "neutral")
    return Badge("Paused", "warn") if one.paused_at else Badge("Going on", "good")


def _row(visit: Visit, one: RecurringInvoice) -> Row:
    return Row(
        (
            one.party.name,
            _what(one),
            f"Every {interval_of(one).each}",
            one.next_on if one.paused_at is None else None,
            one.ends_on,
            _state(one),
            one.made,
        ),
        _url(visit, one),
    )


def _days(visit: Visit, one: RecurringInvoice) -> Section:
    if one.next_on is None or one.paused_at is not None:
        return Section("days", "Days to come", text="None comes by itself.")
    coming = upcoming(one.starts_on, interval_of(one), one.made, one.ends_on)
    days = [day_text(on, visit.organization.locale) for on in islice(coming, _SHOWN)]
    more = " …" if one.ends_on is None or len(days) == _SHOWN else ""
    return Section("days", "Days to come", text=f"{'; '.join(days)}{more}")


def _made(visit: Visit, one: RecurringInvoice) -> Section:
    columns = (
        Column("number", "Invoice", "link"),
        Column("billed", "Billed", "date"),
        Column("due", "Due", "date"),
        Column("state", "State", "badge"),
        Column("total", "Total", "money"),
    )
    made = Invoice.objects.filter(recurring=one).order_by("-recurrence")[:_SHOWN]
    rows = tuple(
        Row(
            (
                Link(each.label or "Draft", invoice_url(visit, each.id)),
                each.bill_on,
                each.due_on,
                invoice_badge(each, visit.desk.today),
                Money(each.total_minor, each.currency),
            )
        )
        for each in made
    )
    title = "Invoices that are there" if one.made <= _SHOWN else f"The latest {_SHOWN} invoices"
    empty = EmptyState("None yet", "Nobody was asked for anything so far.")
    return Section("made", title, Table(columns, rows, title, empty=empty))
