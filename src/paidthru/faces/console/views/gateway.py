"""Settings of the processor's account: connect, test, change its secrets, disconnect; and how its events stand."""

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.gateway_forms import KeysForm, WebhookSecretForm
from paidthru.faces.console.gateway_pages import TITLE, account_page, unconnected_page
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Link
from paidthru.kernel.errors import Refused
from paidthru.payments.models import GatewayAccount
from paidthru.payments.queries.accounts import connected_account
from paidthru.timeline.queries import events_in_trouble, inbox_health
from paidthru.wiring import (
    API_VERSION,
    WEBHOOK_EVENTS,
    GatewayKeys,
    check_account,
    connect_account,
    disconnect_account,
    key_hint,
    rotate_key,
    rotate_webhook,
)

_HOME = "settings/payments/"
_NEVER_HERE = "Cards and bank accounts are never typed here: members do that on Stripe’s page."
_SEALED = "Keys are stored sealed, and are never shown again."


def _crumbs(visit: Visit, *, inside: bool = False) -> tuple[Link, ...]:
    settings = Link("Settings", visit.url("settings/"))
    return (settings, Link(TITLE, visit.url(_HOME))) if inside else (settings,)


def _account(visit: Visit) -> GatewayAccount:
    account = connected_account(visit.organization.id)
    if account is None:
        raise Http404
    return account


@staff_page("connect_gateway")
def processor(visit: Visit) -> HttpResponseBase:
    """The account that the organization collects through, and how its events stand."""
    account = connected_account(visit.organization.id)
    if account is None:
        page = unconnected_page(
            visit.url(_HOME), sandbox=visit.organization.is_sandbox, crumbs=_crumbs(visit)
        )
        return visit.page(page, "settings")
    page = account_page(
        account,
        url=visit.url(_HOME),
        address=f"{visit.desk.public_url}/webhooks/{account.id}/",
        key_hint=key_hint(account),
        health=inbox_health(visit.organization.id, account.gateway),
        troubled=events_in_trouble(visit.organization.id, account.gateway, limit=20),
        event_kinds=WEBHOOK_EVENTS,
        version=API_VERSION,
        now=visit.desk.clock.now(),
        crumbs=_crumbs(visit),
    )
    return visit.page(page, "settings")


@staff_page("connect_gateway")
def connect(visit: Visit) -> HttpResponseBase:
    """Connects an account: its keys are tested, then sealed."""
    form = KeysForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        try:
            account = connect_account(visit.organization, _keys(form), actor=visit.actor)
        except Refused as refused:
            form.refuse(refused)
        else:
            mode = "Real money moves" if account.livemode else "It is in test mode"
            messages.success(visit.request, f"{account.name} is connected. {mode}. Next: the signing secret.")
            return redirect(visit.url(_HOME))
    return visit.page(
        FormPage(
            title="Connect Stripe",
            form=form,
            submit_label="Test and connect",
            cancel_url=visit.url(_HOME),
            intro="Copy both keys from Stripe’s page of API keys.",
            aside=(
                "The connection is tested before anything is stored.",
                _SEALED,
                "Live keys collect real money, test keys none. One organization’s books hold one kind only.",
                _NEVER_HERE,
            ),
            crumbs=_crumbs(visit, inside=True),
        ),
        "settings",
        422 if form.errors else 200,
    )


def _keys(form: KeysForm) -> GatewayKeys:
    return GatewayKeys.entered(form.cleaned_data["secret_key"], form.cleaned_data["publishable_key"])


@staff_page("connect_gateway")
def change_key(visit: Visit) -> HttpResponseBase:
    """Another key of the same account."""
    account = _account(visit)
    form = KeysForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        try:
            rotate_key(visit.organization, _keys(form), actor=visit.actor)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, "The new key is in use. The old one can be deleted at Stripe.")
            return redirect(visit.url(_HOME))
    return visit.page(
        FormPage(
            title="Change the key",
            form=form,
            submit_label="Test and change",
            cancel_url=visit.url(_HOME),
            intro=f"Another key of {account.name or account.account_ref}. Without a publishable key the present one "
            "is kept.",
            aside=("Payments under way go on: what becomes of them is looked up with the new key.", _SEALED),
            crumbs=_crumbs(visit, inside=True),
        ),
        "settings",
        422 if form.errors else 200,
    )


@staff_page("connect_gateway")
def change_webhook(visit: Visit) -> HttpResponseBase:
    """The signing secret of events; the one before is good for another day."""
    account = _account(visit)
    form = WebhookSecretForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        try:
            rotate_webhook(visit.organization, form.cleaned_data["webhook_secret"], actor=visit.actor)
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, "Events that are signed with this secret are let in from now on.")
            return redirect(visit.url(_HOME))
    aside = ("The secret before is good for another day, so no event is lost meanwhile.",)
    return visit.page(
        FormPage(
            title="Signing secret",
            form=form,
            cancel_url=visit.url(_HOME),
            intro="Only what is signed with it is believed.",
            aside=(*(aside if account.webhook_secret else ()), _SEALED),
            crumbs=_crumbs(visit, inside=True),
        ),
        "settings",
        422 if form.errors else 200,
    )


@staff_page("connect_gateway")
def check(visit: Visit) -> HttpResponseBase:
    """Asks the processor about the account."""
    if visit.request.method == "POST":
        _account(visit)
        try:
            facts = check_account(visit.organization)
        except Refused as refused:
            messages.error(visit.request, f"{refused.message} {refused.fix or ''}".strip())
        else:
            may = "may charge" if facts.may_charge else "may not charge yet: complete it at Stripe"
            said = f"{facts.name} answered. It {may}."
            (messages.success if facts.may_charge else messages.warning)(visit.request, said)
    return redirect(visit.url(_HOME))


@staff_page("connect_gateway")
def disconnect(visit: Visit) -> HttpResponseBase:
    """Disconnects the account, after the question."""
    account = _account(visit)
    if visit.request.method == "POST":
        disconnect_account(visit.organization, actor=visit.actor)
        messages.success(visit.request, f"{account.name or account.account_ref} is disconnected.")
        return redirect(visit.url(_HOME))
    return visit.page(
        ConfirmPage(
            title=f"Disconnect {account.name or account.account_ref}?",
            confirm=Confirm(
                action_url=visit.url(f"{_HOME}disconnect/"),
                label="Disconnect",
                consequences=(
                    "Nothing is collected online any more, and Stripe’s events are not let in.",
                    "The account’s secrets are forgotten here.",
                    "What was collected stays in the books, and members’ saved cards stay at Stripe.",
                ),
                cancel_url=visit.url(_HOME),
                danger=True,
            ),
            crumbs=_crumbs(visit, inside=True),
        ),
        "settings",
    )
