"""Record a payment: money that came outside a gateway (check, cash, transfer, an external terminal)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.rules.states import CARRIED_OVER
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.ledger.queries.closing import refuse_closed_day
from paidthru.membership.operations.receiving import receive_money
from paidthru.notices.operations import announce
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Payment
from paidthru.payments.operations import Money
from paidthru.payments.rules.allocation import OLDEST_FIRST
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, once, record

MEANS = ("check", "cash", "transfer", "terminal")


def record_payment(
    organization: Organization,
    party_id: UUID,
    *,
    amount_minor: int,
    currency: str,
    means: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
    received_on: date | None = None,
    invoice_ids: list[UUID] | None = None,
    parts: Mapping[UUID, int] | None = None,
    payer_id: UUID | None = None,
    reference: str = "",
) -> Payment:
    """Books money (minor units) that a member paid, on the invoices named or on what is owed, in the order of the
    policy `payment.allocation`.

    `parts` says instead how much of it (minor units) each invoice gets; none of them means on account. What is beyond
    stands as the member's credit. `payer_id` is who paid it for them, where that is somebody else:
    the receipt is theirs (C-25). `reference` finds it on the bank's statement (a check's number, say).
    Allowed beside an open attempt: if both succeed, the surplus is credit.

    Refused: `amount_invalid`, `means_unknown`, `past_date` (received later than today),
    `period_locked`, `key_reused`, as `checked_name` for the reference; and for
    an invoice that is named `invoice_unknown`, `invoice_closed`, `currency_mismatch`, and with parts
    `allocation_exceeds_balance`, `allocation_exceeds_payment`.
    """
    checked_means(means)
    reference = checked_name(reference, field="reference", most=100) if reference.strip() else ""
    today = local_date(now, organization.zone)
    on = received_on or today
    if on > today:
        raise Refused(
            "past_date",
            "A payment can't be received in the future.",
            field="received_on",
            value=on.isoformat(),
            fix="Enter the day on which the money came.",
        )

    def act() -> dict[str, str]:
        party = Party.objects.select_for_update(no_key=True).get(id=party_id, organization=organization)
        if received_on:
            refuse_closed_day(organization.id, received_on, field="received_on")
        policies = policies_of(organization)
        refuse_unpayable(party, [*(invoice_ids or []), *(parts or {})], currency)
        money = Money(
            party_id=party.id,
            amount_minor=amount_minor,
            currency=currency,
            means=means,
            taken_at=now,
            received_on=on,
            invoice_ids=invoice_ids,
            parts=parts,
            order=OLDEST_FIRST if invoice_ids else policies.word("payment.allocation"),
            payer_id=payer_id,
            reference=reference,
        )
        received = receive_money(organization, money, policies, now=now)
        payment, happenings = received.payment, _by_payer(organization, received.happenings, payer_id)
        record(organization.id, actor, now, happenings)
        announce(organization.id, _for_payer(happenings, payer_id), now=now)
        return {"payment": str(payment.id)}

    inputs: dict[str, object] = {
        "party": party_id,
        "amount": amount_minor,
        "currency": currency,
        "means": means,
        "on": received_on,
        "invoices": invoice_ids,
    }
    inputs |= {"payer": payer_id} if payer_id else {}
    inputs |= {"reference": reference} if reference else {}
    inputs |= {"parts": sorted((str(id_), part) for id_, part in parts.items())} if parts is not None else {}
    outcome = once(organization.id, key, "record_payment", inputs, now, act)
    return Payment.objects.get(id=outcome["payment"])


def _by_payer(
    organization: Organization, happenings: list[Happening], payer_id: UUID | None
) -> list[Happening]:
    """What happened, with who paid for the member, where that is somebody else."""
    if payer_id is None:
        return happenings
    payer = Party.objects.filter(id=payer_id, organization=organization).first()
    if payer is None:
        raise Refused("member_unknown", "There is no such person.", field="payer", fix="Look them up again.")
    told = {"payer": payer.name, "payer_id": str(payer.id)}
    return [
        replace(one, facts={**one.facts, **told})
        if one.verb == "payment_recorded" and isinstance(one.facts, dict)
        else one
        for one in happenings
    ]


def _for_payer(happenings: list[Happening], payer_id: UUID | None) -> list[Happening]:
    """What is announced: of money that somebody paid for a member, the receipt goes to who paid."""
    if payer_id is None:
        return happenings
    return [replace(one, party_id=payer_id) if one.verb == "payment_recorded" else one for one in happenings]


def checked_means(means: str) -> str:
    """A way in which staff record money. Refused `means_unknown`."""
    if means not in MEANS:
        raise Refused(
            "means_unknown",
            f"“{means}” isn't a way in which staff record money.",
            field="means",
            value=means,
            fix=f"Choose one of: {', '.join(MEANS)}.",
        )
    return means


def _stands_for_more(invoice: Invoice) -> bool:
    """Whether a closed invoice stands for what the next bill asks for (G-41), or for what was written off."""
    if invoice.closed_because == CARRIED_OVER:
        return True
    return invoice.closed_because != "" and not invoice.lines.filter(receivable__state="open").exists()


def refuse_unpayable(party: Party, invoice_ids: list[UUID], currency: str) -> None:
    """Money is recorded for a party's own invoices, in their currency, as long as they stand. One that is paid may be
    named: the money came, and is credit. So may one that was written off: what came is owed again, and paid. One
    that a failed try closed can't be collected (P-08); without it the money pays what is owed all the same."""
    found = {
        invoice.id: invoice
        for invoice in Invoice.objects.filter(id__in=invoice_ids, party=party, number__isnull=False)
    }
    for id_ in invoice_ids:
        if id_ not in found:
            raise Refused(
                "invoice_unknown",
                f"There is no such invoice of {party.name}.",
                field="invoice",
                value=id_,
                fix="Choose one of the member's invoices, or none.",
            )
        invoice = found[id_]
        if invoice.currency != currency:
            raise Refused(
                "currency_mismatch",
                f"Invoice {invoice.label} is in {invoice.currency}, the money in {currency}.",
                field="currency",
                value=currency,
                fix="Record it without an invoice: it stands as credit.",
            )
        if invoice.state not in ("sent", "paid", "uncollectible") and not _stands_for_more(invoice):
            raise Refused(
                "invoice_closed",
                f"Invoice {invoice.label} is {invoice.state}.",
                field="invoice",
                value=invoice.named,
                fix="Record it without an invoice: it pays what is owed, or stands as credit.",
            )
