"""Assess a unit: an amount that whoever owns it owes every month, quarter or year (A-30)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from paidthru.assessments.models import Assessment
from paidthru.assessments.operations import INCOME, checked_amount
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Interval
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import Organization
from paidthru.people.operations import locked_units
from paidthru.timeline.operations import Actor, Happening, once, record

MOST_DAYS_AGO = 3_660


def assess(
    organization: Organization,
    unit_id: UUID,
    *,
    name: str = "Assessment",
    amount_minor: int,
    currency: str = "",
    every: Interval,
    starts_on: date,
    ends_on: date | None = None,
    fund: str = "",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Assessment:
    """As `assess_units`, for one."""
    made = assess_units(
        organization,
        [(unit_id, amount_minor)],
        name=name,
        currency=currency,
        every=every,
        starts_on=starts_on,
        ends_on=ends_on,
        fund=fund,
        actor=actor,
        now=now,
        key=key,
    )
    return made[0]


def assess_units(
    organization: Organization,
    amounts: Sequence[tuple[UUID, int]],
    *,
    name: str = "Assessment",
    currency: str = "",
    every: Interval,
    starts_on: date,
    ends_on: date | None = None,
    fund: str = "",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> list[Assessment]:
    """Writes an assessment for each unit, over its amount (minor units), for each period from a local date on, until
    `ends_on` (None: until it is ended): all of them, or none. Nothing is billed before that date; what it has passed is
    billed when the calendar next works. The same `key` gives the same ones.

    Refused `unit_unknown`, `amount_invalid`, `date_invalid` (it would begin years ago), `ends_before_it_begins`,
    `key_reused`, and as `checked_name`.
    """
    currency = currency or organization.currency
    text = checked_name(name, field="name", most=200)
    fund = checked_name(fund, field="fund", most=60) if fund.strip() else ""
    earliest = local_date(now, organization.zone) - timedelta(days=MOST_DAYS_AGO)
    if starts_on < earliest:
        raise Refused(
            "date_invalid",
            f"It would bill all that has passed since {starts_on}.",
            field="starts_on",
            value=starts_on.isoformat(),
            fix=f"Choose {earliest} or a later day; what is owed from before that is billed once, by an invoice.",
        )
    for _, amount_minor in amounts:
        checked_amount(amount_minor, currency)
    if ends_on is not None and ends_on < starts_on:
        raise Refused(
            "ends_before_it_begins",
            f"It begins on {starts_on}; the last one can't be before.",
            field="ends_on",
            value=ends_on.isoformat(),
            fix="Choose a later day.",
        )

    def act() -> dict[str, list[str]]:
        made, happenings = [], []
        units = locked_units(organization.id, [unit_id for unit_id, _ in amounts])
        for unit_id, amount_minor in amounts:
            unit = units[unit_id]
            amount = plain(amount_minor, currency)
            made.append(
                Assessment(
                    id=new_id(),
                    organization=organization,
                    unit=unit,
                    name=text,
                    amount_minor=amount_minor,
                    currency=currency,
                    interval_count=every.count,
                    interval_unit=every.unit.value,
                    starts_on=starts_on,
                    ends_on=ends_on,
                    next_on=starts_on,
                    income_code=INCOME,
                    fund=fund,
                    derivation={
                        "rule": "assessment",
                        "text": f"{amount} {currency} every {every.each} from {starts_on}, as assessed.",
                    },
                    created_at=now,
                    created_by=actor.name[:200],
                )
            )
            facts = {
                "unit": unit.name, "amount": amount, "currency": currency, "every": every.unit.value,
                "from": starts_on.isoformat(),
            }  # fmt: skip
            happenings.append(Happening("unit_assessed", "unit", unit.id, facts=facts))
        Assessment.objects.bulk_create(made, batch_size=1000)
        record(organization.id, actor, now, happenings)
        return {"assessments": [str(one.id) for one in made]}

    inputs = {
        "amounts": list(amounts), "name": text, "currency": currency, "every": str(every), "from": starts_on,
        "until": ends_on, "fund": fund,
    }  # fmt: skip
    ids = once(organization.id, key, "assess", inputs, now, act)["assessments"]
    return list(Assessment.objects.filter(id__in=ids).order_by("id"))
