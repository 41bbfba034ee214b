"""Why a member stands as they do, told in sentences; and why they were, or weren't, billed (A-54)."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404

from paidthru.dunning.models import CLOSED, Case, Step
from paidthru.dunning.queries import figures_of, present_pause, steps_of
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import attempt_url, invoice_url, member_url, run_url
from paidthru.faces.console.badges import invoice_badge
from paidthru.faces.console.case_pages import MAILS, WITHHELD, next_text
from paidthru.faces.console.ending_pages import cause_text, status_changes
from paidthru.faces.console.formats import day_text, money_text, period_text, reader_text
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import Action, Badge, Column, EmptyState, Link, Row, Table, Value
from paidthru.faces.console.run_pages import REASONS
from paidthru.faces.console.views.cases import case_url
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import asked_on, credit_notes_of_source
from paidthru.kernel.clock import local_date
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period
from paidthru.membership.models import Membership, RunItem
from paidthru.membership.queries import label_on, memberships_of
from paidthru.membership.queries.history import CausedChange
from paidthru.membership.queries.running import decisions_on
from paidthru.membership.rules.renewal import Skipped
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import CATALOGUE
from paidthru.payments.models import Attempt
from paidthru.payments.queries import attempts_at
from paidthru.payments.rules.decline_codes import known
from paidthru.people.models import Party
from paidthru.runs.coming_steps import coming_steps
from paidthru.runs.impact import decided_today

_GOOD = ("Active", "Pending")
_NOTES = 20  # of credit notes that a story tells


class Told(NamedTuple):
    """A sentence of the story, on its local date, with where to read on."""

    on: date
    sentence: str
    href: str = ""


@staff_page("view")
def why(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """The story of how a member came to stand as they do, and what runs decided on them."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    memberships = memberships_of(party.id)
    if not memberships:
        raise Http404
    current = memberships[0]
    changes = status_changes(visit, party)
    told = sorted(dict.fromkeys(_story(visit, current, changes)), key=lambda one: one.on)
    label = label_on(current, policies_of(visit.organization), visit.desk.today)
    rows = tuple(
        Row((one.on, reader_text(one.sentence, visit.organization.locale)), one.href or None) for one in told
    )
    columns = (Column("on", "On", "date"), Column("what", "What happened", "prose"))
    return visit.page(
        RecordPage(
            title=f"Why {party.name} is {label}",
            intro=_headline(visit, party, current, changes),
            sections=(
                Section(
                    "story",
                    "How it came to this",
                    Table(
                        columns, rows, "How it came to this", empty=EmptyState("Nothing has happened yet.")
                    ),
                    text=_decided_by(visit, current) if label not in _GOOD else "",
                ),
                _billing(visit, party, current),
            ),
            actions=(Action("Everything that happened", f"{member_url(visit, party.id)}?all=1#timeline"),),
            crumbs=(
                Link(visit.words.titled("members"), visit.url("members/")),
                Link(party.name, member_url(visit, party.id)),
            ),
        ),
        "members",
    )


def _headline(visit: Visit, party: Party, current: Membership, changes: list[CausedChange]) -> str:
    """The answer in a sentence: since when, and what did it."""
    if not changes:
        return ""
    newest, locale = changes[0], visit.organization.locale
    since = day_text(newest.change.on, locale, "long")
    unpaid = f" {_unpaid(visit, current)}" if newest.change.label not in _GOOD else ""
    return reader_text(
        f"{party.name} has been {newest.change.label} since {since}. {cause_text(newest, locale)}{unpaid}",
        locale,
    )


def _unpaid(visit: Visit, current: Membership) -> str:
    """What was not paid, in a sentence; "" where nothing is known."""
    case = _latest_case(current)
    if case is None:
        return ""
    owed, locale = case.receivable, visit.organization.locale
    term = period_text(Period(owed.period_start, owed.period_end), locale)
    amount = money_text(Money(owed.amount_minor, owed.currency), locale)
    return f"The {visit.words.dues} for {term}, {amount}, were not paid when they were due."


def _latest_case(current: Membership) -> Case | None:
    found = Case.objects.filter(membership_id=current.id).select_related("receivable")
    return found.order_by("-opened_on", "-id").first()


def _story(visit: Visit, current: Membership, changes: list[CausedChange]) -> Iterator[Told]:
    """What led from the last good standing to the present one: what was asked for, every try, every mail, the end."""
    locale = visit.organization.locale
    last = next((n for n, one in enumerate(changes) if one.change.label in _GOOD), len(changes))
    for one in changes[: last + 1][::-1]:
        yield Told(one.change.on, f"{one.change.label} from this day. {cause_text(one, locale)}")
    case = _latest_case(current) if last else None
    if case is not None:
        yield from _of_case(visit, case)
    for note in credit_notes_of_source(current.id, current.paid_by, limit=_NOTES):
        amount = money_text(Money(note.amount_minor, note.currency), locale)
        why = f" {note.reason}" if note.reason else ""
        said = f"Credit note {note.number} took {amount} back of invoice {note.invoice.label}.{why}"
        yield Told(note.issued_on, said, invoice_url(visit, note.invoice_id))


def _of_case(visit: Visit, case: Case) -> Iterator[Told]:
    zone = visit.organization.zone
    here = case_url(visit, case.id)
    for invoice in asked_on([case.receivable_id])[case.receivable_id]:
        yield Told(invoice.bill_on, _asked(visit, case, invoice), invoice_url(visit, invoice.id))
        for attempt in attempts_at(invoice.id):
            on = local_date(attempt.concluded_at or attempt.created_at, zone)
            yield Told(on, _tried(visit, attempt, invoice), attempt_url(visit, attempt.id))
    for step in steps_of(case.id):
        yield Told(local_date(step.done_at, zone), _stepped(step), here)
    if case.closed_on is not None:
        why = f": {case.closed_why}" if case.closed_why else ""
        yield Told(case.closed_on, f"{CLOSED[case.closed_because]}{why}.", here)
        return
    coming, tries = coming_steps(visit.desk, [case])[case.id], figures_of([case.id])[case.id][2]
    follows, day = next_text(case, coming, present_pause(case.id), visit.desk.today, tries)
    yield Told(day or visit.desk.today, f"Next: {follows}." if day else f"{follows}.", here)


def _asked(visit: Visit, case: Case, invoice: Invoice) -> str:
    locale, owed = visit.organization.locale, case.receivable
    term = period_text(Period(owed.period_start, owed.period_end), locale)
    amount = money_text(Money(invoice.total_minor, invoice.currency), locale)
    return f"Invoice {invoice.label} asked for {amount} for {term}, due on {day_text(owed.due_on, locale)}."


def _tried(visit: Visit, attempt: Attempt, invoice: Invoice) -> str:
    amount = money_text(Money(attempt.intent.amount_minor, invoice.currency), visit.organization.locale)
    what = attempt.state.replace("_", " ")
    code = known(attempt.decline_code) if attempt.decline_code else None
    return f"Tried to collect {amount}: {what}. {code.words if code else ''}".strip()


def _stepped(step: Step) -> str:
    what = MAILS.get(step.mail) or ("Called past due" if step.key == "status" else "Left to staff")
    if step.state == "done":
        return f"{what} was mailed." if step.mail else f"{what}."
    reason = WITHHELD.get(step.reason, step.reason)
    return f"{what} was {step.state}: {reason}." if reason else f"{what} was {step.state}."


def _decided_by(visit: Visit, current: Membership) -> str:
    """Which policy says what becomes of whoever doesn't pay, and where it was decided."""
    policies, key = policies_of(visit.organization), "collect.on_exhausted"
    found = policies.effective(
        key, subscription=str(current.id), plan=str(current.plan_id), customer=str(current.party_id)
    )
    policy = CATALOGUE[key]
    where = f"the preset {visit.organization.preset}" if found.source == "preset" else f"the {found.source}"
    return f"{policy.title}: {policy.said(found.value)} ({key}, from {where})."


def _billing(visit: Visit, party: Party, current: Membership) -> Section:
    """What a run would decide today, and what the latest ones decided."""
    locale, currency = visit.organization.locale, current.plan.currency
    decided = decided_today(visit.desk, current.id)
    if decided is None:
        today = f"If a run were generated today, it would not look at {party.name}: the membership has ended."
    elif isinstance(decided, Skipped):
        reason = REASONS.get(decided.reason, decided.reason)
        today = f"If a run were generated today, it would leave {party.name} out. {reason}. {decided.detail}"
    else:
        amount = money_text(Money(decided.total_minor, currency), locale)
        term = period_text(Period(decided.start, decided.end), locale)
        today = (
            f"If a run were generated today, it would bill {party.name} {amount} for {term}. {decided.detail}"
        )
    columns = (
        Column("run", "Run"),
        Column("on", "Effective", "date"),
        Column("outcome", "Outcome", "badge"),
        Column("amount", "Amount", "money"),
        Column("why", "Why", "prose"),
    )
    rows = tuple(
        Row(
            (one.run.name, one.run.effective_on, *_outcome(one, currency), reader_text(said, locale)),
            run_url(visit, one.run_id),
        )
        for one, said in _whys(visit, decisions_on(visit.organization.id, current.id))
    )
    return Section(
        "billing",
        "Why billed, or not",
        Table(
            columns, rows, "Why billed, or not", empty=EmptyState("No run has looked at this membership yet.")
        ),
        text=reader_text(today, locale),
    )


def _outcome(item: RunItem, currency: str) -> tuple[Value, Value]:
    if item.reason:
        return Badge("Left out", "neutral"), None
    if item.outcome == "refused":
        return Badge("Refused", "warn"), None
    billed = Badge("Billed", "good") if item.run.committed_at else Badge("Proposed", "info")
    return billed, Money(item.total_minor, currency)


def _whys(visit: Visit, items: Sequence[RunItem]) -> Iterator[tuple[RunItem, str]]:
    """What runs decided, each with why, and with what became of the invoice that came of it."""
    numbers = {
        one.id: (one.run.first_number or 0) + one.ordinal
        for one in items
        if one.ordinal is not None and one.run.committed_at and one.outcome != "refused"
    }
    found = Invoice.objects.filter(organization=visit.organization, number__in=numbers.values())
    invoices = {one.number: one for one in found.prefetch_related("credit_notes")}
    for one in items:
        reason = REASONS.get(one.reason, one.reason)
        said = f"{reason}. {one.detail}" if one.reason else one.detail
        invoice = invoices.get(numbers.get(one.id))
        yield one, f"{said} {_became(visit, invoice)}" if invoice else said


def _became(visit: Visit, invoice: Invoice) -> str:
    """An invoice's state today, and what was taken back of it."""
    badge = invoice_badge(invoice, visit.desk.today)
    notes = " and ".join(str(note.number) for note in invoice.credit_notes.all())
    taken = f", credited by credit note {notes}" if notes else ""
    return f"Invoice {invoice.label} is {badge.label.lower()}{taken}."
