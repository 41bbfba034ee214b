"""Write steps of the membership room, inside somebody's transaction."""

from paidthru.membership.operations.billing import TermBill, bill_terms
from paidthru.membership.operations.bringing import ExistingMembership, bring_in
from paidthru.membership.operations.standing import (
    after_payment,
    after_reversal,
    mark_unpaid,
    restart_late_terms,
    stop_autopay,
)

__all__ = [
    "ExistingMembership",
    "TermBill",
    "after_payment",
    "after_reversal",
    "bill_terms",
    "bring_in",
    "mark_unpaid",
    "restart_late_terms",
    "stop_autopay",
]
