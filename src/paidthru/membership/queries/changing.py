"""Questions before a running membership is changed: what its terms stand for, what of a cycle is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q, Sum

from paidthru.invoicing.models import Receivable
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Fee, Membership, Term
from paidthru.membership.rules.changing import Cover
from paidthru.organizations.models import Organization
from paidthru.people.models import Party


@dataclass(frozen=True, slots=True)
class OpenCycle:
    """The cycle of a membership that is due first and not settled: its term, and its receivables that are owed.
    `invoice_id` is the live invoice that asks for them, None between a closed one and its replacement."""

    term: Term
    receivables: tuple[Receivable, ...]
    invoice_id: UUID | None

    @property
    def balance_minor(self) -> int:
        """What is owed of it, in minor units."""
        return sum(one.balance_minor for one in self.receivables)

    @property
    def currency(self) -> str:
        """Its currency."""
        return self.receivables[0].currency


def covers_of(membership_id: UUID) -> list[Cover]:
    """The terms of a membership that aren't canceled, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.id, t.start_on, t.end_on, t.paid_on IS NOT NULL,
                      t.paid_on IS NULL AND NOT EXISTS (
                          SELECT 1 FROM invoicing_receivable r JOIN payments_allocation a ON a.receivable_id = r.id
                          WHERE r.source_id = t.membership_id AND r.period_start = t.start_on
                            AND a.amount_minor > a.reversed_minor)
               FROM membership_term t WHERE t.membership_id = %s AND NOT t.canceled ORDER BY t.start_on""",
            [membership_id],
        )
        return [Cover(*row) for row in cursor.fetchall()]


def receivables_of_term(term: Term) -> list[Receivable]:
    """What was billed for a term, and its tax, locked, in order."""
    fees = Fee.objects.filter(plan_id=term.plan_id).values("id")
    found = Receivable.objects.select_for_update(of=("self",)).filter(
        Q(fee_id__in=fees) | Q(tax_of__fee_id__in=fees),
        source_id=term.membership_id,
        period_start=term.start_on,
    )
    return list(found.exclude(state="canceled").order_by("id"))


def live_invoices(receivable_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The live invoice (sent, else paid) that asks for each receivable; none between a closed one and its
    replacement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (l.receivable_id) l.receivable_id, i.id FROM invoicing_line l
               JOIN invoicing_invoice i ON i.id = l.invoice_id
               WHERE l.receivable_id = ANY(%s) AND i.state IN ('sent', 'paid')
               ORDER BY l.receivable_id, i.state = 'paid', i.number DESC""",
            [list(receivable_ids)],
        )
        return dict(cursor.fetchall())


def open_cycle(membership: Membership) -> OpenCycle | None:
    """The oldest cycle that is owed for, due or billed ahead, its receivables locked; None when all is settled."""
    found = open_cycles(membership, date.max)
    return found[0] if found else None


def hold_current(party_id: UUID) -> Membership | None:
    """A party's current membership, locked. What ended while this waited is followed to what goes on from it.

    Its plans are not read with it: had one changed meanwhile, the row would look gone."""
    going_on = Membership.objects.filter(party_id=party_id).exclude(state="ended")
    while (id_ := going_on.values_list("id", flat=True).first()) is not None:
        held = going_on.select_for_update().filter(id=id_).first()
        if held is not None:
            return held
    return None


def current_membership(organization: Organization, party_id: UUID) -> Membership:
    """A party's current membership, it and its party locked. Refused `member_unknown`, `not_a_member`."""
    # `no_key`: rows that refer to the party don't wait for it, or two would wait for each other
    party = (
        Party.objects.select_for_update(no_key=True).filter(id=party_id, organization=organization).first()
    )
    if party is None:
        raise Refused("member_unknown", "There is no such member.", field="member")
    membership = hold_current(party.id)
    if membership is None:
        raise Refused(
            "not_a_member",
            f"{party.name} has no membership.",
            field="member",
            value=party.name,
            fix="Add a membership first.",
        )
    membership.organization, membership.party = organization, party
    return membership


def open_cycles(membership: Membership, on: date) -> list[OpenCycle]:
    """The cycles that are owed for and were due by a local date, oldest first."""
    owed = Receivable.objects.select_for_update(of=("self",)).filter(
        source_id=membership.id, kind="dues", state="open", voluntary=False, due_on__lte=on
    )
    by_start: dict[date, list[Receivable]] = {}
    for one in owed.order_by("due_on", "period_start", "id"):
        by_start.setdefault(one.period_start, []).append(one)
    terms = {term.start_on: term for term in Term.objects.filter(membership_id=membership.id, canceled=False)}
    live = live_invoices([one.id for mine in by_start.values() for one in mine])
    return [
        OpenCycle(terms[start], tuple(mine), live.get(mine[0].id))
        for start, mine in by_start.items()
        if start in terms
    ]


_TAKE_UP = """least(m.renewed_through + 1, (
    SELECT min(t.start_on) FROM membership_term t
    WHERE t.membership_id = m.id AND t.plan_id = m.next_plan_id AND NOT t.canceled))"""
_CHANGING = "m.organization_id = %s AND m.next_plan_id IS NOT NULL AND m.state <> 'ended'"


def next_take_up(organization_id: UUID) -> date | None:
    """The earliest local date on which a plan chosen for the next renewal is taken up."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min({_TAKE_UP}) FROM membership_membership m WHERE {_CHANGING}", [organization_id]
        )
        found: date | None = cursor.fetchone()[0]
    return found


def take_ups_due(organization_id: UUID, *, on: date) -> tuple[int, date | None]:
    """How many memberships should be on the plan that was chosen for their next renewal by a local date, and since when
    the first of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*), min(coming.up_on) FROM (
                    SELECT coalesce({_TAKE_UP}, %s) AS up_on FROM membership_membership m WHERE {_CHANGING}) coming
                WHERE coming.up_on <= %s""",
            [on, organization_id, on],
        )
        count, first = cursor.fetchone()
    return int(count), first


def open_cycles_shown(membership_id: UUID, on: date) -> list[tuple[date, int, str]]:
    """The cycles that are owed for and were due by a local date, to be shown: the term's first day, what is owed of it
    in minor units, and its currency; oldest first, nothing locked."""
    found = Receivable.objects.filter(
        source_id=membership_id, kind="dues", state="open", voluntary=False, due_on__lte=on
    )
    sums = found.values("period_start", "currency").annotate(owed=Sum("balance_minor"))
    return [(one["period_start"], int(one["owed"]), one["currency"]) for one in sums.order_by("period_start")]
