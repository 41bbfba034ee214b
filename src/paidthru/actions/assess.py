"""Assess a unit: an amount that whoever owns it owes every month, quarter or year (A-30)."""

from datetime import date, datetime
from uuid import UUID

from paidthru.assessments.models import Assessment
from paidthru.assessments.operations import INCOME, checked_amount
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Interval
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import Organization
from paidthru.people.operations import locked_unit
from paidthru.timeline.operations import Actor, Happening, once, record


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
    """Writes an assessment (minor units) for each period from a local date on, until `ends_on` (None: until it is
    ended). Nothing is billed before that date; what it has passed is billed at once. The same `key` gives the same one.

    Refused `unit_unknown`, `amount_invalid`, `ends_before_it_begins`, `key_reused`, and as `checked_name`.
    """
    currency = currency or organization.currency
    text = checked_name(name, field="name", most=200)
    checked_amount(amount_minor, currency)
    if ends_on is not None and ends_on < starts_on:
        raise Refused(
            "ends_before_it_begins",
            f"It begins on {starts_on}; the last one can't be before.",
            field="until",
            value=ends_on.isoformat(),
            fix="Choose a later day.",
        )

    def act() -> dict[str, str]:
        unit = locked_unit(organization.id, unit_id)
        amount = f"{plain(amount_minor, currency)} {currency}"
        one = Assessment.objects.create(
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
                "text": f"{amount} every {every} from {starts_on}, as assessed.",
            },
            created_at=now,
            created_by=actor.name[:200],
        )
        facts = {"unit": unit.name, "amount": amount, "every": str(every), "from": starts_on.isoformat()}
        record(organization.id, actor, now, [Happening("unit_assessed", "unit", unit.id, facts=facts)])
        return {"assessment": str(one.id)}

    inputs = {
        "unit": unit_id, "name": text, "amount": amount_minor, "currency": currency, "every": str(every),
        "from": starts_on, "until": ends_on, "fund": fund,
    }  # fmt: skip
    return Assessment.objects.get(id=once(organization.id, key, "assess", inputs, now, act)["assessment"])
