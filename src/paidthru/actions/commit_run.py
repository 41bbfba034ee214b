"""Commit a renewal run: bound to the preview that staff read, or refused with what changed since."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.invoicing.operations.numbering import take_invoice_numbers
from paidthru.kernel.errors import Refused
from paidthru.ledger.operations import open_batch
from paidthru.ledger.queries.closing import refuse_closed_day
from paidthru.membership.models import BillingRun, RunItem
from paidthru.membership.queries import RunBasis, candidates_by_id, drifted, run_basis, run_totals
from paidthru.membership.rules.renewal import Billed, Candidate, decide
from paidthru.membership.rules.runs import RUN
from paidthru.organizations.queries import frozen_why
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


@dataclass(frozen=True, slots=True)
class Drifted:
    """What changed for one member (or for all, without a name) between the preview and now."""

    was: str
    now: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.was} → {self.now}" if self.name else self.now


class PreviewStale(Refused):
    """The world changed since the preview. `drift` says for whom and how, `count` for how many in all."""

    def __init__(self, drift: list[Drifted], count: int) -> None:
        shown = "; ".join(map(str, drift[:5])) + ("; …" if count > 5 else "")
        super().__init__(
            "preview_stale",
            f"The preview is out of date: {shown}",
            field="run",
            fix="Preview the run again, read what changed, and commit that.",
        )
        self.drift = drift
        self.count = count


def commit_run(run_id: UUID, *, actor: Actor, now: datetime, token: UUID | None = None) -> BillingRun:
    """Releases a previewed run to be written, exactly as previewed. A second commit changes nothing.

    `token` is the preview that the caller read. Opens the run's batch and reserves its invoice numbers, so that the
    invoices are numbered in the order of members however many workers write them.
    Refused: `preview_stale`, `run_bills_nobody`, `preview_unfinished`, and `billing_frozen` after a restore: invoice
    numbers that were given out and lost must not be given out again (C.10).
    """
    with transaction.atomic():
        run = (
            BillingRun.objects.select_for_update(of=("self",))
            .select_related("organization", "billing_cycle", "batch")
            .get(id=run_id)
        )
        if run.state in ("queued", "running", "done", "failed"):
            return run
        if run.state != "previewed":
            raise Refused(
                "preview_unfinished",
                "The preview isn't finished yet.",
                field="run",
                fix="Wait until it is, read it, then commit.",
            )
        if not run.organization.is_sandbox and (why := frozen_why()) is not None:
            raise Refused(
                "billing_frozen",
                f"Billing is frozen: {why}",
                field="run",
                fix="Somebody who may unfreeze it replays the processor's books first, then releases it; then commit.",
            )
        if token is not None and token != run.preview_token:
            raise PreviewStale(
                [Drifted("the preview that you opened", "it was made again after you opened it")], 1
            )
        basis = run_basis(run.organization, run)
        refuse_drift(run, basis)
        if run.billed == 0:
            raise Refused(
                "run_bills_nobody",
                "This run bills nobody: every membership is left out.",
                field="effective",
                value=run.effective_on.isoformat(),
                fix="Read the reasons in the preview; a later effective date includes more members.",
            )
        if run.kind == "staff":  # what the calendar bills late is booked on an open day
            refuse_closed_day(run.organization_id, run.bill_on, field="bill_on")
        batch = open_batch(run.organization_id, "renewal", run.bill_on, now=now, name=run.name)
        changes = {
            "state": RUN.next(run.state, "commit"),
            "batch": batch,
            "committed_by": actor.name,
            "committed_at": now,
            "first_number": take_invoice_numbers(run.organization_id, run.billed, run.bill_on),
        }
        BillingRun.objects.filter(id=run.id).update(**changes)
        record(
            run.organization_id,
            actor,
            now,
            [
                Happening(
                    "run_committed",
                    "run",
                    run.id,
                    why=f"{run.billed} billed, {run.skipped} left out, as previewed",
                    facts={
                        "name": run.name,
                        "billed": run.billed,
                        "skipped": run.skipped,
                        "amount": " + ".join(str(one) for one in run_totals([run])[run.id]),
                        "batch": batch.number,
                    },
                )
            ],
        )
    return BillingRun.objects.select_related("organization", "billing_cycle", "batch").get(id=run_id)


def refuse_drift(run: BillingRun, basis: RunBasis) -> None:
    """Raises PreviewStale when any fact that the preview was made from is no longer so."""
    if basis.digest != run.basis_digest:
        raise PreviewStale(
            [Drifted("the prices and rules of the preview", "a plan, a fee or a policy was changed")], 1
        )
    count, ids = drifted(run, basis)
    if not count:
        return
    current = candidates_by_id(ids, basis)
    items = {item.membership_id: item for item in RunItem.objects.filter(run=run, membership_id__in=ids)}
    names = dict(
        Party.objects.filter(id__in=[item.party_id for item in items.values()]).values_list("id", "name")
    )
    drift = []
    for id_ in ids:
        item, now_is = items.get(id_), current.get(id_)
        name = now_is.name if now_is else names.get(item.party_id, "?") if item else "?"
        was = _said(item) if item else "not in the preview"
        drift.append(Drifted(was, _decided(now_is.candidate, basis) if now_is else "no longer there", name))
    raise PreviewStale(drift, count)


def _said(item: RunItem) -> str:
    return f"left out: {item.detail}" if item.reason else f"billed from {item.start_on}: {item.detail}"


def _decided(candidate: Candidate, basis: RunBasis) -> str:
    decision = decide(candidate, basis.rules)
    if isinstance(decision, Billed):
        return f"would be billed from {decision.start}: {decision.detail}"
    return f"would be left out: {decision.detail}"
