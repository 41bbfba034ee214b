"""An invoice: its lines, and why each amount is what it is."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import (
    attempt_url,
    batch_url,
    invoice_url,
    member_url,
    payment_url,
    run_url,
)
from paidthru.faces.console.badges import MEANS, invoice_badge, settlement_badge
from paidthru.faces.console.document_pages import documents_section, pdf_actions
from paidthru.faces.console.journal_pages import journal_section
from paidthru.faces.console.pages import RecordPage, Section, Step, Why
from paidthru.faces.console.parts import (
    Action,
    Column,
    EmptyState,
    Fact,
    Figure,
    Link,
    Row,
    Table,
    Text,
    Tone,
    Value,
)
from paidthru.faces.console.sentences import moments
from paidthru.faces.console.views.pay_links import link_actions
from paidthru.faces.console.written_lines import written_lines
from paidthru.invoicing.models import CreditNote, Invoice, Line
from paidthru.invoicing.queries import BilledLine, billed_lines, credit_notes_of, lines_of
from paidthru.invoicing.queries.taxes import tax_summary
from paidthru.invoicing.rules.writing import restored
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period
from paidthru.ledger.queries import journals_of_source
from paidthru.membership.models import BillingRun
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import OPEN_ATTEMPT, Allocation, Attempt
from paidthru.payments.queries import allocations_of, attempts_at, label_of, paid_on
from paidthru.runs.invoices import reckon
from paidthru.timeline.queries import events_about


@staff_page("view")
def invoice(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """An invoice with its lines, their derivations, payments, attempts and journals."""
    found = get_object_or_404(
        Invoice.objects.select_related("party", "batch"), id=invoice_id, organization=visit.organization
    )
    badge = invoice_badge(found, visit.desk.today)
    tone: Tone = "bad" if badge.tone == "bad" else "neutral"
    run = (
        BillingRun.objects.filter(id=found.run_id, organization=visit.organization).first()
        if found.run_id
        else None
    )
    attempts, notes, lines = attempts_at(found.id), credit_notes_of(found.id), lines_of(found.id)
    credited = sum(note.amount_minor for note in notes)
    booked = [
        one for source in (found.id, *(note.id for note in notes)) for one in journals_of_source(source)
    ]
    happened = events_about(
        visit.organization.id, found.party_id, found.number, [found.id, *(attempt.id for attempt in attempts)]
    )
    record = Action(
        "Record a payment",
        f"{member_url(visit, found.party_id)}pay/?invoice={found.number}",
        "primary",
        icon="coins",
    )
    return visit.page(
        RecordPage(
            title=found.party.name,
            kind="Invoice",
            number=found.label or "draft",
            badges=(badge,),
            figures=(
                Figure("Total", Money(found.total_minor, found.currency)),
                Figure("Paid", Money(paid_on(found.id), found.currency)),
                *((Figure("Credited", Money(credited, found.currency)),) if credited else ()),
                Figure("Balance", Money(found.balance_minor, found.currency), "", tone),
            ),
            facts=(
                Fact(visit.words.titled("member"), Link(found.party.name, member_url(visit, found.party_id))),
                Fact("Billed on", found.bill_on),
                Fact("Due on", found.due_on),
                *((Fact("Mailed on", found.sent_at),) if found.sent_at else ()),
                Fact("Billed by", Link(run.name, run_url(visit, run.id)) if run else _billed_by(found)),
                *(
                    (Fact("Batch", Link(f"{batch.number}, {batch.name}", batch_url(visit, batch.id))),)
                    if (batch := found.batch)
                    else ()
                ),
            ),
            actions=(
                *_actions(visit, found, record, attempts),
                *link_actions(visit, found),
                *pdf_actions(visit, found),
            ),
            sections=(
                _lines(found, lines) if found.state != "draft" else _written(visit, found),
                *_taxes(found, lines),
                *documents_section(visit, found, lines),
                _payments(visit, found),
                *((_attempts(visit, found),) if attempts else ()),
                *((_credits(visit, found, notes),) if notes else ()),
                journal_section(visit, sorted(booked, key=lambda one: one.id)),
            ),
            timeline=moments(happened, visit.organization.locale),
            printable=True,
            printed_at=visit.desk.clock.now(),
            crumbs=(
                Link(visit.words.titled("members"), visit.url("members/")),
                Link(found.party.name, member_url(visit, found.party_id)),
            ),
        ),
        "members",
    )


def _actions(visit: Visit, found: Invoice, record: Action, attempts: Sequence[Attempt]) -> tuple[Action, ...]:
    """What this person may do about an invoice that is open."""
    here = invoice_url(visit, found.id)
    if found.state == "draft":
        return _draft_actions(here) if visit.may("charge") else ()
    write_off = Action("Write off", f"{here}write-off/")
    if found.awaits_reissue:  # the next document is made when it is tried or paid
        return (write_off,) if visit.may("credit") else ()
    if found.state != "sent" or found.balance_minor <= 0:
        return ()
    actions = [record] if visit.may("record_payment") else []
    if visit.may("charge") and not any(one.state in OPEN_ATTEMPT for one in attempts):
        actions.append(Action("Collect now", f"{here}collect/", ask=True))
    if attempts and attempts[0].state not in OPEN_ATTEMPT and visit.may("allow_attempt"):
        actions.append(Action("Allow another attempt", f"{here}allow/"))
    if visit.may("credit"):
        actions.append(Action("Credit", f"{here}credit/"))
        if found.balance_minor == found.total_minor:
            actions.append(Action("Void", f"{here}void/"))
        actions.append(write_off)
    return tuple(actions)


def _draft_actions(here: str) -> tuple[Action, ...]:
    return (
        Action("Send", f"{here}issue/", "primary", ask=True, icon="send"),
        Action("Change", f"{here}edit/"),
        Action("Discard", f"{here}discard/", ask=True),
    )


def _written(visit: Visit, found: Invoice) -> Section:
    """The lines of a draft, and what they come to today."""
    come_to = reckon(
        visit.desk,
        found.party,
        restored(found.written or ()),
        currency=found.currency,
        on=visit.desk.today,
    )
    return written_lines(come_to, found.currency)


def _billed_by(found: Invoice) -> str:
    return {"charge": "A charge by staff", "recovery": "What the member has twice", "invoice": "Staff"}.get(
        found.kind, "Joining"
    )


def _credits(visit: Visit, found: Invoice, notes: Sequence[CreditNote]) -> Section:
    columns = (
        Column("number", "Credit note", "code"),
        Column("on", "Issued on", "date"),
        Column("by", "By"),
        Column("why", "Reason", "prose"),
        Column("amount", "Amount", "money"),
    )
    rows = tuple(
        Row(
            (
                str(one.number),
                one.issued_on,
                one.issued_by,
                one.reason,
                Money(one.amount_minor, found.currency),
            ),
            visit.url(f"credit-notes/{one.id}/pdf/"),
        )
        for one in notes
    )
    return Section("credits", "Credit notes", Table(columns, rows, "Credit notes"))


def _lines(found: Invoice, lines: list[Line]) -> Section:
    billed = billed_lines(lines)
    taxed = any(one.tax for one in billed)

    def money(amount_minor: int) -> Money:
        return Money(amount_minor, found.currency)

    columns = (
        Column("what", "For"),
        Column("term", "Term"),
        Column("account", "Income account"),
        Column("amount", "Without tax" if taxed else "Amount", "money"),
        *((Column("tax", "Tax", "money"),) if taxed else ()),
        Column("open", "Open", "money"),
    )

    def row(one: BilledLine) -> Row:
        tax: tuple[Value, ...] = ((money(one.tax_minor) if one.tax else None),) if taxed else ()
        notes = ("Voluntary" if one.line.receivable.voluntary else "", one.tax.description if one.tax else "")
        return Row(
            (
                Text(_name(one.line), ", ".join(note for note in notes if note)),
                Period(one.line.receivable.period_start, one.line.receivable.period_end),
                one.line.receivable.income_code,
                money(one.line.amount_minor),
                *tax,
                money(one.open_minor),
            )
        )

    foot = Row(
        (
            "Total",
            None,
            None,
            money(sum(one.line.amount_minor for one in billed)),
            *((money(sum(one.tax_minor for one in billed)),) if taxed else ()),
            money(found.balance_minor),
        )
    )
    return Section(
        "lines",
        "Lines",
        Table(columns, tuple(map(row, billed)), "Lines", foot),
        whys=tuple(_why(found, line) for line in lines),
    )


def _taxes(found: Invoice, lines: list[Line]) -> tuple[Section, ...]:
    """What it asks for by tax and rate; nothing where no line is taxed."""
    summary = tax_summary(billed_lines(lines))
    if not summary:
        return ()
    columns = (
        Column("tax", "Tax"),
        Column("net", "Of", "money"),
        Column("amount", "Tax", "money"),
    )
    rows = tuple(
        Row((one.description, Money(one.net_minor, found.currency), Money(one.tax_minor, found.currency)))
        for one in summary
    )
    return (Section("taxes", "Tax by rate", Table(columns, rows, "Tax by rate")),)


def _name(line: Line) -> str:
    """The fee; its term has a column of its own."""
    inputs = line.derivation.get("inputs") if isinstance(line.derivation, dict) else None
    fee = inputs.get("fee") if isinstance(inputs, dict) else None
    return str(fee or line.description)


def _why(found: Invoice, line: Line) -> Why:
    derivation = line.derivation if isinstance(line.derivation, dict) else {}
    steps = derivation.get("steps")
    told = [str(step) for step in steps] if isinstance(steps, list) else []
    return Why(
        str(derivation.get("text") or line.description),
        (*(Step(step) for step in told), Step(line.description, Money(line.amount_minor, found.currency))),
    )


def _payments(visit: Visit, found: Invoice) -> Section:
    parts = allocations_of(invoice_id=found.id)
    back = any(part.reversed_minor or part.refunded_minor for part in parts)
    columns = (
        Column("number", "Payment", "code"),
        Column("on", "Applied on", "date"),
        Column("means", "By"),
        Column("amount", "Amount", "money"),
        *(
            (Column("refunded", "Given back", "money"), Column("reversed", "Taken back", "money"))
            if back
            else ()
        ),
    )

    def money(amount_minor: int) -> Money | None:
        return Money(amount_minor, found.currency) if amount_minor else None

    def row(part: Allocation) -> Row:
        cells: tuple[Value, ...] = (
            str(part.payment.number),
            part.allocated_on,
            MEANS.get(part.payment.means, part.payment.means),
            Money(part.amount_minor, found.currency),
        )
        cells = (*cells, money(part.refunded_minor), money(part.reversed_minor)) if back else cells
        return Row(
            cells, payment_url(visit, part.payment_id), tone="warn" if part.reversed_minor else "neutral"
        )

    return Section(
        "payments",
        "Payments",
        Table(columns, tuple(map(row, parts)), "Payments", empty=EmptyState("Nothing is paid yet.")),
    )


def _attempts(visit: Visit, found: Invoice) -> Section:
    columns = (
        Column("n", "Try", "code"),
        Column("on", "Tried", "date"),
        Column("method", "Method", "code"),
        Column("label", "Settlement", "badge"),
        Column("said", "What was said", "prose"),
    )
    days = policies_of(visit.organization).number("collect.reconcile_timeout_days")
    rows = []
    for attempt in attempts_at(found.id):
        label = label_of(attempt, zone=visit.organization.zone, on=visit.desk.today, timeout_days=days)
        rows.append(
            Row(
                (
                    str(attempt.n),
                    attempt.submitted_at or attempt.created_at,
                    f"{attempt.method.brand} {attempt.method.last4}",
                    settlement_badge(label),
                    attempt.apply_error or attempt.message,
                ),
                attempt_url(visit, attempt.id),
                tone="bad" if label.red else "neutral",
            )
        )
    return Section("attempts", "Attempts to collect", Table(columns, tuple(rows), "Attempts"))
