"""Giving money of a payment back, and taking a payment back: form, what it will do, done (A-35, G-02, G-03, I-65)."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.record_refund import record_refund
from paidthru.actions.request_refund import request_refund
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, money_said, new_key
from paidthru.faces.console.acting_forms import RecordRefundForm, RefundForm, ReverseForm
from paidthru.faces.console.addresses import payment_url, refund_url
from paidthru.faces.console.badges import MEANS, WENT_BY
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Fact, Link
from paidthru.faces.console.payment_pages import held_by_processor, left_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Payment, Refund
from paidthru.payments.queries.giving_back import PartBack, would_take
from paidthru.payments.rules.refunds import RefundState, needs_approval
from paidthru.runs.reversals import processor_says
from paidthru.runs.reversals import reverse as reverse_now
from paidthru.wiring import enqueue_work


def _payment(visit: Visit, payment_id: UUID) -> Payment:
    found = Payment.objects.select_related("party", "attempt__method")
    return get_object_or_404(found, id=payment_id, organization=visit.organization)


def _left(visit: Visit, payment: Payment) -> int:
    """What is left, or why nothing is: said before anybody fills in a form."""
    left = left_of(payment)
    if payment.disputed_minor:
        raise Refused(
            "payment_disputed",
            f"Payment {payment.number} is disputed: the bank is deciding about its money.",
            fix="Wait for the decision: giving it back now could give it back twice.",
        )
    if not left and visit.request.method != "POST":
        raise Refused(
            "refund_exceeds_payment",
            f"Nothing of payment {payment.number} is left: it was given back or taken back already.",
            fix="Its record shows what became of it.",
        )
    return left


def _crumbs(visit: Visit, payment: Payment) -> tuple[Link, ...]:
    return (
        Link("Payments", visit.url("payments/")),
        Link(f"Payment {payment.number}", payment_url(visit, payment.id)),
    )


def _facts(payment: Payment) -> tuple[Fact, ...]:
    return (
        Fact("Member", payment.party.name),
        Fact("Payment", f"{payment.number}"),
        Fact("Received on", payment.received_on),
        Fact("Amount of the payment", Money(payment.amount_minor, payment.currency)),
    )


def _separated(visit: Visit, amount_minor: int, currency: str) -> bool:
    policies = policies_of(visit.organization)
    return needs_approval(
        amount_minor,
        currency,
        separation=policies.word("staff.separation") == "on",
        approve_above=policies.number("refund.approve_above"),
        primary_currency=visit.organization.currency,
    )


def _given(visit: Visit, payment: Payment, parts: list[PartBack]) -> list[str]:
    """What giving back takes from where, a sentence each."""
    said = []
    for part in parts:
        amount = money_said(visit, part.amount_minor, payment.currency)
        if part.invoice is None:
            said.append(f"Takes {amount} out of the member’s credit.")
        else:
            said.append(
                f"Takes {amount} out of what it paid on invoice {part.invoice}. The member doesn’t owe that again, and"
                " the membership stays as it is."
            )
    return said


def _limit(visit: Visit, payment: Payment) -> str:
    limit = policies_of(visit.organization).number("refund.approve_above")
    if limit and payment.currency == visit.organization.currency:
        amount = money_said(visit, limit, payment.currency)
        return f"Refunds above {amount} need somebody else’s approval: it waits for that, and nothing is sent before."
    return "Refunds need somebody else’s approval here: it waits for that, and nothing is sent before."


# ---------------------------------------------------------------- through the processor


@staff_page("refund")
def refund(visit: Visit, payment_id: UUID) -> HttpResponseBase:
    """A refund through the processor, all that is left or a part (A-34 to A-36)."""
    payment = _payment(visit, payment_id)
    left = _left(visit, payment)
    if not held_by_processor(payment):
        raise Refused(
            "payment_unsettled",
            f"No processor holds the money of payment {payment.number}: it came by"
            f" {MEANS.get(payment.means, payment.means).lower()}.",
            fix="Give it back by check, in cash or by transfer, and record that.",
        )
    form = RefundForm(
        visit.request.POST or None,
        initial={"extent": "all"} | new_key(),
        currency=payment.currency,
        left_minor=left,
        left=money_said(visit, left, payment.currency),
    )

    def entry(form: RefundForm) -> FormPage:
        return FormPage(
            title="Refund",
            form=form,
            submit_label="See what it does",
            cancel_url=payment_url(visit, payment.id),
            intro=f"Payment {payment.number} of {payment.party.name}:"
            f" {money_said(visit, left, payment.currency)} can be given back.",
            aside=(
                "Nothing happens yet: the next step shows exactly what will.",
                "The money goes back to where it came from, through the processor; that takes it some days.",
                "Money that you gave back yourself, by check say, is recorded instead, on the payment’s page.",
            ),
            crumbs=_crumbs(visit, payment),
        )

    def confirm(form: RefundForm) -> ConfirmPage:
        return _confirm_refund(visit, payment, form, left)

    def done(form: RefundForm) -> HttpResponseBase:
        with transaction.atomic():
            made = request_refund(
                visit.organization,
                payment.id,
                amount_minor=form.amount_minor,
                currency=payment.currency,
                reason=form.cleaned_data["reason"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
                key=form.cleaned_data["key"],
            )
            enqueue_work(visit.organization.id)
        return _asked(visit, made)

    after = payment_url(visit, payment.id)
    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=after, current="payments")


def _confirm_refund(visit: Visit, payment: Payment, form: RefundForm, left: int) -> ConfirmPage:
    amount = form.amount_minor
    said = money_said(visit, amount, payment.currency)
    separated = _separated(visit, amount, payment.currency)
    parts = would_take(payment, amount)
    method = payment.attempt.method if payment.attempt else None
    to = f" to {method.brand} ending in {method.last4}" if method else ""
    sentences = [
        f"Gives {said} back{to}, through the processor that took it.",
        *_given(visit, payment, parts),
    ]
    if rest := left - amount:
        sentences.append(f"Leaves {money_said(visit, rest, payment.currency)} that can be given back later.")
    sentences.append(
        _limit(visit, payment)
        if separated
        else "A worker sends it in a moment; from then on it can’t be called back."
    )
    return ConfirmPage(
        title=f"Ask for a refund of {said}?" if separated else f"Refund {said}?",
        confirm=Confirm(
            action_url=f"{payment_url(visit, payment.id)}refund/",
            label="Ask for approval" if separated else f"Refund {said}",
            consequences=tuple(sentences),
            digest=digest_of(
                payment.id, amount, left, separated, [[p.invoice, p.amount_minor] for p in parts]
            ),
            cancel_url=payment_url(visit, payment.id),
            fields=form.again(),
        ),
        facts=_facts(payment),
        crumbs=_crumbs(visit, payment),
    )


def _asked(visit: Visit, made: Refund) -> HttpResponseBase:
    said = money_said(visit, made.amount_minor, made.currency)
    if made.state == RefundState.REQUESTED:
        messages.success(
            visit.request,
            f"Refund {made.number} of {said} is asked for. It waits for somebody else’s approval.",
        )
    elif made.via == "gateway":
        messages.success(visit.request, f"Refund {made.number} of {said} is on its way to the processor.")
    else:
        messages.success(visit.request, f"Refund {made.number} of {said} is recorded.")
    return redirect(refund_url(visit, made.id))


# ---------------------------------------------------------------- made elsewhere


@staff_page("refund")
def record_elsewhere(visit: Visit, payment_id: UUID) -> HttpResponseBase:
    """Money that was given back without the processor: recorded, whatever way the payment came (G-03)."""
    payment = _payment(visit, payment_id)
    left, today = _left(visit, payment), visit.desk.today
    form = RecordRefundForm(
        visit.request.POST or None,
        initial={"given_on": today, "via": "check"} | new_key(),
        currency=payment.currency,
        left_minor=left,
        left=money_said(visit, left, payment.currency),
        since=payment.received_on,
        today=today,
    )

    def entry(form: RecordRefundForm) -> FormPage:
        return FormPage(
            title="Record a refund made elsewhere",
            form=form,
            submit_label="See what it does",
            cancel_url=payment_url(visit, payment.id),
            intro=f"Money of payment {payment.number} that {payment.party.name} was given back without the processor.",
            aside=(
                "No money moves by recording it: you have given it back already, or do so by hand.",
                "A refund made in the processor’s own pages needs no recording: it is found by itself.",
            ),
            crumbs=_crumbs(visit, payment),
        )

    def confirm(form: RecordRefundForm) -> ConfirmPage:
        clean = form.cleaned_data
        amount, way = clean["amount"], WENT_BY[clean["via"]].lower()
        said = money_said(visit, amount, payment.currency)
        separated = _separated(visit, amount, payment.currency)
        parts = would_take(payment, amount)
        day = day_text(clean["given_on"], visit.organization.locale)
        sentences = [
            f"Records that {payment.party.name} was given back {said} on {day}: {way}. The processor is not asked.",
            *_given(visit, payment, parts),
        ]
        if separated:
            sentences.append("Somebody else has to approve it first: it is booked when they do.")
        return ConfirmPage(
            title=f"Record a refund of {said}?",
            confirm=Confirm(
                action_url=f"{payment_url(visit, payment.id)}record-refund/",
                label="Ask for approval" if separated else f"Record {said}",
                consequences=tuple(sentences),
                digest=digest_of(payment.id, form.again(), left, separated),
                cancel_url=payment_url(visit, payment.id),
                fields=form.again(),
            ),
            facts=_facts(payment),
            crumbs=_crumbs(visit, payment),
        )

    def done(form: RecordRefundForm) -> HttpResponseBase:
        clean = form.cleaned_data
        made = record_refund(
            visit.organization,
            payment.id,
            amount_minor=clean["amount"],
            currency=payment.currency,
            via=clean["via"],
            reason=clean["reason"],
            given_on=clean["given_on"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=clean["key"],
        )
        return _asked(visit, made)

    after = payment_url(visit, payment.id)
    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=after, current="payments")


# ---------------------------------------------------------------- reverse


@staff_page("reverse")
def reverse(visit: Visit, payment_id: UUID) -> HttpResponseBase:
    """A payment that did not come after all, or that the bank took back past the processor (G-02, I-65)."""
    payment = _payment(visit, payment_id)
    left = _left(visit, payment)
    if payment.means == "card":
        raise Refused(
            "refund_instead",
            f"Payment {payment.number} came by card, and its money is there: a reversal would not give it back.",
            fix="Refund it. If the bank takes it back, that is booked by itself.",
        )
    form = ReverseForm(
        visit.request.POST or None,
        initial=new_key(),
        currency=payment.currency,
        left_minor=left,
        left=money_said(visit, left, payment.currency),
    )

    def entry(form: ReverseForm) -> FormPage:
        return FormPage(
            title="Reverse a payment",
            form=form,
            submit_label="See what it does",
            cancel_url=payment_url(visit, payment.id),
            intro=f"Payment {payment.number} of {payment.party.name},"
            f" {money_said(visit, payment.amount_minor, payment.currency)}.",
            aside=(
                "For money that did not come after all: a check that bounced, a debit that came back.",
                "No money moves by it. To give money back, refund the payment instead.",
                "A return that the processor tells of is booked by itself.",
            ),
            crumbs=_crumbs(visit, payment),
        )

    def confirm(form: ReverseForm) -> ConfirmPage:
        return _confirm_reversal(visit, payment, form, left)

    def done(form: ReverseForm) -> HttpResponseBase:
        clean = form.cleaned_data
        made = reverse_now(
            visit.desk,
            payment.id,
            acknowledged=visit.request.POST.get("acknowledge") == "yes",
            why=clean["why"],
            amount_minor=clean["amount"],
            actor=visit.actor,
            key=clean["key"],
        )
        said = money_said(visit, made.amount_minor, made.currency)
        messages.success(visit.request, f"{said} of payment {payment.number} is reversed.")
        return redirect(payment_url(visit, payment.id))

    after = payment_url(visit, payment.id)
    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=after, current="payments")


_SAYS = {
    "taken": "The processor still has this money. Reversing here gives nothing back; collecting again would take it"
    " twice. Refund it instead, unless the bank has told you that it took the money back.",
    "silent": "The processor can’t be reached now, so it may still have this money. If it does, reversing"
    " here gives nothing back, and collecting again would take it twice.",
    "gone": "The processor doesn’t have this money any more: it never took it for good, or has given it back.",
}
"""What the processor says of a payment's money, to whoever is about to reverse it."""


def _confirm_reversal(visit: Visit, payment: Payment, form: ReverseForm, left: int) -> ConfirmPage:
    amount = form.cleaned_data["amount"] or left
    said = money_said(visit, amount, payment.currency)
    parts = would_take(payment, amount)
    sentences = [f"Takes {said} of payment {payment.number} back, with counter-entries; nothing is deleted."]
    for part in parts:
        of = money_said(visit, part.amount_minor, payment.currency)
        if part.invoice is None:
            sentences.append(f"Takes {of} out of the member’s credit.")
        else:
            sentences.append(f"Invoice {part.invoice} is open again: {of} of it is owed once more.")
    if any(part.invoice is not None for part in parts):
        back = policies_of(visit.organization).word("reversal.paid_through") == "roll_back"
        sentences.append(
            "What is paid through goes back to before it."
            if back
            else "What is paid through stays as it is (reversal.paid_through)."
        )
    sentences.append("No money moves by it.")
    says = processor_says(visit.desk, payment)
    sentences += [_SAYS[says]] if says else []
    return ConfirmPage(
        title=f"Reverse {said} of payment {payment.number}?",
        confirm=Confirm(
            action_url=f"{payment_url(visit, payment.id)}reverse/",
            label=f"Reverse {said}",
            consequences=tuple(sentences),
            digest=digest_of(payment.id, amount, left, says, [[p.invoice, p.amount_minor] for p in parts]),
            cancel_url=payment_url(visit, payment.id),
            fields=form.again(),
            danger=True,
            acknowledge="The bank has taken it back" if says in ("taken", "silent") else "",
        ),
        facts=(*_facts(payment), Fact("Why", form.cleaned_data["why"])),
        crumbs=_crumbs(visit, payment),
    )
