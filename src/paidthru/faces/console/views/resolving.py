"""Attempts that a person settles: what became of one, with evidence and another's approval; and giving one up (E.3)."""

from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.review_attempt import propose as propose_outcome
from paidthru.actions.review_attempt import withdraw as withdraw_proposal
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import first_click, money_said, new_key, told
from paidthru.faces.console.acting_forms import EvidenceForm, WhyForm
from paidthru.faces.console.addresses import attempt_url, member_url
from paidthru.faces.console.attempt_pages import OUTCOMES, can_be_given_up, is_own
from paidthru.faces.console.listing import page_by_key, query_of, text_in
from paidthru.faces.console.member_sections import invoice_links
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Column, EmptyState, Fact, Link, ListPage, Row, Text, with_query
from paidthru.faces.console.row_exports import rows_csv
from paidthru.faces.console.views.retrieval import found_attempt
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Attempt, Review
from paidthru.payments.queries import invoices_by_intent
from paidthru.payments.queries.proposals import needing_review, proposals
from paidthru.runs import abandon
from paidthru.runs.reviews import approve_review


def _crumbs(visit: Visit, attempt: Attempt) -> tuple[Link, ...]:
    return (
        Link("Retrieve processed payments", visit.url("renewals/retrieve/")),
        Link(f"Attempt {attempt.n} of {attempt.party.name}", attempt_url(visit, attempt.id)),
    )


def _said(visit: Visit, attempt: Attempt) -> str:
    return money_said(visit, attempt.intent.amount_minor, attempt.intent.currency)


@staff_page("view")
def needs_review(visit: Visit) -> HttpResponseBase:
    """The attempts of which a person has to find out what became of them, with what was proposed so far."""
    found = needing_review(visit.organization.id)
    columns = (
        Column("submitted", "Submitted", "date", "created_at"),
        Column("member", "Member", "link"),
        Column("invoice", "Invoice", "code"),
        Column("method", "Method"),
        Column("said", "What was said", "prose"),
        Column("proposal", "Proposed", "prose"),
        Column("amount", "Amount", "money"),
    )

    if text_in(visit.request, "export") == "csv":
        every = found.order_by("created_at", "id").iterator(chunk_size=500)
        return rows_csv("payments-that-need-a-person", columns, _review_rows(visit, every))
    page, sort = page_by_key(found, visit.request, ["created_at"], "created_at")
    query = query_of(visit.request)
    return visit.page(
        ListPage(
            title="Payments that need a person",
            columns=columns,
            rows=tuple(_review_rows(visit, page.rows)),
            empty=EmptyState(
                "Nothing needs a person",
                "A payment comes here when the processor can’t tell what became of it. One person proposes an outcome,"
                " with evidence, and another approves it.",
            ),
            next_url=page.next_url,
            previous_url=page.previous_url,
            intro="It isn’t known whether their money came. None of them is tried again before that is settled.",
            query=query,
            sort=sort,
            export_url=with_query(query, export="csv"),
            noun=("payment", "payments"),
            crumbs=(Link("Retrieve processed payments", visit.url("renewals/retrieve/")),),
        ),
        "retrieve",
    )


def _review_rows(visit: Visit, found: Iterable[Attempt]) -> Iterator[Row]:
    """The rows of the list, so many at once."""
    attempts = iter(found)
    while some := list(islice(attempts, 500)):
        proposed = proposals(one.id for one in some)
        about = invoices_by_intent([one.intent_id for one in some])
        for one in some:
            review = proposed.get(one.id)
            yield Row(
                (
                    one.submitted_at or one.created_at,
                    Link(one.party.name, member_url(visit, one.party_id)),
                    invoice_links(visit, about[one.intent_id]),
                    f"{one.method.brand} {one.method.last4}",
                    one.message,
                    Text(OUTCOMES[review.outcome], f"by {review.proposed_by}, waits for approval")
                    if review
                    else None,
                    Money(one.intent.amount_minor, one.intent.currency),
                ),
                attempt_url(visit, one.id),
                tone="bad",
            )


@staff_page("resolve")
def propose(visit: Visit, attempt_id: UUID) -> HttpResponseBase:
    """What a person found out about an attempt, with evidence; nothing changes before it is approved."""
    attempt = found_attempt(visit, attempt_id)
    back = attempt_url(visit, attempt.id)
    form = EvidenceForm(
        visit.request.POST or None,
        initial=new_key(),
        outcomes=list(OUTCOMES.items()),
        ref_known=attempt.intent.gateway_ref is not None,
    )
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            propose_outcome(
                visit.organization,
                attempt.id,
                outcome=clean["outcome"],
                evidence=clean["evidence"],
                charge_ref=clean["charge_ref"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
                key=clean["key"],
            )
        except Refused as refused:
            if refused.code in ("not_in_review", "review_exists"):
                return told(visit, refused, back)
            form.refuse(refused)
        else:
            other = policies_of(visit.organization).word("staff.separation") == "on"
            who = "Somebody else has to approve it." if other else "It waits for approval."
            messages.success(visit.request, f"Your proposal is written down. {who}")
            return redirect(back)
    elif visit.request.method != "POST" and attempt.state != "needs_review":
        return redirect(back)
    return visit.page(
        FormPage(
            title="What became of this payment?",
            form=form,
            submit_label="Propose it",
            cancel_url=back,
            intro=f"{_said(visit, attempt)} of {attempt.party.name}, {attempt.method.brand} {attempt.method.last4}.",
            aside=(
                "Nothing changes before it is approved. The processor is asked once more then; its word goes first.",
                f"Its reference at the processor is {attempt.intent.gateway_ref or 'not known to us'}.",
            ),
            crumbs=_crumbs(visit, attempt),
        ),
        "retrieve",
        422 if form.errors else 200,
    )


def _waiting(attempt: Attempt) -> Review | None:
    return proposals([attempt.id]).get(attempt.id)


@staff_page("approve")
def approve(visit: Visit, attempt_id: UUID) -> HttpResponseBase:
    """Another person agrees with what was proposed; the processor is asked first."""
    attempt = found_attempt(visit, attempt_id)
    back = attempt_url(visit, attempt.id)
    if visit.request.method == "POST":
        review = get_object_or_404(
            Review,
            id=_id(visit.request.POST.get("review", "")),
            attempt=attempt,
            organization=visit.organization,
        )
        try:
            approve_review(visit.desk, review.id, actor=visit.actor)
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(visit.request, "It is settled as was proposed.")
        return redirect(back)
    waiting = _waiting(attempt)
    if waiting is None or is_own(visit, waiting):
        return redirect(back)
    follows = {
        "succeeded": f"Takes {_said(visit, attempt)} into the books as a payment of {attempt.party.name}.",
        "declined": "Counts as a declined try; the invoice is open and may be collected again.",
        "canceled": "Frees the invoice: it may be collected again.",
    }
    return visit.page(
        ConfirmPage(
            title="Approve what was proposed?",
            confirm=Confirm(
                action_url=f"{back}approve/",
                label="Approve",
                consequences=(
                    "Asks the processor once more; if it says otherwise, nothing is decided.",
                    follows[waiting.outcome],
                ),
                cancel_url=back,
                fields=(("review", str(waiting.id)),),
            ),
            facts=(
                Fact("Proposed by", waiting.proposed_by),
                Fact("What became of it", OUTCOMES[waiting.outcome]),
                Fact("Reference", waiting.charge_ref or None),
                Fact("Evidence", waiting.evidence),
            ),
            crumbs=_crumbs(visit, attempt),
        ),
        "retrieve",
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@staff_page("resolve")
def withdraw(visit: Visit, attempt_id: UUID) -> HttpResponseBase:
    """A proposal is taken back; another can be made."""
    attempt = found_attempt(visit, attempt_id)
    back = attempt_url(visit, attempt.id)
    if visit.request.method == "POST":
        review = get_object_or_404(
            Review,
            id=_id(visit.request.POST.get("review", "")),
            attempt=attempt,
            organization=visit.organization,
        )
        try:
            withdraw_proposal(visit.organization, review.id, actor=visit.actor, now=visit.desk.clock.now())
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(visit.request, "The proposal is withdrawn.")
    return redirect(back)


@staff_page("resolve")
def give_up(visit: Visit, attempt_id: UUID) -> HttpResponseBase:
    """An attempt is canceled at the processor, then closed here; if it can't be, it is settled as what it is."""
    attempt = found_attempt(visit, attempt_id)
    back = attempt_url(visit, attempt.id)
    form = WhyForm(visit.request.POST or None, initial=new_key(), note="It stands in the timeline.")
    if visit.request.method == "POST" and form.is_valid():
        if first_click(visit, form.cleaned_data["key"], f"give up {attempt.id}"):
            try:
                state = abandon(visit.desk, attempt.id, actor=visit.actor, why=form.cleaned_data["why"])
            except Refused as refused:
                return told(visit, refused, back)
            if state == "canceled":
                messages.success(
                    visit.request, "It is canceled for good. The invoice may be collected again."
                )
            else:
                messages.warning(
                    visit.request,
                    "It is given up and never sent again, but the processor has not canceled it yet. It is asked"
                    " until that is certain; until then the invoice is not collected again.",
                )
        return redirect(back)
    if visit.request.method != "POST" and not can_be_given_up(attempt):
        return redirect(back)
    return visit.page(
        FormPage(
            title="Give up this attempt",
            form=form,
            submit_label="Give it up",
            cancel_url=back,
            intro=f"{_said(visit, attempt)} of {attempt.party.name}, {attempt.method.brand} {attempt.method.last4}.",
            aside=(
                "It is canceled at the processor first. Only when that is certain is the invoice free again.",
                "Should the money have been taken already, the payment is booked instead; refund it then.",
            ),
            crumbs=_crumbs(visit, attempt),
        ),
        "retrieve",
        422 if form.errors else 200,
    )
