"""Join: a party takes up a plan, and its first term is billed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Period, fixed_period, nth_period, period_containing
from paidthru.membership.models import Membership, Plan, Term
from paidthru.membership.operations.billing import bill_now
from paidthru.membership.operations.moving import begin_trial
from paidthru.membership.operations.returning import (
    go_on,
    is_former,
    last_day,
    last_ended,
    make_way,
    told_of_return,
    would_stay,
)
from paidthru.membership.queries import plan_for
from paidthru.membership.queries.paying import refuse_paid_by_another
from paidthru.membership.rules.discounts import Discount
from paidthru.membership.rules.joining import FirstTerm, decide_first_term, priced, told_of_first_term
from paidthru.membership.rules.pricing import PricedLine
from paidthru.membership.rules.settings import PlanFacts, interval_of, term_rules
from paidthru.membership.rules.terms import renewal_term
from paidthru.notices.operations import tell, tell_of_purchase
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.people.models import Party
from paidthru.people.operations import PartyDraft, add_parties, refuse_taken_id
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
    active, or only is to end, renews instead, without proration, by `rejoin.mode` or if `renews` says so (G-39, X19).
    A cancellation that is pending is undone, and nothing is charged for what is paid; a prepaid plan that runs is
    extended by a term after it (C-24).
    Refused: `plan_closed`, `already_a_member`, `no_price`, `past_date`, `paid_by_another`.
    """
    with transaction.atomic():
        party = Party.objects.select_for_update(no_key=True).get(id=party_id, organization=organization)
        enrolment = _Enrolment(
            organization,
            party,
            plan_for(organization.id, plan_id, party.id),
            policies_of(organization).within(plan=plan_id, customer=party.id),
            actor,
            now,
        )
        standing = make_way(party, enrolment.plan, enrolment.policies, renews=renews, actor=actor, now=now)
        if standing is not None:
            return _go_on(
                enrolment,
                standing,
                autopay=autopay,
                starting_on=starting_on,
                current_cycle_paid=current_cycle_paid,
            )
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
        welcome = {"plan": plan.name, **told_of_first_term(first)}
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
    also: Sequence[Discount] = (),
) -> FirstTerm:
    """What `join` would decide on the local date `today`, for somebody known or (None) new; writes nothing. `also` are
    discounts as they would be by then.

    Refused `no_price`, and `already_a_member` where it is to renew and can't.
    """
    plan = plan_for(organization.id, plan_id, party_id, also=also)
    policies = policies_of(organization).within(plan=plan_id, customer=party_id)
    standing = would_stay(party_id, plan, policies, renews=renews, today=today) if party_id else None
    if standing is not None and _is_asked_of(standing, plan, today, renews=renews):
        return _going_on(standing, plan, policies, today, starting_on)
    return decide_first_term(
        policies,
        plan,
        _interval(plan, policies, party_id),
        today,
        starting_on=starting_on,
        current_cycle_paid=current_cycle_paid,
        prorated=prorated,
    )


def _is_asked_of(standing: Membership, plan: PlanFacts, today: date, *, renews: bool | None) -> bool:
    """Whether it is the membership that stays of which the preview tells, and no new one."""
    if is_former(standing, today):
        return bool(renews) or standing.plan_id == plan.id
    goes_on = plan.kind == "prepaid" or (standing.state == "ending" and last_day(standing) is not None)
    return standing.plan_id == plan.id and goes_on


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
    refuse_taken_id(organization.id, draft.external_id or "")
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


def _going_on(
    membership: Membership, plan: PlanFacts, policies: Policies, today: date, starting_on: date | None
) -> FirstTerm:
    """What joining the plan means for who has a membership that stays. Former members get the term that today lies in,
    as a renewal (G-39); who joins a prepaid plan that runs, a term after the last one (C-24); and who had canceled goes
    on with what is paid. Refused `already_a_member` for everybody else."""
    through = last_day(membership)
    if through is None or membership.plan_id != plan.id or plan.kind not in ("subscription", "prepaid"):
        raise _already(membership)
    if is_former(membership, today):
        return _renewal(membership, plan, policies, today, through)
    if plan.kind == "subscription":
        if membership.state != "ending":
            raise _already(membership)
        return FirstTerm(Period(today, through + timedelta(days=1)), "paid")
    if membership.paid_through is None or membership.paid_through < through:
        raise _already(membership, "Pay for the term that is billed already; then another one can follow it.")
    if starting_on not in (None, today, through + timedelta(days=1)):
        raise _already(
            membership, f"A further term begins on {through + timedelta(days=1)}, after the last one."
        )
    interval = _interval(plan, policies, membership.party_id, membership.override_months)
    period = nth_period(through + timedelta(days=1), interval, 0)
    return FirstTerm(period, "now", priced(plan, period, interval, None))


def _already(membership: Membership, fix: str = "Renew or switch it instead of joining again.") -> Refused:
    name = membership.party.name
    return Refused(
        "already_a_member", f"{name} already has a membership.", field="member", value=name, fix=fix
    )


def _renewal(
    membership: Membership, plan: PlanFacts, policies: Policies, today: date, through: date
) -> FirstTerm:
    """The term that today lies in, for a former member whose last day is `through`."""
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


def _go_on(
    enrolment: _Enrolment,
    membership: Membership,
    *,
    autopay: bool,
    starting_on: date | None,
    current_cycle_paid: bool,
) -> Joined:
    """The membership that stays goes on: a cancellation is undone, and what `_going_on` decided is billed."""
    plan, ending = enrolment.plan, membership.state == "ending"
    if (
        ending and membership.plan_id == plan.id and last_day(membership) is None
    ):  # nothing of it was billed yet
        first = None
    else:
        first = _going_on(membership, plan, enrolment.policies, enrolment.today, starting_on)
    if first is not None and first.billing == "now":
        refuse_paid_by_another(membership, enrolment.actor.kind)
    if ending:
        why = f"Joined {plan.name} again."
        go_on(membership, enrolment.policies, why=why, actor=enrolment.actor, now=enrolment.now)
    if autopay and not membership.autopay and membership.payer_id is None:  # a payer's consent is their own
        Membership.objects.filter(id=membership.id).update(autopay=True)
    if first is None or first.billing == "paid":
        return Joined(membership.id, None)
    if current_cycle_paid and plan.kind == "prepaid":
        _count_as_paid(enrolment, membership, first.period)
        return Joined(membership.id, None)
    further = plan.kind == "prepaid" and first.period.start > enrolment.today
    why = f"A further term of {plan.name}" if further else f"Came back to {plan.name}"
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
    billed = bill_now(
        enrolment.organization,
        membership,
        enrolment.plan,
        period,
        lines,
        source=source,
        why=why,
        policies=enrolment.policies,
        actor=enrolment.actor,
        on=enrolment.today,
        now=enrolment.now,
    )
    tell_of_purchase(enrolment.organization.id, billed, buyer=enrolment.party.name, now=enrolment.now)
    return Joined(membership.id, billed.invoice_id)
