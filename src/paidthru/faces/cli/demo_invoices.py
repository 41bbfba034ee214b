"""The demonstration's other money: discounts, an invoice with tax and its pay link, one that comes every month, a
check for a part; and where all of it is in the console."""

from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING

from paidthru.faces.cli.shell import amount, me, say, table
from paidthru.kernel.clock import local_instant

if TYPE_CHECKING:
    from paidthru.invoicing.models import Invoice
    from paidthru.people.models import Party
    from paidthru.runs import Desk

COACH, CODE = "Ibrahim Delgado", "NEIGHBOR"
SCHOOL = ("Riverside School", "office@riverside.example")
TENANT = ("Baseline Coffee", "hello@baseline.example")
SALES_TAX_PPM = 88_750
HALF, TENTH = 100_00, 100_000
DUE, LATER = date(2027, 2, 1), date(2027, 2, 15)


@dataclass(frozen=True, slots=True)
class Told:
    """What the section made, for pointing at it: the school's invoice, and who paid a part by check."""

    invoice: "Invoice"
    in_part: "Party"


def discounts(at: "Desk") -> None:
    """A quarter off for a member who coaches, and a code for whoever joins."""
    from paidthru.actions.give_discount import DiscountDraft, give_discount
    from paidthru.membership.models import Plan
    from paidthru.people.models import Party

    now = at.clock.now()
    coach = Party.objects.get(organization=at.organization, name=COACH)
    adult = Plan.objects.get(organization=at.organization, name="Adult")
    for draft in (
        DiscountDraft("percentage", party_id=coach.id, name="Coach", rate_ppm=250_000),
        DiscountDraft("percentage", plan_id=adult.id, name="Neighbors", code=CODE, rate_ppm=TENTH),
    ):
        give_discount(at.organization, draft, actor=me(), now=now)
    say(f"{COACH} coaches: 25 % off from now on. Whoever gives the code {CODE} has 10 % off {adult.name}.")


def invoices(at: "Desk") -> Told:
    """An invoice with tax to a school, one that comes every month, and a check for a part of some dues; then six weeks
    go by."""
    from paidthru import runs
    from paidthru.actions.make_pay_link import make_pay_link
    from paidthru.invoicing.queries import pay_token

    school = _written(at)
    link = make_pay_link(at.organization, school.id, actor=me(), now=at.clock.now())
    currency = school.currency
    say(
        f"Invoice {school.number}: {SCHOOL[0]} hires courts for {amount(school.total_minor, currency)} {currency}, with"
        f" {amount(_tax_of(school), currency)} of sales tax. It was mailed with a link by which anybody can pay it:"
    )
    say(f"{at.public_url}/pay/{pay_token(link.id)}/")
    in_part = _check(at)
    zone = at.organization.zone
    runs.advance(at, local_instant(LATER, time(9), zone))
    say(
        f"{TENANT[0]} is billed its rent every month, and {in_part.name} paid {amount(HALF, currency)} by check. Six"
        f" weeks go by, to {LATER:%-d %B %Y}. February's rent waits as a draft, for here staff read what goes out."
    )
    _ages(at)
    return Told(school, in_part)


def _written(at: "Desk") -> "Invoice":
    from paidthru.actions.add_tax import add_tax
    from paidthru.actions.write_invoice import Payer, Recurrence
    from paidthru.invoicing.rules.writing import WrittenLine
    from paidthru.kernel.periods import Interval, Unit
    from paidthru.runs.invoices import bill

    tax = add_tax(
        at.organization, "Sales tax", rate_ppm=SALES_TAX_PPM, inclusive=False, actor=me(), now=at.clock.now()
    )
    courts = (
        WrittenLine("Court hire, six afternoons", 6, 45_00, tax.name),
        WrittenLine("Balls and rackets", 1, 60_00, tax.name),
        WrittenLine("Lessons", 6, 80_00),
    )
    school = bill(at, Payer(None, *SCHOOL), courts, actor=me(), due_on=DUE)
    rent = (WrittenLine("Rent of the kiosk", 1, 350_00),)
    bill(at, Payer(None, *TENANT), rent, actor=me(), recurrence=Recurrence(Interval(1, Unit.MONTH)))
    return school


def _tax_of(invoice: "Invoice") -> int:
    from paidthru.invoicing.queries import lines_of

    return sum(line.amount_minor for line in lines_of(invoice.id) if line.receivable.tax_of_id)


def _check(at: "Desk") -> "Party":
    from paidthru.actions.record_payment import record_payment
    from paidthru.invoicing.models import Invoice

    owed = Invoice.objects.filter(organization=at.organization, state="sent", total_minor__gt=HALF)
    invoice = owed.select_related("party").order_by("number")[0]
    record_payment(at.organization, invoice.party_id, amount_minor=HALF, currency=invoice.currency, means="check",
                   actor=me(), now=at.clock.now(), invoice_ids=[invoice.id])  # fmt: skip
    return invoice.party


def _ages(at: "Desk") -> None:
    from paidthru.invoicing.queries import age_totals

    totals = age_totals(at.organization.id, at.today)[at.organization.currency]
    table(["Unpaid by age", "Amount"],
          [[_age(place), amount(owed, at.organization.currency)] for place, owed in enumerate(totals)],
          right=["Amount"])  # fmt: skip


def _age(place: int) -> str:
    from paidthru.invoicing.rules.aging import AGES

    if place == 0:
        return "not due yet"
    if place + 1 == len(AGES):
        return f"over {AGES[place] - 1} days"
    return f"{AGES[place]} to {AGES[place + 1] - 1} days"


def where(told: Told) -> None:
    """Where the things told are in the console, each by the words of its navigation."""
    table(
        ["To see", "In the console"],
        [
            [
                "An invoice with tax: its PDF, its mail, its pay link",
                f"Invoices, number {told.invoice.label}",
            ],
            ["What comes every month, and a draft", "Invoices: Recurring, Drafts"],
            ["Who owes what since when", "Unpaid by age"],
            ["A statement of account", f"Members, {told.in_part.name}: Statement of account"],
            ["A failed card, and what comes next", "Payment failures"],
            ["What was mailed (a sandbox keeps it to itself)", "Settings, Mail, All mails"],
            ["The books, entry by entry", "Journal, Trial balance"],
        ],
    )
