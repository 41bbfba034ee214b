"""The whole renewal by itself, as one switch (I-71). Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from paidthru.organizations.rules.policies import Policies, Value

BY_ITSELF: Mapping[str, Value] = MappingProxyType(
    {"billing.trigger": "auto", "invoice.review": "none", "collect.submit": "daily", "batch.post": "auto"}
)
"""The calendar generates, posts, submits and retrieves; staff read what it did."""

BY_STAFF: Mapping[str, Value] = MappingProxyType(
    {
        "billing.trigger": "staff_run",
        "invoice.review": "must_approve",
        "collect.submit": "by_hand",
        "batch.post": "manual",
    }
)
"""Staff generate, review, submit and post; what the processor answers is retrieved all the same."""


def automatic(policies: Policies) -> bool:
    """Whether the whole renewal goes by itself."""
    return all(policies.effective(key).value == value for key, value in BY_ITSELF.items())


def steps_by_staff(policies: Policies) -> tuple[str, ...]:
    """The policies that still leave a step of the renewal to staff."""
    return tuple(key for key, value in BY_ITSELF.items() if policies.effective(key).value != value)
