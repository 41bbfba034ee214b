"""Questions to the membership room."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.models import BillingRun, Membership, Plan, RunItem
from paidthru.membership.rules.pricing import Fee, PricedLine
from paidthru.membership.rules.renewal import Candidate, RunRules
from paidthru.membership.rules.terms import TermRules, effective_interval
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """A plan as the rules read it. `override_months` is the product level of G-08."""

    id: UUID
    name: str
    kind: str
    currency: str
    interval: Interval
    override_months: int | None
    prorate: str
    factors: tuple[str, ...]
    income_code: str
    fees: tuple[Fee, ...]


def plan_facts(organization_id: UUID) -> Mapping[UUID, PlanFacts]:
    """All plans of an organization with their open fees, by id."""
    plans = Plan.objects.filter(organization_id=organization_id).select_related("prorate_table")
    return {
        plan.id: PlanFacts(
            plan.id, plan.name, plan.kind, plan.currency, Interval(plan.interval_count, Unit(plan.interval_unit)),
            plan.override_months, plan.prorate,
            tuple(plan.prorate_table.factors) if plan.prorate_table else (), plan.income_code,
            tuple(
                Fee(fee.id, fee.name, fee.amount_minor, fee.is_primary, fee.voluntary, fee.complimentary, fee.position)
                for fee in sorted(plan.fees.all(), key=lambda fee: (fee.position, fee.id))
                if not fee.closed
            ),
        )
        for plan in plans.prefetch_related("fees")
    }


def term_rules(policies: Policies) -> TermRules:
    """The organization's policies on terms, as the rules read them."""
    advance = policies.effective("term.advance_as_of").value
    return TermRules(
        basis="annual" if policies.word("term.basis") == "annual" else "anniversary",
        first_month=policies.number("term.first_month"),
        new_from="first_of_month" if policies.word("term.new_from") == "first_of_month" else "join_date",
        advance_as_of=advance if isinstance(advance, int) else None,
        standard=Interval(policies.number("term.interval_months") or 12, Unit.MONTH),
    )


def interval_of(
    plan: PlanFacts, policies: Policies, *, subscription: int | None, customer: int | None
) -> tuple[Interval, str]:
    """A member's interval and the level that set it (G-09)."""
    return effective_interval(
        plan.interval, subscription=subscription, product=plan.override_months, customer=customer,
        standard=policies.number("term.interval_months"),
    )


@dataclass(frozen=True, slots=True)
class RunBasis:
    """What all decisions of a run share: rules, plans, policies; `digest` changes when any of them does."""

    rules: RunRules
    plans: Mapping[UUID, PlanFacts]
    policies: Policies
    digest: str


def run_basis(organization: Organization, run: BillingRun) -> RunBasis:
    """The shared facts of a run as they are now."""
    policies = policies_of(organization)
    plans = plan_facts(organization.id)
    types = frozenset(run.billing_cycle.types) if run.billing_cycle else None
    rules = RunRules(
        effective_on=run.effective_on, bill_on=run.bill_on, autopay_only=run.autopay_only, types=types,
        term_rules=term_rules(policies), currency=organization.currency,
        include_new=run.kind == "automatic",
    )
    relevant = [rules, sorted(plans.items()),
                [policies.word(key) for key in ("accounting.method", "accounting.defer", "paid_through.on",
                                                "paid_through.complimentary", "term.interval_months")]]
    digest = hashlib.sha256(json.dumps(relevant, default=repr, sort_keys=True).encode()).hexdigest()
    return RunBasis(rules, plans, policies, digest)


# What a decision about a membership is made from, in one expression, so that preview and commit can't differ.
_FACTS_DIGEST = """md5(concat_ws('|', m.state, m.plan_id, m.anchor_on, coalesce(m.joined_on::text, '-'),
    coalesce(m.renewed_through::text, '-'), coalesce(m.paid_through::text, '-'), coalesce(m.next_bill_on::text, '-'),
    coalesce(m.cancel_on::text, '-'), m.autopay, coalesce(m.override_months, 0), p.customer_type,
    coalesce(c.value::text, '-')))::uuid"""
_JOINS = """FROM membership_membership m
    JOIN people_party p ON p.id = m.party_id
    LEFT JOIN organizations_policysetting c ON c.organization_id = m.organization_id AND c.scope = 'customer'
         AND c.scope_id = m.party_id AND c.key = 'term.interval_months'"""
_CANDIDATE = f"""SELECT m.id, m.party_id, m.plan_id, m.state, m.anchor_on, m.joined_on, m.renewed_through,
    m.paid_through, m.next_bill_on, m.cancel_on, m.autopay, m.override_months, p.customer_type, c.value, p.name,
    {_FACTS_DIGEST} {_JOINS}"""


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate with the digest of its facts and the name to show."""

    candidate: Candidate
    digest: UUID
    name: str


def _considered(rows: Sequence[tuple[object, ...]], basis: RunBasis) -> Iterator[Considered]:
    intervals: dict[tuple[object, ...], Interval] = {}
    for (id_, party_id, plan_id, state, anchor_on, joined_on, renewed_through, paid_through, next_bill_on, cancel_on,
         autopay, override, customer_type, customer, name, digest) in rows:
        plan = basis.plans[plan_id]  # type: ignore[index]
        key = (plan_id, override, customer)
        interval = intervals.get(key)
        if interval is None:
            interval = intervals[key] = interval_of(
                plan, basis.policies, subscription=override, customer=int(customer) if customer else None,  # type: ignore[arg-type,call-overload]
            )[0]
        yield Considered(
            Candidate(
                membership_id=id_, party_id=party_id, plan_id=plan_id, lifecycle=state, plan_kind=plan.kind,  # type: ignore[arg-type]
                customer_type=customer_type, interval=interval, plan_interval=plan.interval, anchor_on=anchor_on,  # type: ignore[arg-type]
                joined_on=joined_on, renewed_through=renewed_through, paid_through=paid_through,  # type: ignore[arg-type]
                cancel_on=cancel_on, autopay=autopay, fees=plan.fees, currency=plan.currency,  # type: ignore[arg-type]
            ),
            digest,  # type: ignore[arg-type]
            name,  # type: ignore[arg-type]
        )


def candidates_after(
    organization_id: UUID, basis: RunBasis, *, after: UUID | None, limit: int, due_on: date | None = None
) -> list[Considered]:
    """The next memberships in order of id, all of them or those with `next_bill_on` up to `due_on`."""
    conditions, values = ["m.organization_id = %s"], [organization_id]
    if after is not None:
        conditions.append("m.id > %s")
        values.append(after)
    if due_on is not None:
        conditions.append("m.next_bill_on <= %s")
        values.append(due_on)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(f"{_CANDIDATE} WHERE {' AND '.join(conditions)} ORDER BY m.id LIMIT %s", [*values, limit])
        return list(_considered(cursor.fetchall(), basis))


def candidates_by_id(membership_ids: Sequence[UUID], basis: RunBasis, *, lock: bool = False) -> dict[UUID, Considered]:
    """Named memberships as they are now, locked in order of id if asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_CANDIDATE} WHERE m.id = ANY(%s) ORDER BY m.id{' FOR UPDATE OF m' if lock else ''}",
            [list(membership_ids)],
        )
        return {one.candidate.membership_id: one for one in _considered(cursor.fetchall(), basis)}


def drifted(run: BillingRun, *, limit: int = 50) -> tuple[int, list[UUID]]:
    """How many memberships are not as the preview saw them, and the first of them; new ones count."""
    due = "AND m.next_bill_on <= %(effective)s" if run.kind == "automatic" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT coalesce(i.membership_id, n.id), count(*) OVER ()
                FROM (SELECT m.id, {_FACTS_DIGEST} AS digest {_JOINS}
                      WHERE m.organization_id = %(organization)s {due}) n
                FULL JOIN (SELECT membership_id, facts_digest FROM membership_runitem WHERE run_id = %(run)s) i
                  ON i.membership_id = n.id
                WHERE i.facts_digest IS DISTINCT FROM n.digest LIMIT %(limit)s""",
            {"organization": run.organization_id, "run": run.id, "effective": run.effective_on, "limit": limit},
        )
        rows = cursor.fetchall()
    return (int(rows[0][1]) if rows else 0), [row[0] for row in rows]


def next_due(organization_id: UUID) -> date | None:
    """The earliest date on which a membership bills by itself."""
    found = (
        Membership.objects.filter(organization_id=organization_id, next_bill_on__isnull=False)
        .order_by("next_bill_on").values_list("next_bill_on", flat=True).first()
    )
    return found


def skipped_by_reason(run: BillingRun) -> dict[str, int]:
    """How many memberships a run leaves out, by reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reason, count(*) FROM membership_runitem WHERE run_id = %s AND reason <> '' GROUP BY reason"
            " ORDER BY count(*) DESC, reason", [run.id])
        return {reason: int(count) for reason, count in cursor.fetchall()}


def run_named(organization_id: UUID, name: str) -> BillingRun | None:
    """The run of that name."""
    return BillingRun.objects.filter(organization_id=organization_id, name=name).select_related("batch").first()


def unfinished_runs(organization_id: UUID) -> list[BillingRun]:
    """Runs that the worker has to go on with: previews being made, and committed runs that are not all written."""
    return list(
        BillingRun.objects.filter(organization_id=organization_id, state__in=["previewing", "queued", "running"])
        .order_by("id")
    )


def memberships_on_invoice(invoice_id: UUID) -> list[UUID]:
    """The memberships whose terms an invoice bills."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT r.source_id FROM invoicing_line l JOIN invoicing_receivable r ON r.id = l.receivable_id"
            " WHERE l.invoice_id = %s", [invoice_id])
        return [row[0] for row in cursor.fetchall()]


def proposals(run: BillingRun, *, after: int = -1, limit: int = 200) -> list[RunItem]:
    """A run's items in their order, the next `limit` after place `after`."""
    return list(RunItem.objects.filter(run=run, seq__gt=after).order_by("seq")[:limit])


def priced_line(line: PricedLine) -> dict[str, object]:
    """A priced line as it is stored with a proposal and billed later (see operations.TermBill)."""
    return {
        "fee_id": str(line.fee_id), "description": line.description, "quantity": line.quantity,
        "unit_amount_minor": line.unit_amount_minor, "amount_minor": line.amount_minor, "derivation": line.derivation,
    }
