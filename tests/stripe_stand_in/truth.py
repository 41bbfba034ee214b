"""What really took place: an append-only list of the movements of money, beside all objects.

A checker compares the product's ledger with it. It is written where the money moves and read by nobody here but
`StripeStandIn.check`, so a mistake in an object's fields does not show in it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Kind = Literal[
    "charge", "refund", "refund_failed", "dispute", "dispute_reinstated", "payout", "payout_failed"
]


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement. `amount`: minor units, signed as the account's balance moves, without fees. `object`: the id of
    the charge, refund, dispute or payout. `metadata`: the charge's or refund's as they were then."""

    n: int
    at: int
    kind: Kind
    amount: int
    currency: str
    livemode: bool
    object: str
    payment_intent: str | None
    charge: str | None
    customer: str | None
    metadata: dict[str, str]


class Truth:
    """Grows only. With a file, each movement is a line of JSON in it, on the disk before the caller goes on."""

    def __init__(self, file: Path | None = None) -> None:
        self._movements: list[Movement] = []
        self._file = file

    def record(
        self,
        *,
        at: int,
        kind: Kind,
        amount: int,
        currency: str,
        livemode: bool,
        object: str,  # noqa: A002 - Stripe's word
        payment_intent: str | None = None,
        charge: str | None = None,
        customer: str | None = None,
        metadata: dict[str, str] | None = None,
    ) -> None:
        movement = Movement(
            len(self._movements) + 1, at, kind, amount, currency, livemode, object, payment_intent, charge, customer,
            dict(metadata or {}),
        )  # fmt: skip
        self._movements.append(movement)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(movement)) + "\n")

    def movements(self) -> list[Movement]:
        return list(self._movements)
