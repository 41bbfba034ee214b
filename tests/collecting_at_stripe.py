"""Billed members whose cards are at the Stripe stand-in: collected there through the real adapter and the SDK."""

from dataclasses import replace

import stripe
from tests.collecting import Collection, billed
from tests.stripe_stand_in import StripeStandIn
from tests.world import STAFF

from paidthru.actions.save_method import save_method
from paidthru.adapters.stripe.gateway import StripeGateway
from paidthru.payments.gateway import Gateway

KEY = "sk_test_association"


def at_stripe(
    desk: StripeStandIn, *names: str, tokens: dict[str, str] | None = None, **about: str
) -> Collection:
    """Billed members, each with a card (or what `tokens` says) at the stand-in, which is in test mode. Their
    organization's desk collects there."""
    found = billed(*names, card=None, **about)  # type: ignore[arg-type]
    found.world.desk = replace(found.world.desk, gateway=gateway_at(desk))
    client = stripe.StripeClient(KEY, base_addresses={"api": desk.url}, max_network_retries=0)
    for name in names:
        customer = client.v1.customers.create({"name": name})
        card = desk.save_method(customer.id, (tokens or {}).get(name, "pm_card_visa"))
        shown = found.desk.gateway.fetch_method(card["id"])
        save_method(
            found.world.organization,
            found.party(name),
            replace(shown, customer_ref=customer.id),
            gateway="stripe",
            actor=STAFF,
            now=found.desk.clock.now(),
        )
    return found


def gateway_at(desk: StripeStandIn) -> Gateway:
    """The adapter for the stand-in's account."""
    return StripeGateway(KEY, instance="test", livemode=False, base_address=desk.url)


def successes(desk: StripeStandIn) -> list[str]:
    """The intents of the charges that really took money, as the stand-in's truth has them."""
    return [one.payment_intent or "" for one in desk.truth() if one.kind == "charge"]
