"""Who pays for a membership: said, changed and taken back (C-25)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.set_payer import set_payer
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import new_key
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.pages import FormPage
from paidthru.faces.console.parts import Link
from paidthru.kernel.errors import Refused
from paidthru.kernel.formats import money_text
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership
from paidthru.membership.queries import membership_of
from paidthru.membership.queries.paying import asked_of_others
from paidthru.people.models import Party
from paidthru.people.queries import one_meant


class PayerForm(ActForm):
    """Who pays from now on."""

    payer = forms.CharField(
        label="Paid by",
        max_length=254,
        required=False,
        help_text="The exact name, the e-mail address, or the number, such as #12. Empty: the member pays.",
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    autopay = forms.BooleanField(
        label="They agreed to be charged by themselves", required=False, widget=forms.CheckboxInput()
    )
    why = forms.CharField(
        label="Why",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )


@staff_page("renew")
def payer(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Says who pays for a member from now on; what was billed stays with whoever was asked, which is said first."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    back, current = member_url(visit, party.id), membership_of(party.id)
    if current is None or current.state == "ended":
        return redirect(back)
    present = current.payer
    known = new_key() | ({"payer": f"#{present.number}", "autopay": current.autopay} if present else {})
    form = PayerForm(visit.request.POST or None, initial=known)
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            named = clean["payer"].strip()
            meant = one_meant(visit.organization.id, named) if named else None
            after = set_payer(
                visit.organization,
                party.id,
                meant.id if meant else None,
                autopay=clean["autopay"] and meant is not None,
                actor=visit.actor,
                now=visit.desk.clock.now(),
                why=clean["why"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            who = after.payer.name if after.payer else party.name
            messages.success(visit.request, f"{who} pays for {party.name} from now on.")
            return redirect(back)
    page = FormPage(
        title=f"Who pays for {party.name}",
        form=form,
        submit_label="Save",
        cancel_url=back,
        intro=_intro(visit, party, current),
        crumbs=(Link(visit.words.titled("members"), visit.url("members/")), Link(party.name, back)),
    )
    return visit.page(page, "members", 422 if form.errors else 200)


def _intro(visit: Visit, party: Party, current: Membership) -> str:
    said = (
        f"Whoever pays gets the invoices, receipts and reminders of {party.name}’s membership, and is charged for it;"
        f" the membership stays {party.name}’s."
    )
    asked = current.payer or party
    open_ = [
        f"{one.label} ({money_text(Money(one.balance_minor, one.currency), visit.organization.locale)})"
        for one in asked_of_others(current, asked.id)
    ]
    if open_:
        word = "Invoice" if len(open_) == 1 else "Invoices"
        stays = "stays" if len(open_) == 1 else "stay"
        said += f" {word} {', '.join(open_)} {stays} {asked.name}’s to pay."
    return said
