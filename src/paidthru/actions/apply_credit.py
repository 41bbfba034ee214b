"""Apply credit: a member's credit pays the invoices that staff choose (policy `credit.apply` = ask, and on account)."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.membership.operations.receiving import told_of_dates
from paidthru.membership.operations.standing import after_payment, restart_late_terms
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.operations.by_hand import apply_by_hand
from paidthru.payments.operations.refunds import Moment
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, once, record


def apply_credit(
    organization: Organization,
    party_id: UUID,
    parts: Mapping[UUID, int],
    *,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> None:
    """Pays invoices of a member from their credit, each the amount (minor units of its currency) said for it; the
    oldest money is used first, and what it pays moves the memberships' dates as any payment does.

    Refused: `nothing_to_apply`, `invoice_unknown`, `invoice_closed`, `currency_mismatch` (invoices of two currencies),
    `credit_exceeded`, `allocation_exceeds_balance`, `amount_invalid`, `key_reused`.
    """

    def act() -> dict[str, str]:
        party = Party.objects.select_for_update(no_key=True).get(id=party_id, organization=organization)
        currency, numbers = _invoices(organization, party, parts)
        on = local_date(now, organization.zone)
        sources, payments = apply_by_hand(
            organization.id, party.id, currency, parts, Moment(organization, on, now)
        )
        policies = policies_of(organization)
        restarted = restart_late_terms(sources, policies, on=on)
        moved = after_payment(sources, policies, on=on)
        facts = {
            "amount": plain(sum(parts.values()), currency),
            "currency": currency,
            "invoices": numbers,
            "payments": payments,
        }
        told = [Happening("credit_applied", "party", party.id, party.id, facts=facts)]
        told += told_of_dates(moved, "Credit was applied")
        record(organization.id, actor, now, [*told, *restarted])
        return {}

    inputs = {"party": party_id, "parts": sorted((str(id_), part) for id_, part in parts.items())}
    once(organization.id, key, "apply_credit", inputs, now, act)


def _invoices(
    organization: Organization, party: Party, parts: Mapping[UUID, int]
) -> tuple[str, list[int | str]]:
    """The currency and the numbers of the invoices named; refuses what isn't the party's, or of two currencies."""
    if not parts:
        raise Refused(
            "nothing_to_apply",
            "No invoice was chosen.",
            field="parts",
            fix="Say how much is applied to which invoice.",
        )
    found = list(
        Invoice.objects.filter(
            id__in=list(parts), party=party, organization=organization, number__isnull=False
        )
    )
    for id_ in parts.keys() - {one.id for one in found}:
        raise Refused(
            "invoice_unknown",
            f"There is no such invoice of {party.name}.",
            field="parts",
            value=id_,
            fix="Choose one of the member's invoices.",
        )
    currencies = sorted({one.currency for one in found})
    if len(currencies) > 1:
        raise Refused(
            "currency_mismatch",
            f"The invoices are in {' and '.join(currencies)}.",
            field="parts",
            value=currencies[1],
            fix="Apply the credit of each currency on its own.",
        )
    return currencies[0], [one.named or "" for one in sorted(found, key=lambda one: one.number or 0)]
