"""Signing in and out, choosing an organization, and moving a sandbox's time."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from paidthru.actions.set_password import set_password as set_password_to
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.doorkeeper import MINUTES, must_wait, was_right, was_wrong
from paidthru.faces.console.entering import actor_of, come_in, safe_goal
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Problem, ProgressPage, SignInPage
from paidthru.faces.console.parts import Link
from paidthru.kernel.clock import local_date, local_instant
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import sign_in_address
from paidthru.membership.models import Membership
from paidthru.membership.queries import next_due
from paidthru.organizations.models import User
from paidthru.organizations.operations import set_goal
from paidthru.organizations.queries import organizations_of
from paidthru.runs import advance, day_is_done, take_turn
from paidthru.wiring import enqueue_work, places_of, sign_in_service

AT_ONCE = 150  # memberships for which a page itself moves the time; with more a worker does, and the page shows how far


_FORGOTTEN = (
    "Password forgotten? Ask an admin for a link to set another; they make it under Settings, People. Whoever runs the"
    " server can set one with: paidthru staff add --password-stdin"
)


class SignInForm(AuthenticationForm):
    """E-mail and password. The address may be typed in any case; which of the two was wrong isn't told."""

    error_messages = {
        "invalid_login": "The e-mail address or the password is wrong.",
        "inactive": "The e-mail address or the password is wrong.",
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["username"].label = "E-mail"
        self.fields["username"].error_messages["required"] = "Enter your e-mail address."
        self.fields["password"].error_messages["required"] = "Enter your password."

    def clean_username(self) -> str:
        """The address as it is stored."""
        return sign_in_address(self.cleaned_data["username"])

    def clean(self) -> dict[str, object]:
        """As Django does, unless there were too many wrong ones before."""
        assert self.request is not None  # as the view makes it
        typed = str(self.cleaned_data.get("username") or "")
        if must_wait(self.request, typed):
            raise forms.ValidationError(
                f"Too many wrong passwords. Wait {MINUTES} minutes, then try again.", code="too_many"
            )
        try:
            cleaned: dict[str, object] = super().clean()
        except forms.ValidationError:
            was_wrong(self.request, typed)
            raise
        if self.user_cache is not None:
            was_right(self.request, typed)
        return cleaned


@sensitive_post_parameters("password")
@never_cache
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """E-mail and password; then the page that was asked for."""
    goal = safe_goal(request, request.POST.get("next") or request.GET.get("next") or "", "/")
    if request.user.is_authenticated:
        return redirect(goal)
    if not User.objects.exists():
        return redirect("/welcome/")
    form = SignInForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.get_user()
        assert isinstance(user, User)
        return come_in(request, user, "password", goal)
    status = 429 if form.has_error("__all__", "too_many") else 422 if form.errors else 200
    page = SignInPage(form=form, next_url=goal, links=_other_ways(goal), lost=_FORGOTTEN)
    return render(request, page.template, {"page": page}, status=status)


def _other_ways(goal: str) -> tuple[Link, ...]:
    tail = "" if goal == "/" else f"?{urlencode({'next': goal})}"
    ways = (Link("Sign in with a passkey", f"/sign-in/passkey/{tail}"),)
    if sign_in_service() is None:
        return ways
    return (Link(f"Sign in with {settings.OIDC_NAME}", f"/sign-in/service/{tail}"), *ways)


@sensitive_post_parameters("new_password1", "new_password2")
@never_cache
def set_password(request: HttpRequest, user: str, token: str) -> HttpResponseBase:
    """Sets a password by a link that an admin has handed over; it works once."""
    try:
        found = User.objects.filter(id=UUID(hex=user)).first()
    except ValueError:
        found = None
    if found is None or not default_token_generator.check_token(found, token):
        page = Problem(
            "This link doesn’t work any more", "It works once, for three days.", way_out="Ask for a new one."
        )
        return render(request, page.template, {"page": page}, status=404)
    form = SetPasswordForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        set_to = form.cleaned_data["new_password1"]
        set_password_to(found, set_to, actor=actor_of(found), places=places_of(found))
        return come_in(request, found, "link", "/")
    for field in form.fields.values():
        field.widget.attrs["class"] = "input"
    page_ = SignInPage(form=form, title="Choose a password", button="Keep it and sign in")
    return render(request, page_.template, {"page": page_}, status=422 if form.errors else 200)


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


@staff_page("move_time")
def move_time(visit: Visit) -> HttpResponseBase:
    """Moves a sandbox to the next day, the next renewal or a date, doing on the way all that falls due.

    A large organization is moved by a worker, and the page shows how far it is. A live one's time can't be moved.
    """
    organization = visit.organization
    if not organization.is_sandbox:
        raise Refused(
            "not_a_sandbox",
            "A live organization's time can't be moved.",
            field="to",
            fix="Try it in a sandbox organization.",
        )
    if organization.forked_from is not None:
        raise Refused(
            "not_for_a_copy",
            "The time of a copy is moved by its rehearsal alone.",
            field="to",
            fix="Rehearse more months instead.",
        )
    back = safe_goal(
        visit.request, visit.request.POST.get("next") or visit.request.GET.get("next") or "", visit.url()
    )
    if visit.request.method != "POST":
        return _on_the_way(visit, back)
    if organization.sandbox_goal is not None:
        raise Refused(
            "time_is_moving",
            "The time is on its way already.",
            field="move",
            fix="Wait until it has arrived, then move on.",
        )
    start = visit.desk.today
    to = _instant(visit, visit.request.POST.get("move", ""), visit.request.POST.get("to", ""))
    if Membership.objects.filter(organization=organization)[AT_ONCE : AT_ONCE + 1].exists():
        set_goal(organization, to)
        enqueue_work(organization.id)
        return redirect(visit.url("time/?") + urlencode({"from": start.isoformat(), "next": back}))
    with take_turn(organization.id):
        advance(visit.desk, to)
    _say_arrived(visit)
    return redirect(back)


def _say_arrived(visit: Visit) -> None:
    day = day_text(visit.desk.today, visit.organization.locale)
    messages.success(visit.request, f"It is now {day}. Everything due until then is done.")


def _on_the_way(visit: Visit, back: str) -> HttpResponseBase:
    """How far a worker has come with moving the time."""
    goal, today = visit.organization.sandbox_goal, visit.desk.today
    request = visit.request
    if goal is None and not request.htmx:  # type: ignore[attr-defined]
        if "from" in request.GET:
            _say_arrived(visit)
        return redirect(back)
    there = local_date(goal, visit.organization.zone) if goal else today
    try:
        start = min(date.fromisoformat(request.GET.get("from", "")), today)
    except ValueError:
        start = today
    page = ProgressPage(
        title="Moving the time",
        label=f"To {day_text(there, visit.organization.locale)}, doing what falls due on the way",
        done=(today - start).days,
        total=(there - start).days or 1,
        poll_url=request.get_full_path(),
        state="running" if goal else "done",
        detail=f"It is now {day_text(today, visit.organization.locale)}.",
        result=None if goal else Link("Go on", back),
        noun=("day", "days"),
    )
    return visit.part("console/parts/progress.html", page) if request.htmx else visit.page(page)  # type: ignore[attr-defined]


def _instant(visit: Visit, move: str, to: str) -> datetime:
    zone, today = visit.organization.zone, visit.desk.today
    if move == "renewal":
        due = next_due(visit.organization.id)
        if due is None:
            raise Refused(
                "nothing_due", "No membership renews by itself.", field="move", fix="Choose a date instead."
            )
        return max(day_is_done(visit.desk, due), visit.desk.clock.now())
    if move == "day":
        return day_is_done(visit.desk, today + timedelta(days=1))
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
