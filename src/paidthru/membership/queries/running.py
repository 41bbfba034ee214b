"""Questions about renewal runs: whom one considers, what it holds, how far it is."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery

from paidthru.kernel.money import Money, each_for_itself
from paidthru.membership.models import BillingRun, Membership, RunItem
from paidthru.membership.queries.carrying import earlier_terms
from paidthru.membership.queries.discounts import discounts_from, discounts_of
from paidthru.membership.queries.plans import plan_facts
from paidthru.membership.rules.carrying import carried_from
from paidthru.membership.rules.renewal import Candidate, RunRules
from paidthru.membership.rules.settings import (
    PlanFacts,
    discounted,
    interval_of,
    plan_term_rules,
    term_rules,
    untaxed,
)
from paidthru.membership.rules.terms import (
    effective_date,
)
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.people.models import Party


@dataclass(frozen=True, slots=True)
class RunBasis:
    """What all decisions of a run share: rules, plans, policies; `digest` changes when any of them does. `earlier` is
    how a membership's earlier terms are asked about, as SQL of two facts; `discounts` its discounts, as SQL of one."""

    rules: RunRules
    plans: Mapping[UUID, PlanFacts]
    policies: Policies
    digest: str
    earlier: str
    discounts: str


def run_basis(organization: Organization, run: BillingRun) -> RunBasis:
    """The shared facts of a run as they are now."""
    policies = policies_of(organization)
    plans = plan_facts(organization.id)
    types = frozenset(run.billing_cycle.types) if run.billing_cycle else None
    rules = RunRules(
        effective_on=run.effective_on,
        bill_on=run.bill_on,
        autopay_only=run.autopay_only,
        types=types,
        term_rules=term_rules(policies),
        include_new=run.kind == "automatic",
        plan_term_rules=plan_term_rules(policies, plans),
    )
    relevant = [
        rules,
        sorted(plans.items()),
        [
            policies.word(key)
            for key in (
                "accounting.method",
                "accounting.defer",
                "balance.carry_previous",
                "collect.arrears",
                "collect.on_exhausted",
                "paid_through.on",
                "paid_through.complimentary",
                "term.interval_months",
            )
        ],
        [
            sorted(policies.differing(key, "plan").items())
            for key in ("paid_through.on", "paid_through.complimentary", "collect.on_exhausted")
        ],
    ]
    digest = hashlib.sha256(json.dumps(relevant, default=repr, sort_keys=True).encode()).hexdigest()
    return RunBasis(
        rules, plans, policies, digest, earlier_terms(policies), discounts_of(organization.id, PLAN_NEXT)
    )


# A plan that was chosen for the next renewal is what the next term is billed by (P-27).
PLAN_NEXT = "coalesce(m.next_plan_id, m.plan_id)"


# What a decision about a membership is made from, in one expression, so that preview and commit can't differ.
_FACTS_DIGEST = """md5(ROW({earlier}, m.state, m.plan_id, m.anchor_on, m.joined_on, m.renewed_through, m.paid_through,
    m.next_bill_on, m.cancel_on, m.autopay, m.override_months, p.customer_type, c.value, m.next_plan_id,
    p.tax_exempt <> '', {discounts}, m.payer_id)::text)::uuid"""


_JOINS = """FROM membership_membership m
    JOIN people_party p ON p.id = m.party_id
    LEFT JOIN organizations_policysetting c ON c.organization_id = m.organization_id AND c.scope = 'customer'
         AND c.scope_id = m.party_id AND c.key = 'term.interval_months'"""


_DUE = "m.next_bill_on <= %s AND (m.bill_from IS NULL OR m.bill_from <= %s)"

_CANDIDATE = f"""SELECT m.id, m.party_id, {_FACTS_DIGEST}, p.name, m.payer_id, {{earlier}}, {PLAN_NEXT}, m.state,
    m.anchor_on, m.joined_on, m.renewed_through, m.paid_through, m.cancel_on, m.autopay, m.override_months,
    p.customer_type, c.value, m.next_bill_on, p.tax_exempt <> '', {{discounts}} {_JOINS}"""


class Considered(NamedTuple):
    """A membership that a run looks at. Those with the same digest have all the facts of a decision in common."""

    membership_id: UUID
    party_id: UUID
    digest: UUID
    name: str
    payer_id: UUID | None
    facts: tuple[Any, ...]
    basis: RunBasis

    @property
    def candidate(self) -> Candidate:
        """The facts as the rules read them."""
        (carried, further, plan_id, state, anchor_on, joined_on, renewed_through, paid_through, cancel_on, autopay,
         override, customer_type, customer, next_bill_on, exempt, given) = self.facts  # fmt: skip
        plan = self.basis.plans[plan_id]
        plan = discounted(plan, discounts_from(given)) if given else plan
        plan = untaxed(plan) if exempt else plan
        interval, _ = interval_of(
            plan, self.basis.policies, subscription=override, customer=int(customer) if customer else None
        )
        return Candidate(
            membership_id=self.membership_id, party_id=self.party_id, plan_id=plan_id, lifecycle=state,
            plan_kind=plan.kind, customer_type=customer_type, interval=interval, plan_interval=plan.interval,
            anchor_on=anchor_on, joined_on=joined_on, renewed_through=renewed_through, paid_through=paid_through,
            cancel_on=cancel_on, autopay=autopay, fees=plan.fees, currency=plan.currency,
            next_bill_on=next_bill_on, previous=carried_from(json.loads(carried)) if carried else (),
            further_terms=further or 0, further_most=self._further_most(plan_id) if further is not None else None,
        )  # fmt: skip

    def _further_most(self, plan_id: UUID) -> int | None:
        policies = self.basis.policies.within(
            subscription=self.membership_id, plan=plan_id, customer=self.party_id
        )
        kept = policies.call("collect.on_exhausted")
        return kept.number() if kept.name == "keep_invoicing" else None


def _asked(statement: str, basis: RunBasis) -> str:
    return statement.replace("{earlier}", basis.earlier).replace("{discounts}", basis.discounts)


def candidates_after(
    organization_id: UUID,
    basis: RunBasis,
    *,
    after: UUID | None,
    limit: int,
    due: tuple[date, datetime] | None = None,
) -> list[Considered]:
    """The next memberships in order of id, all of them or those that bill by themselves: on a date or before, at an
    instant."""
    conditions, values = ["m.organization_id = %s"], [organization_id]
    if after is not None:
        conditions.append("m.id > %s")
        values.append(after)
    if due is not None:
        conditions.append(_DUE)
        values += due  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_asked(_CANDIDATE, basis)} WHERE {' AND '.join(conditions)} ORDER BY m.id LIMIT %s",
            [*values, limit],
        )
        return [_considered(row, basis) for row in cursor]


def _considered(row: Sequence[Any], basis: RunBasis) -> Considered:
    return Considered(row[0], row[1], row[2], row[3], row[4], tuple(row[5:]), basis)


def candidates_by_id(membership_ids: Sequence[UUID], basis: RunBasis) -> dict[UUID, Considered]:
    """Named memberships as they are now."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_asked(_CANDIDATE, basis)} WHERE m.id = ANY(%s)", [list(membership_ids)])
        return {row[0]: _considered(row, basis) for row in cursor.fetchall()}


class HeldItem(NamedTuple):
    """A billed proposal whose membership is locked. `unchanged`: its facts are those of the preview; `lines` is the
    JSON as stored, the same text for the same lines."""

    id: UUID
    seq: int
    ordinal: int
    membership_id: UUID
    party_id: UUID
    plan_id: UUID | None
    start_on: date
    end_on: date
    detail: str
    lines: str
    unchanged: bool
    payer_id: UUID | None
    for_whom: str


def held_items(run: BillingRun, basis: RunBasis, first_seq: int, last_seq: int) -> Iterator[HeldItem]:
    """A slice of a run's billed proposals in their order, their memberships locked in that of ids."""
    with connection.cursor() as cursor:
        # The run itself fills the tables that are asked about each membership, faster than they are analyzed: without
        # this they are taken for empty, and read from end to end a thousand times.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"""SELECT i.id, i.seq, i.ordinal, i.membership_id, i.party_id, n.plan_id, i.start_on, i.end_on, i.detail,
                       i.lines::text, n.digest IS NOT DISTINCT FROM i.facts_digest, i.payer_id,
                       coalesce(n.for_whom, '')
                FROM (SELECT * FROM membership_runitem
                      WHERE run_id = %s AND seq BETWEEN %s AND %s AND reason = '' ORDER BY membership_id) i
                LEFT JOIN LATERAL (SELECT {PLAN_NEXT} AS plan_id, {_asked(_FACTS_DIGEST, basis)} AS digest,
                                          CASE WHEN m.payer_id IS NOT NULL THEN p.name END AS for_whom {_JOINS}
                                   WHERE m.id = i.membership_id FOR UPDATE OF m) n ON true
                ORDER BY i.seq""",
            [run.id, first_seq, last_seq],
        )
        rows = cursor.fetchall()
        cursor.execute("SET LOCAL enable_seqscan = DEFAULT")
    yield from map(HeldItem._make, rows)


def drifted(run: BillingRun, basis: RunBasis, *, limit: int = 50) -> tuple[int, list[UUID]]:
    """How many memberships are not as the preview saw them, and the first of them; new ones count."""
    automatic = run.kind == "automatic"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT coalesce(i.membership_id, n.id), count(*) OVER ()
                FROM (SELECT m.id, {_asked(_FACTS_DIGEST, basis)} AS digest {_JOINS}
                      WHERE m.organization_id = %s {f"AND {_DUE}" if automatic else ""}) n
                FULL JOIN (SELECT membership_id, facts_digest FROM membership_runitem WHERE run_id = %s) i
                  ON i.membership_id = n.id
                WHERE i.facts_digest IS DISTINCT FROM n.digest LIMIT %s""",
            [
                run.organization_id,
                *([run.effective_on, run.created_at] if automatic else []),
                run.id,
                limit,
            ],
        )
        rows = cursor.fetchall()
    return (int(rows[0][1]) if rows else 0), [row[0] for row in rows]


def next_due(organization_id: UUID, *, at: datetime | None = None) -> date | None:
    """The earliest date on which a membership bills by itself; with `at`, of those that wait for no later instant."""
    found = Membership.objects.filter(organization_id=organization_id, next_bill_on__isnull=False)
    if at is not None:
        found = found.filter(Q(bill_from=None) | Q(bill_from__lte=at))
    return found.order_by("next_bill_on").values_list("next_bill_on", flat=True).first()


def next_bill_from(organization_id: UUID, *, after: datetime) -> datetime | None:
    """The earliest instant after another for which a membership waits before it is billed (`bill_from`)."""
    found = Membership.objects.filter(organization_id=organization_id, bill_from__gt=after)
    due = found.filter(next_bill_on__isnull=False).order_by("bill_from")
    return due.values_list("bill_from", flat=True).first()


def skipped_by_reason(run: BillingRun) -> dict[str, int]:
    """How many memberships a run leaves out, by reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reason, count(*) FROM membership_runitem WHERE run_id = %s AND reason <> '' GROUP BY reason"
            " ORDER BY count(*) DESC, reason",
            [run.id],
        )
        return {reason: int(count) for reason, count in cursor.fetchall()}


def billed_after_a_gap(run: BillingRun) -> int:
    """How many members a run bills a term before which there are days that nobody bills."""
    return RunItem.objects.filter(run=run, gap_on__isnull=False).count()


def run_totals(runs: Sequence[BillingRun]) -> dict[UUID, tuple[Money, ...]]:
    """What each run bills in all, of each currency for itself, the organization's first."""
    totals = {run.id: {run.organization.currency: run.total_minor} for run in runs}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT i.run_id, p.currency, sum(i.total_minor)::bigint FROM membership_plan p
               JOIN organizations_organization o ON o.id = p.organization_id
               JOIN membership_membership m ON m.plan_id = p.id
               JOIN membership_runitem i ON i.membership_id = m.id
               WHERE p.organization_id = ANY(%s) AND p.currency <> o.currency AND i.run_id = ANY(%s) AND i.reason = ''
               GROUP BY 1, 2 ORDER BY 2""",
            [list({run.organization_id for run in runs}), list(totals)],
        )
        for run_id, currency, amount_minor in cursor.fetchall():
            totals[run_id][currency] = amount_minor
    return {id_: each_for_itself(by) for id_, by in totals.items()}


def run_named(organization_id: UUID, name: str) -> BillingRun | None:
    """The run of that name."""
    return (
        BillingRun.objects.filter(organization_id=organization_id, name=name).select_related("batch").first()
    )


def decisions_on(organization_id: UUID, membership_id: UUID, *, runs: int = 12) -> list[RunItem]:
    """What the latest runs decided on a membership, the newest first."""
    latest = BillingRun.objects.filter(organization_id=organization_id).order_by("-created_at", "-id")
    ids = list(latest.values_list("id", flat=True)[:runs])
    found = RunItem.objects.filter(run__in=ids, membership_id=membership_id).select_related("run")
    return sorted(found, key=lambda one: ids.index(one.run_id))


def unfinished_runs(organization_id: UUID) -> list[BillingRun]:
    """Runs that the worker has to go on with: previews being made, and committed runs that are not all written."""
    return list(
        BillingRun.objects.filter(
            organization_id=organization_id, state__in=["previewing", "queued", "running"]
        ).order_by("id")
    )


def proposals(run: BillingRun, *, after: int = -1, limit: int = 200) -> list[Any]:
    """A run's items in their order, the next `limit` after place `after`, each with its `currency`."""
    found = RunItem.objects.filter(run=run, seq__gt=after).annotate(currency=_currency_of_item())
    return list(found.order_by("seq")[:limit])


def _currency_of_item() -> Subquery:
    """The currency of an item's plan; one in another currency is another membership."""
    of_item = Membership.objects.filter(id=OuterRef("membership_id"))
    return Subquery(of_item.values("plan__currency")[:1])


def run_items(run: BillingRun, *, name: str = "", show: str = "") -> QuerySet[RunItem]:
    """A run's items, each with `party_name`, `party_number`, `payer_name` (None: the member pays) and `currency`,
    narrowed to a part of a name, the payer's too, and to what `show` says: billed, skipped, refused (changed between
    commit and writing), gap (billed, and before the term days that nobody bills), or one reason."""
    found = RunItem.objects.filter(run=run)
    if show == "billed":
        found = found.filter(reason="").exclude(outcome="refused")
    elif show == "skipped":
        found = found.exclude(reason="")
    elif show == "refused":
        found = found.filter(outcome="refused")
    elif show == "gap":
        found = found.filter(gap_on__isnull=False)
    elif show:
        found = found.filter(reason=show)
    if name:
        named = Party.objects.filter(organization_id=run.organization_id, name__icontains=name)
        found = found.filter(Q(party_id__in=named.values("id")) | Q(payer_id__in=named.values("id")))
    of_item = Party.objects.filter(id=OuterRef("party_id"))
    return found.annotate(
        party_name=Subquery(of_item.values("name")[:1]),
        party_number=Subquery(of_item.values("number")[:1]),
        payer_name=Subquery(Party.objects.filter(id=OuterRef("payer_id")).values("name")[:1]),
        currency=_currency_of_item(),
    )


def proposed_effective_date(organization: Organization, bill_on: date) -> date | None:
    """The effective date that a new run proposes: for terms that are the same for all, the next start of the fiscal
    year (G-20); for terms of each member's own, the bill date. None where a person has to say it (G-21)."""
    policies = policies_of(organization)
    start = effective_date(policies.number("term.first_month"), bill_on)
    return start if start is None or policies.word("term.basis") == "annual" else bill_on
