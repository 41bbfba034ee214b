"""What staff decide about something unpaid, and what is expected of its case."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.adopt_ladder import adopt_ladder
from paidthru.actions.arrange_payment import arrange_payment
from paidthru.actions.close_case import close_case
from paidthru.actions.pause_case import pause_case, resume_case
from paidthru.actions.skip_step import skip_step
from paidthru.dunning.models import Case
from paidthru.dunning.models import Step as CaseStep
from paidthru.dunning.queries import facts_of, open_cases_of_party
from paidthru.dunning.rules.arrangement import Part
from paidthru.dunning.rules.ladder import STATUS, ladder_from, next_step
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused

from .dunning_forms import (
    CaseClosed,
    CaseIs,
    NoCase,
    StaffAdopts,
    StaffArranges,
    StaffClosesCase,
    StaffPauses,
    StaffResumes,
    StaffSkips,
    StepsAre,
)
from .forms import Step
from .telling import STAFF, Telling


def _case(telling: Telling, member: str) -> Case:
    found = open_cases_of_party(telling.party(member).id)
    if not found:
        raise Refused(
            "case_unknown",
            f"Nothing of {member} is followed up.",
            field="member",
            value=member,
            fix="A case opens when a payment fails or is missed.",
        )
    return found[0]


def _pauses(telling: Telling, step: StaffPauses) -> None:
    case, now = _case(telling, step.member), telling.desk.clock.now()
    pause_case(telling.organization, case.id, until_on=step.until, why="", actor=STAFF, now=now)


def _resumes(telling: Telling, step: StaffResumes) -> None:
    resume_case(
        telling.organization, _case(telling, step.member).id, actor=STAFF, now=telling.desk.clock.now()
    )


def _skips(telling: Telling, step: StaffSkips) -> None:
    case, now = _case(telling, step.member), telling.desk.clock.now()
    coming = next_step(ladder_from(case.ladder), facts_of([case])[case.id])
    key = coming[0].key if coming else ""
    skip_step(telling.organization, case.id, key, why="", actor=STAFF, now=now)


def _arranges(telling: Telling, step: StaffArranges) -> None:
    case, now = _case(telling, step.member), telling.desk.clock.now()
    parts = [Part(on, telling.money(amount)[0]) for amount, on in step.parts]
    arrange_payment(telling.organization, case.id, parts, why="", actor=STAFF, now=now)


def _closes(telling: Telling, step: StaffClosesCase) -> None:
    case, now = _case(telling, step.member), telling.desk.clock.now()
    close_case(telling.organization, case.id, why=step.reason or "", actor=STAFF, now=now)


def _adopts(telling: Telling, step: StaffAdopts) -> None:
    adopt_ladder(telling.organization, actor=STAFF, now=telling.desk.clock.now())


def case_is(telling: Telling, line: CaseIs) -> tuple[str, str]:
    """Since when something is followed up, and when its next step is."""
    expected = f"open since {line.since}" + (f" next {line.next}" if line.next else "")
    found = open_cases_of_party(telling.party(line.member).id)
    if not found:
        return expected, "no open case"
    got = f"open since {found[0].opened_on}"
    if line.next:
        coming = next_step(ladder_from(found[0].ladder), facts_of(found[:1])[found[0].id])
        got += f" next {coming[1] if coming and coming[1] else 'no date'}"
    return expected, got


def no_case(telling: Telling, line: NoCase) -> tuple[str, str]:
    """Nothing, or since when."""
    found = open_cases_of_party(telling.party(line.member).id)
    return "no open case", f"open since {found[0].opened_on}" if found else "no open case"


def case_closed(telling: Telling, line: CaseClosed) -> tuple[str, str]:
    """Why the latest case was closed."""
    case = _latest(telling, line.member)
    return (
        f"closed {line.reason}",
        "no case" if case is None else f"{case.state} {case.closed_because}".strip(),
    )


def _latest(telling: Telling, member: str) -> Case | None:
    return Case.objects.filter(party=telling.party(member)).order_by("-id").first()


def steps_are(telling: Telling, line: StepsAre) -> tuple[str, str]:
    """What was done about the latest case."""
    case, zone = _latest(telling, line.member), telling.organization.zone
    done = CaseStep.objects.filter(case=case).exclude(key=STATUS).order_by("done_at", "id")
    told = [
        " ".join(
            filter(
                None,
                (
                    local_date(one.done_at, zone).isoformat(),
                    one.mail or "left_to_staff",
                    "" if one.state == "done" else one.state,
                ),
            )
        )
        for one in done
    ]
    return line.steps, ", ".join(told) or "no steps"


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    StaffPauses: _pauses,
    StaffResumes: _resumes,
    StaffSkips: _skips,
    StaffArranges: _arranges,
    StaffClosesCase: _closes,
    StaffAdopts: _adopts,
}

READERS: dict[type, Callable[[Telling, Any], tuple[str, str]]] = {
    CaseIs: case_is,
    CaseClosed: case_closed,
    NoCase: no_case,
    StepsAre: steps_are,
}
