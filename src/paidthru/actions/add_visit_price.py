"""Add a visit price: what a visit costs, at all times or in its windows (C-26)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import check_entered, exponent, plain
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record
from paidthru.visits.models import VisitPrice
from paidthru.visits.rules.windows import Window, checked_windows

INCOME = "Income:Visits"


def add_visit_price(
    organization: Organization,
    name: str,
    *,
    non_member_minor: int,
    overage_minor: int,
    currency: str = "",
    windows: Sequence[Window] = (),
    fund: str = "",
    actor: Actor,
    now: datetime,
) -> VisitPrice:
    """Writes a visit price, in minor units. Refused `amount_invalid`, `visit_price_taken`, as `checked_name` and as
    `checked_windows`."""
    text, currency = checked_name(name, field="name", most=100), currency or organization.currency
    exponent(currency)
    for field, amount_minor in (("non-member price", non_member_minor), ("overage price", overage_minor)):
        if amount_minor < 0:
            raise Refused(
                "amount_invalid",
                f"The {field} can't be less than nothing.",
                field=field,
                value=plain(amount_minor, currency),
                fix="Enter 0 or more.",
            )
        check_entered(amount_minor)
    held = checked_windows(windows)
    try:
        with transaction.atomic():
            price = VisitPrice.objects.create(
                organization=organization,
                name=text,
                non_member_minor=non_member_minor,
                overage_minor=overage_minor,
                currency=currency,
                windows=[window.stored() for window in held],
                income_code=INCOME,
                fund=fund,
                created_at=now,
            )
            facts = {
                "price": text,
                "non_member": plain(non_member_minor, currency),
                "overage": plain(overage_minor, currency),
                "currency": currency,
                "windows": "; ".join(str(window) for window in held),
            }
            record(
                organization.id,
                actor,
                now,
                [Happening("visit_price_added", "visit_price", price.id, facts=facts)],
            )
            return price
    except IntegrityError:
        raise Refused(
            "visit_price_taken",
            f"There is a visit price called {text} already.",
            field="name",
            value=text,
            fix="Give this one another name, or close the other one.",
        ) from None
