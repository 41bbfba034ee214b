"""The expectations: what must be so. Patterns stand without their leading equals sign."""

from typing import Literal

from .forms import Expectation, expectation
from .slots import (
    Amount,
    Attempts,
    BatchName,
    Code,
    Day,
    InvoiceNumbers,
    Label,
    Mails,
    Name,
    Number,
    Percent,
    Settlement,
    Words,
)
from .values import LedgerRow

# ---------------------------------------------------------------- members


@expectation("MEMBER is on PLAN")
class MemberIsOn(Expectation):
    """The member's plan."""

    member: Name
    plan: Name


@expectation("MEMBER is LABEL")
class MemberIs(Expectation):
    """The member's status in the preset's own word."""

    member: Name
    label: Label


@expectation("MEMBER has no membership")
class MemberHasNoMembership(Expectation):
    """The member has no membership, never had one or has none any more."""

    member: Name


@expectation("MEMBER paid through ON")
class MemberPaidThrough(Expectation):
    """The last day of the last fully paid term."""

    member: Name
    on: Day


@expectation("MEMBER renewed through ON")
class MemberRenewedThrough(Expectation):
    """The last day of the last term billed."""

    member: Name
    on: Day


@expectation("MEMBER next charge AMOUNT on ON")
class MemberNextCharge(Expectation):
    """What will be charged next, and when."""

    member: Name
    amount: Amount
    on: Day


@expectation("MEMBER no next charge")
class MemberNoNextCharge(Expectation):
    """Nothing will be charged by itself."""

    member: Name


@expectation("MEMBER term STARTS to ENDS [AMOUNT]")
class MemberTerm(Expectation):
    """The newest term, first and last day, and what it costs."""

    member: Name
    starts: Day
    ends: Day
    amount: Amount | None = None


@expectation("MEMBER owes AMOUNT")
class MemberOwes(Expectation):
    """The member's open balance."""

    member: Name
    amount: Amount


@expectation("MEMBER credit AMOUNT")
class MemberCredit(Expectation):
    """The member's credit."""

    member: Name
    amount: Amount


# ---------------------------------------------------------------- invoices, attempts, payments


@expectation("invoice INVOICE STATE AMOUNT [balance BALANCE]")
class InvoiceIs(Expectation):
    """An invoice's state, total and balance."""

    invoice: Number
    state: Literal["draft", "sent", "overdue", "paid", "closed", "void", "uncollectible"]
    amount: Amount
    balance: Amount | None = None


@expectation("invoices MEMBER: COUNT")
class InvoicesCount(Expectation):
    """How many invoices a member has had."""

    member: Name
    count: Number


@expectation("attempts MEMBER: ATTEMPTS")
class AttemptsAre(Expectation):
    """The member's whole history of attempts, in order."""

    member: Name
    attempts: Attempts


@expectation("no attempts MEMBER")
class NoAttempts(Expectation):
    """Nothing was ever tried."""

    member: Name


@expectation("settlement invoice INVOICE LABEL")
class SettlementIs(Expectation):
    """The settlement state of an invoice's latest attempt, in the product's words."""

    invoice: Number
    label: Settlement


@expectation("payment PAYMENT AMOUNT STATE")
class PaymentIs(Expectation):
    """A payment's amount and state."""

    payment: Number
    amount: Amount
    state: Literal["succeeded", "refunded", "partly refunded", "returned", "disputed", "reversed"]


@expectation("mail to MEMBER: MAILS")
class MailTo(Expectation):
    """Mail of these kinds since the previous block ended, each so many times."""

    member: Name
    mails: Mails


@expectation("no mail to MEMBER")
class NoMailTo(Expectation):
    """No mail since the previous block ended."""

    member: Name


# ---------------------------------------------------------------- runs, batches, books


@expectation("run RUN: BILLED billed AMOUNT [SKIPPED skipped]")
class RunIs(Expectation):
    """How many a run billed, how much in all, and how many it left out."""

    run: Name
    billed: Number
    amount: Amount
    skipped: Number | None = None


@expectation("skipped MEMBER REASON")
class SkippedIs(Expectation):
    """Why the latest run left a member out."""

    member: Name
    reason: Code


@expectation("batch BATCH STATE AMOUNT [dated DATED]")
class BatchIs(Expectation):
    """A batch's state, total and date, by its number in the story or by its name."""

    batch: BatchName
    state: Literal["open", "posted"]
    amount: Amount
    dated: Day | None = None


@expectation(
    "submit list [due by DUE_BY] [name contains NAME_CONTAINS]: INVOICES",
    "submit list [due by DUE_BY] INVOICES",
)
class SubmitListIs(Expectation):
    """The invoices that would be submitted, by their numbers in the story; () is an empty list."""

    invoices: InvoiceNumbers
    due_by: Day | None = None
    name_contains: Words | None = None


@expectation("revenue this PERIOD AMOUNT")
class RevenueIs(Expectation):
    """What was collected in the calendar month, quarter or year so far."""

    period: Literal["month", "quarter", "year"]
    amount: Amount


@expectation("ledger")
class LedgerIs(Expectation):
    """What the accounts listed below it hold; others are not compared."""

    rows: tuple[LedgerRow, ...] = ()


# ---------------------------------------------------------------- giving, assessments


@expectation("campaign CAMPAIGN AMOUNT PERCENT%")
class CampaignIs(Expectation):
    """What a campaign has raised, and how much of its goal that is."""

    campaign: Name
    amount: Amount
    percent: Percent


@expectation("pledge MEMBER PERCENT%")
class PledgeIs(Expectation):
    """How much of a member's pledge is fulfilled."""

    member: Name
    percent: Percent


@expectation("unit UNIT owes AMOUNT")
class UnitOwes(Expectation):
    """A unit's open balance."""

    unit: Name
    amount: Amount


@expectation("receipt MEMBER AMOUNT")
class ReceiptIs(Expectation):
    """A member's tax receipt."""

    member: Name
    amount: Amount


@expectation("no receipt MEMBER")
class NoReceipt(Expectation):
    """A member has no tax receipt."""

    member: Name
