"""The steps that nobody in the organization decides: the gateway's answers, and whether the worker runs."""

from typing import Literal

from .forms import Step, step
from .slots import Code, Member, Number


@step("gateway accepts MEMBER")
class GatewayAccepts(Step):
    """From now on the gateway accepts this member's payments."""

    member: Member


@step("gateway declines MEMBER CODE")
class GatewayDeclines(Step):
    """From now on the gateway declines this member's payments, with this code."""

    member: Member
    code: Code


@step("gateway asks MEMBER to authenticate")
class GatewayAsks(Step):
    """From now on the gateway wants this member to authenticate."""

    member: Member


@step("gateway is silent for MEMBER [but charges]")
class GatewayIsSilent(Step):
    """From now on no answer comes back; "but charges": the money moves all the same."""

    member: Member
    but_charges: bool = False


@step("gateway answers for MEMBER OUTCOME [CODE]")
class GatewayAnswers(Step):
    """The late answer, or a bank debit's."""

    member: Member
    outcome: Literal["succeeded", "failed"]
    code: Code | None = None


@step("gateway returns payment PAYMENT CODE")
class GatewayReturns(Step):
    """The bank returns a payment, with an ACH return code."""

    payment: Number
    code: Code


@step("gateway disputes payment PAYMENT")
class GatewayDisputes(Step):
    """The cardholder disputes a payment."""

    payment: Number


@step("gateway decides dispute of payment PAYMENT VERDICT")
class GatewayDecides(Step):
    """The dispute is decided, from the organization's side."""

    payment: Number
    verdict: Literal["won", "lost"]


@step("gateway sends event twice")
class GatewaySendsTwice(Step):
    """The gateway's latest event arrives a second time."""


@step("worker stops")
class WorkerStops(Step):
    """An outage begins."""


@step("worker starts")
class WorkerStarts(Step):
    """The outage ends."""
