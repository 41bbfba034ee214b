"""Close a case: nothing more is done by itself about something unpaid. It stays owed, and stays past due."""

from datetime import datetime
from uuid import UUID

from paidthru.dunning.models import Case
from paidthru.dunning.operations import close_cases, open_case
from paidthru.kernel.clock import local_date
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, once, record


def close_case(
    organization: Organization,
    case_id: UUID,
    *,
    why: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Case:
    """With a reason. Refused `case_unknown`, `case_closed`, `key_reused`."""

    def act() -> dict[str, str]:
        case = open_case(organization.id, case_id)
        on = local_date(now, organization.zone)
        record(organization.id, actor, now, close_cases([case], because="staff", on=on, why=why))
        return {"case": str(case.id)}

    once(organization.id, key, "close_case", {"case": case_id, "why": why}, now, act)
    return Case.objects.get(id=case_id)
