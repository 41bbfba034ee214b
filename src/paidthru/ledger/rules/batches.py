"""The states of a batch (opened, reviewed, posted: I-17) and of a closed period."""

from paidthru.kernel.states import Machine

BATCH = Machine("batch", "open", {("open", "review"): "reviewed", ("reviewed", "post"): "posted"})

PERIOD = Machine(
    "closed period",
    "closed",
    {
        ("closed", "reopen"): "reopened",
        ("closed", "ask"): "asked",
        ("asked", "withdraw"): "closed",
        ("asked", "reopen"): "reopened",
    },
)
