"""Settings, Payment processor: connect, test, change, disconnect; who may; and that nobody types a card here."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from tests.staff import signed_in
from tests.stripe_stand_in import StripeStandIn
from tests.stripe_world import (
    PUBLISHABLE_KEY,
    SECRET_KEY,
    WEBHOOK_SECRET,
    a_live_organization,
    connected,
    reached,
)
from tests.world import World, a_world

from paidthru import faces
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.roles import MAY, ROLES
from paidthru.payments.models import GatewayAccount
from paidthru.timeline.models import InboxEvent
from paidthru.wiring import desk_for

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "settings/payments/"
PAGES = ("", "connect/", "key/", "webhook/", "test/", "disconnect/")


@pytest.fixture
def stripe_desk() -> Iterator[StripeStandIn]:
    with StripeStandIn() as desk, reached(desk):
        yield desk


def live(organization: Organization) -> World:
    return World(organization, desk_for(organization))


@pytest.fixture
def club(stripe_desk: StripeStandIn) -> World:
    return live(a_live_organization(now=datetime.now(UTC)))


def words(html: bytes) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.decode())).split())


def page(client: Client, world: World, path: str = "") -> tuple[int, str]:
    answer = client.get(f"/o/{world.organization.slug}/{HERE}{path}")
    assert SECRET_KEY.encode() not in answer.content and WEBHOOK_SECRET.encode() not in answer.content
    return answer.status_code, words(answer.content)


def sends(client: Client, world: World, path: str, **fields: str) -> tuple[int, str]:
    answer = client.post(f"/o/{world.organization.slug}/{HERE}{path}", fields, follow=True)
    html = answer.content
    assert all(value.encode() not in html for name, value in fields.items() if "secret" in name and value)
    return answer.status_code, words(html)


def test_an_account_is_connected_tested_changed_and_disconnected(
    club: World, stripe_desk: StripeStandIn
) -> None:
    """C-05."""
    client = signed_in(club, "admin")
    assert "Without a processor nothing is collected online" in page(client, club)[1]
    status, text = sends(client, club, "connect/", secret_key=SECRET_KEY, publishable_key=PUBLISHABLE_KEY)
    assert status == 200
    assert "Stand-in Association is connected. It is in test mode." in text
    assert "Test mode" in text and "ends in abcd" in text and "acct_standin" in text
    assert "Stripe’s events are not let in yet." in text
    account = GatewayAccount.objects.get()
    assert (
        f"/webhooks/{account.id}/" in text
        and "2026-10-28.endive" in text
        and "payment_intent.succeeded" in text
    )
    assert "let in from now on" in sends(client, club, "webhook/", webhook_secret=WEBHOOK_SECRET)[1]
    assert (
        "Two are good while it is changed" in sends(client, club, "webhook/", webhook_secret="whsec_new")[1]
    )
    assert "Stand-in Association answered. It may charge." in sends(client, club, "test/")[1]
    stripe_desk.set_account(charges_enabled=False)
    assert "may not charge yet" in sends(client, club, "test/")[1]
    text = sends(client, club, "key/", secret_key=SECRET_KEY[:-4] + "efgh", publishable_key="")[1]
    assert "The new key is in use." in text and "ends in efgh" in text
    assert PUBLISHABLE_KEY in text, "the publishable key was kept"
    assert "What was collected stays in the books" in page(client, club, "disconnect/")[1]
    assert "is disconnected" in sends(client, club, "disconnect/")[1]
    assert GatewayAccount.objects.get().state == "disconnected"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"secret_key": "", "publishable_key": ""}, "Enter it."),
        ({"secret_key": PUBLISHABLE_KEY, "publishable_key": ""}, "This is a publishable key"),
        (
            {"secret_key": "sk_live_51wrongmode00abcd", "publishable_key": PUBLISHABLE_KEY},
            "One key is for live",
        ),
        ({"secret_key": "x" * 400, "publishable_key": ""}, "at most 300"),
    ],
)
def test_what_can_t_be_is_named_at_its_field_and_not_shown_again(
    club: World, fields: dict[str, str], said: str
) -> None:
    status, text = sends(signed_in(club, "admin"), club, "connect/", **fields)
    assert status == 422 and said in text
    assert not GatewayAccount.objects.exists()


def test_the_inbox_is_shown(club: World) -> None:
    client, now = signed_in(club, "admin"), datetime.now(UTC)
    account = connected(club.organization)
    for number, state in enumerate(("done", "new", "dead")):
        InboxEvent.objects.create(
            organization=club.organization, gateway="stripe", livemode=False, event_id=f"evt_{number}",
            kind="refund.failed", object_kind="refund", object_ref="re_1", occurred_at=now, received_at=now,
            state=state, next_try_at=now if state == "new" else None, tries=8 if state == "dead" else 0,
            last_error="GatewayRejected no such refund" if state == "dead" else "",
        )  # fmt: skip
    Client().post(f"/webhooks/{account.id}/", b"{}", content_type="application/json")
    text = page(client, club)[1]
    assert "Waiting to be worked 1" in text and "Given up 1" in text and "1 forged" in text
    assert "refund.failed Given up GatewayRejected no such refund" in text


def test_a_sandbox_shows_its_own_processor(stripe_desk: StripeStandIn) -> None:
    world = a_world()
    client = signed_in(world, "admin")
    assert "A sandbox collects through a processor of its own" in page(client, world)[1]
    assert (
        "A sandbox collects through its own processor"
        in sends(client, world, "connect/", secret_key=SECRET_KEY)[1]
    )


@pytest.mark.parametrize("role", ROLES)
def test_only_who_may_connect_gets_there(club: World, role: str) -> None:
    connected(club.organization)
    client = signed_in(club, role)
    for path in PAGES:
        expected = {200, 302} if "connect_gateway" in MAY[role] else {403}
        assert client.get(f"/o/{club.organization.slug}/{HERE}{path}").status_code in expected
        if role != "admin":
            assert client.post(f"/o/{club.organization.slug}/{HERE}{path}").status_code == 403
    assert GatewayAccount.objects.get().state == "connected"


def test_another_organization_s_staff_finds_nothing(club: World) -> None:
    connected(club.organization)
    other = live(a_live_organization("Oak Club", now=datetime.now(UTC)))
    client = signed_in(other, "admin")
    for path in PAGES:
        assert client.get(f"/o/{club.organization.slug}/{HERE}{path}").status_code == 404
        assert client.post(f"/o/{club.organization.slug}/{HERE}{path}").status_code == 404
    assert client.post(f"/o/{other.organization.slug}/{HERE}disconnect/").status_code == 404, (
        "their own: none yet"
    )


def test_a_forged_form_is_refused(club: World) -> None:
    client = signed_in(club, "admin", csrf=True)
    answer = client.post(f"/o/{club.organization.slug}/{HERE}connect/", {"secret_key": SECRET_KEY})
    assert answer.status_code == 403 and not GatewayAccount.objects.exists()


#: What a field for a card or an account is called, in forms, in markup and for a browser's own filling in.
CARD_FIELD = re.compile(
    r"(?:card_?number|cvc|cvv|iban|routing_number|account_number|security_code)\s*=\s*forms\."
    r"|autocomplete=.cc-|\"cc-(?:number|csc|exp)"
    r"|<input[^>]*name=.(?:pan|card_?number|cvc|cvv|iban|routing_?number|account_?number)\b",
    re.I,
)


def test_no_page_of_ours_has_a_field_for_a_card_or_an_account() -> None:
    """C-15, X20, A-02: members type them on the processor's page; staff have no such field anywhere, nor has the
    command line."""
    looked_at = 0
    for path in Path(str(faces.__file__)).parent.rglob("*"):
        if path.suffix in {".py", ".html", ".js"} and "static/vendor" not in path.as_posix():
            looked_at += 1
            assert not CARD_FIELD.search(path.read_text()), path
    assert looked_at > 80
