"""Levy a special assessment: an amount split over all units, to the cent (A-31)."""

from collections.abc import Sequence
from datetime import date, datetime

from paidthru.assessments.models import Levy, LevyPart
from paidthru.assessments.queries import units_of
from paidthru.assessments.rules.splitting import Method, Share, shares_of
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.instalments import Instalment, instalments_of
from paidthru.kernel.money import plain
from paidthru.kernel.periods import Interval, Unit
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, once, record

Split = Sequence[tuple[Share, tuple[Instalment, ...]]]


def split_levy(
    organization: Organization,
    *,
    amount_minor: int,
    currency: str,
    method: Method,
    due_on: date,
    instalments: int = 1,
    every: Unit = Unit.MONTH,
) -> Split:
    """What each unit would bear of a levy, and when: the proposal that staff read, and what `levy` writes. Refused as
    `shares_of` and `instalments_of`."""
    shares = shares_of(amount_minor, units_of(organization.id), method, currency)
    return [
        (share, instalments_of(share.amount_minor, instalments, due_on, Interval(1, every)))
        for share in shares
        if share.amount_minor
    ]


def levy(
    organization: Organization,
    *,
    name: str,
    amount_minor: int,
    currency: str = "",
    method: Method,
    due_on: date,
    instalments: int = 1,
    every: Unit = Unit.MONTH,
    fund: str = "",
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> Levy:
    """Raises an amount (minor units): the levy, and its parts for each unit. They sum to it. What is due later is
    billed when it falls due; `bill_assessments` bills the rest. The same `key` gives the same levy.

    Refused `due_before_bill`, `key_reused`, as `checked_name` and as `split_levy`.
    """
    currency = currency or organization.currency
    text = checked_name(name, field="name", most=200)
    fund = checked_name(fund, field="fund", most=60) if fund.strip() else ""
    today = local_date(now, organization.zone)
    if due_on < today:
        raise Refused(
            "due_before_bill",
            f"It is billed on {today} and can't be due before.",
            field="due",
            value=due_on.isoformat(),
            fix=f"Choose {today} or a later day.",
        )

    def act() -> dict[str, str]:
        split = split_levy(
            organization, amount_minor=amount_minor, currency=currency, method=method, due_on=due_on,
            instalments=instalments, every=every,
        )  # fmt: skip
        one = Levy.objects.create(
            organization=organization,
            name=text,
            amount_minor=amount_minor,
            currency=currency,
            method=method,
            due_on=due_on,
            instalments=instalments,
            interval_unit=every.value,
            fund=fund,
            levied_at=now,
            levied_by=actor.name[:200],
        )
        LevyPart.objects.bulk_create(
            [_part(one, share, part) for share, parts in split for part in parts], batch_size=1000
        )
        amount = f"{plain(amount_minor, currency)} {currency}"
        facts = {"levy": text, "amount": amount, "units": len(split), "due": due_on.isoformat()}
        record(organization.id, actor, now, [Happening("levied", "levy", one.id, facts=facts)])
        return {"levy": str(one.id)}

    inputs = {
        "name": text, "amount": amount_minor, "currency": currency, "method": method, "due": due_on,
        "instalments": instalments, "every": every.value, "fund": fund,
    }  # fmt: skip
    return Levy.objects.get(id=once(organization.id, key, "levy", inputs, now, act)["levy"])


def _part(one: Levy, share: Share, part: Instalment) -> LevyPart:
    turn = ""
    if one.instalments > 1:
        turn = f"; instalment {part.n} of {one.instalments}: {plain(part.amount_minor, one.currency)} {one.currency}"
    return LevyPart(
        id=new_id(),
        organization_id=one.organization_id,
        levy=one,
        unit_id=share.unit_id,
        n=part.n,
        weight=share.weight,
        due_on=part.due_on,
        amount_minor=part.amount_minor,
        derivation={"rule": "levy_share", "text": share.sentence + turn},
    )
