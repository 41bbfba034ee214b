"""Set what a currency was worth on a day, for the equivalents that reports give (A-38)."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import exponent
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import ExchangeRate, Organization
from paidthru.organizations.rules.rates import plain_rate
from paidthru.timeline.operations import Actor, Happening, record


def set_exchange_rate(
    organization: Organization,
    currency: str,
    *,
    rate: Decimal,
    valid_on: date,
    source: str,
    actor: Actor,
    now: datetime,
) -> ExchangeRate:
    """Units of the organization's currency for one of another's, from a local date on until a later one is known. One
    that is there for that day is replaced; the timeline keeps what it was. Said again, nothing happens.

    Refused `currency_unknown`, `rate_not_needed` (of the organization's own currency), `rate_ahead` (a day to come),
    and as `checked_name` for the source.
    """
    code = currency.strip().upper()
    exponent(code)
    source = checked_name(source, field="source", most=120)
    if code == organization.currency:
        raise Refused(
            "rate_not_needed",
            f"Reports are in {code} already.",
            field="currency",
            value=code,
            fix="Enter the rates of the other currencies that you bill or are paid in.",
        )
    if valid_on > local_date(now, organization.zone):
        raise Refused(
            "rate_ahead",
            f"{valid_on.isoformat()} is still to come.",
            field="on",
            value=valid_on.isoformat(),
            fix="Enter a rate when its day has come.",
        )
    with transaction.atomic():
        Organization.objects.select_for_update().get(id=organization.id)
        before = ExchangeRate.objects.filter(
            organization=organization, currency=code, valid_on=valid_on
        ).first()
        if before is not None and (before.rate, before.source) == (rate, source):
            return before
        row, _ = ExchangeRate.objects.update_or_create(
            organization=organization,
            currency=code,
            valid_on=valid_on,
            defaults={"rate": rate, "source": source, "entered_by": actor.name[:200], "entered_at": now},
        )
        facts = {
            "currency": code, "rate": plain_rate(rate), "on": valid_on.isoformat(), "source": source,
            "into": organization.currency, "before": plain_rate(before.rate) if before else "",
        }  # fmt: skip
        happening = Happening("exchange_rate_set", "organization", organization.id, facts=facts)
        record(organization.id, actor, now, [happening])
    return row
