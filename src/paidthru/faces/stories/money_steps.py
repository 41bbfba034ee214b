"""How the forms of `money_forms` are done: the same actions as the console's."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from paidthru.actions.apply_credit import apply_credit
from paidthru.actions.record_payment import record_payment
from paidthru.actions.unapply_payment import unapply_payment
from paidthru.kernel.errors import Refused

from .forms import Step
from .money_forms import MemberPaysOnAccount, MemberPaysParts, StaffAppliesCredit, StaffUnapplies
from .telling import STAFF, Telling
from .values import AmountText


def _parts(telling: Telling, written: tuple[tuple[AmountText, int], ...]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for amount, number in written:
        invoice = telling.invoice(number)
        amount_minor, currency = telling.money_in(amount, invoice.currency)
        if currency != invoice.currency:
            raise Refused(
                "currency_mismatch",
                f"Invoice {number} is in {invoice.currency}.",
                field="parts",
                value=currency,
                fix=f"Say the amount in {invoice.currency}.",
            )
        found[invoice.id] = found.get(invoice.id, 0) + amount_minor
    return found


def _pays(telling: Telling, step: MemberPaysParts | MemberPaysOnAccount) -> None:
    amount_minor, currency = telling.money(step.amount)
    record_payment(
        telling.organization,
        telling.party(step.member).id,
        amount_minor=amount_minor,
        currency=currency,
        means=step.method,
        parts=_parts(telling, step.parts) if isinstance(step, MemberPaysParts) else {},
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _unapplies(telling: Telling, step: StaffUnapplies) -> None:
    invoices = [telling.invoice(step.invoice).id] if step.invoice is not None else None
    unapply_payment(
        telling.organization,
        telling.payment(step.payment).id,
        invoice_ids=invoices,
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


def _applies(telling: Telling, step: StaffAppliesCredit) -> None:
    apply_credit(
        telling.organization,
        telling.party(step.member).id,
        _parts(telling, step.parts),
        actor=STAFF,
        now=telling.desk.clock.now(),
    )


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    MemberPaysParts: _pays,
    MemberPaysOnAccount: _pays,
    StaffUnapplies: _unapplies,
    StaffAppliesCredit: _applies,
}
