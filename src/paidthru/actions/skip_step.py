"""Skip a step: the next one of a case is left out, and the ladder goes on after it."""

from datetime import datetime
from uuid import UUID

from paidthru.dunning.models import Case, Step
from paidthru.dunning.operations import look_anew, note_step, open_case
from paidthru.dunning.queries import facts_of
from paidthru.dunning.rules.ladder import ladder_from, next_step
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record


def skip_step(
    organization: Organization,
    case_id: UUID,
    step: str,
    *,
    why: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Case:
    """Leaves out the step that the person saw as the next one (its key). Skipping the end keeps the membership as it is
    until somebody closes the case. Refused `step_not_next`, `case_unknown`, `case_closed`, `key_reused`."""

    def act() -> dict[str, str]:
        case = open_case(organization.id, case_id)
        facts, ladder = facts_of([case])[case.id], ladder_from(case.ladder)
        coming = next_step(ladder, facts)
        if coming is None or coming[0].key != step:
            raise Refused(
                "step_not_next",
                "That isn't the next step any more.",
                field="step",
                value=step,
                fix="Look at the case again.",
            )
        rung, due_on = coming
        skipped = note_step(
            case,
            step,
            mail=rung.mail,
            state="skipped",
            due_on=due_on or local_date(now, organization.zone),
            now=now,
            by=actor.name,
            reason=why,
        )
        Step.objects.bulk_create([skipped])
        look_anew(case)
        told = {"step": step, "mail": rung.mail}
        record(
            organization.id,
            actor,
            now,
            [Happening("step_skipped", "case", case.id, case.party_id, why, told)],
        )
        return {"case": str(case.id)}

    once(organization.id, key, "skip_step", {"case": case_id, "step": step, "why": why}, now, act)
    return Case.objects.get(id=case_id)
