"""What is unpaid is followed up: by whose policies, from which day, with what in the mail, and once.

A-46, A-50, A-51, C-14, X5, X22.
"""

from datetime import date, datetime, timedelta

import pytest
from tests.collecting import Collection, billed
from tests.world import STAFF

from paidthru.actions.record_payment import record_payment
from paidthru.actions.reverse_payment import reverse_payment
from paidthru.dunning.models import Case, Step
from paidthru.dunning.queries import ladder_of
from paidthru.dunning.rules.ladder import Ladder, ladder_from
from paidthru.membership.models import Membership
from paidthru.notices.rules.sentences import ENGLISH_SENTENCES, spoken
from paidthru.organizations.models import Mark, PolicySetting
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Payment, PaymentMethod
from paidthru.runs.dunning import follow_up_due, next_follow_up
from paidthru.timeline.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


def case_of(found: Collection, name: str) -> Case:
    return Case.objects.filter(party_id=found.party(name)).latest("id")


def mails(found: Collection, name: str) -> list[str]:
    return list(
        Message.objects.filter(party_id=found.party(name)).order_by("id").values_list("kind", flat=True)
    )


def set_on_plan(found: Collection, key: str, value: object) -> None:
    PolicySetting.objects.create(
        organization=found.world.organization,
        scope="plan",
        scope_id=found.plan.id,
        key=key,
        value=value,
        set_by="Pat",
        set_at=found.desk.clock.now(),
    )


def present_ladder(found: Collection) -> Ladder:
    one = Membership.objects.get(id=found.members["Ann"].id)
    return ladder_of(
        policies_of(found.world.organization),
        "America/New_York",
        membership_id=one.id,
        plan_id=one.plan_id,
        party_id=one.party_id,
    )


def test_a_plan_whose_retries_are_somebody_else_s_is_left_alone_x5() -> None:
    found = billed("Ann", preset="coworking")
    assert present_ladder(found) == Ladder((), 0, "downgrade", 0, 7)
    set_on_plan(found, "collect.cadence_owner", "processor")
    assert present_ladder(found) == Ladder((), 0, "stay_past_due")
    found.behave("Ann", "decline", "insufficient_funds")
    found.advance(days=20)
    assert found.states("Ann") == ["declined"]
    assert found.membership("Ann").state == "active"
    assert mails(found, "Ann") == ["payment_failed"]
    set_on_plan(found, "dunning.mail_days", [25])
    assert present_ladder(found).mail_days == (25,)  # what is set on the plan itself is done
    found.check()


def test_the_mail_asks_for_what_is_missing_and_carries_a_link_c14_a46() -> None:
    found = billed("Ann", "Bob", preset="recommended")
    PaymentMethod.objects.filter(party=found.party("Ann")).update(exp_year=2025, exp_month=12)
    PaymentMethod.objects.filter(party=found.party("Bob")).update(state="removed")
    found.advance(days=4)
    assert [(case_of(found, name).why, mails(found, name)) for name in ("Ann", "Bob")] == [
        ("held", ["payment_failed", "reminder"]),
        ("held", ["payment_failed", "reminder"]),
    ]
    asks = {
        one.party_id: spoken(one.facts, ENGLISH_SENTENCES, "en", blocks=())["ask"]
        for one in Message.objects.filter(kind="reminder")
    }
    assert "4242, has expired: please enter its new date" in asks[found.party("Ann")]
    assert asks[found.party("Bob")] == " There is no card or bank account on file."
    assert case_of(found, "Ann").opened_on == date(2026, 1, 1)
    found.check()


def test_whatever_is_done_twice_is_done_once_a51() -> None:
    found = billed("Ann", preset="ams_nonprofit")
    found.behave("Ann", "decline", "insufficient_funds")
    found.advance(days=40)
    assert found.membership("Ann").ended_because == "lapsed"
    told, steps = mails(found, "Ann"), Step.objects.count()
    assert told == ["reminder", "second_reminder", "final_notice", "lapsed"]
    for _ in range(2):
        follow_up_due(found.desk)
    assert (mails(found, "Ann"), Step.objects.count()) == (told, steps)
    assert next_follow_up(found.desk) is None
    case = case_of(found, "Ann")
    assert (case.closed_because, ladder_from(case.ladder).end) == ("lapsed", "lapse")
    found.check()


def test_what_was_paid_and_taken_back_is_followed_up_anew_x22() -> None:
    found = billed("Ann", preset="ams_nonprofit", card=None, autopay=False)
    found.advance(days=2)
    first = case_of(found, "Ann")
    assert (first.why, first.opened_on) == ("missed", date(2026, 1, 1))
    now = found.desk.clock.now()
    record_payment(
        found.world.organization,
        found.party("Ann"),
        amount_minor=10_000,
        currency="USD",
        means="check",
        actor=STAFF,
        now=now,
    )
    found.advance(days=1)
    assert case_of(found, "Ann").closed_because == "paid"
    payment = Payment.objects.get()
    reverse_payment(
        found.world.organization, payment.id, why="Bounced", actor=STAFF, now=found.desk.clock.now()
    )
    found.advance(days=4)
    again = case_of(found, "Ann")
    assert (again.id != first.id, again.why, again.opened_on) == (True, "returned", date(2026, 1, 4))
    assert mails(found, "Ann")[-1] == "reminder"
    found.check()


def test_no_ladder_begins_before_dunning_did() -> None:
    """What was unpaid when an organization came to have dunning begins on that day."""
    found = billed("Ann", preset="ams_nonprofit", card=None, autopay=False)
    began = datetime(2026, 2, 20, 12, tzinfo=found.desk.clock.now().tzinfo)
    Mark.objects.create(organization=found.world.organization, name="dunning_began", at=began)
    found.move(days=60)
    found.advance(hours=1)
    assert case_of(found, "Ann").opened_on == date(2026, 2, 20)
    assert found.membership("Ann").state == "active"
    found.check()


def test_a_term_after_the_lapse_is_not_billed_by_a_worker_that_was_down() -> None:
    """The ladder's days come before the next terms, as they would have (A-51)."""
    found = billed("Ann", preset="ams_nonprofit", price=1_000)
    found.plan.interval_unit = "month"
    found.plan.save()
    found.behave("Ann", "decline", "insufficient_funds")
    Membership.objects.update(next_bill_on=None)
    found.advance(days=2)
    through = found.membership("Ann").renewed_through
    assert through is not None
    Membership.objects.update(next_bill_on=through + timedelta(days=1))
    found.move(days=800)
    found.advance(minutes=1)
    assert found.membership("Ann").ended_because == "lapsed"
    assert found.membership("Ann").renewed_through == through
