"""What homes owe: assessments and levies billed as they fall due, and late fees (A-30 to A-33)."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from functools import partial
from uuid import UUID

from django.db import transaction

from paidthru.actions.bill_assessments import bill_assessments
from paidthru.actions.charge_late_fees import charge_late_fees
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.levy import levy
from paidthru.actions.take_over_arrears import take_over_arrears
from paidthru.actions.transfer_unit import transfer_unit
from paidthru.actions.void_invoice import void_invoice
from paidthru.assessments.models import Levy
from paidthru.assessments.queries import count_due, count_late, late_fee_now, movable, next_due, next_late_fee
from paidthru.assessments.rules.splitting import Method
from paidthru.dunning.queries import waited_for
from paidthru.invoicing.models import Invoice, Line
from paidthru.kernel.errors import Refused
from paidthru.kernel.periods import Unit
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.slots import first_opening
from paidthru.people.models import Holding
from paidthru.runs.charges import void
from paidthru.runs.desk import Desk, at
from paidthru.timeline.operations import SCHEDULE, Actor
from paidthru.timeline.queries import was_done


def levy_now(
    desk: Desk,
    *,
    name: str,
    amount_minor: int,
    currency: str = "",
    method: Method,
    due_on: date,
    instalments: int = 1,
    every: Unit = Unit.MONTH,
    fund: str = "",
    whole: bool = True,
    actor: Actor,
    key: str | None = None,
) -> Levy:
    """Raises an amount, and bills its first instalments at once; unless the `whole` is asked for, a batch of them, and
    the worker goes on with the others. Refused as `levy`."""
    one = levy(
        desk.organization,
        name=name,
        amount_minor=amount_minor,
        currency=currency,
        method=method,
        due_on=due_on,
        instalments=instalments,
        every=every,
        fund=fund,
        actor=actor,
        now=desk.clock.now(),
        key=key,
    )
    bill = partial(bill_assessments, desk.organization, levy_id=one.id, actor=actor, now=desk.clock.now())
    if whole:
        _all(bill)
    else:
        bill()
    return one


def bill_homes(desk: Desk) -> int:
    """Bills what has fallen due and the late fees that have come, and mails both to those who aren't charged by
    themselves; returns how many invoices."""
    organization, now = desk.organization, desk.clock.now()
    billed = 0
    due, late = _due_at(desk), _late_at(desk)
    if due is not None and due <= now:
        billed += _all(lambda: bill_assessments(organization, actor=SCHEDULE, now=now))
    if late is not None and late <= now:
        spared = waited_for(organization.id, desk.today)
        billed += _all(lambda: charge_late_fees(organization, spared=spared, actor=SCHEDULE, now=now))
    return billed


def hand_over_home(
    desk: Desk,
    unit_id: UUID,
    party_id: UUID,
    *,
    on: date | None = None,
    autopay: bool = False,
    actor: Actor,
    key: str | None = None,
) -> Holding:
    """Somebody else owns a unit from a local date on. Where arrears follow the home (`transfer.arrears`), and that day
    has come, what is open of it and untouched is void and asked of the new owner; what was paid in part, or is being
    paid just now, stays. With the same `key` it is done once. Refused as `transfer_unit`."""
    organization, now = desk.organization, desk.clock.now()
    follows = (
        policies_of(organization).word("transfer.arrears") == "follow" and (on or desk.today) <= desk.today
    )
    with transaction.atomic():
        holding = transfer_unit(
            organization, unit_id, party_id, on=on, autopay=autopay, actor=actor, now=now, key=key
        )
        asked = movable(unit_id, but_of=party_id) if follows else []  # under the unit's lock
        why = f"{holding.unit.name} is {holding.party.name}’s now, of whom it is asked."
        for invoice_id in asked:
            void_invoice(organization, invoice_id, reason=why, actor=actor, now=now)
        take_over_arrears(organization, unit_id, party_id, asked, actor=actor, now=now)
        return holding


def waive_late_fee(desk: Desk, receivable_id: UUID, *, reason: str, actor: Actor, key: str) -> Invoice:
    """Nothing of a late fee is owed any more, and it doesn't come again for its period: its invoice is void, or where a
    part was paid, the rest is credited. With the same `key` it is done once.

    Refused `late_fee_unknown`, `late_fee_closed`, and as `void` and `credit_invoice`.
    """
    line = (
        Line.objects.filter(
            receivable=receivable_id, receivable__kind="late_fee", invoice__organization=desk.organization
        )
        .select_related("invoice", "receivable")
        .first()
    )
    if line is None:
        raise Refused("late_fee_unknown", "There is no such late fee.", field="fee", fix="Look it up again.")
    invoice, now = line.invoice, desk.clock.now()
    if line.receivable.state != "open" and not was_done(desk.organization.id, key):
        raise Refused(
            "late_fee_closed",
            f"Nothing of the late fee on invoice {invoice.label} is open any more.",
            field="fee",
            value=invoice.label,
            fix="Money that came for it is given back with a refund.",
        )
    if invoice.balance_minor in (0, invoice.total_minor):
        return void(desk, invoice.id, reason=reason, actor=actor, key=key)
    credit_invoice(desk.organization, invoice.id, reason=reason, actor=actor, now=now, key=key)
    return Invoice.objects.get(id=invoice.id)


def next_homes_at(desk: Desk) -> datetime | None:
    """When the next period, instalment or late fee is billed, should nobody pay; what has passed means now."""
    known = [instant for instant in (_due_at(desk), _late_at(desk)) if instant is not None]
    return min(known, default=None)


def count_homes_due(desk: Desk) -> int:
    """How many periods, instalments and late fees are to be billed by now; what waits for an owner is left out."""
    organization, now, today = desk.organization, desk.clock.now(), desk.today
    due, late, count = _due_at(desk), _late_at(desk), 0
    if due is not None and due <= now:
        count += count_due(organization.id, today)
    fee = late_fee_now(organization)
    if late is not None and late <= now and fee is not None:
        spared = waited_for(organization.id, today)
        count += count_late(organization.id, organization.currency, fee, on=today, spared=spared)
    return count


def _due_at(desk: Desk) -> datetime | None:
    organization = desk.organization
    on = next_due(organization.id)
    return first_opening(policies_of(organization), organization.zone, on) if on is not None else None


def _late_at(desk: Desk) -> datetime | None:
    organization = desk.organization
    fee = late_fee_now(organization)
    if fee is None:
        return None
    spared = waited_for(organization.id, desk.today)
    on = next_late_fee(organization.id, organization.currency, fee, spared=spared)
    return at(desk, on, time.min) if on is not None else None


def _all(bill: Callable[[], Sequence[UUID]]) -> int:
    """Bills batch after batch; returns how many invoices."""
    billed = 0
    while made := bill():
        billed += len(made)
    return billed
