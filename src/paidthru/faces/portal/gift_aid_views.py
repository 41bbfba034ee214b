"""A donor's Gift Aid declaration behind their secret link: made, and withdrawn (A-25)."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from paidthru.actions.declare_gift_aid import declare_gift_aid, withdraw_gift_aid
from paidthru.faces.portal.forms import DeclarationForm
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.showing import home_of, said_in, sent, show
from paidthru.faces.portal.views import with_link
from paidthru.giving.queries.gift_aid import declared_by, in_the_united_kingdom, words_to_declare
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.payments.models import MemberLink
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for


@require_http_methods(["GET", "HEAD", "POST"])
@with_link
def gift_aid_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """What is declared; posted, it is declared or withdrawn."""
    organization = link.organization
    if link.attempt_id is not None or not in_the_united_kingdom(organization.id):
        return redirect(home_of(request))
    actor, now = Actor("member", link.party.name), desk_for(organization).clock.now()
    form = DeclarationForm(request.POST if "declare" in request.POST else None)
    if request.method == "POST" and "withdraw" in request.POST:
        if declared_by(link.party_id) is not None:  # pressed twice
            withdraw_gift_aid(organization, link.party_id, actor=actor, now=now)
        return sent(request, _("Withdrawn: nothing that you give from today on is claimed on."), "good")
    if request.method == "POST" and form.is_valid():
        try:
            declare_gift_aid(
                organization, link.party_id, address=form.cleaned_data["address"],
                postcode=form.cleaned_data["postcode"], channel="portal", actor=actor, now=now,
            )  # fmt: skip
        except Refused as refused:
            form.add_error(
                refused.field if refused.field in form.fields else None,
                said_of(refused),
            )
        else:
            return sent(request, _("Thank you: your declaration is kept."), "good")
    return _shown(request, link, organization, form)


def _shown(
    request: HttpRequest, link: MemberLink, organization: Organization, form: DeclarationForm
) -> HttpResponse:
    there = declared_by(link.party_id)
    notice, tone = said_in(request) or ("", "good")
    page = Page(
        _("Gift Aid"),
        there.statement if there else words_to_declare(organization.id, desk_for(organization).today),
        (
            Fact(_("Declared for donations from"), there.from_on),
            Fact(_("Home"), f"{there.address}, {there.postcode}"),
        )
        if there
        else (),
        notice,
        tone,
        action=request.path,
        form=None if there and not form.errors else form,
        choices=(Choice("withdraw", "yes", _("Withdraw it")),)
        if there and not form.errors
        else (Choice("declare", "yes", _("I declare this"), primary=True),),
        asides=(
            _(
                "Tell us when your name or address changes, when you pay less tax, or when you want to withdraw this."
            ),
        ),
        ways=(Way(_("Back"), f"{home_of(request)}give/"),),
    )
    return show(request, page, organization, 422 if form.errors else 200)
