"""Attempts at collecting as rows and as a page of their own: what we asked the gateway, and what it said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from paidthru.actions.submit import Selection, submit_list
from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import attempt_url, invoice_url, member_url, payment_url
from paidthru.faces.console.pages import Problem, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
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
from paidthru.faces.console.play_pages import attempt_play
from paidthru.faces.console.sentences import moments
from paidthru.invoicing.models import Invoice
from paidthru.kernel.money import Money
from paidthru.organizations.queries import policies_of
from paidthru.payments.gateway import GatewayError, GatewayRejected
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, Payment, Review
from paidthru.payments.queries import attempts_at, label_of
from paidthru.payments.queries.proposals import reviews_of
from paidthru.payments.rules.retries import GRANTABLE
from paidthru.payments.rules.settlement import ResultLabel, SettlementLabel, result_label
from paidthru.timeline.models import Event

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
    SettlementLabel.TIMED_OUT: "There has been no final answer for days. It goes on being asked; a late answer still "
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
        Column("trace", "Live", "link"),
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
        return Link(invoices[0].label, invoice_url(visit, invoices[0].id))
    return ", ".join(invoice.label for invoice in invoices)


def trace_page(
    visit: Visit, attempt: Attempt, invoices: Sequence[Invoice], back: Link, live: Section
) -> RecordPage:
    """Everything known of one attempt: what was frozen, what was said, what people decided, and the processor's trace
    (`live`)."""
    label = Labels(visit).of(attempt)
    result = result_badge(attempt)
    numbers = " and ".join(invoice.label for invoice in invoices)
    said = attempt.apply_error or attempt.message
    code = f"Code {attempt.decline_code}" if attempt.decline_code else ""
    proposals = reviews_of(attempt.id)
    paid = Payment.objects.filter(attempt=attempt).first()
    stands = _stands(visit, attempt, invoices)
    given_up = attempt.abandoned_at is not None and attempt.state in OPEN_ATTEMPT
    return RecordPage(
        title=f"Payment of invoice {numbers}",
        kind="Attempt",
        number=str(attempt.n),
        badges=(
            label_badge(label),
            *((result,) if result else ()),
            *((Badge("Given up", "warn"),) if given_up else ()),
        ),
        facts=(
            Fact(visit.words.titled("member"), Link(attempt.party.name, member_url(visit, attempt.party_id))),
            Fact("Invoice", _invoices(visit, invoices)),
            *((Fact("Payment", Link(str(paid.number), payment_url(visit, paid.id))),) if paid else ()),
            Fact("Amount", Money(attempt.intent.amount_minor, attempt.intent.currency)),
            Fact("Method", f"{attempt.method.brand} {attempt.method.last4}"),
            Fact("Submitted", attempt.created_at, _INITIATORS.get(attempt.initiator, attempt.initiator)),
            Fact("First sent", attempt.submitted_at),
            Fact("Answered", attempt.concluded_at),
            Fact("Asked again", attempt.next_look_at, _asked(attempt.looks)),
            Fact("The gateway said", Text(said, code) if said else code or None),
            Fact("Gateway", attempt.intent.gateway),
            Fact("Its reference", attempt.intent.gateway_ref),
        ),
        actions=(*_actions(visit, attempt, proposals), *stands.actions),
        sections=(
            *(
                ()
                if label.red
                else (Section("meaning", label.value, text=stands.text or WHAT_IT_MEANS[label]),)
            ),
            *((_proposals(proposals),) if proposals else ()),
            *attempt_play(visit, attempt),
            live,
        ),
        timeline=moments(
            Event.objects.filter(
                organization=visit.organization, subject_id__in=[attempt.id, *(one.id for one in invoices)]
            ).order_by("-id")[:100],
            visit.organization.locale,
        ),
        warning=_warning(label, attempt, said),
        crumbs=(Link("Renewals", visit.url("renewals/")), back),
    )


@dataclass(frozen=True, slots=True)
class _Stands:
    """What keeps an invoice from being tried again, in words, and the step that helps."""

    text: str = ""
    actions: tuple[Action, ...] = ()


def _stands(visit: Visit, attempt: Attempt, invoices: Sequence[Invoice]) -> _Stands:
    """Why the invoice of a failed try, its last one, isn't tried again, as the failed list says it (I-44)."""
    if attempt.state not in ("declined", "rejected") or len(invoices) != 1:
        return _Stands()
    invoice = invoices[0]
    last = attempts_at(invoice.id)[0]
    if last.id != attempt.id or invoice.number is None:
        return _Stands()
    selection, now = Selection(visit.desk.today), visit.desk.clock.now()
    before = invoice.due_on, invoice.number - 1
    listed, _ = submit_list(visit.organization, selection, now=now, after=before, limit=1)
    if not listed or listed[0].invoice_id != invoice.id or not listed[0].refused:
        return _Stands()
    one, actions = listed[0], []
    if one.refused in GRANTABLE and visit.may("allow_attempt"):
        actions.append(Action("Allow another attempt", f"{invoice_url(visit, invoice.id)}allow/"))
    if one.refused in MEMBERS_TURN and visit.may("send_link") and visit.takes_cards:
        actions.append(Action("Send the member a link", f"{member_url(visit, attempt.party_id)}link/"))
    return _Stands(f"{one.why} {one.fix}".strip(), tuple(actions))


MEMBERS_TURN = frozenset(
    {
        "no_payment_method",
        "card_expired",
        "attempts_exhausted",
        "declined_for_good",
        "authorization_revoked",
        "forbidden_by_network",
        "authorization_needed",
        "amount_changed",
        "representment_over",
    }
)
"""Refusals that a member ends, with another way to pay."""


def _asked(looks: int) -> str:
    return {0: "", 1: "once so far"}.get(looks, f"{looks} times so far")


_INITIATORS = {"submission": "by a submission", "schedule": "by the schedule", "member": "by the member",
               "staff": "by staff", "visitor": "by somebody with the pay link"}  # fmt: skip
OUTCOMES = {
    "succeeded": "The money came",
    "declined": "It was declined: no money came",
    "canceled": "It never took place, or was canceled: no money came",
}


def _warning(label: SettlementLabel, attempt: Attempt, said: str) -> Problem | None:
    if attempt.state == "needs_review":
        return Problem(
            "A person has to find out what became of it",
            said,
            way_out="Look it up at the processor and in the bank’s statement, then propose what became of it, with"
            " evidence. The invoice is not collected a second time meanwhile.",
            code=attempt.decline_code,
        )
    return (
        Problem(label.value, said, way_out=WHAT_IT_MEANS[label], code=attempt.decline_code)
        if label.red
        else None
    )


def can_be_given_up(attempt: Attempt) -> bool:
    """Whether an attempt is open, and its outcome is not a matter of evidence."""
    open_ = attempt.state in OPEN_ATTEMPT and attempt.state != "needs_review"
    return open_ and attempt.abandoned_at is None


def _actions(visit: Visit, attempt: Attempt, proposals: Sequence[Review]) -> tuple[Action, ...]:
    here = attempt_url(visit, attempt.id)
    waiting = next((one for one in proposals if one.state == "proposed"), None)
    found = []
    if attempt.state == "needs_review":
        if waiting is None and visit.may("resolve"):
            found.append(Action("Propose what became of it", f"{here}propose/", "primary"))
        if waiting is not None and visit.may("approve") and not is_own(visit, waiting):
            found.append(Action("Approve the proposal", f"{here}approve/", "primary", ask=True))
        if waiting is not None and visit.may("resolve"):
            fields = (("review", str(waiting.id)),)
            found.append(Action("Withdraw the proposal", f"{here}withdraw/", method="post", fields=fields))
    if attempt.state == "requires_action" and visit.may("send_link") and visit.takes_cards:
        link = f"{member_url(visit, attempt.party_id)}link/?attempt={attempt.id}"
        found.append(Action("Get the link to confirm it", link))
    if can_be_given_up(attempt) and visit.may("resolve"):
        found.append(Action("Give up this attempt", f"{here}give-up/"))
    return tuple(found)


def is_own(visit: Visit, review: Review) -> bool:
    """Whether this person may not approve it, for it is their own and the two are kept apart (E.3)."""
    return review.separated and visit.actor.is_same(review.proposed_by, review.proposer_id)


def _proposals(proposals: Sequence[Review]) -> Section:
    columns = (
        Column("at", "Proposed", "date"),
        Column("by", "By"),
        Column("outcome", "What became of it"),
        Column("evidence", "Evidence", "prose"),
        Column("state", "State", "badge"),
    )
    tones: dict[str, Tone] = {"proposed": "warn", "approved": "good"}
    rows = tuple(
        Row(
            (
                one.proposed_at,
                one.proposed_by,
                Text(OUTCOMES.get(one.outcome, one.outcome), one.charge_ref),
                one.evidence,
                Badge(
                    f"Approved by {one.approved_by}" if one.state == "approved" else one.state.capitalize(),
                    tones.get(one.state, "neutral"),
                ),
            )
        )
        for one in proposals
    )
    return Section("proposals", "What people say", Table(columns, rows, "Proposals"))


def waiting_live(visit: Visit, attempt: Attempt) -> Section:
    """The place of the processor's trace, which is asked for when the page is there: it may take its time."""
    return Section(
        "live",
        "Live",
        text="Asking the processor…",
        load_url=f"{attempt_url(visit, attempt.id)}live/",
    )


def live_section(visit: Visit, attempt: Attempt) -> Section:
    """What the processor itself knows of it now (I-57, I-68), or that it can't be asked; asking changes nothing."""
    ref, ours = attempt.intent.gateway_ref, visit.desk.gateway.name
    if attempt.intent.gateway != ours:
        return _no_trace(
            "It can’t be asked from here",
            f"This went through “{attempt.intent.gateway}”, and “{ours}” is connected now.",
            "Look it up in the processor’s own pages, under the reference above.",
        )
    if ref is None:
        return Section("live", "Live", text="The processor has not heard of it yet.")
    try:
        lines = visit.desk.gateway.trace(ref)
    except GatewayRejected as refused:
        return _no_trace(
            "The processor knows nothing of it", refused.message, "Compare the reference with its own pages."
        )
    except GatewayError as error:
        return _no_trace(
            "The processor can’t be reached just now",
            error.message,
            "Try again in a moment. What we know stands above; nothing is lost, and nothing is charged twice.",
        )
    table = Table(
        (Column("at", "When", "date"), Column("what", "What happened"), Column("detail", "Detail", "prose")),
        tuple(Row((line.at, _capital(line.what), _detail(line.detail, attempt.id))) for line in lines),
        "What the processor knows",
        empty=EmptyState("The processor tells nothing of it."),
    )
    return Section("live", "Live", table)


def _no_trace(title: str, what: str, way_out: str) -> Section:
    return Section("live", "Live", problem=Problem(title, what, way_out=way_out))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_OURS = ("organization ", "intent ", "key ", "instance ", "method ")


def _detail(detail: str, attempt_id: UUID) -> str:
    """A line's detail without what is only for machines."""
    said = []
    for part in detail.split(", "):
        if part == f"attempt {attempt_id}":
            said.append("this attempt")
        elif part.startswith("attempt "):
            said.append("another attempt")
        elif not part.startswith(_OURS):
            said.append(part)
    return ", ".join(said)
