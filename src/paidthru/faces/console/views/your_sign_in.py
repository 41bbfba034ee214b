"""One's own sign-in: the second factor, passkeys, recovery codes, and the browsers that are signed in.

Whoever changes how they sign in shows again who they are (ASVS 7.5.1): an open console isn't enough.
"""

import base64
import json
import secrets
from collections.abc import Callable
from uuid import UUID

import segno
from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from paidthru.actions.drop_second_factor import drop_code_generator, drop_passkey
from paidthru.actions.end_sign_ins import end_sign_ins
from paidthru.actions.keep_code_generator import keep_code_generator
from paidthru.actions.keep_passkey import keep_passkey
from paidthru.actions.renew_recovery_codes import renew_recovery_codes
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting_forms import worded
from paidthru.faces.console.entering import STRONG, is_strong, keep_asked, passkeys, take_asked
from paidthru.faces.console.pages import (
    Confirm,
    ConfirmPage,
    FormPage,
    PasskeyAsked,
    Picture,
    Problem,
    RecordPage,
    Section,
)
from paidthru.faces.console.parts import Action, Badge, Column, Fact, Link, Row, Table
from paidthru.faces.console.proving import ProofForm, proof_form
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import CodeGenerator, Passkey, RecoveryCode, SignIn
from paidthru.organizations.queries import has_second_factor, policies_of, sign_ins_of
from paidthru.organizations.rules.second_factor import spaced
from paidthru.organizations.rules.ways_in import way_in_words
from paidthru.wiring import places_of, vault

_PASSKEYS = (Column("name", "Passkey"), Column("made", "Added", "date"), Column("used", "Used last", "date"))
_BROWSERS = (
    Column("browser", "Browser"), Column("how", "Signed in by"), Column("since", "Since", "date"),
    Column("seen", "Seen last", "date"), Column("this", "Here", "badge"),
)  # fmt: skip
_SET_UP = "code_generator"


@staff_page("view", before_second_factor=True)
def overview(visit: Visit) -> HttpResponseBase:
    """What one signs in with, and where."""
    user, here = visit.user, visit.url("your-sign-in/")
    app = CodeGenerator.objects.filter(user=user).first()
    keys = list(Passkey.objects.filter(user=user).order_by("made_at", "id"))
    left = RecoveryCode.objects.filter(user=user, used_at=None).count()
    alive = sign_ins_of(user, SystemClock().now())
    present = visit.request.session.session_key
    needs = policies_of(visit.organization).word("staff.second_factor") == "on"
    actions = [
        Action(
            "Use another app" if app else "Set up an app",
            f"{here}app/",
            "secondary" if app or keys else "primary",
        ),
        Action("Add a passkey", f"{here}passkeys/add/"),
    ]
    if app or keys:
        actions.append(Action("New recovery codes", f"{here}recovery/"))
    if app:
        actions.append(Action("Remove the app", f"{here}app/remove/"))
    others = [one for one in alive if one.session_key != present]
    return visit.page(
        RecordPage(
            title="Your sign-in",
            badges=(Badge("More than a password", "good") if app or keys else Badge("A password alone", "warn"),),
            intro="With a second factor, whoever finds out your password still can’t sign in.",
            warning=Problem(
                f"{visit.organization.name} needs a second factor",
                "Sign out, and in again with your second factor: this browser came in without it."
                if app or keys
                else "Set up an app that makes codes, or a passkey; then everything else opens.",
            )
            if needs and not is_strong(visit.request)
            else None,
            facts=(
                Fact("E-mail", user.email),
                Fact("App that makes codes", app.made_at if app else "None", "since then" if app else ""),
                Fact("Recovery codes left", left, "each good once") if app or keys else Fact("Recovery codes", "None"),
            ),
            actions=tuple(actions),
            sections=(
                Section(
                    "passkeys",
                    "Passkeys",
                    Table(
                        _PASSKEYS,
                        tuple(
                            Row((one.name, one.made_at, one.used_at), f"{here}passkeys/{one.id}/remove/")
                            for one in keys
                        ),
                        "Passkeys",
                    ),
                ),
                Section(
                    "browsers",
                    "Where you are signed in",
                    Table(
                        _BROWSERS,
                        tuple(
                            Row(
                                (
                                    one.browser, way_in_words(one.how).capitalize(), one.started_at, one.seen_at,
                                    Badge("This one", "good") if one.session_key == present else None,
                                ),
                                None if one.session_key == present else f"{here}browsers/{one.id}/",
                            )
                            for one in alive
                        ),
                        "Where you are signed in",
                    ),
                    actions=(Action("Sign all others out", f"{here}others/", method="post"),) if others else (),
                ),
            ),
        )
    )  # fmt: skip


@staff_page("view", before_second_factor=True)
def browser(visit: Visit, sign_in_id: UUID) -> HttpResponseBase:
    """Signs one of one's own browsers out."""
    one = SignIn.objects.filter(user=visit.user, id=sign_in_id).first()
    back = visit.url("your-sign-in/")
    if one is None:
        raise Http404
    if visit.request.method == "POST":
        end_sign_ins(visit.user, [one], actor=visit.actor, places=places_of(visit.user))
        messages.success(visit.request, f"{one.browser} is signed out.")
        return redirect(back)
    page = ConfirmPage(
        title=f"Sign {one.browser} out?",
        confirm=Confirm(
            f"{back}browsers/{one.id}/",
            "Sign it out",
            ("Whoever sits there has to sign in again.",),
            cancel_url=back,
        ),
        facts=(
            Fact("Signed in by", way_in_words(one.how).capitalize()),
            Fact("Signed in since", one.started_at),
            Fact("Seen last", one.seen_at),
        ),
        crumbs=_crumbs(visit),
    )
    return visit.page(page)


@staff_page("view", before_second_factor=True)
def others(visit: Visit) -> HttpResponseBase:
    """Signs all of one's own browsers out but this one."""
    if visit.request.method == "POST":
        present = visit.request.session.session_key
        alive = [one for one in sign_ins_of(visit.user, SystemClock().now()) if one.session_key != present]
        gone = end_sign_ins(visit.user, alive, actor=visit.actor, places=places_of(visit.user))
        said = {0: "There were no others.", 1: "One other browser is signed out."}
        messages.success(visit.request, said.get(gone, f"{gone} other browsers are signed out."))
    return redirect(visit.url("your-sign-in/"))


@sensitive_post_parameters()
@never_cache
@staff_page("view", before_second_factor=True)
def app(visit: Visit) -> HttpResponseBase:
    """Sets up the app that makes codes: its picture, its secret in letters, and a first code that proves it."""
    user, session = visit.user, visit.request.session
    form = proof_form(visit, visit.request.POST or None, _CodeField)
    kept = session.get(_SET_UP)
    if visit.request.method == "POST" and kept:
        secret = vault().open(user.id, base64.b64decode(kept))
        if form.is_valid() and form.proves(visit):
            try:
                codes = keep_code_generator(
                    user, secret, form.cleaned_data["code"], vault(),
                    actor=visit.actor, now=SystemClock().now(), places=places_of(user), here=session.session_key or "",
                )  # fmt: skip
            except Refused as refused:
                form.add_error("code", worded(refused))
            else:
                del session[_SET_UP]
                return _kept(visit, "The app is set up.", codes)
    else:
        secret = base64.b32encode(secrets.token_bytes(20)).decode()
        session[_SET_UP] = base64.b64encode(vault().seal(user.id, secret)).decode()
    told = urlencode({"secret": secret, "issuer": "Paidthru"})
    drawn = segno.make(f"otpauth://totp/Paidthru:{urlencode({'': user.email})[1:]}?{told}", error="m")
    page = FormPage(
        title="Set up an app that makes codes",
        form=form,
        submit_label="Use this app",
        cancel_url=visit.url("your-sign-in/"),
        intro="Take any app for one-time codes, on your phone or in your password manager. Let it read the picture, or"
        " type the secret; then type the code that it shows.",
        picture=Picture(drawn.svg_data_uri(scale=5, border=4, light="#fff"), "QR code; the secret is below"),
        facts=(Fact("Secret", spaced(secret.lower())),),
        crumbs=_crumbs(visit),
    )
    return visit.page(page, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@staff_page("view", before_second_factor=True)
def remove_app(visit: Visit) -> HttpResponseBase:
    """The app is no second factor any more."""
    return _with_proof(
        visit,
        "Remove the app",
        lambda: drop_code_generator(visit.user, actor=visit.actor, places=places_of(visit.user)),
        "The app is removed.",
    )


@sensitive_post_parameters()
@never_cache
@staff_page("view", before_second_factor=True)
def remove_passkey(visit: Visit, passkey_id: UUID) -> HttpResponseBase:
    """A passkey opens nothing any more."""
    found = Passkey.objects.filter(user=visit.user, id=passkey_id).first()
    if found is None:
        raise Http404
    return _with_proof(
        visit,
        f"Remove the passkey {found.name}",
        lambda: drop_passkey(visit.user, found.id, actor=visit.actor, places=places_of(visit.user)),
        f"The passkey {found.name} is removed.",
    )


@sensitive_post_parameters()
@never_cache
@staff_page("view", before_second_factor=True)
def recovery(visit: Visit) -> HttpResponseBase:
    """Ten new recovery codes; the earlier ones are good no more."""
    if not has_second_factor(visit.user):
        return redirect(visit.url("your-sign-in/"))
    form = proof_form(visit, visit.request.POST or None, ProofForm)
    if visit.request.method == "POST" and form.is_valid() and form.proves(visit):
        codes = renew_recovery_codes(visit.user, actor=visit.actor, places=places_of(visit.user))
        return _kept(visit, "These replace the earlier ones.", codes)
    return _asks(visit, form, "New recovery codes", "The earlier ones are good no more.")


@sensitive_post_parameters()
@never_cache
@staff_page("view", before_second_factor=True)
def add_passkey(visit: Visit) -> HttpResponseBase:
    """Adds a passkey: this device's, a phone's, or one on a stick."""
    user, request = visit.user, visit.request
    form = proof_form(visit, request.POST or None, _NameField)
    if request.method == "POST":
        asked = take_asked(request, f"add {user.id}")
        if form.is_valid() and form.proves(visit):
            try:
                codes = keep_passkey(
                    user, form.cleaned_data["name"], passkeys(request), asked, request.POST.get("credential", ""),
                    actor=visit.actor, now=SystemClock().now(), places=places_of(user),
                    here=request.session.session_key or "",
                )  # fmt: skip
            except Refused as refused:
                form.add_error(None, worded(refused))
            else:
                return _kept(visit, "The passkey is added.", codes)
    known = [bytes(one) for one in Passkey.objects.filter(user=user).values_list("public_key", flat=True)]
    options, keep = passkeys(request).offer(user.id, user.email, user.name, known)
    keep_asked(request, f"add {user.id}", keep)
    page = FormPage(
        title="Add a passkey",
        form=form,
        cancel_url=visit.url("your-sign-in/"),
        intro="Your device keeps a key and opens it by your finger, your face or a number. With it you sign in without"
        " a password, or after it.",
        passkey=PasskeyAsked("create", json.dumps(options), "Make the passkey"),
        crumbs=_crumbs(visit),
    )
    return visit.page(page, status=422 if form.errors else 200)


class _CodeField(ProofForm):
    code = forms.CharField(
        label="Code that the app shows",
        max_length=20,
        error_messages={"required": "Type the code."},
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "one-time-code", "inputmode": "numeric"}
        ),
    )
    field_order = ("code", "proof")


class _NameField(ProofForm):
    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="By which you know it again, such as “Phone”.",
        error_messages={"required": "Give it a name."},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    field_order = ("name", "proof")


def _with_proof(visit: Visit, title: str, act: Callable[[], object], said: str) -> HttpResponseBase:
    form = proof_form(visit, visit.request.POST or None, ProofForm)
    if visit.request.method == "POST" and form.is_valid() and form.proves(visit):
        act()
        if not has_second_factor(visit.user):
            visit.request.session[STRONG] = False
        messages.success(visit.request, said)
        return redirect(visit.url("your-sign-in/"))
    return _asks(visit, form, title, "")


def _asks(visit: Visit, form: ProofForm, title: str, intro: str) -> HttpResponseBase:
    page = FormPage(
        title=title, form=form, submit_label=title, cancel_url=visit.url("your-sign-in/"), intro=intro,
        crumbs=_crumbs(visit),
    )  # fmt: skip
    return visit.page(page, status=422 if form.errors else 200)


def _kept(visit: Visit, said: str, codes: list[str]) -> HttpResponseBase:
    """Back to the overview; or first the new recovery codes, which are shown on this page and never again."""
    visit.request.session[STRONG] = True
    if not codes:
        messages.success(visit.request, said)
        return redirect(visit.url("your-sign-in/"))
    rows = tuple(Row((code,)) for code in codes)
    return visit.page(
        RecordPage(
            title="Your recovery codes",
            intro=f"{said} Each of these signs you in once when your phone is lost. Print them or write them down now:"
            " they are not shown again.",
            sections=(
                Section(
                    "codes",
                    "Recovery codes",
                    Table((Column("code", "Code", "code"),), rows, "Recovery codes"),
                ),
            ),
            actions=(Action("I have them", visit.url("your-sign-in/"), "primary"),),
            printable=True,
            crumbs=_crumbs(visit),
        )
    )


def _crumbs(visit: Visit) -> tuple[Link, ...]:
    return (Link("Your sign-in", visit.url("your-sign-in/")),)
