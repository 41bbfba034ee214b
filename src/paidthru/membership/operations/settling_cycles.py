"""A cycle that failed is settled by hand: paid outside, or waived with a reason; inside somebody's transaction."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations import live_document_of, locked_for_credit
from paidthru.invoicing.operations.credit_notes import credit_open
from paidthru.invoicing.queries import open_on
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.membership.models import Membership, Term
from paidthru.membership.operations.billing import Billed, bill_now
from paidthru.membership.operations.receiving import receive_money, told_of_dates
from paidthru.membership.operations.standing import after_payment
from paidthru.membership.queries.changing import OpenCycle
from paidthru.membership.queries.members import interval_of_membership
from paidthru.membership.queries.plans import plan_for
from paidthru.membership.rules.joining import priced
from paidthru.membership.rules.settings import term_rules
from paidthru.membership.rules.terms import renewal_term
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.operations import Money
from paidthru.timeline.operations import Actor, Happening

REASONS: dict[str, str] = {
    "check": "Paid by check",
    "cash": "Paid in cash",
    "terminal": "Paid at an external terminal",
    "transfer": "Paid by bank transfer",
    "imported": "Imported: it was paid before",
    "resolved": "Resolved by hand",
}
"""Why a cycle counts as paid (C-36). The first four are money that is recorded; for the others what is owed is waived
with a credit note, for no money comes in here."""
MONEY_CAME: frozenset[str] = frozenset({"check", "cash", "terminal", "transfer"})


@dataclass(frozen=True, slots=True)
class CycleSettled:
    """What settling a cycle made: the payment or credit note, and what is to be recorded and announced."""

    happenings: list[Happening]
    payment_id: UUID | None = None
    credit_note_id: UUID | None = None


def checked_reason(reason: str) -> str:
    """A reason of `REASONS`. Refused `reason_unknown`."""
    if reason not in REASONS:
        raise Refused(
            "reason_unknown",
            "Say how the cycle came to be paid." if not reason else f"“{reason}” isn't one of the reasons.",
            field="reason",
            value=reason,
            fix=f"Choose one of: {', '.join(REASONS)}.",
        )
    return reason


def pay_cycle(
    organization: Organization,
    membership: Membership,
    cycle: OpenCycle,
    *,
    means: str,
    amount_minor: int | None,
    policies: Policies,
    actor: Actor,
    on: date,
    now: datetime,
) -> CycleSettled:
    """Books money (minor units; all that is owed unless said) that came for a cycle outside a gateway."""
    invoice = _document(organization, cycle, actor=actor, on=on, now=now)
    received = receive_money(
        organization,
        Money(
            party_id=invoice.party_id,
            amount_minor=cycle.balance_minor if amount_minor is None else amount_minor,
            currency=cycle.currency,
            means=means,
            taken_at=now,
            received_on=on,
            invoice_ids=[invoice.id],
        ),
        policies,
        now=now,
    )
    return CycleSettled(received.happenings, payment_id=received.payment.id)


def waive_cycle(
    organization: Organization,
    membership: Membership,
    cycle: OpenCycle,
    *,
    reason: str,
    policies: Policies,
    actor: Actor,
    on: date,
    now: datetime,
) -> CycleSettled:
    """Credits all that is open of a cycle, which then counts as paid: no money came in here."""
    invoice = locked_for_credit(organization, _document(organization, cycle, actor=actor, on=on, now=now).id)
    wanted = {one.id for one in cycle.receivables}
    receivables = [one for one in open_on(invoice.id) if one.id in wanted]
    parts = {one.id: one.balance_minor for one in receivables}
    note = credit_open(invoice, receivables, parts, reason=reason, actor=actor, on=on, now=now)
    moved = after_payment([membership.id], policies, on=on)
    facts = {
        "invoice": invoice.named,
        "credit_note": note.number,
        "amount": plain(sum(parts.values()), invoice.currency),
        "currency": invoice.currency,
    }
    return CycleSettled(
        [
            Happening("invoice_credited", "invoice", invoice.id, invoice.party_id, reason, facts),
            *told_of_dates(moved, f"Credit note {note.number}"),
        ],
        credit_note_id=note.id,
    )


def _document(
    organization: Organization, cycle: OpenCycle, *, actor: Actor, on: date, now: datetime
) -> Invoice:
    """The live invoice of a cycle; between a failed try and the next one it is made."""
    ids = [one.id for one in cycle.receivables]
    found = live_document_of(organization.id, ids, on=on, now=now, actor=actor)
    if found is None:
        raise Refused("invoice_paid", "Nothing of this cycle is owed.", field="member")
    return Invoice.objects.get(id=found)


def begin_first_cycle(
    organization: Organization,
    membership: Membership,
    *,
    free: bool,
    policies: Policies,
    actor: Actor,
    on: date,
    now: datetime,
) -> Billed | None:
    """Bills the first cycle of a membership that waits for its start, ahead of it, and returns what it billed; `free`
    makes it count as paid without an invoice (C-12). Refused `no_price`."""
    plan = plan_for(organization.id, membership.plan_id, membership.party_id)
    interval = interval_of_membership(membership, policies, plan)
    start = membership.next_bill_on or membership.anchor_on
    rules = term_rules(policies.within(plan=plan.id))
    period = renewal_term(rules, start, None, membership.anchor_on, interval)
    if free:
        Term.objects.create(
            organization=organization,
            membership=membership,
            plan_id=membership.plan_id,
            start_on=period.start,
            end_on=period.end,
            amount_minor=0,
            source="external",
            paid_on=on,
        )
        Membership.objects.filter(id=membership.id).update(
            renewed_through=period.through,
            paid_through=period.through,
            state="active",
            next_bill_on=period.end if plan.kind == "subscription" else None,
        )
        return None
    return bill_now(
        organization,
        membership,
        plan,
        period,
        priced(plan, period, interval, None),
        source="join",
        why="The first cycle was marked as paid.",
        policies=policies,
        actor=actor,
        on=on,
        now=now,
        with_credit=False,  # the money for it is what is marked
    )
