"""Bill a charge: an amount that staff name, for something they name, owed now (P-25, X13)."""

from datetime import datetime, timedelta
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations import Item
from paidthru.invoicing.operations.asking import Demand, ask
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import check_entered, plain
from paidthru.kernel.texts import checked_name
from paidthru.ledger.rules.postings import basis_of
from paidthru.notices.operations import tell_billing_contact
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.operations import use_credit
from paidthru.payments.queries import active_method
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, once, record

INCOME = "Income:Other"


def bill_charge(
    organization: Organization,
    party_id: UUID,
    *,
    amount_minor: int,
    currency: str,
    purpose: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Invoice:
    """Issues an invoice over an amount (minor units), due today, for a member with a payment method on file; the
    caller collects it. One click, one charge: the same `key` gives the same invoice.

    Refused `member_unknown`, `amount_invalid`, `no_payment_method`, `key_reused`, and what `checked_name` refuses.
    """
    text = checked_name(purpose, field="purpose", most=300)
    if amount_minor <= 0:
        raise Refused(
            "amount_invalid",
            "A charge has to be more than nothing.",
            field="amount",
            value=plain(amount_minor, currency),
            fix="Enter the amount to be charged.",
        )
    check_entered(amount_minor)

    def act() -> dict[str, str]:
        party = (
            Party.objects.select_for_update(no_key=True)
            .filter(id=party_id, organization=organization)
            .first()
        )
        if party is None:
            raise Refused("member_unknown", "There is no such member.", field="member")
        if active_method(party.id) is None:
            raise Refused(
                "no_payment_method",
                f"{party.name} has no payment method on file.",
                field="member",
                value=party.name,
                fix="Send them a link to add one, or record money that came by check, cash or transfer.",
            )
        invoice_id = _issue(organization, party, amount_minor, currency, text, now)
        invoice = Invoice.objects.get(id=invoice_id)
        facts = {"invoice": invoice.named, "amount": plain(amount_minor, currency), "currency": currency}
        record(
            organization.id,
            actor,
            now,
            [Happening("charge_billed", "invoice", invoice_id, party.id, text, facts)],
        )
        tell_billing_contact(
            organization.id,
            buyer=party.name,
            bought=text,
            amount_minor=amount_minor,
            currency=currency,
            invoice=invoice.number,
            purchase=invoice_id,
            now=now,
        )
        return {"invoice": str(invoice_id)}

    inputs = {"party": party_id, "amount": amount_minor, "currency": currency, "purpose": text}
    return Invoice.objects.get(id=once(organization.id, key, "bill_charge", inputs, now, act)["invoice"])


def _issue(
    organization: Organization, party: Party, amount_minor: int, currency: str, text: str, now: datetime
) -> UUID:
    on, id_ = local_date(now, organization.zone), new_id()
    item = Item(
        fee_id=id_,  # a charge is its own source and fee: it is owed once
        period_start=on,
        period_end=on + timedelta(days=1),
        description=text,
        quantity=1,
        unit_amount_minor=amount_minor,
        amount_minor=amount_minor,
        derivation={
            "rule": "entered",
            "text": f"{plain(amount_minor, currency)} {currency}, entered by staff.",
        },
        is_primary=True,
        voluntary=False,
        income_code=INCOME,
    )
    policies = policies_of(organization)
    demand = Demand(party.id, [(id_, item)], due_on=on)
    batch_id = ask(
        organization.id, "charge", currency, [demand], batch="charges", basis=basis_of(policies), bill_on=on, now=now
    )  # fmt: skip
    if batch_id is not None and policies.word("credit.apply") == "auto":
        use_credit(organization.id, batch_id, [party.id], on=on, now=now)
    return demand.invoice_id
