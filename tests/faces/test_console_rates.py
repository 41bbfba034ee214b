"""Exchange rates are entered with their day and source, and reports name them; no sum of two currencies goes unsaid
(A-37, A-38)."""

from datetime import timedelta

import pytest
from tests.faces.acting import at, text
from tests.staff import signed_in
from tests.world import STAFF, World, a_world
from typer.testing import CliRunner

from paidthru.actions.record_payment import record_payment
from paidthru.actions.set_exchange_rate import set_exchange_rate
from paidthru.actions.write_invoice import Payer, write_invoice
from paidthru.faces.cli import app
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.organizations.models import ExchangeRate
from paidthru.organizations.rules.rates import read_exchange_rate
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def owing(world: World, name: str, minor: int, currency: str) -> None:
    write_invoice(
        world.organization, Payer(world.party(name)), [WrittenLine("Hall", 1, minor)], currency=currency,
        actor=STAFF, now=world.desk.clock.now(),
    )  # fmt: skip


def test_a_rate_is_entered_replaced_and_listed() -> None:
    world = a_world()
    client, today = signed_in(world, "admin"), world.desk.today.isoformat()
    add = at(world, "settings/rates/add/")
    fields = {"key": "a", "currency": "eur", "rate": "1.085", "on": today, "source": "ECB"}
    assert client.post(add, fields).status_code == 302
    assert client.post(add, fields).status_code == 302
    assert ExchangeRate.objects.count() == Event.objects.filter(verb="exchange_rate_set").count() == 1
    assert client.post(add, fields | {"rate": "1.09"}).status_code == 302
    assert Event.objects.filter(verb="exchange_rate_set").latest("id").facts["before"] == "1.085"
    shown = text(client, at(world, "settings/rates/"))
    assert "EUR" in shown
    assert "1.09 ECB" in shown
    sheet = b"".join(client.get(at(world, "settings/rates/?export=csv")).streaming_content).decode()  # type: ignore[attr-defined]
    assert "EUR" in sheet
    assert "1.09" in sheet
    for wrong, said in (
        ({"currency": "XXX"}, "is not a currency that we know"),
        ({"currency": "USD"}, "Reports are in USD already"),
        ({"rate": "0"}, "is not an exchange rate"),
        ({"on": (world.desk.today + timedelta(days=1)).isoformat()}, "is still to come"),
        ({"source": ""}, "Where is the figure from?"),
    ):
        answer = client.post(add, fields | wrong)
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert signed_in(world, "viewer").post(add, fields).status_code == 403
    assert ExchangeRate.objects.count() == 1


def test_reports_keep_currencies_apart_and_name_the_rates_of_their_sum() -> None:
    world = a_world()
    owing(world, "Ann", 10_000, "USD")
    owing(world, "Bea", 10_000, "EUR")
    owing(world, "Cho", 1_000, "JPY")
    client = signed_in(world)
    page = at(world, "unpaid/")
    assert "no rate of EUR, JPY: enter it in the settings" in text(client, page)
    runner = CliRunner()
    slug = world.organization.slug
    for currency, rate in (("EUR", "1.085"), ("JPY", "0.0067")):
        set_exchange_rate(
            world.organization, currency, rate=read_exchange_rate(rate), valid_on=world.desk.today, source="ECB",
            actor=STAFF, now=world.desk.clock.now(),
        )  # fmt: skip
    shown = text(client, page)
    assert "Owed $100.00" in shown
    assert "Equivalent in USD $215.20" in shown  # 100.00 + 108.50 + 6.70
    assert "EUR at 1.085 of Jan 1, 2026 (ECB); JPY at 0.0067" in shown
    said = runner.invoke(app, ["unpaid", "--org", slug]).output
    assert "Together in USD: 215.20, with EUR at 1.085 of 2026-01-01 (ECB)" in " ".join(said.split())


def test_payments_are_found_by_an_amount_of_any_currency() -> None:
    world = a_world()
    for name, minor, currency in (("Ann", 100_000, "USD"), ("Cho", 1_000, "JPY"), ("Dee", 2_000, "JPY")):
        record_payment(
            world.organization, world.party(name), amount_minor=minor, currency=currency, means="check", actor=STAFF,
            now=world.desk.clock.now(),
        )  # fmt: skip
    client = signed_in(world)
    shown = text(client, at(world, "payments/?amount=1000"))
    assert "Ann" in shown
    assert "Cho" in shown
    assert "Dee" not in shown
    assert "Ann" not in text(client, at(world, "payments/?amount=1000 JPY"))
