"""What comes next of what is unpaid: the next try or the next step, whichever is first (A-44)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from paidthru.actions.follow_up import tries_of
from paidthru.dunning.models import Case
from paidthru.dunning.queries import facts_of, under_way
from paidthru.dunning.rules.ladder import Facts, Rung, ladder_from, next_step
from paidthru.organizations.queries import policies_of
from paidthru.runs.desk import Desk


@dataclass(frozen=True, slots=True)
class Coming:
    """Local dates: `tried_on` that of the next try by itself, `on` that of the next step (None: it waits for the tries
    to end, or for what happens)."""

    facts: Facts
    rung: Rung | None = None
    on: date | None = None
    tried_on: date | None = None

    @property
    def waiting(self) -> bool:
        """Whether an attempt is under way: its outcome comes first."""
        return self.facts.waiting

    @property
    def try_first(self) -> bool:
        """Whether the next thing done is a try."""
        return self.tried_on is not None and (self.on is None or self.tried_on <= self.on)


def coming_steps(desk: Desk, cases: Sequence[Case]) -> dict[UUID, Coming]:
    """For each of some cases what comes next; nothing for one that is closed. A few queries however many they are."""
    facts = facts_of(cases)
    going_on = [case for case in cases if case.state == "open"]
    waiting = under_way([case.id for case in going_on])
    asked = [case for case in going_on if case.id not in waiting]
    policies = policies_of(desk.organization)
    tries = tries_of(desk.organization, policies, asked, facts, now=desk.clock.now()) if asked else {}
    found = {case.id: Coming(facts[case.id]) for case in cases}
    for case in going_on:
        known, tried_on = replace(facts[case.id], waiting=case.id in waiting), None
        if case.id in tries:
            known = replace(known, tries_over_on=tries[case.id].over_on)
            tried_on = tries[case.id].planned_on
        still = [pause.until_on for pause in known.pauses if pause.from_on <= desk.today < pause.until_on]
        if tried_on is not None and still:
            tried_on = max(tried_on, *still)
        rung, on = next_step(ladder_from(case.ladder), known) or (None, None)
        found[case.id] = Coming(known, rung, on, tried_on)
    return found
