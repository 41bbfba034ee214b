"""Join: a party takes up a plan, and its first term is billed."""

from collections.abc import Sequence
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
from paidthru.membership.operations.moving import begin_trial
from paidthru.membership.operations.returning import (
    last_day,
    last_ended,
    make_way,
    told_of_return,
    would_renew,
)
from paidthru.membership.queries import plan_facts
from paidthru.membership.rules.joining import FirstTerm, decide_first_term, priced, said_of_first_term
from paidthru.membership.rules.pricing import PricedLine, priced_line
from paidthru.membership.rules.settings import PlanFacts, interval_of, term_rules
from paidthru.membership.rules.terms import renewal_term
from paidthru.notices.operations import tell, tell_billing_contact
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.operations import use_credit
from paidthru.people.models import Party
from paidthru.people.operations import PartyDraft, add_parties
from paidthru.timeline.operations import Actor, Happening, once, record


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
    renews: bool | None = None,
    confirmed: bool = False,
) -> Joined:
    """Makes a membership and bills its first term (A-04), unless it is free or counts as paid.

    `starting_on` is the date that billing cycles start (C-10): where the calendar bills, a later date bills then, and
    an annual term at once, due then; one in the past is billed only once it is `confirmed`, where the policy asks about
    it (`billing.past_date`). `current_cycle_paid` treats the first cycle as paid (C-12). Whoever comes back gets
    a new membership that follows the ended one, at today's price (C-47, C-48); a former member who is still marked
    active renews instead, without proration, by `rejoin.mode` or if `renews` says so (G-39, X19).
    Refused: `plan_closed`, `already_a_member`, `no_price`, `past_date`.
    """
    with transaction.atomic():
        party = Party.objects.select_for_update().get(id=party_id, organization=organization)
        enrolment = _Enrolment(
            organization,
            party,
            plan_facts(organization.id)[plan_id],
            policies_of(organization).within(plan=plan_id, customer=party.id),
            actor,
            now,
        )
        standing = make_way(party, enrolment.plan, enrolment.policies, renews=renews, actor=actor, now=now)
        if standing is not None:
            return _renew(enrolment, standing, autopay)
        plan, before = enrolment.plan, last_ended(party.id)
        if Plan.objects.get(id=plan_id).closed:
            raise Refused(
                "plan_closed",
                f"{plan.name} takes no new members.",
                field="plan",
                value=plan.name,
                fix="Choose another plan.",
            )
        joined_on = starting_on or enrolment.today
        first = decide_first_term(
            enrolment.policies,
            plan,
            enrolment.interval(),
            enrolment.today,
            starting_on=starting_on,
            current_cycle_paid=current_cycle_paid,
            prorated=prorated,
        )
        if not confirmed:
            _refuse_past(enrolment, first, starting_on)
        membership = Membership.objects.create(
            organization=organization,
            party=party,
            plan_id=plan_id,
            joined_on=joined_on,
            anchor_on=first.period.start,
            autopay=autopay,
            created_at=now,
            state="active" if first.billing in ("never", "trial") else "pending",
            follows=before,
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
                    facts={"plan": plan.name, "on": joined_on.isoformat(), **told_of_return(before)},
                )
            ],
        )
        welcome = {"plan": plan.name, "term": said_of_first_term(first)}
        tell(organization.id, party.id, "welcome", f"welcome {membership.id}", welcome, now=now)
        if first.billing == "now":
            return _bill(enrolment, membership, first.period, first.lines, "join", f"Joined {plan.name}")
        if first.billing == "paid":
            _count_as_paid(enrolment, membership, first.period)
        elif first.billing == "later":
            Membership.objects.filter(id=membership.id).update(next_bill_on=first.period.start)
        elif first.billing == "trial":
            begin_trial(membership, max(joined_on, enrolment.today), first.period.start, on=enrolment.today)
        return Joined(membership.id, None)


def _refuse_past(enrolment: "_Enrolment", first: FirstTerm, starting_on: date | None) -> None:
    """Refuses `past_date` for a first cycle of the member's own that began in the past and would be charged now, where
    the policy asks first (C-10)."""
    policies, today = enrolment.policies, enrolment.today
    if (
        first.billing == "now"
        and starting_on is not None
        and starting_on < today
        and policies.word("term.basis") == "anniversary"
        and policies.word("billing.past_date") == "ask"
    ):
        raise Refused(
            "past_date",
            f"{starting_on} is in the past: the cycle from then would be charged at once.",
            field="starting_on",
            value=starting_on.isoformat(),
            fix="Confirm that it is to be charged now, mark the cycle as paid, or start today.",
        )


def preview_join(
    organization: Organization,
    party_id: UUID | None,
    plan_id: UUID,
    today: date,
    *,
    starting_on: date | None = None,
    current_cycle_paid: bool = False,
    prorated: bool = False,
    renews: bool | None = None,
) -> FirstTerm:
    """What `join` would decide on the local date `today`, for somebody known or (None) new; writes nothing.

    Refused `no_price`, and `already_a_member` where it is to renew and can't.
    """
    plan = plan_facts(organization.id)[plan_id]
    policies = policies_of(organization).within(plan=plan_id, customer=party_id)
    standing = would_renew(party_id, plan, policies, renews=renews, today=today) if party_id else None
    if standing is not None and (renews or standing.plan_id == plan.id):
        return _renewal(standing, plan, policies, today)
    return decide_first_term(
        policies,
        plan,
        _interval(plan, policies, party_id),
        today,
        starting_on=starting_on,
        current_cycle_paid=current_cycle_paid,
        prorated=prorated,
    )


def admit(
    organization: Organization,
    who: PartyDraft | UUID,
    plan_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    key: str,
    starting_on: date | None = None,
    autopay: bool = False,
    current_cycle_paid: bool = False,
    prorated: bool = False,
    renews: bool | None = None,
    confirmed: bool = False,
) -> UUID:
    """Adds the person (a draft; or somebody known, by id) and lets them join, once for a key; returns the party's id.

    Refused besides what `join` refuses: `external_id_taken`, `key_reused`.
    """

    def act() -> dict[str, str]:
        party_id = who if isinstance(who, UUID) else _add(organization, who, actor, now)
        join(
            organization,
            party_id,
            plan_id,
            actor=actor,
            now=now,
            starting_on=starting_on,
            autopay=autopay,
            current_cycle_paid=current_cycle_paid,
            prorated=prorated,
            renews=renews,
            confirmed=confirmed,
        )
        return {"party": str(party_id)}

    person = who if isinstance(who, UUID) else [who.name, who.email, who.external_id]
    inputs = {
        "who": person,
        "plan": plan_id,
        "on": starting_on,
        "paid": current_cycle_paid,
        "prorated": prorated,
    }
    if renews is not None:
        inputs["renews"] = renews
    return UUID(once(organization.id, key, "admit", inputs, now, act)["party"])


def _add(organization: Organization, draft: PartyDraft, actor: Actor, now: datetime) -> UUID:
    known = Party.objects.filter(organization=organization, external_id=draft.external_id).first()
    if draft.external_id and known:
        raise Refused(
            "external_id_taken",
            f"{known.name} has that id already.",
            field="external_id",
            value=draft.external_id,
            fix="Use another one, or none.",
        )
    add_parties(organization.id, [draft], now=now)
    record(organization.id, actor, now, [Happening("party_added", "party", draft.id, draft.id)])
    return draft.id


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

    def interval(self) -> Interval:
        return _interval(self.plan, self.policies, self.party.id)


def _interval(
    plan: PlanFacts, policies: Policies, party_id: UUID | None, subscription: int | None = None
) -> Interval:
    customer = policies.effective("term.interval_months", customer=str(party_id or ""))
    months = customer.value if customer.source == "customer" and isinstance(customer.value, int) else None
    return interval_of(plan, policies, subscription=subscription, customer=months)[0]


def _renewal(membership: Membership, plan: PlanFacts, policies: Policies, today: date) -> FirstTerm:
    """The term of a former member who is still marked active and comes back: the one that today lies in, as a renewal
    (G-39). Refused `already_a_member` for everybody else."""
    through = last_day(membership)
    if (
        membership.state != "active"
        or membership.plan_id != plan.id
        or plan.kind not in ("subscription", "prepaid")
        or through is None
        or through >= today
    ):
        raise Refused(
            "already_a_member",
            f"{membership.party.name} already has a membership.",
            field="member",
            value=membership.party.name,
            fix="Renew or switch it instead of joining again.",
        )
    rules = term_rules(policies)
    interval = _interval(plan, policies, membership.party_id, membership.override_months)
    if rules.basis == "annual" and rules.first_month and interval.months:
        period = fixed_period(today, rules.first_month, interval.months)
    else:
        period = renewal_term(rules, today, through, membership.anchor_on, interval)
        if today not in period:
            period = period_containing(membership.anchor_on, interval, today)[1]
    period = Period(max(period.start, through + timedelta(days=1)), period.end)
    return FirstTerm(period, "now", priced(plan, period, interval, None))


def _renew(enrolment: _Enrolment, membership: Membership, autopay: bool) -> Joined:
    """A former member who is still marked active and comes back."""
    first = _renewal(membership, enrolment.plan, enrolment.policies, enrolment.today)
    if autopay and not membership.autopay:
        Membership.objects.filter(id=membership.id).update(autopay=True)
    why = f"Came back to {enrolment.plan.name}"
    return _bill(enrolment, membership, first.period, first.lines, "renewal", why)


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
    lines: Sequence[PricedLine],
    source: str,
    why: str,
) -> Joined:
    organization, plan, policies = enrolment.organization, enrolment.plan, enrolment.policies
    today, now = enrolment.today, enrolment.now
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
    tell_billing_contact(
        organization.id,
        buyer=enrolment.party.name,
        bought=plan.name,
        amount_minor=sum(line.amount_minor for line in lines),
        currency=plan.currency,
        invoice=bill.number,
        purchase=bill.invoice_id,
        now=now,
    )
    if policies.word("credit.apply") == "auto":
        sources = use_credit(organization.id, batch.id, [enrolment.party.id], on=today, now=now)
        after_payment(sources, policies, on=today)
    return Joined(membership.id, bill.invoice_id)
