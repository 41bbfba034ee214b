"""The forms of households and companies: who belongs to them, and who is covered."""

from .forms import Expectation, Step, expectation, step
from .slots import Day, Member, Name, Words


@step("staff takes MEMBER into GROUP [from START] [as ROLE]")
class StaffTakesIn(Step):
    """Somebody belongs to a household or company from a day on, today without one."""

    member: Member
    group: Name
    start: Day | None = None
    role: Words | None = None


@step("staff lets MEMBER go from GROUP [on ON]")
class StaffLetsGo(Step):
    """Somebody no longer belongs to a household or company from a day on, today without one."""

    member: Member
    group: Name
    on: Day | None = None


@expectation("cover MEMBER: HOLDER on PLAN")
class CoverIs(Expectation):
    """Whose membership covers somebody today, and its plan: their own, or a household's or company's."""

    member: Member
    holder: Name
    plan: Name


@expectation("no cover MEMBER")
class NoCover(Expectation):
    """Nothing covers somebody today."""

    member: Member
