"""Add a tax that lines may bear, or a rate that it has from a later day on (A-14)."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.models import Tax, TaxRate
from paidthru.invoicing.queries import tax_used_until
from paidthru.invoicing.rules.tax import percent_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_name
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record

SINCE_EVER = date(1970, 1, 1)


def add_tax(
    organization: Organization,
    name: str,
    *,
    rate_ppm: int,
    inclusive: bool,
    actor: Actor,
    now: datetime,
    from_on: date = SINCE_EVER,
) -> Tax:
    """A tax by its name, at a rate (millionths, `rules.tax.read_rate`) from a local date on; inside prices or on top of
    them. Refused `tax_taken`, and as `checked_name`."""
    name = checked_name(name, field="name", most=60)
    with transaction.atomic():
        Organization.objects.select_for_update().get(id=organization.id)
        if Tax.objects.filter(organization=organization, name__iexact=name).exists():
            raise Refused(
                "tax_taken",
                f"There is already a tax called {name}.",
                field="name",
                value=name,
                fix="Give it another name, or give that one a new rate.",
            )
        tax = Tax.objects.create(organization=organization, name=name, inclusive=inclusive)
        TaxRate.objects.create(organization=organization, tax=tax, valid_from=from_on, rate_ppm=rate_ppm)
        facts = {"name": name, "rate": percent_of(rate_ppm), "inclusive": inclusive}
        facts |= {} if from_on == SINCE_EVER else {"from": from_on.isoformat()}
        record(organization.id, actor, now, [Happening("tax_added", "tax", tax.id, facts=facts)])
        return tax


def add_tax_rate(
    organization: Organization, tax_id: UUID, *, rate_ppm: int, from_on: date, actor: Actor, now: datetime
) -> TaxRate:
    """Another rate (millionths) of a tax from a local date on. What was billed keeps its own, so the date has to be
    after the last bill that bears the tax. A rate that is there for that day is replaced.

    Refused `tax_unknown`, `tax_in_use`.
    """
    with transaction.atomic():
        tax = Tax.objects.select_for_update().filter(id=tax_id, organization=organization).first()
        if tax is None:
            raise Refused("tax_unknown", "There is no such tax.", field="tax", fix="Look it up again.")
        used = tax_used_until(tax.id)
        if used is not None and from_on <= used:
            raise Refused(
                "tax_in_use",
                f"{tax.name} was billed on {used}; a rate can't change what is billed.",
                field="from",
                value=from_on.isoformat(),
                fix=f"Choose a day after {used}, or credit what was billed wrong.",
            )
        TaxRate.objects.filter(tax=tax, valid_from=from_on).delete()
        rate = TaxRate.objects.create(
            organization=organization, tax=tax, valid_from=from_on, rate_ppm=rate_ppm
        )
        facts = {"name": tax.name, "rate": percent_of(rate_ppm), "from": from_on.isoformat()}
        record(organization.id, actor, now, [Happening("tax_rate_added", "tax", tax.id, facts=facts)])
        return rate
