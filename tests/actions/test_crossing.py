"""What staff do at the very moment at which the worker does something about the same member: it comes out as if one had
come after the other, whichever was first, and never as something third (B-2, A-48, C-39, G-39, P-10)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from tests.everything_due import became, of
from tests.together import crossed
from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.arrange_payment import arrange_payment
from paidthru.actions.cancel_membership import cancel_membership
from paidthru.actions.change_price import change_price, take_up_prices
from paidthru.actions.close_case import close_case
from paidthru.actions.join import join
from paidthru.actions.make_planned_changes import make_planned_changes
from paidthru.actions.mark_cycle_paid import mark_cycle_paid
from paidthru.actions.pause_case import pause_case
from paidthru.actions.record_payment import record_payment
from paidthru.actions.resolve_failed_cycle import resolve_failed_cycle
from paidthru.actions.set_active import set_active
from paidthru.actions.set_dates import Dates, set_dates
from paidthru.actions.set_renewal_date import set_renewal_date
from paidthru.actions.skip_step import skip_step
from paidthru.actions.stop_billing import settle_skipped
from paidthru.actions.switch_autopay import switch_autopay
from paidthru.actions.switch_plan import switch_plan
from paidthru.actions.take_up_plans import take_up_plans
from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.actions.withdraw_policy_change import withdraw_policy_change
from paidthru.actions.write_off import write_off
from paidthru.dunning.models import Case
from paidthru.dunning.rules.arrangement import Part
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import BillingRun, Membership, Plan, PriceChange
from paidthru.organizations.models import Organization, PolicyChange
from paidthru.organizations.operations import move_clock
from paidthru.runs import changes
from paidthru.runs.dunning import follow_up_due
from paidthru.runs.ending import end_what_is_over, tell_access
from paidthru.timeline.models import Event
from paidthru.timeline.operations import SCHEDULE
from paidthru.wiring import desk_for

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[World, str], object]


@dataclass(frozen=True)
class Scene:
    """A world, what the worker does there, and what staff do of whom."""

    world: Callable[[str, Mapping[str, Act]], World]
    worker: Callable[[World], object]
    staff: Mapping[str, Act]


def who(world: World) -> dict[str, Any]:
    return {"actor": STAFF, "now": world.desk.clock.now()}


def case(world: World, name: str) -> Case:
    return Case.objects.filter(organization=world.organization, party__name=name).latest("id")


def invoice(world: World, name: str) -> Invoice:
    return Invoice.objects.filter(organization=world.organization, party__name=name).latest("number")


def plan(world: World, name: str) -> Plan:
    return Plan.objects.get(organization=world.organization, name=name)


# ---------------------------------------------------------------- what staff do


def looked_at(world: World, name: str) -> UUID:
    """The membership that staff have before them, whatever follows it."""
    mine = Membership.objects.filter(organization=world.organization, party__name=name)
    return mine.earliest("id").id


def cancels(world: World, name: str) -> object:
    return cancel_membership(world.organization, looked_at(world, name), **who(world)).on


def undoes(world: World, name: str) -> None:
    undo_cancellation(world.organization, looked_at(world, name), **who(world))


def activates(world: World, name: str) -> None:
    renewal_on = world.desk.today + timedelta(days=40)
    set_active(world.organization, of(world, name).party_id, renewal_on=renewal_on, **who(world))


def marks_paid(world: World, name: str) -> None:
    mark_cycle_paid(world.organization, of(world, name).party_id, reason="cash", **who(world))


def waives(world: World, name: str) -> None:
    how = changes.resolution("waive", why="A gift")
    resolve_failed_cycle(world.organization, of(world, name).party_id, how, **who(world))


def writes_off(world: World, name: str) -> None:
    write_off(world.organization, invoice(world, name).id, **who(world))


def closes(world: World, name: str) -> None:
    close_case(world.organization, case(world, name).id, why="Known", **who(world))


def pauses(world: World, name: str) -> None:
    until_on = world.desk.today + timedelta(days=9)
    pause_case(world.organization, case(world, name).id, until_on=until_on, why="Ill", **who(world))


def arranges(world: World, name: str) -> None:
    today = world.desk.today
    parts = [Part(today + timedelta(days=3), 1_000), Part(today + timedelta(days=9), 2_000)]
    arrange_payment(world.organization, case(world, name).id, parts, why="Asked", **who(world))


def skips(world: World, name: str) -> None:
    skip_step(world.organization, case(world, name).id, "end", why="Known", **who(world))


def takes_cash(world: World, name: str) -> None:
    record_payment(
        world.organization, of(world, name).party_id, amount_minor=3_000, currency="USD", means="cash", **who(world)
    )  # fmt: skip


def switches(to: str) -> Act:
    def act(world: World, name: str) -> object:
        to_plan = plan(world, to).id
        switched = switch_plan(world.organization, of(world, name).party_id, to_plan, **who(world))
        return switched.invoice_id is not None

    return act


def moves(world: World, name: str) -> None:
    to = world.desk.today + timedelta(days=20)
    set_renewal_date(world.organization, of(world, name).party_id, to, confirmed=True, **who(world))


def dates(world: World, name: str) -> None:
    asked = Dates(anchor_on=date(2025, 3, 3))
    set_dates(world.organization, of(world, name).party_id, asked, why="Typed wrong", **who(world))


def stops_autopay(world: World, name: str) -> None:
    switch_autopay(world.organization, looked_at(world, name), on=False, **who(world))


def joins(world: World, name: str) -> object:
    party_id, plan_id = of(world, name).party_id, plan(world, "Prepaid").id
    return bool(join(world.organization, party_id, plan_id, renews=True, **who(world)))


# ---------------------------------------------------------------- where


def unpaid(end: str) -> Callable[[str, Mapping[str, Act]], World]:
    """Everybody has a case whose end is due."""

    def build(name: str, people: Mapping[str, Act]) -> World:
        world = a_world("recommended", name=name, zone="UTC", collect__on_exhausted=end)
        monthly = world.plan("Monthly", 3_000, interval_unit="month")
        world.plan("Other", 4_500, interval_unit="month")
        world.plan("Drop-in", 0, kind="free", is_default=True)
        for person in people:
            world.member(person, monthly, paid_through=date(2025, 12, 31))
        move_clock(world.organization, world.desk.clock.now() + timedelta(days=1, hours=10))
        runs.work(world.desk)
        move_clock(world.organization, world.desk.clock.now() + timedelta(days=30))
        return world

    return build


def over(name: str, people: Mapping[str, Act]) -> World:
    """The day has come: of the first half's cancellations, and of the others' prepaid terms."""
    world = a_world("recommended", name=name, zone="UTC")
    monthly = world.plan("Monthly", 3_000, interval_unit="month")
    prepaid = world.plan("Prepaid", 5_000, kind="prepaid", interval_unit="month")
    for person in people:
        on_it = prepaid if person.startswith("Pre") else monthly
        one = world.member(person, on_it, paid_through=date(2026, 1, 9))
        if on_it is prepaid:
            Membership.objects.filter(id=one.id).update(next_bill_on=None)
        else:
            cancels(world, person)
    move_clock(world.organization, world.desk.clock.now() + timedelta(days=12))
    return world


def chosen(name: str, people: Mapping[str, Act]) -> World:
    """Everybody has chosen another plan for the next renewal, and that has come."""
    world = a_world("recommended", name=name, zone="UTC", switch__effective__staff="next_renewal")
    monthly = world.plan("Monthly", 3_000, interval_unit="month")
    world.plan("Other", 4_500, interval_unit="month")
    for person in people:
        world.member(person, monthly, paid_through=date(2026, 1, 9))
        switches("Other")(world, person)
    move_clock(world.organization, world.desk.clock.now() + timedelta(days=12))
    return world


def fallen(name: str, people: Mapping[str, Act]) -> World:
    """The day of everybody's cancellation has come, from which they go on with the default plan."""
    world = a_world("recommended", name=name, zone="UTC", cancel__then="downgrade")
    prepaid = world.plan("Prepaid", 5_000, kind="prepaid", interval_unit="month")
    world.plan("Drop-in", 0, kind="free", is_default=True)
    for person in people:
        world.member(person, prepaid, paid_through=date(2026, 1, 9))
        cancels(world, person)
    move_clock(world.organization, world.desk.clock.now() + timedelta(days=12))
    return world


def released(name: str, people: Mapping[str, Act]) -> World:
    """A run that bills everybody is committed, and not written yet."""
    world = a_world("recommended", name=name, zone="UTC", switch__effective__staff="now")
    monthly = world.plan("Monthly", 3_000, interval_unit="month")
    world.plan("Other", 4_500, interval_unit="month")
    for person in people:
        world.member(person, monthly, paid_through=date(2025, 12, 31), card=True, autopay=True)
    runs.release(world.desk, name="January", effective_on=date(2026, 1, 1), actor=STAFF)
    return world


def restricted(name: str, people: Mapping[str, Act]) -> World:
    """Everybody's access ends today for what is unpaid, and nobody was told."""
    world = a_world("recommended", name=name, zone="UTC", access__restrict="after(3)")
    monthly = world.plan("Monthly", 3_000, interval_unit="month")
    for person in people:
        world.member(person, monthly, paid_through=date(2025, 12, 31))
    move_clock(world.organization, world.desk.clock.now() + timedelta(days=1, hours=10))
    runs.work(world.desk)
    move_clock(world.organization, world.desk.clock.now() + timedelta(days=10))
    return world


def writes_the_run(world: World) -> None:
    run = BillingRun.objects.get(organization=world.organization)
    now = world.desk.clock.now()
    runs.write_run(run.id, actor=SCHEDULE, now=now)
    settle_skipped(run.id, on=world.desk.today, actor=SCHEDULE, now=now)


def takes_up(world: World) -> None:
    take_up_plans(world.organization, actor=SCHEDULE, now=world.desk.clock.now())


OF_A_CASE: dict[str, Act] = {
    "Cancel": cancels, "Active": activates, "Paid": marks_paid, "Waive": waives, "Off": writes_off, "Close": closes,
    "Pause": pauses, "Arrange": arranges, "Skip": skips, "Cash": takes_cash, "Switch": switches("Other"),
    "Move": moves, "Auto": stops_autopay,
}  # fmt: skip
SCENES = {
    "lapse": Scene(unpaid("lapse(30)"), lambda world: follow_up_due(world.desk), OF_A_CASE),
    "downgrade": Scene(unpaid("downgrade"), lambda world: follow_up_due(world.desk), OF_A_CASE),
    "end": Scene(
        over,
        lambda world: end_what_is_over(world.desk),
        {
            "Undo": undoes,
            "Dates": dates,
            "PreJoin": joins,
            "PreSwitch": switches("Monthly"),
            "PreCancel": cancels,
        },
    ),
    "fall back": Scene(fallen, lambda world: end_what_is_over(world.desk), {"Join": joins, "Undo": undoes}),
    "take up": Scene(
        chosen, takes_up, {"Back": switches("Monthly"), "Cancel": cancels, "Move": moves, "Dates": dates}
    ),
    "bill": Scene(
        released,
        writes_the_run,
        {
            "Cancel": cancels,
            "Switch": switches("Other"),
            "Move": moves,
            "Dates": dates,
            "Auto": stops_autopay,
        },
    ),
    "access": Scene(
        restricted,
        lambda world: tell_access(world.desk),
        {"Cash": takes_cash, "Paid": marks_paid, "Off": writes_off, "Cancel": cancels, "Active": activates},
    ),
}


def mine(world: World) -> World:
    """The world with rows of its own, as another process has them."""
    organization = Organization.objects.get(id=world.organization.id)
    return World(organization, desk_for(organization))


def outcomes(scene: Scene, world: World, said: Mapping[str, object]) -> dict[str, object]:
    """What became of each by the worker's next round, and what the one was told who asked."""
    scene.worker(world)
    assert invariants.check(world.organization.id) == [], world.organization.name
    all_ = became(world)
    return {
        name: (said[name], {what: {row: n for row, n in rows.items() if name in row} for what, rows in all_.items()})
        for name in scene.staff
    }  # fmt: skip


def one_after_the_other(scene: Scene, name: str, *, staff_first: bool) -> dict[str, object]:
    world = scene.world(name, scene.staff)
    if not staff_first:
        scene.worker(world)
    said = {person: alone(partial(act, world, person)) for person, act in scene.staff.items()}
    if staff_first:
        scene.worker(world)
    return outcomes(scene, world, said)


def alone(act: Callable[[], object]) -> object:
    """What came of it, or the code of the refusal."""
    (came,) = crossed(act, [])
    return came


def staff_hold(scene: Scene) -> dict[str, object]:
    """All that staff do is done, and not committed yet, as the worker begins."""
    world, said = scene.world("Staff hold", scene.staff), dict[str, object]()

    def all_of_it() -> None:
        said.update({person: alone(partial(act, world, person)) for person, act in scene.staff.items()})

    crossed(all_of_it, [lambda: scene.worker(mine(world))])
    return outcomes(scene, world, said)


def worker_holds(scene: Scene) -> dict[str, object]:
    """The worker has done it all, and has not committed yet, as staff begin."""
    world = scene.world("Worker holds", scene.staff)
    acts = [lambda person=person, act=act: act(mine(world), person) for person, act in scene.staff.items()]
    came = crossed(lambda: scene.worker(world), acts)
    return outcomes(scene, world, dict(zip(scene.staff, came[1:], strict=True)))


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
def test_staff_and_the_worker_at_the_same_moment_are_one_after_the_other(scene: Scene) -> None:
    staff_first = one_after_the_other(scene, "Staff first", staff_first=True)
    worker_first = one_after_the_other(scene, "Worker first", staff_first=False)
    assert staff_first != worker_first
    wrong = [
        (how, name, found[name], staff_first[name], worker_first[name])
        for how, found in (("staff hold", staff_hold(scene)), ("worker holds", worker_holds(scene)))
        for name in scene.staff
        if found[name] not in (staff_first[name], worker_first[name])
    ]
    for one in wrong:
        print(*one, sep="\n   ")
    assert [one[:2] for one in wrong] == []


@pytest.mark.parametrize("name", ["lapse", "end", "fall back", "take up"])
def test_two_staff_at_the_same_moment_are_one_after_the_other(name: str) -> None:
    """Each with a click of their own: the second does or is refused what it would be a moment later."""
    scene = SCENES[name]

    def clicked(world: World, person: str) -> object:
        return alone(partial(scene.staff[person], world, person))

    world = scene.world("One by one", scene.staff)
    for person in scene.staff:
        clicked(world, person)
    kept = {person: clicked(world, person) for person in scene.staff}
    expected = outcomes(scene, world, kept)
    world = scene.world("At once", scene.staff)
    again = [lambda person=person: clicked(mine(world), person) for person in scene.staff]
    came = crossed(lambda: [clicked(world, person) for person in scene.staff], again)
    found = outcomes(scene, world, dict(zip(scene.staff, came[1:], strict=True)))
    wrong = [
        (person, found[person], expected[person])
        for person in scene.staff
        if found[person] != expected[person]
    ]
    for one in wrong:
        print(*one, sep="\n   ")
    assert [one[0] for one in wrong] == []


def test_a_planned_change_is_withdrawn_or_made_or_refused_once() -> None:
    for values in ({"dunning.mail_days": [2]}, {"billing.trigger": "processor_mirror"}):
        world = a_world("recommended", name=f"Plans {values}")
        change = PolicyChange.objects.create(
            organization=world.organization, scope="organization", values=values, comes_on=world.desk.today,
            asked_by="Pat", asked_at=world.desk.clock.now(),
        )  # fmt: skip

        def withdraw(world: World = world, id_: UUID = change.id) -> object:
            return withdraw_policy_change(world.organization, id_, **who(world)).outcome

        def make(world: World = world) -> object:
            return make_planned_changes(
                world.organization, today=world.desk.today, actor=SCHEDULE, now=world.desk.clock.now()
            )

        crossed(withdraw, [make, make])
        change.refresh_from_db()
        assert change.outcome == PolicyChange.Outcome.WITHDRAWN
        verbs = Event.objects.filter(organization=world.organization).values_list("verb", flat=True)
        assert list(verbs) == ["policy_change_withdrawn"]
        PolicyChange.objects.filter(id=change.id).update(outcome=PolicyChange.Outcome.PLANNED)
        assert crossed(make, [withdraw, make])[1] == "policy_change_made"
        assert verbs.all().count() == 2


def test_a_price_for_today_is_the_price_whoever_comes_first() -> None:
    """Staff give another price as the planned one is taken up: the later one to be there holds."""
    for staff_first in (True, False):
        world = a_world("recommended", name=f"Prices {staff_first}")
        gold = world.plan("Gold", 1_000)
        PriceChange.objects.create(
            organization=world.organization, fee=gold.fees.get(), from_on=world.desk.today, amount_minor=1_100
        )

        def take_up(world: World = world) -> object:
            return take_up_prices(world.organization, actor=SCHEDULE, now=world.desk.clock.now())

        def change(world: World = world, id_: UUID = gold.id) -> None:
            change_price(world.organization, id_, 1_200, **who(world))

        crossed(*((change, [take_up, take_up]) if staff_first else (take_up, [change, take_up])))
        assert gold.fees.get().amount_minor == (1_100 if staff_first else 1_200)
        assert Event.objects.filter(organization=world.organization, verb="price_taken_up").count() == 1
