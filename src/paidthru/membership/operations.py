"""Write steps of the membership room, inside somebody's transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from paidthru.invoicing.operations import Header, InvoiceDraft, Item, LineDraft, issue_invoices
from paidthru.kernel.copying import Encoded, array_of, copy_rows, encoded, objects_with
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.rules.deferral import defers
from paidthru.ledger.rules.postings import Basis
from paidthru.membership.models import Membership, Term
from paidthru.membership.queries import interval_of_membership
from paidthru.membership.rules.existing import Standing
from paidthru.membership.rules.settings import PlanFacts, late_payment
from paidthru.membership.rules.terms import term_after_late_payment
from paidthru.organizations.rules.policies import Policies
from paidthru.timeline.operations import Actor, Happening, record


class TermBill(NamedTuple):
    """A decided term [start_on, end_on) with its priced lines, to be billed under an invoice number.

    `lines` are dicts as a run item stores them: fee_id, description, quantity, unit_amount_minor, amount_minor,
    derivation.
    """

    membership_id: UUID
    party_id: UUID
    plan: PlanFacts
    start_on: date
    end_on: date
    lines: Sequence[Mapping[str, Any]]
    number: int
    source: str
    why: str
    invoice_id: UUID
    due_on: date | None = None


_TERM = ("id", "membership_id", "organization_id", "plan_id", "start_on", "end_on", "amount_minor", "source", "run_id",
         "paid_on", "canceled")  # fmt: skip


def bill_terms(
    organization_id: UUID,
    policies: Policies,
    currency: str,
    bills: Sequence[TermBill],
    *,
    batch_id: UUID,
    bill_on: date,
    run_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Bills terms: terms, receivables, invoices, lines, journals, deferrals, events, and the memberships' dates.

    `renewed_through` moves at once for everybody (I-18); `paid_through` only where billing itself moves it (G-16) or
    nothing is to be paid. Uniqueness in the database makes a second billing of the same term impossible.
    Bills with the same lines (the same object), plan and dates are worked out once.
    """
    rules = _Rules(organization_id, policies, currency, bill_on, run_id)
    shapes: dict[tuple[object, ...], _Shape] = {}
    found: list[_Shape] = []
    for bill in bills:
        key = (id(bill.lines), id(bill.plan), bill.start_on, bill.end_on, bill.due_on, bill.source)
        shape = shapes.get(key)
        if shape is None:
            shape = shapes[key] = rules.shape(bill)
        found.append(shape)
    drafts = (
        InvoiceDraft(
            bill.number, bill.party_id, shape.header, f"Invoice {bill.number}: {bill.plan.name}",
            [LineDraft(bill.membership_id, item, new_id()) for item in shape.items], bill.invoice_id,
        )
        for bill, shape in zip(bills, found, strict=True)
    )  # fmt: skip
    issue_invoices(organization_id, batch_id, currency, drafts, now=now)
    with connection.cursor() as cursor:
        copy_rows(
            cursor, Term._meta.db_table, _TERM,
            ((new_id(), bill.membership_id, shape.term) for bill, shape in zip(bills, found, strict=True)),
        )  # fmt: skip
        cursor.execute(
            """UPDATE membership_membership m SET renewed_through = greatest(m.renewed_through, b.through),
                   next_bill_on = CASE WHEN m.cancel_on IS NOT NULL AND m.cancel_on <= b.next_on THEN NULL
                                       ELSE b.next_on END,
                   paid_through = greatest(m.paid_through, b.paid),
                   state = CASE WHEN b.paid IS NOT NULL AND m.state = 'pending' THEN 'active' ELSE m.state END
               FROM unnest(%s::uuid[], %s::date[], %s::date[], %s::date[]) AS b(id, through, next_on, paid)
               WHERE m.id = b.id""",
            [array_of(bill.membership_id for bill in bills), array_of(shape.through for shape in found),
             array_of(shape.next_on for shape in found), array_of(shape.paid_through for shape in found)],
        )  # fmt: skip
    record(
        organization_id, actor, now,
        (
            Happening(
                "billed", "membership", bill.membership_id, bill.party_id, bill.why,
                shape.facts(bill.number),
            )
            for bill, shape in zip(bills, found, strict=True)
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the bills of the same term and lines share."""

    header: Header
    items: tuple[Item, ...]
    term: Encoded
    facts: Callable[[int], Encoded]
    through: date
    next_on: date | None
    paid_through: date | None


@dataclass(frozen=True, slots=True)
class _Rules:
    """What every bill of a batch is made by."""

    organization_id: UUID
    policies: Policies
    currency: str
    bill_on: date
    run_id: UUID | None

    def shape(self, bill: TermBill) -> _Shape:
        basis: Basis = "cash" if self.policies.word("accounting.method") == "cash" else "accrual"
        defer: Any = self.policies.word("accounting.defer")
        fees = {str(fee.id): fee for fee in bill.plan.fees}
        items = tuple(
            Item(
                fee_id=fees[line["fee_id"]].id, period_start=bill.start_on, period_end=bill.end_on,
                description=line["description"], quantity=line["quantity"],
                unit_amount_minor=line["unit_amount_minor"], amount_minor=line["amount_minor"],
                derivation=line["derivation"], is_primary=fees[line["fee_id"]].primary,
                voluntary=fees[line["fee_id"]].voluntary,
                income_code="Income:Donations" if fees[line["fee_id"]].voluntary else bill.plan.income_code,
            )
            for line in bill.lines
        )  # fmt: skip
        owed = sum(item.amount_minor for item in items)
        is_paid = self.policies.word("paid_through.on") == "billed" or owed == 0
        through = bill.end_on - timedelta(days=1)
        term = (self.organization_id, bill.plan.id, bill.start_on, bill.end_on, owed, bill.source, self.run_id,
                self.bill_on if is_paid else None, False)  # fmt: skip
        return _Shape(
            header=Header(
                "membership", "dues", self.bill_on, bill.due_on or bill.start_on, basis,
                basis == "accrual" and defers(defer, bill.start_on, self.bill_on), self.run_id,
            ),
            items=items,
            term=encoded(*term),
            facts=objects_with("invoice", {
                "amount": plain(owed, self.currency), "currency": self.currency, "plan": bill.plan.name,
                "start": bill.start_on.isoformat(), "through": through.isoformat(),
            }),
            through=through,
            next_on=bill.end_on if bill.plan.kind == "subscription" else None,
            paid_through=through if is_paid else None,
        )  # fmt: skip


# A term is paid by policy: its primary fee (I-19, G-15), or everything on it that is owed (G-13). A no-charge item
# counts as paid from the start, or, with paid_through.complimentary = payment, with the rest of its term (G-14).
_TERM_IS_PAID = """NOT EXISTS (
    SELECT 1 FROM invoicing_receivable r
    WHERE r.source_id = t.membership_id AND r.period_start = t.start_on AND NOT r.voluntary
      AND r.state IN ('open', 'void')
      AND (r.is_primary OR %(everything)s
           OR (%(with_payment)s AND EXISTS (
                   SELECT 1 FROM invoicing_receivable z WHERE z.source_id = t.membership_id AND z.is_primary
                     AND z.period_start = t.start_on AND z.amount_minor = 0))))"""


def after_payment(
    membership_ids: Sequence[UUID], policies: Policies, *, on: date
) -> list[tuple[UUID, date | None, date | None]]:
    """Moves paid-through for what is now paid, and returns (membership, before, after) for those that moved.

    Paid-through is the end of the last fully paid term, even when an earlier one is unpaid. The first payment makes
    a pending membership active (A-07); with nothing due left open, the arrears are over.
    """
    values: dict[str, Any] = {
        "ids": list(membership_ids),
        "on": on,
        "everything": policies.word("paid_through.on") == "paid",
        "with_payment": policies.word("paid_through.complimentary") == "payment",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE membership_term t SET paid_on = %(on)s
                WHERE t.membership_id = ANY(%(ids)s) AND t.paid_on IS NULL AND NOT t.canceled AND {_TERM_IS_PAID}""",
            values,
        )
        cursor.execute(
            """WITH before AS (SELECT id, paid_through FROM membership_membership WHERE id = ANY(%(ids)s) FOR UPDATE)
               UPDATE membership_membership m SET paid_through = greatest(m.paid_through, p.through),
                   state = CASE WHEN m.state = 'pending' AND p.through IS NOT NULL THEN 'active' ELSE m.state END,
                   unpaid_since = CASE WHEN EXISTS (
                       SELECT 1 FROM invoicing_receivable r WHERE r.source_id = m.id AND r.state = 'open'
                         AND NOT r.voluntary AND r.due_on <= %(on)s) THEN m.unpaid_since END
               FROM before LEFT JOIN LATERAL (
                   SELECT max(t.end_on) - 1 AS through FROM membership_term t
                   WHERE t.membership_id = before.id AND t.paid_on IS NOT NULL AND NOT t.canceled) p ON true
               WHERE m.id = before.id RETURNING m.id, before.paid_through, m.paid_through""",
            values,
        )
        return [(id_, old, new) for id_, old, new in cursor.fetchall() if old != new]


def after_reversal(
    owed_again: Collection[tuple[UUID, date]], policies: Policies, *, on: date, late_by: Collection[UUID]
) -> list[tuple[UUID, date | None, date | None]]:
    """What follows for memberships whose dues are owed again; returns (membership, before, after) for those whose
    paid-through moved.

    `owed_again` are memberships and the first days of their terms. A term that the policy no longer counts as paid
    loses that, and paid-through goes back to the last one that is (`reversal.paid_through`): never below what was
    brought in, marked paid or paid by other money; and not at all where billing alone moves it (G-16). `late_by` are
    the memberships that failed to pay with it: unpaid since the local date `on`, unless they were already.
    """
    moved: list[tuple[UUID, date | None, date | None]] = []
    if policies.word("reversal.paid_through") == "roll_back" and policies.word("paid_through.on") != "billed":
        values: dict[str, Any] = {
            "ids": [id_ for id_, _ in owed_again],
            "starts": [start for _, start in owed_again],
            "everything": policies.word("paid_through.on") == "paid",
            "with_payment": policies.word("paid_through.complimentary") == "payment",
        }
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE membership_term t SET paid_on = NULL
                    FROM (SELECT DISTINCT * FROM unnest(%(ids)s::uuid[], %(starts)s::date[]) AS x (id, start_on)) b
                    WHERE t.membership_id = b.id AND t.start_on = b.start_on AND t.paid_on IS NOT NULL
                      AND NOT t.canceled AND t.source IN ('join', 'renewal', 'run') AND NOT ({_TERM_IS_PAID})""",
                values,
            )
            cursor.execute(
                """WITH before AS (SELECT id, paid_through FROM membership_membership WHERE id = ANY(%(ids)s)
                                   ORDER BY id FOR UPDATE)
                   UPDATE membership_membership m SET paid_through = p.through
                   FROM before LEFT JOIN LATERAL (
                       SELECT max(t.end_on) - 1 AS through FROM membership_term t
                       WHERE t.membership_id = before.id AND t.paid_on IS NOT NULL AND NOT t.canceled) p ON true
                   WHERE m.id = before.id RETURNING m.id, before.paid_through, m.paid_through""",
                values,
            )
            moved = [(id_, old, new) for id_, old, new in cursor.fetchall() if old != new]
    mark_unpaid(list(late_by), on=on)
    return moved


def stop_autopay(party_id: UUID) -> list[UUID]:
    """Takes a party's memberships off autopay, because its bank may not be debited again (B-47); returns those that
    were on it."""
    on_it = Membership.objects.select_for_update().filter(party_id=party_id, autopay=True)
    ids = list(on_it.exclude(state="ended").order_by("id").values_list("id", flat=True))
    Membership.objects.filter(id__in=ids).update(autopay=False)
    return ids


def restart_late_terms(membership_ids: Sequence[UUID], policies: Policies, *, on: date) -> list[Happening]:
    """Lets renewed terms that were paid late begin again (G-31), before `after_payment` counts them as paid; returns
    what to tell. The next terms follow from the new one. What was booked with accrual, and a term that another
    follows already, stay."""
    late = late_payment(policies)
    if late is None or not membership_ids:
        return []
    values: dict[str, Any] = {
        "ids": list(membership_ids),
        "on": on,
        "everything": policies.word("paid_through.on") == "paid",
        "with_payment": policies.word("paid_through.complimentary") == "payment",
    }
    told = []
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT t.id, t.membership_id, t.start_on, t.end_on FROM membership_term t
                WHERE t.membership_id = ANY(%(ids)s) AND t.paid_on IS NULL AND NOT t.canceled
                  AND t.source IN ('run', 'renewal') AND t.start_on < %(on)s AND {_TERM_IS_PAID}
                  AND NOT EXISTS (SELECT 1 FROM membership_term n WHERE n.membership_id = t.membership_id
                                  AND NOT n.canceled AND n.start_on > t.start_on)
                  AND NOT EXISTS (SELECT 1 FROM invoicing_receivable r WHERE r.source_id = t.membership_id
                                  AND r.period_start = t.start_on AND r.basis <> 'cash')
                ORDER BY t.membership_id FOR UPDATE""",
            values,
        )
        for term_id, membership_id, start, end in cursor.fetchall():
            membership = Membership.objects.select_for_update().get(id=membership_id)
            term = term_after_late_payment(late, start, on, interval_of_membership(membership, policies))
            if term is None:
                continue
            cursor.execute(
                "UPDATE membership_term SET start_on = %s, end_on = %s WHERE id = %s",
                [term.start, term.end, term_id],
            )
            cursor.execute(
                "UPDATE invoicing_receivable SET period_start = %s, period_end = %s"
                " WHERE source_id = %s AND period_start = %s AND state <> 'canceled'",
                [term.start, term.end, membership_id, start],
            )
            Membership.objects.filter(id=membership_id).update(
                anchor_on=term.start,
                renewed_through=term.through,
                next_bill_on=term.end if membership.next_bill_on else None,
            )
            told.append(
                Happening(
                    "term_restarted",
                    "membership",
                    membership_id,
                    membership.party_id,
                    f"Paid on {on}, too late for the term from {start}.",
                    {
                        "from": start.isoformat(),
                        "through": (end - timedelta(days=1)).isoformat(),
                        "new_from": term.start.isoformat(),
                        "new_through": term.through.isoformat(),
                    },
                )
            )
    return told


def mark_unpaid(membership_ids: Sequence[UUID], *, on: date) -> None:
    """Notes the first failure of memberships that had none open: it makes the label Past Due, by policy (C-31)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE membership_membership SET unpaid_since = %s WHERE id = ANY(%s) AND unpaid_since IS NULL",
            [on, list(membership_ids)],
        )


@dataclass(frozen=True, slots=True)
class ExistingMembership:
    """A membership from before Paidthru, to be written as it stands (rules/existing.py)."""

    party_id: UUID
    plan_id: UUID
    plan: str
    joined_on: date | None
    standing: Standing
    autopay: bool = False
    override_months: int | None = None
    id: UUID = field(default_factory=new_id)


_MEMBERSHIP = (
    "id",
    "organization_id",
    "party_id",
    "plan_id",
    "state",
    "joined_on",
    "anchor_on",
    "override_months",
    "autopay",
    "renewed_through",
    "paid_through",
    "next_bill_on",
    "cancel_on",
    "unpaid_since",
    "created_at",
)


def bring_in(
    organization_id: UUID,
    members: Sequence[ExistingMembership],
    *,
    on: date,
    why: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Writes memberships from before Paidthru, each with its paid term and an event. Nothing is billed or mailed.

    `on` is the local date; `why` says where they came from. A party's other membership must have ended.
    """
    rows: list[tuple[object, ...]] = []
    terms: list[tuple[object, ...]] = []
    happenings = []
    for one in members:
        stands, term = one.standing, one.standing.term
        rows.append(
            (
                one.id,
                organization_id,
                one.party_id,
                one.plan_id,
                stands.state,
                one.joined_on,
                stands.anchor_on,
                one.override_months,
                one.autopay,
                stands.through,
                stands.through,
                stands.next_bill_on,
                stands.cancel_on,
                stands.unpaid_since,
                now,
            )
        )
        if term:
            terms.append(
                (
                    new_id(),
                    one.id,
                    organization_id,
                    one.plan_id,
                    term.start,
                    term.end,
                    0,
                    "import",
                    None,
                    min(term.start, on),
                    False,
                )
            )
        happenings.append(
            Happening(
                "brought_in",
                "membership",
                one.id,
                one.party_id,
                why,
                {
                    "plan": one.plan,
                    "joined": one.joined_on.isoformat() if one.joined_on else None,
                    "paid_through": stands.through.isoformat() if stands.through else None,
                },
            )
        )
    with connection.cursor() as cursor:
        copy_rows(cursor, Membership._meta.db_table, _MEMBERSHIP, rows)
        copy_rows(cursor, Term._meta.db_table, _TERM, terms)
    record(organization_id, actor, now, happenings)
