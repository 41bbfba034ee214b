"""Questions about memberships: what they are called, what they are charged next, their terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower

from paidthru.kernel.periods import Interval
from paidthru.membership.models import Membership, Term
from paidthru.membership.queries.plans import plan_facts, plan_for
from paidthru.membership.rules.discounts import Discount
from paidthru.membership.rules.joining import priced
from paidthru.membership.rules.settings import (
    PlanFacts,
    interval_of,
    past_due_at,
    term_rules,
)
from paidthru.membership.rules.status import StatusFacts, cutoffs, label, tells_lapsed
from paidthru.membership.rules.terms import (
    covered_until,
    renewal_term,
)
from paidthru.organizations.rules.policies import Policies


def memberships_on_invoices(invoice_ids: Sequence[UUID]) -> list[UUID]:
    """The memberships whose terms invoices bill."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT r.source_id FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id"
            " WHERE l.invoice_id = ANY(%s)",
            [list(invoice_ids)],
        )
        return [row[0] for row in cursor.fetchall()]


def plans_on_invoices(invoice_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The plan of the membership whose terms each invoice bills; nothing for other invoices."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (l.invoice_id) l.invoice_id, m.plan_id FROM invoicing_line l"
            " JOIN invoicing_receivable r ON r.id = l.receivable_id JOIN membership_membership m ON m.id = r.source_id"
            " WHERE l.invoice_id = ANY(%s) ORDER BY l.invoice_id, l.position",
            [list(invoice_ids)],
        )
        return dict(cursor.fetchall())


def membership_of(party_id: UUID) -> Membership | None:
    """A party's current membership, else the one that ended last."""
    found = Membership.objects.select_related("plan", "organization").filter(party_id=party_id)
    return found.exclude(state="ended").first() or found.order_by("-id").first()


def label_on(membership: Membership, policies: Policies, on: date) -> str:
    """What the organization calls a membership's state on a local date: the preset's own word (X7)."""
    facts = StatusFacts(
        lifecycle=membership.state,
        unpaid_since=membership.unpaid_since,
        on=on,
        paid_through=membership.paid_through,
        grace_months=policies.number("status.grace_months"),
        lapsed=membership.ended_because == "lapsed",
    )
    past_due = past_due_at(policies.within(plan=membership.plan_id))
    return label(policies.word("status.labels"), facts, past_due)


def interval_of_membership(
    membership: Membership, policies: Policies, plan: PlanFacts | None = None
) -> Interval:
    """How long a membership's terms are, by the most specific level that says so (G-09)."""
    plan = plan or plan_facts(membership.organization_id)[membership.plan_id]
    customer = policies.effective("term.interval_months", customer=str(membership.party_id))
    return interval_of(
        plan,
        policies,
        subscription=membership.override_months,
        customer=customer.value
        if customer.source == "customer" and isinstance(customer.value, int)
        else None,
    )[0]


@dataclass(frozen=True, slots=True)
class NextCharge:
    """What a member will be charged next, in minor units, on which local date, and why that much."""

    on: date
    amount_minor: int
    currency: str
    why: str = ""
    is_renewal: bool = True


def next_charge(
    membership: Membership, policies: Policies, on: date, *, also: Sequence[Discount] = ()
) -> NextCharge | None:
    """The next charge of a membership after the local date `on`; None when nothing will be charged by itself.

    An invoice of an autopay member that isn't due yet comes first, then the next term at today's price (C-42, P-23).
    `also` are discounts as they would be, were they given or ended (`plan_for`).
    """
    if membership.autopay and (waiting := _waiting_invoice(membership, on)) is not None:
        return waiting
    if membership.next_bill_on is None or membership.state == "ended":
        return None
    plan_id = membership.next_plan_id or membership.plan_id
    plan = plan_for(membership.organization_id, plan_id, membership.party_id, also=also)
    return renewal_charge(membership, policies, plan)


def renewal_charge(membership: Membership, policies: Policies, plan: PlanFacts) -> NextCharge | None:
    """What the next term of a membership costs on a plan; None where it has no price, or nothing bills by itself."""
    if membership.next_bill_on is None or not any(fee.primary for fee in plan.fees):
        return None
    interval = interval_of_membership(membership, policies, plan)
    period = renewal_term(
        term_rules(policies.within(plan=plan.id)),
        membership.next_bill_on,
        covered_until(membership.renewed_through, membership.next_bill_on),
        membership.anchor_on,
        interval,
    )
    lines = priced(plan, period, interval, None)
    why = " ".join(str(line.derivation["text"]) for line in lines)
    return NextCharge(membership.next_bill_on, sum(line.amount_minor for line in lines), plan.currency, why)


def _waiting_invoice(membership: Membership, on: date) -> NextCharge | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.due_on, i.balance_minor, i.currency, i.label FROM invoicing_invoice i
               WHERE i.party_id = %(party)s AND i.state = 'sent' AND i.balance_minor > 0 AND i.due_on > %(on)s
                 AND EXISTS (SELECT 1 FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id
                             WHERE l.invoice_id = i.id AND r.source_id = %(membership)s)
               ORDER BY i.due_on LIMIT 1""",
            {"party": membership.paid_by, "on": on, "membership": membership.id},
        )
        row = cursor.fetchone()
    return (
        NextCharge(row[0], int(row[1]), row[2], f"Invoice {row[3]}, due then.", is_renewal=False)
        if row
        else None
    )


def newest_term(membership_id: UUID) -> Term | None:
    """The term that starts last and isn't canceled."""
    return Term.objects.filter(membership_id=membership_id, canceled=False).order_by("-start_on").first()


def members(
    organization_id: UUID,
    policies: Policies,
    on: date,
    *,
    which: Q,
    plan_id: UUID | None = None,
    label: str = "",
) -> QuerySet[Membership]:
    """The list of members (C-07, C-09): of each party that is `which` the current membership, else the one that ended
    last; of one plan and with one label if asked.

    Each has its `label` on the local date, `cycle_started` (the first day of its present term), and to be sorted by
    `name`, `number` and `paid` (paid through; never is first).
    """
    terms = Term.objects.filter(membership_id=OuterRef("id"), canceled=False, start_on__lte=on)
    started = Subquery(terms.order_by("-start_on").values("start_on")[:1])
    found = _listed(organization_id, policies, on, which, plan_id).filter(
        party__organization_id=organization_id
    )
    if label:
        found = found.filter(label=label)  # type: ignore[misc]
    return found.select_related("party", "plan").annotate(
        name=Lower("party__name"),
        number=F("party__number"),
        paid=Coalesce("paid_through", date.min),
        cycle_started=Coalesce(started, "anchor_on"),
    )


def counts_by_label(
    organization_id: UUID, policies: Policies, on: date, *, which: Q, plan_id: UUID | None = None
) -> dict[str, int]:
    """How many of the list of members have each label."""
    found = _listed(organization_id, policies, on, which, plan_id).order_by()
    return {str(label): int(n) for label, n in found.values_list("label").annotate(n=Count("id"))}  # type: ignore[misc]


def _listed(
    organization_id: UUID, policies: Policies, on: date, which: Q, plan_id: UUID | None
) -> QuerySet[Membership]:
    others = Membership.objects.filter(party_id=OuterRef("party_id")).exclude(id=OuterRef("id"))
    found = (
        Membership.objects.filter(which, organization_id=organization_id)
        .filter(~Q(state="ended") | ~Exists(others.filter(~Q(state="ended") | Q(id__gt=OuterRef("id")))))
        .annotate(label=_label(policies, on))
    )
    return found.filter(plan_id=plan_id) if plan_id else found


def _label(policies: Policies, on: date) -> Case:
    """What `label_on` says of one membership, for the database to say of many (a test holds them to the same)."""
    ends = cutoffs(on, past_due_at(policies), policies.number("status.grace_months"))
    late = _late(policies, on)
    ended, pending = When(state="ended", then=Value("Canceled")), When(state="pending", then=Value("Pending"))
    lapsed = (
        [When(ended_because="lapsed", then=Value("Lapsed"))]
        if tells_lapsed(policies.word("status.labels"))
        else []
    )
    match policies.word("status.labels"):
        case "association":
            never = Q(paid_through=None, unpaid_since__isnull=False)
            found = [pending, When(Q(paid_through__lte=ends.inactive_by) | never, then=Value("Inactive"))]
        case "coworking":
            found = [
                pending,
                When(state="ending", then=Value("Pending Cancellation")),
                When(late, then=Value("Delinquent")),
            ]
        case "community":
            found = [When(late, then=Value("Past Due")), pending]
        case _:
            found = [pending, When(late, then=Value("Past Due"))]
    return Case(*lapsed, ended, *found, default=Value("Active"), output_field=CharField())


def _late(policies: Policies, on: date) -> Q:
    """Which memberships are called past due on a local date: by the organization's day, or their plan's own."""

    def since(asked: Policies) -> Q:
        by = cutoffs(on, past_due_at(asked), 0).past_due_by
        return Q(unpaid_since__lte=by) if by else Q(pk__in=[])

    own = list(policies.differing("status.past_due_at", "plan"))
    found = ~Q(plan_id__in=own) & since(policies) if own else since(policies)
    for plan_id in own:
        found |= Q(plan_id=plan_id) & since(policies.within(plan=plan_id))
    return found


def memberships_of(party_id: UUID) -> list[Membership]:
    """A party's memberships, the current one first, then the one that ended last."""
    found = (
        Membership.objects.select_related("plan", "organization").filter(party_id=party_id).order_by("-id")
    )
    return sorted(found, key=lambda membership: membership.state == "ended")


def terms_of(membership_ids: Sequence[UUID]) -> list[Term]:
    """The terms of memberships with their plans, newest first, canceled ones too."""
    found = Term.objects.filter(membership_id__in=membership_ids).select_related("plan")
    return list(found.order_by("-start_on", "-id"))
