"""The steps by which staff charge a member now, and take back what was billed."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.credit_invoice import credit_invoice
from paidthru.kernel.errors import Refused
from paidthru.runs.charges import charge_now, give_up
from paidthru.runs.invoices import take_back
from paidthru.runs.methods import forget_method
from paidthru.timeline.operations import Actor

from .billing_forms import StaffCreditsInvoice, StaffVoidsInvoice, StaffWritesOffInvoice
from .forms import Step
from .step_forms import MemberRemovesPaymentMethod, StaffCharges
from .telling import STAFF, Telling


def _charges(telling: Telling, step: StaffCharges) -> None:
    amount_minor, currency = telling.money(step.amount)
    charge_now(
        telling.desk,
        telling.party(step.member).id,
        amount_minor=amount_minor,
        currency=currency,
        purpose=step.reason,
        actor=STAFF,
    )


def _voids(telling: Telling, step: StaffVoidsInvoice) -> None:
    invoice = telling.invoice(step.invoice)
    if step.amount is not None and telling.money(step.amount) != (invoice.total_minor, invoice.currency):
        raise Refused(
            "amount_invalid",
            "An invoice is voided as a whole.",
            field="amount",
            value=step.amount.text,
            fix="Credit the part.",
        )
    take_back(telling.desk, invoice.id, actor=STAFF, reason=step.reason or "")


def _credits(telling: Telling, step: StaffCreditsInvoice) -> None:
    credit_invoice(
        telling.organization,
        telling.invoice(step.invoice).id,
        actor=STAFF,
        now=telling.desk.clock.now(),
        amount_minor=telling.money(step.amount)[0] if step.amount else None,
        reason=step.reason or "",
    )


def _writes_off(telling: Telling, step: StaffWritesOffInvoice) -> None:
    give_up(
        telling.desk,
        telling.invoice(step.invoice).id,
        amount_minor=telling.money(step.amount)[0] if step.amount else None,
        reason=step.reason or "",
        actor=STAFF,
    )


def _removes_method(telling: Telling, step: MemberRemovesPaymentMethod) -> None:
    forget_method(telling.desk, telling.party(step.member).id, actor=Actor("member", step.member))


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    StaffCharges: _charges,
    StaffVoidsInvoice: _voids,
    StaffCreditsInvoice: _credits,
    StaffWritesOffInvoice: _writes_off,
    MemberRemovesPaymentMethod: _removes_method,
}
