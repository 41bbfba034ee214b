"""The billing contact: who is mailed whenever somebody buys something that is billed (G-46)."""

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.set_billing_contact import set_billing_contact
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting_forms import worded
from paidthru.faces.console.pages import FormPage
from paidthru.faces.console.parts import Link
from paidthru.kernel.errors import Refused
from paidthru.people.models import BillingContact
from paidthru.people.queries import one_meant


class ContactForm(forms.Form):
    """Who it is to be, found by what people know of them."""

    contact = forms.CharField(
        label="Billing contact",
        required=False,
        max_length=450,
        help_text="A name, a number, an id of the roster or an e-mail address. Empty: nobody.",
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )


@staff_page("set_policy")
def contact(visit: Visit) -> HttpResponseBase:
    """Sets the billing contact, or nobody."""
    organization = visit.organization
    present = BillingContact.objects.filter(organization=organization).select_related("party").first()
    start = {"contact": f"#{present.party.number}" if present else ""}
    form = ContactForm(visit.request.POST if visit.request.method == "POST" else None, initial=start)
    if visit.request.method == "POST" and form.is_valid():
        text = form.cleaned_data["contact"]
        try:
            party = one_meant(organization.id, text) if text else None
            set_billing_contact(
                organization, party.id if party else None, actor=visit.actor, now=visit.desk.clock.now()
            )
        except Refused as refused:
            form.add_error("contact", worded(refused))
        else:
            said = f"{party.name} is the billing contact." if party else "Nobody is the billing contact."
            messages.success(visit.request, said)
            return redirect(visit.url("settings/"))
    who = f"{present.party.name}, {present.party.email}" if present else "nobody"
    return visit.page(
        FormPage(
            title="Billing contact",
            form=form,
            cancel_url=visit.url("settings/"),
            intro=f"It is now {who}.",
            aside=(
                "One mail for each purchase: a joining, a switch, a charge by staff, an invoice that is paid online.",
                "Renewals that are billed by a run or the calendar are no purchases: they stand in the run’s report.",
            ),
            crumbs=(Link("Settings", visit.url("settings/")),),
        ),
        "settings",
        422 if form.errors else 200,
    )
