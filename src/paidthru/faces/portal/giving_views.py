"""Giving: a campaign's own page, where anybody gives, and a member's gifts again and again (A-20, A-21, A-23).

The public page writes a donation and leads to its pay link; the card is entered on the processor's page. Nobody owes
what is left unpaid there: it is voided after two days.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache

from paidthru.actions.declare_gift_aid import declare_gift_aid
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.faces.portal.card_trying import begun_too_often, tried_too_many
from paidthru.faces.portal.forms import DeclarationForm, VisitorForm
from paidthru.faces.portal.languages import language, locale_at, speak
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.showing import amount_said, brand_and_last4, home_of, show
from paidthru.faces.portal.spoken import every
from paidthru.faces.portal.views import with_link
from paidthru.giving.models import Campaign
from paidthru.giving.operations import BY_VISITOR, Giving
from paidthru.giving.queries import campaigns_of, facts_of, gift_token, gifts_of, interval_of, progress_of
from paidthru.giving.queries.gift_aid import in_the_united_kingdom, words_to_declare
from paidthru.giving.rules.gift_aid import CURRENCY
from paidthru.invoicing.queries import pay_token
from paidthru.kernel.errors import Refused
from paidthru.kernel.formats import percent_text
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money, parse_amount
from paidthru.kernel.periods import Interval, Unit
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import MemberLink
from paidthru.payments.queries import active_method
from paidthru.people.operations import payer_of
from paidthru.runs.collection import awaiting_payer
from paidthru.runs.giving import give
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for

_INPUT = {"class": "input", "autocomplete": "off"}
_EVERY = {"once": None, "month": Interval(1, Unit.MONTH)}


def _every() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_lazy("How often"), choices=[("once", _lazy("Once")), ("month", _lazy("Every month, until I stop it"))],
        widget=forms.Select(attrs=_INPUT),
    )  # fmt: skip


class GiftForm(forms.Form):
    """How much is given. `key` makes a double click one donation."""

    amount = forms.CharField(
        label=_lazy("Amount"),
        max_length=40,
        error_messages={"required": _lazy("Enter an amount.")},
        widget=forms.TextInput(attrs=_INPUT | {"inputmode": "decimal"}),
    )
    honour = forms.CharField(
        label=_lazy("In honour of"), required=False, max_length=200, widget=forms.TextInput(attrs=_INPUT)
    )
    anonymous = forms.BooleanField(label=_lazy("Don’t name me"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["amount"].label = _("Amount, {currency}").format(currency=currency)


class PublicGiftForm(VisitorForm, GiftForm):
    """As `GiftForm`, with who gives, and how often; where there are words to `declare`, with a Gift Aid declaration."""

    every = _every()
    field_order = ("amount", "every", "name", "email", "honour", "anonymous", "key")

    def __init__(self, *args: object, declare: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if declare:
            self.fields["gift_aid"] = forms.BooleanField(label=declare, required=False)
            for name, field in DeclarationForm().fields.items():
                field.required, field.help_text = False, _("For Gift Aid only.")
                self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        """Whoever declares Gift Aid says where they live."""
        clean = super().clean() or {}
        for name, field in DeclarationForm.base_fields.items():
            if clean.get("gift_aid") and not clean.get(name) and name not in self.errors:
                self.add_error(name, field.error_messages["required"])
        return clean


class MemberGiftForm(GiftForm):
    """As `GiftForm`, with what for, and how often."""

    campaign = forms.ChoiceField(label=_lazy("For"), required=False, widget=forms.Select(attrs=_INPUT))
    every = _every()
    field_order = ("amount", "campaign", "every", "honour", "anonymous", "key")

    def __init__(self, *args: object, campaigns: list[Campaign], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["campaign"]
        assert isinstance(choice, forms.ChoiceField)
        own = str(kwargs["currency"])
        named = (
            (
                str(one.id),
                one.name
                if one.currency == own
                else _("{campaign}, in {currency}").format(campaign=one.name, currency=one.currency),
            )
            for one in campaigns
        )
        choice.choices = [("", _("Where it is needed most")), *named]
        if any(one.currency != own for one in campaigns):
            self.fields["amount"].label = _("Amount")


def _shows_giving(organization: Organization) -> bool:
    return policies_of(organization).word("giving") == "on"


@never_cache
def campaign_page(request: HttpRequest, slug: str, campaign: str) -> HttpResponseBase:
    """What a campaign is for and how far it is; posted, a donation that the pay link then takes."""
    found = (
        Campaign.objects.filter(organization__slug=slug, slug=campaign).select_related("organization").first()
    )
    if found is None or not _shows_giving(found.organization):
        return show(
            request,
            Page(_("There is no such page"), _("Look whether the whole address was copied.")),
            None,
            404,
        )
    organization, desk = found.organization, desk_for(found.organization)
    speak(request, organization)
    if not facts_of(found).takes_on(desk.today):
        page = Page(
            found.name,
            _("It takes no donations now."),
            _progress(found),
            percent=min(progress_of(found)[1], 100),
        )
        return show(request, page, organization, 410 if request.method == "POST" else 200)
    if not desk.gateway.capabilities.online:
        page = Page(
            found.name,
            _("Cards can’t be taken here yet. Please ask {organization}.").format(
                organization=organization.name
            ),
            _progress(found),
        )
        return show(request, page, organization, 409)
    form = PublicGiftForm(
        request.POST if request.method == "POST" else None,
        initial={"key": str(new_id())},
        currency=found.currency,
        declare=words_to_declare(organization.id, desk.today) if found.currency == CURRENCY else "",
    )
    if request.method == "POST" and form.is_valid():
        too_many = tried_too_many(request)
        if too_many is not None:
            return too_many
        too_many = begun_too_often(request, organization, "give", form.cleaned_data["email"])
        if too_many is not None:
            return too_many
        try:
            return redirect(f"/pay/{_begun(found, form)}/")
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, said_of(refused))
    page = Page(
        found.name,
        found.story or _("At {organization}.").format(organization=organization.name),
        _progress(found),
        action=request.path,
        form=form,
        choices=(Choice("go", "on", _("Go on to pay"), primary=True),),
        asides=(_("Card and bank details are entered on the payment processor’s own page only."),),
        percent=min(progress_of(found)[1], 100),
    )
    return show(request, page, organization, 422 if form.errors else 200)


def _progress(campaign: Campaign) -> tuple[Fact, ...]:
    raised_minor, percent = progress_of(campaign)
    return (
        Fact(
            _("Raised"),
            Money(raised_minor, campaign.currency),
            _("{percent} of the goal").format(
                percent=percent_text(percent * 10_000, locale_at(campaign.organization))
            ),
        ),
        Fact(_("Goal"), Money(campaign.goal_minor, campaign.currency)),
    )


def _begun(campaign: Campaign, form: PublicGiftForm) -> str:
    """The donation, and the token of its pay link. Whoever gives an address isn't taken for the member who has it."""
    organization, clean = campaign.organization, form.cleaned_data
    desk, amount_minor = desk_for(organization), parse_amount(clean["amount"], campaign.currency)
    payer = payer_of(
        organization.id, clean["name"], clean["email"], language=language(), now=desk.clock.now()
    )
    actor = Actor("visitor", payer.name)
    donation = give(
        desk,
        Giving(
            payer.id, amount_minor, campaign.currency, campaign, "public", BY_VISITOR,
            anonymous=clean["anonymous"], in_honour_of=clean["honour"].strip(),
        ),
        every=_EVERY[clean["every"]],
        actor=actor,
        key=f"give {clean['key']}",
    )  # fmt: skip
    if clean.get("gift_aid"):
        declare_gift_aid(
            organization, payer.id, address=clean["address"], postcode=clean["postcode"], channel="public",
            actor=actor, now=desk.clock.now(),
        )  # fmt: skip
    link = make_pay_link(organization, donation.invoice_id, actor=actor, now=desk.clock.now())
    return pay_token(link.id)


@with_link
def gifts_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """A member gives, once or every month, and sees what they give again and again."""
    organization = link.organization
    if not _shows_giving(organization) or link.attempt_id is not None:
        return redirect(home_of(request))
    desk = desk_for(organization)
    open_ = [one for one in campaigns_of(organization.id) if facts_of(one).takes_on(desk.today)]
    form = MemberGiftForm(
        request.POST if request.method == "POST" else None,
        initial={"key": str(new_id())},
        campaigns=open_,
        currency=organization.currency,
    )
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        campaign = next((one for one in open_ if str(one.id) == clean["campaign"]), None)
        currency = campaign.currency if campaign else organization.currency
        try:
            donation = give(
                desk,
                Giving(
                    link.party_id, parse_amount(clean["amount"], currency), currency, campaign, "portal", "on_file",
                    anonymous=clean["anonymous"], in_honour_of=clean["honour"].strip(),
                ),
                every=_EVERY[clean["every"]],
                actor=Actor("member", link.party.name),
                key=f"give {link.id} {clean['key']}",
            )  # fmt: skip
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, said_of(refused))
        else:
            if awaiting_payer(donation.invoice_id):  # its own page leads to the bank
                return redirect(f"{home_of(request)}invoices/{donation.invoice_id}/")
            return redirect(f"{request.path}?went={donation.invoice.state}")
    return _gifts(request, link, form)


def _gifts(request: HttpRequest, link: MemberLink, form: MemberGiftForm) -> HttpResponse:
    notice, tone = _WENT.get(request.GET.get("went", ""), ("", "good"))
    gifts = gifts_of(link.party_id)
    method = active_method(link.party_id)
    ways = tuple(
        Way(
            _("Change or stop {amount} {every}").format(
                amount=amount_said(one.amount_minor, one.currency), every=every(interval_of(one))
            ),
            f"/gift/{gift_token(one.id)}/",
        )
        for one in gifts
    )
    page = Page(
        _("Give"),
        _("To {organization}. It is charged to {brand} {last4} at once.").format(
            organization=link.organization.name, **brand_and_last4(method)
        )
        if method
        else _("Add a card or account first, on the page “Change how I pay”."),
        tuple(
            Fact(
                one.campaign.name if one.campaign else _("Every time"),
                Money(one.amount_minor, one.currency),
                _("{every}, next on {day}").format(every=every(interval_of(one)), day=one.next_on)
                if one.next_on
                else _("paused"),
            )
            for one in gifts
        ),
        str(notice),
        tone,
        action=request.path if method else "",
        form=form if method else None,
        choices=(Choice("go", "on", _("Give"), primary=True),) if method else (),
        ways=(
            *ways,
            *(
                (Way(_("Gift Aid"), f"{home_of(request)}gift-aid/"),)
                if in_the_united_kingdom(link.organization_id)
                else ()
            ),
            Way(_("Back"), home_of(request)),
        ),
        asides=(
            _(
                "A gift that comes again and again is apart from your membership: ending one leaves the other."
            ),
        ),
    )
    return show(request, page, link.organization, 422 if form.errors else 200)


_WENT = {
    "paid": (_lazy("Thank you. Your donation has arrived."), "good"),
    "sent": (_lazy("Thank you. Your donation is on its way."), "good"),
    "void": (_lazy("The bank declined it. Nothing was given, and nothing is owed."), "warn"),
}
