"""The states of a payment intent. An open one holds its invoice: nothing else may collect it meanwhile."""

from paidthru.kernel.states import Machine

INTENT = Machine(
    "payment intent",
    "open",
    {
        ("open", "succeed"): "succeeded",
        ("open", "decline"): "declined",  # the invoice is free; a further attempt reuses the gateway's intent
        ("open", "close"): "closed",
        ("declined", "retry"): "open",
        ("declined", "close"): "closed",  # fenced, because another amount is collected instead
        ("declined", "succeed"): "succeeded",
        ("closed", "succeed"): "succeeded",
    },
)

RECONCILE_AFTER_SECONDS = (30, 120, 600, 3600, 21600, 86400)
"""When an open question is asked again, in seconds after the last time, then daily for ever (field-notes C.3, 8)."""


def reconcile_delay(looks: int) -> int:
    """Seconds until the next look after `looks` of them without an answer."""
    return RECONCILE_AFTER_SECONDS[min(looks, len(RECONCILE_AFTER_SECONDS) - 1)]
