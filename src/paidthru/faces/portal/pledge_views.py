"""A member's pledges behind their secret link: how far each is, what comes next, and paying what is billed (A-28).

Looking changes nothing: paying is a POST to the same address, which leads to the invoice's own page.
"""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from paidthru.actions.make_pay_link import make_pay_link
from paidthru.faces.portal.languages import locale_at
from paidthru.faces.portal.pages import Choice, Fact, Page, Way
from paidthru.faces.portal.showing import home_of, said_in, sent, show
from paidthru.faces.portal.views import with_link
from paidthru.giving.models import Pledge, PledgePart
from paidthru.giving.queries import fulfilled, parts_of, pledges_of
from paidthru.giving.rules.campaigns import percent_of
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import pay_token
from paidthru.kernel.formats import day_text, money_text, percent_text
from paidthru.kernel.money import Money
from paidthru.membership.queries import membership_of
from paidthru.payments.models import MemberLink
from paidthru.payments.queries import has_open_attempt
from paidthru.runs.joining import owed_for
from paidthru.timeline.operations import Actor
from paidthru.wiring import desk_for

_MOST = 12  # pledges and buttons; older ones are asked for at the organization


@require_http_methods(["GET", "HEAD", "POST"])
@with_link
def pledges_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """The link's party's pledges; posted, one billed instalment is paid."""
    if link.attempt_id is not None:  # it is for confirming one payment only
        return redirect(home_of(request))
    pledges = list(pledges_of(link.organization_id).filter(party=link.party_id)[:_MOST])
    parts = parts_of(one.id for one in pledges)
    billed = [part for one in pledges for part in parts.get(one.id, []) if _asked(part)]
    if request.method == "POST":
        return _to_pay(request, link, billed)
    locale, online = locale_at(link.organization), desk_for(link.organization).gateway.capabilities.online
    paid = fulfilled(one.id for one in pledges)
    facts = tuple(
        fact for one in pledges for fact in _of(one, paid.get(one.id, 0), parts.get(one.id, []), locale)
    )
    asked = [part.invoice for part in billed[:_MOST] if part.invoice is not None] if online else []
    choices = tuple(
        Choice(
            "pay",
            str(one.id),
            _("Pay {amount} now, invoice {invoice}").format(amount=_owed(one, locale), invoice=one.label),
            at == 0,
        )
        for at, one in enumerate(asked)
    )
    notice, tone = said_in(request) or ("", "good")
    ways = [
        Way(_("Change how I pay"), f"{home_of(request)}method/"),
        Way(_("Invoices and receipts"), f"{home_of(request)}documents/"),
        Way(_("What comes, and my calendar"), f"{home_of(request)}calendar/"),
    ]
    if membership_of(link.party_id):
        ways.append(Way(_("See my membership"), f"{home_of(request)}membership/"))
    page = Page(
        _("My pledges"),
        _("To {organization}.").format(organization=link.organization.name)
        if pledges
        else _("You have promised nothing here."),
        facts,
        notice,
        tone,
        action=request.path if choices else "",
        choices=choices,
        asides=(_("What isn’t billed yet is asked for on its date, by mail."),) if pledges else (),
        ways=tuple(ways),
    )
    return show(request, page, link.organization)


def _to_pay(request: HttpRequest, link: MemberLink, billed: Sequence[PledgePart]) -> HttpResponseBase:
    """The page at which an instalment's invoice is paid; one that isn't open any more says so."""
    wanted = request.POST.get("pay", "")
    part = next((one for one in billed if str(one.invoice_id) == wanted), None)
    if part is None or part.invoice is None:
        return sent(request, _("Nothing of that instalment is open any more."), "good")
    actor, now = Actor("member", link.party.name), desk_for(link.organization).clock.now()
    there = make_pay_link(link.organization, part.invoice.id, actor=actor, now=now)
    return redirect(f"/pay/{pay_token(there.id)}/")


def _asked(part: PledgePart) -> bool:
    """Whether an instalment is billed, and neither paid nor being paid."""
    invoice = part.invoice
    return invoice is not None and invoice.state == "sent" and not has_open_attempt(invoice.id)


def _owed(invoice: Invoice, locale: str) -> str:
    return money_text(Money(owed_for(invoice), invoice.currency), locale)


def _of(one: Pledge, paid_minor: int, parts: Sequence[PledgePart], locale: str) -> tuple[Fact, ...]:
    """How far a pledge is, and what of it comes next."""
    promised = one.amount_minor - one.written_down_minor
    made = _("To {campaign}, promised on {day}") if one.campaign else _("Promised on {day}")
    made = made.format(campaign=one.campaign.name if one.campaign else "", day=day_text(one.made_on, locale))
    so_far = (
        _("{percent} of it is paid.").format(
            percent=percent_text(percent_of(paid_minor, promised) * 10_000, locale)
        )
        if promised
        else _("It is canceled.")
    )
    coming = next((part for part in parts if part.invoice_id is None), None)
    note = _("{amount} so far.").format(amount=money_text(Money(paid_minor, one.currency), locale))
    found = [Fact(made, Money(promised, one.currency), f"{note} {so_far}")]
    if coming is not None:
        when = _("Instalment {n} of {count}, billed on {day}.").format(
            n=coming.n, count=len(parts), day=day_text(coming.due_on, locale)
        )
        found.append(Fact(_("Next instalment"), Money(coming.amount_minor, one.currency), when))
    return tuple(found)
