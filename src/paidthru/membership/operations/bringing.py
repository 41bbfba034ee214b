"""Memberships that began before Paidthru are brought in."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from paidthru.kernel.copying import copy_rows
from paidthru.kernel.ids import new_id
from paidthru.membership.models import Membership, Term
from paidthru.membership.operations.billing import _TERM
from paidthru.membership.rules.existing import Standing
from paidthru.timeline.operations import Actor, Happening, record


@dataclass(frozen=True, slots=True)
class ExistingMembership:
    """A membership from before Paidthru, to be written as it stands (rules/existing.py)."""

    party_id: UUID
    plan_id: UUID
    plan: str
    joined_on: date | None
    standing: Standing
    autopay: bool = False
    override_months: int | None = None
    id: UUID = field(default_factory=new_id)


_MEMBERSHIP = (
    "id",
    "organization_id",
    "party_id",
    "plan_id",
    "state",
    "joined_on",
    "anchor_on",
    "override_months",
    "autopay",
    "renewed_through",
    "paid_through",
    "next_bill_on",
    "cancel_on",
    "ended_on",
    "ended_because",
    "unpaid_since",
    "created_at",
)


def bring_in(
    organization_id: UUID,
    members: Sequence[ExistingMembership],
    *,
    on: date,
    why: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Writes memberships from before Paidthru, each with its paid term and an event. Nothing is billed or mailed.

    `on` is the local date; `why` says where they came from. A party's other membership must have ended.
    """
    rows: list[tuple[object, ...]] = []
    terms: list[tuple[object, ...]] = []
    happenings = []
    for one in members:
        stands, term = one.standing, one.standing.term
        rows.append(
            (
                one.id,
                organization_id,
                one.party_id,
                one.plan_id,
                stands.state,
                one.joined_on,
                stands.anchor_on,
                one.override_months,
                one.autopay and stands.state != "ended",
                stands.through,
                stands.through,
                stands.next_bill_on,
                stands.cancel_on,
                (stands.cancel_on or on) if stands.state == "ended" else None,
                "canceled" if stands.state == "ended" else "",
                stands.unpaid_since,
                now,
            )
        )
        if term:
            terms.append(
                (
                    new_id(),
                    one.id,
                    organization_id,
                    one.plan_id,
                    term.start,
                    term.end,
                    0,
                    "import",
                    None,
                    min(term.start, on),
                    False,
                )
            )
        happenings.append(
            Happening(
                "brought_in",
                "membership",
                one.id,
                one.party_id,
                why,
                {
                    "plan": one.plan,
                    "joined": one.joined_on.isoformat() if one.joined_on else None,
                    "paid_through": stands.through.isoformat() if stands.through else None,
                },
            )
        )
    with connection.cursor() as cursor:
        copy_rows(cursor, Membership._meta.db_table, _MEMBERSHIP, rows)
        copy_rows(cursor, Term._meta.db_table, _TERM, terms)
    record(organization_id, actor, now, happenings)
