"""Households and companies by those who hold them: whoever has the membership brings somebody along."""

from uuid import UUID

from paidthru.actions.add_party import add_party
from paidthru.actions.take_in import take_in
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_email, checked_name
from paidthru.organizations.queries import policies_of
from paidthru.people.operations import PartyDraft
from paidthru.people.queries import belongings_of
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import Actor, once

MOST = 50  # people whom a holder can bring along; for larger companies staff import them


def refuse_by_staff_alone(desk: Desk) -> None:
    """Refuses `by_staff_alone` where members don't change who belongs to their household (`household.by_holder`)."""
    if policies_of(desk.organization).word("household.by_holder") != "on":
        raise Refused(
            "by_staff_alone",
            "Who belongs here is changed by the organization.",
            field="name",
            fix="Ask the organization.",
        )


def bring_along(
    desk: Desk, group_id: UUID, name: str, *, email: str = "", role: str = "", actor: Actor, key: str | None
) -> UUID:
    """Adds a person who belongs to a household or company from today on; returns the stay's id. It is always somebody
    new: whose address is known here is not to be found out by entering it. With the same `key` it is done once.

    Refused as `refuse_by_staff_alone`, `add_party`, `take_in` and `checked_name`; `too_many_people` beyond `MOST`.
    """
    refuse_by_staff_alone(desk)
    now = desk.clock.now()

    def act() -> dict[str, str]:
        if belongings_of(desk.organization.id, on=desk.today).filter(group_id=group_id).count() >= MOST:
            raise Refused(
                "too_many_people",
                f"{MOST} people belong here already.",
                field="name",
                fix="Ask the organization.",
            )
        draft = PartyDraft(
            name=checked_name(name, field="name", most=200), email=checked_email(email) if email else ""
        )
        party_id = add_party(desk.organization, draft, actor=actor, now=now)
        stay = take_in(
            desk.organization, party_id, group_id, from_on=desk.today, role=role, actor=actor, now=now
        )
        return {"stay": str(stay.id)}

    inputs = {"group": group_id, "name": name, "email": email, "role": role}
    return UUID(once(desk.organization.id, key, "bring_along", inputs, now, act)["stay"])
