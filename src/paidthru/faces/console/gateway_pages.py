"""The page about the processor's account as plain data: connection, address for events, what came in."""

from collections.abc import Sequence
from datetime import datetime

from paidthru.faces.console.pages import Problem, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Column,
    EmptyState,
    Fact,
    Link,
    Row,
    Table,
    Text,
    Tone,
)
from paidthru.payments.models import GatewayAccount
from paidthru.timeline.models import InboxEvent
from paidthru.timeline.queries import InboxHealth

TITLE = "Payment processor"
_EVENTS = (
    Column("at", "Came", "date"),
    Column("kind", "Event", "code"),
    Column("state", "State", "badge"),
    Column("why", "Why", "prose"),
)
_ENDPOINT = (Column("name", "At Stripe", "prose"), Column("value", "Value", "prose"))
_TURNED_AWAY = ("forged", "stale", "oversized", "unreadable", "other_account")


def unconnected_page(url: str, *, sandbox: bool, crumbs: tuple[Link, ...]) -> RecordPage:
    """Before an account is connected; a sandbox has its own processor."""
    if sandbox:
        return RecordPage(
            title=TITLE,
            badges=(Badge("Sandbox", "info"),),
            intro="A sandbox collects through a processor of its own, where no money moves. Test cards are given to "
            "members on their pages.",
            crumbs=crumbs,
        )
    return RecordPage(
        title=TITLE,
        badges=(Badge("Not connected"),),
        intro="Without a processor nothing is collected online: staff record cash, checks and transfers. Members "
        "type their cards and bank accounts on Stripe’s page, never here, and staff never do.",
        actions=(Action("Connect Stripe", f"{url}connect/", "primary"),),
        crumbs=crumbs,
    )


def account_page(
    account: GatewayAccount,
    *,
    url: str,
    address: str,
    key_hint: str,
    health: InboxHealth,
    troubled: Sequence[InboxEvent],
    event_kinds: Sequence[str],
    version: str,
    now: datetime,
    crumbs: tuple[Link, ...],
) -> RecordPage:
    """A connected account. `key_hint`: the last four signs of its key, "" where it can't be opened here."""
    rotating = account.old_secret_until is not None and now < account.old_secret_until
    return RecordPage(
        title=TITLE,
        kind="Stripe",
        number=account.account_ref,
        badges=(
            Badge("Connected", "good"),
            Badge("Live payments", "info") if account.livemode else Badge("Test mode", "warn"),
        ),
        warning=_warning(account, key_hint, url),
        facts=(
            Fact("Account", account.name or account.account_ref),
            Fact("Secret key", f"ends in {key_hint}" if key_hint else "can’t be opened here"),
            Fact("Publishable key", account.publishable_key or "None"),
            Fact("Connected", account.connected_at, f"by {account.connected_by}"),
            Fact("Last answered a test", account.tested_at),
        ),
        actions=(
            Action("Test the connection", f"{url}test/", "secondary", "post"),
            Action("Change the key", f"{url}key/"),
            Action("Disconnect", f"{url}disconnect/", "danger", ask=True),
        ),
        sections=(
            Section(
                "webhook",
                "Where Stripe tells what happened",
                text="Make an endpoint at Stripe (Developers, Webhooks) with this address, this version and these "
                "events, and enter its signing secret here. Without it payments are still looked up, but later.",
                table=Table(_ENDPOINT, _endpoint(address, version, event_kinds), "The endpoint at Stripe"),
                facts=(
                    Fact("Signing secret", _secret_state(account, rotating)),
                    *((Fact("Old secret is good until", account.old_secret_until),) if rotating else ()),
                ),
                actions=(
                    Action(
                        "Change the signing secret" if account.webhook_secret else "Enter the signing secret",
                        f"{url}webhook/",
                        "secondary" if account.webhook_secret else "primary",
                    ),
                ),
            ),
            Section(
                "inbox",
                "What came in",
                facts=(
                    Fact("Last event", health.last_at or "None yet"),
                    Fact("Waiting to be worked", health.waiting),
                    Fact("Given up", health.dead),
                    Fact("Turned away at the door", _turned_away(health)),
                ),
                table=Table(
                    _EVENTS,
                    tuple(_row(event) for event in troubled),
                    "Events in trouble",
                    empty=EmptyState("No event is in trouble."),
                ),
            ),
        ),
        crumbs=crumbs,
    )


def _warning(account: GatewayAccount, key_hint: str, url: str) -> Problem | None:
    if not key_hint:
        return Problem(
            "Nothing is collected: the account’s key can’t be opened here.",
            "It was sealed with a key that this installation doesn’t have, as after a restore on another machine.",
            way_out="Put the sealing key back, or enter the account’s key again.",
            actions=(Action("Enter the key", f"{url}key/"),),
        )
    if not account.webhook_secret:
        return Problem(
            "Stripe’s events are not let in yet.",
            "There is no signing secret, so nothing that comes to the address below can be believed.",
            way_out="Make the endpoint at Stripe and enter its signing secret.",
        )
    return None


def _endpoint(address: str, version: str, kinds: Sequence[str]) -> tuple[Row, ...]:
    """What is entered at Stripe, the events by the object that they are about."""
    by_object: dict[str, list[str]] = {}
    for kind in kinds:
        by_object.setdefault(kind.rpartition(".")[0], []).append(kind)
    note = "" if address.startswith("https://") else "Stripe reaches https addresses only: set PAIDTHRU_URL."
    return (
        Row(("Address", Text(address, note))),
        Row(("API version", version)),
        *(Row((f"Events, {about}", ", ".join(found))) for about, found in by_object.items()),
    )


def _secret_state(account: GatewayAccount, rotating: bool) -> str:
    if not account.webhook_secret:
        return "None yet"
    return "Two are good while it is changed" if rotating else "Entered"


def _turned_away(health: InboxHealth) -> str:
    found = [
        f"{health.counts[what]:,} {what.replace('_', ' ')}"
        for what in _TURNED_AWAY
        if health.counts.get(what)
    ]
    return ", ".join(found) or "Nothing"


def _row(event: InboxEvent) -> Row:
    tone: Tone = "bad" if event.state == "dead" else "warn"
    label = (
        "Given up"
        if event.state == "dead"
        else f"Tried {event.tries} {'time' if event.tries == 1 else 'times'}"
    )
    return Row((event.received_at, event.kind, Badge(label, tone), event.last_error), tone=tone)
