"""The steps of billing: renewal runs, submission, batches, invoices and assessments. All are the staff's."""

from typing import Literal

from .forms import Step, step
from .slots import Amount, BatchName, Day, Items, Member, Name, Number, Payee, Text, Words

# ---------------------------------------------------------------- runs, batches, invoices

_RENEWALS = "renewals RUN effective EFFECTIVE [autopay only] [for BILLING_CYCLE] [bill date BILL_DATE]"


@step(f"staff generates {_RENEWALS}")
class StaffGeneratesRenewals(Step):
    """Staff preview a renewal run and commit it."""

    run: Name
    effective: Day
    autopay_only: bool = False
    billing_cycle: Name | None = None
    bill_date: Day | None = None


@step(f"staff previews {_RENEWALS}")
class StaffPreviewsRenewals(Step):
    """Staff preview a renewal run; a later `generates` of the same run commits what they read."""

    run: Name
    effective: Day
    autopay_only: bool = False
    billing_cycle: Name | None = None
    bill_date: Day | None = None


@step("staff reviews RUN")
class StaffReviews(Step):
    """Staff mark a run as reviewed."""

    run: Name


@step("staff posts batch BATCH", "staff posts BATCH")
class StaffPostsBatch(Step):
    """Staff post a batch, by its number in the story or by its name."""

    batch: BatchName


@step("staff submits invoices [due by DUE_BY] [name contains NAME_CONTAINS]")
class StaffSubmits(Step):
    """Staff submit invoices for payment; due by today unless a date is given."""

    due_by: Day | None = None
    name_contains: Words | None = None


@step("staff retrieves payments")
class StaffRetrieves(Step):
    """Staff fetch what the gateway has concluded."""


@step("staff invoices RECIPIENT: ITEMS [due DUE] [every EVERY] [draft]")
class StaffInvoices(Step):
    """Staff write an invoice, once or recurring, and send it unless it is a draft."""

    recipient: Payee
    items: Items
    due: Day | None = None
    every: Literal["month", "quarter", "year"] | None = None
    draft: bool = False


@step("staff sends invoice INVOICE [AMOUNT] [because REASON]")
class StaffSendsInvoice(Step):
    """Staff send an invoice, or send it again. An amount means nothing here; the form has it for all four."""

    invoice: Number
    amount: Amount | None = None
    reason: Text | None = None


@step("staff voids invoice INVOICE [AMOUNT] [because REASON]")
class StaffVoidsInvoice(Step):
    """Staff void an invoice, always the whole of it."""

    invoice: Number
    amount: Amount | None = None
    reason: Text | None = None


@step("staff writes off invoice INVOICE [AMOUNT] [because REASON]")
class StaffWritesOffInvoice(Step):
    """Staff write an invoice off, all of its balance or a part."""

    invoice: Number
    amount: Amount | None = None
    reason: Text | None = None


@step("staff credits invoice INVOICE [AMOUNT] [because REASON]")
class StaffCreditsInvoice(Step):
    """Staff credit an invoice, all of its balance or a part."""

    invoice: Number
    amount: Amount | None = None
    reason: Text | None = None


# ---------------------------------------------------------------- assessments


@step("staff levies AMOUNT PURPOSE SPLIT due DUE")
class StaffLevies(Step):
    """A special assessment over all units."""

    amount: Amount
    purpose: Text
    split: Literal["by share", "equally"]
    due: Day


@step("staff assesses UNIT AMOUNT every EVERY from STARTING")
class StaffAssesses(Step):
    """A regular assessment of one unit."""

    unit: Name
    amount: Amount
    every: Literal["month", "quarter", "year"]
    starting: Day


@step("staff transfers unit UNIT to MEMBER")
class StaffTransfersUnit(Step):
    """A unit changes hands."""

    unit: Name
    member: Member
