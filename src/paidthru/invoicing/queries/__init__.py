"""Questions to the invoicing room."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from paidthru.invoicing.models import (
    CreditNote,
    Invoice,
    Line,
    PayLink,
    Receivable,
    RecurringInvoice,
    TaxRate,
)
from paidthru.invoicing.rules.aging import AGES, aged
from paidthru.invoicing.rules.tax import Rate, Rounding
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of


def invoice_numbered(organization_id: UUID, number: int) -> Invoice | None:
    """The invoice of that number."""
    return Invoice.objects.filter(organization_id=organization_id, number=number).first()


def invoice_called(organization_id: UUID, text: str) -> Invoice | None:
    """The invoice that a person means by its number: as they read it, in any case, or the plain number of it."""
    text = text.strip().removeprefix("#")
    mine = Invoice.objects.filter(organization_id=organization_id)
    if found := mine.filter(label__iexact=text).exclude(label="").first():
        return found
    plain = text.isascii() and text.isdigit() and len(text) < 19
    return mine.filter(number=int(text)).first() if plain else None


def nth_invoice(organization_id: UUID, n: int) -> Invoice | None:
    """The n-th invoice (from 1) in the order in which they came: that of the number n, unless there were drafts."""
    mine = Invoice.objects.filter(organization_id=organization_id)
    if not mine.filter(drafted_at__isnull=False).exists():
        return invoice_numbered(organization_id, n)
    return mine.order_by("id")[n - 1 : n].first() if n > 0 else None


def owed_by(party_id: UUID) -> dict[str, int]:
    """What a party owes by currency, in minor units: open receivables that an issued invoice asks for, or did and will
    again (A2-16), each counted once. A voluntary line is asked for and not owed (G-44)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.currency, sum(r.balance_minor) FROM invoicing_receivable r
               WHERE r.party_id = %s AND r.state = 'open' AND NOT r.voluntary AND EXISTS (
                   SELECT 1 FROM invoicing_line l JOIN invoicing_invoice i ON i.id = l.invoice_id
                   WHERE l.receivable_id = r.id AND (i.state = 'sent' OR i.awaits_reissue))
               GROUP BY 1""",
            [party_id],
        )
        return {currency: int(amount) for currency, amount in cursor.fetchall()}


def who_owe(organization_id: UUID) -> QuerySet[Receivable]:
    """The parties that owe something (`owed_by`), as a subquery of their ids."""
    asked = Line.objects.filter(receivable=OuterRef("pk")).filter(
        Q(invoice__state="sent") | Q(invoice__awaits_reissue=True)
    )
    owed = Receivable.objects.filter(organization_id=organization_id, state="open", voluntary=False)
    return owed.filter(Exists(asked)).values("party_id")  # type: ignore[return-value]


def owed_on(invoice_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What is owed on invoices, in minor units: their balances without the voluntary lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.invoice_id, sum(r.balance_minor) FROM invoicing_line l
               JOIN invoicing_receivable r ON r.id = l.receivable_id
               WHERE l.invoice_id = ANY(%s) AND r.state = 'open' AND NOT r.voluntary GROUP BY 1""",
            [list(invoice_ids)],
        )
        return {invoice_id: int(amount) for invoice_id, amount in cursor.fetchall()}


def open_on_all(invoice_ids: Sequence[UUID]) -> dict[UUID, int]:
    """What is open on invoices, in minor units: what is owed and what is voluntary."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.invoice_id, sum(r.balance_minor) FROM invoicing_line l
               JOIN invoicing_receivable r ON r.id = l.receivable_id
               WHERE l.invoice_id = ANY(%s) AND r.state = 'open' GROUP BY 1""",
            [list(invoice_ids)],
        )
        return {invoice_id: int(amount) for invoice_id, amount in cursor.fetchall()}


#: The receivable `r` of a line, looked up for itself (OFFSET 0): right after a run has opened thousands, the planner
#: still believes that next to none is open, and would go through all of them for each invoice.
OF_LINE = "CROSS JOIN LATERAL (SELECT * FROM invoicing_receivable WHERE id = {line}.receivable_id OFFSET 0) r"

#: The documents that stand for what is owed: live ones, and closed ones whose successor is still to come.
ASKING = Q(state="sent", balance_minor__gt=0) | Q(awaits_reissue=True)


def oldest_open_invoice(party_id: UUID, *, kind: str = "membership") -> Invoice | None:
    """The document that is due first and of which something is open: a sent invoice, or a closed one that waits for its
    successor (its own balance is nothing: ask `owed_on`)."""
    return Invoice.objects.filter(ASKING, party_id=party_id, kind=kind).order_by("due_on", "number").first()


def asked_on(receivable_ids: Sequence[UUID]) -> dict[UUID, list[Invoice]]:
    """The issued invoices that ask for receivables or did, by receivable, oldest first."""
    found: dict[UUID, list[Invoice]] = {id_: [] for id_ in receivable_ids}
    lines = Line.objects.filter(receivable__in=found, invoice__number__isnull=False).select_related("invoice")
    for line in lines.order_by("invoice__number"):
        found[line.receivable_id].append(line.invoice)
    return found


# What is owed: asked for by a live document, or by one that waits for its successor (A2-16); as in `owed_by`.
_OWED = """r.state = 'open' AND NOT r.voluntary AND EXISTS (
    SELECT 1 FROM invoicing_line l JOIN invoicing_invoice i ON i.id = l.invoice_id
    WHERE l.receivable_id = r.id AND (i.state = 'sent' OR i.awaits_reissue))"""


def open_by_age(party_id: UUID, today: date) -> dict[str, dict[int, int]]:
    """What a party owes in minor units, by currency and days overdue: aged from the first document's due date (A-41,
    A2-16)."""
    found: dict[str, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT r.currency, %s::date - r.due_on, sum(r.balance_minor) FROM invoicing_receivable r
                WHERE r.party_id = %s AND {_OWED} GROUP BY 1, 2""",
            [today, party_id],
        )
        for currency, days, amount in cursor.fetchall():
            found.setdefault(currency, {})[days] = int(amount)
    return found


@dataclass(frozen=True, slots=True)
class Aged:
    """What somebody owes in one currency (minor units), by the columns of `rules.aging.AGES`."""

    party_id: UUID
    name: str
    number: int
    currency: str
    ages: tuple[int, ...]

    @property
    def total_minor(self) -> int:
        """Of all ages together."""
        return sum(self.ages)


def unpaid_by_age(
    organization_id: UUID,
    today: date,
    *,
    currency: str | None = None,
    age: int | None = None,
    after: str = "",
    limit: int | None = None,
) -> Iterator[Aged]:
    """Who owes on a local date, by currency and name, each with the ages of it. `age` is one of `AGES`, for those who
    owe something of it. `after` is the place (`name id`) behind which a page begins."""
    columns = [
        f"sum(r.balance_minor) FILTER (WHERE greatest(%(today)s::date - r.due_on, 0) >= {start}"
        + (f" AND %(today)s::date - r.due_on < {AGES[place + 1]})" if place + 1 < len(AGES) else ")")
        for place, start in enumerate(AGES)
    ]
    having = f"HAVING {columns[AGES.index(age)]} > 0" if age is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.id, p.name, p.number, r.currency, {", ".join(columns)}
                FROM invoicing_receivable r JOIN people_party p ON p.id = r.party_id
                WHERE r.organization_id = %(organization)s AND {_OWED}
                  AND (%(currency)s::text IS NULL OR r.currency = %(currency)s)
                  AND (%(after)s = '' OR p.name || ' ' || p.id > %(after)s)
                GROUP BY p.id, r.currency {having} ORDER BY r.currency, p.name || ' ' || p.id LIMIT %(limit)s""",
            {
                "organization": organization_id,
                "today": today,
                "currency": currency,
                "after": after,
                "limit": limit,
            },
        )
        rows = cursor.fetchall()
    for id_, name, number, of, *ages in rows:
        yield Aged(id_, name, number, of, tuple(int(one or 0) for one in ages))


def age_totals(organization_id: UUID, today: date) -> dict[str, tuple[int, ...]]:
    """What is owed to an organization by currency (minor units), by the columns of `rules.aging.AGES`."""
    found: dict[str, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT r.currency, %s::date - r.due_on, sum(r.balance_minor) FROM invoicing_receivable r
                WHERE r.organization_id = %s AND {_OWED} GROUP BY 1, 2""",
            [today, organization_id],
        )
        for currency, days, amount in cursor.fetchall():
            found.setdefault(currency, {})[days] = int(amount)
    return {currency: tuple(amount for _, amount in aged(days)) for currency, days in sorted(found.items())}


def invoices_of(party_id: UUID) -> QuerySet[Invoice]:
    """A party's invoices, newest number first."""
    return Invoice.objects.filter(party_id=party_id, number__isnull=False).order_by("-number")


def lines_of(invoice_id: UUID) -> list[Line]:
    """An invoice's lines in their order, each with its receivable."""
    return list(
        Line.objects.filter(invoice_id=invoice_id).select_related("receivable").order_by("position", "id")
    )


@dataclass(frozen=True, slots=True)
class BilledLine:
    """A line of an invoice with its receivable, and the line of its tax, where it bears one (minor units)."""

    line: Line
    tax: Line | None = None

    @property
    def receivable_ids(self) -> frozenset[UUID]:
        """What it asks for."""
        return frozenset(one.receivable_id for one in (self.line, self.tax) if one)

    @property
    def tax_minor(self) -> int:
        """Its tax."""
        return self.tax.amount_minor if self.tax else 0

    @property
    def amount_minor(self) -> int:
        """What it comes to with its tax."""
        return self.line.amount_minor + self.tax_minor

    @property
    def open_minor(self) -> int:
        """What is still open of it and its tax."""
        return self.line.receivable.balance_minor + (self.tax.receivable.balance_minor if self.tax else 0)


def billed_lines(lines: Sequence[Line]) -> list[BilledLine]:
    """Lines of one invoice as people read them: each with its tax. A tax whose line stands elsewhere is one itself."""
    mine = {line.receivable_id for line in lines}
    taxes = {line.receivable.tax_of_id: line for line in lines if line.receivable.tax_of_id in mine}
    return [
        BilledLine(line, taxes.get(line.receivable_id))
        for line in lines
        if line.receivable.tax_of_id not in mine
    ]


def invoices_of_terms(membership_ids: Sequence[UUID]) -> dict[tuple[UUID, date], Invoice]:
    """The latest invoice that bills each term, by membership and the term's first day."""
    found: dict[tuple[UUID, date], Invoice] = {}
    lines = Line.objects.filter(receivable__source_id__in=membership_ids, receivable__is_primary=True)
    lines = lines.exclude(receivable__state="canceled")  # also because the index of sources leaves these out
    for line in lines.select_related("receivable", "invoice").order_by("invoice__number"):
        found[line.receivable.source_id, line.receivable.period_start] = line.invoice
    return found


def overdue_of(party_id: UUID, on: date) -> int:
    """How many of a party's invoices are overdue on a local date (A-18)."""
    return Invoice.objects.filter(ASKING, party_id=party_id, due_on__lt=on).count()


def open_on(invoice_id: UUID) -> list[Receivable]:
    """The receivables that an invoice asks for and that are still open, locked, in their order."""
    found = Receivable.objects.select_for_update(of=("self",)).filter(
        lines__invoice=invoice_id, state="open", balance_minor__gt=0
    )
    return list(found.order_by("id"))


def credit_notes_of(invoice_id: UUID) -> list[CreditNote]:
    """The credit notes of an invoice, oldest first."""
    return list(CreditNote.objects.filter(invoice_id=invoice_id).order_by("number"))


def credit_notes_of_source(source_id: UUID, party_id: UUID, *, limit: int) -> list[CreditNote]:
    """The latest credit notes to a party that took back something of what a source (a membership, a home) owes."""
    found = CreditNote.objects.filter(party_id=party_id, lines__receivable__source_id=source_id)
    return list(found.select_related("invoice").order_by("-number").distinct()[:limit])


_SIGNED = 16  # bytes of the signature


def pay_token(link_id: UUID) -> str:
    """The token of a pay link: its id, and a signature of it under the installation's secret key. So it can be shown
    again, and a copy of the database alone opens nothing."""
    signature = salted_hmac("paidthru.pay_link", link_id.bytes, algorithm="sha256").digest()[:_SIGNED]
    return base64.urlsafe_b64encode(link_id.bytes + signature).decode().rstrip("=")


def pay_link_by(token: str) -> PayLink | None:
    """The link of a token, with its invoice, payer and organization; None for one that was altered, never was, or is
    revoked: nobody learns which."""
    try:
        link_id = UUID(bytes=base64.urlsafe_b64decode(f"{token[:60]}===")[:16])
    except (ValueError, binascii.Error):
        return None
    if not constant_time_compare(pay_token(link_id), token):
        return None
    found = PayLink.objects.select_related("invoice__party", "organization")
    return found.filter(id=link_id, revoked_at=None).first()


def pay_link_of(invoice_id: UUID) -> PayLink | None:
    """The link by which an invoice can be paid, unless there is none or it is revoked."""
    return PayLink.objects.filter(invoice_id=invoice_id, revoked_at=None).first()


def rates_of(organization_id: UUID) -> dict[str, tuple[Rate, ...]]:
    """The rates of an organization's taxes by the tax's name, in order of their days."""
    found = (
        TaxRate.objects.filter(organization_id=organization_id).select_related("tax").order_by("valid_from")
    )
    rates: dict[str, tuple[Rate, ...]] = {}
    for one in found:
        rate = Rate(one.id, one.tax.name, one.tax.inclusive, one.valid_from, one.rate_ppm)
        rates[one.tax.name] = (*rates.get(one.tax.name, ()), rate)
    return rates


def tax_used_until(tax_id: UUID) -> date | None:
    """The last local date on which a tax was billed."""
    billed = Invoice.objects.filter(lines__receivable__tax_rate__tax_id=tax_id)
    return billed.order_by("-bill_on").values_list("bill_on", flat=True).first()


def drafts_to_send(organization_id: UUID, *, on: date, limit: int) -> list[UUID]:
    """Drafts that are sent by themselves, by a local date."""
    due = Invoice.objects.filter(organization_id=organization_id, send_on__lte=on, state="draft")
    return list(due.order_by("send_on", "id").values_list("id", flat=True)[:limit])


def drafts_waiting(organization_id: UUID) -> int:
    """How many drafts somebody has to send: those that nothing sends by itself."""
    drafts = Invoice.objects.filter(organization_id=organization_id, number__isnull=True, state="draft")
    return drafts.filter(send_on__isnull=True).count()


def next_written(organization_id: UUID) -> date | None:
    """The local date on which the next recurring invoice is made, or a draft is sent by itself."""
    recurring = RecurringInvoice.objects.filter(
        organization_id=organization_id, next_on__isnull=False, paused_at=None
    )
    drafts = Invoice.objects.filter(organization_id=organization_id, send_on__isnull=False)
    days = [
        recurring.order_by("next_on").values_list("next_on", flat=True).first(),
        drafts.order_by("send_on").values_list("send_on", flat=True).first(),
    ]
    return min((day for day in days if day is not None), default=None)


def tax_rounding(organization_id: UUID) -> Rounding:
    """Where an organization rounds tax (policy `tax.rounding`)."""
    organization = Organization.objects.get(id=organization_id)
    return "per_invoice" if policies_of(organization).word("tax.rounding") == "per_invoice" else "per_line"
