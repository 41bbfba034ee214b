"""After a restore, money may name an intent of ours that is bound to another one at the gateway: it stands under a row
of its own, and the invoice is not charged again (field-notes C.10; found by the simulation)."""

from dataclasses import replace

import pytest
from tests.live_world import a_live_world
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.recover import Known, Place, Recovered, recover
from paidthru.actions.settle import settle
from paidthru.payments.models import PaymentIntent

pytestmark = pytest.mark.django_db(transaction=True)


def test_money_that_names_an_intent_bound_elsewhere_is_booked_once_and_not_charged_again_b35() -> None:
    live = a_live_world("Ann")
    gateway, organization = live.gateway, live.world.organization
    gateway.declines.add(live.customer("Ann"))
    live.collect()
    bound = gateway.last(live.customer("Ann"))
    gateway.intents_["pi_beside"] = replace(bound, ref="pi_beside")
    gateway.succeed("pi_beside")
    found = gateway.intents_["pi_beside"]

    def told() -> Recovered:
        now = live.desk.clock.now()
        return recover(
            organization, found, gateway=gateway.name, known=Known(None, frozenset()), actor=STAFF, now=now
        )

    first = told()
    assert first.place is Place.REBUILT and first.attempt_id is not None
    row = PaymentIntent.objects.get(gateway_ref="pi_beside")
    assert str(row.id) != found.metadata["intent"]
    assert told() == Recovered(Place.KNOWN, first.attempt_id)  # told again before it is settled
    settled = settle(organization, first.attempt_id, found, actor=STAFF, now=live.desk.clock.now())
    assert settled.state == "succeeded"
    assert told() == Recovered(Place.KNOWN)
    assert live.states("Ann") == ["declined", "succeeded"] and len(live.payments("Ann")) == 1
    gateway.declines.clear()
    live.submit()
    runs.collect_unsent(live.desk)
    assert live.charged_times("Ann") == [1]
    live.check()
