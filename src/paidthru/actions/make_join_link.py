"""Make a join link: an address at which anybody can sign up for a plan (P-26)."""

import secrets
from datetime import date, datetime
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.models import JoinLink, Plan
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record


def make_join_link(
    organization: Organization,
    plan_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    expires_on: date | None = None,
    key: str | None = None,
) -> JoinLink:
    """A plan's link, enabled; `expires_on` is the last local date on which it works. One click, one link.

    Refused `plan_unknown`, `plan_closed`, `past_date`.
    """

    def act() -> dict[str, str]:
        plan = Plan.objects.filter(id=plan_id, organization=organization).first()
        if plan is None:
            raise Refused("plan_unknown", "There is no such plan.", field="plan", fix="Look it up again.")
        if plan.closed:
            raise Refused(
                "plan_closed",
                f"{plan.name} takes no new members.",
                field="plan",
                value=plan.name,
                fix="Choose another plan.",
            )
        if expires_on is not None and expires_on < local_date(now, organization.zone):
            raise Refused(
                "past_date",
                f"{expires_on} is in the past.",
                field="expires_on",
                value=expires_on.isoformat(),
                fix="Choose today or a later day, or none.",
            )
        link = JoinLink.objects.create(
            organization=organization,
            plan=plan,
            token=secrets.token_urlsafe(16),
            expires_on=expires_on,
            created_by=actor.name[:200],
            created_at=now,
        )
        facts = {"plan": plan.name, "until": expires_on.isoformat() if expires_on else ""}
        record(organization.id, actor, now, [Happening("join_link_made", "plan", plan.id, facts=facts)])
        return {"link": str(link.id)}

    inputs = {"plan": plan_id, "expires_on": expires_on}
    return JoinLink.objects.get(id=once(organization.id, key, "make_join_link", inputs, now, act)["link"])
