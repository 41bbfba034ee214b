"""Questions about plans."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from paidthru.invoicing.models import Tax
from paidthru.invoicing.queries import rates_of, tax_rounding
from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.models import Discount, JoinLink, Plan, PriceChange
from paidthru.membership.queries.discounts import discounts_for
from paidthru.membership.rules.discounts import Discount as Rule
from paidthru.membership.rules.pricing import Fee, Taxation
from paidthru.membership.rules.settings import PlanFacts, discounted, untaxed
from paidthru.people.models import Party
from paidthru.people.queries import is_exempt


def plan_facts(organization_id: UUID) -> Mapping[UUID, PlanFacts]:
    """All plans of an organization with their open fees, by id."""
    plans = Plan.objects.filter(organization_id=organization_id).select_related("prorate_table")
    taxes = _taxations(organization_id)
    return {
        plan.id: PlanFacts(
            plan.id,
            plan.name,
            plan.kind,
            plan.currency,
            Interval(plan.interval_count, Unit(plan.interval_unit)),
            plan.override_months,
            plan.prorate,
            tuple(plan.prorate_table.factors) if plan.prorate_table else (),
            plan.income_code,
            tuple(
                Fee(
                    fee.id,
                    fee.name,
                    fee.amount_minor,
                    fee.is_primary,
                    fee.voluntary,
                    fee.complimentary,
                    fee.position,
                    tuple(sorted((change.from_on, change.amount_minor) for change in fee.changes.all())),
                    taxes.get(plan.tax_id) if plan.tax_id and not fee.voluntary else None,
                )
                for fee in sorted(plan.fees.all(), key=lambda fee: (fee.position, fee.id))
                if not fee.closed
            ),
            plan.trial_days,
            plan.fund,
        )
        for plan in plans.prefetch_related("fees", "fees__changes")
    }


def _taxations(organization_id: UUID) -> dict[UUID, Taxation]:
    """The taxes that plans may bear, by id."""
    found = Tax.objects.filter(organization_id=organization_id).values_list("id", "name")
    if not (names := dict(found)):
        return {}
    rates, rounding = rates_of(organization_id), tax_rounding(organization_id)
    return {id_: Taxation(rates[name], rounding) for id_, name in names.items()}


def plan_for(
    organization_id: UUID, plan_id: UUID, party_id: UUID | None, *, also: Sequence[Rule] = ()
) -> PlanFacts:
    """A plan as it is for a payer, or (None) for somebody new: with what comes off its price, without tax for who is
    exempt. `also` are discounts as they would be, were they given or ended: of two with one id these hold."""
    return as_for(plan_facts(organization_id)[plan_id], organization_id, party_id, also=also)


def as_for(
    plan: PlanFacts, organization_id: UUID, party_id: UUID | None, *, also: Sequence[Rule] = ()
) -> PlanFacts:
    """A plan that is known already as it is for a payer (see `plan_for`)."""
    given = discounts_for(organization_id, plan.id, party_id)
    used = {one.id: one.used for one in given}
    would_be = {one.id: replace(one, used=used.get(one.id, one.used)) for one in also}
    if held := tuple(({one.id: one for one in given} | would_be).values()):
        plan = discounted(plan, held)
    return untaxed(plan) if party_id is not None and is_exempt(party_id) else plan


def offered_to_members() -> Q:
    """The plans that members take up by themselves: those that cost something, the one that members fall back to, and
    those that a join link offers to anybody. Another free one (life members, say) is given by staff."""
    linked = JoinLink.objects.filter(plan=OuterRef("pk"), enabled=True)
    return ~Q(kind="free") | Q(is_default=True) | Q(Exists(linked))


def anything_of_payers(organization_id: UUID) -> bool:
    """Whether any payer has prices of their own: a discount, or no tax."""
    given = Discount.objects.filter(organization_id=organization_id)
    return (
        given.exists()
        or Party.objects.filter(organization_id=organization_id).exclude(tax_exempt="").exists()
    )


def price_days(organization_id: UUID) -> list[date]:
    """The local dates from which new prices hold that are not the plans' own yet, a price each, earliest first."""
    found = PriceChange.objects.filter(organization_id=organization_id)
    return list(found.order_by("from_on").values_list("from_on", flat=True))


def plan_named(organization_id: UUID, name: str) -> Plan | None:
    """The plan of that name."""
    return Plan.objects.filter(organization_id=organization_id, name=name).first()


def plans_of(organization_id: UUID) -> list[Plan]:
    """An organization's plans, by name."""
    return list(Plan.objects.filter(organization_id=organization_id).order_by("name", "id"))
