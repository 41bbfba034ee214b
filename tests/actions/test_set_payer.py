"""Somebody else pays for a membership (C-25): who is billed and charged, what stays with whom, and the history."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import transaction
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.join import join
from paidthru.actions.preview_run import preview, start_run
from paidthru.actions.set_payer import set_payer
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership, RunItem
from paidthru.membership.operations import stop_autopay
from paidthru.membership.queries import next_charge
from paidthru.membership.queries.history import status_history_of
from paidthru.membership.queries.paying import asked_of_others, paid_for_by
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Attempt
from paidthru.runs.joining import switch_and_pay
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world("recommended", now=datetime(2026, 1, 5, 15, tzinfo=UTC))


def _pay_for(world: World, member: Membership, payer_id: UUID | None, *, autopay: bool = False) -> Membership:
    now = world.desk.clock.now()
    return set_payer(world.organization, member.party_id, payer_id, actor=STAFF, now=now, autopay=autopay)


def test_the_payer_is_billed_charged_and_told_and_the_membership_stays_the_member_s(world: World) -> None:
    plan = world.plan("Gold", 40_00, interval_unit="month")
    ann = world.member("Ann", plan, paid_through=date(2026, 1, 31), autopay=True)
    world.card(ann.party_id)  # hers, and never charged while Works pays
    works = world.party("Works", email="works@example.org")
    world.card(works)
    assert _pay_for(world, ann, works).autopay is False  # whoever pays agrees for themselves
    assert _pay_for(world, ann, works, autopay=True).paid_by == works
    happened = Event.objects.filter(verb__in=("payer_set", "pays_for")).count()
    _pay_for(world, ann, works, autopay=True)  # pressed twice
    assert Event.objects.filter(verb__in=("payer_set", "pays_for")).count() == happened
    assert [one.party.name for one in paid_for_by(world.organization.id, works)] == ["Ann"]

    runs.advance(world.desk, datetime(2026, 2, 1, 23, tzinfo=UTC))
    ann.refresh_from_db()
    (invoice,) = Invoice.objects.all()
    assert (invoice.party_id, invoice.state, ann.paid_through) == (works, "paid", date(2026, 2, 28))
    assert "(Ann)" in invoice.lines.get().description
    assert set(Attempt.objects.values_list("party_id", flat=True)) == {works}
    moved = Event.objects.get(verb="paid_through_moved")
    assert moved.party_id == ann.party_id
    coming = next_charge(ann, policies_of(world.organization), world.desk.today)
    assert coming is not None and (coming.on, coming.amount_minor) == (date(2026, 3, 1), 40_00)

    run = start_run(
        world.organization,
        name="March",
        effective_on=date(2026, 3, 1),
        actor=STAFF,
        now=world.desk.clock.now(),
    )
    preview(run.id)
    item = RunItem.objects.get(run=run)
    assert (item.party_id, item.payer_id) == (ann.party_id, works)
    assert not invariants.check(world.organization.id)


def test_what_was_asked_of_a_payer_stays_theirs_and_is_charged_by_nobody_s_leave(world: World) -> None:
    plan = world.plan("Gold", 40_00, interval_unit="month")
    ann = world.member("Ann", plan, paid_through=date(2026, 1, 31))
    eve = world.member("Eve", plan, paid_through=date(2026, 12, 31)).party_id
    world.card(eve)
    world.processor.set_script(str(eve), "decline", "insufficient_funds")
    _pay_for(world, ann, eve, autopay=True)
    runs.advance(world.desk, datetime(2026, 2, 3, 23, tzinfo=UTC))
    ann.refresh_from_db()
    assert (ann.unpaid_since is not None, len(asked_of_others(ann, eve))) == (True, 1)
    policies = policies_of(world.organization)

    def labels(party_id: UUID) -> list[str]:
        told = status_history_of(
            world.organization,
            party_id,
            policies,
            world.desk.today,
            without_terms=(),
        )
        return [one.change.label for one in told]

    assert labels(ann.party_id)[0] == "Past Due"
    assert "Past Due" not in labels(eve)  # it was not hers
    tried = Attempt.objects.count()
    after = _pay_for(world, ann, None)
    assert (after.payer_id, after.autopay) == (None, False)
    switch_autopay(world.organization, ann.id, on=True, actor=STAFF, now=world.desk.clock.now())
    world.card(ann.party_id)  # Ann's consent is for her own bills
    runs.advance(world.desk, datetime(2026, 2, 12, 23, tzinfo=UTC))
    assert Attempt.objects.count() == tried
    assert [one.party_id for one in asked_of_others(ann, eve)] == [eve]
    assert not invariants.check(world.organization.id)


def test_refusals_and_a_mandate_that_is_gone(world: World) -> None:
    plan, other = world.plan("Gold", 40_00), world.plan("Plus", 60_00)
    ann = world.member("Ann", plan, paid_through=date(2026, 12, 31))
    works, now = world.party("Works"), world.desk.clock.now()
    elsewhere = a_world(name="Other").party("Zoe")
    for payer, code in ((ann.party_id, "payer_is_member"), (elsewhere, "payer_unknown")):
        with pytest.raises(Refused) as refused:
            _pay_for(world, ann, payer)
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        set_payer(world.organization, works, ann.party_id, actor=STAFF, now=now)
    assert refused.value.code == "not_a_member"
    _pay_for(world, ann, works, autopay=True)
    with pytest.raises(Refused) as refused:  # what Works would be charged for, Works has to agree to
        switch_and_pay(world.desk, ann.party_id, other.id, actor=Actor("member", "Ann"))
    assert refused.value.code == "paid_by_another"
    with transaction.atomic():
        assert stop_autopay(ann.party_id) == []  # her own bank account is not Works'
        assert stop_autopay(works) == [ann.id]
    join(world.organization, works, other.id, actor=STAFF, now=now)
    assert Invoice.objects.get().party_id == works
