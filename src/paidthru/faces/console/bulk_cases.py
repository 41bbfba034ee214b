"""What can be done for many unpaid cases at once: paused until a day, let go on, closed.

Each act is the one of the case's own page. A try is no act of a case: failed invoices are allowed another attempt, and
submitted, from Pending invoices."""

from typing import Any

from django.http import QueryDict

from paidthru.actions.close_case import close_case
from paidthru.actions.pause_case import pause_case, resume_case
from paidthru.dunning.models import CLOSED, Case
from paidthru.dunning.queries import figures_of, present_pause
from paidthru.faces.console.access import Visit
from paidthru.faces.console.acting_forms import ActForm, WhyForm
from paidthru.faces.console.bulk_kinds import BulkAct, Foreseen, Kind
from paidthru.faces.console.case_forms import PauseForm
from paidthru.faces.console.case_pages import next_text, pause_text, why_text
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.parts import Link
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.runs.coming_steps import coming_steps
from paidthru.wiring import enqueue_work


def _refuse_closed(one: Case) -> None:
    if one.state != "open":
        raise Refused("case_closed", f"It is closed: {CLOSED[one.closed_because].lower()}.")


def _owed(one: Case) -> tuple[Money, ...]:
    owed, currency, _ = figures_of([one.id])[one.id]
    return (Money(owed, currency),)


def _next_said(visit: Visit, one: Case) -> str:
    """What would come next by itself, and when."""
    coming, (_, _, tries) = coming_steps(visit.desk, [one])[one.id], figures_of([one.id])[one.id]
    step, on = next_text(one, coming, present_pause(one.id), visit.desk.today, tries)
    return f"Next: {step}{f', on {day_text(on, visit.organization.locale)}' if on else ''}."


def _paused(visit: Visit, one: Case) -> Foreseen:
    _refuse_closed(one)
    if (standing := present_pause(one.id)) is not None:
        raise Refused(
            "case_paused", f"It stands still already. {pause_text(standing, visit.organization.locale)}."
        )
    return Foreseen("Stands still until the day that you choose.", _next_said(visit, one), _owed(one))


def _resumed(visit: Visit, one: Case) -> Foreseen:
    _refuse_closed(one)
    standing = present_pause(one.id)
    if standing is None:
        raise Refused("case_not_paused", "It isn’t paused.")
    given_up = "The arrangement is given up. " if standing.kind == "arrangement" else ""
    return Foreseen(
        f"{given_up}Its steps come again from today, where they stood.",
        f"{pause_text(standing, visit.organization.locale)}.",
        _owed(one),
    )


def _closed(visit: Visit, one: Case) -> Foreseen:
    _refuse_closed(one)
    return Foreseen(
        "Nothing more comes by itself; what is owed stays owed.", _next_said(visit, one), _owed(one)
    )


def _until(visit: Visit, posted: QueryDict | None, initial: dict[str, Any]) -> ActForm:
    return PauseForm(posted, initial=initial, today=visit.desk.today)


def _why(visit: Visit, posted: QueryDict | None, initial: dict[str, Any]) -> ActForm:
    return WhyForm(posted, initial=initial, note="It stands in the timeline of each.")


def _pause(visit: Visit, one: Case, given: dict[str, Any], key: str) -> None:
    pause_case(
        visit.organization, one.id, until_on=given["until"], why=given["why"], actor=visit.actor,
        now=visit.desk.clock.now(), key=key,
    )  # fmt: skip


def _resume(visit: Visit, one: Case, given: dict[str, Any], key: str) -> None:
    resume_case(visit.organization, one.id, actor=visit.actor, now=visit.desk.clock.now(), key=key)


def _close(visit: Visit, one: Case, given: dict[str, Any], key: str) -> None:
    now = visit.desk.clock.now()
    close_case(visit.organization, one.id, why=given["why"], actor=visit.actor, now=now, key=key)


def _since(visit: Visit, one: Case) -> str:
    return f"{why_text(one)}, unpaid since {day_text(one.opened_on, visit.organization.locale)}"


CASES: Kind[Case] = Kind(
    path="failures/",
    current="failures",
    needs="resolve",
    filters=("q", "show"),
    acts={
        "pause": BulkAct(
            "Pause",
            "paused",
            "resolve",
            _paused,
            _pause,
            sums="Owed in all",
            besides="Nothing is mailed, tried or ended meanwhile. The days between don’t count: each goes on where it"
            " stood.",
            form=_until,
        ),
        "resume": BulkAct("Let them go on", "going on", "resolve", _resumed, _resume, sums="Owed in all"),
        "close": BulkAct(
            "Close",
            "closed",
            "resolve",
            _closed,
            _close,
            sums="Stays owed",
            besides="No mail and no end of the membership comes from them any more.",
            form=_why,
            danger=True,
        ),
    },
    noun=lambda visit: ("case", "cases"),
    title=lambda visit: "Payment failures",
    subject=lambda visit, one: Link(one.party.name, visit.url(f"failures/{one.id}/"), _since(visit, one)),
    related=("party",),
    order=("opened_on", "id"),
    none_chosen="No case is chosen: tick which ones it is about, or all that the list shows.",
    afterwards=lambda visit: enqueue_work(visit.organization.id),
)
