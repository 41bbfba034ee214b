"""What a member has to pay now, and what becomes of it when they save another way to pay (C-43, X9)."""

from django.utils.translation import gettext as _

from paidthru.faces.portal.pages import Choice, Fact, Way
from paidthru.faces.portal.showing import amount_said, brand_and_last4
from paidthru.faces.portal.spoken import why_failed
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import ASKING, oldest_open_invoice, open_on_all, owed_on
from paidthru.kernel.money import Money
from paidthru.membership.queries import membership_of
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, MemberLink
from paidthru.payments.queries import active_method, has_open_attempt
from paidthru.runs.collection import awaiting_payer
from paidthru.runs.joining import owed_for
from paidthru.wiring import desk_for

_MOST = 6  # invoices that have a way of their own; the others stand among the documents


def pay_choice(link: MemberLink, home: str) -> tuple[Choice, ...]:
    """The button that pays what is due first, where something is and it can be charged."""
    method, invoice = active_method(link.party_id), oldest_open_invoice(link.party_id)
    desk = desk_for(link.organization)
    owed = owed_for(invoice) if invoice else 0
    if method is None or invoice is None or not owed or not desk.gateway.capabilities.online:
        return ()
    amount = amount_said(owed, invoice.currency)
    label = _("Pay {amount} now with {brand} •••• {last4}").format(amount=amount, **brand_and_last4(method))
    if awaiting_payer(invoice.id):
        label = _("Confirm the payment of {amount} with my bank").format(amount=amount)
    elif has_open_attempt(invoice.id):
        return ()  # it would be paid twice
    value = f"{invoice.number}:{owed}"
    return (Choice("pay", value, label, primary=True, action=f"{home}pay/"),)


def way_to_pay(link: MemberLink, home: str) -> tuple[Way, ...]:
    """Where something is open and there is nothing yet by which it could be paid: the way to save one."""
    invoice, desk = oldest_open_invoice(link.party_id), desk_for(link.organization)
    owed = owed_for(invoice) if invoice else 0
    if invoice is None or not owed or active_method(link.party_id) or not desk.gateway.capabilities.online:
        return ()
    amount = amount_said(owed, invoice.currency)
    return (Way(_("Pay {amount}: choose first how").format(amount=amount), f"{home}method/", primary=True),)


def open_invoices(link: MemberLink, home: str) -> tuple[Way, ...]:
    """The way to each invoice of which something is owed, the one due first before the others: its lines, and paying it
    or a part of it."""
    found = list(Invoice.objects.filter(ASKING, party_id=link.party_id).order_by("due_on", "number")[:_MOST])
    owed = owed_on([one.id for one in found])
    return tuple(
        Way(
            _("Invoice {invoice}: {amount}, due {day}").format(
                invoice=one.label, amount=amount_said(owed[one.id], one.currency), day=one.due_on.isoformat()
            ),
            f"{home}invoices/{one.id}/",
        )
        for one in found
        if owed.get(one.id)
    )


def on_its_way(link: MemberLink) -> tuple[Fact, ...]:
    """The payment of what is due first that is under way: a debit that the bank takes its days for, or an answer that
    has not come."""
    invoice = oldest_open_invoice(link.party_id)
    return on_its_way_of(invoice) if invoice else ()


def on_its_way_of(invoice: Invoice) -> tuple[Fact, ...]:
    """The payment of an invoice that is under way and waits for nobody here."""
    attempt = _latest(invoice)
    if attempt is None or attempt.state not in OPEN_ATTEMPT or attempt.state == "requires_action":
        return ()
    amount = Money(attempt.intent.amount_minor, attempt.intent.currency)
    note = " ".join((_waits_for(attempt), _("Please don't pay it again.")))
    return (Fact(_("On its way"), amount, note),)


def how_it_went(invoice: Invoice) -> tuple[str, str]:
    """What became of paying an invoice, or a part of it, and the tone to say it in."""
    left = open_on_all([invoice.id]).get(invoice.id, 0)
    attempt = _latest(invoice)
    if attempt is not None and attempt.state == "succeeded":
        if not left:
            return _("Thank you: invoice {invoice} is paid.").format(invoice=invoice.label), "good"
        paid, left_said = attempt.intent.amount_minor, amount_said(left, invoice.currency)
        thanks = _("Thank you: {paid} is paid, {left} stays open.")
        return thanks.format(paid=amount_said(paid, invoice.currency), left=left_said), "good"
    if attempt is None or attempt.state == "canceled":
        return _("The payment has not come through. Nothing was taken."), "warn"
    if attempt.state == "requires_action":
        return _("Your bank asks you to confirm this payment. Nothing has been taken yet."), "warn"
    if attempt.state in OPEN_ATTEMPT:
        return " ".join((_("Your payment is on its way."), _waits_for(attempt))), "good"
    said = (
        _("The payment did not go through, and nothing was taken."),
        why_failed(attempt),
        _("Save another card or bank account to pay with."),
    )
    return " ".join(one for one in said if one), "warn"


def _waits_for(attempt: Attempt) -> str:
    if attempt.state == "processing" and attempt.method.kind == "bank":
        return _("A bank takes some business days for it.")
    return _("Your bank has not answered yet.")


def _latest(invoice: Invoice) -> Attempt | None:
    found = Attempt.objects.filter(intent__invoices__invoice_id=invoice.id).exclude(initiator="visitor")
    return found.select_related("intent", "method").order_by("-created_at", "-id").first()


def when_saved(link: MemberLink) -> tuple[Fact, ...]:
    """What will be charged to a way to pay that is saved now, because it is past due."""
    invoice, desk = oldest_open_invoice(link.party_id), desk_for(link.organization)
    if invoice is None or invoice.due_on > desk.today or on_its_way(link):
        return ()
    membership = membership_of(link.party_id)
    policies = policies_of(link.organization).within(plan=membership.plan_id if membership else "")
    call = policies.call("collect.on_method_update")
    match call.name:
        case "charge_within":
            when = _(
                "Charged within {number} minutes after you have saved it, or at once when you press Pay."
            ).format(number=call.number())
        case "release":
            when = _("Charged when {organization} submits it again, or at once when you press Pay.").format(
                organization=link.organization.name
            )
        case _:
            when = _("Charged at the next try, or at once when you press Pay.")
    return (
        Fact(
            _("Past due"),
            Money(owed_for(invoice), invoice.currency),
            " ".join((_("Invoice {invoice}.").format(invoice=invoice.label), when)),
        ),
    )
