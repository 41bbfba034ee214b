"""Homes on the page where an organization's console starts (A-29)."""

from django.db.models import Sum

from paidthru.assessments.queries import OF_A_HOME, next_due, unowned_waiting
from paidthru.faces.console.access import Visit
from paidthru.faces.console.parts import Figure, Link, Row
from paidthru.invoicing.models import Receivable
from paidthru.kernel.money import Money
from paidthru.people.models import Unit


def home_figures(visit: Visit) -> tuple[Figure, ...]:
    """What is open of homes, each currency for itself, and when they are billed next; nothing without homes."""
    homes = Unit.objects.filter(organization=visit.organization).count()
    if not homes:
        return ()
    open_ = Receivable.objects.filter(organization=visit.organization, kind__in=OF_A_HOME, state="open")
    owed = {
        row["currency"]: row["minor"]
        for row in open_.values("currency").annotate(minor=Sum("balance_minor"))
        if row["minor"]
    } or {visit.organization.currency: 0}
    next_on = next_due(visit.organization.id)  # what has passed is billed as soon as the worker looks
    noun = "home" if homes == 1 else "homes"
    return (
        *(
            Figure("Open of homes", Money(minor, code), f"{homes:,} {noun}")
            for code, minor in sorted(owed.items())
        ),
        Figure("Homes billed next", max(next_on, visit.desk.today) if next_on else None),
    )


def home_rows(visit: Visit) -> tuple[Row, ...]:
    """What waits for a person: homes that are due something and that nobody owns, or that there is no home yet."""
    units = Unit.objects.filter(organization=visit.organization)
    if visit.bills_homes and not units.exists():
        link = Link("Homes to be added", visit.url("homes/import/" if visit.may("charge") else "homes/"))
        return (
            Row((link, None, "Bring them in from a CSV file with their owners, or add them one by one.")),
        )
    waiting = unowned_waiting(visit.organization.id, visit.desk.today)
    if not waiting:
        return ()
    said = "Something is due and nobody can be billed: say who owns them."
    return (Row((Link("Homes that wait for an owner", visit.url("homes/?show=unowned")), waiting, said)),)
