"""The states of a batch: opened, reviewed, posted (I-17)."""

from paidthru.kernel.states import Machine

BATCH = Machine("batch", "open", {("open", "review"): "reviewed", ("reviewed", "post"): "posted"})
