"""Gift Aid: who declared it, what is claimed next, and the claims with HMRC's schedule (A-25).

Shown where the letterhead is of the United Kingdom.
"""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.claim_gift_aid import claim_gift_aid
from paidthru.actions.declare_gift_aid import declare_gift_aid, withdraw_gift_aid
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import key_of, money_said, new_key, told
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.listed import listed
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Action, Column, EmptyState, Link, ListPage, Row
from paidthru.faces.console.row_exports import rows_csv
from paidthru.faces.console.views.gifts import giving_tabs
from paidthru.giving.models import GiftAidClaim, GiftAidDeclaration
from paidthru.giving.queries.gift_aid import (
    claims_of,
    declarations_of,
    gift_aid_to_claim,
    in_the_united_kingdom,
    lines_of_claim,
)
from paidthru.giving.rules.gift_aid import CURRENCY, MOST_LINES, house_of, names_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money, plain
from paidthru.people.queries import one_meant

_TEXT = {"class": "input", "autocomplete": "off"}
_DECLARED = (
    Column("donor", "Donor", "link"),
    Column("address", "Address"),
    Column("from", "From", "date"),
    Column("until", "Until", "date"),
    Column("act", "", "link"),
)
_CLAIMS = (
    Column("number", "Claim", "number"),
    Column("on", "Made on", "date"),
    Column("by", "By"),
    Column("tax", "Tax", "money"),
    Column("schedule", "", "link"),
)
#: The columns of HMRC's schedule for Gift Aid donations.
_SCHEDULE = (
    Column("title", "Title"),
    Column("first", "First name"),
    Column("last", "Last name"),
    Column("house", "House name or number"),
    Column("postcode", "Postcode"),
    Column("aggregated", "Aggregated donations"),
    Column("sponsored", "Sponsored event"),
    Column("date", "Donation date"),
    Column("amount", "Amount"),
)


class DeclareForm(ActForm):
    """A donor's declaration, as they signed or said it."""

    donor = forms.CharField(
        label="Donor", max_length=254, help_text="The number, the exact name, or the e-mail address.",
        error_messages={"required": "Enter a number or a name."}, widget=forms.TextInput(attrs=_TEXT),
    )  # fmt: skip
    address = forms.CharField(
        label="Home address", max_length=500, error_messages={"required": "Enter their home address."},
        widget=forms.Textarea(attrs=_TEXT | {"rows": 3}),
    )  # fmt: skip
    postcode = forms.CharField(
        label="Postcode", max_length=20, error_messages={"required": "Enter its postcode."},
        widget=forms.TextInput(attrs=_TEXT),
    )  # fmt: skip
    from_on = forms.DateField(
        label="Covers donations from", required=False, help_text="Up to four years ago. Empty: from today.",
        widget=forms.DateInput(attrs={"class": "input", "type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip


_ELSEWHERE = (
    "Gift Aid is claimed by charities in the United Kingdom. If you are one, first name GB as the country of the"
    " letterhead, under Settings, Documents."
)


@staff_page("view")
def declarations(visit: Visit) -> HttpResponseBase:
    """Who declared Gift Aid, the newest first."""
    declare = Action("Record a declaration", visit.url("gift-aid/new/"), "primary", icon="plus")
    here = in_the_united_kingdom(visit.organization.id)
    return listed(
        visit,
        declarations_of(visit.organization.id),
        lambda found: [_declared(visit, one) for one in found],
        ListPage(
            title="Gift Aid",
            columns=_DECLARED,
            rows=(),
            empty=EmptyState(
                "Nobody declared Gift Aid yet",
                "Donors declare it in the portal, or on paper, and you record it.",
            ),
            tabs=giving_tabs(visit, "gift_aid"),
            actions=(Action("Claims", visit.url("gift-aid/claims/")),),
            intro="" if here else _ELSEWHERE,
            noun=("declaration", "declarations"),
        ),
        current="donations",
        sorts=["made_at"],
        default="-made_at",
        add=declare if here and visit.may("record_payment") else None,
    )


def _declared(visit: Visit, one: GiftAidDeclaration) -> Row:
    ends = one.until_on is None and visit.may("record_payment")
    return Row(
        (
            Link(one.donor, member_url(visit, one.party_id)),
            f"{one.address.splitlines()[0]}, {one.postcode}",
            one.from_on,
            one.until_on,
            Link("Withdraw", visit.url(f"gift-aid/{one.id}/withdraw/")) if ends else None,
        )
    )


@staff_page("record_payment")
def declare(visit: Visit) -> HttpResponseBase:
    """Records a declaration that a donor signed or said."""
    form, back = DeclareForm(visit.request.POST or None, initial=new_key()), visit.url("gift-aid/")
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            made = declare_gift_aid(
                visit.organization,
                one_meant(visit.organization.id, clean["donor"]).id,
                address=clean["address"],
                postcode=clean["postcode"],
                from_on=clean["from_on"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"Kept: {made.statement}")
            return redirect(back)
    page = FormPage(
        title="Record a declaration",
        form=form,
        submit_label="Record it",
        cancel_url=back,
        intro="Keep what the donor signed; HMRC asks for it for six years. If they said it, send them a note of it.",
        crumbs=(Link("Gift Aid", back),),
    )
    return visit.page(page, "donations", 422 if form.errors else 200)


@staff_page("record_payment")
def withdraw(visit: Visit, declaration_id: UUID) -> HttpResponseBase:
    """Ends a donor's declaration."""
    one = get_object_or_404(GiftAidDeclaration, id=declaration_id, organization=visit.organization)
    back = visit.url("gift-aid/")
    if visit.request.method == "POST":
        if one.until_on is None:
            withdraw_gift_aid(visit.organization, one.party_id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"Nothing that {one.donor} gives from today on is claimed on.")
        return redirect(back)
    page = FormPage(
        title=f"End the declaration of {one.donor}?",
        form=ActForm(initial=new_key()),
        submit_label="End it",
        cancel_url=back,
        intro="Nothing that they give from today on is claimed on. What was given before stays covered.",
        crumbs=(Link("Gift Aid", back),),
    )
    return visit.page(page, "donations")


@staff_page("view")
def claims(visit: Visit) -> HttpResponseBase:
    """What was claimed, the newest first, and what would be claimed now."""
    waiting = gift_aid_to_claim(visit.organization.id)
    tax = money_said(visit, waiting.tax_minor, CURRENCY)
    act = Action("Make the next claim", visit.url("gift-aid/claims/new/"), "primary")
    return listed(
        visit,
        claims_of(visit.organization.id),
        lambda found: [_claimed(visit, one) for one in found],
        ListPage(
            title="Gift Aid claims",
            columns=_CLAIMS,
            rows=(),
            empty=EmptyState("Nothing was claimed yet"),
            intro=f"Donations that wait to be claimed on: {len(waiting.new):,}, tax {tax}.",
            actions=(act,) if visit.may("charge") and (waiting.new or waiting.back) else (),
            noun=("claim", "claims"),
            crumbs=(Link("Gift Aid", visit.url("gift-aid/")),),
        ),
        current="donations",
        sorts=["number"],
        default="-number",
    )


def _claimed(visit: Visit, one: GiftAidClaim) -> Row:
    link = Link("Schedule", visit.url(f"gift-aid/claims/{one.id}/schedule/"))
    return Row((one.number, one.made_on, one.made_by, Money(one.tax_minor, CURRENCY), link))


@staff_page("charge")
def new_claim(visit: Visit) -> HttpResponseBase:
    """Makes the next claim, as it was read; pressed twice, it is one."""
    back = visit.url("gift-aid/claims/")
    if visit.request.method == "POST":
        read = visit.request.POST.get("digest", "")
        try:
            made = claim_gift_aid(
                visit.organization,
                tax_minor=int(read) if read.lstrip("-").isdecimal() and len(read) < 19 else 0,
                actor=visit.actor,
                now=visit.desk.clock.now(),
                key=f"gift aid {key_of(visit)}",
            )
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(
            visit.request, f"Claim {made.number} is made: {money_said(visit, made.tax_minor, CURRENCY)}."
        )
        return redirect(back)
    found = gift_aid_to_claim(visit.organization.id)
    consequences = [
        f"{len(found.new):,} donations are claimed on, the earliest first, at most {MOST_LINES:,}."
    ]
    if found.back:
        consequences.append(f"Of {len(found.back):,} that went back since, the tax is given back.")
    consequences.append(
        f"HMRC is asked for {money_said(visit, found.tax_minor, CURRENCY)}. None of them is claimed on again."
    )
    page = ConfirmPage(
        title="Make this claim?",
        confirm=Confirm(
            action_url=visit.url("gift-aid/claims/new/"),
            label="Make the claim" if found.new or found.back else "",
            consequences=tuple(consequences),
            digest=str(found.tax_minor),
            cancel_url=back,
            fields=(("key", str(new_key()["key"])),),
        ),
        crumbs=(Link("Claims", back),),
    )
    return visit.page(page, "donations")


@staff_page("view")
def schedule(visit: Visit, claim_id: UUID) -> HttpResponseBase:
    """A claim's donations in the columns of HMRC's schedule."""
    claim = get_object_or_404(GiftAidClaim, id=claim_id, organization=visit.organization)
    rows = (
        Row(
            (
                "",
                *names_of(one.declaration.donor),
                house_of(one.declaration.address),
                one.declaration.postcode,
                "",
                "",
                f"{one.receipt.given_on:%d/%m/%y}",
                plain(one.amount_minor, CURRENCY),
            )
        )
        for one in lines_of_claim(claim).iterator(chunk_size=1000)
    )
    return rows_csv(f"gift-aid-{claim.number}", _SCHEDULE, rows)
