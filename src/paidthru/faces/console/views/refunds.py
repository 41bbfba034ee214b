"""Refunds: the list, one refund, and what an approver decides (A-34 to A-36, field-notes E.3)."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.approve_refund import approve_refund, turn_down_refund, withdraw_refund
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import money_said, new_key, told
from paidthru.faces.console.acting_forms import WhyForm
from paidthru.faces.console.addresses import invoice_url, member_url, payment_url, refund_url
from paidthru.faces.console.badges import WENT_BY, refund_badge
from paidthru.faces.console.journal_pages import journal_section
from paidthru.faces.console.listing import csv_of, in_words, page_by_key, query_of, streamed, text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, Problem, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Column,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Tab,
    Table,
    with_query,
)
from paidthru.faces.console.sentences import moments
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.ledger.queries import journals_of_source
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Refund, RefundPart
from paidthru.payments.queries.refunds import label_of_refund, refunds_made
from paidthru.payments.rules.refunds import ASKED, RefundLabel, RefundState
from paidthru.people.queries import whose
from paidthru.timeline.queries import events_of
from paidthru.wiring import enqueue_work

_COLUMNS = (
    Column("number", "Refund", "code", "number"),
    Column("asked", "Asked for", "date"),
    Column("by", "By"),
    Column("member", "Member", "link"),
    Column("payment", "Payment", "code"),
    Column("via", "Through"),
    Column("amount", "Amount", "money"),
    Column("state", "Status", "badge"),
)
_CSV = ("refund", "asked for at", "asked for by", "approved by", "member number", "member", "payment", "through",
        "currency", "amount", "status", "reason", "what was said", "reference")  # fmt: skip
WAITING = Q(state=RefundState.REQUESTED.value)
UNDER_WAY = Q(state__in=[RefundState.APPROVED.value, *(state.value for state in ASKED)])
_SHOWN = {
    "waiting": ("To be approved", WAITING),
    "under-way": ("Under way", UNDER_WAY),
    "failed": ("Failed", Q(state__in=[RefundState.FAILED.value, RefundState.REJECTED.value])),
}


@staff_page("view")
def refund_list(visit: Visit) -> HttpResponseBase:
    """Refunds, those first that wait for somebody's approval."""
    query, name = query_of(visit.request), text_in(visit.request, "q")
    made = refunds_made(visit.organization.id).filter(whose(visit.organization.id, name))
    counts = {key: made.filter(which).count() for key, (_, which) in _SHOWN.items()}
    show = text_in(visit.request, "show")
    found = made.filter(_SHOWN[show][1]) if show in _SHOWN else made
    label = _labels(visit)
    if "export" in visit.request.GET:
        return csv_of("refunds", _CSV, streamed(found.order_by("-number"), lambda one: _line(one, label)))
    page, sort = page_by_key(found, visit.request, ["number"], "-number")
    return visit.page(
        ListPage(
            title="Refunds",
            columns=in_words(visit.words, _COLUMNS),
            rows=tuple(_row(visit, one, label(one)) for one in page.rows),
            empty=EmptyState(
                "No refunds here",
                "A refund begins on the record of its payment: “Refund”, or “Record a refund made elsewhere”.",
                Action("Payments", visit.url("payments/")),
            ),
            filters=(Filter("q", visit.words.titled("member"), "search", name),),
            next_url=page.next_url,
            previous_url=page.previous_url,
            tabs=(
                Tab("All", with_query(query, show=""), current=show not in _SHOWN),
                *(
                    Tab(title, with_query(query, show=key), counts[key], show == key)
                    for key, (title, _) in _SHOWN.items()
                ),
            ),
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=("refund", "refunds"),
        ),
        "refunds",
    )


def _labels(visit: Visit) -> Callable[[Refund], RefundLabel]:
    days = policies_of(visit.organization).number("collect.reconcile_timeout_days")
    zone, on = visit.organization.zone, visit.desk.today
    return lambda one: label_of_refund(one, zone=zone, on=on, timeout_days=days)


def _row(visit: Visit, one: Refund, label: RefundLabel) -> Row:
    return Row(
        (
            str(one.number),
            one.requested_at,
            one.requested_by,
            Link(one.party.name, member_url(visit, one.party_id)),
            Link(str(one.payment.number), payment_url(visit, one.payment_id)),
            WENT_BY.get(one.via, one.via),
            Money(one.amount_minor, one.currency),
            refund_badge(label),
        ),
        refund_url(visit, one.id),
        tone="bad" if label.red else "neutral",
    )


def _line(one: Refund, label: Callable[[Refund], RefundLabel]) -> Sequence[object]:
    return (
        one.number,
        one.requested_at,
        one.requested_by,
        one.approved_by,
        one.party.number,
        one.party.name,
        one.payment.number,
        one.via,
        one.currency,
        Money(one.amount_minor, one.currency),
        label(one).value,
        one.reason,
        one.message,
        one.gateway_ref,
    )


# ---------------------------------------------------------------- one refund


def _found(visit: Visit, refund_id: UUID) -> Refund:
    return get_object_or_404(refunds_made(visit.organization.id), id=refund_id)


def is_own(visit: Visit, refund: Refund) -> bool:
    """Whether this person may not approve it, for they asked for it and the two are kept apart (E.3)."""
    return refund.separated and visit.actor.is_same(refund.requested_by, refund.requester_id)


@staff_page("view")
def refund(visit: Visit, refund_id: UUID) -> HttpResponseBase:
    """A refund: who asked and who approved, what it takes from where, where it stands and why."""
    found = _found(visit, refund_id)
    label = _labels(visit)(found)
    return visit.page(
        RecordPage(
            title=found.party.name,
            kind="Refund",
            number=str(found.number),
            badges=(refund_badge(label),),
            figures=(Figure("Amount", Money(found.amount_minor, found.currency)),),
            facts=_known(
                Fact(visit.words.titled("member"), Link(found.party.name, member_url(visit, found.party_id))),
                Fact("Payment", Link(str(found.payment.number), payment_url(visit, found.payment_id))),
                Fact("Through", WENT_BY.get(found.via, found.via)),
                Fact("Asked for by", found.requested_by),
                Fact("Asked for", found.requested_at),
                Fact("Approved by", found.approved_by),
                Fact("Reason", found.reason),
                Fact("Ended", found.concluded_at),
                Fact("What was said", found.message),
                Fact("Processor’s reference", found.gateway_ref),
            ),
            actions=_actions(visit, found),
            warning=_warning(visit, found, label),
            sections=(_parts(visit, found), journal_section(visit, journals_of_source(found.id))),
            timeline=moments(events_of(visit.organization.id, found.id), visit.organization.locale),
            crumbs=(Link("Refunds", visit.url("refunds/")),),
            printable=True,
            printed_at=visit.desk.clock.now(),
        ),
        "refunds",
    )


def _known(*facts: Fact) -> tuple[Fact, ...]:
    """The facts that there are."""
    return tuple(fact for fact in facts if fact.value not in (None, ""))


def _actions(visit: Visit, found: Refund) -> tuple[Action, ...]:
    here, waits = refund_url(visit, found.id), found.state == RefundState.REQUESTED
    actions = []
    if waits and visit.may("approve") and not is_own(visit, found):
        actions.append(Action("Approve", f"{here}approve/", "primary", ask=True))
        actions.append(Action("Turn down", f"{here}turn-down/"))
    if (waits or found.state == RefundState.APPROVED) and visit.may("refund"):
        actions.append(Action("Withdraw", f"{here}withdraw/"))
    return tuple(actions)


def _warning(visit: Visit, found: Refund, label: RefundLabel) -> Problem | None:
    if label is RefundLabel.WAITING and is_own(visit, found):
        return Problem(
            "Somebody else has to approve this",
            "You asked for it yourself. Nothing is sent before an approver has agreed.",
            way_out="Tell an approver, or withdraw it.",
        )
    if label is RefundLabel.OVERDUE:
        return Problem(
            "The processor has said nothing clear about it for days",
            found.message,
            way_out="It goes on being asked, and is not sent a second time. Compare with the processor’s own pages.",
        )
    if label in (RefundLabel.FAILED, RefundLabel.REJECTED):
        came_back = label is RefundLabel.FAILED
        return Problem(
            "The member does not have this money" if came_back else "The processor refused it",
            found.message,
            way_out="Give it back another way, by check say, and record that on the payment’s page."
            if came_back
            else "What it held can be given back again: look at the payment, then ask for a new refund.",
        )
    return None


def _parts(visit: Visit, found: Refund) -> Section:
    columns = (Column("of", "Out of"), Column("amount", "Amount", "money"))
    parts = RefundPart.objects.filter(refund=found).select_related("allocation__invoice").order_by("id")
    rows = tuple(
        Row(
            (
                Link(
                    f"Invoice {part.allocation.invoice.label}",
                    invoice_url(visit, part.allocation.invoice_id),
                )
                if part.allocation
                else "The member’s credit",
                Money(part.amount_minor, found.currency),
            )
        )
        for part in parts
    )
    empty = EmptyState("Nothing yet:", "it takes from the payment when it is approved.")
    return Section("parts", "What it takes", Table(columns, rows, "What it takes", empty=empty))


# ---------------------------------------------------------------- deciding


@staff_page("approve")
def approve(visit: Visit, refund_id: UUID) -> HttpResponseBase:
    """Somebody else agrees: the refund stands in the books and is sent. A second time it changes nothing."""
    found = _found(visit, refund_id)
    back, said = refund_url(visit, found.id), money_said(visit, found.amount_minor, found.currency)
    if visit.request.method == "POST":
        try:
            with transaction.atomic():
                made = approve_refund(
                    visit.organization, found.id, actor=visit.actor, now=visit.desk.clock.now()
                )
                enqueue_work(visit.organization.id)
        except Refused as refused:
            return told(visit, refused, back)
        sent = "It is on its way to the processor." if made.via == "gateway" else "It stands in the books."
        messages.success(visit.request, f"Refund {made.number} of {said} is approved. {sent}")
        return redirect(back)
    if found.state != RefundState.REQUESTED or is_own(visit, found):
        return redirect(back)
    through = (
        "A worker sends it to the processor in a moment; from then on it can’t be called back."
        if found.via == "gateway"
        else f"It is booked as given back: {WENT_BY[found.via].lower()}. The processor is not asked."
    )
    return visit.page(
        ConfirmPage(
            title=f"Approve the refund of {said}?",
            confirm=Confirm(
                action_url=f"{back}approve/",
                label=f"Approve {said}",
                consequences=(
                    f"Gives {said} of payment {found.payment.number} back to {found.party.name}.",
                    through,
                ),
                cancel_url=back,
            ),
            facts=(
                Fact("Asked for by", found.requested_by),
                Fact("Asked for", found.requested_at),
                Fact("Reason", found.reason or None),
            ),
            crumbs=(Link("Refunds", visit.url("refunds/")), Link(f"Refund {found.number}", back)),
        ),
        "refunds",
    )


@staff_page("approve")
def turn_down(visit: Visit, refund_id: UUID) -> HttpResponseBase:
    """Somebody else does not agree: nothing is given back."""
    found = _found(visit, refund_id)
    return _ended(visit, found, turn_down_refund, "Turn down", "turned down")


@staff_page("refund")
def withdraw(visit: Visit, refund_id: UUID) -> HttpResponseBase:
    """A refund that was not sent yet is called off."""
    return _ended(visit, _found(visit, refund_id), withdraw_refund, "Withdraw", "withdrawn")


def _ended(visit: Visit, found: Refund, act: Callable[..., Refund], verb: str, done: str) -> HttpResponseBase:
    """The reason, then it is done; what has ended already is only said."""
    back, said = refund_url(visit, found.id), money_said(visit, found.amount_minor, found.currency)
    form = WhyForm(visit.request.POST or None, initial=new_key(), label="Reason", asked=False)
    if visit.request.method == "POST" and form.is_valid():
        try:
            act(
                visit.organization,
                found.id,
                why=form.cleaned_data["why"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(visit.request, f"Refund {found.number} of {said} is {done}. Nothing was given back.")
        return redirect(back)
    return visit.page(
        FormPage(
            title=f"{verb} refund {found.number}",
            form=form,
            submit_label=verb,
            cancel_url=back,
            intro=f"{said} of payment {found.payment.number}, asked for by {found.requested_by}.",
            aside=("Nothing is given back, and the amount can be asked for again.",),
            crumbs=(Link("Refunds", visit.url("refunds/")), Link(f"Refund {found.number}", back)),
        ),
        "refunds",
        422 if form.errors else 200,
    )
