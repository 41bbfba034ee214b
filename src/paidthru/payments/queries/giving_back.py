"""What giving money of a payment back, or taking it back, would touch: asked before it is done."""

from dataclasses import dataclass

from paidthru.payments.models import Allocation, Payment
from paidthru.payments.rules.refunds import Refundable, parts_of


def refundable_of(one: Allocation) -> Refundable:
    """What is left of an allocation, whose receivable is loaded, to give back or take back."""
    left_minor = one.amount_minor - one.reversed_minor - one.refunded_minor
    return Refundable(one.id, left_minor, one.receivable_id, one.receivable.tax_of_id)


@dataclass(frozen=True, slots=True)
class PartBack:
    """A part of an amount, in minor units: of what a payment paid on the invoice of that number, or (None) of its
    credit."""

    invoice: str | None
    amount_minor: int


def would_take(payment: Payment, amount_minor: int) -> list[PartBack]:
    """Which parts of a payment an amount (minor units) would come from, by invoice: its credit first, then what it paid
    last. The same rule as the operations', asked without writing."""
    found = Allocation.objects.filter(payment=payment).select_related("invoice", "receivable").order_by("-id")
    by_id = {one.id: one for one in found}
    left = [refundable_of(one) for one in by_id.values()]
    parts, _ = parts_of(amount_minor, payment.unallocated_minor, left)
    sums: dict[str | None, int] = {}
    for part in parts:
        number = by_id[part.id].invoice.label if part.id is not None else None
        sums[number] = sums.get(number, 0) + part.left_minor
    return [PartBack(number, amount) for number, amount in sums.items()]
