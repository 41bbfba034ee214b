"""The forms around money given back, beside `staff refunds payment` and `staff records refund`."""

from typing import Literal

from .forms import Expectation, Step, expectation, step
from .slots import Amount, Code, Name, Number


@step("staff approves refund REFUND [as WHO]")
class StaffApprovesRefund(Step):
    """Staff approve a refund that waits; with a name it is another person than the one who asked."""

    refund: Number
    who: Name | None = None


@step("staff turns down refund REFUND [as WHO]")
class StaffTurnsDownRefund(Step):
    """Staff turn a refund down that waits, or withdraw their own."""

    refund: Number
    who: Name | None = None


@step("gateway answers refund of payment PAYMENT OUTCOME [CODE]")
class GatewayAnswersRefund(Step):
    """The bank's answer to a payment's latest refund: one to a bank account is pending until then, and one that
    succeeded can still fail."""

    payment: Number
    outcome: Literal["succeeded", "failed"]
    code: Code | None = None


@step("gateway refunds AMOUNT of payment PAYMENT")
class GatewayRefunds(Step):
    """Somebody gives money back at the gateway itself, past Paidthru."""

    amount: Amount
    payment: Number


@expectation("refund REFUND AMOUNT STATE")
class RefundIs(Expectation):
    """A refund's amount, and where it stands."""

    refund: Number
    amount: Amount
    state: Literal[
        "waiting", "pending", "unanswered", "done", "failed", "turned down", "rejected", "canceled"
    ]
