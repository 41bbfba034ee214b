"""Questions about ends: what a cancellation would do, whose end has come, what a member may use."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Min, QuerySet

from paidthru.invoicing.models import Invoice, Line
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership, Plan
from paidthru.membership.queries.changing import covers_of
from paidthru.membership.rules.ending import Cancellation, EndPolicy, decide_cancellation
from paidthru.membership.rules.entitlement import AccessFacts, Entitlement, Restrict, entitlement
from paidthru.organizations.rules.policies import Policies


@dataclass(frozen=True, slots=True)
class OpenBill:
    """An invoice of a membership that is open: its number and what it still asks for, in minor units."""

    invoice_id: UUID
    number: int | str
    balance_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CancelPreview:
    """What a cancellation would do: its dates, what stays owed, what is taken back, and the default plan's name where
    the member falls back to it."""

    decided: Cancellation
    owed: tuple[OpenBill, ...]
    withdrawn: tuple[OpenBill, ...]
    into: str
    credits: bool = False


def cancel_preview(
    membership: Membership, policies: Policies, today: date, *, wanted: date | None = None, by_staff: bool
) -> CancelPreview:
    """What canceling a membership on the local date `today` would do, on the day `wanted` if one is given; writes
    nothing. Refused as `decide_cancellation`."""
    here = policies.within(plan=membership.plan_id, customer=membership.party_id, subscription=membership.id)
    effective = here.word("cancel.effective")
    default = Plan.objects.filter(organization_id=membership.organization_id, is_default=True).first()
    falls_back = here.word("cancel.then") == "downgrade" and default and default.id != membership.plan_id
    policy = EndPolicy(
        effective,
        "downgrade" if falls_back else "end",
        here.word("cancel.unpaid") == "credited",
        by_staff or effective == "on_date",
    )
    decided = decide_cancellation(covers_of(membership.id), policy, today=today, wanted=wanted)
    bills = open_bills(membership.id)
    starts = {cover.start for cover in decided.withdrawn}
    taken = tuple(bill for bill, periods in bills if periods <= starts)
    kept = tuple(bill for bill, periods in bills if not periods <= starts)
    into = default.name if falls_back and default else ""
    return CancelPreview(decided, kept, taken, into, policy.credits)


def refuse_over(membership: Membership) -> None:
    """Refuses `not_a_member` for one that is over."""
    if membership.state == "ended":
        raise Refused(
            "not_a_member",
            "This membership has ended.",
            field="member",
            fix="The member can join again.",
        )


def open_bills(membership_id: UUID) -> list[tuple[OpenBill, frozenset[date]]]:
    """The sent invoices that ask for a membership's dues, each with the first days of the terms that it bills: none of
    another membership's."""
    lines = Line.objects.filter(receivable__source_id=membership_id, invoice__state="sent")
    found: list[tuple[OpenBill, frozenset[date]]] = []
    for invoice in Invoice.objects.filter(id__in=lines.values("invoice_id")).order_by("number"):
        of = invoice.lines.values_list("receivable__source_id", "receivable__period_start")
        periods = frozenset(start if source == membership_id else date.max for source, start in of)
        bill = OpenBill(
            invoice.id,
            invoice.named or 0,
            invoice.balance_minor,
            invoice.currency,
        )
        found.append((bill, periods))
    return found


def over_by(
    organization_id: UUID, policies: Policies, on: date, *, limit: int, hold: bool = False
) -> list[Membership]:
    """Memberships that are over by the local date: canceled for a day that has come, or prepaid with the last term
    behind them; `limit` of them in order of id, with their plans. With `hold` they are locked: what is undone, or
    renewed, meanwhile isn't among them."""
    canceled = Membership.objects.filter(organization_id=organization_id, state="ending", cancel_on__lte=on)
    prepaid = _prepaid(organization_id, policies).filter(renewed_through__lt=on)
    found: dict[UUID, Membership] = {}
    for each in (canceled, prepaid):
        held = each.order_by("id").select_for_update() if hold else each.select_related("plan")
        found |= {one.id: one for one in held[:limit]}
    return [found[id_] for id_ in sorted(found)[:limit]]


def next_end(organization_id: UUID, policies: Policies) -> date | None:
    """The first local day on which a membership is over that goes on now."""
    canceled = Membership.objects.filter(
        organization_id=organization_id, state="ending", cancel_on__isnull=False
    )
    first = canceled.order_by("cancel_on").values_list("cancel_on", flat=True).first()
    last = _prepaid(organization_id, policies).aggregate(on=Min("renewed_through"))["on"]
    days = [on for on in (first, last + timedelta(days=1) if last else None) if on is not None]
    return min(days, default=None)


def _prepaid(organization_id: UUID, policies: Policies) -> QuerySet[Membership]:
    """Prepaid memberships end with their last term (C-02); not where a former member who comes back renews, for they
    are still marked active then (G-39), and not those that go on with another plan. Asked for by their plans, whose
    ends stand in an index."""
    if policies.word("rejoin.mode") == "renewal_if_active":
        return Membership.objects.none()
    plans = Plan.objects.filter(organization_id=organization_id, kind="prepaid")
    return Membership.objects.filter(
        plan__in=list(plans.values_list("id", flat=True)),
        state__in=("pending", "active"),
        next_plan=None,
        renewed_through__isnull=False,
    )


def access_of(membership: Membership, policies: Policies, on: date) -> Entitlement:
    """What a membership opens on a local date, and why (C-35)."""
    return entitlement(_access_facts(membership, policies, on), restriction(policies, membership.plan_id))


def restriction(policies: Policies, plan_id: UUID) -> Restrict:
    """When arrears restrict access, for memberships on a plan."""
    call = policies.within(plan=plan_id).call("access.restrict")
    if call.name == "after":
        return ("after", call.number())
    return call.name  # type: ignore[return-value]


def _access_facts(membership: Membership, policies: Policies, on: date) -> AccessFacts:
    follows = membership.follows
    return AccessFacts(
        lifecycle=membership.state,
        on=on,
        unpaid_since=membership.unpaid_since,
        paid_through=membership.paid_through,
        ended_because=membership.ended_because,
        ended_on=membership.ended_on,
        follows_downgrade=follows is not None and follows.ended_because == "downgraded",
        grace_months=policies.number("status.grace_months"),
    )
