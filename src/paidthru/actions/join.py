"""Join: a party takes up a plan, and its first term is billed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.periods import Interval, Period, fixed_period, period_containing
from paidthru.ledger.operations import open_batch
from paidthru.membership.models import Membership, Plan, Term
from paidthru.membership.operations import TermBill, after_payment, bill_terms
from paidthru.membership.queries import plan_facts
from paidthru.membership.rules.pricing import Proration, price_term, priced_line, proration
from paidthru.membership.rules.settings import PlanFacts, interval_of, term_rules
from paidthru.membership.rules.terms import first_term, renewal_term
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.operations import use_credit
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


@dataclass(frozen=True, slots=True)
class Joined:
    """What joining made: the membership, and the invoice of its first term if one was billed now."""

    membership_id: UUID
    invoice_id: UUID | None


def join(
    organization: Organization,
    party_id: UUID,
    plan_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    starting_on: date | None = None,
    autopay: bool = False,
    current_cycle_paid: bool = False,
    prorated: bool = False,
) -> Joined:
    """Makes a membership and bills its first term (A-04), unless it is free or counts as paid.

    `starting_on` is the date that billing cycles start (C-10): where the calendar bills, a later date bills then, and
    an annual term at once, due then. `current_cycle_paid` treats the first cycle as paid (C-12). A former member who
    is still marked active renews instead, without proration (G-39).
    Refused: `plan_closed`, `already_a_member`, `no_price`.
    """
    with transaction.atomic():
        party = Party.objects.select_for_update().get(id=party_id, organization=organization)
        enrolment = _Enrolment(
            organization, party, plan_facts(organization.id)[plan_id], policies_of(organization), actor, now
        )
        standing = Membership.objects.filter(party=party).exclude(state="ended").first()
        if standing is not None:
            return _renew(enrolment, standing, autopay)
        plan = enrolment.plan
        if Plan.objects.get(id=plan_id).closed:
            raise Refused(
                "plan_closed",
                f"{plan.name} takes no new members.",
                field="plan",
                value=plan.name,
                fix="Choose another plan.",
            )
        rules, today = term_rules(enrolment.policies), enrolment.today
        joined_on = starting_on or today
        period = first_term(rules, joined_on, enrolment.interval())
        membership = Membership.objects.create(
            organization=organization,
            party=party,
            plan_id=plan_id,
            joined_on=joined_on,
            anchor_on=period.start,
            autopay=autopay,
            created_at=now,
            state="active" if plan.kind in _WITHOUT_TERMS else "pending",
        )
        record(
            organization.id,
            actor,
            now,
            [
                Happening(
                    "joined",
                    "membership",
                    membership.id,
                    party.id,
                    facts={"plan": plan.name, "on": joined_on.isoformat()},
                )
            ],
        )
        if plan.kind in _WITHOUT_TERMS:
            return Joined(membership.id, None)
        if current_cycle_paid:
            _count_as_paid(enrolment, membership, period)
            return Joined(membership.id, None)
        by_the_calendar = enrolment.policies.word("billing.trigger") == "auto" and plan.kind == "subscription"
        if starting_on and period.start > today and by_the_calendar and rules.basis == "anniversary":
            Membership.objects.filter(id=membership.id).update(next_bill_on=period.start)
            return Joined(membership.id, None)
        kind = plan.prorate or enrolment.policies.word("proration.join")
        if prorated and kind == "none":
            kind = "months"
        share = proration(rules, kind, plan.factors or None)  # type: ignore[arg-type]
        return _bill(enrolment, membership, period, share, "join", f"Joined {plan.name}")


_WITHOUT_TERMS = ("free", "pay_as_you_go")


@dataclass(frozen=True, slots=True)
class _Enrolment:
    """Who takes up what, with the policies that hold."""

    organization: Organization
    party: Party
    plan: PlanFacts
    policies: Policies
    actor: Actor
    now: datetime

    @property
    def today(self) -> date:
        return local_date(self.now, self.organization.zone)

    def interval(self, subscription: int | None = None) -> Interval:
        customer = self.policies.effective("term.interval_months", customer=str(self.party.id))
        months = customer.value if customer.source == "customer" and isinstance(customer.value, int) else None
        return interval_of(self.plan, self.policies, subscription=subscription, customer=months)[0]


def _renew(enrolment: _Enrolment, membership: Membership, autopay: bool) -> Joined:
    """A former member who is still marked active and comes back: a renewal of the term that today lies in (G-39)."""
    through = max(filter(None, (membership.paid_through, membership.renewed_through)), default=None)
    today = enrolment.today
    if (
        membership.state != "active"
        or membership.plan_id != enrolment.plan.id
        or enrolment.plan.kind not in ("subscription", "prepaid")
        or through is None
        or through >= today
    ):
        raise Refused(
            "already_a_member",
            f"{enrolment.party.name} already has a membership.",
            field="member",
            value=enrolment.party.name,
            fix="Renew or switch it instead of joining again.",
        )
    rules, interval = term_rules(enrolment.policies), enrolment.interval(membership.override_months)
    if rules.basis == "annual" and rules.first_month and interval.months:
        period = fixed_period(today, rules.first_month, interval.months)
    else:
        period = renewal_term(rules, today, through, membership.anchor_on, interval)
        if today not in period:
            period = period_containing(membership.anchor_on, interval, today)[1]
    period = Period(max(period.start, through + timedelta(days=1)), period.end)
    if autopay and not membership.autopay:
        Membership.objects.filter(id=membership.id).update(autopay=True)
    return _bill(enrolment, membership, period, None, "renewal", f"Came back to {enrolment.plan.name}")


def _count_as_paid(enrolment: _Enrolment, membership: Membership, period: Period) -> None:
    Term.objects.create(
        organization=enrolment.organization,
        membership=membership,
        plan_id=membership.plan_id,
        start_on=period.start,
        end_on=period.end,
        amount_minor=0,
        source="external",
        paid_on=enrolment.today,
    )
    Membership.objects.filter(id=membership.id).update(
        renewed_through=period.through,
        paid_through=period.through,
        state="active",
        next_bill_on=period.end if enrolment.plan.kind == "subscription" else None,
    )


def _bill(
    enrolment: _Enrolment,
    membership: Membership,
    period: Period,
    share: Proration | None,
    source: str,
    why: str,
) -> Joined:
    organization, plan, policies = enrolment.organization, enrolment.plan, enrolment.policies
    today, now = enrolment.today, enrolment.now
    if not any(fee.primary for fee in plan.fees):
        raise Refused(
            "no_price",
            f"{plan.name} has no price.",
            field="plan",
            value=plan.name,
            fix="Give the plan a price first.",
        )
    lines = price_term(
        plan.fees, period, plan.interval, enrolment.interval(membership.override_months), plan.currency, share
    )
    batch = open_batch(organization.id, "sales", today, now=now)
    bill = TermBill(
        membership_id=membership.id,
        party_id=enrolment.party.id,
        plan=plan,
        start_on=period.start,
        end_on=period.end,
        lines=[priced_line(line) for line in lines],
        number=take_numbers(organization.id, "invoice"),
        source=source,
        why=why,
        due_on=max(today, period.start),
        invoice_id=new_id(),
    )
    bill_terms(
        organization.id,
        policies,
        plan.currency,
        [bill],
        batch_id=batch.id,
        bill_on=today,
        run_id=None,
        actor=enrolment.actor,
        now=now,
    )
    if policies.word("credit.apply") == "auto":
        sources = use_credit(organization.id, batch.id, [enrolment.party.id], on=today, now=now)
        after_payment(sources, policies, on=today)
    return Joined(membership.id, bill.invoice_id)
