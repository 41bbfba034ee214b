"""What staff do with a member's money: record a payment, switch autopay, and in a sandbox give a test card."""

import hashlib
import json
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.record_payment import record_payment
from paidthru.actions.save_method import save_method
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url, payment_url
from paidthru.faces.console.badges import MEANS
from paidthru.faces.console.formats import day_text, money_text, reader_text
from paidthru.faces.console.money_forms import PaymentForm, TestMethodForm
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Fact, Link
from paidthru.invoicing.queries import invoices_of, owed_by
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money, plain
from paidthru.membership.queries import membership_of
from paidthru.payments.queries import would_pay
from paidthru.people.models import Party
from paidthru.people.queries import one_meant
from paidthru.timeline.queries import was_done
from paidthru.wiring import levers_of, processor_of


def _party(visit: Visit, party_id: UUID) -> Party:
    return get_object_or_404(Party, id=party_id, organization=visit.organization)


def _crumbs(visit: Visit, party: Party) -> tuple[Link, ...]:
    return (
        Link(visit.words.titled("members"), visit.url("members/")),
        Link(party.name, member_url(visit, party.id)),
    )


# ---------------------------------------------------------------- a payment


@staff_page("record_payment")
def pay(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """What came in; then, before anything is written, exactly what it will pay."""
    party = _party(visit, party_id)
    if visit.request.method == "POST":
        form = _form(visit, party, visit.request.POST)
        if form.is_valid():
            return visit.page(_confirm(visit, party, form), "members")
        return visit.page(_entry(visit, party, form), "members", 422)
    currency = visit.organization.currency
    owed = owed_by(party.id).get(currency, 0)
    start = {
        "received_on": visit.desk.today,
        "key": str(new_id()),
        "amount": plain(owed, currency) if owed else "",
    }
    if invoice := visit.request.GET.get("invoice"):
        known = (
            invoices_of(party.id)
            .filter(state="sent", number=int(invoice) if invoice.isdigit() else 0)
            .first()
        )
        if known:
            start |= {"invoice": str(known.id), "amount": plain(known.balance_minor, known.currency)}
    return visit.page(_entry(visit, party, _form(visit, party, None, start)), "members")


@staff_page("record_payment")
def pay_confirmed(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Records the payment as it was read. What was owed has changed since: read again; pressed twice: one payment."""
    party = _party(visit, party_id)
    if visit.request.method != "POST":
        return redirect(f"{member_url(visit, party.id)}pay/")
    form = _form(visit, party, visit.request.POST)
    if not form.is_valid():
        return visit.page(_entry(visit, party, form), "members", 422)
    clean = form.cleaned_data
    page = _confirm(visit, party, form)
    done = was_done(visit.organization.id, clean["key"])
    if not done and visit.request.POST.get("digest") != page.confirm.digest:
        messages.warning(
            visit.request, "What the member owes has changed since you read this. Please read it again."
        )
        return visit.page(page, "members", 409)
    payment = record_payment(
        visit.organization,
        party.id,
        amount_minor=clean["amount"],
        currency=visit.organization.currency,
        means=clean["means"],
        actor=visit.actor,
        now=visit.desk.clock.now(),
        key=clean["key"],
        received_on=clean["received_on"],
        invoice_ids=[UUID(clean["invoice"])] if clean["invoice"] else None,
        payer_id=clean["payer"].id if clean["payer"] else None,
    )
    if done:
        messages.info(visit.request, f"Payment {payment.number} was recorded already; nothing was added.")
    else:
        messages.success(visit.request, f"Payment {payment.number} is recorded.")
    return redirect(payment_url(visit, payment.id))


def _form(
    visit: Visit, party: Party, posted: object, initial: dict[str, object] | None = None
) -> PaymentForm:
    currency = visit.organization.currency
    found = invoices_of(party.id).filter(currency=currency, balance_minor__gt=0, state="sent")
    open_ = [
        (one.id, f"Invoice {one.number}: {_money(visit, one.balance_minor)}, due {_day(visit, one.due_on)}")
        for one in found.order_by("due_on", "number")
    ]
    if isinstance(posted, dict) and _is_id(
        posted.get("invoice")
    ):  # it may have been paid by the first of two clicks
        chosen = invoices_of(party.id).filter(id=posted["invoice"], balance_minor=0)
        open_ += [(one.id, f"Invoice {one.number}, paid") for one in chosen]

    def find(text: str) -> Party | None:
        found = one_meant(visit.organization.id, text)
        return found if found.id != party.id else None

    return PaymentForm(
        posted, initial=initial, currency=currency, today=visit.desk.today, invoices=open_, find=find
    )


def _is_id(text: object) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


def _entry(visit: Visit, party: Party, form: PaymentForm) -> FormPage:
    return FormPage(
        title="Record a payment",
        form=form,
        submit_label="See what it pays",
        cancel_url=member_url(visit, party.id),
        intro=f"Money that {party.name} paid by check, in cash, by transfer or at a card terminal.",
        aside=(
            "Nothing is written yet: the next step shows which invoices it pays and what becomes credit.",
            "What is owed is paid oldest first, of one invoice its primary fee first. The rest stays as credit.",
            "Card and bank details are never entered here; members enter their own.",
        ),
        crumbs=_crumbs(visit, party),
    )


def _day(visit: Visit, day: date) -> str:
    return day_text(day, visit.organization.locale)


def _money(visit: Visit, amount_minor: int) -> str:
    return money_text(Money(amount_minor, visit.organization.currency), visit.organization.locale)


def _confirm(visit: Visit, party: Party, form: PaymentForm) -> ConfirmPage:
    clean, organization = form.cleaned_data, visit.organization
    parts, surplus = would_pay(
        organization.id,
        party.id,
        clean["amount"],
        organization.currency,
        invoice_id=UUID(clean["invoice"]) if clean["invoice"] else None,
    )
    amount = _money(visit, clean["amount"])
    sentences = [
        f"Pays {_money(visit, part.amount_minor)} on invoice {part.number}:"
        f" {reader_text(part.description, organization.locale)}."
        for part in parts
    ]
    if not parts:
        sentences.append("Pays no invoice: nothing is owed.")
    if surplus:
        sentences.append(f"Keeps {_money(visit, surplus)} as the member’s credit.")
    sentences.append(f"Goes into the batch of receipts of {_day(visit, clean['received_on'])}.")
    payer: Party | None = clean["payer"]
    if payer is not None:
        sentences.append(_receipt_of(payer, party))
    read = json.dumps(
        [str(party.id), form.again(), [[str(p.invoice_id), p.amount_minor] for p in parts], surplus]
    )
    return ConfirmPage(
        title=f"Record {amount} from {payer.name} for {party.name}?"
        if payer
        else f"Record {amount} from {party.name}?",
        confirm=Confirm(
            action_url=f"{member_url(visit, party.id)}pay/confirm/",
            label=f"Record {amount}",
            consequences=tuple(sentences),
            digest=hashlib.sha256(read.encode()).hexdigest(),
            cancel_url=member_url(visit, party.id),
            fields=form.again(),
        ),
        facts=(
            Fact("Amount", Money(clean["amount"], organization.currency)),
            Fact("How it came", MEANS[clean["means"]]),
            Fact("Received on", clean["received_on"]),
            *((Fact("Paid by", payer.name),) if payer else ()),
        ),
        crumbs=_crumbs(visit, party),
    )


def _receipt_of(payer: Party, member: Party) -> str:
    """Where the receipt of a payment for somebody else goes (C-25)."""
    kept = f"The membership stays {member.name}’s."
    if not payer.email:
        return f"{payer.name} has no e-mail address: no receipt is mailed. {kept}"
    return f"Mails the receipt to {payer.name}, {payer.email}. {kept}"


# ---------------------------------------------------------------- autopay, and a sandbox's test cards


@staff_page("charge")
def autopay(visit: Visit, party_id: UUID) -> HttpResponse:
    """Enrolls the member in autopay, or takes them off."""
    party = _party(visit, party_id)
    membership = membership_of(party.id)
    if visit.request.method == "POST":
        if membership is None:
            raise Http404
        on = visit.request.POST.get("on") == "yes"
        switch_autopay(
            visit.organization, membership.id, on=on, actor=visit.actor, now=visit.desk.clock.now()
        )
        said = "is enrolled in AutoPay" if on else "is no longer on AutoPay"
        messages.success(visit.request, f"{party.name} {said}.")
    return redirect(member_url(visit, party.id))


@staff_page("charge")
def card(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """In a sandbox: a test card or bank account that behaves as chosen. Where money is real there is no such page."""
    party = _party(visit, party_id)
    if not visit.organization.is_sandbox:
        raise Http404
    form = TestMethodForm(visit.request.POST or None)
    if visit.request.method != "POST" or not form.is_valid():
        page = FormPage(
            title="Give a test card",
            form=form,
            submit_label="Give it",
            cancel_url=member_url(visit, party.id),
            intro=f"A sandbox’s way to pay for {party.name}. It takes the place of the one on file.",
            aside=(
                "No real card and no real money: the sandbox’s own processor plays the bank.",
                "Use it to see what a collection does when a payment succeeds, is declined, or is never answered.",
            ),
            crumbs=_crumbs(visit, party),
        )
        return visit.page(page, "members", 422 if form.errors else 200)
    kind, _, code = form.cleaned_data["behaviour"].partition(":")
    now = visit.desk.clock.now()
    silence = kind if kind.startswith("silent") else ""
    levers_of(visit.organization).set_script(str(party.id), silence or "accept")
    saved = processor_of(visit.organization).save_method(
        str(party.id), "bank" if kind == "bank" else "card", code
    )
    save_method(
        visit.organization, party.id, saved, gateway=visit.desk.gateway.name, actor=visit.actor, now=now
    )
    membership = membership_of(party.id)
    if form.cleaned_data["autopay"] and membership and membership.state != "ended":
        switch_autopay(visit.organization, membership.id, on=True, actor=visit.actor, now=now)
    messages.success(
        visit.request, f"{party.name} has a {'test bank account' if kind == 'bank' else 'test card'} on file."
    )
    return redirect(member_url(visit, party.id))
