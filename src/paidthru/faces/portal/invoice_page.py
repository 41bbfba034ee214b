"""What a pay link shows: the invoice as it stands, and a visitor's payment of it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from paidthru.faces.portal.languages import locale_at
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.reworded import reworded
from paidthru.faces.portal.showing import PRIVATE, amount_said, called
from paidthru.faces.portal.spoken import every, why_failed
from paidthru.giving.models import Gift
from paidthru.giving.queries import donation_on, gift_token, interval_of
from paidthru.invoicing.models import Invoice, Line, PayLink
from paidthru.invoicing.queries import lines_of
from paidthru.kernel.formats import instant_text, reader_text
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period
from paidthru.organizations.queries import brand_of
from paidthru.payments.models import PaymentMethod
from paidthru.payments.queries import has_open_attempt
from paidthru.payments.queries.visitors import attempt_with
from paidthru.runs.desk import Desk
from paidthru.runs.paying import Standing, standing_of
from paidthru.ticketing.queries import order_on, order_token

_UNDER_WAY = _lazy("A payment of it is under way. Please don't pay again: it would be paid twice.")
_ONCE = _lazy("What you enter is used for this invoice alone, and isn't kept.")


def invoice_page(desk: Desk, link: PayLink, home: str, notice: str = "", tone: str = "good") -> Page:
    """The invoice behind a link as it stands now, whoever looks; where it was closed, what asks for the same."""
    standing = standing_of(link.invoice)
    document, organization = standing.document, link.organization
    facts = (*about(link.invoice, standing), *amounts(standing), *otherwise(standing))
    title = _title(document)
    if not standing.open_minor:
        return Page(
            ended(document),
            _("From {organization}.").format(organization=organization.name),
            facts,
            notice,
            tone,
        )
    if has_open_attempt(document.id):
        return Page(title, str(_UNDER_WAY), facts, notice, tone)
    if not desk.gateway.capabilities.online:
        text = _(
            "{organization} can’t take cards or bank accounts here yet. Please ask them how else to pay."
        ).format(organization=organization.name)
        return Page(title, text, facts, notice, tone)
    pay = Choice("kind", "any", _pay_label(standing), primary=True)
    asides = (*_held(desk, document), str(PRIVATE), _kept_for(document))
    text = _(
        "From {organization}. Nothing is charged before you have confirmed it on the page after next."
    ).format(organization=organization.name)
    return Page(title, text, facts, notice, tone, f"{home}card/", (pay,), asides)


def visit_page(desk: Desk, link: PayLink, method: PaymentMethod, home: str, here: str, notice: str) -> Page:
    """A visitor's own page, with what they gave: to confirm the payment, and how it went."""
    standing, attempt = standing_of(link.invoice), attempt_with(method)
    document = standing.document
    facts = (
        *about(link.invoice, standing),
        *amounts(standing),
        Fact(_("Payment method"), called(method), _kept_for(document)),
    )
    other = Choice("kind", "any", _("Use another card or account"), action=f"{home}card/")
    state = attempt.state if attempt else ""
    if state == "succeeded" and attempt is not None:
        paid = Money(attempt.intent.amount_minor, attempt.intent.currency)
        text = _("{organization} has your payment.").format(organization=link.organization.name)
        return Page(_("Thank you: it is paid"), text, (
            *about(link.invoice, standing), Fact(_("Paid"), paid), Fact(_("Payment method"), called(method)),
        ), notice, "warn", ways=(*_gift_ways(document), *_ticket_ways(document)))  # fmt: skip
    if state == "requires_action":
        bank = Choice("go", "bank", _("Confirm with my bank"), primary=True, action=f"{here}confirm/")
        text = _("Your bank asks you to confirm this payment, within an hour. Nothing has been taken yet.")
        return Page(_("Confirm your payment"), text, facts, notice, "warn", here, (bank,), (PRIVATE,))
    if state not in ("", "declined", "canceled", "rejected"):
        text = _("Your bank has not answered yet. Please don't pay again.")
        return Page(_("The payment is under way"), text, facts, notice, "warn")
    if not standing.open_minor:
        return Page(
            ended(document),
            _("From {organization}.").format(organization=link.organization.name),
            facts,
            notice,
            "warn",
        )
    if has_open_attempt(document.id):
        return Page(_title(document), str(_UNDER_WAY), facts, notice, "warn")
    pay = tuple(
        Choice("pay", str(amount), _confirm_label(standing, amount), primary=place == 0, action=f"{here}go/")
        for place, amount in enumerate(standing.choices())
    )
    if attempt is None:
        text = (
            _("To {organization}.")
            if donation_on(document.id)
            else _("To {organization}, for invoice {invoice}.")
        )
        text = text.format(organization=link.organization.name, invoice=document.label)
        return Page(_("Confirm the payment"), text, facts, notice, "warn", here, (*pay, other))
    text = " ".join((_("Nothing was taken."), why_failed(attempt))).strip()
    return Page(
        _("The payment did not go through"), text, facts, notice, "warn", here, (other, *_plainly(pay))
    )


def _kept_for(document: Invoice) -> str:
    """What becomes of the card or account that is entered: the consent that a visitor gives by paying (A-20)."""
    gift = _gift_of(document)
    if gift is None or gift.state != "begun":
        return str(_ONCE)
    return _(
        "It is kept for this gift alone, and {amount} {every} is charged to it until you stop it. Each mail about it"
        " has a link for that."
    ).format(**_every(gift))


def _title(document: Invoice) -> str:
    if donation_on(document.id):
        return _("Your donation")
    order = order_on(document.id)
    return (
        _("Your tickets for {event}").format(event=order.event.name)
        if order is not None
        else _("Invoice {invoice}").format(invoice=document.label)
    )


def _held(desk: Desk, document: Invoice) -> tuple[str, ...]:
    """Until when the places of an order are its buyer's though they aren't paid yet."""
    order = order_on(document.id)
    if order is None or order.held_until is None:
        return ()
    until = instant_text(order.held_until, desk.organization.zone, locale_at(desk.organization))
    return (_("Your places are held until {until}.").format(until=until),)


def _gift_of(document: Invoice) -> Gift | None:
    """The gift that an invoice's donation is of, if it is one."""
    donation = donation_on(document.id)
    return donation.gift if donation is not None else None


def _every(gift: Gift) -> dict[str, str]:
    """The amount of a gift, and how often it comes."""
    return {"amount": amount_said(gift.amount_minor, gift.currency), "every": every(interval_of(gift))}


def _until_stopped(gift: Gift) -> str:
    said = _("{amount} {every}, until you stop it").format(**_every(gift))
    return reader_text(said, locale_at(gift.organization))


def _gift_ways(document: Invoice) -> tuple[Way, ...]:
    """To the page of the gift that was begun with this payment."""
    gift = _gift_of(document)
    if gift is None or gift.state not in ("active", "paused"):
        return ()
    return (Way(_("See, change or stop this gift"), f"/gift/{gift_token(gift.id)}/"),)


def _ticket_ways(document: Invoice) -> tuple[Way, ...]:
    """To the tickets that were bought with this payment."""
    order = order_on(document.id)
    return (Way(_("See your tickets"), f"/tickets/of/{order_token(order.id)}/"),) if order is not None else ()


def _plainly(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """The same again, as the lesser choice."""
    return tuple(Choice(one.name, one.value, one.label, action=one.action) for one in choices)


def otherwise(standing: Standing) -> tuple[Fact, ...]:
    """How it is paid without a card, in the organization's own words, where it gave some and something is owed."""
    document = standing.document
    brand = brand_of(document.organization_id)
    if brand is None or not brand.payment or not standing.owed_minor:
        return ()
    reference = _("Please give the number {number} as the reference.").format(number=document.number)
    ways = ", ".join(line.rstrip(" ,;") for line in brand.payment.splitlines())
    return (Fact(_("How to pay otherwise"), ways, reference if document.number else ""),)


def about(asked: Invoice, standing: Standing) -> tuple[Fact, ...]:
    """Which invoice it is, whose, and when it is due; of one that was closed, what stands for it."""
    document = standing.document
    note = ""
    if document.id != asked.id:
        note = _("Instead of invoice {invoice}, which was closed.").format(invoice=asked.label)
    elif document.awaits_reissue:
        note = _(
            "It was closed when a payment failed. What it asked for is owed; when it is paid, a new invoice is made."
        )
    donation = donation_on(document.id)
    if donation is not None:  # nobody owes it, so nothing is due
        again = donation.gift if donation.n == 0 else None
        return (
            Fact(_("Invoice"), document.label, note),
            Fact(_("For"), document.party.name),
            *((Fact(_("You give"), _until_stopped(again)),) if again else ()),
        )
    return (
        Fact(_("Invoice"), document.label, note),
        Fact(_("For"), document.party.name),
        Fact(_("Billed on"), document.bill_on),
        Fact(_("Due on"), document.due_on),
    )


def amounts(standing: Standing, *, why: bool = False) -> tuple[Fact, ...]:
    """Its lines, `why` each costs what it does where that is asked for, what is settled, and what is open."""
    document = standing.document
    is_gift = donation_on(document.id) is not None  # all of it is voluntary, and that goes without saying
    found = [_line(line, document, told=not is_gift, why=why) for line in lines_of(document.id)]
    settled = document.total_minor - standing.open_minor
    if len(found) > 1 or settled or not standing.open_minor:
        found.append(Fact(_("Total"), Money(document.total_minor, document.currency)))
    if standing.open_minor and settled > 0:
        found.append(Fact(_("Paid or credited"), Money(settled, document.currency)))
    if standing.open_minor:
        voluntary = 0 if is_gift else standing.open_minor - standing.owed_minor
        note = (
            _("{amount} of it is voluntary.").format(amount=_said(voluntary, document)) if voluntary else ""
        )
        found.append(Fact(_("Open"), Money(standing.open_minor, document.currency), note))
    return tuple(found)


def _line(line: Line, document: Invoice, *, told: bool, why: bool) -> Fact:
    """What is asked for, and for when; whether it is voluntary is `told` where that isn't plain."""
    period = Period(line.receivable.period_start, line.receivable.period_end)
    start, through = period.start.isoformat(), period.through.isoformat()
    name = line.description.removesuffix(f", {start} to {through}")
    reason = str(line.derivation.get("text", "")) if why else ""
    notes = []
    if reason:  # it tells the period, too
        notes.append(reworded(reason).removesuffix("."))
    elif name != line.description:
        notes.append(_("{start} to {through}").format(start=start, through=through))
    notes += [_("Voluntary")] if told and line.receivable.voluntary else []
    return Fact(reworded(name), Money(line.amount_minor, document.currency), ". ".join(notes))


def ended(document: Invoice) -> str:
    """What is said of an invoice of which nothing is open."""
    return {
        "paid": _("Invoice {invoice} is paid").format(invoice=document.label),
        "void": _("Invoice {invoice} was withdrawn").format(invoice=document.label),
        "uncollectible": _("Invoice {invoice} is not collected any more").format(invoice=document.label),
    }.get(document.state, _("Nothing is open on invoice {invoice}").format(invoice=document.label))


def _pay_label(standing: Standing) -> str:
    if len(standing.choices()) > 1:
        return _("Pay by card or bank account")
    return _("Pay {amount} by card or bank account").format(
        amount=_said(standing.open_minor, standing.document)
    )


def _confirm_label(standing: Standing, amount: int) -> str:
    gift = _gift_of(standing.document)
    if gift is not None and gift.state == "begun":
        return _("Give {amount} now and {every}").format(
            amount=_said(amount, standing.document), every=every(interval_of(gift))
        )
    label = _("Pay {amount}").format(amount=_said(amount, standing.document))
    return (
        _("{label}, without what is voluntary").format(label=label) if amount < standing.open_minor else label
    )


def _said(amount_minor: int, document: Invoice) -> str:
    return amount_said(amount_minor, document.currency)
