"""The steps around a member: joining, paying, visiting and giving, by members, visitors and staff."""

from typing import Literal

from .forms import Step, step
from .slots import Amount, Day, Member, Name, Number, Text, Words

# ---------------------------------------------------------------- membership


@step("MEMBER joins PLAN [by METHOD] [starting STARTING] [current cycle paid] [prorated]")
class MemberJoins(Step):
    """Somebody takes up a plan, by themselves; by card the first term is charged at once."""

    member: Member
    plan: Name
    method: Literal["card", "bank account", "check", "cash"] | None = None
    starting: Day | None = None
    current_cycle_paid: bool = False
    prorated: bool = False


@step("MEMBER cancels [on ON]")
class MemberCancels(Step):
    """A member cancels in the portal."""

    member: Member
    on: Day | None = None


@step("MEMBER undoes cancellation")
class MemberUndoesCancellation(Step):
    """A member takes a cancellation back before it takes effect."""

    member: Member


@step("staff cancels MEMBER [on ON]")
class StaffCancels(Step):
    """Staff cancel a membership, on a day if the policy lets them choose one."""

    member: Member
    on: Day | None = None


@step("MEMBER switches to PLAN")
class MemberSwitches(Step):
    """A member changes to another plan."""

    member: Member
    plan: Name


@step("staff switches MEMBER to PLAN")
class StaffSwitches(Step):
    """Staff change a member's plan."""

    member: Member
    plan: Name


@step("staff sets MEMBER renewal date RENEWAL_DATE")
class StaffSetsRenewalDate(Step):
    """Staff move a member's renewal date, which becomes the anchor."""

    member: Member
    renewal_date: Day


@step("staff sets MEMBER active")
class StaffSetsActive(Step):
    """Staff set a delinquent member active: no further attempt before the next renewal date."""

    member: Member


@step("staff sets MEMBER payment reason [REASON]")
class StaffSetsPaymentReason(Step):
    """Staff record why a member's cycle counts as paid."""

    member: Member
    reason: Words | None = None


@step("staff changes PLAN price to AMOUNT [from STARTING]")
class StaffChangesPrice(Step):
    """Staff change a plan's price, from a day on."""

    plan: Name
    amount: Amount
    starting: Day | None = None


# ---------------------------------------------------------------- payment methods and payments


@step("MEMBER updates card")
class MemberUpdatesCard(Step):
    """A member enters a card in the portal."""

    member: Member


@step("MEMBER adds bank account")
class MemberAddsBankAccount(Step):
    """A member enters a bank account in the portal."""

    member: Member


@step("MEMBER removes payment method")
class MemberRemovesPaymentMethod(Step):
    """A member removes the stored payment method."""

    member: Member


@step("MEMBER pays invoice INVOICE [by METHOD]")
class MemberPaysInvoice(Step):
    """A member pays online, through the portal or a payment link."""

    member: Member
    invoice: Number
    method: Literal["card", "bank account"] | None = None


@step("visitor pays invoice INVOICE [by METHOD]")
class VisitorPaysInvoice(Step):
    """Somebody who is not signed in pays through the payment link."""

    invoice: Number
    method: Literal["card", "bank account"] | None = None


@step(
    "MEMBER pays AMOUNT by METHOD [for invoice INVOICE]", "MEMBER pays AMOUNT for invoice INVOICE by METHOD"
)
class MemberPaysAmount(Step):
    """Money that came outside the gateway, recorded by staff."""

    member: Member
    amount: Amount
    method: Literal["check", "cash", "transfer"]
    invoice: Number | None = None


@step("staff marks MEMBER cycle paid by METHOD [AMOUNT]")
class StaffMarksCyclePaid(Step):
    """Staff mark the current cycle as paid outside."""

    member: Member
    method: Literal["check", "cash", "terminal"]
    amount: Amount | None = None


@step("staff charges MEMBER AMOUNT for REASON")
class StaffCharges(Step):
    """A custom charge, now."""

    member: Member
    amount: Amount
    reason: Text


@step("staff refunds payment PAYMENT [AMOUNT]")
class StaffRefunds(Step):
    """Staff refund a payment through the gateway, all of it or a part."""

    payment: Number
    amount: Amount | None = None


@step("staff records refund of payment PAYMENT AMOUNT by METHOD")
class StaffRecordsRefund(Step):
    """Staff record a refund made outside the gateway."""

    payment: Number
    amount: Amount
    method: Literal["check", "cash", "transfer"]


@step("staff reverses payment PAYMENT")
class StaffReversesPayment(Step):
    """Staff reverse a payment with a counter-entry."""

    payment: Number


@step("staff allows another attempt on invoice INVOICE")
class StaffAllowsAnotherAttempt(Step):
    """Staff let an invoice whose attempts are used up be submitted once more."""

    invoice: Number


# ---------------------------------------------------------------- visits and giving


@step("MEMBER visits [PLACE]")
class MemberVisits(Step):
    """A member comes; without a place the visit price whose window holds applies."""

    member: Member
    place: Name | None = None


@step("visitor visits [PLACE]")
class VisitorVisits(Step):
    """Somebody who is not a member comes."""

    place: Name | None = None


@step("MEMBER donates AMOUNT [to CAMPAIGN] [every month]")
class MemberDonates(Step):
    """A member gives, once or every month."""

    member: Member
    amount: Amount
    campaign: Name | None = None
    every_month: bool = False


@step("visitor donates AMOUNT [to CAMPAIGN] [every month]")
class VisitorDonates(Step):
    """Somebody who is not signed in gives."""

    amount: Amount
    campaign: Name | None = None
    every_month: bool = False


@step("MEMBER pledges AMOUNT in INSTALLMENTS EVERY installments from STARTING [to CAMPAIGN]")
class MemberPledges(Step):
    """A member promises an amount in installments."""

    member: Member
    amount: Amount
    installments: Number
    every: Literal["monthly", "quarterly", "yearly"]
    starting: Day
    campaign: Name | None = None
