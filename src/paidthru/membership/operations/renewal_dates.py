"""The renewal date of a membership is moved, inside somebody's transaction; what it would do is asked first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from paidthru.invoicing.models import Receivable
from paidthru.invoicing.operations import write_off_receivables
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.membership.models import Membership, Plan, Term
from paidthru.membership.operations.moving import cancel_term, clear_unpaid, end_term, recount
from paidthru.membership.queries.changing import covers_of, receivables_of_term
from paidthru.membership.queries.members import NextCharge, interval_of_membership, next_charge
from paidthru.membership.rules.changing import Move, TermChange, keep_grid, move_renewal
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.policies import Policies
from paidthru.organizations.rules.slots import next_hour
from paidthru.payments.models import OPEN_ATTEMPT, Attempt
from paidthru.timeline.operations import Happening

_UNDER_WAY = tuple(state for state in OPEN_ATTEMPT if state != "created")


@dataclass(frozen=True, slots=True)
class RenewalMove:
    """A renewal date as it will be: what becomes of the terms, what is billed next and when; `charged_at` is the
    instant (UTC) before which a date in the past is not charged, None for a date to come."""

    move: Move
    charged_at: datetime | None
    next: NextCharge | None
    said: tuple[str, ...]


def renewal_move(
    organization: Organization,
    membership: Membership,
    policies: Policies,
    to: date,
    *,
    today: date,
    now: datetime,
    confirmed: bool,
) -> RenewalMove:
    """What setting the renewal date would do; writes nothing.

    Refused: `not_a_member` (ended), `membership_ending`, `no_renewal_date` (its plan renews by nobody),
    `already_billed`; and `past_date` where the policy asks about a date in the past (X11) and it isn't `confirmed`.
    """
    _refuse_unrenewable(membership)
    how = policies.word("billing.past_date") if to < today else ""
    if how == "ask" and not confirmed:
        raise Refused(
            "past_date",
            f"{to} is in the past: what falls due then would be charged at once.",
            field="renewal_date",
            value=to.isoformat(),
            fix="Choose a date to come, or confirm that it is to be charged now.",
        )
    covers = covers_of(membership.id)
    if how == "ignore":
        move = keep_grid(covers, to, today, interval_of_membership(membership, policies))
    else:
        move = move_renewal(covers, to, today)
    at = next_hour(now, organization.zone) if how in ("charge_next_hour", "ask") else None
    coming = _coming(membership, policies, move, today)
    return RenewalMove(move, at, coming, tuple(_said(membership, move, coming, at, today)))


def write_move(
    organization: Organization,
    membership: Membership,
    moving: RenewalMove,
    *,
    on: date,
    why: str,
    now: datetime,
) -> list[Happening]:
    """Writes a renewal date that was decided for a locked membership; returns what is to be recorded.

    A cycle that is replaced is taken back, whatever was tried for it. Refused `payment_in_progress` while a payment of
    such a cycle is under way: it could be charged twice.
    """
    before, happenings = membership.next_bill_on, list[Happening]()
    terms = {term.id: term for term in Term.objects.filter(membership=membership)}
    for change in moving.move.changes:
        term = terms[change.cover.term_id]
        match change.become:
            case "longer" | "shorter":
                end_term(term, change.end)
            case "given_up":
                cancel_term(term)
            case "replaced":
                happenings += _take_back(
                    organization, term, why or "Billed from another date.", on=on, now=now
                )
                cancel_term(term)
    after = recount(membership)
    Membership.objects.filter(id=membership.id).update(
        anchor_on=moving.move.anchor_on, next_bill_on=moving.move.next_bill_on, bill_from=moving.charged_at
    )
    clear_unpaid(after, on)
    facts = {
        "from": before.isoformat() if before else None,
        "to": moving.move.next_bill_on.isoformat(),
        "anchor": moving.move.anchor_on.isoformat(),
        "amount": plain(moving.next.amount_minor, moving.next.currency) if moving.next else None,
        "currency": moving.next.currency if moving.next else None,
    }
    happenings.append(
        Happening("renewal_date_set", "membership", membership.id, membership.party_id, why, facts)
    )
    if after.paid_through != membership.paid_through:
        dates = {
            "from": membership.paid_through.isoformat() if membership.paid_through else None,
            "to": after.paid_through.isoformat() if after.paid_through else None,
        }
        moved = "The renewal date was set."
        happenings.append(
            Happening("paid_through_moved", "membership", membership.id, membership.party_id, moved, dates)
        )
    return happenings


def give_up_cycle(
    organization: Organization, term: Term, *, why: str, on: date, now: datetime
) -> list[Happening]:
    """Asks no more for what is open of a term, which stays and stays unpaid; returns what is to be recorded. Refused
    `payment_in_progress`."""
    receivables = receivables_of_term(term)
    refuse_under_way([one.id for one in receivables if one.state == "open"])
    return write_off_receivables(
        organization.id,
        [one.id for one in receivables if one.state == "open"],
        batch=lambda: open_batch(organization.id, "adjustments", on, now=now).id,
        on=on,
        why=why,
        now=now,
    )


def refuse_under_way(receivable_ids: Sequence[UUID]) -> None:
    """Refuses `payment_in_progress` while a payment of receivables is with the gateway. What only waits to be sent is
    closed by the claim, which looks again at what is owed."""
    found = Attempt.objects.filter(
        intent__invoices__open=True,
        intent__invoices__invoice__lines__receivable__in=receivable_ids,
        state__in=_UNDER_WAY,
    )
    if found.exists():
        raise Refused(
            "payment_in_progress",
            "A payment of this cycle is under way already.",
            field="member",
            fix="Wait for its answer: acting now could charge twice.",
        )


def refuse_past(renewal_on: date | None, today: date) -> None:
    """Refuses `past_date` unless a renewal date lies ahead: else the member would be charged at once (P-14)."""
    if renewal_on is None or renewal_on <= today:
        raise Refused(
            "past_date",
            "The renewal date has to lie ahead: else the member would be charged at once."
            if renewal_on
            else "There is no renewal date yet.",
            field="renewal_date",
            value=renewal_on.isoformat() if renewal_on else None,
            fix="Set a renewal date in the future.",
        )


def _take_back(
    organization: Organization, term: Term, why: str, *, on: date, now: datetime
) -> list[Happening]:
    """A cycle is no more, because its days are billed anew: nothing of it is owed, and it may be billed again."""
    receivables = receivables_of_term(term)
    happenings = give_up_cycle(organization, term, why=why, on=on, now=now)
    Receivable.objects.filter(id__in=[one.id for one in receivables]).update(state="canceled")
    return happenings


def _refuse_unrenewable(membership: Membership) -> None:
    if membership.state == "ended":
        raise Refused(
            "not_a_member",
            "This membership has ended.",
            field="member",
            fix="Add a new membership instead.",
        )
    if membership.state == "ending":
        raise Refused(
            "membership_ending",
            f"This membership ends on {membership.last_day}.",
            field="member",
            fix="Undo the cancellation first.",
        )
    plan = _coming_plan(membership)
    if plan.kind != "subscription":
        raise Refused(
            "no_renewal_date",
            f"{plan.name} is not renewed by itself and has no renewal date.",
            field="member",
            value=plan.name,
            fix="Switch to a plan that renews, or charge an amount by itself.",
        )


def _coming_plan(membership: Membership) -> Plan:
    return membership.next_plan or membership.plan


def _coming(membership: Membership, policies: Policies, move: Move, today: date) -> NextCharge | None:
    """What would be billed next, with the date set."""
    through = max((cover.end for cover in covers_of(membership.id)), default=None)
    moved = Membership(
        id=membership.id,
        organization_id=membership.organization_id,
        party_id=membership.party_id,
        payer_id=membership.payer_id,
        plan_id=membership.plan_id,
        next_plan_id=membership.next_plan_id,
        state="active",
        anchor_on=move.anchor_on,
        override_months=membership.override_months,
        renewed_through=None if through is None else _before(move.next_bill_on),
        next_bill_on=move.next_bill_on,
    )
    return next_charge(moved, policies, today)


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _said(
    membership: Membership, move: Move, coming: NextCharge | None, at: datetime | None, today: date
) -> list[str]:
    """What it does, a sentence each; the caller adds what is charged and when, in the reader's way."""
    found = [_said_of(change) for change in move.changes]
    if (
        not move.changes
        and membership.renewed_through
        and _before(move.next_bill_on) > membership.renewed_through
    ):
        found.append(
            f"No term covers the days after {membership.renewed_through} until {_before(move.next_bill_on)}."
        )
    return found


def _said_of(change: TermChange) -> str:
    term = f"The term {change.cover.start} to {_before(change.cover.end)}"
    match change.become:
        case "longer":
            return f"{term}, which is paid, goes on until {_before(change.end)} at no further cost."
        case "shorter":
            return f"{term} ends on {_before(change.end)}; what was paid for it is not taken into account."
        case "given_up":
            return f"{term}, which is paid, is given up; what was paid for it is not taken into account."
    return f"{term}, of which nothing is paid, is not asked for any more: it is billed from the new date."
