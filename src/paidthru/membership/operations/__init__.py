"""Write steps of the membership room, inside somebody's transaction."""

from paidthru.membership.operations.billing import TermBill, bill_terms
from paidthru.membership.operations.bringing import ExistingMembership, bring_in
from paidthru.membership.operations.ending import Ended, begin_default, end_memberships
from paidthru.membership.operations.standing import (
    after_payment,
    after_reversal,
    mark_unpaid,
    restart_late_terms,
    stop_autopay,
)

__all__ = [
    "Ended",
    "ExistingMembership",
    "TermBill",
    "after_payment",
    "after_reversal",
    "begin_default",
    "bill_terms",
    "bring_in",
    "end_memberships",
    "mark_unpaid",
    "restart_late_terms",
    "stop_autopay",
]
