"""The pages that a payer sees: the hosted page of a checkout session, and the bank's question of an intent.

GET shows a form, POST answers it and leads back, as Stripe does; both are plain HTML, for a browser test or a person.
"""

from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, urlencode

from tests.stripe_stand_in import confirming, sessions
from tests.stripe_stand_in.account import Account
from tests.stripe_stand_in.catalogue import TOKENS
from tests.stripe_stand_in.errors import Json, Problem

LEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Stripe stand-in</title>'


@dataclass(frozen=True, slots=True)
class Page:
    """`location`: where a 303 leads."""

    status: int
    html: str
    location: str | None = None


def page(account: Account, method: str, path: str, body: str) -> Page:
    """/c/pay/{session} and /3ds/{payment_intent}; the account's lock is held."""
    form = {name: values[-1] for name, values in parse_qs(body).items()}
    try:
        if path.startswith("/c/pay/"):
            session = account.find(path.removeprefix("/c/pay/"))
            return _pay(account, session) if method == "GET" else _paid(account, session, form)
        if path.startswith("/3ds/"):
            intent = account.find(path.removeprefix("/3ds/"))
            return _question(intent) if method == "GET" else _answered(account, intent, form)
    except KeyError:
        pass
    except Problem as problem:
        return Page(problem.status, f"{LEAD}<p>{escape(str(problem))}</p>")
    return Page(404, f"{LEAD}<p>There is no such page.</p>")


def _pay(account: Account, session: Json) -> Page:
    if session["status"] != "open":
        return Page(410, f"{LEAD}<p>This page is {session['status']}.</p>")
    choices = "".join(
        f"<option>{token}</option>"
        for token, stands_for in TOKENS.items()
        if stands_for.kind in session["payment_method_types"]
    )
    cancel = session["cancel_url"]
    back = f'<p><a href="{escape(cancel)}">Back</a></p>' if cancel else ""
    return Page(
        200,
        f"{LEAD}<h1>{escape(account.profile['display_name'])}</h1><form method='post'><label>Test method "
        f"<select name='token'>{choices}</select></label> <button>Save</button></form>{back}",
    )


def _paid(account: Account, session: Json, form: dict[str, str]) -> Page:
    if not sessions.complete(account, session, form.get("token", "pm_card_visa")):
        refused = account.find(session["setup_intent"])["last_setup_error"]["message"]
        return Page(402, f"{LEAD}<p>{escape(refused)}</p>")
    to = (session["success_url"] or session["return_url"] or "").replace(
        "{CHECKOUT_SESSION_ID}", session["id"]
    )
    return Page(303, "", to) if to else Page(200, f"{LEAD}<p>Saved.</p>")


def _question(intent: Json) -> Page:
    if intent["status"] != "requires_action":
        return Page(410, f"{LEAD}<p>Nothing is asked.</p>")
    amount = f"{intent['amount']} {intent['currency']}"
    return Page(
        200,
        f"{LEAD}<h1>Your bank asks</h1><p>{amount}, in minor units</p><form method='post'>"
        "<button name='answer' value='yes'>Complete</button> <button name='answer' value='no'>Fail</button></form>",
    )


def _answered(account: Account, intent: Json, form: dict[str, str]) -> Page:
    succeed = form.get("answer", "yes") == "yes"
    try:
        confirming.answer_bank(account, intent, succeed=succeed)
    except Problem as problem:
        if problem.status != 402:
            raise
        succeed = False
    to = account.intents[intent["id"]].return_url
    if not to:
        return Page(200, f"{LEAD}<p>You may close this page.</p>")
    said = {
        "payment_intent": intent["id"],
        "payment_intent_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if succeed else "failed",
    }
    return Page(303, "", f"{to}{'&' if '?' in to else '?'}{urlencode(said)}")
