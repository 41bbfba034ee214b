"""What staff decide about something unpaid: pause, go on, skip a step, an arrangement, close it, today's settings."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.adopt_ladder import adopt_ladder
from paidthru.actions.arrange_payment import arrange_payment
from paidthru.actions.close_case import close_case
from paidthru.actions.pause_case import pause_case, resume_case
from paidthru.actions.skip_step import skip_step
from paidthru.dunning.models import Case
from paidthru.dunning.queries import facts_of, figures_of
from paidthru.dunning.rules.ladder import ladder_from, next_step
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import key_of, money_said, new_key, told
from paidthru.faces.console.acting_forms import ActForm, WhyForm
from paidthru.faces.console.case_forms import ArrangementForm, PauseForm
from paidthru.faces.console.case_pages import rung_text
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Link
from paidthru.faces.console.views.cases import case_url, found_case
from paidthru.kernel.errors import Refused
from paidthru.wiring import enqueue_work


def _asked(
    visit: Visit,
    case: Case,
    form: ActForm,
    act: Callable[[], object],
    *,
    title: str,
    label: str,
    aside: str,
    said: str,
) -> HttpResponseBase:
    """A form; filled in, it is done once, however often it is sent."""
    back = case_url(visit, case.id)
    if visit.request.method == "POST" and form.is_valid():
        try:
            act()
        except Refused as refused:
            form.refuse(refused)
        else:
            enqueue_work(visit.organization.id)
            messages.success(visit.request, said)
            return redirect(back)
    page = FormPage(
        title=title,
        form=form,
        submit_label=label,
        cancel_url=back,
        aside=(aside,),
        crumbs=(Link("Payment failures", visit.url("failures/")), Link(case.party.name, back)),
    )
    return visit.page(page, "failures", 422 if form.errors else 200)


def _with(visit: Visit) -> dict[str, Any]:
    return {"actor": visit.actor, "now": visit.desk.clock.now()}


@staff_page("resolve")
def pause(visit: Visit, case_id: UUID) -> HttpResponseBase:
    """Until a date nothing is done."""
    case = found_case(visit, case_id)
    form = PauseForm(visit.request.POST or None, initial=new_key(), today=visit.desk.today)

    def act() -> None:
        given = form.cleaned_data
        pause_case(
            visit.organization,
            case.id,
            until_on=given["until"],
            why=given["why"],
            key=given["key"],
            **_with(visit),
        )

    return _asked(
        visit,
        case,
        form,
        act,
        title=f"Pause {case.party.name}’s case",
        label="Pause it",
        aside="Nothing is mailed, tried or ended meanwhile. The days between don’t count: it goes on where it stood.",
        said="The case is paused.",
    )


@staff_page("resolve")
def arrange(visit: Visit, case_id: UUID) -> HttpResponseBase:
    """The member pays in parts, or later."""
    case = found_case(visit, case_id)
    owed, currency, _ = figures_of([case.id])[case.id]
    said = money_said(visit, owed, currency)
    form = ArrangementForm(visit.request.POST or None, initial=new_key(), currency=currency, owed=said)

    def act() -> None:
        given = form.cleaned_data
        arrange_payment(
            visit.organization, case.id, form.parts, why=given["why"], key=given["key"], **_with(visit)
        )

    return _asked(
        visit,
        case,
        form,
        act,
        title=f"Arrange how {case.party.name} pays {said}",
        label="Agree on it",
        aside="While it is kept, nothing is mailed or tried. The day after a part is late, the case goes on where it"
        " stood.",
        said="The arrangement holds.",
    )


@staff_page("resolve")
def close(visit: Visit, case_id: UUID) -> HttpResponseBase:
    """Nothing more is done by itself."""
    case = found_case(visit, case_id)
    form = WhyForm(visit.request.POST or None, initial=new_key(), label="Why")

    def act() -> None:
        given = form.cleaned_data
        close_case(visit.organization, case.id, why=given["why"], key=given["key"], **_with(visit))

    return _asked(
        visit,
        case,
        form,
        act,
        title=f"Close {case.party.name}’s case",
        label="Close it",
        aside="No mail and no end of the membership comes from it any more. What is owed stays owed.",
        said="The case is closed.",
    )


def _confirmed(
    visit: Visit,
    back: str,
    act: Callable[[], str],
    *,
    title: str,
    label: str,
    consequences: tuple[str, ...],
    **fields: str,
) -> HttpResponseBase:
    """A question; answered, it is done."""
    if visit.request.method == "POST":
        try:
            said = act()
        except Refused as refused:
            return told(visit, refused, back)
        enqueue_work(visit.organization.id)
        messages.success(visit.request, said)
        return redirect(back)
    confirm = Confirm(
        action_url=visit.request.path,
        label=label,
        consequences=consequences,
        cancel_url=back,
        fields=tuple((new_key() | fields).items()),
    )
    crumbs = (Link("Payment failures", visit.url("failures/")),)
    return visit.page(ConfirmPage(title=title, confirm=confirm, crumbs=crumbs), "failures")


@staff_page("resolve")
def resume(visit: Visit, case_id: UUID) -> HttpResponseBase:
    """A pause or an arrangement ends."""
    case = found_case(visit, case_id)

    def act() -> str:
        resume_case(visit.organization, case.id, key=key_of(visit), **_with(visit))
        return "The case goes on."

    return _confirmed(
        visit,
        case_url(visit, case.id),
        act,
        title=f"Let {case.party.name}’s case go on?",
        label="Let it go on",
        consequences=("Its steps come again from today, where they stood.",),
    )


@staff_page("resolve")
def skip(visit: Visit, case_id: UUID) -> HttpResponseBase:
    """The next step is left out: the one that was read."""
    case = found_case(visit, case_id)
    coming, back = next_step(ladder_from(case.ladder), facts_of([case])[case.id]), case_url(visit, case.id)
    if coming is None and visit.request.method != "POST":
        return redirect(back)

    def act() -> str:
        step = visit.request.POST.get("step", "").replace("\0", "")[:10]
        skip_step(
            visit.organization,
            case.id,
            step,
            why="",
            key=key_of(visit),
            **_with(visit),
        )
        return "The step is skipped."

    rung, on = coming if coming else (None, None)
    return _confirmed(
        visit,
        back,
        act,
        title=f"Skip the next step of {case.party.name}’s case?",
        label="Skip it",
        consequences=(_left_out(rung_text(rung) if rung else "", on, visit.organization.locale),),
        step=rung.key if rung else "",
    )


def _left_out(step: str, on: date | None, locale: str) -> str:
    return f"Left out: {step}{f', on {day_text(on, locale)}' if on else ''}. What follows stays as it is."


@staff_page("resolve")
def adopt(visit: Visit) -> HttpResponseBase:
    """Open cases go on by today's settings (A-52)."""

    def act() -> str:
        count = adopt_ladder(visit.organization, **_with(visit))
        return (
            f"{count} open cases go on by today’s settings." if count != 1 else "1 open case goes on by them."
        )

    return _confirmed(
        visit,
        visit.url("failures/"),
        act,
        title="Let open cases adopt today’s settings?",
        label="Adopt them",
        consequences=(
            "Every open case goes on by the days, texts and end that the settings say now, not those of its start.",
            "What was done stays done: no mail is sent twice. What is due by the new days is done at once.",
        ),
    )
