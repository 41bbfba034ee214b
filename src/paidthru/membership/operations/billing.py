"""Terms are billed: the term, its receivables, the invoice and its lines."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from paidthru.invoicing.operations import (
    Header,
    InvoiceDraft,
    Item,
    LineDraft,
    issue_invoices,
    labels_for,
    take_invoice_numbers,
)
from paidthru.kernel.copying import Encoded, array_of, copy_rows, encoded, objects_with
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Period
from paidthru.ledger.operations import open_batch
from paidthru.ledger.rules.deferral import defers
from paidthru.ledger.rules.postings import TAX, basis_of
from paidthru.membership.models import Membership, Term
from paidthru.membership.operations.standing import after_payment
from paidthru.membership.rules.pricing import Fee, PricedLine, priced_line
from paidthru.membership.rules.settings import PlanFacts
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.operations import use_credit
from paidthru.timeline.operations import Actor, Happening, record


class TermBill(NamedTuple):
    """A decided term [start_on, end_on) with its priced lines, to be billed under an invoice number: to `payer_id`,
    where somebody else pays for the party, whose name `for_whom` is then on it (C-25).

    `lines` are dicts as a run item stores them: fee_id, description, quantity, unit_amount_minor, amount_minor,
    derivation; with `carried`, the receivable of an earlier bill that is asked for again.
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
    payer_id: UUID | None = None
    for_whom: str = ""

    @property
    def billed_to(self) -> UUID:
        """Whose invoice it is."""
        return self.payer_id or self.party_id


@dataclass(frozen=True, slots=True)
class Billed:
    """The invoice of one term: its number and its total, in minor units of `currency`, for what was bought."""

    invoice_id: UUID
    number: int
    label: str
    bought: str
    amount_minor: int
    currency: str


def bill_now(
    organization: Organization,
    membership: Membership,
    plan: PlanFacts,
    period: Period,
    lines: Sequence[PricedLine],
    *,
    source: str,
    why: str,
    policies: Policies,
    actor: Actor,
    on: date,
    now: datetime,
    with_credit: bool = True,
) -> Billed:
    """Bills one term of a membership on the local date `on`, due then or on its first day, whichever is later. The
    payer's credit is used for it where the policy says so, and `with_credit`: not where money for it is at hand. It
    is a purchase: whoever calls tells the billing contact of it (G-46)."""
    batch = open_batch(organization.id, "sales", on, now=now)
    bill = TermBill(
        membership_id=membership.id,
        party_id=membership.party_id,
        plan=plan,
        start_on=period.start,
        end_on=period.end,
        lines=[priced_line(line) for line in lines],
        number=take_invoice_numbers(organization.id, 1, on),
        source=source,
        why=why,
        due_on=max(on, period.start),
        invoice_id=new_id(),
        payer_id=membership.payer_id,
        for_whom=membership.party.name if membership.payer_id else "",
    )
    bill_terms(
        organization.id,
        policies,
        plan.currency,
        [bill],
        batch_id=batch.id,
        bill_on=on,
        run_id=None,
        actor=actor,
        now=now,
    )
    if with_credit and policies.word("credit.apply") == "auto":
        sources = use_credit(organization.id, batch.id, [membership.paid_by], on=on, now=now)
        after_payment(sources, policies, on=on)
    total = sum(line.amount_minor for line in lines)
    [label] = labels_for(organization.id, [bill.number])
    return Billed(bill.invoice_id, bill.number, label, plan.name, total, plan.currency)


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
        key = (
            id(bill.lines),
            id(bill.plan),
            bill.start_on,
            bill.end_on,
            bill.due_on,
            bill.source,
            bill.for_whom,
        )
        shape = shapes.get(key)
        if shape is None:
            shape = shapes[key] = rules.shape(bill)
        found.append(shape)
    drafts = (
        InvoiceDraft(
            bill.number, bill.billed_to, shape.header, bill.plan.name,
            [LineDraft(bill.membership_id, item, item.carried or new_id()) for item in shape.items],
            bill.invoice_id,
        )
        for bill, shape in zip(bills, found, strict=True)
    )  # fmt: skip
    labels = issue_invoices(organization_id, batch_id, currency, drafts, now=now)
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
                shape.facts(bill.number if label == str(bill.number) else label),
            )
            for bill, shape, label in zip(bills, found, labels, strict=True)
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the bills of the same term and lines share."""

    header: Header
    items: tuple[Item, ...]
    term: Encoded
    facts: Callable[[int | str], Encoded]
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
        basis = basis_of(self.policies)
        defer: Any = self.policies.word("accounting.defer")
        fees = {str(fee.id): fee for fee in bill.plan.fees}
        account = bill.plan.income_code
        owed_now = tuple(
            _taxed(line, fees[line["tax_of"]], bill) if "tax_of" in line else Item(
                fee_id=fees[line["fee_id"]].id, period_start=bill.start_on, period_end=bill.end_on,
                description=_described(line, bill), quantity=line["quantity"],
                unit_amount_minor=line["unit_amount_minor"], amount_minor=line["amount_minor"],
                derivation=line["derivation"], is_primary=fees[line["fee_id"]].primary,
                voluntary=fees[line["fee_id"]].voluntary,
                income_code="Income:Donations" if fees[line["fee_id"]].voluntary else account, fund=bill.plan.fund,
            )
            for line in bill.lines
            if "carried" not in line
        )  # fmt: skip
        items = owed_now + tuple(_carried(line, bill) for line in bill.lines if "carried" in line)
        owed = sum(item.amount_minor for item in owed_now)
        moves = self.policies.within(plan=bill.plan.id).word("paid_through.on")
        is_paid = moves == "billed" or owed == 0
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


def _described(line: Mapping[str, Any], bill: TermBill) -> str:
    """What a line says; on a bill that somebody else pays, for whom it is."""
    told = str(line["description"])
    return f"{told[: 297 - len(bill.for_whom[:200])]} ({bill.for_whom[:200]})" if bill.for_whom else told


def _taxed(line: Mapping[str, Any], fee: Fee, bill: TermBill) -> Item:
    """The tax of a fee's line."""
    return Item(
        fee_id=UUID(line["fee_id"]), period_start=bill.start_on, period_end=bill.end_on,
        description=_described(line, bill), quantity=line["quantity"], unit_amount_minor=line["unit_amount_minor"],
        amount_minor=line["amount_minor"], derivation=line["derivation"], is_primary=False, voluntary=fee.voluntary,
        income_code=TAX, tax_of=fee.id, tax_rate_id=UUID(line["tax_rate_id"]), fund=bill.plan.fund,
    )  # fmt: skip


def _carried(line: Mapping[str, Any], bill: TermBill) -> Item:
    """What an earlier bill asked for, asked for again: it was booked then, with its fee, term and account."""
    return Item(
        fee_id=UUID(line["fee_id"]), period_start=bill.start_on, period_end=bill.end_on,
        description=line["description"], quantity=line["quantity"], unit_amount_minor=line["unit_amount_minor"],
        amount_minor=line["amount_minor"], derivation=line["derivation"], is_primary=False, voluntary=False,
        income_code="", carried=UUID(line["carried"]),
    )  # fmt: skip
