"""Gifts and donations when two do something at the same moment: two workers, two tabs, a stop while one is charged."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.together import together
from tests.world import World, a_world

from paidthru import invariants
from paidthru.actions.add_campaign import add_campaign
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.giving.models import Campaign, Donation, Gift
from paidthru.giving.operations import Giving
from paidthru.kernel.periods import Interval, Unit
from paidthru.organizations.operations import move_clock
from paidthru.payments.models import Attempt, Payment, PaymentMethod
from paidthru.people.operations import payer_of
from paidthru.runs import giving
from paidthru.runs.gifts import begin_card, card_given, pause_gift, stop_gift, use_card
from paidthru.runs.giving import give, give_due
from paidthru.runs.methods import setup_of
from paidthru.runs.paying import begin_visit, forget_unused, given, pay_as_visitor
from paidthru.timeline.models import Event, Message
from paidthru.timeline.operations import Actor
from paidthru.wiring import sandbox_setup

pytestmark = pytest.mark.django_db(transaction=True)
MONTHLY, ANN = Interval(1, Unit.MONTH), Actor("member", "Ann")
IN_A_MONTH = datetime(2026, 4, 10, 20, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    tries = {"collect__offsets": "[0, 3]", "collect__max_attempts": "3"}
    return a_world("ams_nonprofit", now=datetime(2026, 3, 10, 15, tzinfo=UTC), **tries)


def a_campaign(world: World) -> Campaign:
    now = world.desk.clock.now()
    return add_campaign(world.organization, "Roof", goal_minor=100_00, currency="USD", actor=ANN, now=now)


def a_gift(world: World, name: str) -> UUID:
    party = world.party(name)
    world.card(party)
    giving = Giving(party, 10_00, "USD", None, "portal", "on_file")
    gift_id = give(world.desk, giving, every=MONTHLY, actor=Actor("member", name)).gift_id
    assert gift_id is not None
    return gift_id


def entered(world: World, ref: str) -> UUID:
    page, setup = sandbox_setup(ref), setup_of(world.desk, ref)
    assert page is not None and setup is not None
    page.complete("card", "ok")
    return setup


def sound(world: World) -> None:
    assert invariants.check(world.organization.id) == []


def test_two_workers_charge_each_date_once(world: World) -> None:
    for name in ("Ann", "Bob", "Cat"):
        a_gift(world, name)
    move_clock(world.organization, IN_A_MONTH)
    together([lambda: give_due(world.desk)] * 3)
    assert (Donation.objects.count(), Attempt.objects.count(), Payment.objects.count()) == (6, 6, 6)
    assert set(Gift.objects.values_list("made", flat=True)) == {2}
    sound(world)


def test_a_gift_that_is_stopped_while_it_is_charged_leaves_nothing_open(world: World) -> None:
    for name in ("Ann", "Bob", "Cat"):
        gift_id = a_gift(world, name)
        world.processor.set_script(
            str(Gift.objects.get(id=gift_id).party_id), "decline", "insufficient_funds"
        )
    ids = list(Gift.objects.values_list("id", flat=True))
    move_clock(world.organization, IN_A_MONTH)
    together(
        [
            lambda: give_due(world.desk),
            *(lambda id_=id_: stop_gift(world.desk, id_, actor=ANN) for id_ in ids),
        ]
    )
    move_clock(world.organization, IN_A_MONTH + timedelta(days=60))
    give_due(world.desk)
    give_due(world.desk)
    assert set(Gift.objects.values_list("state", flat=True)) == {"stopped"}
    assert not Donation.objects.filter(invoice__state="sent").exists()
    assert not Donation.objects.filter(retry_on__isnull=False).exists()
    assert Message.objects.filter(kind="gift_stopped").count() == 3
    sound(world)


def test_a_visitor_s_gift_begins_once_whoever_sees_the_money_first(world: World) -> None:
    roof, now = a_campaign(world), world.desk.clock.now()
    payer = payer_of(world.organization.id, "Zoe", "zoe@example.org", now=now)
    giving = Giving(payer.id, 10_00, "USD", roof, "public", "visitor")
    donation = give(world.desk, giving, every=MONTHLY, actor=Actor("visitor", "Zoe"))
    link = make_pay_link(world.organization, donation.invoice_id, actor=ANN, now=now)
    setup = entered(world, begin_visit(world.desk, link, return_url="/{setup}").ref)
    method = given(world.desk, link, setup)
    assert method is not None
    pay = lambda: pay_as_visitor(world.desk, link, method, amount_minor=10_00)  # noqa: E731
    together([pay, pay, lambda: give_due(world.desk)])
    give_due(world.desk)
    gift = Gift.objects.get()
    assert (gift.state, gift.method_id, Payment.objects.count()) == ("active", method.id, 1)
    assert Event.objects.filter(verb="gift_begun").count() == 1
    assert Message.objects.filter(kind="gift_begun").count() == 1
    sound(world)

    first, second = (
        entered(world, begin_card(world.desk, gift, return_url="/{setup}").ref) for _ in range(2)
    )
    cards = [card_given(world.desk, gift, one) for one in (first, second)]
    assert None not in cards
    together([lambda one=one: use_card(world.desk, gift, one, actor=ANN) for one in cards])  # type: ignore[misc]
    gift.refresh_from_db()
    forget_unused(world.desk)
    kept = PaymentMethod.objects.filter(party=payer, state="gift")
    assert [one.id for one in kept] == [gift.method_id], "one card is kept, the one that is charged"
    together(
        [
            lambda: pause_gift(world.desk, gift.id, actor=ANN),
            lambda: stop_gift(world.desk, gift.id, actor=ANN),
        ]
    )
    gift.refresh_from_db()
    forget_unused(world.desk)
    assert gift.state == "stopped" and not PaymentMethod.objects.filter(party=payer, state="gift").exists()
    sound(world)


def test_a_worker_that_is_killed_right_after_a_decline_leaves_it_one_try_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gift_id = a_gift(world, "Ann")
    world.card(Gift.objects.get(id=gift_id).party_id, "insufficient_funds")
    move_clock(world.organization, IN_A_MONTH)
    with monkeypatch.context() as killed:
        killed.setattr(giving, "follow_gift", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            give_due(world.desk)
    second = Donation.objects.get(gift=gift_id, n=1)
    assert second.retry_on == IN_A_MONTH.date(), "still as if nothing had been tried"
    give_due(world.desk)
    second.refresh_from_db()
    assert Attempt.objects.filter(intent__invoices__invoice_id=second.invoice_id).count() == 1
    assert second.retry_on == IN_A_MONTH.date() + timedelta(days=3)
    sound(world)
