"""The forms around joining by link, and who hears of what is bought."""

from typing import Literal

from .forms import SetupLine, Step, setup, step
from .slots import Member, Name


@step("MEMBER joins PLAN through link [by METHOD]")
class MemberJoinsThroughLink(Step):
    """Somebody opens a plan's join link, follows the way that is mailed to them, and pays. A member of another plan who
    does so is switched to the link's."""

    member: Member
    plan: Name
    method: Literal["card", "bank account"] | None = None


@step("staff closes PLAN link")
class StaffClosesLink(Step):
    """Staff switch a plan's join link off."""

    plan: Name


@setup("billing contact MEMBER")
class BillingContactSetup(SetupLine):
    """Who is mailed whenever somebody buys something that is billed."""

    member: Member
