"""Join: a party takes up a plan, and its first term is billed."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.periods import Interval, Period
from paidthru.ledger.operations import open_batch
from paidthru.membership.models import Membership, Plan, Term
from paidthru.membership.operations import TermBill, after_payment, bill_terms
from paidthru.membership.queries import PlanFacts, interval_of, plan_facts, priced_line, term_rules
from paidthru.membership.rules.pricing import price_term, proration
from paidthru.membership.rules.terms import first_term
from paidthru.organizations.models import Organization, PolicySetting
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
    """Makes a membership and bills its first term (A-04), unless it starts later, is free, or counts as paid.

    `starting_on` is the date that billing cycles start (C-10): a later date bills then; `current_cycle_paid` treats
    the first cycle as paid (C-12). A former member who is still active renews and is not prorated (G-39).
    Refused: `plan_closed`, `already_a_member`, `no_price`, `currency_mismatch`.
    """
    with transaction.atomic():
        party = Party.objects.select_for_update().get(id=party_id, organization=organization)
        plan_row = Plan.objects.get(id=plan_id, organization=organization)
        today = local_date(now, organization.zone)
        if plan_row.closed:
            raise Refused(
                "plan_closed",
                f"{plan_row.name} takes no new members.",
                field="plan",
                value=plan_row.name,
                fix="Choose another plan.",
            )
        if Membership.objects.filter(party=party).exclude(state="ended").exists():
            raise Refused(
                "already_a_member",
                f"{party.name} already has a membership.",
                field="member",
                value=party.name,
                fix="Renew or switch it instead of joining again.",
            )
        policies = policies_of(organization)
        plan = plan_facts(organization.id)[plan_id]
        joined_on = starting_on or today
        customer = PolicySetting.objects.filter(
            organization=organization, scope="customer", scope_id=party.id, key="term.interval_months"
        ).first()
        interval, _ = interval_of(
            plan, policies, subscription=None, customer=customer.value if customer else None
        )
        rules = term_rules(policies)
        period = first_term(rules, joined_on, interval)
        membership = Membership.objects.create(
            organization=organization,
            party=party,
            plan_id=plan_id,
            joined_on=joined_on,
            anchor_on=period.start,
            autopay=autopay,
            created_at=now,
            state="active" if plan.kind == "free" else "pending",
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
        bills_by_itself = plan.kind == "subscription"
        if plan.kind in ("free", "pay_as_you_go"):
            return Joined(membership.id, None)
        if current_cycle_paid:
            Term.objects.create(
                organization=organization,
                membership=membership,
                plan_id=plan_id,
                start_on=period.start,
                end_on=period.end,
                amount_minor=0,
                source="external",
                paid_on=today,
            )
            Membership.objects.filter(id=membership.id).update(
                renewed_through=period.through,
                paid_through=period.through,
                state="active",
                next_bill_on=period.end if bills_by_itself else None,
            )
            return Joined(membership.id, None)
        if period.start > today and policies.word("billing.trigger") == "auto" and bills_by_itself:
            Membership.objects.filter(id=membership.id).update(next_bill_on=period.start)
            return Joined(membership.id, None)
        lines = _price(plan, policies, period, interval, prorated)
        batch = open_batch(organization.id, "sales", today, now=now)
        bill = TermBill(
            membership_id=membership.id,
            party_id=party.id,
            plan=plan,
            start_on=period.start,
            end_on=period.end,
            lines=lines,
            number=take_numbers(organization.id, "invoice"),
            source="join",
            why=f"Joined {plan.name}",
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
            actor=actor,
            now=now,
        )
        if policies.word("credit.apply") == "auto":
            sources = use_credit(organization.id, batch.id, [party.id], on=today, now=now)
            after_payment(sources, policies, on=today)
        return Joined(membership.id, bill.invoice_id)


def _price(
    plan: PlanFacts, policies: Policies, period: Period, interval: Interval, prorated: bool
) -> list[dict[str, object]]:
    if not any(fee.primary for fee in plan.fees):
        raise Refused(
            "no_price",
            f"{plan.name} has no price.",
            field="plan",
            value=plan.name,
            fix="Give the plan a price first.",
        )
    kind = plan.prorate or policies.word("proration.join")
    if prorated and kind == "none":
        kind = "months"
    share = proration(term_rules(policies), kind, plan.factors or None)  # type: ignore[arg-type]
    lines = price_term(plan.fees, period, plan.interval, interval, plan.currency, share)
    return [priced_line(line) for line in lines]
