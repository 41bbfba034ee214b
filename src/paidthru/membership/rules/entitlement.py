"""What a member may use on a day, and why (C-35): derived from lifecycle and arrears by policy, never stored."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from paidthru.kernel.periods import add_months

Access = Literal["full", "limited", "fallback", "none"]
Restrict = Literal["never", "at_lapse", "at_downgrade", "by_paid_through"] | tuple[Literal["after"], int]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AccessFacts:
    """What access is derived from, on the local date `on`. `lifecycle` and `ended_because` are the membership's;
    `follows_downgrade`: it is on the default plan because another one was downgraded. `paid_through` is inclusive, and
    `grace_months` follow it; `unpaid_since` is the first failure that is still open."""

    lifecycle: str
    on: date
    unpaid_since: date | None
    paid_through: date | None
    ended_because: str = ""
    ended_on: date | None = None
    follows_downgrade: bool = False
    grace_months: int = 0


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What a member may use, and the reason in a sentence."""

    access: Access
    why: str


def entitlement(facts: AccessFacts, restrict: Restrict) -> Entitlement:
    """What a membership opens on a date, by `access.restrict` (C-35, P-21).

    A membership that is over opens nothing, save that the default plan goes on with what it gives. Arrears take away
    nothing (`never`, the default), or part of it after so many days; paid through and grace decide by themselves under
    `by_paid_through`. `at_lapse` and `at_downgrade` take it away with that end, which the lifecycle tells.
    """
    if facts.lifecycle == "ended":
        return Entitlement("none", _over(facts))
    if facts.follows_downgrade:
        return Entitlement("fallback", "It fell back to the default plan: what that gives is open.")
    if restrict == "by_paid_through":
        return _by_paid_through(facts)
    if isinstance(restrict, tuple) and facts.unpaid_since is not None:
        limited_on = facts.unpaid_since + timedelta(days=restrict[1])
        if facts.on >= limited_on:
            return Entitlement(
                "limited", f"Unpaid since {facts.unpaid_since}: limited after {restrict[1]} days."
            )
        return Entitlement("full", f"Unpaid since {facts.unpaid_since}: limited from {limited_on} on.")
    if facts.unpaid_since is not None:
        return Entitlement("full", f"Unpaid since {facts.unpaid_since}: nothing is restricted by that.")
    return Entitlement("full", "The membership goes on.")


def _by_paid_through(facts: AccessFacts) -> Entitlement:
    if facts.paid_through is None:
        if facts.unpaid_since is None and facts.lifecycle != "pending":
            return Entitlement("full", "Nothing is owed for it.")
        return Entitlement("none", "It has not been paid.")
    first_day_out = add_months(facts.paid_through + _DAY, facts.grace_months)
    if facts.on >= first_day_out:
        return Entitlement("none", f"Paid through {facts.paid_through}; its grace is over.")
    return Entitlement("full", f"Paid through {facts.paid_through}.")


def _over(facts: AccessFacts) -> str:
    because = {
        "canceled": "canceled",
        "lapsed": "not paid",
        "downgraded": "moved to the default plan",
        "switched": "switched to another plan",
        "over": "its paid term is over",
    }.get(facts.ended_because, "ended")
    return f"Ended on {facts.ended_on}: {because}." if facts.ended_on else f"Ended: {because}."
