"""A worker as `paidthru worker`, that may ask the stand-in more often than Stripe lets us ask."""

from dataclasses import replace

from benchmarks.day import PER_SECOND
from paidthru.config import main


def work() -> None:
    """Works until it is told to stop."""
    main.prepare(starts=True)
    from paidthru.adapters.stripe.gateway import StripeGateway
    from paidthru.faces.worker.program import run

    StripeGateway.capabilities = replace(StripeGateway.capabilities, per_second=PER_SECOND)
    run()


if __name__ == "__main__":
    work()
