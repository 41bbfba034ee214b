"""The states of a billing run: previewed first, then written as previewed."""

from paidthru.kernel.states import Machine

RUN = Machine(
    "billing run",
    "previewing",
    {
        ("previewing", "previewed"): "previewed",
        ("previewed", "preview_again"): "previewing",
        ("previewing", "preview_again"): "previewing",
        ("previewed", "commit"): "queued",
        ("previewed", "finish"): "done",  # an automatic run that bills nobody
        ("queued", "start"): "running",
        ("running", "finish"): "done",
        ("previewing", "fail"): "failed",  # its preview could not be made; nothing was written
        ("failed", "preview_again"): "previewing",
        ("queued", "fail"): "failed",
        ("running", "fail"): "failed",
        ("failed", "start"): "running",
    },
)
