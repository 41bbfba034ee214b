"""The stand-in in a process of its own: python -m tests.stripe_stand_in --port N. Prints its address."""

import argparse
import signal
import sys
from types import FrameType

from tests.stripe_stand_in.server import StripeStandIn


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.stripe_stand_in", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument("--start", help="ISO 8601 with an offset; the clock stands there till it is moved")
    parser.add_argument("--real-clock", action="store_true", help="the clock runs")
    parser.add_argument("--account", default="acct_standin")
    parser.add_argument("--currency", default="usd")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--truth", help="a file to which every movement is appended, a line of JSON each")
    parser.add_argument("--confirm-metadata", choices=("refuse", "merge"), default="refuse")
    parser.add_argument(
        "--latency", type=int, default=0, help="milliseconds before each request is worked on"
    )
    parser.add_argument("--per-endpoint", type=int, help="requests a second")
    parser.add_argument("--overall", type=int, help="requests a second")
    asked = parser.parse_args()
    desk = StripeStandIn(
        start=asked.start,
        account=asked.account,
        currency=asked.currency,
        port=asked.port,
        seed=asked.seed,
        truth_file=asked.truth,
        real_clock=asked.real_clock,
        confirm_metadata=asked.confirm_metadata,
    )
    desk.latency(asked.latency)
    desk.limits(asked.per_endpoint, asked.overall)

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    with desk:
        print(desk.url, flush=True)
        desk.wait()


if __name__ == "__main__":
    main()
