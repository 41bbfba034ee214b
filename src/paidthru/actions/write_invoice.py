"""Write an invoice for any purpose, to a member or to somebody who is typed in: issued at once, kept as a draft, or
coming again every so often (A-10 to A-14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from paidthru.invoicing.models import Invoice
from paidthru.invoicing.operations.recurring import begin_recurring
from paidthru.invoicing.operations.writing import (
    Paper,
    books_of,
    drafted,
    issue_paper,
    issued,
    keep_draft,
)
from paidthru.invoicing.rules.writing import WrittenLine, check_due, checked_lines, stored
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import exponent
from paidthru.kernel.periods import Interval
from paidthru.notices.operations import tell_of_invoice
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.operations import use_credit
from paidthru.people.models import Party
from paidthru.people.operations import payer_of
from paidthru.timeline.operations import Actor, Happening, once, record

LONGEST_INTERVAL = 1_000  # units


@dataclass(frozen=True, slots=True)
class Payer:
    """Whom an invoice is for: somebody known by id, or (None) a name and an e-mail address typed in (A-12)."""

    party_id: UUID | None = None
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often an invoice comes, and the last local date on which one may (None: until it is stopped)."""

    every: Interval
    ends_on: date | None = None


def write_invoice(
    organization: Organization,
    payer: Payer,
    lines: Sequence[WrittenLine],
    *,
    actor: Actor,
    now: datetime,
    currency: str = "",
    due_on: date | None = None,
    as_draft: bool = False,
    recurrence: Recurrence | None = None,
    key: str | None = None,
) -> Invoice:
    """The invoice, numbered and owed from today unless it is a draft; `due_on` (today without) says by when. With a
    `recurrence` it is the first of many, each due as many days after its bill date. The organization's currency where
    none is given. One click, one invoice: the same `key` gives the same.

    Refused `payer_unknown`, `email_invalid`, `ends_before_it_begins`, `interval_invalid`, `currency_unknown`,
    `key_reused`, and as `check_due`, `checked_lines` and `items_of`.
    """
    checked = checked_lines(lines)
    currency = currency or organization.currency
    exponent(currency)
    on = local_date(now, organization.zone)
    due_on = due_on or on
    _refuse_dates(on, due_on, recurrence)

    def act() -> dict[str, str]:
        party = _party(organization, payer, now)
        policies = policies_of(organization).within(customer=party.id)
        books = books_of(policies)
        paper = Paper(party, currency, checked, on, due_on)
        happenings = []
        if recurrence is not None:
            every, until = recurrence.every, recurrence.ends_on
            begun = begin_recurring(
                organization.id, paper, every, ends_on=until, as_draft=as_draft, actor=actor, now=now
            )
            paper = Paper(party, currency, checked, on, due_on, begun.id, 0)
            happenings.append(
                Happening(
                    "recurring_invoice_written", "recurring_invoice", begun.id, party.id,
                    facts={"every": every.each, "from": on.isoformat(), "until": until and until.isoformat()},
                )
            )  # fmt: skip
        if as_draft:
            invoice = keep_draft(organization.id, paper, books, send_on=None, now=now)
            happenings.append(drafted(invoice))
            record(organization.id, actor, now, happenings)
            return {"invoice": str(invoice.id)}
        invoice = issue_paper(organization.id, paper, books, now=now)
        happenings.append(issued(invoice))
        record(organization.id, actor, now, happenings)
        if policies.word("credit.apply") == "auto" and invoice.batch_id is not None:
            use_credit(organization.id, invoice.batch_id, [party.id], on=on, now=now)
        tell_of_invoice(organization.id, invoice, now=now)
        return {"invoice": str(invoice.id)}

    inputs = {
        "payer": [payer.party_id, payer.name, payer.email], "lines": stored(checked), "currency": currency,
        "due": due_on, "draft": as_draft,
        "every": [str(recurrence.every), recurrence.ends_on] if recurrence else None,
    }  # fmt: skip
    return Invoice.objects.get(id=once(organization.id, key, "write_invoice", inputs, now, act)["invoice"])


def _refuse_dates(on: date, due_on: date, recurrence: Recurrence | None) -> None:
    check_due(on, due_on)
    if recurrence is not None and recurrence.every.count > LONGEST_INTERVAL:
        raise Refused(
            "interval_invalid",
            f"An interval of {recurrence.every.count} is too long.",
            field="every",
            value=recurrence.every.count,
            fix=f"Use {LONGEST_INTERVAL} at most.",
        )
    if recurrence is not None and recurrence.ends_on is not None and recurrence.ends_on < on:
        raise Refused(
            "ends_before_it_begins",
            f"The first invoice is billed on {on}; the last can't be before.",
            field="until",
            value=recurrence.ends_on.isoformat(),
            fix="Choose a later day, or write a single invoice.",
        )


def _party(organization: Organization, payer: Payer, now: datetime) -> Party:
    if payer.party_id is None:
        return payer_of(organization.id, payer.name, payer.email, now=now)
    party = Party.objects.select_for_update().filter(id=payer.party_id, organization=organization).first()
    if party is None:
        raise Refused("payer_unknown", "There is no such person.", field="payer", fix="Look them up again.")
    return party
