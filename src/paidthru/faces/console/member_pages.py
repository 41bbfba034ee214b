"""A member's record as a page: key facts, terms, invoices, payments, attempts and the timeline."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import (
    attempt_url,
    invoice_url,
    member_url,
    payment_url,
    run_url,
    subject_url,
)
from paidthru.faces.console.badges import (
    CAME_BY,
    MEANS,
    amounts,
    invoice_badge,
    label_badge,
    method_text,
    review_badge,
    settlement_badge,
)
from paidthru.faces.console.change_actions import change_actions, change_facts, led
from paidthru.faces.console.discount_pages import give_action, own_discounts
from paidthru.faces.console.ending_pages import (
    ending_actions,
    ending_badge,
    ending_facts,
    history_section,
)
from paidthru.faces.console.formats import day_text, reader_text
from paidthru.faces.console.household_pages import household_facts, people_section
from paidthru.faces.console.mail_pages import mails_section
from paidthru.faces.console.pages import Problem, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
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
from paidthru.faces.console.payer_pages import paid_for_section, payer_action, payer_facts
from paidthru.faces.console.sentences import moments
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import invoices_of, invoices_of_terms, overdue_of, owed_by
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period
from paidthru.membership.models import Membership, Term
from paidthru.membership.operations.returning import is_former
from paidthru.membership.queries import NextCharge, label_on, memberships_of, next_charge, terms_of
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.organizations.rules.vocabulary import Words
from paidthru.payments.models import Attempt, Payment, PaymentMethod
from paidthru.payments.queries import (
    active_method,
    attempts_made,
    credit_of,
    invoices_by_intent,
    invoices_by_payment,
    is_expired,
    label_of,
    payments_received,
)
from paidthru.people.models import Party
from paidthru.timeline.queries import events_of_party

SHOWN = 12  # rows of a section, until all are asked for
HAPPENINGS = 40
_ALL = 5_000


def member_page(visit: Visit, party: Party, *, whole: bool) -> RecordPage:
    """The record; `whole` shows every row of each section."""
    today, policies = visit.desk.today, policies_of(visit.organization)
    memberships = memberships_of(party.id)
    current = memberships[0] if memberships else None
    method = active_method(current.paid_by if current else party.id)
    coming = next_charge(current, policies, today) if current else None
    more = f"{member_url(visit, party.id)}?all=1"
    limit = _ALL if whole else SHOWN
    happened = events_of_party(visit.organization.id, party.id, limit=(_ALL if whole else HAPPENINGS) + 1)
    cut = len(happened) > HAPPENINGS and not whole
    return RecordPage(
        title=party.name,
        kind="Household"
        if party.kind == "household"
        else visit.words.titled("member")
        if current
        else "Contact",
        number=str(party.number),
        badges=_badges(visit, current, policies, today),
        figures=_figures(visit, party, current, coming, policies),
        facts=(
            *_facts(
                visit.words, party, current, memberships, method, coming, today, visit.organization.locale
            ),
            *change_facts(visit, current),
            *ending_facts(visit, current, policies),
            *household_facts(visit, party, policies),
            *payer_facts(visit, current),
            *((Fact("No tax is billed", party.tax_exempt),) if party.tax_exempt else ()),
        ),
        actions=_actions(visit, party, current),
        warning=_warning(visit, current, method, f"{member_url(visit, party.id)}link/"),
        sections=(
            _terms(visit, memberships, limit, more),
            _invoices(visit, party.id, limit, more),
            _payments(visit, party.id, limit, more),
            _attempts(visit, party.id, policies, limit, more),
            *((history_section(visit, party, limit, more),) if current else ()),
            *people_section(visit, party, policies, limit, more),
            *paid_for_section(visit, party, policies),
            *own_discounts(visit, party, limit, more),
            mails_section(visit, party.id, limit, more),
            *((Section("notes", "Notes", text=party.notes),) if party.notes else ()),
        ),
        timeline=moments(
            happened[:HAPPENINGS] if cut else happened,
            visit.organization.locale,
            lambda kind, id_: subject_url(visit, kind, id_),
        ),
        timeline_more=Link("Everything that happened", f"{more}#timeline") if cut else None,
        crumbs=(Link(visit.words.titled("members"), visit.url("members/")),),
    )


def _badges(visit: Visit, current: Membership | None, policies: Policies, today: date) -> tuple[Badge, ...]:
    if current is None:
        return (Badge("No membership"),)
    found = [label_badge(label_on(current, policies, today))]
    if current.autopay and current.state != "ended":
        found.append(Badge("AutoPay", "info"))
    return (*found, *ending_badge(visit, current))


def _figures(
    visit: Visit, party: Party, current: Membership | None, coming: NextCharge | None, policies: Policies
) -> tuple[Figure, ...]:
    currency, today = visit.organization.currency, visit.desk.today
    late = overdue_of(party.id, today)
    tone: Tone = "bad" if late else "neutral"
    owed = [
        Figure("Balance owed", amount, f"{late} overdue" if late else "", tone)
        for amount in amounts(owed_by(party.id), currency)
    ]
    credit = [Figure("Credit", amount) for amount in amounts(credit_of(party.id), currency)]
    paid = Figure("Paid through", current.paid_through if current else None)
    return (paid, *_next(visit, current, coming, policies), *owed, *credit)


def _next(
    visit: Visit, current: Membership | None, coming: NextCharge | None, policies: Policies
) -> tuple[Figure, ...]:
    """What comes next and when."""
    if current is None:
        return ()
    title = "Next charge" if current.autopay else "Next bill"
    if coming is None:
        return (Figure(title, None, "nothing renews by itself"),)
    on = day_text(coming.on, visit.organization.locale)
    by_run = policies.word("billing.trigger") == "staff_run" and coming.is_renewal
    return (
        Figure(
            title,
            Money(coming.amount_minor, coming.currency),
            f"by a renewal run, from {on}" if by_run else f"on {on}",
        ),
    )


def _facts(
    words: Words,
    party: Party,
    current: Membership | None,
    memberships: Sequence[Membership],
    method: PaymentMethod | None,
    coming: NextCharge | None,
    today: date,
    locale: str,
) -> tuple[Fact, ...]:
    found = [
        Fact(words.titled("plan"), current.plan.name if current else None),
        Fact("Member since", min((m.joined_on for m in memberships if m.joined_on), default=None)),
        Fact("Billing cycle started", _cycle_started(current, today)),
        Fact("Renewed through", current.renewed_through if current else None),
        Fact("Payment method", method_text(method)),
        Fact("Why the next amount", reader_text(coming.why, locale) if coming else None),
        Fact("E-mail", party.email),
        Fact("Phone", party.phone),
        Fact("Type", party.customer_type),
        Fact("Roster id", party.external_id),
    ]
    if current and current.state == "ending":
        found.insert(2, Fact("Ends on", current.cancel_on))
    always = {
        words.titled("plan"),
        "Member since",
        "Billing cycle started",
        "Renewed through",
        "Payment method",
        "E-mail",
    }
    return tuple(fact for fact in found if fact.label in always or fact.value)


def _cycle_started(current: Membership | None, today: date) -> date | None:
    if current is None:
        return None
    begun = [term.start_on for term in terms_of([current.id]) if term.start_on <= today and not term.canceled]
    return max(begun, default=current.anchor_on)


def _money_actions(party: Party, here: str) -> list[Action]:
    """Money that came, and credit where there is an open invoice for it."""
    found = [Action("Record a payment", f"{here}pay/", "primary", icon="coins")]
    if credit_of(party.id).keys() & owed_by(party.id).keys():
        found.append(Action("Apply credit", f"{here}credit/"))
    return found


def _actions(visit: Visit, party: Party, current: Membership | None) -> tuple[Action, ...]:
    here = member_url(visit, party.id)
    found = []
    gone = current is None or current.state == "ended" or is_former(current, visit.desk.today)
    if visit.may("renew") and gone:
        found.append(Action("Start again" if current else "Add membership", f"{here}join/"))
    elif visit.may("renew") and current and current.plan.kind == "prepaid":  # C-24
        found.append(Action("Add a further term", f"{here}join/"))
    if visit.may("record_payment"):
        found += _money_actions(party, here)
    if visit.may("charge") and active_method(party.id) is not None:
        found.append(Action("Charge now", f"{here}charge/"))
    if visit.may("send_link") and visit.takes_cards:
        found.append(Action("Send a secure link", f"{here}link/", icon="send"))
    if visit.may("charge") and active_method(party.id) is not None:
        found.append(Action("Remove the payment method", f"{here}method/remove/", ask=True))
    found += change_actions(visit, party, current)
    found += ending_actions(visit, party, current)
    if visit.may("charge"):
        if visit.organization.is_sandbox:
            found.append(Action("Give a test card", f"{here}card/"))
        if current and current.state != "ended":
            on = not current.autopay
            found.append(
                Action(
                    "Enroll in AutoPay" if on else "Take off AutoPay",
                    f"{here}autopay/",
                    method="post",
                    fields=(("on", "yes" if on else "no"),),
                )
            )
    found += payer_action(visit, party, current)
    found += give_action(visit, party)
    found += _paper_actions(visit, party, here)
    if visit.may("set_policy"):
        found.append(Action("Tax", f"{here}tax/"))
        found.append(Action("Policies", visit.url(f"settings/members/{party.id}/")))
    return led(visit, found, owes=any(owed_by(party.id).values()))


def _paper_actions(visit: Visit, party: Party, here: str) -> list[Action]:
    """What concerns documents."""
    return [
        *((Action("Address and language", f"{here}postal/"),) if visit.may("record_payment") else ()),
        *(
            (Action("New invoice", visit.url(f"invoices/new/?member={party.id}")),)
            if visit.may("charge")
            else ()
        ),
        Action("Statement of account", f"{here}statement/"),
    ]


def _warning(
    visit: Visit, current: Membership | None, method: PaymentMethod | None, link: str
) -> Problem | None:
    """What will keep autopay from working, said before it does (C-14, C-16)."""
    if current is None or not current.autopay or current.state == "ended":
        return None
    if current.payer is not None:
        link = f"{member_url(visit, current.payer.id)}link/"
    add = "Send whoever pays a link to add one; staff never enter card or bank details."
    send = (Action("Send a secure link", link),) if visit.may("send_link") and visit.takes_cards else ()
    if not visit.takes_cards:
        add = (
            "Connect a payment processor first (Settings, Payments); then send the member a link to add one."
        )
    if visit.organization.is_sandbox:
        add = "This is a sandbox: give the member a test card."
    if method is None:
        return Problem(
            "AutoPay has nothing to charge", "There is no payment method on file.", way_out=add, actions=send
        )
    if is_expired(method, visit.desk.today):
        return Problem(
            "The payment method has expired",
            f"{method.brand} ending in {method.last4} can't be charged any more.",
            way_out=add,
            actions=send,
        )
    return None


# ---------------------------------------------------------------- sections


def _cut(rows: Sequence[Row], limit: int) -> tuple[Row, ...]:
    return tuple(rows[:limit])


def _more(rows: Sequence[object], limit: int, what: str, href: str) -> Link | None:
    return Link(f"All {what}", href) if len(rows) > limit else None


def _terms(visit: Visit, memberships: Sequence[Membership], limit: int, more: str) -> Section:
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
            _cut(rows, limit),
            "Terms",
            empty=EmptyState("No term yet.", "The first one begins with joining."),
        ),
        more=_more(rows, limit, "terms", f"{more}#terms"),
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


def _invoices(visit: Visit, party_id: UUID, limit: int, more: str) -> Section:
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
            _cut(rows, limit),
            "Invoices",
            empty=EmptyState("No invoice yet.", "A renewal run or joining bills."),
        ),
        more=_more(rows, limit, "invoices", f"{more}#invoices"),
    )


def _payments(visit: Visit, party_id: UUID, limit: int, more: str) -> Section:
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
            _cut(rows, limit),
            "Payments",
            empty=EmptyState("No payment yet."),
        ),
        more=_more(rows, limit, "payments", f"{more}#payments"),
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


def _attempts(visit: Visit, party_id: UUID, policies: Policies, limit: int, more: str) -> Section:
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
            _cut(rows, limit),
            "Attempts",
            empty=EmptyState("Nothing was collected by card or bank debit yet."),
        ),
        more=_more(rows, limit, "attempts", f"{more}#attempts"),
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
