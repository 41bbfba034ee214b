"""Correcting a payment that staff recorded, as long as its batch is open (G-04)."""

from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, first_click, in_two_steps, money_said, new_key
from paidthru.faces.console.acting_forms import ActForm, AmountField
from paidthru.faces.console.addresses import payment_url
from paidthru.faces.console.badges import MEANS
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.forms import DayField
from paidthru.faces.console.money_forms import BY_STAFF
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Link
from paidthru.kernel.money import plain
from paidthru.payments.models import Payment
from paidthru.runs.correcting import correct_payment, refuse_uncorrectable


class CorrectionForm(ActForm):
    """What the payment should have been."""

    amount = AmountField(label="Amount")
    means = forms.ChoiceField(
        label="How it came",
        choices=[(key, MEANS[key]) for key in BY_STAFF],
        widget=forms.Select(attrs={"class": "input"}),
    )
    received_on = DayField(label="Received on")
    field_order = ("amount", "means", "received_on")

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["amount"]
        assert isinstance(field, AmountField)
        field.currency = currency


@staff_page("reverse")
def correct(visit: Visit, payment_id: UUID) -> HttpResponseBase:
    """What it should have been; then what that does; then it is reversed and recorded anew, in one go."""
    found = Payment.objects.select_related("party", "batch")
    payment = get_object_or_404(found, id=payment_id, organization=visit.organization)
    refuse_uncorrectable(payment)
    here, currency = payment_url(visit, payment.id), payment.currency
    was = money_said(visit, payment.amount_minor, currency)
    start: dict[str, object] = {
        **new_key(),
        "amount": plain(payment.amount_minor, currency),
        "means": payment.means,
        "received_on": payment.received_on,
    }
    form = CorrectionForm(visit.request.POST or None, initial=start, currency=currency)

    def entry(form: CorrectionForm) -> FormPage:
        return FormPage(
            title="Correct a payment",
            form=form,
            submit_label="See what it does",
            cancel_url=here,
            intro=f"Payment {payment.number} of {payment.party.name}, {was}.",
            aside=("Nothing is deleted: the payment is reversed, and recorded as it should have been.",),
            crumbs=(Link("Payments", visit.url("payments/")), Link(f"Payment {payment.number}", here)),
        )

    def confirm(form: CorrectionForm) -> ConfirmPage:
        clean = form.cleaned_data
        on: date = clean["received_on"]
        said, means = money_said(visit, clean["amount"], currency), MEANS[clean["means"]].lower()
        sentences = (
            f"Reverses payment {payment.number} of {was}.",
            f"Records {said} by {means}, received on {day_text(on, visit.organization.locale)}.",
            "It pays what is owed, oldest first; what is beyond stands as credit.",
        )
        fields = (
            ("key", clean["key"]),
            ("amount", plain(clean["amount"], currency)),
            ("means", clean["means"]),
            ("received_on", on.isoformat()),
        )
        digest = digest_of(str(payment.id), payment.state, fields)
        return ConfirmPage(
            title=f"Correct payment {payment.number} to {said}?",
            confirm=Confirm(f"{here}correct/", "Correct the payment", sentences, digest, here, fields=fields),
        )

    def done(form: CorrectionForm) -> HttpResponseBase:
        clean = form.cleaned_data
        made = correct_payment(
            visit.desk,
            payment.id,
            amount_minor=clean["amount"],
            means=clean["means"],
            received_on=clean["received_on"],
            actor=visit.actor,
            key=clean["key"],
        )
        first_click(visit, clean["key"], f"correct {payment.id}")
        messages.success(
            visit.request, f"Payment {payment.number} is corrected: it is payment {made.number} now."
        )
        return redirect(payment_url(visit, made.id))

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=here, current="payments")
