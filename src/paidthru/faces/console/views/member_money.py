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
from paidthru.actions.switch_own_autopay import switch_own_autopay
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import money_said
from paidthru.faces.console.acting_forms import worded
from paidthru.faces.console.addresses import member_url, payment_url
from paidthru.faces.console.badges import MEANS
from paidthru.faces.console.formats import day_text, reader_text
from paidthru.faces.console.money_forms import Payable, PaymentForm, TestMethodForm
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Fact, Link
from paidthru.invoicing.queries import invoices_of, owed_by
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money, plain
from paidthru.membership.queries import membership_of
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import credit_of, would_pay
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
            try:
                return visit.page(_confirm(visit, party, form), "members")
            except Refused as refused:
                form.add_error("invoice", worded(refused))
        return visit.page(_entry(visit, party, form), "members", 422)
    owing = owed_by(party.id)
    currency = next((one for one in _currencies(visit, party) if owing.get(one)), visit.organization.currency)
    owed = owing.get(currency, 0)
    start = {
        "received_on": visit.desk.today,
        "key": str(new_id()),
        "currency": currency,
        "amount": plain(owed, currency) if owed else "",
    }
    if invoice := visit.request.GET.get("invoice"):
        known = (
            invoices_of(party.id)
            .filter(state="sent", number=int(invoice) if invoice.isdigit() else 0)
            .first()
        )
        if known:
            start |= {
                "invoice": str(known.id),
                "currency": known.currency,
                "amount": plain(known.balance_minor, known.currency),
            }
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
    try:
        page = _confirm(visit, party, form)
    except Refused as refused:
        form.add_error("invoice", worded(refused))
        return visit.page(_entry(visit, party, form), "members", 409)
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
        currency=form.currency,
        means=clean["means"],
        reference=clean["reference"],
        actor=visit.actor,
        now=visit.desk.clock.now(),
        key=clean["key"],
        received_on=clean["received_on"],
        invoice_ids=[form.for_invoice] if form.for_invoice else None,
        parts=clean["parts"],
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
    found = invoices_of(party.id).filter(balance_minor__gt=0, state="sent")
    open_ = [
        Payable(
            one.id,
            f"Invoice {one.label}: {money_said(visit, one.balance_minor, one.currency)},"
            f" due {_day(visit, one.due_on)}",
            one.currency,
        )
        for one in found.order_by("due_on", "number")[:_MOST_INVOICES]
    ]
    if isinstance(posted, dict) and _is_id(
        posted.get("invoice")
    ):  # it may have been paid by the first of two clicks
        chosen = invoices_of(party.id).filter(id=posted["invoice"], balance_minor=0)
        open_ += [Payable(one.id, f"Invoice {one.label}, paid", one.currency, open=False) for one in chosen]

    def find(text: str) -> Party | None:
        found = one_meant(visit.organization.id, text)
        return found if found.id != party.id else None

    return PaymentForm(
        posted,
        initial=initial,
        currencies=_currencies(visit, party),
        today=visit.desk.today,
        invoices=open_,
        by_itself=_BY_ITSELF[_order(visit)],
        find=find,
    )


_MOST_INVOICES = 40
_BY_ITSELF = {
    "oldest_first": "What is owed, oldest first",
    "newest_first": "What is owed, newest first",
    "on_account": "Nothing yet: it stays on account, as this organization does it",
}


def _order(visit: Visit) -> str:
    return policies_of(visit.organization).word("payment.allocation")


def _currencies(visit: Visit, party: Party) -> list[str]:
    """The organization's currency, and those in which the member is billed or owes."""
    membership = membership_of(party.id)
    billed = {membership.plan.currency} if membership else set()
    others = billed | set(owed_by(party.id)) | set(credit_of(party.id)) - {visit.organization.currency}
    return [visit.organization.currency, *sorted(others - {visit.organization.currency})]


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
            "Of one invoice the primary fee is paid first. What is beyond stays as credit.",
            "Card and bank details are never entered here; members enter their own.",
        ),
        crumbs=_crumbs(visit, party),
    )


def _day(visit: Visit, day: date) -> str:
    return day_text(day, visit.organization.locale)


def _confirm(visit: Visit, party: Party, form: PaymentForm) -> ConfirmPage:
    clean, organization, currency = form.cleaned_data, visit.organization, form.currency
    parts, surplus = would_pay(
        organization.id,
        party.id,
        clean["amount"],
        currency,
        invoice_id=form.for_invoice,
        order=_order(visit),
        by_hand=clean["parts"],
    )
    amount = money_said(visit, clean["amount"], currency)
    sentences = [
        f"Pays {money_said(visit, part.amount_minor, currency)} on invoice {part.label}:"
        f" {reader_text(part.description, organization.locale)}."
        for part in parts
    ]
    if not parts:
        by_choice = clean["parts"] is not None or (not form.for_invoice and _order(visit) == "on_account")
        sentences.append("Pays no invoice yet." if by_choice else "Pays no invoice: nothing is owed.")
    if surplus:
        sentences.append(f"Keeps {money_said(visit, surplus, currency)} as the member’s credit.")
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
            Fact("Amount", Money(clean["amount"], currency)),
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
    """Enrolls the member in autopay, or takes them off; without a membership, for what else they owe."""
    party = _party(visit, party_id)
    membership = membership_of(party.id)
    if visit.request.method == "POST":
        on, now = visit.request.POST.get("on") == "yes", visit.desk.clock.now()
        if membership is None or membership.state == "ended":
            switch_own_autopay(visit.organization, party.id, on=on, actor=visit.actor, now=now)
        else:
            switch_autopay(visit.organization, membership.id, on=on, actor=visit.actor, now=now)
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
