"""Arrange a payment: a member who owes pays in parts, or later; while they keep to it, nothing is said or tried."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from paidthru.dunning.models import Case, PromisedPart
from paidthru.dunning.operations import look_anew, made_pause, open_case, owed_of
from paidthru.dunning.rules.arrangement import Part, checked_parts
from paidthru.kernel.clock import local_date
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, once, record


def arrange_payment(
    organization: Organization,
    case_id: UUID,
    parts: Sequence[Part],
    *,
    why: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Case:
    """Parts of what is owed now, each by its date; one part is a deferral. The day after a date by which less has come
    than promised it is broken, and the ladder goes on where it stood. Refused as `checked_parts`, `case_unknown`,
    `case_closed`, `key_reused`."""
    today = local_date(now, organization.zone)

    def act() -> dict[str, str]:
        case = open_case(organization.id, case_id)
        agreed = checked_parts(
            parts,
            owed_minor=owed_of(case),
            on=today,
            most_days=policies_of(organization).number("dunning.arrangement_days"),
        )
        last = agreed[-1].due_on + timedelta(days=1)
        pause = made_pause(case, "arrangement", from_on=today, until_on=last, why=why, by=actor.name, now=now)
        PromisedPart.objects.bulk_create(
            PromisedPart(
                organization=organization, pause=pause, due_on=part.due_on, amount_minor=part.amount_minor
            )
            for part in agreed
        )
        look_anew(case)
        facts = {"parts": len(agreed), "until": agreed[-1].due_on.isoformat()}
        happening = Happening("payment_arranged", "case", case.id, case.party_id, why, facts)
        record(organization.id, actor, now, [happening])
        return {"case": str(case.id)}

    inputs = {"case": case_id, "parts": [(part.due_on, part.amount_minor) for part in parts], "why": why}
    once(organization.id, key, "arrange_payment", inputs, now, act)
    return Case.objects.get(id=case_id)
