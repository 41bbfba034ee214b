"""Staff apply a member's credit to the invoices they choose, and take a payment off what it paid."""

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.apply_credit import apply_credit
from paidthru.actions.unapply_payment import unapply_payment
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, money_said, new_key
from paidthru.faces.console.acting_forms import ActForm, AmountField, TextField
from paidthru.faces.console.addresses import member_url, payment_url
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Link
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import invoices_of
from paidthru.kernel.errors import Refused
from paidthru.payments.models import Allocation, Payment
from paidthru.payments.queries import allocations_of, credit_of
from paidthru.people.models import Party

_MOST_INVOICES = 40


class CreditPartsForm(ActForm):
    """How much of a member's credit each open invoice gets."""

    def __init__(self, *args: object, invoices: Sequence[tuple[Invoice, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._invoices = [one for one, _ in invoices]
        for one, label in invoices:
            self.fields[f"part_{one.id}"] = AmountField(
                label=label, required=False, currency=one.currency, most=one.balance_minor
            )

    def clean(self) -> dict[str, object]:
        """At least one amount."""
        cleaned = super().clean() or {}
        cleaned["parts"] = {
            one.id: cleaned[f"part_{one.id}"] for one in self._invoices if cleaned.get(f"part_{one.id}")
        }
        if not cleaned["parts"] and not self.errors:
            raise forms.ValidationError("Enter how much of the credit an invoice gets.")
        return cleaned


@staff_page("record_payment")
def apply(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """How much each invoice gets; then what that does; then the credit pays it."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    here, credit = member_url(visit, party.id), credit_of(party.id)
    found = invoices_of(party.id).filter(balance_minor__gt=0, state="sent", currency__in=list(credit))
    invoices = list(found.order_by("due_on", "number")[:_MOST_INVOICES])
    if not invoices and visit.request.method != "POST":  # a second click finds it done
        raise Refused(
            "nothing_to_apply",
            f"{party.name} has no credit, or no open invoice in its currency.",
            fix="Credit that is left can be given back with a refund, on its payment’s page.",
        )

    def label(one: Invoice) -> str:
        due = day_text(one.due_on, visit.organization.locale)
        return f"Invoice {one.label}: {money_said(visit, one.balance_minor, one.currency)}, due {due}"

    form = CreditPartsForm(
        visit.request.POST or None,
        initial=dict[str, object](new_key()),
        invoices=[(one, label(one)) for one in invoices],
    )
    there = ", ".join(money_said(visit, amount, currency) for currency, amount in sorted(credit.items()))
    crumbs = (Link(visit.words.titled("members"), visit.url("members/")), Link(party.name, here))

    def entry(form: CreditPartsForm) -> FormPage:
        return FormPage(
            title="Apply credit",
            form=form,
            submit_label="See what it does",
            cancel_url=here,
            intro=f"{party.name} has {there} of credit. Say how much of it each invoice gets.",
            aside=("No money moves: it is here already. The oldest credit is used first.",),
            crumbs=crumbs,
        )

    def confirm(form: CreditPartsForm) -> ConfirmPage:
        parts: dict[UUID, int] = form.cleaned_data["parts"]
        chosen = [one for one in invoices if one.id in parts]
        sentences = [
            f"Pays {money_said(visit, parts[one.id], one.currency)} of invoice {one.label}." for one in chosen
        ]
        for currency in sorted({one.currency for one in chosen}):
            used = sum(parts[one.id] for one in chosen if one.currency == currency)
            left = credit[currency] - used
            if left < 0:
                raise Refused(
                    "credit_exceeded",
                    f"There is only {money_said(visit, credit[currency], currency)} of credit.",
                    fix="Lower an amount.",
                )
            sentences.append(f"Leaves {money_said(visit, left, currency)} of credit.")
        read = [[str(id_), part] for id_, part in parts.items()]
        return ConfirmPage(
            title="Apply the credit?",
            confirm=Confirm(
                f"{here}credit/",
                "Apply the credit",
                tuple(sentences),
                digest_of(read, credit, [one.balance_minor for one in chosen]),
                here,
                fields=form.again(),
            ),
            crumbs=crumbs,
        )

    def done(form: CreditPartsForm) -> HttpResponseBase:
        clean = form.cleaned_data
        now = visit.desk.clock.now()
        apply_credit(
            visit.organization, party.id, clean["parts"], actor=visit.actor, now=now, key=clean["key"]
        )
        messages.success(visit.request, "The credit is applied.")
        return redirect(here)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=here, current="members")


class TakeOffForm(ActForm):
    """Which invoice a payment is taken off, or all of them, and why."""

    invoice = forms.ChoiceField(
        label="Take it off", required=False, widget=forms.Select(attrs={"class": "input"})
    )
    why = TextField(label="Why", required=False, help_text="For the record; the member doesn’t see it.")
    field_order = ("invoice", "why")

    def __init__(self, *args: object, invoices: Sequence[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["invoice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "All that it paid"), *invoices]


@staff_page("reverse")
def take_off(visit: Visit, payment_id: UUID) -> HttpResponseBase:
    """What it pays; then what taking it off does; then it is credit, and the invoices are owed again."""
    found = Payment.objects.select_related("party")
    payment = get_object_or_404(found, id=payment_id, organization=visit.organization)
    here, currency = payment_url(visit, payment.id), payment.currency
    applied: dict[Invoice, int] = {}
    for part in allocations_of(payment_id=payment.id):
        if left := _left(part):
            applied[part.invoice] = applied.get(part.invoice, 0) + left
    form = TakeOffForm(
        visit.request.POST or None,
        initial=dict[str, object](new_key()),
        invoices=[
            (str(one.id), f"Invoice {one.label}: {money_said(visit, amount, currency)}")
            for one, amount in applied.items()
        ],
    )
    crumbs = (Link("Payments", visit.url("payments/")), Link(f"Payment {payment.number}", here))

    def entry(form: TakeOffForm) -> FormPage:
        return FormPage(
            title="Take off its invoices",
            form=form,
            submit_label="See what it does",
            cancel_url=here,
            intro=f"Payment {payment.number} of {payment.party.name},"
            f" {money_said(visit, payment.amount_minor, currency)}.",
            aside=(
                "The money stays: it becomes the member’s credit, to be applied elsewhere or given back.",
                "Nothing is deleted: the books get counter-entries.",
            ),
            crumbs=crumbs,
        )

    def confirm(form: TakeOffForm) -> ConfirmPage:
        chosen = {one: amount for one, amount in applied.items() if _is_chosen(form, one)}
        sentences = [
            f"Invoice {one.label} is owed again by {money_said(visit, amount, currency)}."
            for one, amount in chosen.items()
        ]
        if not chosen:
            sentences = ["It pays nothing now: there is nothing to take off."]
        sentences += [
            f"{money_said(visit, sum(chosen.values()), currency)} becomes credit of {payment.party.name}.",
            "A paid-through date that came with it goes back, as the policies say.",
        ]
        digest = digest_of(str(payment.id), form.cleaned_data["invoice"], sentences)
        return ConfirmPage(
            title=f"Take payment {payment.number} off?",
            confirm=Confirm(
                f"{here}take-off/", "Take it off", tuple(sentences), digest, here, fields=form.again()
            ),
            crumbs=crumbs,
        )

    def done(form: TakeOffForm) -> HttpResponseBase:
        clean = form.cleaned_data
        unapply_payment(
            visit.organization,
            payment.id,
            invoice_ids=[UUID(clean["invoice"])] if clean["invoice"] else None,
            why=clean["why"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=clean["key"],
        )
        messages.success(visit.request, f"Payment {payment.number} is taken off; the money is credit.")
        return redirect(here)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=here, current="payments")


def _left(part: Allocation) -> int:
    return part.amount_minor - part.reversed_minor - part.refunded_minor


def _is_chosen(form: TakeOffForm, one: Invoice) -> bool:
    return form.cleaned_data["invoice"] in ("", str(one.id))
