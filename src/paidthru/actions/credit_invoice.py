"""Credit an invoice, whole or in part: a credit note takes back what is still open of it; documents never change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import CreditNote, Invoice, Receivable
from paidthru.invoicing.operations import locked_for_credit
from paidthru.invoicing.operations.credit_notes import credit_open
from paidthru.invoicing.queries import billed_lines, lines_of, open_on
from paidthru.invoicing.rules.tax import Share, take_in_turn
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.membership.operations import after_payment
from paidthru.membership.operations.receiving import told_of_dates
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, once, record


def credit_invoice(
    organization: Organization,
    invoice_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    amount_minor: int | None = None,
    lines: Mapping[UUID, int] | None = None,
    reason: str = "",
    key: str | None = None,
) -> CreditNote:
    """Takes back all of an invoice's open balance, or `amount_minor` of it: what is nearest to being voluntary or extra
    first, the primary fee last. Credited in full it is closed and can't be submitted any more (I-34).

    `lines` says how much of which lines instead: minor units by the line's id, its tax included; the tax goes along
    with its line in proportion. What is credited counts as settled: a term of which nothing is open any more is paid
    for. Money that has come is not touched; give that back with a refund.

    Refused `invoice_unknown`, `invoice_paid`, `invoice_closed`, `line_unknown`, `amount_invalid` (nothing, or more than
    is open; of a line, with its row), `key_reused`.
    """
    if lines is not None and amount_minor is not None:
        raise ValueError("an amount of the whole, or amounts by line")

    def act() -> dict[str, str]:
        invoice = locked_for_credit(organization, invoice_id)
        on, receivables = local_date(now, organization.zone), open_on(invoice.id)
        chosen = None if lines is None else _of_lines(invoice, receivables, lines)
        if chosen is not None:
            wanted = sum(chosen.values())
        else:
            wanted = invoice.balance_minor if amount_minor is None else amount_minor
        if not 0 < wanted <= invoice.balance_minor:
            raise Refused(
                "amount_invalid",
                f"{plain(invoice.balance_minor, invoice.currency)} {invoice.currency} of invoice {invoice.label} is"
                " open; no more than that can be credited.",
                field="amount",
                value=plain(wanted, invoice.currency),
                fix="Credit the balance or less; give back money that came with a refund.",
            )
        parts = _parts(receivables, wanted) if chosen is None else chosen
        note = credit_open(invoice, receivables, parts, reason=reason, actor=actor, on=on, now=now)
        moved = after_payment([one.source_id for one in receivables], policies_of(organization), on=on)
        facts = {
            "invoice": invoice.named,
            "credit_note": note.number,
            "amount": plain(wanted, invoice.currency),
            "currency": invoice.currency,
        }
        happenings = [
            Happening("invoice_credited", "invoice", invoice.id, invoice.party_id, reason, facts),
            *told_of_dates(moved, f"Credit note {note.number}"),
        ]
        record(organization.id, actor, now, happenings)
        return {"credit_note": str(note.id)}

    inputs: dict[str, object] = {"invoice": invoice_id, "amount": amount_minor, "reason": reason}
    if lines is not None:
        inputs["lines"] = sorted((str(id_), amount) for id_, amount in lines.items())
    outcome = once(organization.id, key, "credit_invoice", inputs, now, act)
    return CreditNote.objects.get(id=outcome["credit_note"])


def _parts(receivables: Sequence[Receivable], wanted: int) -> dict[UUID, int]:
    """How much of each receivable is credited, the reverse of how money pays them."""
    in_turn = sorted(
        receivables, key=lambda one: (one.voluntary, not one.is_primary, one.position), reverse=True
    )
    parts, _ = take_in_turn(wanted, [_share(one) for one in in_turn])
    return dict(parts)


def tax_in(invoice_id: UUID, lines: Mapping[UUID, int]) -> dict[UUID, int]:
    """How much of what would be credited of lines (minor units by the line's id, tax included) is tax, to the cent, as
    `credit_invoice` takes it; a line beyond what is open of it counts with all of its tax."""
    found = {}
    for one in billed_lines(lines_of(invoice_id)):
        if one.line.id in lines:
            shares = [_share(each.receivable) for each in (one.line, one.tax) if each]
            taken, _ = take_in_turn(lines[one.line.id], shares)
            found[one.line.id] = dict(taken).get(one.tax.receivable_id, 0) if one.tax else 0
    return found


def _share(one: Receivable) -> Share:
    return Share(one.id, one.id, one.balance_minor, one.tax_of_id)


def _of_lines(
    invoice: Invoice, receivables: Sequence[Receivable], lines: Mapping[UUID, int]
) -> dict[UUID, int]:
    """How much of each receivable is credited, where staff say how much of which lines."""
    known = {one.line.id: (row, one) for row, one in enumerate(billed_lines(lines_of(invoice.id)), start=1)}
    parts: dict[UUID, int] = {}
    for id_, wanted in lines.items():
        if id_ not in known:
            raise Refused(
                "line_unknown",
                f"That is no line of invoice {invoice.label}.",
                field="lines",
                fix="Choose from the lines of the invoice.",
            )
        row, line = known[id_]
        mine = [one for one in receivables if one.id in line.receivable_ids]
        left = sum(one.balance_minor for one in mine)
        if not 0 < wanted <= left:
            raise Refused(
                "amount_invalid",
                f"{plain(left, invoice.currency)} {invoice.currency} of “{line.line.description}” is open; no more than"
                " that can be credited.",
                field="amount",
                row=row,
                value=plain(wanted, invoice.currency),
                fix="Credit that or less, or leave the line out.",
            )
        of = sorted(mine, key=lambda one: one.tax_of_id is not None)
        taken, _ = take_in_turn(wanted, [_share(one) for one in of])
        parts |= dict(taken)
    if not parts:
        raise Refused(
            "amount_invalid",
            "Nothing is credited.",
            field="amount",
            fix="Say how much of at least one line.",
        )
    return parts
