"""What a tax receipt has to say, by country (A-25). Pure.

Sources: United States, IRS Publication 1771 and Treasury Regulation 1.170A-13(f): a written acknowledgment from $250
on, which says whether goods or services were given in return, and what they were worth. United Kingdom, HMRC's guidance
on Gift Aid: the charity claims on a declaration, so the receipt is no claim. Canada, Income Tax Regulations 3501: an
official receipt says the advantage and the eligible amount. Limits stand in a dated table, for they change.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Limit:
    """From a local date on a donor needs a written acknowledgment of what is `acknowledge_minor` or more, in minor
    units of `currency`."""

    country: str
    currency: str
    from_on: date
    acknowledge_minor: int


LIMITS = (Limit("US", "USD", date(1994, 1, 1), 250_00),)
"""Asked for since 1994 (Omnibus Budget Reconciliation Act of 1993, section 13172)."""


@dataclass(frozen=True, slots=True)
class Gift:
    """What a receipt is for, in minor units: what was received, and the value of what the donor got in return."""

    amount_minor: int
    advantage_minor: int
    currency: str
    on: date

    @property
    def eligible_minor(self) -> int:
        """What is deducted at the most."""
        return max(self.amount_minor - self.advantage_minor, 0)


def statement(country: str, gift: Gift, amounts: tuple[str, str, str]) -> str:
    """What the receipt says besides its facts. `amounts` are the amount, the advantage and the eligible part as the
    reader writes them."""
    amount, advantage, eligible = amounts
    got = gift.advantage_minor > 0
    if country == "US":
        said = (
            f"In return you were given goods or services worth {advantage}; what is deductible is at most {eligible}."
            if got
            else "No goods or services were given in return for this contribution."
        )
        if needs_acknowledgment(country, gift):
            said += " Keep this acknowledgment: a contribution of this size is deducted only with it."
        return said
    if country == "CA":
        return (
            f"Official receipt for income tax purposes. Amount {amount}, advantage {advantage}, eligible amount"
            f" {eligible}. Canada Revenue Agency: canada.ca/charities-giving."
        )
    if country == "GB":
        return (
            "If you have given us a Gift Aid declaration, and have paid as much tax, we claim back the basic rate on"
            f" {eligible}."
        )
    return f"In return you were given a value of {advantage}." if got else ""


def needs_acknowledgment(country: str, gift: Gift) -> bool:
    """Whether the donor can deduct it only with a written acknowledgment, by the limit of its day."""
    held = [
        one
        for one in LIMITS
        if one.country == country and one.currency == gift.currency and one.from_on <= gift.on
    ]
    limit = max(held, key=lambda one: one.from_on, default=None)
    return limit is not None and gift.amount_minor >= limit.acknowledge_minor
