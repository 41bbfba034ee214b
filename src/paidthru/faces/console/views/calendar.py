"""What is due and not done, an outage made up for, and the whole renewal by itself (A-51, I-71)."""

from collections.abc import Iterable
from datetime import UTC, timedelta

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru import runs
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, first_click, key_of, money_said, told
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Confirm, ConfirmPage, Problem, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Column,
    EmptyState,
    Fact,
    Figure,
    Link,
    Row,
    Table,
)
from paidthru.faces.console.run_pages import many
from paidthru.faces.stories.examples import change_policies
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.automation import BY_ITSELF, BY_STAFF, automatic, steps_by_staff
from paidthru.organizations.rules.policies import CATALOGUE
from paidthru.runs import KINDS, Missed, Watch
from paidthru.wiring import enqueue_catch_up

TITLE = "Calendar of work"
_AT_ONCE = 200  # so much is done while the person waits; more is a worker's
_QUIET = timedelta(minutes=15)  # a worker comes by every minute
_COLUMNS = (
    Column("day", "Day", "date"),
    Column("what", "What", "prose"),
    Column("count", "How much", "number"),
    Column("amount", "Amount", "money"),
)


def standing(visit: Visit) -> Figure:
    """What is due and not done, as the home page shows it."""
    found = runs.watch(visit.desk)
    return Figure(
        "Due but not done",
        Link(f"{found.count:,}", visit.url("calendar/"), _seen(visit, found)),
        tone="bad" if found.is_late else "neutral",
    )


def _seen(visit: Visit, found: Watch) -> str:
    if visit.organization.worker_stopped:
        return "the worker is switched off"
    if found.seen_at is None:
        return "no worker was here yet"
    quiet = SystemClock().now() - found.seen_at.astimezone(UTC)
    if quiet < _QUIET:
        return "a worker is here"
    hours = int(quiet.total_seconds() // 3600)
    return f"no worker for {hours:,} hours" if hours > 1 else "no worker for a while"


@staff_page("view")
def calendar(visit: Visit) -> HttpResponseBase:
    """What should have happened and has not, day by day; the worker's heartbeat; and who does the renewals."""
    found, watch = runs.missed(visit.desk), runs.watch(visit.desk)
    policies = policies_of(visit.organization)
    by_itself = automatic(policies)
    actions = []
    if found and visit.may("submit"):
        actions.append(Action("Do it now", visit.url("calendar/catch-up/"), "primary", ask=True))
    if visit.may("set_policy"):
        label = "Leave renewals to staff" if by_itself else "Let renewals go by themselves"
        actions.append(Action(label, visit.url("calendar/automatic/"), ask=True))
    nothing = EmptyState(
        "Everything that is due is done.", "What falls due is done by the worker, at its time."
    )
    return visit.page(
        RecordPage(
            title=TITLE,
            intro="What falls due is done by itself, at its time. After an outage the worker makes up for it in order,"
            " each thing once, and of several mails about one thing only the latest leaves.",
            badges=(
                Badge("Fully automatic", "good") if by_itself else Badge("With staff", "neutral"),
                *((Badge("Worker switched off", "warn"),) if visit.organization.worker_stopped else ()),
            ),
            figures=(
                Figure("Due but not done", watch.count, tone="bad" if watch.is_late else "neutral"),
                Figure("Worker", _seen(visit, watch)),
            ),
            facts=(
                Fact("Everything due was done last", watch.worked_at),
                Fact("A worker was here last", watch.seen_at),
                Fact(
                    "Renewals",
                    "They go by themselves: generated, submitted, retrieved and posted."
                    if by_itself
                    else f"Staff have a part in them: {', '.join(_titles(steps_by_staff(policies)))}.",
                ),
            ),
            actions=tuple(actions),
            warning=_warning(visit, watch),
            sections=(
                Section("due", "Due and not done", Table(_COLUMNS, _rows(found), "Due", empty=nothing)),
            ),
            crumbs=(Link("Today", visit.url()),),
        ),
        "home",
    )


def _titles(keys: Iterable[str]) -> list[str]:
    titles = [CATALOGUE[key].title for key in keys]
    return [title[0].lower() + title[1:] for title in titles]


def _warning(visit: Visit, watch: Watch) -> Problem | None:
    if not watch.is_late:
        return None
    if visit.organization.worker_stopped:
        way_out = "Have it done from here, or the worker switched on."
    else:
        way_out = "See that a worker is running (paidthru worker, or paidthru serve with one beside it)."
    return Problem("Something has been due for more than an hour", "Nothing of it is lost.", way_out=way_out)


def _rows(found: list[Missed]) -> tuple[Row, ...]:
    return tuple(Row((one.on, _what(one), one.count, _amount(one))) for one in found)


def _what(one: Missed) -> str:
    return f"{KINDS[one.kind]}, of these without a mail" if one.note else KINDS[one.kind]


def _amount(one: Missed) -> Money | None:
    return None if one.amount_minor is None else Money(one.amount_minor, one.currency)


@staff_page("submit")
def catch_up(visit: Visit) -> HttpResponseBase:
    """Does what is due and not done, once, after a person has read what that is."""
    back, found = visit.url("calendar/"), runs.missed(visit.desk)
    if not found:
        messages.info(visit.request, "Everything that is due is done.")
        return redirect(back)
    digest = digest_of(*((one.on, one.kind, one.count, one.amount_minor, one.note) for one in found))
    page = ConfirmPage(
        title="Do what is due now?",
        confirm=Confirm(
            action_url=visit.url("calendar/catch-up/"),
            label="Do it now",
            consequences=_consequences(visit, found),
            digest=digest,
            cancel_url=back,
            fields=(("key", key_of(visit)),),
        ),
        crumbs=(Link(TITLE, back),),
    )
    if visit.request.method != "POST":
        return visit.page(page, "home")
    if visit.request.POST.get("digest") != digest:
        messages.warning(visit.request, "This has changed since you read it. Please read it again.")
        return visit.page(page, "home", 409)
    try:
        if not first_click(visit, key_of(visit), "catch up"):
            messages.info(visit.request, "That was done already; nothing was done twice.")
        elif sum(one.count for one in found) <= _AT_ONCE:
            with runs.take_turn(visit.organization.id):
                runs.catch_up(visit.desk)
            messages.success(visit.request, "What was due is done.")
        else:
            enqueue_catch_up(visit.organization.id)
            messages.success(visit.request, "A worker does it now. It may take a while.")
    except Refused as refused:
        return told(visit, refused, back)
    return redirect(back)


def _consequences(visit: Visit, found: list[Missed]) -> tuple[str, ...]:
    said = []
    for one in found:
        money = (
            f", {money_said(visit, one.amount_minor, one.currency)}" if one.amount_minor is not None else ""
        )
        said.append(
            f"{day_text(one.on, visit.organization.locale, 'medium')}: {_what(one)}: {one.count:,}{money}."
        )
    return (
        *said,
        "Each is done once, in this order. Payments are tried today, not on the day they were due.",
    )


@staff_page("set_policy")
def automate(visit: Visit) -> HttpResponseBase:
    """Lets the whole renewal go by itself, or gives it back to staff (I-71)."""
    back = visit.url("calendar/")
    policies = policies_of(visit.organization)
    on = not automatic(policies)
    values = BY_ITSELF if on else BY_STAFF
    differs = tuple(
        f"{CATALOGUE[key].title}: {CATALOGUE[key].said(value)} ({key})."
        for key, value in values.items()
        if policies.effective(key).value != value
    )
    page = ConfirmPage(
        title="Let renewals go by themselves?" if on else "Leave renewals to staff?",
        confirm=Confirm(
            action_url=visit.url("calendar/automatic/"),
            label="Let them go by themselves" if on else "Leave them to staff",
            consequences=(*differs, *(_by_itself(visit) if on else _by_staff())),
            digest=digest_of(on, *differs),
            cancel_url=back,
        ),
        crumbs=(Link(TITLE, back),),
    )
    if visit.request.method != "POST":
        return visit.page(page, "home")
    if visit.request.POST.get("digest") != page.confirm.digest:
        messages.warning(visit.request, "This has changed since you read it. Please read it again.")
        return visit.page(page, "home", 409)
    try:
        change_policies(visit.organization, values, actor=visit.actor, now=visit.desk.clock.now())
    except Refused as refused:
        return told(visit, refused, back)
    messages.success(visit.request, "Renewals go by themselves." if on else "Staff see to renewals again.")
    return redirect(back)


def _by_itself(visit: Visit) -> tuple[str, ...]:
    due = runs.terms_due(visit.desk)
    first = tuple(
        f"{many(visit, one.count, 'term', 'terms')} from {day_text(one.on, visit.organization.locale, 'medium')}:"
        f" billed at once, {money_said(visit, one.amount_minor or 0, one.currency)}."
        for one in due
    )
    return (
        *first,
        "Terms are billed as they begin, for everybody whose term it is; annual ones with the fiscal year.",
        "Members on autopay are charged on their due date, and what the processor answers is retrieved.",
        "Batches post at the end of their day. Everything is in the log, as if staff had done it.",
    )


def _by_staff() -> tuple[str, ...]:
    return (
        "Nothing is billed before staff generate a run, and nothing is charged before they submit it.",
        "What is under way goes on: payments that were sent are retrieved.",
    )
