"""Pending invoices: what is due and not collected, with reason and fix; the failed ones and the exceptions among them
(I-29, I-30, I-38, I-44, I-64)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.allow_attempt import allow_attempt
from paidthru.actions.submit import exception_page, failed_page, pending_page
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, first_click, in_two_steps, money_said, new_key
from paidthru.faces.console.acting_forms import WhyForm
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.attempt_pages import MEMBERS_TURN
from paidthru.faces.console.listing import PAGE, csv_of, in_words, onward_pages, query_of, text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, Proposal, ProposalPage, SkipCount
from paidthru.faces.console.parts import (
    Action,
    Column,
    EmptyState,
    Fact,
    Figure,
    Link,
    ListPage,
    Row,
    Tab,
    Text,
    with_query,
)
from paidthru.faces.console.run_pages import many, monies, monies_text
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money, each_for_itself
from paidthru.organizations.models import Organization
from paidthru.payments.queries import Collectable
from paidthru.payments.rules.retries import GRANTABLE
from paidthru.timeline.queries import was_done

Place = tuple[date, int]
_COLUMNS = (
    Column("invoice", "Invoice", "code"),
    Column("member", "Member", "link"),
    Column("due", "Due", "date"),
    Column("method", "Payment method"),
    Column("tried", "Tries", "number"),
    Column("why", "Why it waits", "prose"),
    Column("act", "What helps", "link"),
    Column("amount", "Amount", "money"),
)
_CSV = ("invoice", "member", "due", "payment method", "tries", "reason", "why it waits", "what helps", "amount",
        "currency")  # fmt: skip
BULK = 500  # invoices that one confirmation allows; more are done with another
Found = tuple[list[Collectable], Place | None]


class Pager(Protocol):
    """A page of one of the lists, and where the next starts."""

    def __call__(
        self, organization: Organization, *, now: datetime, after: Place | None, limit: int
    ) -> Found:
        """Those after a place."""
        ...


def _place(visit: Visit) -> Place | None:
    day, _, number = text_in(visit.request, "after").partition("~")
    try:
        return date.fromisoformat(day), int(number)
    except ValueError:
        return None


def _list(
    visit: Visit, key: str, pager: Pager, *, intro: str, empty: EmptyState, actions: tuple[Action, ...] = ()
) -> HttpResponseBase:
    now = visit.desk.clock.now()
    if "export" in visit.request.GET:
        return csv_of(f"{key}-invoices", _CSV, _lines(visit, pager))
    found, after = pager(visit.organization, now=now, after=_place(visit), limit=PAGE)
    next_url, previous_url = onward_pages(
        visit.request, f"{after[0].isoformat()}~{after[1]}" if after else None
    )
    tabs = (("pending", "Pending"), ("failed", "Failed"), ("exceptions", "Exceptions"))
    query = query_of(visit.request)
    return visit.page(
        ListPage(
            title="Pending invoices",
            columns=in_words(visit.words, _COLUMNS),
            rows=tuple(_row(visit, one) for one in found),
            empty=empty,
            next_url=next_url,
            previous_url=previous_url,
            actions=actions if found else (),
            intro=intro,
            tabs=tuple(Tab(title, visit.url(f"renewals/{each}/"), None, each == key) for each, title in tabs),
            query=query,
            export_url=with_query(query, export="csv") if found else None,
            noun=("invoice", "invoices"),
        ),
        "pending",
    )


@staff_page("view")
def pending(visit: Visit) -> HttpResponseBase:
    """Every AutoPay invoice that is due and can't be submitted, with the reason and what would help (I-30)."""
    return _list(
        visit,
        "pending",
        pending_page,
        intro="AutoPay invoices that are due and can’t be submitted, each with the reason and what helps.",
        empty=EmptyState(
            "Nothing is pending",
            "Every AutoPay invoice that is due is paid, under way, or can be submitted.",
            Action("Submit invoices", visit.url("renewals/submit/")),
        ),
    )


@staff_page("view")
def failed(visit: Visit) -> HttpResponseBase:
    """Those of which no further try is made until a person acts (I-44, I-64)."""
    allow = Action(
        "Allow another attempt at these", visit.url("renewals/failed/allow/"), "primary", icon="renew"
    )
    return _list(
        visit,
        "failed",
        failed_page,
        intro="No further try is made of these until somebody acts: tries are used up, or the bank said no for good.",
        empty=EmptyState(
            "Nothing has failed for good",
            "An invoice comes here when its tries are used up or the bank declines for good.",
        ),
        actions=(allow,) if visit.may("allow_attempt") else (),
    )


@staff_page("view")
def exceptions(visit: Visit) -> HttpResponseBase:
    """Unpaid invoices of earlier terms, which are not collected with the present one (I-38)."""
    return _list(
        visit,
        "exceptions",
        exception_page,
        intro="Unpaid invoices of earlier terms: only the present term is collected by itself. Record what was paid, "
        "credit what is not owed any more, or collect them one by one from the invoice.",
        empty=EmptyState(
            "No exceptions", "No earlier term of a member on AutoPay is unpaid beside the present one."
        ),
    )


def _row(visit: Visit, one: Collectable) -> Row:
    return Row(
        (
            Link(one.label, invoice_url(visit, one.invoice_id)),
            Link(one.name, member_url(visit, one.party_id)),
            one.due_on,
            one.method or None,
            one.tried,
            Text(one.why, one.fix),
            _way_out(visit, one),
            Money(one.balance_minor, one.currency),
        )
    )


def _way_out(visit: Visit, one: Collectable) -> Link | None:
    """The step that helps most, as far as this person may take it."""
    if one.refused in ("attempts_exhausted", "code_unrecognised") and visit.may("allow_attempt"):
        return Link("Allow another attempt", f"{invoice_url(visit, one.invoice_id)}allow/")
    if one.refused in MEMBERS_TURN and visit.may("send_link") and visit.takes_cards:
        return Link("Send the member a link", f"{member_url(visit, one.party_id)}link/")
    return None


def _lines(visit: Visit, pager: Pager) -> Iterator[Sequence[object]]:
    after: Place | None = None
    while True:
        page, after = pager(visit.organization, now=visit.desk.clock.now(), after=after, limit=2_000)
        for one in page:
            yield (
                one.label,
                one.name,
                one.due_on,
                one.method,
                one.tried,
                one.refused,
                one.why,
                one.fix,
                Money(one.balance_minor, one.currency),
                one.currency,
            )
        if after is None:
            return


# ---------------------------------------------------------------- allow another attempt: one


@staff_page("allow_attempt")
def allow(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """One more try for one invoice (I-45)."""
    found = get_object_or_404(
        Invoice.objects.select_related("party"), id=invoice_id, organization=visit.organization
    )
    back = invoice_url(visit, found.id)
    form = WhyForm(
        visit.request.POST or None, initial=new_key(), asked=False, note="It stands in the timeline."
    )
    said = money_said(visit, found.balance_minor, found.currency)

    def entry(form: WhyForm) -> FormPage:
        return FormPage(
            title="Allow another attempt",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"Invoice {found.label} of {found.party.name}, {said}.",
            aside=(
                "One further try is allowed; nothing is charged by that alone.",
                "What the card networks or the payer forbid can’t be allowed by anybody.",
            ),
            crumbs=(Link(f"Invoice {found.label}", back),),
        )

    def confirm(form: WhyForm) -> ConfirmPage:
        return ConfirmPage(
            title=f"Allow another attempt at invoice {found.label}?",
            confirm=Confirm(
                action_url=f"{back}allow/",
                label="Allow another attempt",
                consequences=(
                    "It stands on the submit list again, for one try with the payment method on file.",
                    "It is submitted when somebody submits, or at the next billing hour where that is automatic.",
                ),
                digest=digest_of(found.id, found.balance_minor),
                cancel_url=back,
                fields=form.again(),
            ),
            facts=(
                Fact("Member", found.party.name),
                Fact("Amount", Money(found.balance_minor, found.currency)),
            ),
            crumbs=(Link(f"Invoice {found.label}", back),),
        )

    def done(form: WhyForm) -> HttpResponseBase:
        allow_attempt(
            visit.organization,
            found.id,
            why=form.cleaned_data["why"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=form.cleaned_data["key"],
        )
        messages.success(visit.request, f"Another attempt at invoice {found.label} is allowed.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="pending")


# ---------------------------------------------------------------- allow another attempt: many


@staff_page("allow_attempt")
def allow_many(visit: Visit) -> HttpResponseBase:
    """One more try for every failed invoice that may have one: read first, then confirmed (I-45)."""
    if visit.request.method == "POST":
        return _allowed(visit)
    listed, more = failed_page(visit.organization, now=visit.desk.clock.now(), limit=BULK)
    return visit.page(_proposal(visit, listed, more=more is not None), "pending")


def _grantable(listed: Sequence[Collectable]) -> list[Collectable]:
    return [one for one in listed if one.refused in GRANTABLE]


def _digest(listed: Sequence[Collectable]) -> str:
    return digest_of([[one.invoice_id, one.balance_minor] for one in _grantable(listed)])


def _proposal(visit: Visit, listed: Sequence[Collectable], *, more: bool) -> ProposalPage:
    yes = _grantable(listed)
    no = [one for one in listed if one.refused not in GRANTABLE]
    reasons: dict[str, int] = {}
    for one in no:
        reasons[one.why] = reasons.get(one.why, 0) + 1
    sums = Counter({visit.organization.currency: 0})
    for one in yes:
        sums[one.currency] += one.balance_minor
    total = each_for_itself(sums)
    invoices = many(visit, len(yes), "invoice", "invoices")
    lines = [
        f"Allows one more try of {invoices}, {monies_text(visit, total)} in all, with the payment methods on file.",
        "Nothing is charged by that alone: they stand on the submit list again.",
    ]
    if more:
        lines.append(f"These are the first {BULK}; the others come after them.")
    return ProposalPage(
        title="Allow another attempt",
        proposals=tuple(_proposed(visit, one) for one in (*yes, *no)),
        empty=EmptyState("Nothing has failed for good", "There is no invoice to allow another attempt at."),
        figures=(Figure("To allow", len(yes)), Figure("Amount", monies(visit, total)),
                 Figure("Left out", len(no))),
        skips=tuple(SkipCount(why, count) for why, count in sorted(reasons.items())),
        confirm=Confirm(
            visit.url("renewals/failed/allow/"),
            f"Allow another attempt at {invoices}",
            tuple(lines),
            digest=_digest(listed),
            cancel_url=visit.url("renewals/failed/"),
            fields=(("key", str(new_id())),),
        )
        if yes
        else None,
        intro="Every failed invoice, and what allowing another attempt would do. What nobody may allow is left out.",
        total=len(listed),
        noun=("invoice", "invoices"),
        crumbs=(Link("Failed invoices", visit.url("renewals/failed/")),),
    )  # fmt: skip


def _proposed(visit: Visit, one: Collectable) -> Proposal:
    allowed = one.refused in GRANTABLE
    send = Link("Send the member a link", f"{member_url(visit, one.party_id)}link/")
    return Proposal(
        subject=Link(one.name, member_url(visit, one.party_id)),
        what=f"Invoice {one.label}, {one.method}" if one.method else f"Invoice {one.label}",
        amount=Money(one.balance_minor, one.currency) if allowed else None,
        why=one.why,
        skip="" if allowed else f"{one.why} {one.fix}".strip(),
        way_out=send if not allowed and visit.may("send_link") and visit.takes_cards else None,
    )


def _allowed(visit: Visit) -> HttpResponseBase:
    """Allows what was read; each invoice once for the confirmation, however often it is posted."""
    now, key = (
        visit.desk.clock.now(),
        visit.request.POST.get("key", "").replace("\0", "")[:64] or str(new_id()),
    )
    back = visit.url("renewals/failed/")
    listed, more = failed_page(visit.organization, now=now, limit=BULK)
    if was_done(visit.organization.id, f"click:{key}"):
        messages.info(visit.request, "That was done already; nothing was done twice.")
        return redirect(back)
    if visit.request.POST.get("digest") != _digest(listed):
        messages.warning(
            visit.request, "The list has changed since you read it. Nothing was done; read it again."
        )
        return visit.page(_proposal(visit, listed, more=more is not None), "pending", 409)
    if not first_click(visit, key, "allow further attempts"):
        return redirect(back)
    done, refused = 0, list[Refused]()
    for one in _grantable(listed):
        try:
            allow_attempt(
                visit.organization, one.invoice_id, actor=visit.actor, now=now, key=f"{key}:{one.number}"
            )
            done += 1
        except Refused as refusal:
            refused.append(refusal)
    messages.success(
        visit.request, f"Another attempt is allowed for {many(visit, done, 'invoice', 'invoices')}."
    )
    for each in refused[:5]:
        messages.warning(visit.request, each.message)
    return redirect(visit.url("renewals/submit/"))
