"""A payment's record as a page: what it paid, what was given back or taken back of it, its books and its history."""

from collections.abc import Sequence

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import (
    attempt_url,
    batch_url,
    invoice_url,
    member_url,
    payment_url,
    refund_url,
)
from paidthru.faces.console.badges import MEANS, WENT_BY, refund_badge, review_badge
from paidthru.faces.console.formats import money_text
from paidthru.faces.console.journal_pages import journal_section
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
    Value,
)
from paidthru.faces.console.play_pages import payment_play
from paidthru.faces.console.sentences import moments
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period
from paidthru.ledger.queries import journals_of_source
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Allocation, Payment, Refund, Reversal
from paidthru.payments.queries import allocations_of
from paidthru.payments.queries.refunds import label_of_refund, refunds_of_payment
from paidthru.payments.queries.returns import ReturnedPayment, returned_payments
from paidthru.payments.rules.refunds import RefundState, refundable
from paidthru.timeline.models import Event
from paidthru.timeline.queries import events_of


def left_of(found: Payment) -> int:
    """What can still be given back of a payment, in minor units; nothing while it is disputed."""
    if found.disputed_minor:
        return 0
    return refundable(
        found.amount_minor,
        refunded_minor=found.refunded_minor,
        disputed_minor=found.disputed_minor,
        reversed_minor=found.reversed_minor,
    )


def held_by_processor(found: Payment) -> bool:
    """Whether its money can go back through the processor that took it (A-36)."""
    return found.means in ("card", "bank") and bool(found.gateway_ref) and found.attempt_id is not None


def payment_page(visit: Visit, found: Payment) -> RecordPage:
    """The record, from our own rows alone: the gateway is asked on the attempt's page."""
    refunds = refunds_of_payment(found.id)
    cases = returned_payments(visit.organization.id, payment_id=found.id)
    allocations = allocations_of(payment_id=found.id)
    about = [found.id, *(one.id for one in refunds)]
    about += [found.attempt_id] if found.attempt_id else []
    about += found.disputes.values_list("id", flat=True)
    reversals = list(Reversal.objects.filter(payment=found).values_list("id", flat=True))
    about += reversals
    happened = sorted(
        (event for id_ in about for event in events_of(visit.organization.id, id_)),
        key=lambda event: event.id,
        reverse=True,
    )
    journals = sorted((one for id_ in about for one in journals_of_source(id_)), key=lambda one: one.id)
    return RecordPage(
        title=found.party.name,
        kind="Payment",
        number=str(found.number),
        badges=_badges(found, refunds),
        figures=_figures(found, refunds),
        facts=(
            Fact(visit.words.titled("member"), Link(found.party.name, member_url(visit, found.party_id))),
            *_paid_by(visit, happened),
            Fact("Received on", found.received_on),
            Fact("By", MEANS.get(found.means, found.means), found.reference),
            Fact(
                "Batch", Link(f"{found.batch.number}, {found.batch.name}", batch_url(visit, found.batch_id))
            ),
            *_how_it_came(found),
        ),
        actions=_actions(visit, found),
        warning=_warning(visit, found),
        sections=(
            _allocated(visit, found, allocations),
            *((_refunds(visit, refunds),) if refunds else ()),
            *((_cases(visit, cases),) if cases else ()),
            journal_section(visit, journals),
            *payment_play(visit, found),
        ),
        timeline=moments(happened, visit.organization.locale),
        crumbs=(Link("Payments", visit.url("payments/")),),
        printable=True,
        printed_at=visit.desk.clock.now(),
    )


def _paid_by(visit: Visit, happened: Sequence[Event]) -> tuple[Fact, ...]:
    """Who paid it, where that is somebody else than the member (C-25)."""
    for event in happened:
        if event.verb == "payment_recorded" and "payer_id" in event.facts:
            return (Fact("Paid by", Link(event.facts["payer"], member_url(visit, event.facts["payer_id"]))),)
    return ()


def _badges(found: Payment, refunds: Sequence[Refund]) -> tuple[Badge, ...]:
    waiting = any(one.state == RefundState.REQUESTED for one in refunds)
    return (review_badge(found), *((Badge("Refund waits for approval", "warn"),) if waiting else ()))


def _figures(found: Payment, refunds: Sequence[Refund]) -> tuple[Figure, ...]:
    def money(amount_minor: int) -> Money:
        return Money(amount_minor, found.currency)

    figures = [
        Figure("Amount", money(found.amount_minor)),
        Figure("Applied", money(_applied(found))),
        Figure("Still credit", money(found.unallocated_minor)),
    ]
    given = sum(one.amount_minor for one in refunds if one.state == RefundState.SUCCEEDED)
    if given:
        figures.append(Figure("Given back", money(given)))
    if found.refunded_minor > given:
        figures.append(Figure("Refund waits", money(found.refunded_minor - given), "not given back yet"))
    if found.disputed_minor:
        figures.append(Figure("In dispute", money(found.disputed_minor), tone="bad"))
    if found.reversed_minor:
        figures.append(Figure("Taken back", money(found.reversed_minor), tone="bad"))
    return tuple(figures)


def _applied(found: Payment) -> int:
    """What of it stands against invoices now (minor units)."""
    return sum(
        one.amount_minor - one.reversed_minor - one.refunded_minor
        for one in Allocation.objects.filter(payment=found)
    )


def _how_it_came(found: Payment) -> tuple[Fact, ...]:
    if found.attempt is None:
        return (Fact("Processor’s reference", found.gateway_ref),) if found.gateway_ref else ()
    method = found.attempt.method
    return (
        Fact("Method", Text(f"{method.brand} ending in {method.last4}")),
        Fact("Taken at", found.taken_at),
        Fact("Attempt", f"{found.attempt.n}"),
        Fact("Processor’s reference", found.gateway_ref),
    )


def _actions(visit: Visit, found: Payment) -> tuple[Action, ...]:
    """What this person may do about it now."""
    here, left = payment_url(visit, found.id), left_of(found)
    actions = []
    if visit.may("refund") and left:
        if held_by_processor(found):
            actions.append(Action("Refund", f"{here}refund/", "primary"))
        actions.append(Action("Record a refund made elsewhere", f"{here}record-refund/"))
    if visit.may("reverse") and left and found.means != "card":
        actions.append(Action("Reverse", f"{here}reverse/"))
        if found.attempt_id is None and not found.gateway_ref and found.batch.state != "posted":
            actions.append(Action("Correct", f"{here}correct/"))
    if visit.may("reverse") and not found.disputed_minor and _applied(found):
        actions.append(Action("Take off its invoices", f"{here}take-off/"))
    if visit.may("record_payment") and found.unallocated_minor:
        actions.append(Action("Apply the credit", f"{member_url(visit, found.party_id)}credit/"))
    if found.attempt_id:
        actions.append(Action("Live", f"{attempt_url(visit, found.attempt_id)}#live", icon="search"))
    actions.append(Action("Receipt (PDF)", f"{here}pdf/"))
    return tuple(actions)


def _warning(visit: Visit, found: Payment) -> Problem | None:
    if found.disputed_minor:
        amount = money_text(Money(found.disputed_minor, found.currency), visit.organization.locale)
        return Problem(
            "This payment is disputed",
            f"{amount} is held back until the bank has decided. It can’t be refunded meanwhile: the member could"
            " have it twice.",
            way_out="Answer the dispute at the processor before its deadline.",
        )
    if found.attempt is not None and found.attempt.apply_error and found.unallocated_minor:
        return Problem(
            "The money could not be applied to its invoice",
            found.attempt.apply_error,
            way_out="It is kept as the member’s credit: refund it, or let it pay what they owe next.",
        )
    return None


def _allocated(visit: Visit, found: Payment, parts: Sequence[Allocation]) -> Section:
    back = any(part.reversed_minor or part.refunded_minor for part in parts)
    columns = (
        Column("invoice", "Invoice", "code"),
        Column("line", "Line"),
        Column("term", "Term"),
        Column("on", "Applied on", "date"),
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
            Link(part.invoice.label, invoice_url(visit, part.invoice_id)),
            Text("Primary fee" if part.receivable.is_primary else "Further fee"),
            Period(part.receivable.period_start, part.receivable.period_end),
            part.allocated_on,
            Money(part.amount_minor, found.currency),
        )
        return Row((*cells, money(part.refunded_minor), money(part.reversed_minor)) if back else cells)

    sums: tuple[Value, ...] = (
        "Together" if back else "Applied",
        None,
        None,
        None,
        Money(sum(p.amount_minor for p in parts), found.currency),
    )
    if back:
        sums = (
            *sums,
            money(sum(p.refunded_minor for p in parts)),
            money(sum(p.reversed_minor for p in parts)),
        )
    return Section(
        "applied",
        "What it paid",
        Table(
            columns,
            tuple(row(part) for part in parts),
            "What it paid",
            Row(sums) if parts else None,
            EmptyState("Nothing:", "all that is left of it stands as the member’s credit."),
        ),
    )


def _refunds(visit: Visit, refunds: Sequence[Refund]) -> Section:
    columns = (
        Column("number", "Refund", "code"),
        Column("asked", "Asked for", "date"),
        Column("by", "By"),
        Column("via", "Through"),
        Column("amount", "Amount", "money"),
        Column("state", "Status", "badge"),
    )
    days = policies_of(visit.organization).number("collect.reconcile_timeout_days")
    rows = []
    for one in refunds:
        label = label_of_refund(one, zone=visit.organization.zone, on=visit.desk.today, timeout_days=days)
        cells = (
            str(one.number),
            one.requested_at,
            one.requested_by,
            WENT_BY.get(one.via, one.via),
            Money(one.amount_minor, one.currency),
            refund_badge(label),
        )
        rows.append(Row(cells, refund_url(visit, one.id), tone="bad" if label.red else "neutral"))
    return Section("refunds", "Refunds", Table(columns, tuple(rows), "Refunds"))


def _cases(visit: Visit, cases: Sequence[ReturnedPayment]) -> Section:
    columns = (
        Column("on", "Date", "date"),
        Column("what", "What happened", "prose"),
        Column("step", "Next step", "prose"),
        Column("amount", "Amount", "money"),
        Column("state", "Status", "badge"),
    )
    rows = tuple(
        Row(
            (
                case.on,
                Text(case.words, f"{case.code} {case.trace}".strip()),
                case.next_step,
                Money(case.amount_minor, case.currency),
                case_badge(case.kind, case.state),
            )
        )
        for case in cases
    )
    return Section("taken-back", "Taken back", Table(columns, rows, "Taken back"))


def case_badge(kind: str, state: str) -> Badge:
    """Where money stands that somebody took back, or wants to."""
    if kind == "reversal":
        return Badge("Reversed", "warn")
    if kind == "return":
        return Badge("Returned", "bad")
    return {
        "open": Badge("Dispute open", "bad"),
        "won": Badge("Dispute won", "good"),
        "lost": Badge("Dispute lost", "bad"),
    }.get(state, Badge(state.capitalize()))
