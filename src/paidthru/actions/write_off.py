"""Write an invoice off, whole or in part: staff don't expect to be paid, and the books say so (D.4)."""

from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice, Receivable
from paidthru.invoicing.operations import write_off_receivables
from paidthru.invoicing.queries import open_on
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.ledger.operations import open_batch
from paidthru.membership.operations import after_payment
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, once, record


def write_off(
    organization: Organization,
    invoice_id: UUID,
    *,
    actor: Actor,
    now: datetime,
    amount_minor: int | None = None,
    reason: str = "",
    key: str | None = None,
) -> Invoice:
    """Gives up all that is open of an invoice, or `amount_minor` of it: what is extra first, the primary fee last.

    Written off in full it is uncollectible and never submitted; the term that it billed stays unpaid. An invoice that a
    failed payment closed, and whose next try is still to come, can be written off and stays closed. Money that comes
    later is taken: what it pays is owed again, and paid. Refused `invoice_unknown`, `invoice_paid`, `invoice_closed`,
    `amount_invalid` (nothing, or more than is open), `key_reused`.
    """

    def act() -> dict[str, str]:
        invoice = _locked(organization, invoice_id)
        open_ = open_on(invoice.id)
        balance = sum(one.balance_minor for one in open_)
        wanted = balance if amount_minor is None else amount_minor
        if not 0 < wanted <= balance:
            raise Refused(
                "amount_invalid",
                f"{plain(balance, invoice.currency)} {invoice.currency} of invoice {invoice.label} is open; no more"
                " than that can be written off.",
                field="amount",
                value=plain(wanted, invoice.currency),
                fix="Write off the balance or less.",
            )
        on = local_date(now, organization.zone)
        told = write_off_receivables(
            organization.id,
            [one.id for one in open_],
            batch=lambda: open_batch(organization.id, "adjustments", on, now=now).id,
            on=on,
            why=reason,
            now=now,
            amounts=None if wanted == balance else _parts(open_, wanted),
        )
        record(organization.id, actor, now, told)
        after_payment(
            [one.source_id for one in open_], policies_of(organization), on=on
        )  # no arrears any more
        return {"invoice": str(invoice.id)}

    inputs = {"invoice": invoice_id, "amount": amount_minor, "reason": reason}
    outcome = once(organization.id, key, "write_off", inputs, now, act)
    return Invoice.objects.get(id=outcome["invoice"])


def _locked(organization: Organization, invoice_id: UUID) -> Invoice:
    invoice = Invoice.objects.select_for_update().filter(id=invoice_id, organization=organization).first()
    if invoice is None:
        raise Refused(
            "invoice_unknown", "There is no such invoice.", field="invoice", fix="Look it up again."
        )
    if invoice.state == "sent" or invoice.awaits_reissue:
        return invoice
    raise Refused(
        "invoice_paid" if invoice.state == "paid" else "invoice_closed",
        f"Invoice {invoice.label} is {invoice.state}.",
        field="invoice",
        value=invoice.named,
        fix="Only what is open can be written off.",
    )


def _parts(open_: list[Receivable], wanted: int) -> dict[UUID, int]:
    """How much of each receivable is written off, the reverse of how money pays them."""
    left, parts = wanted, dict[UUID, int]()
    for one in sorted(open_, key=lambda one: (one.voluntary, not one.is_primary, one.position), reverse=True):
        part = min(left, one.balance_minor)
        if part:
            parts[one.id] = part
            left -= part
    return parts
