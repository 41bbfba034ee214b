"""What a payer does behind their secret link: whom they pay for, whether it is charged by itself, and stopping (C-25).

Looking changes nothing: acts are POSTs, and lead back to the page by an address that can be loaded again.
"""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paidthru.actions.set_payer import set_payer
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.faces.portal.languages import locale_at
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.showing import called, home_of, show, who_at
from paidthru.faces.portal.spoken import autopay_choice
from paidthru.faces.portal.views import with_link
from paidthru.kernel.formats import money_text
from paidthru.kernel.money import Money
from paidthru.membership.models import Membership
from paidthru.membership.queries import next_charge
from paidthru.membership.queries.paying import asked_of_others, paid_for_by
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import MemberLink
from paidthru.payments.queries import active_method
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for

View = Callable[[HttpRequest, MemberLink, Membership], HttpResponseBase]


def of_payer(view: View) -> Callable[[HttpRequest, str, UUID], HttpResponseBase]:
    """Hands a view a membership that the link's party pays for; any other, or one no longer paid for, leads to the list
    of those that are."""

    @wraps(view)
    def look(request: HttpRequest, token: str, membership_id: UUID) -> HttpResponseBase:
        def found(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
            paid = paid_for_by(link.organization_id, link.party_id) if link.attempt_id is None else []
            one = next((one for one in paid if one.id == membership_id), None)
            return view(request, link, one) if one else redirect(f"{home_of(request)}others/")

        return with_link(found)(request, token)

    return look


@require_safe
@with_link
def others_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """The memberships of others that the link's party pays for, and what each costs next."""
    if link.attempt_id is not None:
        return redirect(home_of(request))
    home, facts, choices, ways = home_of(request), list[Fact](), list[Choice](), list[Way]()
    for one in paid_for_by(link.organization_id, link.party_id):
        facts.append(_fact(link, one))
        value, label = autopay_choice(one.party.name, on=one.autopay)
        action = f"{home}others/{one.id}/autopay/"
        choices.append(Choice("autopay", value, label, action=action))
        ways.append(
            Way(_("Stop paying for {name}").format(name=one.party.name), f"{home}others/{one.id}/stop/")
        )
    method = active_method(link.party_id)
    facts.append(Fact(_("Payment method"), called(method) if method else _("None on file")))
    page = Page(
        _("What I pay for others") if ways else _("You pay for nobody else"),
        who_at(link),
        tuple(facts),
        action=home if choices else "",
        choices=tuple(choices),
        ways=(*ways, Way(_("Change how I pay"), f"{home}method/")),
    )
    return show(request, page, link.organization)


@require_POST
@of_payer
def autopay(request: HttpRequest, link: MemberLink, one: Membership) -> HttpResponseBase:
    """Gives or takes back the payer's consent to be charged by itself."""
    now = desk_for(link.organization).clock.now()
    on = request.POST.get("autopay") == "on"
    switch_autopay(link.organization, one.id, on=on, actor=Actor("member", link.party.name), now=now)
    return redirect(f"{home_of(request)}others/")


@require_safe
@of_payer
def stop_page(request: HttpRequest, link: MemberLink, one: Membership) -> HttpResponseBase:
    """What stopping means, before it is done."""
    home = home_of(request)
    said = [
        _("What {name}’s membership costs from now on is asked of {name}, who is told so.").format(
            name=one.party.name
        )
    ]
    locale = locale_at(link.organization)
    said += [
        _("Invoice {invoice} stays yours: {amount} is open.").format(
            invoice=invoice.label, amount=money_text(Money(invoice.balance_minor, invoice.currency), locale)
        )
        for invoice in asked_of_others(one, link.party_id)
    ]
    page = Page(
        _("Stop paying for {name}?").format(name=one.party.name),
        _("{plan}, at {organization}.").format(plan=one.plan.name, organization=link.organization.name),
        action=f"{home}others/{one.id}/stop/confirm/",
        choices=(
            Choice("stop", "yes", _("Stop paying for {name}").format(name=one.party.name), primary=True),
        ),
        consequences=tuple(said),
        ways=(Way(_("Go on paying"), f"{home}others/"),),
    )
    return show(request, page, link.organization)


@require_POST
@of_payer
def stop(request: HttpRequest, link: MemberLink, one: Membership) -> HttpResponseBase:
    """The payer stops; pressed twice, the second changes nothing."""
    now = desk_for(link.organization).clock.now()
    set_payer(link.organization, one.party_id, None, actor=Actor("member", link.party.name), now=now)
    return redirect(f"{home_of(request)}others/")


def _fact(link: MemberLink, one: Membership) -> Fact:
    """What somebody's membership costs next, and when."""
    name = f"{one.party.name}, {one.plan.name}"
    charge = next_charge(one, policies_of(link.organization), desk_for(link.organization).today)
    if charge is None:
        return Fact(name, _("None"), _("Nothing is charged for it by itself."))
    way = (
        _("Charged by itself, on {day}.")
        if one.autopay
        else _("Not charged by itself; you get an invoice, on {day}.")
    )
    return Fact(name, Money(charge.amount_minor, charge.currency), way.format(day=charge.on.isoformat()))
