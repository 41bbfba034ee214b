"""Notices ahead, and who doesn't want them: what they say, that they are looked at again, that wishes count (A-53)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.world import STAFF, World, a_world

from paidthru import invariants
from paidthru.actions.cancel_membership import cancel_membership
from paidthru.actions.change_price import change_price
from paidthru.actions.set_mail_wishes import set_mail_wishes
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.notices.models import RefusedAddress
from paidthru.notices.rules.catalogue import Mail
from paidthru.notices.rules.sentences import ENGLISH_SENTENCES, spoken
from paidthru.organizations.operations import move_clock, set_policy
from paidthru.organizations.rules.policies import parse
from paidthru.people.models import Party
from paidthru.runs.ahead import next_notices, notices_since, notify_due
from paidthru.runs.mail import send_mail
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)
TEN = datetime(2026, 1, 22, 15, 0, tzinfo=UTC)  # 10:00 in the club's zone, ten days before the renewals


class Postman:
    """Takes every mail."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []

    def send(self, mail: Mail, *, sender: str) -> None:
        self.sent.append(mail)


def ahead(**policies: str) -> tuple[World, dict[str, Membership]]:
    """Three members who renew on 1 February: Ann by card, Bob on autopay without one, Cat by herself."""
    world = a_world("association", now=TEN, **{"renewal__notice_days": "[10, 2]"} | policies)
    plan = world.plan("Regular", 12_000)
    through = date(2026, 1, 31)
    made = {
        "Ann": world.member("Ann", plan, paid_through=through, card=True, autopay=True),
        "Bob": world.member("Bob", plan, paid_through=through, autopay=True),
        "Cat": world.member("Cat", plan, paid_through=through),
    }
    for name, one in made.items():
        Party.objects.filter(id=one.party_id).update(email=f"{name.lower()}@example.org")
    return world, made


def told(world: World) -> dict[str, str]:
    found = Message.objects.filter(organization=world.organization, kind="renewal_ahead")
    names = dict(Party.objects.values_list("id", "name"))
    said = {one.party_id: spoken(one.facts, ENGLISH_SENTENCES, "en", blocks=()) for one in found}
    return {names[id_]: told["said"] for id_, told in said.items() if id_}


def mailed(world: World) -> list[Mail]:
    postman = Postman()
    world.desk = replace(world.desk, mailer=postman, public_url="https://pay.example.org")
    send_mail(world.desk)
    return postman.sent


def test_each_is_told_what_comes_and_how_it_is_paid_once() -> None:
    world, made = ahead()
    change_price(
        world.organization, made["Ann"].plan_id, 15_000, from_on=date(2026, 2, 1), actor=STAFF, now=TEN
    )
    assert notices_since(world.desk)[0] == 1
    assert notify_due(world.desk) == 3
    assert notify_due(world.desk) == 0
    said = told(world)
    assert (
        "on February 1, 2026. 150.00 USD will be charged to" in said["Ann"]
    )  # the price that is planned for then
    assert "there is no card or bank account on file" in said["Bob"]
    assert "150.00 USD is due then; nothing is charged by itself" in said["Cat"]
    assert notices_since(world.desk) == (0, None)
    assert next_notices(world.desk) == datetime(2026, 1, 30, 14, 0, tzinfo=UTC)  # two days before, at nine
    move_clock(world.organization, TEN + timedelta(days=1))
    assert notify_due(world.desk) == 0  # the same days before, and told already
    assert invariants.check(world.organization.id) == []


def test_what_waited_is_looked_at_again_before_it_leaves() -> None:
    world, made = ahead()
    notify_due(world.desk)
    cancel_membership(world.organization, made["Ann"].id, actor=STAFF, now=TEN)
    Membership.objects.filter(id=made["Bob"].id).update(autopay=False)
    sent = mailed(world)
    notices = {mail.to: mail for mail in sent if "renewed" in mail.text}
    assert sorted(notices) == ["bob@example.org", "cat@example.org"]
    assert "nothing is charged by itself" in notices["bob@example.org"].text
    dropped = Message.objects.get(kind="renewal_ahead", party_id=made["Ann"].party_id)
    assert (dropped.state, dropped.last_error) == ("dropped", "It was no longer so when it could leave.")


def test_whoever_declines_gets_none_written_or_sent_and_may_change_their_mind() -> None:
    world, made = ahead()
    ann, bob = made["Ann"].party_id, made["Bob"].party_id
    assert set_mail_wishes(world.organization, ann, {"renewals": False}, actor=STAFF, now=TEN) == 1
    assert set_mail_wishes(world.organization, ann, {"renewals": False}, actor=STAFF, now=TEN) == 0
    assert notify_due(world.desk) == 2
    set_mail_wishes(world.organization, bob, {"renewals": False, "reminders": True}, actor=STAFF, now=TEN)
    (mail,) = [mail for mail in mailed(world) if "renewed" in mail.text]
    assert mail.to == "cat@example.org"
    assert mail.unsubscribe.startswith("https://pay.example.org/mails/")
    set_mail_wishes(world.organization, ann, {"renewals": True}, actor=STAFF, now=TEN)
    verbs = Event.objects.filter(party_id=ann, verb__startswith="mail_").order_by("id")
    assert [one.verb for one in verbs] == ["mail_declined", "mail_wanted"]
    with pytest.raises(Refused, match="no such mails"):
        set_mail_wishes(world.organization, ann, {"receipts": False}, actor=STAFF, now=TEN)
    with pytest.raises(Refused, match="no such member"):
        set_mail_wishes(a_world(name="Other").organization, ann, {"renewals": False}, actor=STAFF, now=TEN)


def test_a_prepaid_membership_hears_of_its_end_and_a_plan_has_its_own_days() -> None:
    world, made = ahead()
    gift = world.plan("Gift", 5_000, kind="prepaid")
    pia = world.member("Pia", gift, paid_through=date(2026, 1, 31))
    Membership.objects.filter(id=pia.id).update(next_bill_on=None)
    set_policy(
        world.organization,
        "renewal.notice_days",
        parse("renewal.notice_days", "5"),
        actor="Pat",
        now=TEN,
        scope="plan",
        scope_id=made["Ann"].plan_id,
    )
    assert notify_due(world.desk) == 1
    assert "runs through January 31, 2026 and ends then" in told(world)["Pia"]
    move_clock(world.organization, TEN + timedelta(days=5))
    assert notify_due(world.desk) == 3
    Membership.objects.filter(id=pia.id).update(renewed_through=date(2026, 3, 31))
    assert "pia" not in [mail.to for mail in mailed(world)]


def test_mail_keeps_its_hours_save_what_is_waited_for() -> None:
    world, _ = ahead(mail__hours="between(12:00, 18:00)")
    notify_due(world.desk)
    assert mailed(world) == []
    waiting = Message.objects.filter(kind="renewal_ahead").values_list("state", "next_try_at", "tries")
    noon = datetime(2026, 1, 22, 17, 0, tzinfo=UTC)
    assert set(waiting) == {("waiting", noon, 0)}
    move_clock(world.organization, datetime(2026, 1, 23, 1, 0, tzinfo=UTC))
    assert mailed(world) == []  # eight in the evening: tomorrow at noon
    assert Message.objects.filter(next_try_at=noon + timedelta(days=1)).count() == 3
    move_clock(world.organization, noon + timedelta(days=1))
    assert len(mailed(world)) == 3


def test_nothing_goes_to_an_address_that_was_refused() -> None:
    world, _ = ahead()
    RefusedAddress.objects.create(
        organization=world.organization, email="ann@example.org", why="no such box", at=TEN
    )
    Party.objects.filter(name="Ann").update(email="Ann@Example.org")
    notify_due(world.desk)
    assert sorted(mail.to for mail in mailed(world)) == ["bob@example.org", "cat@example.org"]
    found = Message.objects.get(party_id=Party.objects.get(name="Ann").id, kind="renewal_ahead")
    assert "was refused on 2026-01-22: no such box" in found.last_error
