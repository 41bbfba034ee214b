"""What a member's record lists: terms, invoices, payments and attempts."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import (
    attempt_url,
    invoice_url,
    payment_url,
    run_url,
)
from paidthru.faces.console.badges import (
    CAME_BY,
    MEANS,
    invoice_badge,
    review_badge,
    settlement_badge,
)
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import (
    Column,
    EmptyState,
    Link,
    Row,
    Table,
    Text,
    Value,
)
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import invoices_of, invoices_of_terms
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period
from paidthru.membership.models import Membership, Term
from paidthru.membership.queries import terms_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.models import Attempt, Payment
from paidthru.payments.queries import (
    attempts_made,
    invoices_by_intent,
    invoices_by_payment,
    label_of,
    payments_received,
)


def cut_rows(rows: Sequence[Row], limit: int) -> tuple[Row, ...]:
    """As many rows as are shown."""
    return tuple(rows[:limit])


def more_link(rows: Sequence[object], limit: int, what: str, href: str) -> Link | None:
    """The way to all of them, where there are more."""
    return Link(f"All {what}", href) if len(rows) > limit else None


def terms_section(visit: Visit, memberships: Sequence[Membership], limit: int, more: str) -> Section:
    """The terms that were billed, the newest first."""
    terms = terms_of([membership.id for membership in memberships])
    billed = invoices_of_terms([membership.id for membership in memberships])
    currency = {membership.id: membership.plan.currency for membership in memberships}
    columns = (
        Column("term", "Term"),
        Column("plan", "Plan"),
        Column("amount", "Amount", "money"),
        Column("paid", "Paid on", "date"),
        Column("came", "How it came"),
        Column("invoice", "Invoice", "code"),
    )
    rows = [_term(visit, term, currency[term.membership_id], billed) for term in terms[: limit + 1]]
    return Section(
        "terms",
        "Terms",
        Table(
            columns,
            cut_rows(rows, limit),
            "Terms",
            empty=EmptyState("No term yet.", "The first one begins with joining."),
        ),
        more=more_link(rows, limit, "terms", f"{more}#terms"),
    )


def _term(visit: Visit, term: Term, currency: str, billed: dict[tuple[UUID, date], Invoice]) -> Row:
    invoice = billed.get((term.membership_id, term.start_on))
    came: Value = CAME_BY.get(term.source, term.source)
    if term.run_id:
        came = Link(str(came), run_url(visit, term.run_id))
    if term.canceled:
        came = Text("Canceled", CAME_BY.get(term.source, term.source))
    return Row(
        (
            Period(term.start_on, term.end_on),
            term.plan.name,
            Money(term.amount_minor, currency) if invoice else None,
            None if term.source == "import" else term.paid_on,  # when it was paid, nobody told us
            came,
            Link(invoice.label, invoice_url(visit, invoice.id)) if invoice else None,
        )
    )


def invoices_section(visit: Visit, party_id: UUID, limit: int, more: str) -> Section:
    """The invoices, the newest first."""
    columns = (
        Column("number", "Number", "code"),
        Column("billed", "Billed", "date"),
        Column("due", "Due", "date"),
        Column("state", "State", "badge"),
        Column("total", "Total", "money"),
        Column("balance", "Balance", "money"),
    )
    rows = [
        Row(
            (
                invoice.label,
                invoice.bill_on,
                invoice.due_on,
                invoice_badge(invoice, visit.desk.today),
                Money(invoice.total_minor, invoice.currency),
                Money(invoice.balance_minor, invoice.currency),
            ),
            invoice_url(visit, invoice.id),
        )
        for invoice in invoices_of(party_id)[: limit + 1]
    ]
    return Section(
        "invoices",
        "Invoices",
        Table(
            columns,
            cut_rows(rows, limit),
            "Invoices",
            empty=EmptyState("No invoice yet.", "A renewal run or joining bills."),
        ),
        more=more_link(rows, limit, "invoices", f"{more}#invoices"),
    )


def payments_section(visit: Visit, party_id: UUID, limit: int, more: str) -> Section:
    """The payments, the newest first."""
    columns = (
        Column("number", "Number", "code"),
        Column("received", "Received", "date"),
        Column("means", "By"),
        Column("invoice", "Invoice", "code"),
        Column("amount", "Amount", "money"),
        Column("credit", "Still credit", "money"),
        Column("status", "Status", "badge"),
    )
    found = list(
        payments_received(visit.organization.id).filter(party_id=party_id).order_by("-number")[: limit + 1]
    )
    paid = invoices_by_payment([payment.id for payment in found])
    rows = [_payment(visit, payment, paid[payment.id]) for payment in found]
    return Section(
        "payments",
        "Payments",
        Table(
            columns,
            cut_rows(rows, limit),
            "Payments",
            empty=EmptyState("No payment yet."),
        ),
        more=more_link(rows, limit, "payments", f"{more}#payments"),
    )


def _payment(visit: Visit, payment: Payment, invoices: Sequence[Invoice]) -> Row:
    left = payment.unallocated_minor
    return Row(
        (
            str(payment.number),
            payment.received_on,
            MEANS.get(payment.means, payment.means),
            invoice_links(visit, invoices),
            Money(payment.amount_minor, payment.currency),
            Money(left, payment.currency) if left else None,
            review_badge(payment),
        ),
        payment_url(visit, payment.id),
    )


def invoice_links(visit: Visit, invoices: Sequence[Invoice]) -> Value:
    """The way to the invoice; of several, to the first, with how many more there are (I-67)."""
    if not invoices:
        return None
    others = len(invoices) - 1
    return Link(invoices[0].label, invoice_url(visit, invoices[0].id), f"and {others} more" if others else "")


def attempts_section(visit: Visit, party_id: UUID, policies: Policies, limit: int, more: str) -> Section:
    """The tries to collect, the newest first."""
    columns = (
        Column("on", "Tried", "date"),
        Column("invoice", "Invoice", "code"),
        Column("method", "Method", "code"),
        Column("amount", "Amount", "money"),
        Column("label", "Settlement", "badge"),
        Column("said", "What was said", "prose"),
    )
    found = list(attempts_made(visit.organization.id).filter(party_id=party_id).order_by("-id")[: limit + 1])
    about = invoices_by_intent([attempt.intent_id for attempt in found])
    days = policies.number("collect.reconcile_timeout_days")
    rows = [_attempt(visit, attempt, about[attempt.intent_id], days) for attempt in found]
    return Section(
        "attempts",
        "Attempts to collect",
        Table(
            columns,
            cut_rows(rows, limit),
            "Attempts",
            empty=EmptyState("Nothing was collected by card or bank debit yet."),
        ),
        more=more_link(rows, limit, "attempts", f"{more}#attempts"),
    )


def _attempt(visit: Visit, attempt: Attempt, invoices: Sequence[Invoice], days: int) -> Row:
    label = label_of(attempt, zone=visit.organization.zone, on=visit.desk.today, timeout_days=days)
    return Row(
        (
            attempt.submitted_at or attempt.created_at,
            invoice_links(visit, invoices),
            f"{attempt.method.brand} {attempt.method.last4}",
            Money(attempt.intent.amount_minor, attempt.intent.currency),
            settlement_badge(label),
            attempt.apply_error or attempt.message,
        ),
        attempt_url(visit, attempt.id),
        tone="bad" if label.red else "neutral",
    )
