"""What an organization decides, as stories tell of it."""

from collections.abc import Callable
from typing import Any

from paidthru.actions.set_policy import set_policy
from paidthru.actions.withdraw_policy_change import withdraw_policy_change
from paidthru.kernel.errors import Refused
from paidthru.membership.queries import plan_named
from paidthru.membership.queries.deciding import decided, decided_for
from paidthru.organizations.queries import planned_changes
from paidthru.organizations.rules.policies import Value, parse, shown

from .forms import Step
from .policy_forms import PolicyIs, StaffSetsPolicy, StaffUnsetsPolicy, StaffWithdrawsPolicyChange
from .telling import STAFF, Telling


def _sets(telling: Telling, step: StaffSetsPolicy) -> None:
    _change(telling, step, parse(step.key, step.value.text))


def _unsets(telling: Telling, step: StaffUnsetsPolicy) -> None:
    _change(telling, step, None)


def _change(telling: Telling, step: StaffSetsPolicy | StaffUnsetsPolicy, value: Value | None) -> None:
    from .examples import change_policies  # it tells stories itself

    now, whom = telling.desk.clock.now(), step.whom
    if step.member is None and whom is None:
        change_policies(telling.organization, {step.key: value}, actor=STAFF, now=now, on=step.starting)
        return
    plan = plan_named(telling.organization.id, whom) if whom else None
    set_policy(
        telling.organization,
        {step.key: value},
        actor=STAFF,
        now=now,
        on=step.starting,
        plan_id=plan.id if plan else None,
        customer_id=telling.party(whom).id if whom and plan is None else None,
        membership_id=telling.membership(step.member).id if step.member else None,
    )


def _withdraws(telling: Telling, step: StaffWithdrawsPolicyChange) -> None:
    found = [one for one in planned_changes(telling.organization.id) if step.key in one.values]
    if not found:
        raise Refused(
            "policy_change_unknown",
            f"No change of {step.key} is planned.",
            field="policy",
            value=step.key,
            fix="`paidthru policy planned` lists them.",
        )
    withdraw_policy_change(telling.organization, found[0].id, actor=STAFF, now=telling.desk.clock.now())


def policy_is(telling: Telling, line: PolicyIs) -> tuple[str, str]:
    """The value and its source that were expected, and those that hold."""
    if line.member is None:
        found = decided(telling.organization).effective(line.key)
    else:
        found = decided_for(telling.membership(line.member)).effective(line.key)
    expected = shown(parse(line.key, line.value.text))
    return f"{expected} from {line.source}", f"{shown(found.value)} from {found.source.partition(' ')[0]}"


DOERS: dict[type[Step], Callable[[Telling, Any], None]] = {
    StaffSetsPolicy: _sets,
    StaffUnsetsPolicy: _unsets,
    StaffWithdrawsPolicyChange: _withdraws,
}
"""What the forms of this subject do."""
