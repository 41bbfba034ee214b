"""`paidthru gateway`: the organization's account at a payment processor.

Keys are read from the environment, or asked for without being shown; never from arguments, which others can see in
the list of processes and in the shell's history.
"""

import os
import sys
from typing import Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, dated, desk, me, say, say_json
from paidthru.kernel.errors import Refused

gateway = typer.Typer(no_args_is_help=True)

SECRET, PUBLISHABLE, WEBHOOK = (
    "PAIDTHRU_STRIPE_SECRET_KEY",
    "PAIDTHRU_STRIPE_PUBLISHABLE_KEY",
    "PAIDTHRU_STRIPE_WEBHOOK_SECRET",
)


def _secret(variable: str, asked: str) -> str:
    """A secret from the environment, or typed unseen. Refused `secret_missing` where nobody can be asked."""
    named = os.environ.get(variable, "").strip()
    if named:
        return named
    if not sys.stdin.isatty():
        raise Refused(
            "secret_missing",
            f"There is nobody to ask for the {asked.lower()}.",
            field=variable,
            fix=f"Put it into the environment as {variable}; it is never read from arguments.",
        )
    return str(typer.prompt(asked, hide_input=True)).strip()


def _keys() -> Any:
    from paidthru.wiring import GatewayKeys

    return GatewayKeys.entered(_secret(SECRET, "Secret key"), os.environ.get(PUBLISHABLE, ""))


def _facts(account: Any) -> dict[str, object]:
    from django.conf import settings

    from paidthru.wiring import key_hint

    return {
        "account": account.account_ref, "name": account.name, "mode": "live" if account.livemode else "test",
        "state": account.state, "key_ends_in": key_hint(account),
        "webhook": f"{settings.PUBLIC_URL}/webhooks/{account.id}/", "signing_secret": bool(account.webhook_secret),
        "tested_at": dated(account.tested_at) or None,
    }  # fmt: skip


def _show(account: Any, as_json: bool, said: str = "") -> None:
    found = _facts(account)
    if as_json:
        say_json(found)
        return
    if said:
        say(said)
    say(
        f"{found['name']} ({found['account']}), {found['mode']} mode, key ending in {found['key_ends_in'] or '?'}."
    )
    say(
        f"Events come to {found['webhook']}, {'signed' if found['signing_secret'] else 'with no signing secret yet'}."
    )


@gateway.command()
def connect(slug: Org = "", as_json: AsJson = False) -> None:
    """Connect the organization to a Stripe account; the keys are tested first. See docs/stripe.md."""
    from paidthru.wiring import connect_account, rotate_webhook

    at = desk(slug)
    account = connect_account(at.organization, _keys(), actor=me())
    if os.environ.get(WEBHOOK):
        account = rotate_webhook(at.organization, os.environ[WEBHOOK], actor=me())
    _show(account, as_json, "Connected.")


@gateway.command()
def show(slug: Org = "", as_json: AsJson = False) -> None:
    """Show the connected account, the address for its events, and how they stand."""
    from paidthru.payments.queries.accounts import connected_account
    from paidthru.timeline.queries import inbox_health

    organization = desk(slug).organization
    account = connected_account(organization.id)
    if account is None:
        if as_json:
            say_json({"state": "none"})
        else:
            say("No account is connected: paidthru gateway connect")
        return
    health = inbox_health(organization.id, account.gateway)
    if as_json:
        inbox = {"last_at": dated(health.last_at) or None, "waiting": health.waiting, "dead": health.dead}
        say_json(_facts(account) | {"inbox": inbox | {"counts": dict(health.counts)}})
        return
    _show(account, as_json)
    say(
        f"Events: {health.waiting:,} wait, {health.dead:,} were given up; the last came {dated(health.last_at) or '–'}."
    )


@gateway.command("test")
def try_it(slug: Org = "", as_json: AsJson = False) -> None:
    """Ask Stripe about the connected account."""
    from paidthru.wiring import check_account

    facts = check_account(desk(slug).organization)
    if as_json:
        say_json({"account": facts.ref, "name": facts.name, "country": facts.country, "currency": facts.currency,
                  "mode": "live" if facts.livemode else "test", "may_charge": facts.may_charge})  # fmt: skip
    else:
        may = "It may charge." if facts.may_charge else "It may not charge yet: complete it at Stripe."
        say(f"{facts.name} ({facts.ref}, {facts.country}) answered. {may}")


@gateway.command("rotate-key")
def change_key(slug: Org = "", as_json: AsJson = False) -> None:
    """Open the connected account with another key from now on."""
    from paidthru.wiring import rotate_key

    _show(rotate_key(desk(slug).organization, _keys(), actor=me()), as_json, "The new key is in use.")


@gateway.command("rotate-webhook")
def change_webhook(slug: Org = "", as_json: AsJson = False) -> None:
    """Let events in that are signed with another secret; the one before is good for another day."""
    from paidthru.wiring import rotate_webhook

    secret = _secret(WEBHOOK, "Signing secret")
    _show(rotate_webhook(desk(slug).organization, secret, actor=me()), as_json, "The new secret is in use.")


@gateway.command()
def disconnect(slug: Org = "", as_json: AsJson = False) -> None:
    """Disconnect the account and forget its secrets; what was collected stays in the books."""
    from paidthru.wiring import disconnect_account

    account = disconnect_account(desk(slug).organization, actor=me())
    if as_json:
        say_json({"account": account.account_ref, "state": account.state})
    else:
        say(f"{account.name or account.account_ref} is disconnected.")


@gateway.command()
def reseal(as_json: AsJson = False) -> None:
    """Seal every stored secret with the newest sealing key; without PAIDTHRU_SEALING_KEY, with a fresh one."""
    from django.conf import settings

    from paidthru.wiring import reseal_accounts, reseal_users

    if not os.environ.get("PAIDTHRU_SEALING_KEY"):
        settings.ADD_SEALING_KEY()
    done, users = reseal_accounts(), reseal_users()
    if as_json:
        say_json({"resealed": done, "users": users})
    else:
        say(
            f"The secrets of {done:,} {'account' if done == 1 else 'accounts'} and of {users:,}"
            f" {'person' if users == 1 else 'people'} are sealed with the newest key."
            " Older keys can be taken out now."
        )
