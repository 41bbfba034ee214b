"""Invoice numbers are taken, and with them the labels that people read."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from paidthru.invoicing.models import Invoice, NumberStretch
from paidthru.invoicing.rules.numbering import Stretch, labels_of, stretch_for
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization, PolicySetting
from paidthru.organizations.operations import take_numbers
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.numbering import fiscal_year, numbering
from paidthru.organizations.rules.policies import Value

POLICY = "invoice.numbering"


def take_invoice_numbers(organization_id: UUID, count: int, bill_on: date) -> int:
    """The first of `count` consecutive numbers for invoices that are billed on a local date; the series stays locked
    until the transaction ends. How they are labelled is decided here, by the pattern that holds now and the fiscal
    year of `bill_on`; `labels_for` says it whenever they are used."""
    first = take_numbers(organization_id, "invoice", count)
    stretches = _stretches(organization_id)
    own = PolicySetting.objects.filter(organization_id=organization_id, scope="organization", key=POLICY)
    if count and (stretches or own.exists()):
        policies = policies_of(Organization.objects.get(id=organization_id))
        pattern = numbering(policies.word(POLICY))
        year = fiscal_year(bill_on, policies.number("term.first_month")).start.year
        begun = stretch_for(stretches, first, pattern.prefix(year), pattern.width)
        if begun is not None:
            NumberStretch.objects.create(
                organization_id=organization_id,
                first_number=begun.first_number,
                prefix=begun.prefix,
                width=begun.width,
                first_value=begun.first_value,
            )
    return first


def labels_for(organization_id: UUID, numbers: Sequence[int]) -> list[str]:
    """What people read for invoice numbers that were taken."""
    return labels_of(_stretches(organization_id), numbers)


def refuse_renumbering(
    organization: Organization, values: Mapping[str, Value | None], *, today: date, on: date | None = None
) -> None:
    """Lets policies change, at once or on the later local date `on`, unless they would number invoices in another way
    within a fiscal year that has numbers already. Refused `numbering_in_use`, with the day from which it may."""
    if POLICY not in values:
        return
    policies = policies_of(organization)
    if policies.changed({POLICY: values[POLICY]}).word(POLICY) == policies.word(POLICY) and on is None:
        return
    first_month = policies.number("term.first_month")
    year = fiscal_year(on or today, first_month)
    numbered = Invoice.objects.filter(organization=organization, number__isnull=False)
    if on == year.start or (on is None and not numbered.filter(bill_on__gte=year.start).exists()):
        return
    if on is not None and not numbered.exists():
        fix = "Change it now: no invoice has a number yet."
    else:
        fix = f"Plan the change for {fiscal_year(today, first_month).end}, when the next fiscal year begins."
    raise Refused(
        "numbering_in_use",
        f"Invoices of the fiscal year from {year.start} are numbered “{policies.word(POLICY)}”: one year, one series.",
        field=POLICY,
        value=str(values[POLICY] or ""),
        fix=fix,
    )


def _stretches(organization_id: UUID) -> list[Stretch]:
    rows = NumberStretch.objects.filter(organization_id=organization_id).order_by("first_number")
    return [Stretch(*row) for row in rows.values_list("first_number", "prefix", "width", "first_value")]
