"""An organization's account at Stripe: connected, tested, its keys changed, disconnected; live and test kept apart."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import override_settings
from tests.stripe_stand_in import Fate, StripeStandIn
from tests.stripe_world import (
    PUBLISHABLE_KEY,
    SECRET_KEY,
    WEBHOOK_SECRET,
    a_live_organization,
    connected,
    reached,
)
from tests.world import STAFF, a_world

from paidthru.adapters.offline.gateway import OFFLINE
from paidthru.adapters.stripe.gateway import StripeGateway
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayRejected, IntentRequest
from paidthru.payments.models import GatewayAccount, PaymentIntent, PaymentMethod
from paidthru.people.operations import PartyDraft, add_parties
from paidthru.timeline.models import Event
from paidthru.wiring import (
    GatewayKeys,
    check_account,
    connect_account,
    desk_for,
    disconnect_account,
    gateway_for,
    key_hint,
    reseal_accounts,
    rotate_key,
    rotate_webhook,
)

pytestmark = pytest.mark.django_db(transaction=True)
LIVE_KEY = SECRET_KEY.replace("_test_", "_live_")


@pytest.fixture
def stripe_desk() -> Iterator[StripeStandIn]:
    with StripeStandIn() as desk, reached(desk):
        yield desk


@pytest.fixture
def club(stripe_desk: StripeStandIn) -> Organization:
    return a_live_organization(now=datetime.now(UTC))


def refusal(keys: tuple[str, str], organization: Organization) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        connect_account(organization, GatewayKeys.entered(*keys), actor=STAFF)
    said = str(refused.value.as_dict())
    assert all(key.strip() not in said for key in keys if len(key) > 9), "no refusal quotes a key"
    return refused.value.code, refused.value.field


def test_an_account_is_connected_after_it_has_answered(
    club: Organization, caplog: pytest.LogCaptureFixture
) -> None:
    """C-05: the processor is a setting of the organization; A-02: its keys are nowhere to be read."""
    assert gateway_for(club).name == "offline"
    with caplog.at_level(logging.DEBUG):
        account = connect_account(club, GatewayKeys.entered(f" {SECRET_KEY}\n", PUBLISHABLE_KEY), actor=STAFF)
        rotate_webhook(club, WEBHOOK_SECRET, actor=STAFF)
    assert (account.account_ref, account.name, account.livemode) == (
        "acct_standin",
        "Stand-in Association",
        False,
    )
    gateway = gateway_for(club)
    assert isinstance(gateway, StripeGateway) and desk_for(club).gateway.capabilities.online
    assert key_hint(account) == "abcd"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t::text FROM payments_gatewayaccount t UNION SELECT e::text FROM timeline_event e"
        )
        stored = " ".join(row[0] for row in cursor.fetchall())
    shown = f"{stored} {caplog.text} {gateway!r} {GatewayKeys.entered(SECRET_KEY)!r}"
    for secret in (SECRET_KEY, WEBHOOK_SECRET):
        assert secret not in shown and secret.encode().hex() not in shown
    assert list(
        Event.objects.filter(subject_id=club.id, verb__contains="gateway").values_list("verb", flat=True)
    ) == ["gateway_connected"]


@pytest.mark.parametrize(
    ("keys", "code", "field"),
    [
        (("", ""), "key_unreadable", "secret_key"),
        (("hello", ""), "key_unreadable", "secret_key"),
        ((PUBLISHABLE_KEY, ""), "key_wrong_mode", "secret_key"),
        ((SECRET_KEY, SECRET_KEY), "key_wrong_mode", "publishable_key"),
        ((SECRET_KEY, "pk_live_51standin0000wxyz"), "key_wrong_mode", "publishable_key"),
        ((SECRET_KEY, "junk"), "key_unreadable", "publishable_key"),
        ((f"{SECRET_KEY}\n{SECRET_KEY}", ""), "key_unreadable", "secret_key"),
    ],
)
def test_keys_of_the_wrong_sort_are_refused_before_anybody_is_asked(
    club: Organization, stripe_desk: StripeStandIn, keys: tuple[str, str], code: str, field: str
) -> None:
    assert refusal(keys, club) == (code, field)
    assert stripe_desk.requests() == []


def test_a_key_that_the_processor_refuses_is_told_apart_from_silence(
    club: Organization, stripe_desk: StripeStandIn
) -> None:
    stripe_desk.revoke_key(SECRET_KEY)
    assert refusal((SECRET_KEY, ""), club)[0] == "key_refused"
    stripe_desk.restrict_key("rk_test_51standin0000abcd")
    assert refusal(("rk_test_51standin0000abcd", ""), club)[0] == "key_forbidden"
    for fate, code in [
        (Fate.LOST_REQUEST, "gateway_silent"), (Fate.HTML, "gateway_silent"), (Fate.SERVER_ERROR, "gateway_silent"),
        (Fate.RATE_LIMITED, "gateway_busy"),
    ]:  # fmt: skip
        stripe_desk.fate(fate)
        assert refusal((SECRET_KEY + "2", ""), club)[0] == code
    assert gateway_for(club).name == "offline"


def test_a_sandbox_keeps_its_own_processor(stripe_desk: StripeStandIn) -> None:
    world = a_world()
    assert refusal((SECRET_KEY, ""), world.organization)[0] == "sandbox_processor"
    assert gateway_for(world.organization).name == "sandbox"


def test_one_account_an_organization_and_one_organization_an_account(
    club: Organization, stripe_desk: StripeStandIn
) -> None:
    connected(club)
    other = a_live_organization("Oak Club", now=datetime.now(UTC))
    assert refusal((SECRET_KEY, ""), other)[0] == "account_taken"
    with StripeStandIn(account="acct_another") as elsewhere, reached(elsewhere):
        assert refusal((SECRET_KEY, ""), club)[0] == "gateway_connected"


@pytest.mark.parametrize(
    ("held", "key", "code"),
    [(False, LIVE_KEY, "books_hold_test_money"), (True, SECRET_KEY, "books_hold_live_money")],
)
def test_real_and_test_money_never_meet_in_one_set_of_books(
    club: Organization, held: bool, key: str, code: str
) -> None:
    """B-37."""
    party = PartyDraft(name="Ann")
    add_parties(club.id, [party], now=datetime.now(UTC))
    PaymentIntent.objects.create(
        organization=club, party_id=party.id, gateway="stripe", livemode=held, currency="USD", amount_minor=100,
        gateway_ref=f"pi_{new_id()}", state="succeeded", created_at=datetime.now(UTC),
    )  # fmt: skip
    assert refusal((key, ""), club)[0] == code


def test_a_new_key_opens_the_same_account_and_no_other(club: Organization) -> None:
    account = connected(club)
    changed = rotate_key(club, GatewayKeys.entered(SECRET_KEY[:-4] + "efgh"), actor=STAFF)
    assert (changed.id, key_hint(changed)) == (account.id, "efgh")
    for key, code in [(LIVE_KEY, "key_wrong_mode"), ("junk", "key_unreadable")]:
        with pytest.raises(Refused) as refused:
            rotate_key(club, GatewayKeys.entered(key), actor=STAFF)
        assert refused.value.code == code
    with StripeStandIn(account="acct_another") as elsewhere, reached(elsewhere):
        with pytest.raises(Refused) as refused:
            rotate_key(club, GatewayKeys.entered(SECRET_KEY), actor=STAFF)
        assert refused.value.code == "key_other_account"
    assert key_hint(GatewayAccount.objects.get()) == "efgh"


def test_a_connection_is_tested_and_its_end_forgets_the_secrets(
    club: Organization, stripe_desk: StripeStandIn
) -> None:
    account = connected(club)
    stripe_desk.set_account(display_name="Maple Club Inc", charges_enabled=False)
    facts = check_account(club)
    assert (facts.name, facts.may_charge) == ("Maple Club Inc", False)
    assert GatewayAccount.objects.get().name == "Maple Club Inc"
    disconnect_account(club, actor=STAFF)
    left = GatewayAccount.objects.get()
    assert (left.state, bytes(left.secret), left.webhook_secret) == ("disconnected", b"", None)
    assert gateway_for(club).name == "offline"
    with pytest.raises(Refused) as refused:
        check_account(club)
    assert refused.value.code == "gateway_unknown"
    assert connected(club).id == account.id, "its address for events is the same as before"


def test_a_secret_that_does_not_open_here_stops_collecting_and_says_why(club: Organization) -> None:
    """B-64: the database without the installation's own folder is worth no money."""
    account = connected(club)
    with override_settings(SEALING_KEYS=lambda: ["MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]):
        gateway = gateway_for(club)
        assert gateway.name == "offline" and key_hint(account) == ""
        with pytest.raises(GatewayRejected) as refused:
            gateway.create_intent(IntentRequest(1, "USD", "x"), key="k")
        assert refused.value.code == OFFLINE and "sealed" in refused.value.message


def test_secrets_are_sealed_anew_with_the_newest_key(club: Organization) -> None:
    account = connected(club)
    old = bytes(account.secret)
    from django.conf import settings

    keys = ["MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", *settings.SEALING_KEYS()]
    with override_settings(SEALING_KEYS=lambda: keys):
        assert (reseal_accounts(), reseal_accounts()) == (1, 0)
    with override_settings(SEALING_KEYS=lambda: keys[:1]):
        assert key_hint(GatewayAccount.objects.get()) == "abcd"
    assert bytes(GatewayAccount.objects.get().secret) != old


def with_a_past(club: Organization) -> tuple[PaymentMethod, PaymentIntent]:
    """A member's card, and an intent that was declined."""
    party = PartyDraft(name="Ann")
    add_parties(club.id, [party], now=datetime.now(UTC))
    about = {"organization": club, "party_id": party.id, "gateway": "stripe", "livemode": False}
    method = PaymentMethod.objects.create(
        **about,
        kind="card",
        token="pm_1",
        brand="Visa",
        last4="4242",
        fingerprint="f",
        created_at=datetime.now(UTC),
    )
    intent = PaymentIntent.objects.create(
        **about,
        currency="USD",
        amount_minor=100,
        gateway_ref="pi_1",
        state="declined",
        created_at=datetime.now(UTC),
    )
    return method, intent


def test_what_was_kept_at_one_account_is_not_used_at_another(
    club: Organization, stripe_desk: StripeStandIn
) -> None:
    """Members are asked anew for a way to pay; a declined intent is neither used again nor fenced there."""
    connected(club)
    disconnect_account(club, actor=STAFF)
    method, intent = with_a_past(club)
    connected(club)  # the same one again: all is as it was
    method.refresh_from_db()
    intent.refresh_from_db()
    assert (method.state, intent.state) == ("active", "declined")
    disconnect_account(club, actor=STAFF)
    with StripeStandIn(account="acct_another") as elsewhere, reached(elsewhere):
        connected(club)
    method.refresh_from_db()
    intent.refresh_from_db()
    assert (method.state, intent.state) == ("removed", "closed")
    told = Event.objects.get(verb="method_removed")
    assert (told.subject_id, told.party_id) == (method.id, method.party_id) and told.why
