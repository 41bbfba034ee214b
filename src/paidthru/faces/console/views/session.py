"""Signing in and out, choosing an organization, and moving a sandbox's time."""

from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Problem, SignInPage
from paidthru.kernel.clock import local_instant
from paidthru.kernel.errors import Refused
from paidthru.membership.queries import next_due
from paidthru.organizations.models import User
from paidthru.organizations.queries import organizations_of
from paidthru.runs import BILLING_AT, advance


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """E-mail and password; then the page that was asked for."""
    form = AuthenticationForm(request, data=request.POST or None)
    form.fields["username"].label = "E-mail"
    goal = request.POST.get("next") or request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(goal, allowed_hosts={request.get_host()}):
        goal = "/"
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return redirect(goal)
    page = SignInPage(form=form, next_url=goal)
    return render(request, page.template, {"page": page})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Ends the session."""
    logout(request)
    return redirect("/sign-in/")


@login_required
def home(request: HttpRequest) -> HttpResponseBase:
    """The first organization in which the person has a role."""
    assert isinstance(request.user, User)
    known = organizations_of(request.user)
    if known:
        return redirect(f"/o/{known[0].slug}/")
    page = Problem(
        "No organization yet",
        "You are signed in, but have no role in any organization.",
        way_out="Ask an administrator to give you one: paidthru staff add.",
    )
    return render(request, page.template, {"page": page}, status=403)


@staff_page("view")
def organization_home(visit: Visit) -> HttpResponse:
    """Where an organization's console starts."""
    return redirect(visit.url("members/"))


@staff_page("move_time")
def move_time(visit: Visit) -> HttpResponseBase:
    """Moves a sandbox to the next day, the next renewal or a date, doing on the way all that falls due."""
    if visit.request.method != "POST":
        return redirect(visit.url())
    posted = visit.request.POST
    to = _instant(visit, posted.get("move", ""), posted.get("to", ""))
    advance(visit.desk, to)
    messages.success(
        visit.request, f"It is now {day_text(visit.desk.today)}. Everything due until then is done."
    )
    back = posted.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={visit.request.get_host()})
    return redirect(back if safe else visit.url())


def _instant(visit: Visit, move: str, to: str) -> datetime:
    zone, today = visit.organization.zone, visit.desk.today
    if move == "renewal":
        due = next_due(visit.organization.id)
        if due is None:
            raise Refused(
                "nothing_due", "No membership renews by itself.", field="move", fix="Choose a date instead."
            )
        return max(local_instant(due, BILLING_AT, zone), visit.desk.clock.now())
    if move == "day":
        return local_instant(today + timedelta(days=1), BILLING_AT, zone)
    try:
        day = date.fromisoformat(to)
    except ValueError as error:
        raise Refused(
            "date_invalid", f"“{to}” is no date.", field="to", value=to, fix="Write it as 2026-03-15."
        ) from error
    if day <= today:
        raise Refused(
            "past_date", "Time never runs backwards.", field="to", value=to, fix="Choose a later day."
        )
    if (day - today).days > 3 * 366:
        raise Refused(
            "too_far",
            "That is more than three years ahead.",
            field="to",
            value=to,
            fix="Move in smaller steps.",
        )
    return local_instant(day, time(12, 0), zone)
