"""Closed periods: close months that are over, see what hinders it, and open what was closed last again."""

from datetime import date, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.close_period import close_period
from paidthru.actions.reopen_period import approve_reopening, reopen_period, withdraw_reopening
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, new_key, told
from paidthru.faces.console.acting_forms import ActForm, WhyForm
from paidthru.faces.console.addresses import batch_url
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Column,
    EmptyState,
    Fact,
    Link,
    Row,
    Table,
    Value,
)
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import ClosedPeriod
from paidthru.ledger.queries import first_journal_on, next_recognition
from paidthru.ledger.queries.closing import closings, latest_closing, unposted_in
from paidthru.ledger.rules.closing import months_to_close
from paidthru.organizations.queries import policies_of

_BADGES = {
    "closed": Badge("Closed", "good"),
    "asked": Badge("Opening asked for", "warn"),
    "reopened": Badge("Opened again"),
}
_WHAT = (
    "On the days of a closed month nothing is booked any more. What happens by itself or late, such as a bank’s return,"
    " is booked on the first open day."
)


class CloseForm(ActForm):
    """Through which month's end the books are closed."""

    through = forms.ChoiceField(
        label="Close through",
        widget=forms.Select(attrs={"class": "input"}),
        error_messages={
            "required": "Through which month?",
            "invalid_choice": "Only whole months that are over and still open can be closed. Choose one of the list.",
        },
    )

    def __init__(self, *args: object, months: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["through"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = months


@staff_page("view")
def periods(visit: Visit) -> HttpResponseBase:
    """What is closed, what hinders the next month, and every closing there was."""
    latest, months = latest_closing(visit.organization.id), _months(visit)
    may = visit.may("post")
    actions = [Action("Close a month", visit.url("closing/close/"), "primary")] if may and months else []
    if may and latest is not None:
        actions += _reopenings(visit, latest)
    through: Value = latest.closed_through if latest else Badge("Nothing is closed")
    return visit.page(
        RecordPage(
            title="Closed periods",
            intro=_WHAT,
            facts=(
                Fact("Closed through", through),
                *_asked(latest),
            ),
            actions=tuple(actions),
            sections=(_hindrances(visit, months), _history(visit)),
        ),
        "closing",
    )


def _asked(latest: ClosedPeriod | None) -> tuple[Fact, ...]:
    if latest is None or latest.state != "asked":
        return ()
    return (Fact("Asked to be opened by", latest.requested_by, latest.reason),)


def _reopenings(visit: Visit, latest: ClosedPeriod) -> list[Action]:
    here = visit.url(f"closing/{latest.id}/")
    if latest.state == "asked":
        return [
            Action("Approve the opening", f"{here}approve/", ask=True),
            Action("Withdraw it", f"{here}withdraw/", method="post"),
        ]
    return [Action("Open it again", f"{here}reopen/")]


def _months(visit: Visit) -> list[date]:
    """The ends of months that can be closed, the first open one first."""
    latest = latest_closing(visit.organization.id)
    closed = latest.closed_through if latest else None
    begun = first_journal_on(visit.organization.id) or visit.desk.today
    return months_to_close(closed, begun, visit.desk.today)


def _hindrances(visit: Visit, months: list[date]) -> Section:
    """What has to be done before the first open month can be closed."""
    if not months:
        return Section("next", "Next", text="Every month that is over is closed.")
    through, locale = months[0], visit.organization.locale
    rows = [
        Row((f"Batch {one.number}", f"{one.name} isn’t posted.", one.dated_on), batch_url(visit, one.id))
        for one in unposted_in(visit.organization.id, through)
    ]
    due = next_recognition(visit.organization.id)
    if due is not None and due <= through:
        rows.append(Row(("Recognition", "Income is still to be recognized; the worker does it.", due)))
    columns = (Column("what", "What", "code"), Column("why", "Why", "prose"), Column("on", "Day", "date"))
    empty = EmptyState(
        "Nothing hinders it.", "Every batch of these days is posted, and their income recognized."
    )
    title = f"Before {day_text(through, locale)} can be closed"
    return Section("next", title, Table(columns, tuple(rows), title, empty=empty))


def _history(visit: Visit) -> Section:
    columns = (
        Column("through", "Through", "date"),
        Column("state", "State", "badge"),
        Column("at", "Closed", "date"),
        Column("by", "By"),
        Column("why", "Reason to open it", "prose"),
        Column("opened", "Opened by"),
    )
    rows = tuple(
        Row(
            (
                one.closed_through,
                _BADGES[one.state],
                one.closed_at,
                one.closed_by,
                one.reason,
                one.reopened_by,
            )
        )
        for one in closings(visit.organization.id)
    )
    empty = EmptyState("No month was closed yet.", "Close a month once its batches are posted and checked.")
    return Section("history", "Closings", Table(columns, rows, "Closings", empty=empty))


@staff_page("post")
def close(visit: Visit) -> HttpResponseBase:
    """Closes the books through the end of a month."""
    back, locale = visit.url("closing/"), visit.organization.locale
    months = _months(visit)
    if not months and visit.request.method != "POST":
        raise Refused(
            "month_unfinished", "Every month that is over is closed.", fix="Come back after this month."
        )
    choices = [(one.isoformat(), day_text(one, locale)) for one in months]
    form = CloseForm(visit.request.POST or None, initial=new_key(), months=choices)

    def entry(form: CloseForm) -> FormPage:
        return FormPage(
            title="Close a month",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=_WHAT,
            aside=("Months before the one that you choose are closed with it.",),
            crumbs=(Link("Closed periods", back),),
        )

    def confirm(form: CloseForm) -> ConfirmPage:
        through = date.fromisoformat(form.cleaned_data["through"])
        first = day_text(through + timedelta(days=1), locale)
        return ConfirmPage(
            title=f"Close the books through {day_text(through, locale)}?",
            confirm=Confirm(
                action_url=f"{back}close/",
                label=f"Close through {day_text(through, locale)}",
                consequences=(
                    "Nothing is booked on these days any more; the database itself refuses it.",
                    f"What comes late is booked on {first} or later.",
                    "It can be opened again, with a reason that stays in the history.",
                ),
                digest=digest_of(through),
                cancel_url=back,
                fields=form.again(),
            ),
            crumbs=(Link("Closed periods", back),),
        )

    def done(form: CloseForm) -> HttpResponseBase:
        through = date.fromisoformat(form.cleaned_data["through"])
        close_period(visit.organization, through, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"The books are closed through {day_text(through, locale)}.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="closing")


@staff_page("post")
def reopen(visit: Visit, period_id: UUID) -> HttpResponseBase:
    """Opens the latest closing with a reason, or asks a second person to."""
    back, found = visit.url("closing/"), _period(visit, period_id)
    separated = policies_of(visit.organization).word("staff.separation") == "on"
    form = WhyForm(
        visit.request.POST or None, initial=new_key(), label="Reason", note="It stays in the history."
    )
    if visit.request.method == "POST" and form.is_valid():
        try:
            period = reopen_period(
                visit.organization,
                found.id,
                reason=form.cleaned_data["why"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            said = (
                "Asked for; somebody else has to approve it."
                if period.state == "asked"
                else "It is open again."
            )
            messages.success(visit.request, said)
            return redirect(back)
    return visit.page(
        FormPage(
            title=f"Open {day_text(found.closed_through, visit.organization.locale)} again",
            form=form,
            submit_label="Ask for it to be opened" if separated else "Open it again",
            cancel_url=back,
            intro="Two people are needed: somebody else approves what you ask for." if separated else "",
            crumbs=(Link("Closed periods", back),),
        ),
        "closing",
        422 if form.errors else 200,
    )


@staff_page("post")
def approve(visit: Visit, period_id: UUID) -> HttpResponseBase:
    """Opens what somebody else asked to be opened."""
    back, found = visit.url("closing/"), _period(visit, period_id)
    through = day_text(found.closed_through, visit.organization.locale)
    if visit.request.method == "POST":
        try:
            approve_reopening(visit.organization, found.id, actor=visit.actor, now=visit.desk.clock.now())
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(visit.request, f"The closing through {through} is undone.")
        return redirect(back)
    return visit.page(
        ConfirmPage(
            title=f"Open the books through {through}?",
            confirm=Confirm(
                action_url=visit.url(f"closing/{found.id}/approve/"),
                label="Approve the opening",
                consequences=(
                    f"Things can be booked on these days again. {found.requested_by}: {found.reason}",
                ),
                cancel_url=back,
            ),
            crumbs=(Link("Closed periods", back),),
        ),
        "closing",
    )


@staff_page("post")
def withdraw(visit: Visit, period_id: UUID) -> HttpResponseBase:
    """Leaves closed what somebody asked to be opened."""
    back, found = visit.url("closing/"), _period(visit, period_id)
    if visit.request.method == "POST":
        try:
            withdraw_reopening(visit.organization, found.id, actor=visit.actor, now=visit.desk.clock.now())
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(visit.request, "It stays closed.")
    return redirect(back)


def _period(visit: Visit, period_id: UUID) -> ClosedPeriod:
    return get_object_or_404(ClosedPeriod, id=period_id, organization=visit.organization)
