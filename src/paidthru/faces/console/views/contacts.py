"""Somebody without a membership is added; how anybody is called and reached is corrected."""

from dataclasses import asdict
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.add_party import add_party
from paidthru.actions.set_contact import Contact, contact_of, fingerprint, set_contact
from paidthru.documents.rules.words import LANGUAGES
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import new_key
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.pages import FormPage
from paidthru.faces.console.parts import Link
from paidthru.kernel.errors import Refused
from paidthru.people.models import Party
from paidthru.people.operations import PartyDraft
from paidthru.timeline.queries import was_done

_TEXT = {"class": "input", "autocomplete": "off"}


class _Person(ActForm):
    """How somebody is called and reached."""

    name = forms.CharField(
        label="Name",
        max_length=450,
        error_messages={"required": "A name is needed."},
        widget=forms.TextInput(attrs=_TEXT),
    )
    email = forms.EmailField(
        label="E-mail",
        required=False,
        max_length=254,
        error_messages={"invalid": "That is no e-mail address. Write it as ann@example.org."},
        widget=forms.EmailInput(attrs=_TEXT),
    )
    phone = forms.CharField(
        label="Phone", required=False, max_length=60, widget=forms.TextInput(attrs=_TEXT | {"type": "tel"})
    )
    external_id = forms.CharField(
        label="Roster id",
        required=False,
        max_length=100,
        help_text="Their id in your own roster. No two people share one.",
        widget=forms.TextInput(attrs=_TEXT),
    )


class NewContactForm(_Person):
    """Somebody who is added without a membership."""

    kind = forms.ChoiceField(
        label="Who it is",
        choices=[("person", "A person"), ("organization", "A company or another organization")],
        widget=forms.Select(attrs={"class": "input"}),
    )
    another = forms.BooleanField(
        label="Somebody else with the same e-mail address",
        required=False,
        help_text="Tick it where two people share an address.",
    )
    field_order = ("kind", "name", "email", "phone", "external_id", "another")


class ContactForm(_Person):
    """What is known of somebody. `read` stands for what was known when the form was opened."""

    address = forms.CharField(
        label="Address",
        required=False,
        max_length=500,
        help_text="As on an envelope, without the name.",
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
    )
    country = forms.CharField(
        label="Country",
        required=False,
        max_length=20,
        help_text="Its two letters, such as US or DE.",
        widget=forms.TextInput(attrs=_TEXT | {"size": 4}),
    )
    language = forms.ChoiceField(
        label="Language",
        required=False,
        choices=[("", "The organization’s own"), *LANGUAGES.items()],
        help_text="Of their pages, mails and documents.",
        widget=forms.Select(attrs={"class": "input"}),
    )
    read = forms.CharField(widget=forms.HiddenInput, max_length=64)


@staff_page("renew")
def add(visit: Visit) -> HttpResponseBase:
    """Adds somebody without a membership: a donor, a tenant, whoever an invoice is for. Pressed twice, one."""
    form = NewContactForm(visit.request.POST or None, initial=new_key() | {"kind": "person"})
    if visit.request.method == "POST" and form.is_valid() and not _is_known(visit, form):
        clean = form.cleaned_data
        draft = PartyDraft(
            clean["name"],
            clean["kind"],
            clean["external_id"] or None,
            organization_name=clean["name"][:200] if clean["kind"] == "organization" else "",
            email=clean["email"],
            phone=clean["phone"],
        )
        try:
            added = add_party(
                visit.organization, draft, actor=visit.actor, now=visit.desk.clock.now(), key=clean["key"]
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{clean['name']} is there, without a membership.")
            return redirect(member_url(visit, added))
    page = FormPage(
        title="Add a contact",
        form=form,
        submit_label="Add them",
        action_url=visit.url("members/contact/"),
        cancel_url=visit.url("members/"),
        intro="Somebody without a membership: a donor, a tenant, a guest, whoever an invoice is for.",
        aside=("Nothing is billed. A membership can be added on their page at any time.",),
        crumbs=(Link(visit.words.titled("members"), visit.url("members/")),),
    )
    return visit.page(page, "members", 422 if form.errors else 200)


def _is_known(visit: Visit, form: NewContactForm) -> bool:
    """Whether somebody has the address already, and nobody said that this is another person; the form says so then."""
    email = form.cleaned_data["email"]
    if not email or form.cleaned_data["another"] or was_done(visit.organization.id, form.cleaned_data["key"]):
        return False
    known = Party.objects.filter(organization=visit.organization, email__iexact=email).first()
    if known is not None:
        form.add_error("email", f"{known.name} (number {known.number}) has this address already.")
    return known is not None


@staff_page("record_payment")
def contact(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """How somebody is called and reached, and where their documents go."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    here, known = member_url(visit, party.id), contact_of(party)
    initial = new_key() | asdict(known) | {"read": fingerprint(known)}
    form = ContactForm(visit.request.POST or None, initial=initial)
    if visit.request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in asdict(known)}
        try:
            set_contact(
                visit.organization,
                party.id,
                Contact(**said),
                actor=visit.actor,
                now=visit.desk.clock.now(),
                read=form.cleaned_data["read"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, "Saved. Documents that were issued before keep what they had.")
            return redirect(here)
    return visit.page(
        FormPage(
            title="Contact details",
            form=form,
            cancel_url=here,
            intro=f"How {party.name} is called and reached.",
            aside=(
                "Mails and codes to sign in go to the new address from now on.",
                "Documents that are issued from now on have the new name and address; issued ones keep theirs.",
            ),
            crumbs=(Link(visit.words.titled("members"), visit.url("members/")), Link(party.name, here)),
        ),
        "members",
        422 if form.errors else 200,
    )
