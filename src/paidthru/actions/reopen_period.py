"""Open a closed period again: with a reason, and by two people where that is the policy."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.ledger.models import ClosedPeriod
from paidthru.ledger.operations import hold_open_period
from paidthru.ledger.queries.closing import latest_closing
from paidthru.ledger.rules.batches import PERIOD
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, record


def reopen_period(
    organization: Organization, period_id: UUID, *, reason: str, actor: Actor, now: datetime
) -> ClosedPeriod:
    """Opens the latest closing; where separation is on it asks for that, and `approve_reopening` does it.

    Refused: `reason_missing`, `period_not_latest`, `period_open`, `actor_unnamed` (two people are needed, and nobody
    knows who the first is).
    """
    reason = " ".join(reason.split())
    if not reason:
        raise Refused(
            "reason_missing",
            "Why are closed books opened again?",
            field="reason",
            fix="Say it in a few words: it stays in the history.",
        )
    with transaction.atomic():
        period = _held(organization, period_id)
        if period.state == "asked":
            return period
        separated = policies_of(organization).word("staff.separation") == "on"
        if separated:
            _refuse_nobody(actor)
        period.state = PERIOD.next(period.state, "ask" if separated else "reopen")
        period.reason, period.separated = reason[:300], separated
        period.requested_by, period.requester_id, period.requested_at = actor.name[:200], actor.id, now
        if not separated:
            period.reopened_by, period.reopener_id, period.reopened_at = actor.name[:200], actor.id, now
        period.save()
        _record(period, "reopening_asked" if separated else "period_reopened", actor, now)
        return period


def approve_reopening(
    organization: Organization, period_id: UUID, *, actor: Actor, now: datetime
) -> ClosedPeriod:
    """Opens a period that somebody else asked to open. Refused: `own_request`, `actor_unnamed`, `not_asked`,
    `period_not_latest`, `period_open`."""
    with transaction.atomic():
        period = _held(organization, period_id)
        _refuse_unasked(period)
        _refuse_nobody(actor)
        if actor.is_same(period.requested_by, period.requester_id):
            raise Refused(
                "own_request",
                f"You asked for {period.closed_through.isoformat()} to be opened.",
                field="period",
                fix="Somebody else has to approve it (staff.separation is on). You can withdraw it.",
            )
        period.state = PERIOD.next(period.state, "reopen")
        period.reopened_by, period.reopener_id, period.reopened_at = actor.name[:200], actor.id, now
        period.save()
        _record(period, "period_reopened", actor, now)
        return period


def withdraw_reopening(
    organization: Organization, period_id: UUID, *, actor: Actor, now: datetime
) -> ClosedPeriod:
    """Leaves a period closed that somebody asked to open. Refused: `not_asked`, and as `approve_reopening`."""
    with transaction.atomic():
        period = _held(organization, period_id)
        _refuse_unasked(period)
        _record(period, "reopening_withdrawn", actor, now)
        period.state = PERIOD.next(period.state, "withdraw")
        period.reason, period.separated = "", False
        period.requested_by, period.requester_id, period.requested_at = "", "", None
        period.save()
        return period


def _held(organization: Organization, period_id: UUID) -> ClosedPeriod:
    hold_open_period(organization.id, alone=True)
    found = ClosedPeriod.objects.filter(organization=organization, id=period_id).first()
    if found is None or found.state == "reopened":
        raise Refused(
            "period_open", "This period isn't closed.", field="period", fix="Go back to the closed periods."
        )
    latest = latest_closing(organization.id)
    if latest and latest.id != found.id:
        raise Refused(
            "period_not_latest",
            f"The books are closed through {latest.closed_through.isoformat()}.",
            field="period",
            value=found.closed_through.isoformat(),
            fix="Open the latest closing first.",
        )
    return found


def _refuse_unasked(period: ClosedPeriod) -> None:
    if period.state != "asked":
        raise Refused(
            "not_asked",
            "Nobody asked for this period to be opened.",
            field="period",
            fix="Ask for it, with the reason.",
        )


def _refuse_nobody(actor: Actor) -> None:
    if not actor.is_somebody:
        raise Refused(
            "actor_unnamed",
            "This needs two people, and nobody knows who is typing.",
            field="as",
            fix="Say who you are: --as EMAIL, that of a member of the staff.",
        )


def _record(period: ClosedPeriod, kind: str, actor: Actor, now: datetime) -> None:
    facts = {"through": period.closed_through.isoformat(), "reason": period.reason}
    record(period.organization_id, actor, now, [Happening(kind, "period", period.id, facts=facts)])
