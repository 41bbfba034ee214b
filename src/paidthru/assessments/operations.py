"""Write steps of the assessments room, inside somebody's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from paidthru.assessments.models import Assessment, LevyPart
from paidthru.assessments.queries import interval_of
from paidthru.assessments.rules.late_fees import Charge
from paidthru.invoicing.models import Receivable
from paidthru.invoicing.operations import Item
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import check_entered, plain
from paidthru.kernel.periods import Period, nth_period, nth_start
from paidthru.people.models import Holding

ASSESSMENT, LEVY, LATE_FEE = "assessment", "levy", "late_fee"
KINDS = (ASSESSMENT, LEVY, LATE_FEE)
INCOME, LATE_FEES = "Income:Assessments", "Income:Fees"


def period_of(assessment: Assessment, n: int) -> Period:
    """The n-th period of an assessment, from 0."""
    return nth_period(assessment.starts_on, interval_of(assessment), n)


def _owned(day: str) -> Exists:
    """Whether somebody owned the unit on the day of that column, or owns it now."""
    holding = Holding.objects.filter(unit=OuterRef("unit"), role="owner")
    then = Q(from_on__lte=OuterRef(day)) & Q(until_on__gt=OuterRef(day))
    return Exists(holding.filter(then | Q(until_on=None)))


def due_assessments(organization_id: UUID, *, on: date, limit: int) -> list[Assessment]:
    """The assessments whose next period has begun by a local date, of units that have an owner, in their order; locked
    against another worker."""
    found = Assessment.objects.select_for_update(of=("self",), skip_locked=True).select_related("unit")
    due = found.filter(_owned("next_on"), organization_id=organization_id, next_on__lte=on)
    return list(due.order_by("next_on", "id")[:limit])


def due_parts(organization_id: UUID, *, on: date, limit: int, levy_id: UUID | None = None) -> list[LevyPart]:
    """The instalments that are to be billed by a local date, of units that have an owner, the first of a levy whenever
    they are due; or the first ones of one levy. Locked."""
    found = LevyPart.objects.select_for_update(of=("self",), skip_locked=True).select_related("unit", "levy")
    due = found.filter(_owned("due_on"), organization_id=organization_id, invoice=None)
    due = due.filter(Q(due_on__lte=on) | Q(n=1)) if levy_id is None else due.filter(levy=levy_id, n=1)
    return list(due.order_by("due_on", "levy", "n", "id")[:limit])


def move_on(assessments: Sequence[Assessment]) -> None:
    """Counts a further period of each as made; the next comes an interval later, or none does."""
    for one in assessments:
        one.made += 1
        following = nth_start(one.starts_on, interval_of(one), one.made)
        one.next_on = None if one.ends_on is not None and following > one.ends_on else following
    Assessment.objects.bulk_update(assessments, ["made", "next_on"], batch_size=500)


def note_billed(invoices: Mapping[UUID, UUID]) -> None:
    """Which invoice asks for each instalment, by its id."""
    if not invoices:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE assessments_levypart p SET invoice_id = found.invoice_id
               FROM unnest(%s::uuid[], %s::uuid[]) AS found (id, invoice_id) WHERE p.id = found.id""",
            [list(invoices), list(invoices.values())],
        )


@dataclass(frozen=True, slots=True)
class Owed:
    """What a unit owes from now on, for whoever owned it on the local date `on`: billed then, at the latest today, and
    due then, at the earliest today (nobody is late with what they weren't asked for)."""

    kind: str
    currency: str
    unit_id: UUID
    on: date
    item: Item


def owed_for(assessments: Sequence[Assessment], parts: Sequence[LevyPart]) -> list[Owed]:
    """What assessments (their next period) and instalments ask for."""
    found = [
        Owed(ASSESSMENT, one.currency, one.unit_id, item.period_start, item)
        for one in assessments
        for item in [item_of_assessment(one)]
    ]
    return found + [
        Owed(LEVY, part.levy.currency, part.unit_id, part.due_on, item_of_part(part)) for part in parts
    ]


def item_of(
    fee_id: UUID,
    period: Period,
    text: str,
    amount_minor: int,
    derivation: dict[str, Any],
    *,
    income: str,
    fund: str = "",
) -> Item:
    """What a unit owes for a period, as a line of an invoice."""
    return Item(
        fee_id=fee_id,
        period_start=period.start,
        period_end=period.end,
        description=text[:300],
        quantity=1,
        unit_amount_minor=amount_minor,
        amount_minor=amount_minor,
        derivation=derivation,
        is_primary=True,
        voluntary=False,
        income_code=income,
        fund=fund,
    )


def item_of_assessment(one: Assessment) -> Item:
    """The next period of an assessment."""
    period = period_of(one, one.made)
    text = f"{one.name}, {one.unit.name}, {period.start} to {period.through}"
    return item_of(
        one.id, period, text, one.amount_minor, one.derivation, income=one.income_code, fund=one.fund
    )


def item_of_part(part: LevyPart) -> Item:
    """An instalment of a levy."""
    levy = part.levy
    turn = f", instalment {part.n} of {levy.instalments}" if levy.instalments > 1 else ""
    period = Period(part.due_on, part.due_on + timedelta(days=1))
    return item_of(
        part.id, period, f"{levy.name}, {part.unit.name}{turn}", part.amount_minor, part.derivation,
        income=INCOME, fund=levy.fund,
    )  # fmt: skip


def item_of_late_fee(late: Receivable, charge: Charge, unit: str, grace_days: int) -> Item:
    """A late fee on what is late: owed by the same unit, and its fee is the receivable that is late, so that no period
    has two."""
    amount = plain(charge.amount_minor, late.currency)
    text = f"Late fee, {unit}: {plain(late.amount_minor, late.currency)} due {late.due_on}"
    return item_of(
        late.id,
        Period(charge.on, charge.on + timedelta(days=1)),
        text,
        charge.amount_minor,
        {
            "rule": "late_fee",
            "text": f"{amount} {late.currency}: {plain(late.balance_minor, late.currency)} of what was due on"
            f" {late.due_on} was unpaid when {grace_days} days of grace were over, on {charge.on}.",
        },
        income=LATE_FEES,
    )


def checked_amount(amount_minor: int, currency: str) -> int:
    """The amount of an assessment or a levy. Refused `amount_invalid` when it is nothing or less, or can't be kept."""
    if amount_minor <= 0:
        raise Refused(
            "amount_invalid",
            f"An amount of {plain(amount_minor, currency)} {currency} can't be billed.",
            field="amount",
            value=plain(amount_minor, currency),
            fix="Enter more than nothing.",
        )
    return check_entered(amount_minor)
