"""Invoices that staff wrote, for the organizations on which the invariants are tried: a taxed one, a draft, and one
that comes again."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from paidthru.actions.add_tax import add_tax
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.give_discount import DiscountDraft, give_discount, redeem_code
from paidthru.actions.set_exchange_rate import set_exchange_rate
from paidthru.actions.write_invoice import Payer, Recurrence, write_invoice
from paidthru.invoicing.models import Tax
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.clock import local_date
from paidthru.kernel.periods import Interval, Unit
from paidthru.membership.models import Fee, Plan
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor

CLERK = Actor("staff", "Clerk")


class Club(Protocol):
    """As much of a club as is needed."""

    organization: Organization
    now: datetime
    parties: dict[str, UUID]

    def check_of(self, name: str, amount_minor: int) -> None: ...

    def look(self, after: str) -> None: ...


def something_is_written(club: Club, plan_id: UUID) -> None:
    """The hall is let to somebody who is typed in, Ivy rents a locker each month, and a plan bears tax from now on;
    a code waives its price once."""
    organization, now = club.organization, club.now
    set_exchange_rate(
        organization, "EUR", rate=Decimal("1.085"), valid_on=local_date(now, organization.zone), source="ECB",
        actor=CLERK, now=now,
    )  # fmt: skip
    add_tax(organization, "VAT", rate_ppm=200_000, inclusive=False, actor=CLERK, now=now)
    hall = WrittenLine("Hall", 3, 333_33, "VAT", fund="Building")
    guest, ivy = Payer(None, "Guest", "guest@example.org"), Payer(club.parties["Ivy"])
    taxed = write_invoice(organization, guest, [hall, replace(hall, tax="")], actor=CLERK, now=now)
    credit_invoice(organization, taxed.id, amount_minor=100_01, actor=CLERK, now=now)
    club.parties["Guest"] = taxed.party_id
    club.check_of("Guest", 50_00)
    write_invoice(organization, guest, [hall], as_draft=True, actor=CLERK, now=now)
    locker = WrittenLine("Locker", 1, 12_00, "VAT")
    every = Recurrence(Interval(1, Unit("month")))
    write_invoice(organization, ivy, [locker], recurrence=every, actor=CLERK, now=now)
    Plan.objects.filter(id=plan_id).update(tax=Tax.objects.get(organization=organization))
    fee = Fee.objects.filter(plan_id=plan_id, is_primary=True).get()
    code = DiscountDraft("waiver", plan_id=plan_id, fee_id=fee.id, code="WELCOME", why="A trial.", terms=1)
    give_discount(organization, code, actor=CLERK, now=now)
    redeem_code(organization, club.parties["Ivy"], "welcome", actor=CLERK, now=now)
    club.look("invoices are written")
