"""Where an organization's console starts: what waits for a person today, the red first (I-48, I-52, I-37)."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.reopen_gateway import reopen_gateway
from paidthru.actions.submit import Selection, submit_list
from paidthru.dunning.queries import open_counts
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import told
from paidthru.faces.console.equivalents import equivalent_figures
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.home_board import home_figures, home_rows
from paidthru.faces.console.pages import Problem, RecordPage, Section
from paidthru.faces.console.parts import Action, Column, EmptyState, Figure, Link, Row, Table, Tone
from paidthru.faces.console.run_pages import many
from paidthru.faces.console.views.calendar import standing
from paidthru.faces.console.views.welcome import first_steps, ways_to_put_away
from paidthru.invoicing.queries import drafts_waiting
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import each_for_itself
from paidthru.ledger.queries import unposted
from paidthru.membership.models import BillingRun, Membership
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.queries.attention import Waiting, waiting
from paidthru.payments.queries.collecting import Collectable
from paidthru.payments.queries.gates import paused
from paidthru.payments.rules.retries import EXCEPTION_CODES, FAILED_CODES
from paidthru.payments.rules.settlement import SettlementLabel
from paidthru.timeline.queries import inbox_health
from paidthru.wiring import enqueue_work

_AHEAD = timedelta(days=30)
_READ = 1_000  # invoices of the submit list that the figures are taken from; with more, they say "and more"
_COLUMNS = (
    Column("what", "What waits", "link"),
    Column("count", "How many", "number"),
    Column("do", "What to do", "prose"),
)
_RED = {
    SettlementLabel.UNKNOWN: "Look them up at the processor: what became of them is not understood.",
    SettlementLabel.FAILED_TO_SETTLE: "Refund the money, or let it pay another invoice: it is kept as credit.",
    SettlementLabel.TIMED_OUT: "Compare with the processor’s own pages: there has been no final answer for days.",
}


@staff_page("view")
def home(visit: Visit) -> HttpResponseBase:
    """What waits for a person, with the way there; nothing is charged or changed by looking."""
    organization, today = visit.organization, visit.desk.today
    days = policies_of(organization).number("collect.reconcile_timeout_days")
    found = waiting(organization.id, zone=organization.zone, on=today, timeout_days=days)
    listed, more = submit_list(organization, Selection(today), now=visit.desk.clock.now(), limit=_READ)
    ready = [one for one in listed if not one.refused]
    stuck = len(listed) - len(ready)
    failed = sum(one.refused in FAILED_CODES for one in listed)
    odd = sum(one.refused in EXCEPTION_CODES for one in listed)
    red, decide = (
        _red(visit, found),
        _to_decide(visit, found, failed=failed, pending=stuck, odd=odd),
    )
    nothing = EmptyState("Nothing waits for you.", "What does comes here by itself.")
    return visit.page(
        RecordPage(
            title="Today",
            intro=day_text(today, organization.locale, "full") + ".",
            figures=(
                *_to_submit(visit, ready, " and more" if more else ""),
                Figure("Waiting to be sent", found.unsent),
                Figure("At the processor", found.under_way),
                Figure(
                    "To look at first",
                    sum(found.red.values()),
                    tone="bad" if any(found.red.values()) else "neutral",
                ),
                standing(visit),
                *home_figures(visit),
            ),
            actions=(Action("Submit invoices", visit.url("renewals/submit/"), "primary", icon="send"),)
            if ready and visit.may("submit")
            else (),
            warning=_paused(visit),
            sections=(
                *_to_begin(visit),
                *(
                    (Section("red", "Look at these first", Table(_COLUMNS, red, "Look at these first")),)
                    if red
                    else ()
                ),
                Section(
                    "decide",
                    "Waits for somebody",
                    Table(_COLUMNS, decide, "Waits for somebody", empty=nothing),
                ),
            ),
        ),
        "home",
    )


def _to_begin(visit: Visit) -> tuple[Section, ...]:
    """What is still to be done until the first bills are in the books; nothing once all is, or it was put away."""
    away = ways_to_put_away(visit)
    if not away:
        return ()
    steps = first_steps(visit)
    left = [step for step in steps if not step.done]
    if not left:
        return ()
    rows = tuple(Row((Link(step.name, visit.url(step.path)), step.why)) for step in left[:3])
    columns = (Column("step", "Next", "link"), Column("why", "What for", "prose"))
    title = f"Getting started: {len(steps) - len(left)} of {len(steps)} done"
    more = Link("All steps", visit.url("setup/"))
    return (Section("start", title, Table(columns, rows, "Getting started"), actions=away, more=more),)


def _to_submit(visit: Visit, ready: Sequence[Collectable], open_end: str) -> tuple[Figure, ...]:
    """What would be submitted: each currency for itself, and together at the rates of today."""
    own, sums = visit.organization.currency, Counter[str]()
    for one in ready:
        sums[one.currency] += one.balance_minor
    note = f"{many(visit, len(ready), 'invoice', 'invoices')}{open_end}"
    amounts = each_for_itself({own: sums.pop(own, 0), **sums})
    figures = [
        Figure("To submit" if not place else "And", one, note if not place else "")
        for place, one in enumerate(amounts)
    ]
    return (*figures, *equivalent_figures(visit, {one.currency: one.amount_minor for one in amounts}))


def _row(
    visit: Visit, label: str, path: str, count: int, todo: str, tone: Tone = "neutral"
) -> tuple[Row, ...]:
    """One queue; none where nothing waits in it."""
    return (Row((Link(label, visit.url(path)), count, todo), tone=tone),) if count else ()


def _red(visit: Visit, found: Waiting) -> tuple[Row, ...]:
    rows: tuple[Row, ...] = ()
    review = "Find out what became of each, and propose it with evidence."
    for label, count in found.red.items():
        rows += _row(
            visit, label.value, f"payments/attempts/?status={label.value}", count, _RED[label], "bad"
        )
        if label is SettlementLabel.UNKNOWN:
            path = "renewals/needs-review/"
            rows += _row(visit, "Of these, to be settled with evidence", path, found.reviews, review, "bad")
    rows += _row(
        visit,
        "Refunds that did not arrive",
        "refunds/?show=failed",
        found.refunds_failed,
        "Give the money back another way, and record that.",
        "bad",
    )
    rows += _row(
        visit,
        "Open disputes",
        "disputes/?status=open",
        found.disputes,
        "Answer them at the processor in time.",
        "bad",
    )
    rows += _row(visit, "Money nobody can place", "strays/", found.strays, "Say whose it is.", "bad")
    dead = inbox_health(visit.organization.id, visit.desk.gateway.name).dead
    if visit.may("connect_gateway"):
        said = "Read why: the sweep catches up on what they told of."
        rows += _row(visit, "Events that could not be worked", "settings/payments/", dead, said, "bad")
    return rows


def _to_decide(visit: Visit, found: Waiting, *, failed: int, pending: int, odd: int) -> tuple[Row, ...]:
    unpaid = open_counts(visit.organization.id)
    return (
        *home_rows(visit),
        *_renewals(visit),
        *_row(visit, "Refunds to be approved", "refunds/?show=waiting", found.refunds_to_approve,
              "Approve them, or turn them down."),
        *_row(visit, "Proposals to be approved", "renewals/needs-review/", found.proposals,
              "Read the evidence; somebody else than the proposer approves."),
        *_row(visit, "Drafts of invoices", "invoices/?show=drafts", drafts_waiting(visit.organization.id),
              "Read them, then send or discard them. Nobody is asked for anything before."),
        *_row(visit, "Payment failures", "failures/", unpaid[0],
              "Each has its next step and date; pause, arrange or close what needs a person."),
        *_row(visit, "Not paid by due date", "failures/?show=overdue", unpaid[1],
              "Nothing failed: the money has not come yet. Record what arrives."),
        *_row(visit, "Pending invoices", "renewals/pending/", pending,
              "Each has its reason and what helps: mostly a new card or expiry date."),
        *_row(visit, "Of these, failed for good", "renewals/failed/", failed,
              "Allow another attempt, or send the member a link."),
        *_row(visit, "Of these, of earlier terms", "renewals/exceptions/", odd,
              "Record what was paid, credit what is not owed, or collect them one by one."),
        *_row(visit, "Payments that wait for the member", "payments/?status=requires_action", found.action,
              "A mail with a link is written to each; the link can be handed over too."),
    )  # fmt: skip


def _renewals(visit: Visit) -> tuple[Row, ...]:
    """What a renewal run waits for: to be begun, committed, reviewed; each by a person."""
    organization, policies = visit.organization, policies_of(visit.organization)
    runs = BillingRun.objects.filter(organization=organization)
    unread = runs.filter(state="done", billed__gt=0, reviewed_at=None)
    if policies.word("invoice.review") != "must_approve":
        unread = unread.exclude(kind="automatic")  # they may be looked at, and wait for nobody
    previewed = runs.filter(state="previewed").count()
    due = Membership.objects.filter(
        organization=organization, next_bill_on__lte=visit.desk.today + _AHEAD, state="active"
    )
    by_staff = policies.word("billing.trigger") == "staff_run"
    members = visit.words.members
    return (
        *_row(visit, f"{members.capitalize()} due within a month, not billed", "renewals/generate/",
              due.count() if by_staff else 0, "A run bills them: preview it, read whom it bills and why, commit it."),
        *_row(visit, "Runs to be committed", "renewals/", previewed,
              "Read the preview, then commit it or discard it. Nobody is billed before."),
        *_row(visit, "Runs to be reviewed", "renewals/review/", unread.count(),
              "Read their invoices, then mark them as reviewed."),
        *_row(visit, "Batches of earlier days to be posted", "batches/", _batches(visit, policies),
              "Read what is in each, then post it: it is sealed, and goes out with the books."),
    )  # fmt: skip


def _batches(visit: Visit, policies: Policies) -> int:
    """How many wait for a person; today’s still fill up, and elsewhere they are posted by themselves."""
    if policies.word("batch.post") == "auto":
        return 0
    return len(unposted(visit.organization.id, dated_by=visit.desk.today - timedelta(days=1)))


def _paused(visit: Visit) -> Problem | None:
    """That nothing is sent to the processor just now, and who may end that."""
    found = paused(visit.organization, visit.desk.gateway.name, now=visit.desk.clock.now())
    if found is None or not found.code:
        return None
    again = Action("Send again now", visit.url("sending/"), method="post")
    return Problem(
        "Nothing is sent to the processor for now",
        found.why,
        way_out="It is tried again by itself. What waits is not lost.",
        code=found.code,
        actions=(again,) if visit.may("submit") else (),
    )


@staff_page("submit")
def reopen(visit: Visit) -> HttpResponseBase:
    """Lets sending go on after a pause; a gate that is still shut pauses it again."""
    if visit.request.method == "POST":
        try:
            reopen_gateway(
                visit.organization, visit.desk.gateway.name, actor=visit.actor, now=visit.desk.clock.now()
            )
        except Refused as refused:
            return told(visit, refused, visit.url())
        enqueue_work(visit.organization.id)
        messages.success(visit.request, "Payments are sent to the processor again.")
    return redirect(visit.url())
