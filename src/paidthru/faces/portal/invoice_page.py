"""What a pay link shows: the invoice as it stands, and a visitor's payment of it."""

from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.showing import PRIVATE, called
from paidthru.giving.models import Gift
from paidthru.giving.queries import donation_on, gift_token, interval_of
from paidthru.invoicing.models import Invoice, Line, PayLink
from paidthru.invoicing.queries import lines_of
from paidthru.kernel.formats import instant_text
from paidthru.kernel.money import Money, plain
from paidthru.kernel.periods import Period
from paidthru.payments.models import PaymentMethod
from paidthru.payments.queries import has_open_attempt
from paidthru.payments.queries.visitors import attempt_with
from paidthru.payments.rules.decline_codes import words
from paidthru.runs.desk import Desk
from paidthru.runs.paying import Standing, standing_of
from paidthru.ticketing.queries import order_on, order_token

_UNDER_WAY = "A payment of it is under way. Please don't pay again: it would be paid twice."
_ONCE = "What you enter is used for this invoice alone, and isn't kept."


def invoice_page(desk: Desk, link: PayLink, home: str, notice: str = "", tone: str = "good") -> Page:
    """The invoice behind a link as it stands now, whoever looks; where it was closed, what asks for the same."""
    standing = standing_of(link.invoice)
    document, organization = standing.document, link.organization
    facts = (*_about(link.invoice, standing), *_amounts(standing))
    title = _title(document)
    if not standing.open_minor:
        return Page(_ended(document), f"From {organization.name}.", facts, notice, tone)
    if has_open_attempt(document.id):
        return Page(title, _UNDER_WAY, facts, notice, tone)
    if not desk.gateway.capabilities.online:
        text = f"{organization.name} can’t take cards or bank accounts here yet. Please ask them how else to pay."
        return Page(title, text, facts, notice, tone)
    pay = Choice("kind", "any", _pay_label(standing), primary=True)
    asides = (*_held(desk, document), PRIVATE, _kept_for(document))
    text = (
        f"From {organization.name}. Nothing is charged before you have confirmed it on the page after next."
    )
    return Page(title, text, facts, notice, tone, f"{home}card/", (pay,), asides)


def visit_page(desk: Desk, link: PayLink, method: PaymentMethod, home: str, here: str, notice: str) -> Page:
    """A visitor's own page, with what they gave: to confirm the payment, and how it went."""
    standing, attempt = standing_of(link.invoice), attempt_with(method)
    document = standing.document
    facts = (
        *_about(link.invoice, standing),
        *_amounts(standing),
        Fact("Payment method", called(method), _kept_for(document)),
    )
    other = Choice("kind", "any", "Use another card or account", action=f"{home}card/")
    state = attempt.state if attempt else ""
    if state == "succeeded" and attempt is not None:
        paid = Money(attempt.intent.amount_minor, attempt.intent.currency)
        return Page("Thank you: it is paid", f"{link.organization.name} has your payment.", (
            *_about(link.invoice, standing), Fact("Paid", paid), Fact("Payment method", called(method)),
        ), notice, "warn", ways=(*_gift_ways(document), *_ticket_ways(document)))  # fmt: skip
    if state == "requires_action":
        bank = Choice("go", "bank", "Confirm with my bank", primary=True, action=f"{here}confirm/")
        text = "Your bank asks you to confirm this payment, within an hour. Nothing has been taken yet."
        return Page("Confirm your payment", text, facts, notice, "warn", here, (bank,), (PRIVATE,))
    if state not in ("", "declined", "canceled", "rejected"):
        text = "Your bank has not answered yet. Please don't pay again."
        return Page("The payment is under way", text, facts, notice, "warn")
    if not standing.open_minor:
        return Page(_ended(document), f"From {link.organization.name}.", facts, notice, "warn")
    if has_open_attempt(document.id):
        return Page(_title(document), _UNDER_WAY, facts, notice, "warn")
    pay = tuple(
        Choice("pay", str(amount), _confirm_label(standing, amount), primary=place == 0, action=f"{here}go/")
        for place, amount in enumerate(standing.choices())
    )
    if attempt is None:
        what = "" if donation_on(document.id) else f", for invoice {document.label}"
        text = f"To {link.organization.name}{what}."
        return Page("Confirm the payment", text, facts, notice, "warn", here, (*pay, other))
    why = words(attempt.decline_code) if attempt.decline_code else attempt.message
    text = f"Nothing was taken. {why}".strip()
    return Page("The payment did not go through", text, facts, notice, "warn", here, (other, *_plainly(pay)))


def _kept_for(document: Invoice) -> str:
    """What becomes of the card or account that is entered: the consent that a visitor gives by paying (A-20)."""
    gift = _gift_of(document)
    if gift is None or gift.state != "begun":
        return _ONCE
    return (
        f"It is kept for this gift alone, and {_every(gift)} is charged to it until you stop it. Each mail about it"
        " has a link for that."
    )


def _title(document: Invoice) -> str:
    if donation_on(document.id):
        return "Your donation"
    order = order_on(document.id)
    return f"Your tickets for {order.event.name}" if order is not None else f"Invoice {document.label}"


def _held(desk: Desk, document: Invoice) -> tuple[str, ...]:
    """Until when the places of an order are its buyer's though they aren't paid yet."""
    order = order_on(document.id)
    if order is None or order.held_until is None:
        return ()
    until = instant_text(order.held_until, desk.organization.zone, desk.organization.locale)
    return (f"Your places are held until {until}.",)


def _gift_of(document: Invoice) -> Gift | None:
    """The gift that an invoice's donation is of, if it is one."""
    donation = donation_on(document.id)
    return donation.gift if donation is not None else None


def _every(gift: Gift) -> str:
    return f"{plain(gift.amount_minor, gift.currency)} {gift.currency} every {interval_of(gift).each}"


def _gift_ways(document: Invoice) -> tuple[Way, ...]:
    """To the page of the gift that was begun with this payment."""
    gift = _gift_of(document)
    if gift is None or gift.state not in ("active", "paused"):
        return ()
    return (Way("See, change or stop this gift", f"/gift/{gift_token(gift.id)}/"),)


def _ticket_ways(document: Invoice) -> tuple[Way, ...]:
    """To the tickets that were bought with this payment."""
    order = order_on(document.id)
    return (Way("See your tickets", f"/tickets/of/{order_token(order.id)}/"),) if order is not None else ()


def _plainly(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """The same again, as the lesser choice."""
    return tuple(Choice(one.name, one.value, one.label, action=one.action) for one in choices)


def _about(asked: Invoice, standing: Standing) -> tuple[Fact, ...]:
    document = standing.document
    note = ""
    if document.id != asked.id:
        note = f"Instead of invoice {asked.label}, which was closed."
    elif document.awaits_reissue:
        note = "It was closed when a payment failed. What it asked for is owed; when it is paid, a new invoice is made."
    donation = donation_on(document.id)
    if donation is not None:  # nobody owes it, so nothing is due
        again = donation.gift if donation.n == 0 else None
        return (
            Fact("Invoice", document.label, note),
            Fact("For", document.party.name),
            *((Fact("You give", f"{_every(again)}, until you stop it"),) if again else ()),
        )
    return (
        Fact("Invoice", document.label, note),
        Fact("For", document.party.name),
        Fact("Billed on", document.bill_on),
        Fact("Due on", document.due_on),
    )


def _amounts(standing: Standing) -> tuple[Fact, ...]:
    document = standing.document
    is_gift = donation_on(document.id) is not None  # all of it is voluntary, and that goes without saying
    found = [_line(line, document, told=not is_gift) for line in lines_of(document.id)]
    settled = document.total_minor - standing.open_minor
    if len(found) > 1 or settled or not standing.open_minor:
        found.append(Fact("Total", Money(document.total_minor, document.currency)))
    if standing.open_minor and settled > 0:
        found.append(Fact("Paid or credited", Money(settled, document.currency)))
    if standing.open_minor:
        voluntary = 0 if is_gift else standing.open_minor - standing.owed_minor
        note = f"{_said(voluntary, document)} of it is voluntary." if voluntary else ""
        found.append(Fact("Open", Money(standing.open_minor, document.currency), note))
    return tuple(found)


def _line(line: Line, document: Invoice, *, told: bool) -> Fact:
    """What is asked for, and for when; whether it is voluntary is `told` where that isn't plain."""
    period = Period(line.receivable.period_start, line.receivable.period_end)
    term = f"{period.start.isoformat()} to {period.through.isoformat()}"
    name = line.description.removesuffix(f", {term}")
    notes = [term] if name != line.description else []
    notes += ["Voluntary"] if told and line.receivable.voluntary else []
    return Fact(name, Money(line.amount_minor, document.currency), ". ".join(notes))


def _ended(document: Invoice) -> str:
    return {
        "paid": f"Invoice {document.label} is paid",
        "void": f"Invoice {document.label} was withdrawn",
        "uncollectible": f"Invoice {document.label} is not collected any more",
    }.get(document.state, f"Nothing is open on invoice {document.label}")


def _pay_label(standing: Standing) -> str:
    if len(standing.choices()) > 1:
        return "Pay by card or bank account"
    return f"Pay {_said(standing.open_minor, standing.document)} by card or bank account"


def _confirm_label(standing: Standing, amount: int) -> str:
    gift = _gift_of(standing.document)
    if gift is not None and gift.state == "begun":
        return f"Give {_said(amount, standing.document)} now and every {interval_of(gift).each}"
    label = f"Pay {_said(amount, standing.document)}"
    return f"{label}, without what is voluntary" if amount < standing.open_minor else label


def _said(amount_minor: int, document: Invoice) -> str:
    return f"{plain(amount_minor, document.currency)} {document.currency}"
