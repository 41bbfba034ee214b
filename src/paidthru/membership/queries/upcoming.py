"""Questions about what is ahead of members: whose renewal comes on which day, for how much (A-53)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Min, Q

from paidthru.membership.models import Membership, PriceChange
from paidthru.membership.queries.members import renewal_charge
from paidthru.membership.queries.plans import anything_of_payers, as_for, plan_facts
from paidthru.membership.rules.settings import PlanFacts
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.models import PaymentMethod
from paidthru.payments.queries import is_expired

_GOING_ON = ("pending", "active")  # whoever has canceled is left in peace
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is ahead of a membership on the local date `on`: a renewal that is billed then for so much (minor units), or
    (`ends`) the first day after a prepaid one's last. `method` is what may be shown of the way to pay on file, ""
    without one; `expires` its last month where that is over before the charge ("" otherwise). Both are the payer's
    (C-25): `payer_id` and `payer` name one who pays for `member`, None and "" where the member pays."""

    membership_id: UUID
    party_id: UUID
    member: str
    payer_id: UUID | None
    payer: str
    plan_id: UUID
    plan: str
    on: date
    ends: bool
    amount_minor: int
    currency: str
    autopay: bool
    method_id: UUID | None
    method: str
    expires: str


def ahead_between(
    organization_id: UUID, first: date, last: date, *, after: UUID | None, limit: int
) -> list[Membership]:
    """The memberships that go on and whose renewal or prepaid end lies on one of the local days [first, last], in order
    of id from the one after `after` on."""
    found = Membership.objects.filter(_within(first, last), organization_id=organization_id)
    found = found.filter(id__gt=after) if after else found
    return list(found.select_related("plan", "party", "payer").order_by("id")[:limit])


def first_ahead(organization_id: UUID, first: date) -> date | None:
    """The first local day from `first` on that brings a renewal or a prepaid end."""
    found = Membership.objects.filter(organization_id=organization_id, state__in=_GOING_ON)
    billed = found.filter(next_bill_on__gte=first).aggregate(on=Min("next_bill_on"))["on"]
    prepaid = found.filter(plan__kind="prepaid", next_bill_on=None, renewed_through__gte=first - _DAY)
    over = prepaid.aggregate(on=Min("renewed_through"))["on"]
    days = [on for on in (billed, over + _DAY if over else None) if on is not None]
    return min(days, default=None)


def looked_ahead(
    organization_id: UUID, policies: Policies, memberships: Iterable[Membership]
) -> dict[UUID, Ahead]:
    """What is ahead of memberships, by their id; of those of which nothing is, nothing. Prices that are planned for a
    day to come count from that day on."""
    found = list(memberships)
    facts, changes = plan_facts(organization_id), _planned_prices(organization_id)
    differs = anything_of_payers(organization_id)
    on_file = PaymentMethod.objects.filter(party_id__in=[one.paid_by for one in found], state="active")
    methods = {method.party_id: method for method in on_file}
    ahead = {}
    for one in found:
        if one.state not in _GOING_ON:
            continue
        plan, method = facts[one.next_plan_id or one.plan_id], methods.get(one.paid_by)
        plan = as_for(plan, organization_id, one.party_id) if differs else plan
        ends = one.next_bill_on is None and one.plan.kind == "prepaid" and one.renewed_through is not None
        here = policies.within(plan=plan.id, customer=one.party_id, subscription=one.id)
        charge = None if ends else renewal_charge(one, here, _priced_on(plan, changes, one.next_bill_on))
        if ends:
            assert one.renewed_through is not None
            on, amount_minor = one.renewed_through + _DAY, 0
        elif charge is None or not charge.amount_minor:
            continue  # what is free isn't announced
        else:
            on, amount_minor = charge.on, charge.amount_minor
        ahead[one.id] = Ahead(
            one.id,
            one.party_id,
            one.party.name,
            one.payer_id,
            one.payer.name if one.payer else "",
            plan.id,
            plan.name,
            on,
            ends,
            amount_minor,
            plan.currency,
            one.autopay,
            method.id if method else None,
            f"{method.brand} ending in {method.last4}".strip() if method else "",
            f"{method.exp_month:02d}/{method.exp_year}" if method and is_expired(method, on) else "",
        )
    return ahead


def _within(first: date, last: date) -> Q:
    renewed = Q(next_bill_on__gte=first, next_bill_on__lte=last)
    over = Q(
        plan__kind="prepaid",
        next_bill_on=None,
        renewed_through__gte=first - _DAY,
        renewed_through__lte=last - _DAY,
    )
    return (renewed | over) & Q(state__in=_GOING_ON)


def _planned_prices(organization_id: UUID) -> list[PriceChange]:
    return list(PriceChange.objects.filter(organization_id=organization_id).order_by("from_on"))


def _priced_on(plan: PlanFacts, changes: list[PriceChange], on: date | None) -> PlanFacts:
    coming: Mapping[UUID, int] = {
        one.fee_id: one.amount_minor for one in changes if on is not None and one.from_on <= on
    }
    fees = tuple(replace(fee, amount_minor=coming.get(fee.id, fee.amount_minor)) for fee in plan.fees)
    return replace(plan, fees=fees)
