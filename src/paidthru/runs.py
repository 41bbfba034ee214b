"""Runs: the scheduled work, and the strings of actions behind one click.

Everything here can be asked for again at any moment: what is due lives in the tables, and each action is idempotent.
The worker calls `work` with the real clock; a sandbox's time bar and the stories call `advance`, which does the same
work at each instant at which something falls due.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import NotRequired, TypedDict, Unpack
from uuid import UUID

from paidthru.actions.charge import (
    Claim,
    claim,
    claim_waiting,
    give_back,
    open_attempt,
    open_attempts,
    send,
)
from paidthru.actions.commit_run import commit_run
from paidthru.actions.mark_missed import mark_missed
from paidthru.actions.post_batch import post_batch
from paidthru.actions.preview_run import discard_run, fail_preview, preview, preview_again, start_run
from paidthru.actions.recognize import recognize
from paidthru.actions.record_payment import record_payment
from paidthru.actions.renew import fail_run, finish_run, renew_next
from paidthru.actions.review_run import review_run
from paidthru.actions.settle import Settled, settle
from paidthru.actions.stop_billing import settle_skipped
from paidthru.actions.submit import (
    Selection,
    next_collection,
    refuse_unready,
    submit_list,
    submit_totals,
)
from paidthru.invoicing.queries import oldest_open_invoice
from paidthru.kernel.clock import Clock, local_date, local_instant
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch
from paidthru.ledger.queries import next_recognition, unposted
from paidthru.membership.models import BillingRun
from paidthru.membership.operations import mark_unpaid
from paidthru.membership.queries import memberships_on_invoices, next_due, run_named, unfinished_runs
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import move_clock, set_goal
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.gateway import Gateway, GatewayError, GatewayIntent
from paidthru.payments.models import OPEN_ATTEMPT, Attempt, Payment
from paidthru.payments.queries import Collectable, count_unsent, in_flight, next_look, unsent
from paidthru.timeline.operations import SCHEDULE, Actor, again_on_conflict

log = logging.getLogger(__name__)
BILLING_AT = time(6, 0)  # local; from then on the day's renewals bill and collect
CLAIMED = 20  # attempts taken at a time; even at 5 s each the last is sent before its deadline
CLOSING_AT = time(23, 50)  # local; income is recognized and batches are posted
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an organization's work is done: its clock and its gateway, picked by the wiring."""

    organization: Organization
    clock: Clock
    gateway: Gateway

    @property
    def today(self) -> date:
        """The local date."""
        return local_date(self.clock.now(), self.organization.zone)


def turn_key(organization_id: UUID) -> int:
    """The advisory lock of whoever works on an organization: the worker's jobs, and a story that is being told."""
    return organization_id.int & 0x7FFF_FFFF_FFFF_FFFF


def preview_run(run_id: UUID, *, actor: Actor, now: datetime) -> BillingRun:
    """Makes or goes on with a preview; what stops it is noted on the run, which then holds nothing else up."""
    try:
        return preview(run_id)
    except Exception as error:
        fail_preview(run_id, f"{type(error).__name__}: {error}", actor=actor, now=now)
        raise


def write_run(run_id: UUID, *, actor: Actor, now: datetime, progress: Progress | None = None) -> BillingRun:
    """Writes a committed run to its end, sharing its slices with whoever else does the same."""
    try:
        while again_on_conflict(partial(renew_next, run_id, actor=actor, now=now)) is not None:
            if progress is not None:
                run = BillingRun.objects.get(id=run_id)
                progress(run.done, run.candidates)
    except Exception as error:
        fail_run(run_id, f"{type(error).__name__}: {error}", actor=actor, now=now)
        raise
    finish_run(run_id, actor=actor, now=now)
    return BillingRun.objects.select_related("batch", "organization").get(id=run_id)


class Asked(TypedDict):
    """What staff ask of a renewal run (see `start_run`)."""

    name: str
    effective_on: date
    bill_on: NotRequired[date | None]
    autopay_only: NotRequired[bool]
    billing_cycle: NotRequired[str]


def generate(desk: Desk, *, actor: Actor, **asked: Unpack[Asked]) -> BillingRun:
    """Releases a run as `release` does, and writes it."""
    run = release(desk, actor=actor, **asked)
    return write_run(run.id, actor=actor, now=desk.clock.now())


def release(desk: Desk, *, actor: Actor, **asked: Unpack[Asked]) -> BillingRun:
    """Commits the run that was previewed under that name, or previews and commits a new one. The worker, or whoever
    calls `write_run`, writes it."""
    now = desk.clock.now()
    known = _previewed(desk, asked)
    run = known or start_run(desk.organization, actor=actor, now=now, **asked)
    try:
        return commit_run(preview_run(run.id, actor=actor, now=now).id, actor=actor, now=now)
    except Refused:
        if known is None:  # nobody has read it: its name is free again
            discard_run(run.id, actor=actor, now=now)
        raise


def propose(desk: Desk, *, actor: Actor, **asked: Unpack[Asked]) -> BillingRun:
    """Previews a run, from the start if it was previewed before; `release` commits what was read."""
    run = _previewed(desk, asked)
    if run is None:
        run = start_run(desk.organization, actor=actor, now=desk.clock.now(), **asked)
    else:
        preview_again(run)
    return preview_run(run.id, actor=actor, now=desk.clock.now())


def _previewed(desk: Desk, asked: Asked) -> BillingRun | None:
    """The run of that name, if it waits to be committed and was asked for in the same way. Another one keeps the
    name: a new run is refused then (I-05)."""
    run = run_named(desk.organization.id, asked["name"].strip())
    if run is None or run.state not in ("previewing", "previewed"):
        return None
    cycle = run.billing_cycle.name if run.billing_cycle else ""
    same = (
        asked["effective_on"] == run.effective_on
        and (asked.get("bill_on") or run.bill_on) == run.bill_on
        and asked.get("autopay_only", False) == run.autopay_only
        and asked.get("billing_cycle", "") == cycle
    )
    return run if same else None


def pay_online(desk: Desk, invoice_id: UUID, *, actor: Actor) -> Settled | None:
    """Collects an invoice now, with the payment method on file, while the payer is there. Refused as `open_attempt`,
    and `payment_in_progress`."""
    refuse_while_collecting(invoice_id)
    budget = policies_of(desk.organization).number("collect.max_attempts")
    attempt = again_on_conflict(
        partial(
            open_attempt,
            desk.organization,
            invoice_id,
            max_attempts=budget,
            initiator="member",
            actor=actor,
            now=desk.clock.now(),
            off_session=False,
        )
    )
    return collect(desk, attempt.id)


def refuse_while_collecting(invoice_id: UUID) -> None:
    """Refuses `payment_in_progress` while another attempt at the invoice waits for its end. A double click doesn't
    count: it meets its own attempt, which isn't sent yet."""
    attempt = Attempt.objects.filter(
        intent__invoices__invoice_id=invoice_id, intent__invoices__open=True, state__in=OPEN_ATTEMPT
    ).first()
    if attempt is not None and (attempt.initiator, attempt.state) != ("member", "created"):
        raise Refused(
            "payment_in_progress",
            "A payment of this invoice is under way already.",
            field="invoice",
            fix="Wait for its answer: paying again now could pay twice.",
        )


def mark_cycle_paid(
    desk: Desk, party_id: UUID, *, means: str, actor: Actor, amount_minor: int | None = None
) -> Payment:
    """Records that a member's oldest unpaid cycle was paid outside: all of its balance, or the amount given (minor
    units). Refused `invoice_paid` when nothing is open."""
    invoice = oldest_open_invoice(party_id)
    if invoice is None:
        raise Refused(
            "invoice_paid",
            "No cycle of this member is unpaid.",
            field="member",
            fix="Record the money as a payment; it stands as credit.",
        )
    return record_payment(
        desk.organization,
        party_id,
        amount_minor=invoice.balance_minor if amount_minor is None else amount_minor,
        currency=invoice.currency,
        means=means,
        actor=actor,
        now=desk.clock.now(),
        invoice_ids=[invoice.id],
    )


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submission did: attempts opened, and the invoices that could not be, each with its reason."""

    submitted: int
    refused: tuple[Collectable, ...]


def submit(desk: Desk, selection: Selection, *, actor: Actor, acknowledged: bool = False) -> Submission:
    """Opens an attempt for every invoice of the submit list. Asked for twice, the second finds nothing left (I-43).

    `acknowledged`: the caller has read the list, also of runs that were not marked as reviewed, and of dates ahead.
    """
    now, on = desk.clock.now(), desk.today
    run_ids = submit_totals(desk.organization, selection, on=on).run_ids
    refuse_unready(desk.organization, selection, run_ids, now=now, acknowledged=acknowledged)
    for run in BillingRun.objects.filter(id__in=run_ids, state="done", reviewed_at__isnull=True):
        review_run(run.id, actor=actor, now=now)
    return _submit(desk, selection, initiator="submission", actor=actor)


def _submit(desk: Desk, selection: Selection, *, initiator: str, actor: Actor) -> Submission:
    """Opens the attempts page by page, each in one transaction."""
    submitted, refused, after = 0, [], None
    budget = policies_of(desk.organization).number("collect.max_attempts")
    while True:
        page, after = submit_list(desk.organization, selection, on=desk.today, after=after)
        refused += [one for one in page if one.refused]
        ready = {one.invoice_id: one for one in page if not one.refused}
        opened = again_on_conflict(
            partial(
                open_attempts,
                desk.organization,
                list(ready),
                max_attempts=budget,
                initiator=initiator,
                actor=actor,
                now=desk.clock.now(),
            )
        )
        submitted += len(opened.written)
        # paid or changed since the list was read
        refused += [replace(ready[id_], refused=why.code) for id_, why in opened.refused.items()]
        if after is None:
            return Submission(submitted, tuple(refused))


def collect(desk: Desk, attempt_id: UUID) -> Settled | None:
    """Sends one attempt and settles the answer; None when somebody else is at it."""
    held = claim(attempt_id, now=desk.clock.now())
    return _send(desk, held) if held else None


def _send(desk: Desk, held: Claim, policies: Policies | None = None) -> Settled | None:
    answer = send(held, desk.gateway)
    if answer is None:
        give_back([held])
        return None
    return _settle(desk, held.attempt_id, answer, held.lease, policies)


def _settle(
    desk: Desk,
    attempt_id: UUID,
    answer: GatewayIntent | GatewayError,
    lease: UUID | None = None,
    policies: Policies | None = None,
) -> Settled:
    return again_on_conflict(
        partial(
            settle,
            desk.organization,
            attempt_id,
            answer,
            actor=SCHEDULE,
            now=desk.clock.now(),
            lease=lease,
            policies=policies,
        ),
        repeatable=True,
    )


def collect_unsent(desk: Desk, progress: Progress | None = None) -> int:
    """Sends every attempt that waits, a few at a time, beside whoever else does; returns how many were answered.

    Stops when the gateway refuses the account itself: what was not sent waits (B-31).
    """
    answered = 0
    while (held := claim_waiting(desk.organization.id, now=desk.clock.now(), limit=CLAIMED)) is not None:
        policies = policies_of(desk.organization)
        for place, one in enumerate(held):
            settled = _send(desk, one, policies)
            answered += settled is not None
            if settled is not None and settled.stop:
                give_back(held[place + 1 :])
                return answered
        if progress is not None:
            progress(answered, answered + count_unsent(desk.organization.id))
    return answered


def look(desk: Desk, attempt_id: UUID) -> Settled | None:
    """Asks the gateway about an open attempt and settles what it says; drives it again where nothing took effect."""
    attempt = Attempt.objects.select_related("intent").get(id=attempt_id)
    if attempt.intent.gateway_ref is None:
        return collect(desk, attempt_id)
    try:
        answer = desk.gateway.fetch_intent(attempt.intent.gateway_ref)
    except GatewayError as error:
        return _settle(desk, attempt_id, error)
    settled = _settle(desk, attempt_id, answer)
    return collect(desk, attempt_id) if settled.send_again else settled


def retrieve(desk: Desk) -> dict[str, int]:
    """Asks about every attempt in flight (I-46, I-54); returns how many stand in each state afterwards."""
    found: dict[str, int] = {}
    for id_ in in_flight(desk.organization.id, limit=1_000_000):
        settled = look(desk, id_)
        state = settled.state if settled else Attempt.objects.get(id=id_).state
        found[state] = found.get(state, 0) + 1
    return found


def bill_due(desk: Desk) -> None:
    """Bills the memberships whose next term has begun, a run for each date, in order (P-01, C-17)."""
    while (on := next_due(desk.organization.id)) is not None and _at(
        desk, on, BILLING_AT
    ) <= desk.clock.now():
        now = desk.clock.now()
        run = preview(_automatic_run(desk, on, now).id)
        if run.billed:
            commit_run(run.id, actor=SCHEDULE, now=now)
            write_run(run.id, actor=SCHEDULE, now=now)
        settle_skipped(run.id, on=desk.today, actor=SCHEDULE, now=now)


def _automatic_run(desk: Desk, on: date, now: datetime) -> BillingRun:
    """The run that bills a date by itself: a new one, or the one that was cut off before it was committed."""
    for n in count(1):
        name = f"Automatic {on.isoformat()}" + (f" ({n})" if n > 1 else "")
        run = run_named(desk.organization.id, name)
        if run is None:
            return start_run(
                desk.organization, name=name, effective_on=on, actor=SCHEDULE, now=now, kind="automatic"
            )
        if run.kind == "automatic" and run.state in ("previewing", "previewed"):
            preview_again(run)
            return run
    raise AssertionError("count never ends")


def collect_due(desk: Desk) -> None:
    """Makes the first attempt at every autopay invoice that is due; later ones are dunning's."""
    reviewed = policies_of(desk.organization).word("invoice.review") == "must_approve"
    selection = Selection(desk.today, untried=True, reviewed=reviewed)
    done = _submit(desk, selection, initiator="schedule", actor=SCHEDULE)
    without = [one.invoice_id for one in done.refused if one.refused == "no_payment_method"]
    if without:
        mark_unpaid(memberships_on_invoices(without), on=desk.today)


def work(desk: Desk) -> None:
    """Does everything that is due by now. Cheap when nothing is."""
    organization = desk.organization
    organization.refresh_from_db()
    if organization.worker_stopped:
        return
    now = desk.clock.now()
    for run in unfinished_runs(organization.id):
        try:
            if run.state == "previewing":
                preview_run(run.id, actor=SCHEDULE, now=now)
            else:
                write_run(run.id, actor=SCHEDULE, now=now)
        except Exception:  # it is noted on the run, and must not hold up the organization's other work
            log.exception("run %s failed", run.id)
    policies = policies_of(organization)
    if policies.word("billing.trigger") == "auto":
        bill_due(desk)
    if policies.word("collect.submit") == "daily" and _at(desk, desk.today, BILLING_AT) <= now:
        collect_due(desk)
    mark_missed(organization, before=desk.today, actor=SCHEDULE, now=now)
    collect_unsent(desk)
    for id_ in in_flight(organization.id, due_by=now):
        look(desk, id_)
    closed_on = desk.today if _at(desk, desk.today, CLOSING_AT) <= now else desk.today - timedelta(days=1)
    recognize(organization, month_end_on=closed_on, now=now)
    if policies.word("batch.post") == "auto":
        for batch in _postable(organization.id, dated_by=closed_on):
            post_batch(batch.id, actor=SCHEDULE, now=now)


def next_work(desk: Desk) -> datetime | None:
    """The next instant at which something falls due; an instant that has passed means now."""
    organization = desk.organization
    if organization.worker_stopped:
        return None
    policies = policies_of(organization)
    instants: list[datetime | None] = [next_look(organization.id), _next_billing(desk, policies)]
    if (on := next_recognition(organization.id)) is not None:
        instants.append(_at(desk, on, CLOSING_AT))
    if policies.word("batch.post") == "auto":
        instants += [_at(desk, batch.dated_on, CLOSING_AT) for batch in _postable(organization.id)[:1]]
    if unsent(organization.id, limit=1):
        instants.append(desk.clock.now())
    known = [instant for instant in instants if instant is not None]
    return min(known) if known else None


def _postable(organization_id: UUID, *, dated_by: date | None = None) -> list[Batch]:
    """The batches that can be posted, oldest first: not one that a run is still, or was never, done with."""
    batches = unposted(organization_id, dated_by=dated_by)
    in_use = set(
        BillingRun.objects.filter(batch__in=batches).exclude(state="done").values_list("batch_id", flat=True)
    )
    return [batch for batch in batches if batch.id not in in_use]


def _next_billing(desk: Desk, policies: Policies) -> datetime | None:
    """When the calendar bills or collects next: invoices that were billed ahead are collected on their due date."""
    today = desk.today
    began = _at(desk, today, BILLING_AT) <= desk.clock.now()
    days: list[date | None] = []
    if policies.word("billing.trigger") == "auto":
        days.append(next_due(desk.organization.id))
    if policies.word("collect.submit") == "daily":
        days.append(
            next_collection(desk.organization.id, since=today + timedelta(days=1) if began else today)
        )
    known = [on for on in days if on is not None]
    return _at(desk, min(known), BILLING_AT) if known else None


def advance(desk: Desk, to: datetime) -> None:
    """Moves a sandbox's time to an instant, doing on the way all that falls due, each at its own instant."""
    organization = desk.organization
    work(desk)
    while (due := next_work(desk)) is not None:
        step = max(due, desk.clock.now() + timedelta(minutes=1))
        if step > to:
            break
        move_clock(organization, step)
        work(desk)
    if to > desk.clock.now():
        move_clock(organization, to)
        work(desk)


def reach_goal(desk: Desk) -> None:
    """Moves a sandbox to where it was sent (the time bar, when that takes longer than a page may)."""
    organization = desk.organization
    organization.refresh_from_db()
    if organization.sandbox_goal is not None:
        if organization.sandbox_goal > desk.clock.now():
            advance(desk, organization.sandbox_goal)
        set_goal(organization, None)


def _at(desk: Desk, on: date, at: time) -> datetime:
    return local_instant(on, at, desk.organization.zone)
