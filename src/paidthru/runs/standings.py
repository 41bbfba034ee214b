"""Where an organization's memberships stand, read for a forecast: a few questions for all of them, none for each."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models.functions import Coalesce

from paidthru.dunning.models import Case
from paidthru.dunning.queries import facts_of
from paidthru.dunning.rules.ladder import ladder_from
from paidthru.membership.models import Membership
from paidthru.membership.queries.running import (
    Considered,
    RunBasis,
    candidates_after,
    candidates_by_id,
)
from paidthru.membership.rules.renewal import Candidate
from paidthru.organizations.models import Organization
from paidthru.payments.queries.retrying import grants_of, histories
from paidthru.payments.rules.retries import FAILED, Instrument
from paidthru.runs.forecast import Owed, Standing

_NOBODY = UUID(int=0)
_PAGE = 5_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# An obligation: what is open of a term, by its primary receivable; its latest document; whether it is followed up no
# more, and whether an attempt at it is under way (nobody knows what that will bring).
_OWED = """
    SELECT r.source_id, min(r.due_on), min(r.period_end), sum(r.balance_minor) FILTER (WHERE NOT r.voluntary)::bigint,
           (array_agg(r.id ORDER BY r.is_primary DESC, r.id))[1],
           (array_agg(latest.id ORDER BY r.is_primary DESC, r.id))[1],
           bool_or(latest.under_way),
           (SELECT c.closed_because FROM dunning_case c
            WHERE c.receivable_id = (array_agg(r.id ORDER BY r.is_primary DESC, r.id))[1] ORDER BY c.id DESC LIMIT 1)
    FROM invoicing_receivable r
    LEFT JOIN LATERAL (
        SELECT i.id, EXISTS (SELECT 1 FROM payments_intentinvoice h WHERE h.invoice_id = i.id AND h.open) AS under_way
        FROM invoicing_line l JOIN invoicing_invoice i ON i.id = l.invoice_id
        WHERE l.receivable_id = r.id ORDER BY i.number DESC LIMIT 1) latest ON true
    WHERE r.organization_id = %s AND r.state = 'open' AND r.balance_minor > 0 AND r.kind = 'dues'
    GROUP BY r.source_id, r.period_start"""

_LAST_ANSWER = """
    SELECT DISTINCT ON (a.party_id) a.party_id, a.state, a.decline_code
    FROM payments_attempt a JOIN payments_paymentmethod m ON m.id = a.method_id AND m.state = 'active'
    WHERE a.organization_id = %s AND a.state IN ('declined', 'rejected', 'succeeded')
    ORDER BY a.party_id, a.id DESC"""

# An instant as a number: there are as many as members, and texts of instants are slow to read.
_METHODS = """
    SELECT party_id, fingerprint, exp_year, exp_month, token, kind, brand,
           (extract(epoch FROM created_at) * 1000000)::bigint
    FROM payments_paymentmethod WHERE organization_id = %s AND state = 'active'"""

_CREDIT = """
    SELECT party_id, currency, sum(unallocated_minor)::bigint FROM payments_payment
    WHERE organization_id = %s AND unallocated_minor > 0 GROUP BY 1, 2"""


@dataclass(frozen=True, slots=True)
class Member:
    """A membership with whom it is of. `standing` names nobody, so that those who stand alike are one."""

    membership_id: UUID
    party_id: UUID
    plan_id: UUID
    name: str
    number: int
    standing: Standing


@dataclass(frozen=True, slots=True)
class Readings:
    """What is the same by any policies: of memberships (plan, unpaid since, next bill, number, payer's address) and
    what they owe; of parties their methods, the code of the last refusal, and their credit in each currency.

    `asked` keeps what was asked about memberships, by the question, and `known` the candidates by the digest of their
    facts: by two sets of policies mostly the same, so they are asked once, and who stands alike shares one. `members`
    are those that were made last."""

    memberships: Mapping[UUID, tuple[UUID, date | None, date | None, int, str]]
    owed: Mapping[UUID, list[Owed]]
    methods: Mapping[UUID, tuple[Instrument, datetime]]
    fails: Mapping[UUID, str]
    credit: Mapping[tuple[UUID, str], int]
    asked: dict[tuple[object, ...], list[Considered]] = field(default_factory=dict)
    known: dict[tuple[object, ...], list[Candidate]] = field(default_factory=dict)
    members: dict[UUID, Member] = field(default_factory=dict)


def read(organization: Organization) -> Readings:
    """Reads all that a forecast needs besides what the rules of renewal ask for."""
    rows = Membership.objects.filter(organization=organization).exclude(state="ended")
    return Readings(
        {
            row[0]: row[1:]
            for row in rows.values_list(
                "id",
                "plan_id",
                "unpaid_since",
                "next_bill_on",
                "party__number",
                Coalesce("payer__email", "party__email"),
            )
        },
        _owed(organization.id),
        _methods(organization.id),
        _answers(organization.id),
        _credit(organization),
    )


def members_of(
    organization: Organization, basis: RunBasis, readings: Readings, only: Collection[UUID] | None = None
) -> list[Member]:
    """Every membership that has not ended, or those of `only`, as it stands by these policies."""
    more, owed, methods = readings.memberships, readings.owed, readings.methods
    fails, credit = readings.fails, readings.credit
    found: list[Member] = []
    made: dict[tuple[object, ...], Candidate] = {}
    for one in _asked(organization, basis, readings, only):
        if one.membership_id not in more:
            continue
        candidate, before = _candidate(one, basis, readings, made), readings.members.get(one.membership_id)
        if before is not None and before.standing.candidate is candidate:
            found.append(before)
            continue
        plan_id, unpaid_since, next_bill_on, number, email = more[one.membership_id]
        payer_id = one.payer_id or one.party_id
        method, saved_at = methods.get(payer_id, (None, None))
        standing = Standing(
            candidate,
            next_bill_on,
            unpaid_since,
            method,
            saved_at,
            fails.get(payer_id, ""),
            credit.get((payer_id, candidate.currency), 0),
            tuple(owed.get(one.membership_id, ())),
            email != "",
        )
        member = Member(one.membership_id, one.party_id, plan_id, one.name, number, standing)
        readings.members[one.membership_id] = member
        found.append(member)
    return found


def _asked(
    organization: Organization, basis: RunBasis, readings: Readings, only: Collection[UUID] | None
) -> list[Considered]:
    """The memberships with their facts, asked once for all policies that ask the same."""
    question = (organization.id, basis.earlier, basis.discounts, None if only is None else frozenset(only))
    if question not in readings.asked:
        found: list[Considered] = []
        if only is not None:
            found += candidates_by_id(list(only), basis).values()
        while only is None:
            after = found[-1].membership_id if found else None
            page = candidates_after(organization.id, basis, after=after, limit=_PAGE)
            found += page
            if len(page) < _PAGE:
                break
        readings.asked[question] = found
    return readings.asked[question]


def _candidate(
    one: Considered, basis: RunBasis, readings: Readings, made: dict[tuple[object, ...], Candidate]
) -> Candidate:
    """Its facts as the rules read them, of nobody: the same object for all who have them in common, by these policies
    (`made`) and, where those say the same of it, by others."""
    # How many terms may stay unpaid is a policy that a membership or a member can have of their own.
    own = (one.membership_id,) if one.facts[1] is not None else ()
    key = (one.digest, *own)
    if key not in made:
        candidate = replace(one._replace(basis=basis).candidate, membership_id=_NOBODY, party_id=_NOBODY)
        others = readings.known.setdefault(key, [])
        same = next((other for other in others if other == candidate), None)
        if same is None:
            others.append(candidate)
        made[key] = same or candidate
    return made[key]


def _owed(organization_id: UUID) -> Mapping[UUID, list[Owed]]:
    with connection.cursor() as cursor:
        cursor.execute(_OWED, [organization_id])
        rows = [row for row in cursor.fetchall() if row[3]]
    invoices = [row[5] for row in rows if row[5] is not None]
    tried, grants = histories(invoices), grants_of(invoices)
    cases = {
        case.receivable_id: case
        for case in Case.objects.filter(organization_id=organization_id, state="open")
    }
    facts = facts_of(list(cases.values()))
    found: dict[UUID, list[Owed]] = defaultdict(list)
    for source_id, due_on, end_on, amount_minor, receivable_id, invoice_id, under_way, closed in rows:
        if under_way:
            continue
        case = cases.get(receivable_id)
        found[source_id].append(
            Owed(
                due_on,
                end_on,
                amount_minor,
                tuple(tried.get(invoice_id, ())),
                tuple(grants.get(invoice_id, ())),
                ladder_from(case.ladder) if case else None,
                facts[case.id] if case else None,
                case is None and closed not in (None, "paid", "canceled"),
            )
        )
    return found


def _methods(organization_id: UUID) -> dict[UUID, tuple[Instrument, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(_METHODS, [organization_id])
        return {
            party_id: (
                Instrument(fingerprint, (year, month) if year and month else None, token, kind, brand),
                _EPOCH + timedelta(microseconds=saved),
            )
            for party_id, fingerprint, year, month, token, kind, brand, saved in cursor
        }


def _answers(organization_id: UUID) -> dict[UUID, str]:
    """The code with which a party's method was last refused; nothing where it was charged, or never tried."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_ANSWER, [organization_id])
        return {
            party: code or "generic_decline" for party, state, code in cursor.fetchall() if state in FAILED
        }


def _credit(organization: Organization) -> dict[tuple[UUID, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(_CREDIT, [organization.id])
        return {(party_id, currency): credit for party_id, currency, credit in cursor.fetchall()}
