"""What a visit is: included, overage, or a non-member's (C-28, C-29). Pure."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["included", "overage", "non_member"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a membership gives in its present cycle: so many visits (None: any number), and how many were used."""

    included: int | None
    used: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """What a visit is, and why, in a sentence."""

    verdict: Verdict
    why: str


def counted(allowance: Allowance | None) -> Counted:
    """What the next visit is; None for somebody without a membership that is open to them."""
    if allowance is None:
        return Counted("non_member", "No membership covers it.")
    if allowance.included is None:
        return Counted("included", "The plan includes every visit.")
    if allowance.used < allowance.included:
        return Counted(
            "included", f"Visit {allowance.used + 1} of {allowance.included} that the plan includes."
        )
    if allowance.included == 0:
        return Counted("overage", "The plan includes no visits: each is paid.")
    return Counted(
        "overage", f"The {allowance.included} visits that the plan includes in this cycle are used up."
    )
