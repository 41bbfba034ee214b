"""Write a committed renewal run, one slice of members a transaction, by any number of workers side by side."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from paidthru.ledger.operations import hold_batch
from paidthru.membership.models import BillingRun, RunChunk, RunItem
from paidthru.membership.operations import TermBill, after_payment, bill_terms
from paidthru.membership.queries import RunBasis, candidates_by_id, run_basis
from paidthru.membership.rules.runs import RUN
from paidthru.organizations.operations import record_gap
from paidthru.payments.operations import use_credit
from paidthru.timeline.operations import Actor, Happening, record


def renew_next(run_id: UUID, *, actor: Actor, now: datetime) -> int | None:
    """Writes the next slice that nobody else holds and returns how many members it had; None when none is free.

    The slice is taken by its row lock and written in the same transaction: killed anywhere, nothing of it is there
    and the next worker takes it. A member whose facts changed after the commit is refused, with the number's gap.
    """
    with transaction.atomic():
        run = (
            BillingRun.objects.select_related("organization", "billing_cycle", "batch").get(id=run_id)
        )
        if run.state not in ("queued", "running", "failed"):
            return None
        chunk = (
            RunChunk.objects.select_for_update(skip_locked=True).filter(run=run, done=False).order_by("first_seq")
            .first()
        )
        if chunk is None:
            return None
        assert run.batch_id is not None and run.first_number is not None  # set at commit
        hold_batch(run.batch_id)
        basis = run_basis(run.organization, run)
        refused = _write(run, basis, chunk, actor, now)
        RunChunk.objects.filter(id=chunk.id).update(done=True)
        count = chunk.last_seq - chunk.first_seq + 1
        BillingRun.objects.filter(id=run.id).update(
            state="running", done=F("done") + count, billed=F("billed") - refused, skipped=F("skipped") + refused
        )
        return count


def finish_run(run_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Marks a run done when every slice is written; True when it is done."""
    with transaction.atomic():
        run = BillingRun.objects.select_for_update().get(id=run_id)
        if run.state == "done":
            return True
        if run.state not in ("running", "queued") or RunChunk.objects.filter(run=run, done=False).exists():
            return False
        changes: dict[str, Any] = {"state": RUN.next("running", "finish"), "finished_at": now, "failure": ""}
        BillingRun.objects.filter(id=run.id).update(**changes)
        record(run.organization_id, actor, now, [Happening(
            "run_done", "run", run.id, why=f"{run.billed} members billed", facts={"name": run.name},
        )])
        return True


def fail_run(run_id: UUID, failure: str, *, actor: Actor, now: datetime) -> None:
    """Notes why a run could not be written to its end; starting it again goes on where it stopped (I-14)."""
    with transaction.atomic():
        run = BillingRun.objects.select_for_update().get(id=run_id)
        if run.state in ("queued", "running"):
            BillingRun.objects.filter(id=run.id).update(state="failed", failure=failure[:2000])
            record(run.organization_id, actor, now, [Happening(
                "run_failed", "run", run.id, why=failure[:500], facts={"name": run.name},
            )])


def _write(run: BillingRun, basis: RunBasis, chunk: RunChunk, actor: Actor, now: datetime) -> int:
    items = list(
        RunItem.objects.filter(run=run, seq__gte=chunk.first_seq, seq__lte=chunk.last_seq, reason="").order_by("seq")
    )
    current = candidates_by_id([item.membership_id for item in items], basis, lock=True)
    bills, refused = [], []
    for item in items:
        member = current.get(item.membership_id)
        if member is None or member.digest != item.facts_digest:
            refused.append(item)
            continue
        assert item.ordinal is not None and item.start_on is not None and item.end_on is not None  # it is billed
        bills.append(TermBill(
            membership_id=item.membership_id, party_id=item.party_id, plan=basis.plans[member.candidate.plan_id],
            start_on=item.start_on, end_on=item.end_on, lines=item.lines or [],
            number=(run.first_number or 0) + item.ordinal, source="run", why=f"Run “{run.name}”: {item.detail}",
        ))
    if bills:
        bill_terms(
            run.organization_id, basis.policies, basis.rules.currency, bills, batch_id=run.batch_id,  # type: ignore[arg-type]
            bill_on=run.bill_on, run_id=run.id, actor=actor, now=now,
        )
        if basis.policies.word("credit.apply") == "auto":
            sources = use_credit(
                run.organization_id, run.batch_id, [bill.party_id for bill in bills], on=run.bill_on, now=now,  # type: ignore[arg-type]
            )
            if sources:
                after_payment(sources, basis.policies, on=run.bill_on)
    for item in refused:
        number = (run.first_number or 0) + (item.ordinal or 0)
        record_gap(run.organization_id, "invoice", number, 1, f"Run “{run.name}”: the membership changed meanwhile")
        RunItem.objects.filter(id=item.id).update(outcome="refused")
    record(run.organization_id, actor, now, (
        Happening("not_billed", "membership", item.membership_id, item.party_id,
                  why=f"The membership changed after run “{run.name}” was committed.")
        for item in refused
    ))
    with connection.cursor() as cursor:
        # Everything that commit would check is checked now, while a failure still names this slice.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return len(refused)
