"""What nobody expects to be paid any more: staff write an invoice off, with a reason."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, money_said, new_key
from paidthru.faces.console.acting_forms import WriteOffForm
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Fact, Link
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import open_on_all
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.runs.charges import give_up


@staff_page("credit")
def write_off(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """Gives up what is open of an invoice, or a part of it (D.4)."""
    found = Invoice.objects.select_related("party")
    invoice = get_object_or_404(found, id=invoice_id, organization=visit.organization)
    back = invoice_url(visit, invoice.id)
    open_minor = open_on_all([invoice.id]).get(invoice.id, 0)
    if visit.request.method != "POST" and not open_minor:
        raise Refused(
            "invoice_closed",
            f"Nothing of invoice {invoice.label} is open: it is {invoice.state}.",
            fix="Only what is open can be written off.",
        )
    open_ = money_said(visit, open_minor, invoice.currency)
    crumbs = (
        Link(invoice.party.name, member_url(visit, invoice.party_id)),
        Link(f"Invoice {invoice.label}", back),
    )
    form = WriteOffForm(
        visit.request.POST or None,
        initial={"extent": "all"} | new_key(),
        currency=invoice.currency,
        open_minor=open_minor,
        open_=open_,
    )

    def entry(form: WriteOffForm) -> FormPage:
        return FormPage(
            title=f"Write invoice {invoice.label} off",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{open_} of {invoice.party.name}’s invoice is open.",
            aside=(
                "For what was rightly billed and will not be paid. What was earned of it becomes bad debt.",
                "What should not have been billed is credited or voided instead.",
            ),
            crumbs=crumbs,
        )

    def confirm(form: WriteOffForm) -> ConfirmPage:
        said = money_said(visit, form.amount_minor, invoice.currency)
        return ConfirmPage(
            title=f"Write {said} of invoice {invoice.label} off?",
            confirm=Confirm(
                action_url=f"{back}write-off/",
                label=f"Write {said} off",
                consequences=(
                    f"{invoice.party.name} no longer owes {said}, and it is not collected any more.",
                    "The term that it billed stays unpaid.",
                    "Money that still comes for it is taken, and what it pays is owed again.",
                ),
                digest=digest_of(invoice.id, invoice.state, open_minor, form.amount_minor),
                cancel_url=back,
                fields=form.again(),
                danger=True,
            ),
            facts=(
                Fact("Member", invoice.party.name),
                Fact("Invoice", invoice.label),
                Fact("Open", Money(open_minor, invoice.currency)),
                Fact("Reason", form.cleaned_data["reason"]),
            ),
            crumbs=crumbs,
        )

    def done(form: WriteOffForm) -> HttpResponseBase:
        give_up(
            visit.desk,
            invoice.id,
            amount_minor=form.amount_minor,
            reason=form.cleaned_data["reason"],
            actor=visit.actor,
            key=form.cleaned_data["key"],
        )
        said = money_said(visit, form.amount_minor, invoice.currency)
        messages.success(visit.request, f"{said} of invoice {invoice.label} is written off.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")
