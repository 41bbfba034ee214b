"""Questions about renewal notices: what each says (G-45)."""

from collections.abc import Sequence
from uuid import UUID

from paidthru.invoicing.models import Invoice, Line
from paidthru.membership.rules.renewal_notice import PREVIOUS, NoticeLine, RenewalNotice
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.queries import credit_of


def renewal_notices(invoices: Sequence[Invoice], policies: Policies) -> list[RenewalNotice]:
    """The notice of each invoice, in their order."""
    lines: dict[UUID, list[NoticeLine]] = {}
    for line in Line.objects.filter(invoice__in=invoices).order_by("position", "id"):
        previous = line.derivation.get("rule") == PREVIOUS
        lines.setdefault(line.invoice_id, []).append(
            NoticeLine(line.description, line.amount_minor, previous)
        )
    shows = policies.word("balance.carry_previous") == "on" and policies.word("accounting.method") == "cash"
    return [
        RenewalNotice(
            invoice=invoice.number or 0,
            lines=tuple(lines.get(invoice.id, ())),
            total_minor=invoice.total_minor,
            credit_minor=invoice.total_minor - invoice.balance_minor + _unused(invoice),
            open_minor=max(0, invoice.balance_minor - _unused(invoice)),
            currency=invoice.currency,
            due_on=invoice.due_on,
            shows_credit=shows,
        )
        for invoice in invoices
    ]


def _unused(invoice: Invoice) -> int:
    """The payer's credit that this invoice can still use."""
    return min(invoice.balance_minor, credit_of(invoice.party_id).get(invoice.currency, 0))
