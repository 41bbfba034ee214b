"""Ends of memberships: the same by whomever (C-46), no further try (C-34), many at once (C-02), each told (A-54)."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db.models import Q
from tests.collecting import billed
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.actions.end_due import end_due
from paidthru.actions.join import join
from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.invariants import check
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership, Plan
from paidthru.membership.operations import end_memberships
from paidthru.membership.queries import counts_by_label, label_on
from paidthru.membership.queries.ending import access_of
from paidthru.membership.queries.history import status_history_of
from paidthru.organizations.operations import move_clock, set_policy
from paidthru.organizations.queries import policies_of
from paidthru.runs.mail import send_mail
from paidthru.timeline.models import Event, Message
from paidthru.timeline.operations import SCHEDULE, Actor, record

pytestmark = pytest.mark.django_db(transaction=True)


def told(world: World, member: Membership) -> list[tuple[object, ...]]:
    """What was told of a member, save who did it and to whom."""
    found = Event.objects.filter(organization=world.organization, party_id=member.party_id).order_by("id")
    return [(one.verb, one.subject_kind, one.why, one.facts) for one in found]


def now_of(member: Membership) -> Membership:
    return Membership.objects.get(id=member.id)


def test_staff_and_members_cancel_alike_and_twice_is_once_c46() -> None:
    world = a_world("community")
    plan = world.plan(interval_unit="month")
    through = world.desk.today + timedelta(days=20)
    ann, bob = (world.member(name, plan, paid_through=through, autopay=True) for name in ("Ann", "Bob"))
    for _ in range(2):
        runs.cancel(world.desk, ann.id, actor=Actor("member", "Ann"), key="ann")
        runs.cancel(world.desk, bob.id, actor=STAFF, key="bob")
    assert told(world, ann) == told(world, bob)
    assert Counter(Message.objects.values_list("kind", flat=True)) == {"canceled": 2}
    ending = now_of(ann)
    assert (ending.state, ending.cancel_on, ending.next_bill_on) == (
        "ending",
        through + timedelta(days=1),
        None,
    )
    with pytest.raises(Refused, match="canceled already"):
        runs.cancel(world.desk, ann.id, actor=STAFF)
    runs.advance(world.desk, world.desk.clock.now() + timedelta(days=22))
    assert told(world, ann) == told(world, bob)
    assert {now_of(one).ended_because for one in (ann, bob)} == {"canceled"}
    for act in (
        lambda: runs.cancel(world.desk, ann.id, actor=STAFF),
        lambda: undo_cancellation(world.organization, ann.id, actor=STAFF, now=world.desk.clock.now()),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "not_a_member"
    assert check(world.organization.id) == []


def test_who_was_mailed_the_end_is_mailed_that_it_goes_on() -> None:
    world = a_world("community")
    plan, desk = world.plan(interval_unit="month"), world.desk
    members = [
        world.member(name, plan, paid_through=desk.today + timedelta(days=20)) for name in ("Ann", "Bob")
    ]

    def undone(one: Membership) -> None:
        undo_cancellation(world.organization, one.id, actor=STAFF, now=desk.clock.now())

    for n, ann in enumerate(members):
        runs.cancel(desk, ann.id, actor=STAFF)
        if n == 0:
            send_mail(desk)  # it leaves before it is undone
        undone(ann)
        with pytest.raises(Refused, match="isn't canceled"):
            undone(ann)
    send_mail(desk)
    mails = Message.objects.order_by("id").values_list("party_id", "kind", "state")
    first, second = (one.party_id for one in members)
    assert list(mails) == [
        (first, "canceled", "kept"),
        (first, "goes_on", "kept"),
        (second, "canceled", "dropped"),
    ]


def test_what_waits_to_be_sent_is_not_once_its_member_has_canceled_c34() -> None:
    found = billed(
        "Ann", "Bob", "Cid", preset="recommended", billing__trigger="staff_run", collect__offsets="[0, 1]"
    )
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    found.behave("Ann", "accept")
    found.move(days=2)
    found.submit()
    assert found.states("Ann") == ["declined", "created"]
    runs.cancel(found.desk, found.members["Ann"].id, actor=STAFF)
    runs.collect_unsent(found.desk)
    assert found.states("Ann") == ["declined", "canceled"]
    assert "Ann" not in found.listed()
    assert found.invoice("Ann").balance_minor == 10_000
    runs.pay_online(found.desk, found.invoice("Ann").id, actor=Actor("member", "Ann"))  # the member still may
    assert found.payments("Ann")
    found.check()


def test_thousands_end_in_a_few_transactions_each_on_its_day() -> None:
    world = a_world("coworking", collect__on_exhausted="downgrade")
    default = world.plan("Community", None, kind="free", is_default=True)
    desk, gift = world.plan("Desk", interval_unit="month"), world.plan("Gift", kind="prepaid")
    today = world.desk.today
    members = [world.member(f"M{n}", desk, paid_through=today + timedelta(days=n % 3)) for n in range(30)]
    over = world.member("Prepaid", gift, paid_through=today + timedelta(days=1))
    Membership.objects.filter(id=over.id).update(next_bill_on=None)
    for one in members:
        runs.cancel(world.desk, one.id, actor=STAFF)
    move_clock(world.organization, world.desk.clock.now() + timedelta(days=10))  # nobody was there for days
    now = world.desk.clock.now()
    assert end_due(world.organization, on=world.desk.today, actor=SCHEDULE, now=now) == 31
    assert end_due(world.organization, on=world.desk.today, actor=SCHEDULE, now=now) == 0
    ended = Membership.objects.filter(state="ended")
    assert Counter(ended.values_list("ended_on", flat=True)) == {
        today + timedelta(days=1): 10,
        today + timedelta(days=2): 11,
        today + timedelta(days=3): 10,
    }
    followers = Membership.objects.filter(plan=default, state="active", follows__in=ended)
    assert followers.count() == 30
    assert {
        one.joined_on == one.follows.ended_on for one in followers.select_related("follows") if one.follows
    } == {True}
    access = Event.objects.filter(verb="access_changed")
    assert Counter(one.facts["access"] for one in access) == {"fallback": 30, "none": 1}
    assert check(world.organization.id) == []


def test_a_lapse_has_its_label_in_the_list_and_by_itself_x3_a49() -> None:
    world = a_world("recommended")
    plan = world.plan()
    ann = world.member("Ann", plan, paid_through=date(2025, 12, 31))
    on, now = world.desk.today, world.desk.clock.now()
    happenings = end_memberships(
        world.organization, [ann.id], because="lapsed", on=on, why="Unpaid.", actor=SCHEDULE, now=now
    )
    record(world.organization.id, SCHEDULE, now, happenings)
    policies = policies_of(world.organization)
    labels = {}
    for preset in ("recommended", "community", "association"):
        set_policy(world.organization, "status.labels", preset, actor="x", now=now)
        policies = policies_of(world.organization)
        labels[preset] = label_on(now_of(ann), policies, on)
        assert counts_by_label(world.organization.id, policies, on, which=Q()) == {labels[preset]: 1}
    assert labels == {"recommended": "Lapsed", "community": "Canceled", "association": "Canceled"}
    assert (
        end_memberships(world.organization, [ann.id], because="over", on=on, why="", actor=SCHEDULE, now=now)
        == []
    )


def test_access_follows_arrears_and_payment_with_an_event_c35() -> None:
    found = billed("Ann", "Bob", preset="recommended", billing__trigger="staff_run", access__restrict="after(3)",
                   collect__on_exhausted="stay_past_due")  # fmt: skip
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    found.behave("Ann", "accept")

    def told_of_access() -> list[str]:
        mine = Event.objects.filter(verb="access_changed", party_id=found.party("Ann")).order_by("id")
        return [one.facts["access"] for one in mine]

    def access() -> str:
        organization = found.world.organization
        return access_of(now_of(found.members["Ann"]), policies_of(organization), found.desk.today).access

    runs.tell_access(found.desk)
    assert (told_of_access(), access()) == ([], "full")
    found.move(days=3)
    for _ in range(2):
        runs.tell_access(found.desk)
    assert (told_of_access(), access()) == (["limited"], "limited")
    runs.pay_online(found.desk, found.invoice("Ann").id, actor=STAFF)
    for _ in range(2):
        runs.tell_access(found.desk)
    assert (told_of_access(), access()) == (["limited", "full"], "full")
    changes = status_history_of(
        found.world.organization, found.party("Ann"), policies_of(found.world.organization), found.desk.today,
        without_terms=[],
    )  # fmt: skip
    causes = [(one.change.label, one.event.verb if one.event else "") for one in changes]
    assert causes[:1] == [("Active", "paid_through_moved")]
    assert changes[0].event is not None
    assert changes[0].event.why.startswith("Payment ")  # the payment is the cause
    found.check()


def test_rejoining_is_a_renewal_or_a_new_membership_x19() -> None:
    def came_back(mode: str, *, renews: bool | None = None) -> tuple[int, bool]:
        world = a_world("recommended", name=f"{mode} {renews}", rejoin__mode=mode)
        plan: Plan = world.plan()
        ann = world.member("Ann", plan, paid_through=date(2025, 6, 30))
        join(
            world.organization, ann.party_id, plan.id, actor=STAFF, now=world.desk.clock.now(), renews=renews
        )
        assert check(world.organization.id) == []
        return Membership.objects.filter(party_id=ann.party_id).count(), now_of(ann).state == "ended"

    assert came_back("renewal_if_active") == (1, False)
    assert came_back("new_membership") == (2, True)
    assert came_back("new_membership", renews=True) == (1, False)
    assert came_back("ask", renews=False) == (2, True)
