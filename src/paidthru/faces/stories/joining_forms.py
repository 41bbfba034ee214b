"""The forms around joining by link, and who hears of what is bought."""

from typing import Literal

from .forms import Expectation, SetupLine, Step, expectation, setup, step
from .slots import Amount, Member, Name, Number, Words


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


@step("staff sends renewal notices RUN")
class StaffSendsNotices(Step):
    """Staff tell everybody whom a run billed what is due."""

    run: Name


@step("staff corrects payment PAYMENT to AMOUNT [by METHOD]")
class StaffCorrectsPayment(Step):
    """Staff put right what they recorded of a payment, as long as its batch is open."""

    payment: Number
    amount: Amount
    method: Literal["check", "cash", "transfer"] | None = None


@step("PAYER pays AMOUNT by METHOD for MEMBER")
class PayerPays(Step):
    """Money that somebody paid for a member, recorded by staff; the receipt is the payer's."""

    payer: Member
    amount: Amount
    method: Literal["check", "cash", "transfer"]
    member: Member


@expectation("notice to MEMBER: SAID")
class NoticeSays(Expectation):
    """A line that the member's latest renewal notice has."""

    member: Member
    said: Words


@expectation("no notice to MEMBER: SAID")
class NoticeSaysNot(Expectation):
    """A text that the member's latest renewal notice doesn't have."""

    member: Member
    said: Words


@setup("billing contact MEMBER")
class BillingContactSetup(SetupLine):
    """Who is mailed whenever somebody buys something that is billed."""

    member: Member
