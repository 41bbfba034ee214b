"""What tax came to: by tax and rate, as the books have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from paidthru.invoicing.queries import BilledLine
from paidthru.invoicing.rules.tax import percent_of
from paidthru.ledger.rules.postings import MEMO_BILLED, RECEIVABLE, TAX


@dataclass(frozen=True, slots=True)
class TaxedSum:
    """A tax at a rate in one currency and period (minor units): what was billed under it and the tax of that, both as
    they were billed and credited again; the tax in what was received (less what was taken back) and in what was given
    back; and by how much the account Tax grew, which is what is owed to the tax office."""

    tax: str
    rate_ppm: int
    currency: str
    net_billed_minor: int
    billed_minor: int
    net_credited_minor: int
    credited_minor: int
    received_minor: int
    refunded_minor: int
    booked_minor: int

    @property
    def percent(self) -> str:
        """The rate as people write it."""
        return percent_of(self.rate_ppm)


@dataclass(frozen=True, slots=True)
class TaxReport:
    """The taxes of a period, by currency, tax and rate; `account_minor` is by how much the account Tax grew, by
    currency, whatever moved it."""

    rows: tuple[TaxedSum, ...]
    account_minor: dict[str, int]

    def beside_minor(self, currency: str) -> int:
        """What moved the account Tax and is the tax of no line."""
        lines = sum(row.booked_minor for row in self.rows if row.currency == currency)
        return self.account_minor.get(currency, 0) - lines


# Journals by what they tell of a receivable. In those that bill or credit, its debits are the amount, whatever accounts
# bear it; what was paid is read from what is still owed (field-notes D.3, D.4).
_BILLED = "source_kind = 'invoice' AND event = 'issued'"
_CREDITED = (
    "(source_kind = 'credit note' OR source_kind = 'invoice' AND event IN ('voided', 'voluntary dropped'))"
)
_PAID = "source_kind IN ('payment', 'reversal', 'dispute')"
_ROWS = f"""
    SELECT t.name, rate.rate_ppm, found.currency,
        coalesce(sum(debit) FILTER (WHERE NOT is_tax AND {_BILLED}), 0),
        coalesce(sum(debit) FILTER (WHERE is_tax AND {_BILLED}), 0),
        coalesce(sum(debit) FILTER (WHERE NOT is_tax AND {_CREDITED}), 0),
        coalesce(sum(debit) FILTER (WHERE is_tax AND {_CREDITED}), 0),
        coalesce(-sum(owed) FILTER (WHERE is_tax AND {_PAID}), 0),
        coalesce(sum(taxed) FILTER (WHERE is_tax AND source_kind = 'refund'), 0),
        coalesce(-sum(taxed) FILTER (WHERE is_tax), 0)
    FROM (SELECT coalesce(own.tax_rate_id, beside.tax_rate_id) AS rate_id, own.tax_of_id IS NOT NULL AS is_tax,
              j.currency, j.source_kind, j.event, greatest(e.amount_minor, 0) AS debit,
              CASE WHEN a.code IN ('{RECEIVABLE}', '{MEMO_BILLED}') THEN e.amount_minor END AS owed,
              CASE WHEN a.code = '{TAX}' THEN e.amount_minor END AS taxed
          FROM ledger_journal j
          JOIN ledger_entry e ON e.journal_id = j.id AND e.receivable_id IS NOT NULL
          JOIN ledger_account a ON a.id = e.account_id
          JOIN invoicing_receivable own ON own.id = e.receivable_id
          LEFT JOIN invoicing_receivable beside ON beside.tax_of_id = own.id
          WHERE j.organization_id = %(organization)s AND j.effective_on BETWEEN %(start)s AND %(through)s
            AND (own.tax_rate_id IS NOT NULL OR beside.tax_rate_id IS NOT NULL)) found
    JOIN invoicing_taxrate rate ON rate.id = found.rate_id JOIN invoicing_tax t ON t.id = rate.tax_id
    GROUP BY t.name, rate.rate_ppm, found.currency ORDER BY found.currency, t.name, rate.rate_ppm"""


def tax_report(organization_id: UUID, start: date, through: date) -> TaxReport:
    """The taxes of the local dates [start, through], by the dates of the books."""
    asked: dict[str, UUID | date] = {"organization": organization_id, "start": start, "through": through}
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, asked)
        rows = tuple(TaxedSum(*row[:3], *map(int, row[3:])) for row in cursor.fetchall())
        cursor.execute(
            """SELECT a.currency, -sum(e.amount_minor) FROM ledger_account a
               JOIN ledger_entry e ON e.account_id = a.id JOIN ledger_journal j ON j.id = e.journal_id
               WHERE a.organization_id = %(organization)s AND a.code = 'Tax'
                 AND j.effective_on BETWEEN %(start)s AND %(through)s GROUP BY 1""",
            asked,
        )
        return TaxReport(rows, {currency: int(amount) for currency, amount in cursor.fetchall()})


@dataclass(frozen=True, slots=True)
class TaxOfInvoice:
    """What an invoice asks for under one tax and rate, in minor units: without the tax, and the tax."""

    description: str
    net_minor: int
    tax_minor: int


def tax_summary(lines: Sequence[BilledLine]) -> list[TaxOfInvoice]:
    """The taxes of an invoice's lines by tax and rate, in the order in which they come up."""
    sums: dict[str, tuple[int, int]] = {}
    for one in lines:
        if one.tax is not None:
            net, tax = sums.get(one.tax.description, (0, 0))
            sums[one.tax.description] = net + one.line.amount_minor, tax + one.tax_minor
    return [TaxOfInvoice(name, net, tax) for name, (net, tax) in sums.items()]
