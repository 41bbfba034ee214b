"""Preview a renewal run: every membership with its term, amount and derivation, or the reason it is left out."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from paidthru.kernel.clock import local_date
from paidthru.kernel.copying import Encoded, copy_rows, encoded
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.texts import checked_name
from paidthru.ledger.queries.closing import refuse_closed_day
from paidthru.membership.models import BillingCycle, BillingRun, RunChunk, RunItem
from paidthru.membership.queries import Considered, RunBasis, candidates_after, run_basis
from paidthru.membership.rules.pricing import priced_line
from paidthru.membership.rules.renewal import Billed, decide
from paidthru.membership.rules.runs import RUN
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor, Happening, record

FARTHEST_YEARS = 20  # an effective date beyond is a slip of the pen
CHUNK = 2_000
Progress = Callable[[int], None]


def start_run(
    organization: Organization,
    *,
    name: str,
    effective_on: date,
    actor: Actor,
    now: datetime,
    bill_on: date | None = None,
    autopay_only: bool = False,
    billing_cycle: str = "",
    kind: str = "staff",
) -> BillingRun:
    """Creates a run to be previewed. `bill_on` defaults to today in the organization's zone (I-08).

    Refused: `run_name_taken` (I-05), `billing_cycle_unknown` (I-06), `date_invalid`,
    `period_locked`, and as `checked_name`.
    """
    name = checked_name(name, field="name", most=120)
    today = local_date(now, organization.zone)
    if abs(effective_on.year - today.year) > FARTHEST_YEARS:
        raise Refused(
            "date_invalid",
            f"{effective_on.isoformat()} is more than {FARTHEST_YEARS} years away.",
            field="effective",
            value=effective_on.isoformat(),
            fix="Check the year.",
        )
    if bill_on:
        refuse_closed_day(organization.id, bill_on, field="bill_on")
    cycle = None
    if billing_cycle:
        cycle = BillingCycle.objects.filter(organization=organization, name=billing_cycle).first()
        if cycle is None:
            raise Refused(
                "billing_cycle_unknown",
                f"There is no billing cycle “{billing_cycle}”.",
                field="cycle",
                value=billing_cycle,
                fix="Choose one of the list, or leave it empty to bill all types.",
            )
    try:
        with transaction.atomic():
            run = BillingRun.objects.create(
                organization=organization,
                name=name,
                kind=kind,
                billing_cycle=cycle,
                bill_on=bill_on or today,
                effective_on=effective_on,
                autopay_only=autopay_only,
                state=RUN.initial,
                created_by=actor.name,
                created_at=now,
            )
            record(
                organization.id,
                actor,
                now,
                [
                    Happening(
                        "run_started",
                        "run",
                        run.id,
                        why="",
                        facts={"name": run.name, "effective": effective_on.isoformat()},
                    )
                ],
            )
    except IntegrityError as error:
        raise Refused(
            "run_name_taken",
            f"There is already a billing run called “{name}”.",
            field="name",
            value=name,
            fix="Give this run another name.",
        ) from error
    return run


def preview_again(run: BillingRun) -> None:
    """Throws a preview away so that it can be made anew from the facts as they are. Refused once committed."""
    with transaction.atomic():
        held = BillingRun.objects.select_for_update().get(id=run.id)
        if held.batch_id is not None:
            raise Refused("run_committed", f"Run “{held.name}” is committed.", field="run", value=held.name,
                          fix="Start it again from where it stopped instead.")  # fmt: skip
        state = RUN.next(held.state, "preview_again")
        _drop_proposals(held)
        BillingRun.objects.filter(id=held.id).update(
            state=state,
            candidates=0,
            billed=0,
            skipped=0,
            total_minor=0,
            basis_digest="",
            preview_token=None,
            failure="",
        )


def _drop_proposals(run: BillingRun) -> None:
    RunItem.objects.filter(run=run)._raw_delete(using="default")
    RunChunk.objects.filter(run=run)._raw_delete(using="default")


def fail_preview(run_id: UUID, failure: str, *, actor: Actor, now: datetime) -> None:
    """Notes why a preview could not be made, so that it holds nothing else up; it can be made again."""
    with transaction.atomic():
        run = BillingRun.objects.select_for_update().get(id=run_id)
        if run.state != "previewing":
            return
        BillingRun.objects.filter(id=run.id).update(state=RUN.next(run.state, "fail"), failure=failure[:2000])
        facts = {"name": run.name}
        record(
            run.organization_id,
            actor,
            now,
            [Happening("run_failed", "run", run.id, why=failure[:500], facts=facts)],
        )


def discard_run(run_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Takes back a run that was never committed, so that its name is free again. A committed one stays."""
    with transaction.atomic():
        run = BillingRun.objects.select_for_update().get(id=run_id)
        if run.batch_id is not None:
            return
        _drop_proposals(run)
        run.delete()
        facts = {"name": run.name}
        record(run.organization_id, actor, now, [Happening("run_discarded", "run", run_id, facts=facts)])


def preview(run_id: UUID, progress: Progress | None = None) -> BillingRun:
    """Makes the proposals, a slice of members at a time, and returns the previewed run.

    Each slice is a transaction of its own; killed half-way, it goes on where it stopped. Memory does not grow with
    the number of members.
    """
    while True:
        with transaction.atomic():
            run = (
                BillingRun.objects.select_for_update(of=("self",))
                .select_related("organization", "billing_cycle")
                .get(id=run_id)
            )
            if run.state != "previewing":
                return run
            basis = run_basis(run.organization, run)
            stale = run.candidates > 0 and basis.digest != run.basis_digest
            finished = not stale and _preview_slice(run, basis)
        if stale:  # a price or policy changed while the preview was made: all of it by the same rules, from the start
            preview_again(run)
        elif finished:
            return BillingRun.objects.select_related("organization", "billing_cycle").get(id=run_id)
        elif progress is not None:
            progress(run.candidates)


_ITEM = ("id", "seq", "membership_id", "party_id", "payer_id", "ordinal", "organization_id", "run_id", "reason",
         "detail", "start_on", "end_on", "gap_on", "total_minor", "lines", "facts_digest", "outcome")  # fmt: skip


def _preview_slice(run: BillingRun, basis: RunBasis) -> bool:
    before = RunItem.objects.filter(run=run, seq__gte=run.candidates - CHUNK)
    last = before.order_by("-membership_id").values_list("membership_id", flat=True).first()
    due = (run.effective_on, run.created_at) if run.kind == "automatic" else None
    members = candidates_after(run.organization_id, basis, after=last, limit=CHUNK, due=due)
    members.sort(
        key=lambda one: one.party_id
    )  # numbers go by members, not by when each began the present plan
    decided: dict[UUID, tuple[bool, int, Encoded]] = {}
    ordinal, total_minor = run.billed, 0

    def item(seq: int, member: Considered) -> tuple[object, ...]:
        nonlocal ordinal, total_minor
        decision = decided.get(member.digest)
        if decision is None:  # who has the same facts gets the same decision
            decision = decided[member.digest] = _decided(run, member, basis)
        billed, own_minor, said = decision
        place = None
        if billed:
            place, ordinal, total_minor = ordinal, ordinal + 1, total_minor + own_minor
        return new_id(), seq, member.membership_id, member.party_id, member.payer_id, place, said

    first = run.candidates
    with connection.cursor() as cursor:
        count = copy_rows(
            cursor,
            RunItem._meta.db_table,
            _ITEM,
            (item(seq, one) for seq, one in enumerate(members, start=first)),
        )
    if count:
        RunChunk.objects.create(
            organization_id=run.organization_id, run=run, first_seq=first, last_seq=first + count - 1
        )
    finished = count < CHUNK
    run.candidates += count
    changes: dict[str, object] = {
        "candidates": run.candidates, "billed": ordinal, "skipped": run.candidates - ordinal,
        "total_minor": F("total_minor") + total_minor, "basis_digest": basis.digest,
    }  # fmt: skip
    if finished:
        changes |= {"state": RUN.next(run.state, "previewed"), "preview_token": new_id()}
    BillingRun.objects.filter(id=run.id).update(**changes)
    return finished


def _decided(run: BillingRun, member: Considered, basis: RunBasis) -> tuple[bool, int, Encoded]:
    """Whether a member is billed, what of it is in the organization's own currency (minor units; a plan in another has
    none), and the columns of the item that say so."""
    candidate = member.candidate
    decision = decide(candidate, basis.rules)
    if isinstance(decision, Billed):
        lines = [priced_line(line) for line in decision.lines]
        own = candidate.currency == run.organization.currency
        return True, decision.total_minor if own else 0, encoded(
            run.organization_id, run.id, "", decision.detail[:300], decision.start, decision.end,
            decision.gap_on, decision.total_minor, lines, member.digest, "",
        )  # fmt: skip
    return (
        False,
        0,
        encoded(
            run.organization_id,
            run.id,
            decision.reason,
            decision.detail[:300],
            None,
            None,
            None,
            0,
            None,
            member.digest,
            "",
        ),
    )
