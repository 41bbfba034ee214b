"""Credit an invoice, whole or in part: a credit note takes back what is still open of it; documents never change."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import CreditNote, Receivable
from paidthru.invoicing.operations import locked_for_credit
from paidthru.invoicing.operations.credit_notes import credit_open
from paidthru.invoicing.queries import open_on
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
    reason: str = "",
    key: str | None = None,
) -> CreditNote:
    """Takes back all of an invoice's open balance, or `amount_minor` of it: what is nearest to being voluntary or extra
    first, the primary fee last. Credited in full it is closed and can't be submitted any more (I-34).

    What is credited counts as settled: a term of which nothing is open any more is paid for. Money that has come is
    not touched; give that back with a refund. Refused `invoice_unknown`, `invoice_paid`, `invoice_closed`,
    `amount_invalid` (nothing, or more than is open), `key_reused`.
    """

    def act() -> dict[str, str]:
        invoice = locked_for_credit(organization, invoice_id)
        wanted = invoice.balance_minor if amount_minor is None else amount_minor
        if not 0 < wanted <= invoice.balance_minor:
            raise Refused(
                "amount_invalid",
                f"{plain(invoice.balance_minor, invoice.currency)} {invoice.currency} of invoice {invoice.number} is"
                " open; no more than that can be credited.",
                field="amount",
                value=plain(wanted, invoice.currency),
                fix="Credit the balance or less; give back money that came with a refund.",
            )
        on, receivables = local_date(now, organization.zone), open_on(invoice.id)
        parts = _parts(receivables, wanted)
        note = credit_open(invoice, receivables, parts, reason=reason, actor=actor, on=on, now=now)
        moved = after_payment([one.source_id for one in receivables], policies_of(organization), on=on)
        facts = {
            "invoice": invoice.number,
            "credit_note": note.number,
            "amount": plain(wanted, invoice.currency),
            "currency": invoice.currency,
        }
        happenings = [
            Happening("invoice_credited", "invoice", invoice.id, invoice.party_id, reason, facts),
            *told_of_dates(moved, invoice.party_id, f"Credit note {note.number}"),
        ]
        record(organization.id, actor, now, happenings)
        return {"credit_note": str(note.id)}

    inputs = {"invoice": invoice_id, "amount": amount_minor, "reason": reason}
    outcome = once(organization.id, key, "credit_invoice", inputs, now, act)
    return CreditNote.objects.get(id=outcome["credit_note"])


def _parts(receivables: Sequence[Receivable], wanted: int) -> dict[UUID, int]:
    """How much of each receivable is credited, the reverse of how money pays them."""
    in_turn = sorted(
        receivables, key=lambda one: (one.voluntary, not one.is_primary, one.position), reverse=True
    )
    parts, _ = take_in_turn(
        wanted, [Share(one.id, one.id, one.balance_minor, one.tax_of_id) for one in in_turn]
    )
    return dict(parts)
