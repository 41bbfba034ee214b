"""Autopay behind a secret link: a member agrees to be charged by itself for their membership, or takes that back, and
reads first what it means (C-42, X21)."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from paidthru.actions.switch_autopay import switch_autopay
from paidthru.faces.portal.member_views import of_member
from paidthru.faces.portal.pages import Choice, Page, Way
from paidthru.faces.portal.refusals import said_of
from paidthru.faces.portal.showing import amount_said, called, home_of, sent, show, who_at
from paidthru.invoicing.queries import owed_by
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.queries import next_charge
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import MemberLink, PaymentMethod
from paidthru.payments.queries import active_method
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for


@require_http_methods(["GET", "HEAD", "POST"])
@of_member
def autopay_page(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """What being charged by itself means, or not being; posted, it is so from now on."""
    home, method = home_of(request), active_method(link.party_id)
    if request.method == "POST":
        return _switched(request, link, membership, method)
    if membership.autopay:
        page = Page(
            _("Stop charging me by itself?"),
            who_at(link),
            action=request.path,
            choices=(Choice("autopay", "off", _("Don’t charge me by itself"), primary=True),),
            consequences=(
                _("You are mailed each invoice, with a link to pay it."),
                _("What is unpaid stays owed, and a payment under way is finished."),
            ),
            ways=(Way(_("Keep it"), f"{home}membership/"),),
        )
    elif method is None:
        page = Page(
            _("Be charged by itself"),
            _("Save a card or bank account first. Before anything is charged to it, you read what and when."),
            ways=(
                Way(_("Save a card or bank account"), f"{home}method/"),
                Way(_("Back"), f"{home}membership/"),
            ),
        )
    else:
        page = Page(
            _("Be charged by itself?"),
            who_at(link),
            action=request.path,
            choices=(Choice("autopay", f"on:{method.id}", _("I agree: charge me by itself"), primary=True),),
            consequences=_agreeing(link, membership, method),
            ways=(Way(_("Back"), f"{home}membership/"),),
        )
    return show(request, page, link.organization)


def _switched(
    request: HttpRequest, link: MemberLink, membership: Membership, method: PaymentMethod | None
) -> HttpResponseBase:
    """Switches as it was read: on only with the way to pay that was shown."""
    to, wanted = f"{home_of(request)}membership/", request.POST.get("autopay", "")
    if wanted != "off" and (method is None or wanted != f"on:{method.id}"):
        return sent(request, "warn", _("The way to pay has changed. Please read it again."), to=to)
    now, actor, on = (
        desk_for(link.organization).clock.now(),
        Actor("member", link.party.name),
        wanted != "off",
    )
    consent = " ".join(_agreeing(link, membership, method)) if on and method is not None else ""
    try:
        switch_autopay(link.organization, membership.id, on=on, consent=consent, actor=actor, now=now)
    except Refused as refused:
        return sent(request, "warn", said_of(refused), to=to)
    if not on:
        return sent(request, "good", _("You are not charged by itself any more."), to=to)
    return sent(request, "good", _("From now on you are charged by itself."), to=to)


def _agreeing(link: MemberLink, membership: Membership, method: PaymentMethod) -> tuple[str, ...]:
    """What a member agrees to, in sentences."""
    policies, today = policies_of(link.organization), desk_for(link.organization).today
    facts = {"organization": link.organization.name, "plan": membership.plan.name, "method": called(method)}
    said = [
        _(
            "{organization} charges what is billed for {plan} to {method} when it is due, until you take this back"
            " or cancel."
        ).format(**facts)
    ]
    charge = next_charge(membership, policies, today)
    if charge is not None:
        amount = amount_said(charge.amount_minor, charge.currency)
        said.append(_("Next: {amount} on {day}.").format(amount=amount, day=charge.on.isoformat()))
    said += [
        _("What is open now, {amount}, is charged too, if you do not pay it before.").format(
            amount=amount_said(amount, currency)
        )
        for currency, amount in owed_by(link.party_id).items()
        if amount
    ]
    return tuple(said)
