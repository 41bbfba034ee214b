"""Questions about renewal notices: what each says (G-45)."""

from collections.abc import Sequence
from uuid import UUID

from paidthru.invoicing.models import Invoice, Line
from paidthru.membership.rules.renewal_notice import PREVIOUS, NoticeLine, RenewalNotice
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.queries import credits_of


def renewal_notices(invoices: Sequence[Invoice], policies: Policies) -> list[RenewalNotice]:
    """The notice of each invoice, in their order, with what it can still use of its payer's credit."""
    lines: dict[UUID, list[NoticeLine]] = {}
    for line in Line.objects.filter(invoice__in=invoices).order_by("position", "id"):
        previous = line.derivation.get("rule") == PREVIOUS
        lines.setdefault(line.invoice_id, []).append(
            NoticeLine(line.description, line.amount_minor, previous)
        )
    credit = credits_of({invoice.party_id for invoice in invoices})
    unused = {one.id: min(one.balance_minor, credit.get((one.party_id, one.currency), 0)) for one in invoices}
    shows = policies.word("balance.carry_previous") == "on" and policies.word("accounting.method") == "cash"
    return [
        RenewalNotice(
            invoice=invoice.named or 0,
            lines=tuple(lines.get(invoice.id, ())),
            total_minor=invoice.total_minor,
            credit_minor=invoice.total_minor - invoice.balance_minor + unused[invoice.id],
            open_minor=max(0, invoice.balance_minor - unused[invoice.id]),
            currency=invoice.currency,
            due_on=invoice.due_on,
            shows_credit=shows,
        )
        for invoice in invoices
    ]
