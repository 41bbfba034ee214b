"""A member's visits behind their secret link: when they came, what each was, and what it cost (C-26, C-28)."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_safe

from paidthru.actions.record_visit import covered_by
from paidthru.faces.portal.languages import locale_at
from paidthru.faces.portal.pages import Fact, Page, Way
from paidthru.faces.portal.reworded import reworded
from paidthru.faces.portal.showing import home_of, show, who_at
from paidthru.faces.portal.views import with_link
from paidthru.kernel.formats import instant_text
from paidthru.kernel.money import Money
from paidthru.payments.models import MemberLink
from paidthru.visits.models import Visit
from paidthru.visits.queries import visits_of
from paidthru.wiring import desk_for

_MOST = 60
_FREE = {"included": _lazy("Included"), "overage": _lazy("Free"), "non_member": _lazy("Free")}


@require_safe
@with_link
def visits_page(request: HttpRequest, link: MemberLink) -> HttpResponseBase:
    """The visits of the link's party, the newest first."""
    if link.attempt_id is not None:  # it is for confirming one payment only
        return redirect(home_of(request))
    found = list(visits_of(link.organization_id).filter(party_id=link.party_id)[: _MOST + 1])
    facts = [*_left(link), *(_visit(one, link) for one in found[:_MOST])]
    asides = list[str]()
    if len(found) > _MOST:
        most = _("These are the last {count}; ask {organization} for earlier ones.")
        asides.append(most.format(count=_MOST, organization=link.organization.name))
    page = Page(
        _("My visits") if found else _("There are no visits yet"),
        who_at(link),
        tuple(facts),
        ways=(Way(_("Back"), home_of(request)),),
        asides=tuple(asides),
    )
    return show(request, page, link.organization)


def _left(link: MemberLink) -> tuple[Fact, ...]:
    """How many of the visits that the plan includes are used in this cycle."""
    covered = covered_by(link.organization, link.party_id, desk_for(link.organization).today)
    if covered is None or not covered.allowance.included:
        return ()
    used = _("{used} of {count} used").format(used=covered.allowance.used, count=covered.allowance.included)
    return (Fact(_("Visits of this cycle"), used, _("The count begins anew with the next cycle.")),)


def _visit(one: Visit, link: MemberLink) -> Fact:
    organization = link.organization
    at = instant_text(one.at, organization.zone, locale_at(organization))
    costs = Money(one.amount_minor, one.price.currency) if one.amount_minor else str(_FREE[one.verdict])
    notes = [f"{one.price.name}.", reworded(one.why)]
    if one.invoice is not None:
        notes.append(_("Invoice {invoice}.").format(invoice=one.invoice.label))
    elif one.bill_on is not None:
        notes.append(_("Billed on {day}.").format(day=one.bill_on.isoformat()))
    return Fact(at, costs, " ".join(notes))
