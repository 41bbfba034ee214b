"""Recurring invoices: begun, and moved on from one to the next (A-11)."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from paidthru.invoicing.models import RecurringInvoice
from paidthru.invoicing.operations.writing import Paper
from paidthru.invoicing.rules.recurring import next_after
from paidthru.invoicing.rules.writing import restored, stored
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Interval, Unit, nth_start
from paidthru.timeline.operations import Actor


def begin_recurring(
    organization_id: UUID,
    paper: Paper,
    every: Interval,
    *,
    ends_on: date | None,
    as_draft: bool,
    actor: Actor,
    now: datetime,
) -> RecurringInvoice:
    """Writes what comes again: the first one is `paper`, which the caller issues; the next comes an interval later."""
    return RecurringInvoice.objects.create(
        organization_id=organization_id,
        party=paper.party,
        currency=paper.currency,
        lines=stored(paper.lines),
        interval_count=every.count,
        interval_unit=every.unit.value,
        starts_on=paper.bill_on,
        next_on=next_after(paper.bill_on, every, 0, ends_on),
        ends_on=ends_on,
        due_days=(paper.due_on - paper.bill_on).days,
        made=1,
        as_draft=as_draft,
        created_at=now,
        created_by=actor.name[:200],
    )


def interval_of(one: RecurringInvoice) -> Interval:
    """How often it comes."""
    return Interval(one.interval_count, Unit(one.interval_unit))


def due_recurring(organization_id: UUID, *, on: date, limit: int) -> Sequence[RecurringInvoice]:
    """What is to be made by a local date, oldest first, locked against another worker."""
    found = RecurringInvoice.objects.select_for_update(of=("self",), skip_locked=True).select_related("party")
    due = found.filter(organization_id=organization_id, next_on__lte=on, paused_at=None)
    return list(due.order_by("next_on", "id")[:limit])


def next_paper(one: RecurringInvoice) -> Paper:
    """The invoice that is due next of a recurring one, billed on its own day."""
    bill_on = nth_start(one.starts_on, interval_of(one), one.made)
    due_on = date.fromordinal(bill_on.toordinal() + one.due_days)
    return Paper(one.party, one.currency, restored(one.lines), bill_on, due_on, one.id, one.made)


def move_on(one: RecurringInvoice) -> None:
    """Counts one more as made; the next comes an interval later, or none does."""
    one.next_on = next_after(one.starts_on, interval_of(one), one.made, one.ends_on)
    one.made += 1
    one.save(update_fields=["next_on", "made"])


def locked_recurring(organization_id: UUID, recurring_id: UUID) -> RecurringInvoice:
    """A recurring invoice, locked. Refused `recurring_unknown`."""
    found = (
        RecurringInvoice.objects.select_for_update()
        .filter(id=recurring_id, organization_id=organization_id)
        .first()
    )
    if found is None:
        raise Refused(
            "recurring_unknown",
            "There is no such recurring invoice.",
            field="invoice",
            fix="Look it up again.",
        )
    return found
