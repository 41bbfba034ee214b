"""The address at which Stripe tells what happened: what it believes, keeps and turns away (B-51 to B-56)."""

import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from django.test import Client
from tests.stripe_stand_in import StripeStandIn
from tests.stripe_world import WEBHOOK_SECRET, a_live_organization, connected, gateway_at, reached
from tests.world import STAFF

from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import ATTEMPT, Confirmation, IntentRequest, SetupRequest
from paidthru.payments.models import GatewayAccount
from paidthru.timeline.models import InboxCount, InboxEvent
from paidthru.wiring import disconnect_account, rotate_webhook

pytestmark = pytest.mark.django_db(transaction=True)


Tamper = Literal["body", "signature", "secret", "scheme", "no_timestamp", "truncated"]


@dataclass
class Door:
    """An organization's address, and Stripe before it."""

    desk: StripeStandIn
    organization: Organization
    account: GatewayAccount
    client: Client

    def post(self, body: bytes, header: str | None, **more: Any) -> Any:
        signed: dict[str, Any] = {} if header is None else {"HTTP_STRIPE_SIGNATURE": header}
        here = f"/webhooks/{self.account.id}/"
        return self.client.post(here, body, content_type="application/json", **signed, **more)

    def counts(self) -> dict[str, int]:
        return dict(InboxCount.objects.filter(organization=self.organization).values_list("what", "count"))


@pytest.fixture
def door() -> Iterator[Door]:
    now = datetime.now(UTC)
    with StripeStandIn(real_clock=True) as desk, reached(desk):
        organization = a_live_organization(now=now)
        account = connected(organization)
        yield Door(desk, organization, account, Client(enforce_csrf_checks=True))


def succeeded(door: Door) -> str:
    """A payment that somebody made at the account, and the event's id."""
    gateway = gateway_at(door.desk)
    setup = gateway.start_setup(
        SetupRequest("p", None, "Ann", "ann@example.org", ("card",), "USD", "https://example.org/"), key="s"
    )
    door.desk.complete_session(setup.ref, "pm_card_visa")
    saved = gateway.fetch_setup(setup.ref)
    assert saved.method
    made = gateway.create_intent(IntentRequest(500, "USD", saved.customer_ref), key="c")
    gateway.confirm_intent(made.ref, Confirmation(saved.method.token, True, {ATTEMPT: "1"}), key="a")
    return str(door.desk.events("payment_intent.succeeded")[-1]["id"])


def test_an_event_is_kept_once_and_answered_at_once(door: Door) -> None:
    """I-35: what the processor says later is taken in; the worker is asked for; a second time changes nothing."""
    body, header = door.desk.deliver(succeeded(door))
    first, again = door.post(body, header), door.post(body, header)
    assert (first.status_code, again.status_code) == (200, 200)
    kept = InboxEvent.objects.get(organization=door.organization)
    assert (kept.kind, kept.object_kind, kept.state) == ("payment_intent.succeeded", "intent", "new")
    assert kept.object_ref == json.loads(body)["data"]["object"]["id"]
    assert door.counts() == {"received": 1, "again": 1}


@pytest.mark.parametrize(
    ("tamper", "counted"),
    [("body", "forged"), ("signature", "forged"), ("secret", "forged"), ("scheme", "forged"),
     ("no_timestamp", "forged"), ("truncated", "forged")],
)  # fmt: skip
def test_a_forged_event_leaves_nothing_but_a_count(
    door: Door, tamper: Tamper, counted: str, caplog: pytest.LogCaptureFixture
) -> None:
    body, header = door.desk.deliver(succeeded(door), tamper=tamper)
    with caplog.at_level(logging.DEBUG):
        assert door.post(body, header).status_code == 400
    assert not InboxEvent.objects.exists()
    assert door.counts() == {counted: 1}
    text = caplog.text
    assert "turned away" in text
    assert "pi_" not in text and "cus_" not in text and WEBHOOK_SECRET not in text


def test_an_event_without_a_signature_is_forged(door: Door) -> None:
    body, _ = door.desk.deliver(succeeded(door))
    for header in (None, "", "t=1", "t=x,v1=aa", "v1=aa", "t=1,t=2,v1=aa", "nonsense", "t=1,v1=ü"):
        assert door.post(body, header).status_code == 400
    assert not InboxEvent.objects.exists()


@pytest.mark.parametrize("apart", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_what_was_overheard_is_worth_nothing_later(door: Door, apart: timedelta) -> None:
    """B-52: a body that was signed well, sent again after more than five minutes."""
    body, header = door.desk.deliver(succeeded(door), at=datetime.now(UTC) + apart)
    assert door.post(body, header).status_code == 400
    assert door.counts() == {"stale": 1}
    body, header = door.desk.deliver(succeeded_again(door), at=datetime.now(UTC) + apart / 2)
    assert door.post(body, header).status_code == 200


def succeeded_again(door: Door) -> str:
    return str(door.desk.events("payment_intent.succeeded")[-1]["id"])


def test_both_secrets_are_good_while_they_are_changed(door: Door) -> None:
    """B-69: the new secret and, for a day, the old one."""
    event = succeeded(door)
    rotate_webhook(door.organization, "whsec_the_new_one", actor=STAFF)
    for secret in ("whsec_the_new_one", WEBHOOK_SECRET):
        assert door.post(*door.desk.deliver(event, secret=secret)).status_code == 200
    assert door.post(*door.desk.deliver(event, secret="whsec_another")).status_code == 400
    GatewayAccount.objects.update(old_secret_until=datetime.now(UTC) - timedelta(seconds=1))
    assert door.post(*door.desk.deliver(event, secret=WEBHOOK_SECRET)).status_code == 400
    assert door.post(*door.desk.deliver(event, secret="whsec_the_new_one")).status_code == 200


def test_a_body_that_is_too_long_is_not_read(door: Door) -> None:
    body = b"{" + b" " * 64 * 1024 + b"}"
    assert door.post(body, "t=1,v1=aa").status_code == 413
    assert door.post(body, "t=1,v1=aa", CONTENT_LENGTH="10").status_code in (400, 413)
    assert door.counts()["oversized"] >= 1
    assert not InboxEvent.objects.exists()


def test_nonsense_that_is_signed_well_is_turned_away(door: Door) -> None:
    now = int(datetime.now(UTC).timestamp())
    for body in (b"", b"\xff\xfe", b"[]", b"null", b"{}", b'{"id": 7}', b"[" * 5000,
                 b'{"id":"evt_1","type":"refund.created","livemode":false,"created":1,"data":{"object":{"id":null}}}',
                 b'{"id":"evt_1","type":"x","livemode":"no","created":1,"data":{"object":{"id":"x"}}}'):  # fmt: skip
        signature = hmac.new(WEBHOOK_SECRET.encode(), b"%d." % now + body, hashlib.sha256).hexdigest()
        assert door.post(body, f"t={now},v1={signature}").status_code == 400
    assert set(door.counts()) == {"unreadable"}


def test_an_event_of_the_other_mode_or_of_another_account_is_turned_away(door: Door) -> None:
    """B-37."""
    id_ = succeeded(door)
    event = door.desk.object(id_)
    assert door.post(*door.desk.deliver({**event, "livemode": True})).status_code == 400
    assert door.post(*door.desk.deliver({**event, "account": "acct_other"})).status_code == 400
    assert door.counts() == {"other_account": 2}
    assert door.post(*door.desk.deliver({**event, "account": door.account.account_ref})).status_code == 200


def test_kinds_that_nothing_follows_from_are_answered_and_not_kept(door: Door) -> None:
    succeeded(door)
    body, header = door.desk.deliver(door.desk.events("charge.succeeded")[-1])
    assert door.post(body, header).status_code == 200
    assert not InboxEvent.objects.exists()
    assert door.counts() == {"ignored": 1}


def test_the_address_is_there_for_connected_accounts_only(door: Door) -> None:
    body, header = door.desk.deliver(succeeded(door))
    unknown = door.client.post(f"/webhooks/{new_id()}/", body, content_type="application/json")
    assert unknown.status_code == 404
    assert door.client.get(f"/webhooks/{door.account.id}/").status_code == 405
    disconnect_account(door.organization, actor=STAFF)
    assert door.post(body, header).status_code == 404
