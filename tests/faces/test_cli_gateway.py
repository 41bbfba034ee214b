"""The command line connects an account at Stripe, and never reads a key from its arguments."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.faces.test_cli import refused, run
from tests.stripe_stand_in import StripeStandIn
from tests.stripe_world import PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET, a_live_organization, reached

from paidthru.faces.cli.gateway import gateway
from paidthru.organizations.models import Organization
from paidthru.payments.models import GatewayAccount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def club(monkeypatch: pytest.MonkeyPatch) -> Iterator[Organization]:
    with StripeStandIn() as desk, reached(desk):
        monkeypatch.setenv("PAIDTHRU_STRIPE_SECRET_KEY", SECRET_KEY)
        monkeypatch.setenv("PAIDTHRU_STRIPE_PUBLISHABLE_KEY", PUBLISHABLE_KEY)
        monkeypatch.setenv("PAIDTHRU_STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET)
        yield a_live_organization(now=datetime.now(UTC))


def test_an_account_from_connecting_to_its_end(club: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("gateway", "show", "--json").json == {"state": "none"}
    said = run("gateway", "connect")
    assert "Connected." in said.out and "test mode, key ending in abcd" in said.out
    assert SECRET_KEY not in said.out and WEBHOOK_SECRET not in said.out
    account = GatewayAccount.objects.get()
    found = run("gateway", "show", "--json").json
    assert (found["account"], found["mode"], found["signing_secret"]) == ("acct_standin", "test", True)
    assert found["webhook"].endswith(f"/webhooks/{account.id}/")
    assert found["inbox"] == {"last_at": None, "waiting": 0, "dead": 0, "counts": {}}
    assert run("gateway", "test", "--json").json["may_charge"] is True
    monkeypatch.setenv("PAIDTHRU_STRIPE_SECRET_KEY", SECRET_KEY[:-4] + "efgh")
    assert run("gateway", "rotate-key", "--json").json["key_ends_in"] == "efgh"
    monkeypatch.setenv("PAIDTHRU_STRIPE_WEBHOOK_SECRET", "whsec_new")
    assert run("gateway", "rotate-webhook", "--json").json["signing_secret"] is True
    assert GatewayAccount.objects.get().old_secret_until is not None
    assert run("gateway", "reseal", "--json").json == {"resealed": 1, "users": 0}
    assert run("gateway", "test", "--json").json["account"] == "acct_standin"
    assert run("gateway", "disconnect", "--json").json["state"] == "disconnected"


def test_a_key_is_never_an_argument(club: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    for command in gateway.registered_commands:
        assert command.callback is not None
        taken = set(command.callback.__annotations__) - {"return"}
        assert taken <= {"slug", "as_json"}, "keys come from the environment or a prompt"
    monkeypatch.delenv("PAIDTHRU_STRIPE_SECRET_KEY")
    assert refused("gateway", "connect") == "secret_missing"
    monkeypatch.setenv("PAIDTHRU_STRIPE_SECRET_KEY", PUBLISHABLE_KEY)
    assert refused("gateway", "connect") == "key_wrong_mode"
    assert refused("gateway", "test") == "gateway_unknown"
