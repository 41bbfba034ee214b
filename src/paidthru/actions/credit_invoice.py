"""Credit an invoice, whole or in part: a credit note takes back what is still open of it; documents never change."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import CreditNote, CreditNoteLine, Invoice, Receivable
from paidthru.invoicing.operations import locked_for_credit, lower_balances, take_back
from paidthru.invoicing.queries import open_on
from paidthru.invoicing.rules.states import DOCUMENT
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.ledger.rules.credits import ADJUSTMENTS
from paidthru.membership.operations import after_payment
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers
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
        batch = open_batch(organization.id, "adjustments", on, now=now)
        note = CreditNote.objects.create(
            organization=organization,
            number=take_numbers(organization.id, "credit note"),
            invoice=invoice,
            party_id=invoice.party_id,
            batch=batch,
            currency=invoice.currency,
            amount_minor=wanted,
            issued_on=on,
            reason=reason[:300],
            issued_by=actor.name,
        )
        CreditNoteLine.objects.bulk_create(
            CreditNoteLine(
                id=new_id(), organization=organization, credit_note=note, receivable_id=id_, amount_minor=part
            )
            for id_, part in parts.items()
        )
        take_back(
            invoice,
            {one: parts[one.id] for one in receivables if one.id in parts},
            batch_id=batch.id,
            account=ADJUSTMENTS,
            source=("credit note", note.id, "issued"),
            text=f"Credit note {note.number} for invoice {invoice.number}",
            on=on,
            now=now,
        )
        lower_balances(parts, [invoice.id])
        if wanted == invoice.total_minor:
            Invoice.objects.filter(id=invoice.id).update(state=DOCUMENT.next("sent", "close"))
        moved = after_payment([one.source_id for one in receivables], policies_of(organization), on=on)
        facts = {
            "invoice": invoice.number,
            "credit_note": note.number,
            "amount": plain(wanted, invoice.currency),
            "currency": invoice.currency,
        }
        happenings = [
            Happening("invoice_credited", "invoice", invoice.id, invoice.party_id, reason, facts),
            *(
                Happening(
                    "paid_through_moved",
                    "membership",
                    id_,
                    invoice.party_id,
                    f"Credit note {note.number}",
                    {
                        "from": before.isoformat() if before else None,
                        "to": after.isoformat() if after else None,
                    },
                )
                for id_, before, after in moved
            ),
        ]
        record(organization.id, actor, now, happenings)
        return {"credit_note": str(note.id)}

    inputs = {"invoice": invoice_id, "amount": amount_minor, "reason": reason}
    outcome = once(organization.id, key, "credit_invoice", inputs, now, act)
    return CreditNote.objects.get(id=outcome["credit_note"])


def _parts(receivables: Sequence[Receivable], wanted: int) -> dict[UUID, int]:
    """How much of each receivable is credited, the reverse of how money pays them."""
    left, parts = wanted, dict[UUID, int]()
    for one in sorted(
        receivables, key=lambda one: (one.voluntary, not one.is_primary, one.position), reverse=True
    ):
        part = min(left, one.balance_minor)
        if part:
            parts[one.id] = part
            left -= part
    return parts
