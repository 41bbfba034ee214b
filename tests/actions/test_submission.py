"""Submitting: the list is what is submitted, once, and what must be looked at first is (I-26, I-39 to I-44)."""

from datetime import date

import pytest
from tests.collecting import billed
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions.record_payment import record_payment
from paidthru.actions.review_run import review_run
from paidthru.actions.submit import Selection, submit_list, submit_totals
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.membership.models import BillingRun, Membership
from paidthru.payments.models import Attempt, Payment

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_list_is_what_is_submitted_i42() -> None:
    found = billed("Ann", "Bob", "Cid")
    listed = set(found.listed())
    done = found.submit()
    assert listed == {"Ann", "Bob", "Cid"} and done.submitted == 3
    assert {one.party.name for one in Attempt.objects.select_related("party")} == listed
    assert found.listed() == {}


def test_due_on_the_date_is_in_and_the_day_after_is_out_i40() -> None:
    found = billed("Ann", "Bob", "Cid")
    for name, due_on in (("Ann", date(2026, 1, 31)), ("Bob", date(2026, 2, 1)), ("Cid", date(2025, 6, 1))):
        Invoice.objects.filter(id=found.invoice(name).id).update(due_on=due_on)
    assert set(found.listed(date(2026, 1, 31))) == {"Ann", "Cid"}
    assert set(found.listed(date(2026, 2, 1))) == {"Ann", "Bob", "Cid"}


@pytest.mark.parametrize(("text", "names"), [
    ("ann", {"Ann", "Joanna"}), ("ANN", {"Ann", "Joanna"}), ("%", set()), ("_", set()), ("", {"Ann", "Joanna", "Bob"}),
])  # fmt: skip
def test_part_of_a_name_whatever_its_case_i41(text: str, names: set[str]) -> None:
    found = billed("Ann", "Joanna", "Bob")
    assert set(found.listed(name_contains=text)) == names
    assert found.submit(name_contains=text).submitted == len(names)


def test_only_dues_of_members_on_autopay_i03() -> None:
    world = a_world()
    plan = world.plan()
    off = world.member("Off", plan, paid_through=date(2025, 12, 31), card=True, autopay=False)
    found = billed("Ann", "Eve", world=world, plan=plan)
    Invoice.objects.filter(id=found.invoice("Eve").id).update(kind="event")
    assert Invoice.objects.filter(party_id=off.party_id).exists()
    assert set(found.listed()) == {"Ann"}
    Membership.objects.filter(id=found.members["Ann"].id).update(state="ended")
    assert found.listed() == {}


def test_pressed_twice_the_second_finds_nothing_i43() -> None:
    found = billed("Ann", "Bob")
    assert (found.submit().submitted, found.submit().submitted) == (2, 0)
    assert Attempt.objects.count() == 2
    first = found.attempt("Ann")
    assert found.open("Ann") == first  # asked for by name, the answer is the attempt that is open


def test_the_third_submission_is_refused_at_two_i26() -> None:
    found = billed("Ann", collect__max_attempts="2")
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    found.collect()
    done = found.submit()
    assert done.submitted == 0
    assert [one.refused for one in done.refused] == ["attempts_exhausted"]
    with pytest.raises(Refused) as refused:
        found.open("Ann", max_attempts=2)
    assert refused.value.code == "attempts_exhausted"
    assert found.states("Ann") == ["declined", "declined"]


def test_three_failures_and_it_is_no_longer_submitted_i44() -> None:
    found = billed("Ann")
    found.behave("Ann", "decline", "do_not_honor")
    for _ in range(3):
        assert found.collect().submitted == 1
    assert found.collect().submitted == 0
    assert found.listed() == {"Ann": "attempts_exhausted"}
    totals = submit_totals(found.world.organization, Selection(found.desk.today), now=found.desk.clock.now())
    assert (totals.count, totals.refused) == (0, {"attempts_exhausted": 1})


def test_no_method_no_attempt_c14() -> None:
    found = billed("Ann", card=None)
    assert found.listed() == {"Ann": "no_payment_method"}
    assert found.submit().submitted == 0
    assert not Attempt.objects.exists()


def test_the_schedule_marks_who_has_no_method_and_tries_each_invoice_once_c14_i25() -> None:
    found = billed("Ann", preset="community", card=None, billing__slot="fixed_time(06:00)")
    runs.work(found.desk)
    assert found.membership("Ann").unpaid_since is None  # before the hour at which the day's billing is done
    found.advance(hours=12)
    assert found.membership("Ann").unpaid_since == date(2026, 1, 1)
    found.new_card("Ann")
    found.behave("Ann", "decline", "insufficient_funds")
    found.advance(days=3)
    assert found.states("Ann") == ["declined"]  # the first try is the schedule's, later ones are not
    found.check()


@pytest.mark.parametrize("initiator", ["submission", "staff"])
def test_who_left_autopay_before_it_was_sent_is_not_charged_b17(initiator: str) -> None:
    """What staff collect by name doesn't rest on autopay."""
    found = billed("Ann")
    if initiator == "submission":
        found.submit()
    else:
        found.open("Ann")
    switch_autopay(
        found.world.organization, found.members["Ann"].id, on=False, actor=STAFF, now=found.desk.clock.now()
    )
    runs.collect_unsent(found.desk)
    assert (found.states("Ann"), found.charged()) == (
        (["canceled"], 0) if initiator == "submission" else (["succeeded"], 1)
    )
    assert found.listed() == {}
    found.check()


def test_the_schedule_collects_what_a_check_left_over_c17() -> None:
    """The attempt over the whole was taken back before it was sent, so it was no try."""
    found = billed("Ann", preset="community", billing__slot="fixed_time(06:00)")
    found.submit()
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=4_000, currency="USD", means="cash",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    found.advance(hours=12)
    assert found.states("Ann") == ["canceled", "succeeded"]
    assert (found.attempt("Ann").intent.amount_minor, found.invoice("Ann").state) == (6_000, "paid")
    found.check()


def test_what_was_paid_since_the_list_was_read_is_left_out_i34() -> None:
    found = billed("Ann", "Bob")
    page, _ = submit_list(found.world.organization, Selection(found.desk.today), now=found.desk.clock.now())
    assert len(page) == 2
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=10_000, currency="USD", means="cash",
        actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        found.open("Ann")
    assert refused.value.code == "invoice_paid"
    Invoice.objects.filter(id=found.invoice("Bob").id).update(state="closed")
    with pytest.raises(Refused) as refused:
        found.open("Bob")
    assert refused.value.code == "invoice_closed"


def test_a_run_that_nobody_reviewed_is_refused_until_somebody_says_they_did_i20() -> None:
    found = billed("Ann")
    with pytest.raises(Refused, match="haven't been reviewed") as refused:
        found.submit(acknowledged=False)
    assert refused.value.code == "review_required"
    assert not Attempt.objects.exists()
    assert found.submit(acknowledged=True).submitted == 1
    assert BillingRun.objects.get().reviewed_by == STAFF.name


def test_a_date_ahead_is_refused_until_it_is_confirmed_i27() -> None:
    found = billed("Ann", invoice__review="none")
    with pytest.raises(Refused) as refused:
        found.submit(date(2026, 1, 2), acknowledged=False)
    assert refused.value.code == "not_yet_due"
    assert found.submit(date(2026, 1, 1), acknowledged=False).submitted == 1
    assert found.submit(date(2026, 1, 2), acknowledged=True).submitted == 0


def test_what_is_refused_is_refused_before_anything_is_submitted_i20(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pages the list has: the run that nobody reviewed stands on the last of them."""
    found = billed("Ann", "Bob")
    run = BillingRun.objects.get()
    review_run(run.id, actor=STAFF, now=found.desk.clock.now())
    found.members["Zoe"] = found.world.member(
        "Zoe", found.plan, paid_through=date(2025, 12, 31), card=True, autopay=True
    )
    runs.generate(found.desk, name="Stragglers", effective_on=date(2026, 1, 1), actor=STAFF)

    def short_pages(organization, selection, *, now, after=None):  # type: ignore[no-untyped-def]
        return submit_list(organization, selection, now=now, after=after, limit=1)

    monkeypatch.setattr(runs.collection, "submit_list", short_pages)
    with pytest.raises(Refused) as refused:
        found.submit(acknowledged=False)
    assert refused.value.code == "review_required"
    assert not Attempt.objects.exists()
    assert found.submit(acknowledged=True).submitted == 3


def test_attempts_are_sent_in_the_order_of_the_list() -> None:
    names = [f"M{n:02}" for n in range(30)]
    found = billed(*names)
    found.collect()
    paid = Payment.objects.order_by("number").select_related("party")
    assert [payment.party.name for payment in paid] == names
    found.check()
