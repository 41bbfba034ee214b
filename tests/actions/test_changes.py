"""Changes of a running membership: resolved once whoever comes first, switched once, dates told (C-24, C-36, P-10)."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest
from tests.actions.test_collection_races import together
from tests.collecting import Collection, billed
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.mark_cycle_paid import mark_cycle_paid
from paidthru.actions.resolve_failed_cycle import Resolution
from paidthru.actions.set_active import set_active
from paidthru.actions.set_dates import Dates, set_dates
from paidthru.actions.set_renewal_date import preview_renewal_date, set_renewal_date
from paidthru.actions.switch_plan import preview_switch, switch_plan
from paidthru.invoicing.models import CreditNote, Invoice
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership, Term
from paidthru.organizations.operations import set_policy
from paidthru.payments.models import Attempt
from paidthru.runs import changes
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


def or_refused(act: Callable[[], object]) -> object:
    try:
        return act()
    except Refused as refused:
        return refused.code


def failed(*names: str) -> Collection:
    """Members whose first try of the year's invoice was declined, and whose bank now would pay."""
    found = billed(*names, collect__offsets="[0, 3, 3]")
    for name in names:
        found.behave(name, "decline", "insufficient_funds")
    found.collect()
    for name in names:
        found.behave(name, "accept")
    return found


def current(found: Collection, name: str) -> Membership:
    return Membership.objects.exclude(state="ended").get(party_id=found.party(name))


def test_a_failed_cycle_is_charged_by_hand_and_by_the_calendar_at_once_p16() -> None:
    """One act moves the renewal date and charges; whoever comes first, the cycle has one success (P-10, P-11, P-16)."""
    found = failed("Ann")
    how = Resolution("charge_now", renewal_on=date(2027, 3, 1), why="She called")
    acts: list[partial[object]] = [
        partial(
            or_refused,
            partial(changes.resolve, found.desk, found.party("Ann"), how, actor=STAFF, key="click"),
        ),
        partial(or_refused, partial(found.collect)),
        partial(or_refused, partial(runs.pay_online, found.desk, found.invoice("Ann").id, actor=STAFF)),
    ]
    together(acts * 4)
    runs.collect_unsent(found.desk)
    assert Attempt.objects.filter(party_id=found.party("Ann"), state="succeeded").count() == 1
    assert found.charged() == 1
    found.check()


def test_resolving_by_a_charge_is_all_or_nothing() -> None:
    found = failed("Ann")
    before = current(found, "Ann").next_bill_on
    how = Resolution("charge_now", renewal_on=date(2027, 3, 1))
    found.behave("Ann", "silent")
    found.collect()  # a payment is under way
    for _ in range(2):
        with pytest.raises(Refused, match="under way") as refused:
            changes.resolve(found.desk, found.party("Ann"), how, actor=STAFF, key="one")
        assert refused.value.code == "payment_in_progress"
    assert current(found, "Ann").next_bill_on == before
    for act in (
        partial(
            set_active, found.world.organization, found.party("Ann"), actor=STAFF, now=found.desk.clock.now()
        ),
        partial(changes.resolve, found.desk, found.party("Ann"), Resolution("waive", why="x"), actor=STAFF),
        partial(changes.resolve, found.desk, found.party("Ann"), Resolution("skip"), actor=STAFF),
    ):
        assert or_refused(act) == "payment_in_progress"
    found.answer("Ann", "succeeded")
    assert found.charged() == 1
    found.check()


def test_the_four_ways_x12() -> None:
    found = failed("Paid", "Now", "Waived", "Skipped")
    day = date(2027, 2, 1)
    ways = {
        "Paid": Resolution("paid_outside", "terminal", renewal_on=day),
        "Now": Resolution("charge_now", renewal_on=day),
        "Waived": Resolution("waive", why="Her house burnt down", renewal_on=day),
        "Skipped": Resolution("skip", renewal_on=day),
    }
    for name, how in ways.items():
        for _ in range(2):  # a double click is one act
            changes.resolve(found.desk, found.party(name), how, actor=STAFF, key=f"click {name}")
        member = current(found, name)
        assert (member.unpaid_since, member.next_bill_on, member.anchor_on) == (None, day, day), name
    assert [one.means for one in found.payments("Paid")] == ["terminal"]
    assert found.states("Now") == ["declined", "succeeded"]
    assert CreditNote.objects.get().reason == "Her house burnt down"
    assert (found.invoice("Waived").state, found.invoice("Skipped").state) == ("closed", "uncollectible")
    through = {name: current(found, name).paid_through for name in ways}
    # What was paid goes on until the new date; what is paid only now, or skipped, leaves days without a term.
    assert (through["Paid"], through["Waived"]) == (date(2027, 1, 31), date(2027, 1, 31))
    assert (through["Now"], through["Skipped"]) == (date(2026, 12, 31), date(2025, 12, 31))
    told = Event.objects.filter(verb="cycle_resolved").order_by("id")
    assert [one.facts["way"] for one in told] == ["paid outside", "charged now", "waived", "skipped"]
    found.check()
    for name, code in (("Paid", "invoice_paid"), ("Skipped", "invoice_paid")):
        assert (
            or_refused(partial(changes.resolve, found.desk, found.party(name), ways["Skipped"], actor=STAFF))
            == code
        )
    for how, code in (
        (Resolution("pray"), "way_unknown"),  # type: ignore[arg-type]
        (Resolution("waive"), "reason_missing"),
        (Resolution("paid_outside", "resolved"), "reason_unknown"),
    ):
        assert or_refused(partial(changes.resolve, found.desk, found.party("Now"), how, actor=STAFF)) == code


def test_a_cycle_is_marked_paid_once_for_one_of_the_reasons_c36() -> None:
    found = failed("Ann", "Bob")
    organization, now = found.world.organization, found.desk.clock.now()

    def mark(name: str, reason: str, key: str | None = None) -> object:
        act = partial(
            mark_cycle_paid, organization, found.party(name), reason=reason, actor=STAFF, now=now, key=key
        )
        return or_refused(act)

    assert mark("Ann", "goodwill") == "reason_unknown"
    together([partial(mark, "Ann", "cash", "click")] * 6)
    assert [(one.means, one.amount_minor) for one in found.payments("Ann")] == [("cash", 10_000)]
    assert mark("Ann", "cash") == "invoice_paid"
    mark("Bob", "imported")
    assert (found.payments("Bob"), found.invoice("Bob").state) == ([], "closed")
    assert current(found, "Bob").paid_through == date(2026, 12, 31)
    reasons = (
        Event.objects.filter(verb="cycle_marked_paid").order_by("id").values_list("facts__reason", flat=True)
    )
    assert list(reasons) == ["Paid in cash", "Imported: it was paid before"]
    found.check()


def test_a_switch_is_one_and_previews_what_it_does_x15() -> None:
    """Accrual with deferred income: the unearned part of the unused time leaves Deferred, the rest its income."""
    found = billed(
        "Ann", accounting__method="accrual", accounting__defer="all", switch__effective__staff="now",
        switch__credit="unused_time",
    )  # fmt: skip
    organization, party = found.world.organization, found.party("Ann")
    found.collect()
    plus = found.world.plan("Plus", 30_000)
    found.move(days=73)  # 292 of 365 days are left
    now = found.desk.clock.now()
    before = found.balances()
    seen = preview_switch(organization, party, plus.id, actor=STAFF, now=now)
    assert (seen.when, seen.unused_minor, seen.bills_on) == ("now", 8_000, found.desk.today)
    assert "292 of 365 days" in seen.counted[0]
    assert found.balances() == before
    done = together([partial(changes.switch, found.desk, party, plus.id, actor=STAFF, key="click")] * 6)
    assert len({str(one) for one in done}) == 1
    member = current(found, "Ann")
    assert (member.plan_id, member.anchor_on, member.follows_id) == (
        plus.id,
        found.desk.today,
        found.members["Ann"].id,
    )
    old = Membership.objects.get(id=found.members["Ann"].id)
    assert (old.state, old.ended_because, old.ended_on) == ("ended", "switched", found.desk.today)
    assert found.invoice("Ann").total_minor - 8_000 == found.payments("Ann")[-1].amount_minor
    assert found.charged() == 2
    credited = CreditNote.objects.get()
    assert (credited.amount_minor, Invoice.objects.get(id=credited.invoice_id).state) == (8_000, "paid")
    assert -found.balances()["Deferred"] == 10_000 - 8_000 + found.invoice("Ann").total_minor
    assert or_refused(partial(switch_plan, organization, party, plus.id, actor=STAFF, now=now)) == "same_plan"
    found.check()


def test_a_switch_beside_a_payment_under_way_charges_nothing_twice() -> None:
    """The old term's payment is left to end and pays it; where unused time is credited, its answer is waited for."""
    found = billed("Ann", switch__effective__staff="now", switch__credit="unused_time")
    plus = found.world.plan("Plus", 30_000)
    found.move(days=73)
    found.behave("Ann", "silent_but_charges")
    found.collect()
    found.behave("Ann", "accept")
    act = partial(changes.switch, found.desk, found.party("Ann"), plus.id, actor=STAFF)
    assert or_refused(act) == "payment_in_progress"
    set_policy(found.world.organization, "switch.credit", "none", actor="Pat", now=found.desk.clock.now())
    act()
    found.check()
    found.answer("Ann", "succeeded")
    paid = [(one.amount_minor, one.unallocated_minor) for one in found.payments("Ann")]
    assert (paid, found.charged()) == ([(30_000, 0), (10_000, 0)], 2)
    assert current(found, "Ann").plan_id == plus.id
    found.check()


def test_a_renewal_date_says_what_it_does_and_charges_no_paid_day_twice_p11() -> None:
    found = billed("Ann", "Bob", billing__past_date="charge_next_hour")
    organization, now = found.world.organization, found.desk.clock.now()
    found.collect()
    moved = preview_renewal_date(organization, found.party("Ann"), date(2027, 3, 1), now=now)
    assert moved.next is not None
    assert (moved.next.on, moved.charged_at) == (date(2027, 3, 1), None)
    assert moved.said[0].startswith(
        "The term 2026-01-01 to 2026-12-31, which is paid, goes on until 2027-02-28"
    )
    set_renewal_date(organization, found.party("Ann"), date(2027, 3, 1), actor=STAFF, now=now, key="one")
    set_renewal_date(organization, found.party("Ann"), date(2027, 3, 1), actor=STAFF, now=now, key="one")
    same = partial(set_renewal_date, organization, found.party("Bob"), date(2026, 1, 1), actor=STAFF, now=now)
    assert or_refused(same) == "already_billed"
    assert Event.objects.filter(verb="renewal_date_set").count() == 1
    assert current(found, "Ann").paid_through == date(2027, 2, 28)
    found.check()


def test_dates_are_set_with_a_reason_and_what_was_stays_on_record_c24() -> None:
    found = billed("Ann")
    organization, now = found.world.organization, found.desk.clock.now()
    found.collect()
    act = partial(set_dates, organization, found.party("Ann"), actor=STAFF, now=now)
    assert or_refused(partial(act, Dates(paid_through=date(2027, 1, 31)), why=" ")) == "reason_missing"
    assert or_refused(partial(act, Dates(joined_on=date(2027, 1, 31)), why="x")) == "past_date"
    assert or_refused(partial(act, Dates(paid_through=date(2025, 6, 1)), why="x")) == "dates_contradict"
    act(Dates(joined_on=date(2020, 2, 2), paid_through=date(2027, 1, 31)), why="A month as a present")
    member = current(found, "Ann")
    assert (member.joined_on, member.paid_through) == (date(2020, 2, 2), date(2027, 1, 31))
    assert member.next_bill_on == date(2027, 2, 1)
    told = Event.objects.get(verb="dates_set")
    assert "paid through 2026-12-31 → 2027-01-31" in told.facts["changes"]
    assert told.why == "A month as a present"
    assert Term.objects.filter(membership=member, canceled=False).count() == 2
    found.check()
