"""What throughput.py lets its processes do: seed, submit, and send to a gateway that takes its time."""

from time import perf_counter
from typing import Any

from django.db import connection

from benchmarks import floor, seeding
from benchmarks.slow_gateway import SlowGateway
from paidthru import invariants, runs
from paidthru.actions.submit import Selection
from paidthru.config import schema
from paidthru.kernel.clock import SystemClock
from paidthru.membership.models import Membership
from paidthru.organizations.models import Organization
from paidthru.payments.models import Attempt, Payment
from paidthru.runs import Desk
from paidthru.wiring import desk_for

# The sandbox becomes a live organization whose members pay by the slow gateway: then the gates, the throttle and the
# database's clock are what they are in earnest.
_LIVE = """
INSERT INTO payments_paymentmethod (id, organization_id, party_id, gateway, kind, token, brand, last4, exp_month,
    exp_year, fingerprint, state, created_at, livemode, customer_ref)
SELECT gen_random_uuid(), organization_id, id, 'slow', 'card', 'pm_' || number, 'Test card', '4242', 12, 2099,
    'fp_' || number, 'active', created_at, false, 'cus_' || number
FROM people_party ORDER BY id;
UPDATE organizations_organization SET mode = 'live', sandbox_now = NULL;
"""


def seed_sending(payments: int) -> dict[str, Any]:
    """Makes the tables, and a live organization with so many invoices that wait to be sent."""
    schema.bring_up_to_date()
    seeding.add_members(seeding.an_association(), payments * 10 // 9 + 1)  # one in ten is not due
    Membership.objects.update(autopay=True)
    sandbox = desk_for(Organization.objects.get())
    runs.generate(sandbox, name=floor.RUN_NAME, effective_on=seeding.EFFECTIVE_ON, actor=floor.ACTOR)
    with connection.cursor() as cursor:
        cursor.execute(_LIVE)
    opened = runs.submit(_desk(0, 0, 1), Selection(seeding.BILL_ON), actor=floor.ACTOR, acknowledged=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return {"submitted": opened.submitted}


def _desk(port: int, per_second: int, in_flight: int) -> Desk:
    gateway = SlowGateway(port, per_second=per_second, in_flight=in_flight)
    return Desk(Organization.objects.get(), SystemClock(), gateway)


def leave(payments: int) -> dict[str, Any]:
    """Lets only so many wait to be sent."""
    kept = list(Attempt.objects.order_by("id").values_list("intent_id", flat=True)[:payments])
    with connection.cursor() as cursor:
        for table, column in (
            ("attempt", "intent_id"),
            ("intentinvoice", "intent_id"),
            ("paymentintent", "id"),
        ):
            cursor.execute(f"DELETE FROM payments_{table} WHERE {column} <> ALL(%s)", [kept])
    return {"kept": len(kept)}


def send(port: int, limit: int, in_flight: int) -> dict[str, Any]:
    """Sends what waits, as one of however many worker processes."""
    desk = _desk(port, limit, in_flight)
    began = perf_counter()
    answered = runs.collect_unsent(desk)
    return {"answered": answered, "seconds": perf_counter() - began}


def sent() -> dict[str, Any]:
    """What came of it."""
    return {
        "payments": Payment.objects.count(),
        "intents": Payment.objects.values("attempt__intent").distinct().count(),
        "left": Attempt.objects.filter(state__in=["created", "submitted", "unknown"]).count(),
        "broken": len(invariants.check(Organization.objects.get().id)),
    }
