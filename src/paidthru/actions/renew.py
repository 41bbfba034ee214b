"""Write a committed renewal run, one slice of members a transaction, by any number of workers side by side."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from paidthru.kernel.ids import new_id
from paidthru.ledger.operations import hold_batch
from paidthru.membership.models import BillingRun, RunChunk, RunItem
from paidthru.membership.operations import TermBill, after_payment, bill_terms
from paidthru.membership.operations.carrying import carry_over, hold_carried
from paidthru.membership.queries import HeldItem, RunBasis, held_items, run_basis
from paidthru.membership.rules.runs import RUN
from paidthru.notices.operations import mail_bills
from paidthru.organizations.operations import record_gap
from paidthru.payments.operations import use_credit
from paidthru.timeline.operations import Actor, Happening, record

_CARRIED = '"carried"'  # what a stored line has that asks for an earlier bill's balance


def renew_next(run_id: UUID, *, actor: Actor, now: datetime) -> int | None:
    """Writes the next slice that nobody else holds and returns how many members it had; None when none is free.

    The slice is taken by its row lock and written in the same transaction: killed anywhere, nothing of it is there
    and the next worker takes it. A member whose facts changed after the commit is refused, with the number's gap.
    """
    with transaction.atomic():
        run = BillingRun.objects.select_related("organization", "billing_cycle", "batch").get(id=run_id)
        if run.state not in ("queued", "running", "failed") or run.batch_id is None:
            return None
        chunk = (
            RunChunk.objects.select_for_update(skip_locked=True)
            .filter(run=run, done=False)
            .order_by("first_seq")
            .first()
        )
        if chunk is None:
            return None
        assert run.batch_id is not None  # set at commit
        hold_batch(run.batch_id)
        _by_index()
        basis = run_basis(run.organization, run)
        refused = _write(run, basis, chunk, actor, now)
        RunChunk.objects.filter(id=chunk.id).update(done=True)
        count = chunk.last_seq - chunk.first_seq + 1
        BillingRun.objects.filter(id=run.id).update(
            state="running",
            done=F("done") + count,
            billed=F("billed") - refused,
            skipped=F("skipped") + refused,
        )
        return count


def _by_index() -> None:
    """A slice is a few thousand rows of tables that may have millions: the planner would sometimes rather read all
    of a table, or of an index up to the slice, and the time per member would grow with their number."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")


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
        record(
            run.organization_id,
            actor,
            now,
            [
                Happening(
                    "run_done",
                    "run",
                    run.id,
                    why=f"{run.billed} members billed",
                    facts={"name": run.name},
                )
            ],
        )
        return True


def fail_run(run_id: UUID, failure: str, *, actor: Actor, now: datetime) -> None:
    """Notes why a run could not be written to its end; starting it again goes on where it stopped (I-14)."""
    with transaction.atomic():
        run = BillingRun.objects.select_for_update().get(id=run_id)
        if run.state in ("queued", "running"):
            BillingRun.objects.filter(id=run.id).update(state="failed", failure=failure[:2000])
            record(
                run.organization_id,
                actor,
                now,
                [
                    Happening(
                        "run_failed",
                        "run",
                        run.id,
                        why=failure[:500],
                        facts={"name": run.name},
                    )
                ],
            )


def _bill(
    run: BillingRun, basis: RunBasis, currency: str, bills: Sequence[TermBill], actor: Actor, now: datetime
) -> None:
    """Bills terms of one currency, and closes the earlier documents whose balance they ask for again."""
    assert run.batch_id is not None  # set at commit
    bill_terms(
        run.organization_id, basis.policies, currency, bills, batch_id=run.batch_id, bill_on=run.bill_on,
        run_id=run.id, actor=actor, now=now,
    )  # fmt: skip
    carried = {
        UUID(line["carried"]): bill.invoice_id for bill in bills for line in bill.lines if "carried" in line
    }
    if carried:
        told = carry_over(
            run.organization_id, carried, batch_id=run.batch_id, currency=currency, on=run.bill_on, now=now
        )
        record(run.organization_id, actor, now, told)


def _write(run: BillingRun, basis: RunBasis, chunk: RunChunk, actor: Actor, now: datetime) -> int:
    assert run.batch_id is not None  # set at commit
    assert run.first_number is not None
    bills: list[TermBill] = []
    refused: list[HeldItem] = []
    priced: dict[str, list[dict[str, Any]]] = {}  # the same lines are read once, and billed as the same
    held = list(held_items(run, basis, chunk.first_seq, chunk.last_seq))
    moved = hold_carried(
        {item.membership_id: json.loads(item.lines) for item in held if _CARRIED in item.lines}
    )
    for item in held:
        if not item.unchanged or item.plan_id is None or item.membership_id in moved:
            refused.append(item)
            continue
        lines = priced.get(item.lines)
        if lines is None:
            lines = priced[item.lines] = json.loads(item.lines)
        bills.append(
            TermBill(
                item.membership_id,
                item.party_id,
                basis.plans[item.plan_id],
                item.start_on,
                item.end_on,
                lines,
                run.first_number + item.ordinal,
                "run",
                f"Run “{run.name}”: {item.detail}",
                new_id(),
                payer_id=item.payer_id,
                for_whom=item.for_whom,
            )
        )
    if bills:
        for currency in sorted(
            {bill.plan.currency for bill in bills}
        ):  # each member is billed in their plan's
            _bill(
                run, basis, currency, [bill for bill in bills if bill.plan.currency == currency], actor, now
            )
        if basis.policies.word("credit.apply") == "auto":
            sources = use_credit(
                run.organization_id, run.batch_id, [bill.billed_to for bill in bills], on=run.bill_on, now=now
            )
            if sources:
                after_payment(sources, basis.policies, on=run.bill_on)
    if run.kind == "automatic":  # where staff bill, they send the notices
        told = mail_bills(run.organization_id, [bill.invoice_id for bill in bills], now=now)
        record(run.organization_id, actor, now, told)
    for item in refused:
        record_gap(
            run.organization_id, "invoice", run.first_number + item.ordinal, 1,
            f"Run “{run.name}”: the membership changed meanwhile",
        )  # fmt: skip
        RunItem.objects.filter(id=item.id).update(outcome="refused")
    record(
        run.organization_id, actor, now,
        (
            Happening(
                "not_billed", "membership", item.membership_id, item.party_id,
                why=f"The membership changed after run “{run.name}” was committed.",
            )
            for item in refused
        ),
    )  # fmt: skip
    with connection.cursor() as cursor:
        # Everything that commit would check is checked now, while a failure still names this slice.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return len(refused)
