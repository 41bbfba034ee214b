"""Whether money may be moved at all just now (field-notes C.3, step 0), and what staff read where it may not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import frozen_why
from paidthru.payments.models import Throttle

CLOCKS_WITHIN = timedelta(seconds=30)
#: The codes with which `refuse_unsafe` refuses: they say nothing of any payment, and end by themselves or by a person.
GATES = frozenset({"billing_frozen", "clock_differs", "database_unsafe"})


def refuse_unsafe(*, live: bool, livemode: bool, now: datetime) -> None:
    """Refuses to move money while this installation can't be trusted with it.

    `live`: the organization is no sandbox; `livemode`: real money would move; `now`: the clock that the caller goes
    by. Refused `billing_frozen` (a restored or copied database, B-63, B-64), `clock_differs` (from the database's by
    30 seconds or more, B-66), `database_unsafe` (it may forget what it committed, B-62).
    """
    if live and (why := frozen_why()) is not None:
        raise Refused(
            "billing_frozen",
            f"Charging is frozen: {why}",
            fix="Somebody who may unfreeze it looks at the gateway's books first, then releases it.",
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp(),"
            " current_setting('fsync') = 'off' OR current_setting('synchronous_commit') = 'off'"
        )
        database_now, unsafe = cursor.fetchone()
    if live and abs(database_now - now) >= CLOCKS_WITHIN:
        raise Refused(
            "clock_differs",
            f"This machine's clock and the database's differ by {abs(database_now - now).seconds} seconds or more.",
            fix="Set both by the same time server; then sending goes on by itself.",
        )
    if livemode and unsafe:
        raise Refused(
            "database_unsafe",
            "The database may lose what it has confirmed (fsync or synchronous_commit is off).",
            fix="Switch both on: no card is charged on memory that can be lost.",
        )


@dataclass(frozen=True, slots=True)
class Paused:
    """Why nothing is sent to a gateway just now: code and sentence, since when, and until when at the earliest.
    `code` is "" for a short pause that the gateway asked for (429)."""

    code: str
    why: str
    since: datetime | None
    until: datetime


def paused(organization: Organization, gateway: str, *, now: datetime) -> Paused | None:
    """Why nothing is sent to the gateway at `now`, for staff; None when sending goes on. A circuit whose pause is over
    is still told of until the next request was answered."""
    row = Throttle.objects.filter(
        organization=organization, gateway=gateway, closed_until__isnull=False
    ).first()
    if row is None or row.closed_until is None or (row.closed_until <= now and not row.closed_code):
        return None
    return Paused(row.closed_code, row.closed_why, row.closed_at, row.closed_until)
