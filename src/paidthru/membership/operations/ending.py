"""Memberships end: what is stored of it, what follows, and what is to be told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from paidthru.invoicing.models import Receivable
from paidthru.invoicing.operations import write_off_receivables
from paidthru.kernel.clock import local_date
from paidthru.kernel.copying import array_of, copy_rows
from paidthru.kernel.ids import new_id
from paidthru.ledger.operations import open_batch
from paidthru.membership.models import Membership, Plan
from paidthru.membership.operations.access import access_changed
from paidthru.membership.rules.status import LIFECYCLE
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening

#: The event of each end, by what it came of.
VERB_OF = {
    "canceled": "membership_canceled",
    "lapsed": "membership_lapsed",
    "downgraded": "membership_downgraded",
    "switched": "membership_switched",
    "over": "membership_over",
}


@dataclass(frozen=True, slots=True)
class Ended:
    """A membership that has just ended: whose, on which plan, and what it was paid through (inclusive) and opened by
    then."""

    id: UUID
    party_id: UUID
    plan: str
    paid_through: date | None
    access: str


def end_memberships(
    organization: Organization,
    membership_ids: Collection[UUID],
    *,
    because: str,
    on: date,
    why: str,
    actor: Actor,
    now: datetime,
) -> list[Happening]:
    """Ends memberships inside the caller's transaction, any number at once, and returns what to record and announce.

    `on` is the first local day on which they are over; `because` is canceled, lapsed, downgraded, switched or over.
    Nothing is billed or collected by itself any more; what is owed stays owed. Those that are downgraded go on with the
    default plan, and what they owed is written off; where there is no such plan, or theirs is it, they are canceled
    instead. One that has ended already stays as it is, and nothing is told of it.
    """
    default = Plan.objects.filter(organization=organization, is_default=True).first()
    if because != "downgraded":
        ended = _end(organization, membership_ids, because, on)
        told = [_told(one, because, on, why) for one in ended]
        return (
            told if because == "switched" else told + _closed(ended, why)
        )  # what follows a switch opens as much
    if default is None:
        ended = _end(organization, membership_ids, "canceled", on)
        why = f"{why} There is no default plan to go on with."
        return [_told(one, "canceled", on, why) for one in ended] + _closed(ended, why)
    on_it = Membership.objects.filter(id__in=list(membership_ids), plan=default).values_list("id", flat=True)
    staying = set(on_it)
    stayed = _end(organization, staying, "canceled", on)
    happenings = [_told(one, "canceled", on, why) for one in stayed] + _closed(stayed, why)
    falling = set(membership_ids) - staying
    happenings += _write_off(organization, falling, on=on, why=why, now=now)
    ended = _end(organization, falling, "downgraded", on)
    happenings += [_told(one, "downgraded", on, why, default.name) for one in ended]
    return happenings + begin_default(organization, ended, default, on=on, why=why, now=now)


def begin_default(
    organization: Organization, ended: Sequence[Ended], plan: Plan, *, on: date, why: str, now: datetime
) -> list[Happening]:
    """Makes a membership on the default plan follow each that has ended, from the local day `on`; returns what to
    record. Nothing is ever charged for it by itself (P-21)."""
    begun = [(new_id(), one) for one in ended]
    rows = (
        (id_, organization.id, one.party_id, plan.id, "active", on, on, False, one.id, "fallback", now)
        for id_, one in begun
    )
    with connection.cursor() as cursor:
        copy_rows(cursor, Membership._meta.db_table, _BEGUN, rows)
    return [
        told
        for id_, one in begun
        for told in (
            Happening(
                "fell_back",
                "membership",
                id_,
                one.party_id,
                why,
                {"plan": plan.name, "from": one.plan, "on": on.isoformat()},
            ),
            access_changed(id_, one.party_id, one.access, "fallback", f"Goes on with {plan.name}."),
        )
    ]


_BEGUN = ("id", "organization_id", "party_id", "plan_id", "state", "joined_on", "anchor_on", "autopay", "follows_id",
          "access_told", "created_at")  # fmt: skip

_GOING_ON = [state for state in LIFECYCLE.states if LIFECYCLE.allows(state, "end")]


def _end(organization: Organization, membership_ids: Collection[UUID], because: str, on: date) -> list[Ended]:
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH going_on AS (SELECT id, access_told FROM membership_membership
                                 WHERE id = ANY(%s::uuid[]) AND organization_id = %s AND state = ANY(%s)
                                 ORDER BY id FOR UPDATE)
               UPDATE membership_membership m SET state = 'ended', ended_on = %s, ended_because = %s,
                   next_bill_on = NULL, bill_from = NULL, autopay = false, next_plan_id = NULL,
                   access_told = 'none'
               FROM going_on, membership_plan p WHERE m.id = going_on.id AND p.id = m.plan_id
               RETURNING m.id, m.party_id, p.name, m.paid_through, going_on.access_told""",
            [array_of(membership_ids), organization.id, _GOING_ON, on, because],
        )
        return sorted((Ended(*row) for row in cursor.fetchall()), key=lambda one: one.id)


def _write_off(
    organization: Organization, membership_ids: Collection[UUID], *, on: date, why: str, now: datetime
) -> list[Happening]:
    """What members owe is written off when they fall back to the default plan (stories: Documents). Before anything is
    written of the memberships: invoices are locked before them everywhere."""
    going_on = Membership.objects.filter(id__in=list(membership_ids), state__in=_GOING_ON).values("id")
    owed = Receivable.objects.filter(organization=organization, source_id__in=going_on, state="open")
    booked_on = local_date(now, organization.zone)
    return write_off_receivables(
        organization.id,
        list(owed.order_by("id").values_list("id", flat=True)),
        batch=lambda: open_batch(organization.id, "adjustments", booked_on, now=now).id,
        on=booked_on,
        why=why,
        now=now,
    )


def _closed(ended: Sequence[Ended], why: str) -> list[Happening]:
    """That what has ended opens nothing any more."""
    return [access_changed(one.id, one.party_id, one.access, "none", why) for one in ended]


def _told(one: Ended, because: str, on: date, why: str, into: str = "") -> Happening:
    facts = {
        "plan": one.plan,
        "on": on.isoformat(),
        "last_day": (on - timedelta(days=1)).isoformat(),
        "paid_through": one.paid_through.isoformat() if one.paid_through else None,
    }
    if into:
        facts["into"] = into
    return Happening(VERB_OF[because], "membership", one.id, one.party_id, why, facts)
