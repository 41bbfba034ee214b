"""The history of what a member was called, with the cause of each change: told from what happened. Pure (A-54)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from paidthru.kernel.periods import add_months
from paidthru.membership.rules.status import PastDueAt, StatusFacts, label

_DAY = timedelta(days=1)

FAILURES = frozenset(
    {"payment_declined", "payment_returned", "cycle_missed", "dispute_lost", "payment_reversed"}
)
ENDS = {
    "membership_canceled": "canceled",
    "membership_lapsed": "lapsed",
    "membership_downgraded": "downgraded",
    "membership_switched": "switched",
    "membership_over": "over",
}
SETTLED = frozenset({"set_active", "cycle_marked_paid", "cycle_resolved"})
BEGINS = frozenset({"joined", "brought_in", "fell_back"})
TOLD = frozenset(
    {"billed", "paid_through_moved", "cancellation_asked", "cancellation_undone", "past_due", "plan_switched"}
    | FAILURES | set(ENDS) | SETTLED | BEGINS
)  # fmt: skip
"""The events that can change what a member is called."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event as the history reads it: the local date, the verb, why, and the dates among its facts. `free`: what
    began has no terms, or is paid from the start. `plan`: on which plan it goes on from then, '' for the same."""

    on: date
    verb: str
    why: str = ""
    through: date | None = None
    free: bool = False
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What decided a label from a local date on, until the next of the same plan ('': all that have none of their own).
    The first holds for what was before it, too."""

    since: date
    past_due_at: PastDueAt
    grace_months: int = 0
    plan: str = ""


def rule_on(rules: Sequence[Rule], on: date, plan: str) -> Rule:
    """The rule that held on a local date for a plan. `rules` are in order of their dates, the first for all plans."""
    own = [rule for rule in rules if rule.plan == plan] or [rule for rule in rules if not rule.plan]
    return next((rule for rule in reversed(own) if rule.since <= on), own[0])


@dataclass(frozen=True, slots=True)
class StatusChange:
    """From a local date on a member was called `label`; `place` is the event's among those given, None where a date
    alone did it, and `because` says it in words then. `ends_on` is the first day on which it is over, set
    while it is to end."""

    on: date
    label: str
    place: int | None
    because: str = ""
    ends_on: date | None = None


class _State:
    """What is known of the membership while its events are read, in order."""

    def __init__(self) -> None:
        self.facts: StatusFacts | None = None
        self.billed: date | None = None
        self.plan = ""
        self.ends_on: date | None = None
        self.found: list[StatusChange] = []


def status_history(
    told: Iterable[Told], labels_preset: str, rules: Sequence[Rule], today: date
) -> list[StatusChange]:
    """Every change of the label up to the local date `today`, oldest first: by an event, by a day that came, or by a
    rule that changed."""
    state = _State()

    def called(facts: StatusFacts) -> str:
        rule = rule_on(rules, facts.on, state.plan)
        return label(labels_preset, replace(facts, grace_months=rule.grace_months), rule.past_due_at)

    for place, one in enumerate(told):
        if one.verb not in TOLD:
            continue
        _let_days_pass(state, one.on, rules, called)
        _read(state, one)
        if state.facts is not None and one.verb != "membership_switched":  # what goes on follows it at once
            _note(state, StatusChange(one.on, called(state.facts), place, ends_on=state.ends_on))
    _let_days_pass(state, today + _DAY, rules, called)
    return state.found


def _let_days_pass(
    state: _State, until: date, rules: Sequence[Rule], called: Callable[[StatusFacts], str]
) -> None:
    """What changes by a date alone, before the local date `until`."""
    if state.facts is None:
        return
    changes = {rule.since: "The policy changed." for rule in rules[1:] if rule.plan in ("", state.plan)}
    days = dict(changes)
    for day in [state.facts.on, *changes]:
        rule = rule_on(rules, day, state.plan)
        if state.facts.unpaid_since is not None and isinstance(rule.past_due_at, tuple):
            n = rule.past_due_at[1]
            days.setdefault(state.facts.unpaid_since + timedelta(days=n), f"{n} days unpaid.")
        if state.facts.paid_through is not None:
            out = add_months(state.facts.paid_through + _DAY, rule.grace_months)
            over = "Paid through and grace are over." if rule.grace_months else "Paid through is over."
            days.setdefault(out, over)
    for on in sorted(days):
        if state.facts.on < on < until:
            state.facts = replace(state.facts, on=on)
            _note(state, StatusChange(on, called(state.facts), None, days[on], state.ends_on))


def _read(state: _State, one: Told) -> None:
    """What an event makes of the membership."""
    state.plan = one.plan or state.plan
    if one.verb in BEGINS:
        begun = "active" if one.free or one.verb == "fell_back" or one.through else "pending"
        state.facts = StatusFacts(begun, None, one.on, one.through)
        state.billed, state.ends_on = one.through, None
        return
    facts = replace(state.facts or StatusFacts("active", None, one.on, None), on=one.on)
    if one.verb == "billed":
        state.billed = one.through
    elif one.verb in FAILURES:
        facts = replace(facts, unpaid_since=facts.unpaid_since or one.on)
    elif one.verb in SETTLED:
        facts = replace(facts, unpaid_since=None)
    elif one.verb == "paid_through_moved":
        lifecycle = "active" if facts.lifecycle == "pending" and one.through else facts.lifecycle
        whole = one.through is not None and (state.billed is None or one.through >= state.billed)
        facts = replace(
            facts,
            paid_through=one.through,
            lifecycle=lifecycle,
            unpaid_since=None if whole else facts.unpaid_since,
        )
    elif one.verb == "plan_switched" and facts.lifecycle == "ended":
        facts, state.billed = StatusFacts("active", None, one.on, None), None
    elif one.verb == "cancellation_asked":
        facts, state.ends_on = replace(facts, lifecycle="ending"), one.through
    elif one.verb == "cancellation_undone":
        facts, state.ends_on = replace(facts, lifecycle="active"), None
    elif one.verb in ENDS:
        facts = replace(facts, lifecycle="ended", lapsed=ENDS[one.verb] == "lapsed")
        state.ends_on = None
    state.facts = facts


def _note(state: _State, change: StatusChange) -> None:
    """A change, unless the member was called the same before, with the same end."""
    last = state.found[-1] if state.found else None
    if last is None or (last.label, last.ends_on) != (change.label, change.ends_on):
        state.found.append(change)
