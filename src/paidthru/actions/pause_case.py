"""Pause a case: until a date nothing is done about something unpaid, no mail, no try; or let it go on."""

from datetime import date, datetime
from uuid import UUID

from paidthru.dunning.models import Case, Pause
from paidthru.dunning.operations import look_anew, made_pause, open_case
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import refuse_far
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record


def pause_case(
    organization: Organization,
    case_id: UUID,
    *,
    until_on: date,
    why: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Case:
    """From today until a local date, on which the ladder goes on where it stood: the days between don't count. A pause
    or an arrangement that holds is replaced. Refused `case_unknown`, `case_closed`, `past_date`, `date_out_of_range`
    (more than ten years away), `key_reused`."""
    today = local_date(now, organization.zone)

    def act() -> dict[str, str]:
        case = open_case(organization.id, case_id)
        if until_on <= today:
            raise Refused(
                "past_date",
                f"{until_on} is not ahead.",
                field="until",
                value=until_on.isoformat(),
                fix="Choose the day on which it goes on, tomorrow or later.",
            )
        refuse_far(until_on, today, field="until")
        made_pause(case, "pause", from_on=today, until_on=until_on, why=why, by=actor.name, now=now)
        look_anew(case)
        facts = {"until": until_on.isoformat()}
        record(
            organization.id,
            actor,
            now,
            [Happening("case_paused", "case", case.id, case.party_id, why, facts)],
        )
        return {"case": str(case.id)}

    inputs = {"case": case_id, "until": until_on, "why": why}
    once(organization.id, key, "pause_case", inputs, now, act)
    return Case.objects.get(id=case_id)


def resume_case(
    organization: Organization, case_id: UUID, *, actor: Actor, now: datetime, key: str | None = None
) -> Case:
    """Lets a case go on today that is paused, or whose arrangement is given up. Refused `case_unknown`, `case_closed`,
    `case_not_paused`."""
    today = local_date(now, organization.zone)

    def act() -> dict[str, str]:
        case = open_case(organization.id, case_id)
        pause = Pause.objects.select_for_update().filter(case=case, ended="").first()
        if pause is None:
            raise Refused(
                "case_not_paused",
                "It isn't paused.",
                field="case",
                fix="Its next step comes by itself; look at the case again.",
            )
        pause.until_on, pause.ended = min(pause.until_on, today), "lifted"
        pause.save(update_fields=["until_on", "ended"])
        look_anew(case)
        record(organization.id, actor, now, [Happening("case_resumed", "case", case.id, case.party_id)])
        return {"case": str(case.id)}

    once(organization.id, key, "resume_case", {"case": case_id}, now, act)
    return Case.objects.get(id=case_id)
