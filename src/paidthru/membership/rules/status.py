"""What state a membership is in, and what that is called.

Three machines keep apart what products mix up: whether somebody belongs (lifecycle), whether we are getting
paid (collection), and what the member may use (entitlement). The label on screen is derived from facts and
the preset, never stored (requirements A3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal

from paidthru.kernel.periods import add_months
from paidthru.kernel.states import Machine

LIFECYCLE = Machine(
    "membership",
    "pending",
    {
        ("pending", "activate"): "active",  # the first payment, or a free plan
        ("pending", "cancel"): "ending",
        ("pending", "end"): "ended",
        ("active", "cancel"): "ending",
        ("active", "end"): "ended",  # lapsed, downgraded, or a prepaid term that is over
        ("ending", "undo_cancel"): "active",
        ("ending", "undo_unpaid"): "pending",  # it was canceled before its first payment
        ("ending", "end"): "ended",
    },
)

COLLECTION = Machine(
    "collection",
    "current",
    {
        ("current", "fail"): "in_dunning",
        ("current", "hold"): "held",  # expired, no method, or to be looked at
        ("in_dunning", "fail"): "in_dunning",
        ("in_dunning", "hold"): "held",
        ("in_dunning", "exhaust"): "exhausted",
        ("in_dunning", "pay"): "current",
        ("held", "release"): "in_dunning",
        ("held", "exhaust"): "exhausted",
        ("held", "pay"): "current",
        ("exhausted", "release"): "in_dunning",  # a new payment method, or another attempt allowed
        ("exhausted", "pay"): "current",
    },
)

ENTITLEMENT = Machine(
    "entitlement",
    "full",
    {
        ("full", "limit"): "limited",
        ("full", "fall_back"): "fallback",  # to what the default plan gives
        ("full", "withdraw"): "none",
        ("limited", "fall_back"): "fallback",
        ("limited", "withdraw"): "none",
        ("fallback", "withdraw"): "none",
        ("limited", "restore"): "full",
        ("fallback", "restore"): "full",
        ("none", "restore"): "full",
    },
)

PastDueAt = Literal["first_failure", "never"] | tuple[Literal["day"], int]

_WITH_LAPSED = frozenset({"recommended", "ams_nonprofit", "ams_hoa"})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StatusFacts:
    """What a label is derived from, on the local date `on`. `unpaid_since` is the date of the first failure
    or missed cycle still open; `exhausted` says that no further try will be made, `lapsed` that the
    membership ended by not being paid. `paid_through` is an inclusive last day, `grace_months` follow it."""

    lifecycle: str
    unpaid_since: date | None
    on: date
    paid_through: date | None
    exhausted: bool = False
    lapsed: bool = False
    grace_months: int = 0


def label(labels_preset: str, facts: StatusFacts, past_due_at: PastDueAt) -> str:
    """The preset's own word for a membership (stories.md, Labels; C-08, P-19, X6, X7).

    recommended and ams_*: Active, Past Due, Lapsed, Canceled. community: Active, Past Due, Canceled.
    association: Active, Inactive, Canceled. coworking: Active, Delinquent, Pending Cancellation, Canceled.
    Before the first payment: Pending; in community a first charge that failed makes Past Due (C-14, C-31).
    """
    if facts.lapsed and tells_lapsed(labels_preset):
        return "Lapsed"
    if facts.lifecycle == "ended":
        return "Canceled"
    if labels_preset == "association":
        return _of_association(facts)
    past_due = _is_past_due(facts, past_due_at)
    if facts.lifecycle == "pending":
        return past_due_word(labels_preset) if past_due and labels_preset == "community" else "Pending"
    if labels_preset == "coworking":
        if facts.lifecycle == "ending":
            return "Pending Cancellation"
        return past_due_word(labels_preset) if past_due or facts.exhausted else "Active"
    return past_due_word(labels_preset) if past_due else "Active"


def past_due_word(labels_preset: str) -> str:
    """What a membership that is past due is called; '' where these words do not say so."""
    return {"coworking": "Delinquent", "association": ""}.get(labels_preset, "Past Due")


def tells_lapsed(labels_preset: str) -> bool:
    """Whether these words tell a membership that ended by not being paid from one that was canceled."""
    return labels_preset in _WITH_LAPSED


LABELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "recommended": ("Active", "Past Due", "Pending", "Lapsed", "Canceled"),
        "ams_nonprofit": ("Active", "Past Due", "Pending", "Lapsed", "Canceled"),
        "ams_hoa": ("Active", "Past Due", "Pending", "Lapsed", "Canceled"),
        "community": ("Active", "Past Due", "Pending", "Canceled"),
        "association": ("Active", "Inactive", "Pending", "Canceled"),
        "coworking": ("Active", "Delinquent", "Pending Cancellation", "Pending", "Canceled"),
    }
)
"""The words that each preset has, in the order in which staff look through them."""


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """The stored dates that make a label on one day, so that a question about many memberships can be asked of the
    database. Unpaid since `past_due_by` or before is past due (None: never is); paid through `inactive_by` or before
    is out of grace."""

    past_due_by: date | None
    inactive_by: date


def cutoffs(on: date, past_due_at: PastDueAt, grace_months: int) -> Cutoffs:
    """The cut-offs on a local date; `label` says the same of one membership."""
    if past_due_at == "never":
        past_due_by = None
    else:
        past_due_by = on - timedelta(days=0 if past_due_at == "first_failure" else past_due_at[1])
    first_day_out = add_months(
        on, -grace_months
    )  # months are clamped at their end, so the exact day is near it
    while add_months(first_day_out, grace_months) > on:
        first_day_out -= _DAY
    while add_months(first_day_out + _DAY, grace_months) <= on:
        first_day_out += _DAY
    return Cutoffs(past_due_by, first_day_out - _DAY)


def _of_association(facts: StatusFacts) -> str:
    """An association looks at paid-through and grace only; a member who never owes (free) stays active. One whose only
    payment was taken back has neither."""
    if facts.lifecycle == "pending":
        return "Pending"
    if facts.paid_through is None:
        return "Active" if facts.unpaid_since is None else "Inactive"
    first_day_out = add_months(facts.paid_through + _DAY, facts.grace_months)
    return "Inactive" if facts.on >= first_day_out else "Active"


def _is_past_due(facts: StatusFacts, past_due_at: PastDueAt) -> bool:
    """Day n is counted from the first failure, and is itself past due (A-48)."""
    if facts.unpaid_since is None or past_due_at == "never":
        return False
    days = 0 if past_due_at == "first_failure" else past_due_at[1]
    return facts.on >= facts.unpaid_since + timedelta(days=days)
