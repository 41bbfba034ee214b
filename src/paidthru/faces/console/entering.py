"""How somebody comes in, whichever way they proved who they are: past the second factor if they have one, then the
session is theirs. The policy that staff need a second factor is kept here too."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import login
from django.core.cache import cache
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from paidthru.actions.sign_in import sign_in
from paidthru.kernel.clock import SystemClock
from paidthru.organizations.models import User
from paidthru.organizations.operations import note_seen
from paidthru.organizations.queries import has_second_factor
from paidthru.organizations.vault import Passkeys
from paidthru.timeline.operations import Actor
from paidthru.wiring import passkeys_at, places_of

HALF_IN, STRONG, ASKED = "half_in", "strong", "passkey_asked"
HALF_IN_FOR = 10 * 60  # seconds between the password and the code (ASVS 6.5.5)
ASKED_FOR = 5 * 60  # seconds in which a passkey has to answer
SEEN_EVERY = 5 * 60  # seconds between two notes that a browser was here


def actor_of(user: User) -> Actor:
    """The user as they stand in the timeline."""
    return Actor("staff", user.name or user.email, str(user.id))


def safe_goal(request: HttpRequest, goal: str, otherwise: str = "/") -> str:
    """An address of ours; one that leads elsewhere is replaced."""
    hosts = {request.get_host()}
    ours = url_has_allowed_host_and_scheme(goal, allowed_hosts=hosts, require_https=request.is_secure())
    return goal if ours else otherwise


def come_in(
    request: HttpRequest, user: User, how: str, goal: str, *, strong: bool = False
) -> HttpResponseBase:
    """Signs the browser in and leads on; or, where the user has a second factor and this way wasn't `strong`, asks
    for it first."""
    if not strong and has_second_factor(user):
        request.session.cycle_key()
        request.session[HALF_IN] = {
            "user": user.id.hex,
            "proof": user.get_session_auth_hash(),  # another password ends it
            "at": SystemClock().now().timestamp(),
            "how": how,
            "goal": goal,
        }
        return redirect("/sign-in/second/")
    request.session.pop(HALF_IN, None)
    login(request, user)
    request.session[STRONG] = strong
    assert request.session.session_key  # login() has made one
    sign_in(
        user, request.session.session_key, agent=request.headers.get("User-Agent", ""), how=how, actor=actor_of(user),
        now=SystemClock().now(), places=places_of(user),
    )  # fmt: skip
    return redirect(goal)


def half_in(request: HttpRequest) -> tuple[User, dict[str, Any]] | None:
    """Who has proved the first half of who they are, some minutes ago at most, and how; None for nobody."""
    kept = request.session.get(HALF_IN)
    if not kept or SystemClock().now().timestamp() - kept["at"] > HALF_IN_FOR:
        request.session.pop(HALF_IN, None)
        return None
    user = User.objects.filter(id=kept["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != kept["proof"]:
        return None
    return user, kept


def here_is(request: HttpRequest, user: User) -> None:
    """Notes that the browser was here, every few minutes and not at each page."""
    key = request.session.session_key
    if key and cache.add(f"seen:{key}", 1, SEEN_EVERY):
        note_seen(user, key, request.headers.get("User-Agent", ""), SystemClock().now())


def is_strong(request: HttpRequest) -> bool:
    """Whether more than a password stands behind this sign-in: what was set up elsewhere since doesn’t make it so."""
    return bool(request.session.get(STRONG))


def ask_again(request: HttpRequest, user: User) -> HttpResponseBase:
    """Asks somebody who came in by the password alone for the second factor that they have by now."""
    return come_in(request, user, "password", request.get_full_path() if request.method == "GET" else "/")


def passkeys(request: HttpRequest) -> Passkeys:
    """Passkeys of the site that the browser has called."""
    host = request.get_host()
    return passkeys_at(urlsplit(f"//{host}").hostname or host, f"{request.scheme}://{host}")


def keep_asked(request: HttpRequest, purpose: str, kept: dict[str, Any]) -> None:
    """Keeps what a passkey was asked, for one answer to the same purpose."""
    request.session[ASKED] = {"for": purpose, "kept": kept, "at": SystemClock().now().timestamp()}


def take_asked(request: HttpRequest, purpose: str) -> dict[str, Any]:
    """What a passkey was asked, once; empty where nothing was, or too long ago: then no answer is good."""
    asked = request.session.pop(ASKED, None)
    if not asked or asked["for"] != purpose or SystemClock().now().timestamp() - asked["at"] > ASKED_FOR:
        return {}
    kept: dict[str, Any] = asked["kept"]
    return kept
