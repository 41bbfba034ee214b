"""The forms around what an organization decides: for itself, a plan, a member, a membership; now or later."""

from .forms import Expectation, Step, expectation, step
from .slots import Day, Key, Name, Value


@step(
    "staff sets policy KEY = VALUE",
    "staff sets policy KEY [for membership of MEMBER] [for WHOM] [from STARTING] = VALUE",
)
class StaffSetsPolicy(Step):
    """Staff change a policy of the organization; of one plan or member, by name; or of a member's present membership.
    With a date it comes into force by itself when that day begins."""

    key: Key
    value: Value
    member: Name | None = None
    whom: Name | None = None
    starting: Day | None = None


@step("staff unsets policy KEY [for membership of MEMBER] [for WHOM] [from STARTING]")
class StaffUnsetsPolicy(Step):
    """Staff remove what is set there, so that the next level decides."""

    key: Key
    member: Name | None = None
    whom: Name | None = None
    starting: Day | None = None


@step("staff withdraws change of policy KEY")
class StaffWithdrawsPolicyChange(Step):
    """Staff withdraw a planned change before its day."""

    key: Key


@expectation("policy KEY [for MEMBER] from SOURCE = VALUE")
class PolicyIs(Expectation):
    """The value that holds for the organization, or for a member's present membership, and where it comes from:
    subscription, plan, customer, organization or preset."""

    key: Key
    source: Name
    value: Value
    member: Name | None = None
