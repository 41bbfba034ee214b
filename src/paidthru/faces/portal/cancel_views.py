"""Canceling behind a secret link, and taking it back: read first, done once (C-41, C-44 to C-46)."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.faces.portal.member_sentences import ending, stands_for
from paidthru.faces.portal.member_views import done, member_of, of_member, refused_at_home
from paidthru.faces.portal.pages import Choice, Page, Way
from paidthru.faces.portal.showing import home_of, show
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.membership.models import Membership
from paidthru.membership.queries.ending import CancelPreview, cancel_preview
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import MemberLink
from paidthru.runs.ending import cancel
from paidthru.wiring import desk_for


@require_safe
@of_member
def cancel_page(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """What canceling means, before it is done."""
    desk = desk_for(link.organization)
    try:
        preview = cancel_preview(membership, policies_of(link.organization), desk.today, by_staff=False)
    except Refused as refused:
        return refused_at_home(request, link, membership, refused)
    if membership.state in ("ended", "ending"):
        return redirect(home_of(request))
    return _canceling(request, link, membership, preview)


@require_POST
@of_member
def cancel_confirmed(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """Cancels as it was read; the same act as staff's, with another actor (C-41, C-46)."""
    if membership.state == "ending":  # pressed twice
        return redirect(f"{home_of(request)}membership/")
    desk = desk_for(link.organization)
    try:
        if membership.state != "ended":
            preview = cancel_preview(membership, policies_of(link.organization), desk.today, by_staff=False)
            if request.POST.get("key", "").partition(":")[2] != stands_for(preview):
                notice = _("What canceling means has changed. Please read it again.")
                return _canceling(request, link, membership, preview, notice=notice, status=409)
        canceled = cancel(desk, membership.id, actor=member_of(link), key=_key(request))
    except Refused as refused:
        return refused_at_home(request, link, membership, refused)
    membership.refresh_from_db()
    over = membership.state == "ended"
    notice = (
        _("Your membership has ended.")
        if over
        else _("Canceled: the last day of your membership is {day}.").format(
            day=(canceled.on - timedelta(days=1)).isoformat()
        )
    )
    return done(request, notice)


@require_POST
@of_member
def undo(request: HttpRequest, link: MemberLink, membership: Membership) -> HttpResponseBase:
    """Takes a cancellation back before it takes effect."""
    now = desk_for(link.organization).clock.now()
    try:
        undo_cancellation(link.organization, membership.id, actor=member_of(link), now=now)
    except Refused as refused:
        if refused.code != "not_canceled":  # pressed twice
            return refused_at_home(request, link, membership, refused)
    return done(request, _("Your membership goes on."))


def _canceling(
    request: HttpRequest,
    link: MemberLink,
    membership: Membership,
    preview: CancelPreview,
    *,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    home = home_of(request)
    key = f"{new_id()}:{stands_for(preview)}"
    page = Page(
        _("Cancel your membership?"),
        _("{plan} at {organization}.").format(plan=membership.plan.name, organization=link.organization.name),
        notice=notice,
        tone="warn",
        action=f"{home}cancel/confirm/",
        choices=(Choice("key", key, _("Cancel my membership"), primary=True),),
        consequences=ending(preview),
        ways=(Way(_("Keep it"), f"{home}membership/"),),
    )
    return show(request, page, link.organization, status)


def _key(request: HttpRequest) -> str | None:
    """The key of what is confirmed, in a name of its own."""
    key = request.POST.get("key", "").replace("\0", "")[:40]
    return f"portal {key}" if key else None
