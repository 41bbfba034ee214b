"""The forms around what is tried again, and what waits for a person, beside `staff allows another attempt`."""

from typing import Literal

from .forms import Expectation, Step, expectation, step
from .slots import Code, Expiry, InvoiceNumbers, Member, Number


@step("MEMBER renews card until UNTIL")
class MemberRenewsCard(Step):
    """A member enters the new expiry date of the card on file; its number stays."""

    member: Member
    until: Expiry


@expectation("LISTED list: INVOICES", "LISTED list INVOICES")
class WaitingListIs(Expectation):
    """The invoices that wait: `pending` are all that are due and can't be submitted, `failed` those that a person has
    to see to, `exception` those of earlier terms."""

    listed: Literal["pending", "failed", "exception"]
    invoices: InvoiceNumbers


@expectation("invoice INVOICE waits: REASON", "invoice INVOICE waits REASON")
class InvoiceWaits(Expectation):
    """Why an invoice that is due can't be submitted, by the reason's code."""

    invoice: Number
    reason: Code
