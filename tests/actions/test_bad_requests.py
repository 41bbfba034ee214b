"""What can't be done is refused by name, and nothing half-written holds anything else up."""

from datetime import date

import pytest
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions import preview_run as previewing
from paidthru.actions.add_plan import PlanDraft, add_plan
from paidthru.actions.resume_run import resume_run
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.membership.models import BillingRun
from paidthru.organizations.operations import create_organization

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("effective", [date(1, 1, 1), date(9999, 12, 31)])
def test_a_date_far_away_starts_no_run(effective: date) -> None:
    world = a_world()
    with pytest.raises(Refused) as refused:
        runs.propose(world.desk, name="Bad", effective_on=effective, actor=STAFF)
    assert refused.value.code == "date_invalid"
    assert not BillingRun.objects.filter(organization=world.organization).exists()


def test_a_run_that_bills_nobody_leaves_its_name_free() -> None:
    world = a_world()
    world.member("Ann", world.plan(), paid_through=date(2025, 12, 31))
    with pytest.raises(Refused) as refused:
        runs.generate(world.desk, name="2026", effective_on=date(2025, 12, 1), actor=STAFF)
    assert refused.value.code == "run_bills_nobody"
    run = runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    assert (run.state, run.billed) == ("done", 1)


def test_a_preview_that_fails_holds_nothing_up_and_can_be_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(accounting__method="accrual", accounting__defer="all", batch__post="auto")
    world.member("Ann", world.plan(), paid_through=date(2025, 12, 31))
    runs.generate(world.desk, name="First", effective_on=date(2026, 1, 1), actor=STAFF)
    run = previewing.start_run(
        world.organization,
        name="Second",
        effective_on=date(2027, 1, 1),
        actor=STAFF,
        now=world.desk.clock.now(),
    )
    with monkeypatch.context() as broken:
        broken.setattr(previewing, "decide", lambda *_: 1 / 0)
        runs.advance(world.desk, world.desk.clock.now().replace(month=2))
    run.refresh_from_db()
    assert (run.state, run.failure.split(":")[0]) == ("failed", "ZeroDivisionError")
    assert world.organization.sandbox_now is not None  # and time went on
    assert world.organization.sandbox_now.month == 2
    resume_run(run.id, actor=STAFF, now=world.desk.clock.now())
    runs.work(world.desk)
    run.refresh_from_db()
    assert (run.state, run.billed) == ("previewed", 1)


def test_a_member_without_a_price_is_billed_once_there_is_one() -> None:
    world = a_world("coworking", zone="UTC")
    plan = world.plan(amount_minor=None, interval_unit="month")
    member = world.member("Ann", plan, paid_through=date(2026, 1, 1), card=True, autopay=True)
    runs.advance(world.desk, world.desk.clock.now().replace(day=4))
    member.refresh_from_db()
    assert (member.renewed_through, member.next_bill_on) == (date(2026, 1, 1), date(2026, 1, 5))
    world.price(plan, 5_000)
    runs.advance(world.desk, world.desk.clock.now().replace(day=6))
    member.refresh_from_db()
    assert member.paid_through is not None
    assert member.paid_through > date(2026, 1, 31)


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (PlanDraft(name="x" * 101), "text_too_long"),
        (PlanDraft(name="two\nlines"), "text_invalid"),
        (PlanDraft(name="Gold", amount_minor=10**12 + 1), "amount_invalid"),
        (PlanDraft(name="Gold", amount_minor=-1), "amount_invalid"),
        (PlanDraft(name="Gold", interval_count=40_000, interval_unit="month"), "interval_invalid"),
    ],
)
def test_a_plan_that_can_t_be_kept_is_refused(draft: PlanDraft, code: str) -> None:
    world = a_world()
    with pytest.raises(Refused) as refused:
        add_plan(world.organization, draft, actor=STAFF, now=world.desk.clock.now())
    assert refused.value.code == code


@pytest.mark.parametrize("slug", ["a/b c", "x" * 61, "Ä"])
def test_a_slug_has_to_stand_in_an_address(slug: str) -> None:
    world = a_world()
    with pytest.raises(Refused) as refused:
        create_organization(
            name="Elm", preset="association", currency="USD", zone="UTC", locale="en_US", mode="live", slug=slug,
            now=world.desk.clock.now(),
        )  # fmt: skip
    assert refused.value.code == "slug_invalid"


def test_names_are_kept_without_blanks_around_them() -> None:
    assert checked_name("  Été 2027 🎾 ", field="name", most=20) == "Été 2027 🎾"
