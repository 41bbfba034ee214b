"""Allow another attempt at an invoice whose tries are used up or were stopped (I-44, I-45)."""

from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import owed_on
from paidthru.kernel.card_numbers import holds_card_number
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Grant
from paidthru.payments.queries import active_method, has_open_attempt
from paidthru.payments.queries.retrying import Wanted, instrument, retry_policy, verdicts
from paidthru.payments.rules.retries import GRANTABLE, REASONS
from paidthru.timeline.operations import Actor, Happening, once, record


def allow_attempt(
    organization: Organization,
    invoice_id: UUID,
    *,
    why: str = "",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Grant:
    """Lets an invoice be tried once more with the method on file; the same `key` allows it once, however often sent.

    It does not submit it: it stands on the submit list again, and where submission is the schedule's it goes out at the
    next billing hour. Refused: `invoice_unknown`, `invoice_paid`, `invoice_closed`, `payment_in_progress`,
    `no_payment_method`, `attempts_left`, `card_number_in_text`, and what nobody may lift (`retry_allowed`).
    """

    def act() -> dict[str, str]:
        invoice = Invoice.objects.select_for_update().filter(id=invoice_id, organization=organization).first()
        if invoice is None:
            raise Refused("invoice_unknown", "There is no such invoice.", field="invoice", value=invoice_id)
        _refuse(organization, invoice, now)
        grant = Grant.objects.create(
            organization=organization,
            invoice=invoice,
            granted_by=actor.name[:200],
            granted_at=now,
            why=why[:300],
        )
        facts = {"invoice": invoice.named}
        happening = Happening("attempt_allowed", "invoice", invoice.id, invoice.party_id, why, facts)
        record(organization.id, actor, now, [happening])
        return {"grant": str(grant.id)}

    if holds_card_number(why):
        raise Refused(
            "card_number_in_text",
            "The reason holds a card number, which is never stored.",
            field="why",
            fix="Leave the number out; its last four digits are enough.",
        )
    inputs = {"invoice": str(invoice_id)}
    outcome = once(organization.id, key, "allow_attempt", inputs, now, act)
    return Grant.objects.get(id=outcome["grant"])


def _refuse(organization: Organization, invoice: Invoice, now: datetime) -> None:
    """Refuses what can't be tried again, or could be without leave."""
    owed = owed_on([invoice.id]).get(invoice.id, 0)
    method = active_method(invoice.party_id)
    if (invoice.state != "sent" and not invoice.awaits_reissue) or owed <= 0:
        code = "invoice_paid" if invoice.state == "paid" else "invoice_closed"
        said = f"Nothing of invoice {invoice.label} is to be collected."
        raise _refused(code, said, invoice, "Only a sent invoice with a balance can be tried.")
    if has_open_attempt(invoice.id):
        said = f"Invoice {invoice.label} is being collected already."
        raise _refused("payment_in_progress", said, invoice, "Wait for its answer.")
    if method is None:
        reason = REASONS["no_payment_method"]
        raise _refused("no_payment_method", reason.sentence, invoice, reason.fix)
    wanted = Wanted(invoice.id, method.gateway, instrument(method), owed)
    verdict = verdicts(organization, [wanted], retry_policy(policies_of(organization)), now=now)[invoice.id]
    if verdict.refused is None or verdict.refused == "too_soon":
        when = f" from {verdict.not_before:%Y-%m-%d %H:%M} UTC" if verdict.not_before else ""
        said = f"Invoice {invoice.label} can be tried as it is{when}."
        raise _refused("attempts_left", said, invoice, "Submit it.")
    if verdict.refused not in GRANTABLE:
        reason = REASONS[verdict.refused]
        raise _refused(verdict.refused, verdict.sentence or reason.sentence, invoice, reason.fix)


def _refused(code: str, message: str, invoice: Invoice, fix: str) -> Refused:
    return Refused(code, message, field="invoice", value=invoice.named, fix=fix)
