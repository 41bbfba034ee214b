"""Charge: open an attempt, claim it, send it. The gateway is called between two transactions, never inside one.

The protocol is design.md §5 and field-notes C.3; the steps are named after it. What the gateway answered goes to
`settle`, strung together by `runs`.
"""

from paidthru.actions.charge.changing import open_with_present_methods
from paidthru.actions.charge.claiming import (
    Claim,
    claim,
    claim_fence,
    claim_resumed,
    claim_waiting,
    give_back,
)
from paidthru.actions.charge.opening import Asked, Opened, open_attempt, open_attempts
from paidthru.actions.charge.sending import Here, bind, send

__all__ = [
    "Asked",
    "Claim",
    "Here",
    "Opened",
    "bind",
    "claim",
    "claim_fence",
    "claim_resumed",
    "claim_waiting",
    "give_back",
    "open_attempt",
    "open_attempts",
    "open_with_present_methods",
    "send",
]
