"""Payment failures: the board of what is unpaid, with its next step, and one case (A-44)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from paidthru.dunning.models import Case, Pause
from paidthru.dunning.queries import (
    FAILED,
    NEEDS_A_PERSON,
    cases_of,
    figures_of,
    needs_a_person,
    present_pause,
    steps_of,
)
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.bulk_cases import CASES
from paidthru.faces.console.case_pages import (
    case_badge,
    next_text,
    pause_text,
    step_cells,
    step_text,
    why_text,
)
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.listing import csv_of, in_words, page_by_key, query_of, text_in
from paidthru.faces.console.pages import RecordPage, Section
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
    Table,
    with_query,
)
from paidthru.faces.console.sentences import moments
from paidthru.invoicing.models import Invoice
from paidthru.kernel.money import Money
from paidthru.people.queries import whose
from paidthru.runs.coming_steps import Coming, coming_steps
from paidthru.timeline.queries import events_of

COLUMNS = (
    Column("member", "Member"),
    Column("since", "Unpaid since", "date", "opened_on"),
    Column("why", "Why"),
    Column("tries", "Tries", "number"),
    Column("next", "Next step", "prose"),
    Column("on", "On", "date"),
    Column("amount", "Owed", "money"),
    Column("state", "Status", "badge"),
)
_CSV = ("unpaid since", "member number", "member", "why", "tries", "next step", "on", "currency", "owed", "status",
        "closed on", "note")  # fmt: skip
_PAUSED = Q(state="open", pauses__ended="")
_EMPTY = {
    "": (
        "No payment has failed",
        "What fails, or cannot be charged, comes here by itself and leaves when it is paid.",
    ),
    "overdue": (
        "Nothing is overdue",
        "What nobody has paid by its due date is listed here until it is paid.",
    ),
    "staff": (
        "Nothing waits for a decision",
        "A case comes here when nothing more is done about it by itself.",
    ),
    "paused": ("Nothing is paused", "A case that you pause, or arrange how it is paid, is listed here."),
    "closed": ("Nothing is closed yet", "Cases that are paid or over are kept here."),
}
_OPEN = Q(state="open")
_SHOWN = {
    "": ("Failed payments", _OPEN & FAILED),
    "overdue": ("Not paid by due date", _OPEN & ~FAILED),
    "staff": ("Need a person", NEEDS_A_PERSON),
    "paused": ("Paused or arranged", _PAUSED),
    "closed": ("Closed", Q(state="closed")),
}
_STEPS = (
    Column("step", "Step"),
    Column("due", "Due", "date"),
    Column("done", "Done", "date"),
    Column("what", "What became of it"),
    Column("by", "By"),
)


@staff_page("view")
def board(visit: Visit) -> HttpResponseBase:
    """What is unpaid, oldest first: who, how much, since when, what was tried, and what comes next."""
    query, name, show = query_of(visit.request), text_in(visit.request, "q"), text_in(visit.request, "show")
    show = show if show in _SHOWN else ""
    named = _named(visit)
    counts = {key: named.filter(which).count() for key, (_, which) in _SHOWN.items() if key != "closed"}
    found = shown_cases(visit)
    if "export" in visit.request.GET:
        return csv_of("payment-failures", _CSV, _lines(visit, found))
    page, sort = page_by_key(
        found.select_related("party"),
        visit.request,
        ["opened_on"],
        "-opened_on" if show == "closed" else "opened_on",
    )
    actions: tuple[Action, ...] = ()
    if visit.may("resolve") and counts[""] + counts["overdue"]:
        actions = (Action("Adopt today’s settings", visit.url("failures/adopt/"), ask=True),)
    return visit.page(
        ListPage(
            title="Payment failures",
            columns=in_words(visit.words, COLUMNS),
            rows=_to_choose(visit, page.rows, show),
            empty=EmptyState(*_EMPTY[show]),
            filters=(Filter("q", visit.words.titled("member"), "search", name),),
            next_url=page.next_url,
            previous_url=page.previous_url,
            actions=actions,
            tabs=tuple(
                Tab(
                    title,
                    with_query(query, show=key),
                    counts.get(key),
                    show == key,
                )
                for key, (title, _) in _SHOWN.items()
            ),
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=("case", "cases"),
            bulk=CASES.bulk(visit, counts.get(show), query) if show != "closed" else None,
        ),
        "failures",
    )


def _named(visit: Visit) -> QuerySet[Case]:
    return cases_of(visit.organization.id).filter(whose(visit.organization.id, text_in(visit.request, "q")))


def _to_choose(visit: Visit, cases: Sequence[Case], show: str) -> tuple[Row, ...]:
    """Cases that can be chosen, for acts for many; not those that are closed."""
    rows = case_rows(visit, cases)
    if show == "closed":
        return tuple(rows)
    return tuple(
        replace(row, pick=CASES.pick(visit, one.id), called=f"{one.party.name}, unpaid since {one.opened_on}")
        for one, row in zip(cases, rows, strict=True)
    )


def shown_cases(visit: Visit) -> QuerySet[Case]:
    """The cases that the address's tab and filter show."""
    return _named(visit).filter(_SHOWN.get(text_in(visit.request, "show"), _SHOWN[""])[1])


def _told(visit: Visit, cases: Sequence[Case]) -> Iterator[tuple[Case, Coming, Pause | None, int, str, int]]:
    coming, figures = coming_steps(visit.desk, cases), figures_of([case.id for case in cases])
    pauses = {one.case_id: one for one in Pause.objects.filter(case__in=cases, ended="")}
    for case in cases:
        yield case, coming[case.id], pauses.get(case.id), *figures[case.id]


def case_rows(visit: Visit, cases: Sequence[Case]) -> Iterator[Row]:
    """Cases as the board shows them."""
    for case, coming, pause, owed, currency, tries in _told(visit, cases):
        step, on = next_text(case, coming, pause, visit.desk.today, tries)
        yield Row(
            (
                case.party.name,
                case.opened_on,
                why_text(case),
                tries,
                step,
                on,
                Money(owed, currency),
                case_badge(case, pause),
            ),
            case_url(visit, case.id),
            tone="bad" if needs_a_person(case) else "neutral",
        )


def _lines(visit: Visit, found: QuerySet[Case]) -> Iterator[Sequence[object]]:
    ids = list(found.order_by("opened_on", "id").values_list("id", flat=True))
    for start in range(0, len(ids), 500):
        batch = Case.objects.filter(id__in=ids[start : start + 500]).select_related("party")
        for case, coming, pause, owed, currency, tries in _told(
            visit, list(batch.order_by("opened_on", "id"))
        ):
            step, on = next_text(case, coming, pause, visit.desk.today, tries)
            yield (
                case.opened_on,
                case.party.number,
                case.party.name,
                why_text(case),
                tries,
                step,
                on,
                currency,
                Money(owed, currency),
                case_badge(case, pause).label,
                case.closed_on,
                case.closed_why or pause_text(pause, visit.organization.locale) or "",
            )


def case_url(visit: Visit, case_id: UUID) -> str:
    """A case's page."""
    return visit.url(f"failures/{case_id}/")


@staff_page("view")
def case_page(visit: Visit, case_id: UUID) -> HttpResponseBase:
    """One case: how it stands, what was done, what comes next, and what staff may decide."""
    case = found_case(visit, case_id)
    coming, pause = coming_steps(visit.desk, [case])[case.id], present_pause(case.id)
    owed, currency, tries = figures_of([case.id])[case.id]
    step, on = next_text(case, coming, pause, visit.desk.today, tries)
    invoices = Invoice.objects.filter(lines__receivable=case.receivable_id, number__isnull=False).order_by(
        "number"
    )
    known = (
        Fact(visit.words.titled("member"), Link(case.party.name, member_url(visit, case.party_id))),
        Fact("Why", why_text(case)),
        *(Fact("Invoice", Link(one.label, invoice_url(visit, one.id))) for one in invoices.distinct()),
        Fact("Unpaid since", case.opened_on),
        Fact("Tries", tries),
        Fact("Next step", step),
        Fact("On", on),
        *((Fact("After that", _after(visit, case, coming)),) if coming.try_first else ()),
        Fact("Stands still", pause_text(pause, visit.organization.locale)),
        Fact("Closed", case.closed_on),
        Fact("Note", case.closed_why or None),
    )
    rows = tuple(Row(cells) for cells in step_cells(steps_of(case.id)))
    empty = EmptyState("Nothing yet", "Its steps come by themselves, each on its day.")
    return visit.page(
        RecordPage(
            title=case.party.name,
            kind="Payment failure",
            badges=(case_badge(case, pause),),
            figures=(Figure("Owed", Money(owed, currency)),),
            facts=tuple(fact for fact in known if fact.value is not None),
            actions=_actions(visit, case, pause, can_skip=coming.rung is not None),
            sections=(
                Section("steps", "What was done", Table(_STEPS, rows, "What was done", empty=empty)),
                *_parts(pause, currency),
            ),
            timeline=moments(events_of(visit.organization.id, case.id), visit.organization.locale),
            crumbs=(Link("Payment failures", visit.url("failures/")),),
        ),
        "failures",
    )


def _after(visit: Visit, case: Case, coming: Coming) -> str | None:
    step = step_text(case, coming)
    return f"{step}, on {day_text(coming.on, visit.organization.locale)}" if step and coming.on else step


def found_case(visit: Visit, case_id: UUID) -> Case:
    """A case of this organization."""
    return get_object_or_404(cases_of(visit.organization.id).select_related("party"), id=case_id)


def _parts(pause: Pause | None, currency: str) -> tuple[Section, ...]:
    if pause is None or pause.kind != "arrangement":
        return ()
    columns = (Column("due", "By", "date"), Column("amount", "Amount", "money"))
    rows = tuple(
        Row((part.due_on, Money(part.amount_minor, currency))) for part in pause.parts.order_by("due_on")
    )
    return (Section("arrangement", "What was agreed", Table(columns, rows, "What was agreed")),)


def _actions(visit: Visit, case: Case, pause: Pause | None, *, can_skip: bool) -> tuple[Action, ...]:
    if case.state != "open" or not visit.may("resolve"):
        return ()
    here = case_url(visit, case.id)
    found = [Action("Let it go on", f"{here}resume/", ask=True)] if pause else []
    if pause is None:
        found += [Action("Pause", f"{here}pause/"), Action("Arrange payment", f"{here}arrange/")]
    if can_skip and not case.for_staff:
        found.append(Action("Skip the next step", f"{here}skip/", ask=True))
    return (*found, Action("Close the case", f"{here}close/"))
