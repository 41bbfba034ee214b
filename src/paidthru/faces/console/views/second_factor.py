"""Signing in beyond the password: the code of an app, a passkey, and the sign-in service of the organization."""

import json

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from paidthru.actions.pass_second_factor import pass_second_factor
from paidthru.actions.use_passkey import use_passkey
from paidthru.faces.console.acting_forms import worded
from paidthru.faces.console.doorkeeper import MINUTES, must_wait_for_code, was_right_code, was_wrong_code
from paidthru.faces.console.entering import (
    actor_of,
    come_in,
    half_in,
    keep_asked,
    passkeys,
    safe_goal,
    take_asked,
)
from paidthru.faces.console.pages import PasskeyAsked, SignInPage
from paidthru.faces.console.parts import Link
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import sign_in_address
from paidthru.organizations.models import CodeGenerator, Passkey, RecoveryCode, User
from paidthru.organizations.rules.ways_in import with_second
from paidthru.wiring import places_of, sign_in_service, vault

SERVICE, BACK = "sign_in_service", "/sign-in/service/back/"


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="The six digits that your app shows, or one of your recovery codes.",
        error_messages={"required": "Type the code."},
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "one-time-code",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )


@sensitive_post_parameters("code", "credential")
@never_cache
def second(request: HttpRequest) -> HttpResponseBase:
    """After the password: a code of the app, a recovery code, or a passkey."""
    found = half_in(request)
    if found is None:
        return redirect("/sign-in/")
    user, kept = found
    form, status = CodeForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        if must_wait_for_code(user):
            form.add_error(None, f"Too many wrong codes. Wait {MINUTES} minutes, then try again.")
            status = 429
        elif "credential" in request.POST or form.is_valid():
            try:
                second_step = _prove(request, user, form)
            except Refused as refused:
                if refused.code != "app_unreadable":
                    was_wrong_code(user)
                form = CodeForm({"code": ""}) if "credential" in request.POST else form
                form.errors.pop("code", None)
                form.add_error(None, worded(refused))
            else:
                was_right_code(user)
                how = with_second(kept["how"], second_step)
                return come_in(request, user, how, safe_goal(request, kept["goal"]), strong=True)
        status = status if status != 200 else 422
    has_app = CodeGenerator.objects.filter(user=user).exists()
    if not has_app:
        form.fields["code"].label = "Recovery code"
        form.fields["code"].help_text = ""
    known = [bytes(one) for one in Passkey.objects.filter(user=user).values_list("public_key", flat=True)]
    asked = None
    if known:
        options, keep = passkeys(request).ask(known)
        keep_asked(request, f"second {user.id}", keep)
        asked = PasskeyAsked("get", json.dumps(options), "Use a passkey")
    page = SignInPage(
        form=form,
        title="One more step",
        button="Go on",
        intro="" if has_app
        else "Use your passkey, or a recovery code if you don’t have it with you.",
        passkey=asked,
        links=(Link("Sign in as somebody else", "/sign-in/"),),
        lost="Phone and recovery codes lost? Ask an admin to remove your second factor under Settings, People. Whoever"
        f" runs the server can do it with: paidthru staff reset-second-factor {user.email}",
    )  # fmt: skip
    return render(request, page.template, {"page": page}, status=status)


def _prove(request: HttpRequest, user: User, form: CodeForm) -> str:
    """By what they have shown it: `passkey`, `code` or `recovery`."""
    now = SystemClock().now()
    if "credential" in request.POST:
        asked = take_asked(request, f"second {user.id}")
        use_passkey(passkeys(request), asked, request.POST["credential"], now=now, user=user)
        return "passkey"
    way = pass_second_factor(
        user, form.cleaned_data["code"], vault(), actor=actor_of(user), now=now, places=places_of(user)
    )
    if way == "recovery":
        left = RecoveryCode.objects.filter(user=user, used_at=None).count()
        messages.warning(request, f"That recovery code is used up; {left} are left. Make new ones in time.")
    return way


@sensitive_post_parameters("credential")
@never_cache
def passkey(request: HttpRequest) -> HttpResponseBase:
    """Signs in with a passkey alone: it knows whose it is, and has asked for a finger or a number."""
    goal = safe_goal(request, request.POST.get("next") or request.GET.get("next") or "")
    if request.user.is_authenticated:
        return redirect(goal)
    form = forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        asked = take_asked(request, "alone")
        try:
            user = use_passkey(
                passkeys(request), asked, request.POST.get("credential", ""), now=SystemClock().now()
            )
        except Refused as refused:
            form.add_error(None, worded(refused))
        else:
            return come_in(request, user, "passkey", goal, strong=True)
    options, keep = passkeys(request).ask([], alone=True)
    keep_asked(request, "alone", keep)
    page = SignInPage(
        form=form,
        next_url=goal,
        title="Sign in with a passkey",
        button="",
        passkey=PasskeyAsked("get", json.dumps(options), "Use a passkey"),
        links=(Link("Sign in with a password", "/sign-in/"),),
    )
    return render(request, page.template, {"page": page}, status=422 if form.errors else 200)


@never_cache
def service(request: HttpRequest) -> HttpResponseBase:
    """Sends the browser to the organization's own sign-in service."""
    there = sign_in_service()
    if there is None:
        return redirect("/sign-in/")
    try:
        address, kept = there.begin(request.build_absolute_uri(BACK))
    except Refused as refused:
        return _not_in(request, refused, 503)
    request.session[SERVICE] = kept | {"goal": safe_goal(request, request.GET.get("next", ""))}
    return redirect(address)


@never_cache
def service_back(request: HttpRequest) -> HttpResponseBase:
    """Back from the service: whoever it vouches for signs in, if they work here. Nobody is added by it."""
    there, kept = sign_in_service(), request.session.pop(SERVICE, {})
    if there is None:
        return redirect("/sign-in/")
    try:
        vouched = there.finish(kept, request.GET.dict(), request.build_absolute_uri(BACK))
        known = User.objects.filter(email=sign_in_address(vouched.email), is_active=True)[:2]
        if len(known) != 1 or not known[0].roles.exists():
            raise Refused(
                "nobody_known",
                f"{vouched.email} doesn’t work here.",
                fix="Ask an admin to add you under People, with this address.",
            )
    except Refused as refused:
        return _not_in(request, refused, 503 if refused.code == "sign_in_service_down" else 403)
    return come_in(request, known[0], "provider", kept["goal"], strong=vouched.strong)


def _not_in(request: HttpRequest, refused: Refused, status: int) -> HttpResponseBase:
    form = forms.Form({})
    form.add_error(None, worded(refused))
    page = SignInPage(
        form=form,
        title=f"Sign in with {settings.OIDC_NAME}",
        button="",
        links=(Link("Try again", "/sign-in/service/"), Link("Sign in with a password", "/sign-in/")),
    )
    return render(request, page.template, {"page": page}, status=status)
