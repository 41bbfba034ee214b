"""What is entered of tickets, tax receipts, Gift Aid and pledges, posted from two tabs at the same moment, is done
once (B-19)."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from tests.faces.acting import at
from tests.faces.test_double_clicks import clicked
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru import invariants
from paidthru.actions.add_event import add_event
from paidthru.actions.pledge import Promise, pledge
from paidthru.actions.set_brand import set_brand
from paidthru.giving.models import GiftAidClaim, GiftAidDeclaration, TaxReceipt
from paidthru.giving.operations import Giving
from paidthru.kernel.periods import Interval, Unit
from paidthru.organizations.rules.branding import Branding
from paidthru.payments.models import Payment, Refund
from paidthru.runs.clockwork import work
from paidthru.runs.giving import give
from paidthru.runs.tickets import buy
from paidthru.ticketing.models import Ticket, TicketedEvent
from paidthru.timeline.models import Event
from paidthru.wiring import printer

pytestmark = pytest.mark.django_db(transaction=True)

#: What is filled in, by the address, in an order in which each can be done.
ACTS: dict[str, dict[str, str]] = {
    "events/new/": {"name": "Gala", "price": "15.00", "places": "5"},
    "events/{event}/sell/": {"name": "Ann", "count": "2", "by": "on_file"},
    "events/{event}/sell/#cash": {"name": "Bob", "count": "1", "by": "cash"},
    "events/{event}/tickets/{ticket}/back/": {"reason": "Ill"},
    "events/{event}/door/": {"code": "{code}"},
    "events/{event}/close/": {},
    "tax-receipts/{receipt}/replace/": {"why": "The name was wrong"},
    "tax-receipts/{other}/void/": {"why": "Given back"},
    "gift-aid/new/": {
        "donor": "Ann", "address": "1 High Street\nLeeds", "postcode": "LS1 1AA", "from_on": "2026-01-01",
        "how": "written",
    },
    "gift-aid/claims/new/": {},
    "gift-aid/{declaration}/withdraw/": {"why": "Moved away"},
    "pledges/{pledge}/change/": {
        "left": "60.00", "instalments": "2", "every": "month", "first_on": "2026-02-10",
        "why": "x",
    },
    "pledges/{pledge}/cancel/": {"why": "Asked"},
}  # fmt: skip


def a_charity() -> World:
    world = a_world(
        "ams_nonprofit", currency="GBP", zone="Europe/London", now=datetime(2026, 1, 10, 15, tzinfo=UTC)
    )
    said = Branding(name="Hope House", address="1 Main Street\nLeeds", country="GB", tax_number="123")
    set_brand(world.organization, said, logo=None, printer=printer(), actor=STAFF, now=world.desk.clock.now())
    return world


def ids_of(world: World) -> dict[str, Callable[[], object]]:
    """What the addresses name, looked up when it is needed."""
    organization, now = world.organization, world.desk.clock.now()
    ann, bob = (world.party(name, email=f"{name.lower()}@example.org") for name in ("Ann", "Bob"))
    for party in (ann, bob):
        world.card(party)
        give(world.desk, Giving(party, 40_00, "GBP", None, "portal", "on_file"), actor=STAFF)
    ball = add_event(organization, "Ball", price_minor=20_00, capacity=10, actor=STAFF, now=now)
    mine = buy(world.desk, ball.id, bob, 2, by="on_file", channel="portal", actor=STAFF)
    one, other = mine.tickets.order_by("id")
    promise = Promise(90_00, "GBP", 3, Interval(1, Unit.MONTH), world.desk.today)
    promised = pledge(organization, ann, promise, actor=STAFF, now=now)
    work(world.desk)
    first, last = TaxReceipt.objects.order_by("number")[:2]
    return {
        "event": lambda: ball.id,
        "ticket": lambda: one.id,
        "code": lambda: other.code,
        "receipt": lambda: first.id,
        "other": lambda: last.id,
        "declaration": lambda: GiftAidDeclaration.objects.get().id,
        "pledge": lambda: promised.id,
    }


def test_each_is_done_once() -> None:
    world = a_charity()
    ids = ids_of(world)
    clients = [signed_in(world, email=f"{n}@maple.example") for n in range(2)]
    for client in clients:
        client.raise_request_exception = False
    refunds, wrong = Refund.objects.count(), []

    def filled(text: str) -> str:
        for key, found in ids.items():
            if f"{{{key}}}" in text:
                text = text.replace(f"{{{key}}}", str(found()))
        return text

    for path, fields in ACTS.items():
        before = set(Event.objects.values_list("id", flat=True))
        where = at(world, filled(path.partition("#")[0]))
        codes = [
            answer.status_code
            for answer in clicked(clients, where, {k: filled(v) for k, v in fields.items()})
        ]
        happened = Counter(Event.objects.exclude(id__in=before).values_list("verb", "subject_id"))
        if len(codes) < 2 or max(codes) >= 500 or not happened or max(happened.values()) > 1:
            wrong.append((path, codes, happened))
    assert wrong == []
    assert TicketedEvent.objects.count() == 2 and Refund.objects.count() == refunds + 1
    assert Counter(Ticket.objects.values_list("state", flat=True)) == {
        "sold": 3,
        "refunded": 1,
        "checked_in": 1,
    }
    assert Payment.objects.filter(means="cash").count() == 1
    assert GiftAidClaim.objects.count() == GiftAidDeclaration.objects.count() == 1
    assert [one for one in invariants.check(world.organization.id) if "sandbox" not in one.invariant] == []
