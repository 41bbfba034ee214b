"""What a member has to pay now, and what becomes of it when they save another way to pay (C-43, X9)."""

from paidthru.faces.portal.pages import Choice, Fact
from paidthru.invoicing.queries import oldest_open_invoice
from paidthru.kernel.money import Money, plain
from paidthru.membership.queries import membership_of
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import MemberLink
from paidthru.payments.queries import active_method
from paidthru.runs.collection import awaiting_payer
from paidthru.runs.joining import owed_for
from paidthru.wiring import desk_for


def pay_choice(link: MemberLink, home: str) -> tuple[Choice, ...]:
    """The button that pays what is due first, where something is and it can be charged."""
    method, invoice = active_method(link.party_id), oldest_open_invoice(link.party_id)
    desk = desk_for(link.organization)
    owed = owed_for(invoice) if invoice else 0
    if method is None or invoice is None or not owed or not desk.gateway.capabilities.online:
        return ()
    said = f"{plain(owed, invoice.currency)} {invoice.currency}"
    label = f"Pay {said} now with {method.brand} •••• {method.last4}"
    if awaiting_payer(invoice.id):
        label = f"Confirm the payment of {said} with my bank"
    value = f"{invoice.number}:{owed}"
    return (Choice("pay", value, label, primary=True, action=f"{home}pay/"),)


def when_saved(link: MemberLink) -> tuple[Fact, ...]:
    """What will be charged to a way to pay that is saved now, because it is past due."""
    invoice, desk = oldest_open_invoice(link.party_id), desk_for(link.organization)
    if invoice is None or invoice.due_on > desk.today:
        return ()
    membership = membership_of(link.party_id)
    policies = policies_of(link.organization).within(plan=membership.plan_id if membership else "")
    call = policies.call("collect.on_method_update")
    match call.name:
        case "charge_within":
            when = f"Charged within {call.number()} minutes after you have saved it, or at once when you press Pay."
        case "release":
            when = f"Charged when {link.organization.name} submits it again, or at once when you press Pay."
        case _:
            when = "Charged at the next try, or at once when you press Pay."
    return (
        Fact("Past due", Money(owed_for(invoice), invoice.currency), f"Invoice {invoice.number}. {when}"),
    )
