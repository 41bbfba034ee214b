"""Attempts at collecting as rows and as a page of their own: what we asked the gateway, and what it said."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import attempt_url, invoice_url, member_url
from paidthru.faces.console.pages import Problem, RecordPage, Section
from paidthru.faces.console.parts import (
    Badge,
    Column,
    EmptyState,
    Fact,
    Link,
    Row,
    Table,
    Text,
    Tone,
    Value,
)
from paidthru.faces.console.sentences import moments
from paidthru.invoicing.models import Invoice
from paidthru.kernel.money import Money
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Attempt
from paidthru.payments.queries import label_of
from paidthru.payments.rules.settlement import ResultLabel, SettlementLabel, result_label
from paidthru.timeline.models import Event
from paidthru.wiring import levers_of

_TONES: Mapping[SettlementLabel, Tone] = {
    SettlementLabel.SETTLED: "good",
    SettlementLabel.IN_PROGRESS: "info",
    SettlementLabel.NOT_SETTLED: "warn",
}

WHAT_IT_MEANS: Mapping[SettlementLabel, str] = {
    SettlementLabel.AWAITING_SYNC: "It waits to be sent; a worker sends it in a moment.",
    SettlementLabel.IN_PROGRESS: "The gateway has it and has not given a final answer. It is asked again by itself, "
    "and the invoice is not collected a second time meanwhile.",
    SettlementLabel.NOT_SETTLED: "No money was applied to the invoice. The invoice is open, and may be submitted again "
    "while tries are left or when the member has a new payment method.",
    SettlementLabel.SETTLED: "The money came and stands against the invoice.",
    SettlementLabel.FAILED_TO_SETTLE: "The money came but could not be applied to its invoice. It is kept as the "
    "member's credit: apply it to another invoice, or refund it.",
    SettlementLabel.UNKNOWN: "The gateway said something that is not understood, or a person has to look. Compare with "
    "the gateway's own records; it is never tried again by itself.",
    SettlementLabel.TIMED_OUT: "The gateway has been silent for days. It goes on being asked, and a late answer still "
    "counts; the invoice is not collected a second time until the answer is known.",
}


class Labels:
    """Settlement states of a visit's attempts: the same day, zone and patience for all of a page."""

    def __init__(self, visit: Visit) -> None:
        self._zone = visit.organization.zone
        self._on = visit.desk.today
        self._days = policies_of(visit.organization).number("collect.reconcile_timeout_days")

    def of(self, attempt: Attempt) -> SettlementLabel:
        """The state that staff read."""
        return label_of(attempt, zone=self._zone, on=self._on, timeout_days=self._days)


def label_badge(label: SettlementLabel) -> Badge:
    """Red where somebody has to look (I-48, I-52)."""
    return Badge(label.value, "bad" if label.red else _TONES.get(label, "neutral"))


def result_badge(attempt: Attempt) -> Badge | None:
    """Completed, Failed, or nothing while it is open (I-58)."""
    result = result_label(attempt.state)
    return Badge(result.value, "good" if result is ResultLabel.COMPLETED else "bad") if result else None


def attempt_columns(settlement: str) -> tuple[Column, ...]:
    """The columns of both areas of the retrieve page; they differ in the name of the settlement state's."""
    return (
        Column("invoice", "Invoice", "code"),
        Column("member", "Member", "link"),
        Column("method", "Method"),
        Column("submitted", "Submitted", "date", "created_at"),
        Column("settlement", settlement, "badge"),
        Column("result", "Result", "badge"),
        Column("trace", "Gateway trace", "link"),
        Column("amount", "Amount", "money"),
    )


def attempt_row(visit: Visit, labels: Labels, attempt: Attempt, invoices: Sequence[Invoice]) -> Row:
    """An attempt in the order of `attempt_columns`; all but a settled one lead to their trace (I-57)."""
    label = labels.of(attempt)
    trace: Value = None
    if label is not SettlementLabel.SETTLED:
        trace = Link("See why", attempt_url(visit, attempt.id), attempt.apply_error or attempt.message)
    return Row(
        (
            _invoices(visit, invoices),
            Link(attempt.party.name, member_url(visit, attempt.party_id)),
            f"{attempt.method.brand} {attempt.method.last4}",
            attempt.created_at,
            label_badge(label),
            result_badge(attempt),
            trace,
            Money(attempt.intent.amount_minor, attempt.intent.currency),
        ),
        tone="bad" if label.red else "neutral",
    )


def _invoices(visit: Visit, invoices: Sequence[Invoice]) -> Value:
    if len(invoices) == 1:
        return Link(str(invoices[0].number), invoice_url(visit, invoices[0].id))
    return ", ".join(str(invoice.number) for invoice in invoices)


def trace_page(visit: Visit, attempt: Attempt, invoices: Sequence[Invoice], back: Link) -> RecordPage:
    """Everything known of one attempt: what was frozen, what the gateway said, and its own trail where it shows one."""
    label = Labels(visit).of(attempt)
    result = result_badge(attempt)
    numbers = " and ".join(str(invoice.number) for invoice in invoices)
    said = attempt.apply_error or attempt.message
    code = f"Code {attempt.decline_code}" if attempt.decline_code else ""
    warning = (
        Problem(label.value, said, way_out=WHAT_IT_MEANS[label], code=attempt.decline_code)
        if label.red
        else None
    )
    return RecordPage(
        title=f"Payment of invoice {numbers}",
        kind="Attempt",
        number=str(attempt.n),
        badges=(label_badge(label), *((result,) if result else ())),
        facts=(
            Fact("Member", Link(attempt.party.name, member_url(visit, attempt.party_id))),
            Fact("Invoice", _invoices(visit, invoices)),
            Fact("Amount", Money(attempt.intent.amount_minor, attempt.intent.currency)),
            Fact("Method", f"{attempt.method.brand} {attempt.method.last4}"),
            Fact("Submitted", attempt.created_at, _INITIATORS.get(attempt.initiator, attempt.initiator)),
            Fact("First sent", attempt.submitted_at),
            Fact("Answered", attempt.concluded_at),
            Fact(
                "Asked again", attempt.next_look_at, f"{attempt.looks} times so far" if attempt.looks else ""
            ),
            Fact("The gateway said", Text(said, code) if said else code or None),
            Fact("Gateway", attempt.intent.gateway),
            Fact("Its reference", attempt.intent.gateway_ref),
        ),
        sections=(Section("meaning", label.value, text=WHAT_IT_MEANS[label]), _trail(visit, attempt)),
        timeline=moments(
            Event.objects.filter(
                organization=visit.organization, subject_id__in=[attempt.id, *(one.id for one in invoices)]
            ).order_by("-id")[:100],
            visit.organization.locale,
        ),
        warning=warning,
        crumbs=(Link("Renewals", visit.url("renewals/")), back),
    )


_INITIATORS = {"submission": "by a submission", "schedule": "by the schedule", "member": "by the member",
               "staff": "by staff"}  # fmt: skip
_KINDS = {
    "created": "Intent created; nothing moves yet",
    "confirmed": "Asked to collect",
    "requires_action": "Waits for the member to approve",
    "processing": "Given to the bank",
    "succeeded": "Money taken",
    "declined": "Declined",
    "canceled": "Canceled for good",
    "answered": "A late answer was given",
    "request_lost": "The request was lost on its way",
    "reply_lost": "The reply was lost on its way back",
}
_OURS = frozenset({"organization", "intent", "key"})


def _trail(visit: Visit, attempt: Attempt) -> Section:
    ref = attempt.intent.gateway_ref
    if not visit.organization.is_sandbox or attempt.intent.gateway != "sandbox":
        return Section(
            "trail",
            "Gateway trail",
            text="Its own log is in the gateway's dashboard, under the reference above.",
        )
    lines = levers_of(visit.organization).trail(ref) if ref else ()
    table = Table(
        (Column("at", "When", "date"), Column("what", "What happened"), Column("detail", "Detail")),
        tuple(
            Row(
                (
                    line.at,
                    _KINDS.get(line.kind, line.kind.replace("_", " ")),
                    _detail(line.detail, attempt.id),
                )
            )
            for line in lines
        ),
        "What the gateway did",
        empty=EmptyState("The gateway has not heard of it yet.", "It is sent in a moment."),
    )
    return Section("trail", "Gateway trail", table)


def _detail(detail: Mapping[str, str], attempt_id: UUID) -> str:
    said = []
    for name, value in detail.items():
        if name == "attempt":
            said.append("this attempt" if value == str(attempt_id) else "another attempt")
        elif name not in _OURS:
            said.append(f"{name} {value}")
    return ", ".join(said)
