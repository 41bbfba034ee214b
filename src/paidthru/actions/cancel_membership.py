"""Cancel a membership: it ends with its cycle, on a day, or at once, and nothing is charged for what comes after."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership, Term
from paidthru.membership.operations import end_memberships
from paidthru.membership.operations.moving import recount
from paidthru.membership.queries.ending import CancelPreview, cancel_preview, refuse_over
from paidthru.membership.rules.status import LIFECYCLE
from paidthru.notices.operations import announce
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, once, record


@dataclass(frozen=True, slots=True)
class Canceled:
    """A cancellation: from `on` on (a local date) the membership is over. `taken_back` are invoices that are to be
    void, or credited if `credits` says so: what they bill will not be."""

    membership_id: UUID
    on: date
    taken_back: tuple[UUID, ...]
    credits: bool


def cancel_membership(
    organization: Organization,
    membership_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    on: date | None = None,
    why: str = "",
    key: str | None = None,
) -> Canceled:
    """Cancels a membership as its policies say (C-34, C-41, C-44, P-17, X8), staff and members alike (C-46).

    `on` is the first local day on which it is over; staff may give one, members where the policy is `on_date`. Nothing
    that begins then or later is charged. Billed terms that will not be are given up, `taken_back` names their
    invoices. Refused `not_a_member`, `already_canceled`, `past_date`, `cancel_date_fixed`, `key_reused`.
    """

    def act() -> dict[str, Any]:
        # without its plan, which may change while this waits: the row would look gone
        membership = Membership.objects.select_for_update().get(id=membership_id, organization=organization)
        refuse_over(membership)
        if membership.state == "ending":
            raise Refused(
                "already_canceled",
                f"This membership is canceled already: it ends on {membership.last_day}.",
                field="member",
                fix="Undo the cancellation first, then cancel again with another day.",
            )
        today = local_date(now, organization.zone)
        preview = cancel_preview(
            membership, policies_of(organization), today, wanted=on, by_staff=actor.kind != "member"
        )
        decided = preview.decided
        Term.objects.filter(id__in=[cover.term_id for cover in decided.withdrawn]).update(canceled=True)
        recount(membership)
        _note(membership, preview, actor, now, why)
        if decided.at_once:
            _end_now(membership, preview, actor, now, why)
        return {
            "on": decided.on.isoformat(),
            "invoices": [str(bill.invoice_id) for bill in preview.withdrawn],
            "credits": preview.credits,
        }

    inputs = {"membership": membership_id, "on": on, "why": why}
    outcome = once(organization.id, key, "cancel_membership", inputs, now, act)
    taken = tuple(UUID(id_) for id_ in outcome["invoices"])
    return Canceled(membership_id, date.fromisoformat(outcome["on"]), taken, outcome["credits"])


def _note(membership: Membership, preview: CancelPreview, actor: Actor, now: datetime, why: str) -> None:
    """The membership is ending; what is to be told of that is not what is told of its end."""
    decided = preview.decided
    Membership.objects.filter(id=membership.id).update(
        state=LIFECYCLE.next(membership.state, "cancel"),
        cancel_on=decided.on,
        ends_into=decided.into,
        next_bill_on=membership.next_bill_on
        if decided.bills_on and (membership.next_bill_on or decided.on) < decided.on
        else None,
        next_plan=None,
    )
    if decided.at_once:
        return  # its end is told
    facts = {
        "plan": membership.plan.name,
        "on": decided.on.isoformat(),
        "last_day": decided.last_day.isoformat(),
    }
    if preview.into:
        facts["into"] = preview.into
    told = Happening("cancellation_asked", "membership", membership.id, membership.party_id, why, facts)
    record(membership.organization_id, actor, now, [told])
    announce(membership.organization_id, [told], now=now)


def _end_now(membership: Membership, preview: CancelPreview, actor: Actor, now: datetime, why: str) -> None:
    decided = preview.decided
    told = end_memberships(
        membership.organization,
        [membership.id],
        because="downgraded" if decided.into == "downgrade" else "canceled",
        on=decided.on,
        why=why or "Canceled.",
        actor=actor,
        now=now,
    )
    record(membership.organization_id, actor, now, told)
    announce(membership.organization_id, told, now=now)
