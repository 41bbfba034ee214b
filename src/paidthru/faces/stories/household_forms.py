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


@step("PAYER pays for MEMBER")
class PayerBegins(Step):
    """Somebody else pays for a member from now on, by themselves where the payer's own dues would be charged so."""

    payer: Member
    member: Member


@step("PAYER stops paying for MEMBER")
class PayerStops(Step):
    """A payer stops; the member pays for what comes, and what was billed stays the payer's."""

    payer: Member
    member: Member


@expectation("payer MEMBER: PAYER")
class PayerIs(Expectation):
    """Who pays for a member's membership: another, or the member."""

    member: Member
    payer: Member


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
