"""A billing run as pages: its preview, its progress, its failure and its result."""

from collections.abc import Iterable, Sequence
from typing import Any

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import batch_url, invoice_url, member_url, run_url
from paidthru.faces.console.badges import invoice_badge
from paidthru.faces.console.formats import day_text, money_text, number_text
from paidthru.faces.console.listing import Slice, query_of
from paidthru.faces.console.pages import (
    Change,
    Confirm,
    Drift,
    Problem,
    ProgressPage,
    Proposal,
    ProposalPage,
    SkipCount,
    Step,
)
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Choice,
    Column,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Tab,
    Text,
    badge_of,
    with_query,
)
from paidthru.invoicing.models import Invoice
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period
from paidthru.membership.models import BillingRun, Membership, RunItem
from paidthru.membership.queries import run_totals, skipped_by_reason
from paidthru.membership.queries.running import billed_after_a_gap

REASONS = {
    "canceled": "Canceled",
    "free": "On a free plan",
    "other_type": "Of another customer type",
    "never_paid": "Never paid",
    "not_due": "Not due",
    "already_billed": "Already billed",
    "not_on_autopay": "Not on AutoPay",
    "no_price": "Plan without a price",
}
"""Why a run leaves somebody out, in a word or two; the sentence with the dates is the item's own."""

_STATES = {"previewing": "Previewing", "previewed": "Previewed", "queued": "Waiting", "running": "Billing"}


def state_badge(run: BillingRun) -> Badge:
    """Where a run stands."""
    return badge_of(run.state, _STATES.get(run.state, ""))


def totals_of(run: BillingRun) -> tuple[Money, ...]:
    """What a run bills in all, of each currency for itself."""
    return run_totals([run])[run.id]


def monies_text(visit: Visit, totals: Sequence[Money]) -> str:
    """Amounts of one or several currencies, in words."""
    return " + ".join(money_text(one, visit.organization.locale) for one in totals)


def monies(visit: Visit, totals: Sequence[Money]) -> Money | str:
    """Amounts of one or several currencies, as one value of a page."""
    return totals[0] if len(totals) == 1 else monies_text(visit, totals)


def many(visit: Visit, count: int, one: str, more: str) -> str:
    """`1 member`, `4,120 members`."""
    return f"{number_text(count, visit.organization.locale)} {one if count == 1 else more}"


def crumbs(visit: Visit) -> tuple[Link, ...]:
    """The way back to the log."""
    return (Link("Renewals", visit.url("renewals/")),)


def progress_page(visit: Visit, run: BillingRun) -> ProgressPage:
    """A preview being made, or a run being written; also one that failed, with guidance and a way on (I-12, I-14)."""
    preview = run.state == "previewing"
    if preview:
        total = Membership.objects.filter(organization=visit.organization).count()
        done = min(run.candidates, total)
    else:
        done, total = run.done, run.candidates
    return ProgressPage(
        title=run.name,
        label=f"Previewing “{run.name}”" if preview else f"Billing “{run.name}”",
        done=done,
        total=total,
        poll_url=run_url(visit, run.id),
        state="failed" if run.state == "failed" else "waiting" if done == 0 else "running",
        figures=() if preview else _figures(visit, run),
        problem=_failure(visit, run) if run.state == "failed" else None,
        crumbs=crumbs(visit),
    )


def _failure(visit: Visit, run: BillingRun) -> Problem:
    again = Action("Start again", run_url(visit, run.id, "resume/"), "primary", "post", icon="renew")
    return Problem(
        "The run stopped",
        run.failure or "No reason was noted.",
        (
            Fact("Members done", run.done, f"of {number_text(run.candidates, visit.organization.locale)}"),
            Fact("Batch", Link(str(run.batch.number), batch_url(visit, run.batch.id)) if run.batch else None),
        ),
        "Start it again: it goes on with the members who are left, and nobody is billed twice. What it wrote so far "
        "is whole: each member is billed with invoice and journal, or not at all. If it stops with the same words "
        "again, look for the member or plan that they name and correct it first; if they name none, the worker's log "
        "has more.",
        "run_failed",
        (again,) if visit.may("renew") else (),
    )


def _figures(visit: Visit, run: BillingRun) -> tuple[Figure, ...]:
    return (
        Figure("Billed" if run.state == "done" else "To bill", run.billed),
        Figure("Amount", monies(visit, totals_of(run))),
        Figure("Left out", run.skipped),
        *_gaps(visit, run),
    )


def _gaps(visit: Visit, run: BillingRun) -> tuple[Figure, ...]:
    """How many are billed a term that doesn't follow their last one: whoever reads the preview is told."""
    count = billed_after_a_gap(run)
    if not count:
        return ()
    url = run_url(visit, run.id) + with_query((), show="gap")
    number = number_text(count, visit.organization.locale)
    return (
        Figure(
            "Billed after a gap", Link(number, url, "nobody bills the days before their terms"), tone="warn"
        ),
    )


def _facts(run: BillingRun) -> tuple[Fact, ...]:
    return (
        Fact("Bill date", run.bill_on),
        Fact("Effective date", run.effective_on),
        Fact("Billing cycle", run.billing_cycle.name if run.billing_cycle else "All customer types"),
        Fact("AutoPay", "Only contacts enrolled in AutoPay" if run.autopay_only else "Everybody"),
    )


def preview_page(
    visit: Visit, run: BillingRun, found: Slice[Any], total: int | None, drift: Drift | None
) -> ProposalPage:
    """What a run would do, member by member, and the step that does it (I-05 to I-11, I-20)."""
    query = query_of(visit.request)
    show = visit.request.GET.get("show", "")
    reasons = skipped_by_reason(run)
    may = visit.may("renew")
    again = Action("Preview again", run_url(visit, run.id, "preview-again/"), method="post", icon="renew")
    return ProposalPage(
        title=run.name,
        proposals=tuple(proposal(visit, item) for item in found.rows),
        empty=EmptyState("Nobody to look at", "The organization has no memberships yet."),
        figures=_figures(visit, run),
        skips=tuple(
            SkipCount(REASONS.get(reason, reason), count, with_query(query, show=reason))
            for reason, count in reasons.items()
        ),
        confirm=_confirm(visit, run) if may else None,
        drift=drift,
        intro=f"Previewed by {run.created_by}. Nothing has been billed yet: read who would be, how much and why; then "
        "bill them as shown.",
        facts=_facts(run),
        filters=(
            Filter("name", "Name contains", "search", visit.request.GET.get("name", "")),
            Filter(
                "show",
                "Show",
                "choice",
                show,
                (
                    Choice("", "Everybody"),
                    Choice("billed", "Billed"),
                    Choice("gap", "Billed after a gap"),
                    Choice("skipped", "Left out"),
                    *(
                        Choice(reason, f"Left out: {REASONS.get(reason, reason).lower()}")
                        for reason in reasons
                    ),
                ),
            ),
        ),
        total=total,
        next_url=found.next_url,
        previous_url=found.previous_url,
        query=query,
        export_url=run_url(visit, run.id, "items.csv") + with_query(query),
        noun=("member", "members"),
        actions=(again,) if may else (),
        crumbs=crumbs(visit),
    )


def _confirm(visit: Visit, run: BillingRun) -> Confirm:
    if run.billed == 0:
        return Confirm(
            run_url(visit, run.id, "commit/"),
            "",
            (
                "Nobody is billed: all are left out, for the reasons above.",
                "A later effective date includes more members.",
            ),
        )
    bill = day_text(run.bill_on, visit.organization.locale)
    members = many(visit, run.billed, "member", "members")
    total = monies_text(visit, totals_of(run))
    lines = [
        f"Bills {members}, {total} in all: an invoice each, dated {bill}, in a new batch “{run.name}”.",
        "Moves their renewed-through dates forward at once. No card is charged and nothing is mailed.",
    ]
    if run.skipped:
        lines.append(f"Leaves out {many(visit, run.skipped, 'member', 'members')}.")
    return Confirm(
        run_url(visit, run.id, "commit/"), f"Bill {members}", tuple(lines), digest=str(run.preview_token)
    )


def _whom(visit: Visit, item: Any) -> Link:
    """Whose membership an item is of, and who pays for it where that is somebody else (C-25)."""
    paid = f", paid by {item.payer_name}" if item.payer_name else ""
    return Link(item.party_name or "?", member_url(visit, item.party_id), f"No. {item.party_number}{paid}")


def proposal(visit: Visit, item: Any) -> Proposal:
    """An item of a run (a RunItem with `party_name`, `party_number` and `payer_name`), its reason and derivation."""
    subject = _whom(visit, item)
    if item.reason:
        return Proposal(subject, skip=f"{REASONS.get(item.reason, item.reason)}. {item.detail}")
    return Proposal(
        subject,
        what=_fees(item),
        period=Period(item.start_on, item.end_on),
        amount=Money(item.total_minor, item.currency),
        why=item.detail,
        steps=_steps(item, item.currency),
    )


def _fees(item: RunItem) -> str:
    return ", ".join(
        str(line["derivation"].get("inputs", {}).get("fee", line["description"])) for line in item.lines or []
    )


def _steps(item: RunItem, currency: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    lines = item.lines or []
    for line in lines:
        steps += [Step(sentence) for sentence in line["derivation"].get("steps", [])]
        steps.append(Step(line["description"], Money(line["amount_minor"], currency)))
    if len(lines) > 1:
        steps.append(Step("In all", Money(item.total_minor, currency)))
    return tuple(steps)


def drift_of(stored: dict[str, Any]) -> Drift:
    """What changed, as it was kept when a commit was refused."""
    return Drift(
        stored["summary"],
        tuple(Change(Text(name or "All members"), was, now) for name, was, now in stored["changes"]),
        stored["total"],
    )


def result_page(
    visit: Visit, run: BillingRun, found: Slice[Any], total: int | None, refused: int
) -> ListPage:
    """A run that is done: everyone it billed, a row an invoice, and everyone it left out, with the reason (I-13)."""
    query = query_of(visit.request)
    show = visit.request.GET.get("show") or "billed"
    tabs = [Tab("Billed", with_query(query, show=""), run.billed, show == "billed")]
    tabs.append(Tab("Left out", with_query(query, show="skipped"), run.skipped - refused, show == "skipped"))
    if refused:
        tabs.append(Tab("Changed meanwhile", with_query(query, show="refused"), refused, show == "refused"))
    billed = show in ("billed", "gap")
    batch = (
        Link(str(run.batch.number), batch_url(visit, run.batch.id), run.batch.state) if run.batch else None
    )
    reviewed = Figure("Invoices reviewed", "Yes" if run.reviewed_at else "Not yet")
    actions: tuple[Action, ...] = ()
    if not run.reviewed_at and run.billed:
        actions = (
            Action("Review invoices", visit.url(f"renewals/review/?run={run.id}"), "primary", icon="review"),
        )
    if visit.may("renew") and run.billed:
        actions = (*actions, Action("Send renewal notices", run_url(visit, run.id, "notices/"), ask=True))
    cycle = run.billing_cycle.name if run.billing_cycle else "all customer types"
    locale = visit.organization.locale
    return ListPage(
        title=run.name,
        columns=_BILLED if billed else _LEFT_OUT,
        rows=tuple(_billed_rows(visit, run, found.rows) if billed else _left_out_rows(visit, found.rows)),
        empty=EmptyState("Nobody", "This run has nobody here."),
        filters=(Filter("name", "Name contains", "search", visit.request.GET.get("name", "")),),
        total=total,
        next_url=found.next_url,
        previous_url=found.previous_url,
        actions=actions,
        intro=f"Billed on {day_text(run.bill_on, locale)} for {cycle}, effective {day_text(run.effective_on, locale)}"
        f"{', AutoPay only' if run.autopay_only else ''}; released by {run.committed_by or run.created_by}.",
        tabs=tuple(tabs),
        figures=(*_figures(visit, run), Figure("Batch", batch), reviewed),
        query=query,
        export_url=run_url(visit, run.id, "items.csv") + with_query(query, show=show),
        noun=("member", "members"),
        crumbs=crumbs(visit),
    )


_BILLED = (
    Column("member", "Member", "link"),
    Column("invoice", "Invoice", "code"),
    Column("what", "For"),
    Column("term", "Term"),
    Column("state", "Invoice is", "badge"),
    Column("amount", "Amount", "money"),
)
_LEFT_OUT = (Column("member", "Member", "link"), Column("reason", "Reason"), Column("why", "Why"))


def _billed_rows(visit: Visit, run: BillingRun, items: list[Any]) -> Iterable[Row]:
    numbers = {item.id: (run.first_number or 0) + (item.ordinal or 0) for item in items}
    invoices = {
        invoice.number: invoice
        for invoice in Invoice.objects.filter(
            organization=visit.organization, number__in=list(numbers.values())
        )
    }
    for item in items:
        invoice = invoices.get(numbers[item.id])
        state = invoice_badge(invoice, visit.desk.today) if invoice else None
        yield Row(
            (
                _whom(visit, item),
                Link(invoice.label, invoice_url(visit, invoice.id)) if invoice else None,
                _fees(item),
                Period(item.start_on, item.end_on),
                state,
                Money(item.total_minor, item.currency),
            )
        )


def _left_out_rows(visit: Visit, items: list[Any]) -> Iterable[Row]:
    for item in items:
        reason = "Changed meanwhile" if item.outcome == "refused" else REASONS.get(item.reason, item.reason)
        why = (
            "The membership changed after the run was released." if item.outcome == "refused" else item.detail
        )
        yield Row(
            (
                _whom(visit, item),
                reason,
                why,
            )
        )
