"""What closed books do to every act of staff: a date that is chosen there is refused, what needs none is booked on an
open day, and what was booked there stays as it is (I-17, A-55)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypedDict
from uuid import UUID

import pytest
from tests.actions.test_books import a_club, pays, post_all
from tests.world import STAFF, World, party_named

from paidthru.actions.apply_credit import apply_credit
from paidthru.actions.close_period import close_period
from paidthru.actions.commit_run import commit_run
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.give_discount import DiscountDraft, give_discount
from paidthru.actions.mark_cycle_paid import mark_cycle_paid
from paidthru.actions.preview_run import preview, start_run
from paidthru.actions.record_payment import record_payment
from paidthru.actions.record_refund import record_refund
from paidthru.actions.reverse_payment import reverse_payment
from paidthru.actions.set_dates import Dates, set_dates
from paidthru.actions.unapply_payment import unapply_payment
from paidthru.actions.void_invoice import void_invoice
from paidthru.actions.write_invoice import Payer, write_invoice
from paidthru.actions.write_off import write_off
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Journal
from paidthru.ledger.queries import trial_balance
from paidthru.organizations.operations import move_clock, set_policy
from paidthru.payments.models import Payment
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)

END = date(2026, 1, 31)
CLOSED, LATER = date(2026, 1, 10), datetime(2026, 2, 10, 15, 0, tzinfo=UTC)

Act = Callable[[World], object]


def a_closed_january() -> World:
    """Ann and Zoë owe 100 each since January 1; Ann paid 50 and Zoë 130. It is February 10, and January is closed."""
    world = a_club()
    set_policy(world.organization, "credit.apply", "ask", actor="Pat", now=world.desk.clock.now())
    world.member("Cid", world.plan("Gold"), paid_through=date(2026, 12, 31))
    pays(world, "Ann", 50_00)
    pays(world, ZOE, 130_00)
    post_all(world)
    move_clock(world.organization, LATER)
    close_period(world.organization, END, actor=STAFF, now=LATER)
    return world


ZOE = '=Zoë "; | \\'


def _party(world: World, name: str) -> UUID:
    return party_named(world, name).id


def _invoice(world: World, name: str) -> Invoice:
    return Invoice.objects.get(party=_party(world, name), kind="membership")


def _payment(world: World, name: str) -> Payment:
    return Payment.objects.get(party=_party(world, name))


class By(TypedDict):
    """Who does it, and when."""

    actor: Actor
    now: datetime


def _by(world: World) -> By:
    return {"actor": STAFF, "now": world.desk.clock.now()}


def _written(world: World, name: str = "Ann") -> Invoice:
    payer, line = Payer(_party(world, name)), WrittenLine("Hall", 1, 10_00)
    return write_invoice(world.organization, payer, [line], **_by(world))


def _previewed_before(world: World) -> None:
    """A run whose bill date was open when it was previewed."""
    run = start_run(
        world.organization, name="Late", effective_on=date(2027, 1, 1), bill_on=date(2026, 2, 9), **_by(world)
    )
    preview(run.id)
    move_clock(world.organization, datetime(2026, 3, 2, 15, 0, tzinfo=UTC))
    close_period(world.organization, date(2026, 2, 28), **_by(world))
    commit_run(run.id, **_by(world))


#: Acts that book on a day which staff choose, and the field of that day.
CHOSEN: dict[str, tuple[str, Act]] = {
    "record a payment": (
        "received_on",
        lambda world: record_payment(
            world.organization, _party(world, "Ann"), amount_minor=5_00, currency="USD", means="cash",
            received_on=CLOSED, **_by(world),
        ),
    ),
    "record a refund": (
        "given_on",
        lambda world: record_refund(
            world.organization, _payment(world, "Ann").id, amount_minor=5_00, currency="USD", via="cash",
            given_on=CLOSED, **_by(world),
        ),
    ),
    "preview a run": (
        "bill_on",
        lambda world: start_run(
            world.organization, name="Late", effective_on=date(2027, 1, 1), bill_on=CLOSED, **_by(world)
        ),
    ),
    "commit a run": ("bill_on", _previewed_before),
}  # fmt: skip

#: Acts about what lies in the closed month, that book today: in this order each finds something to do.
TODAY: dict[str, Act] = {
    "credit": lambda world: credit_invoice(
        world.organization, _invoice(world, "Ann").id, amount_minor=1_00, **_by(world)
    ),
    "write off": lambda world: write_off(
        world.organization, _invoice(world, "Ann").id, amount_minor=9_00, **_by(world)
    ),
    "refund": lambda world: record_refund(
        world.organization, _payment(world, "Ann").id, amount_minor=5_00, currency="USD", via="cash", **_by(world)
    ),
    "take off": lambda world: unapply_payment(world.organization, _payment(world, "Ann").id, **_by(world)),
    "reverse": lambda world: reverse_payment(world.organization, _payment(world, "Ann").id, why="NSF", **_by(world)),
    "mark as paid": lambda world: mark_cycle_paid(
        world.organization, _party(world, "Ann"), reason="check", **_by(world)
    ),
    "write an invoice": _written,
    "void": lambda world: void_invoice(world.organization, _written(world).id, **_by(world)),
    "apply credit": lambda world: apply_credit(
        world.organization, _party(world, ZOE), {_written(world, ZOE).id: 10_00}, **_by(world)
    ),
    "give a discount": lambda world: give_discount(
        world.organization,
        DiscountDraft("percentage", party_id=_party(world, "Ann"), rate_ppm=100_000, name="Old"),
        **_by(world),
    ),
    "set dates": lambda world: set_dates(
        world.organization, _party(world, "Cid"), Dates(joined_on=date(2020, 1, 1)), why="A slip", **_by(world)
    ),
}  # fmt: skip


@pytest.mark.parametrize("act", CHOSEN)
def test_a_chosen_day_of_a_closed_month_is_refused(act: str) -> None:
    world = a_closed_january()
    field, do = CHOSEN[act]
    with pytest.raises(Refused) as refused:
        do(world)
    assert (refused.value.code, refused.value.field) == ("period_locked", field)
    assert refused.value.fix


def test_what_is_done_about_it_today_is_booked_today() -> None:
    """And the closed month stays as it was, one act after the other."""
    world = a_closed_january()
    before = trial_balance(world.organization.id, through=END)
    seen = set(Journal.objects.values_list("id", flat=True))
    refusals = {}
    for name, act in TODAY.items():
        try:
            act(world)
        except Refused as refused:
            refusals[name] = refused.code
    assert refusals == {}
    new = Journal.objects.exclude(id__in=seen)
    assert new.count() >= 8
    assert set(new.values_list("effective_on", flat=True)) == {LATER.date()}
    assert trial_balance(world.organization.id, through=END) == before
