"""Renewal runs under several workers, sudden deaths and a changing world: nobody is missed, nobody is billed twice.

Workers are forked processes on the test's own database. One that is to die kills itself (SIGKILL) right before its
n-th statement, for every n there is; so nothing here depends on luck or on time.
"""

import os
import signal
import traceback
from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any
from unittest.mock import patch
from uuid import UUID

import psycopg
import pytest
from django.db import connections, transaction
from tests.world import NOW, STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions import preview_run, renew
from paidthru.actions.commit_run import PreviewStale, commit_run
from paidthru.actions.preview_run import preview, preview_again, start_run
from paidthru.invoicing.models import Invoice, Line, Receivable
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch, Entry, Journal
from paidthru.ledger.operations import hold_batch
from paidthru.membership.models import BillingRun, Fee, Membership, Plan, RunChunk, RunItem, Term
from paidthru.organizations.models import Series, SeriesGap
from paidthru.organizations.operations import set_policy
from paidthru.people.models import Party
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

LAST_YEAR, THIS_YEAR = date(2025, 12, 31), date(2026, 12, 31)
EFFECTIVE_ON = date(2026, 1, 1)
NAMES = ("Ann", "Bob", "Cid", "Dee", "Eve", "Fay", "Gil", "Hal", "Ida", "Jan", "Kim", "Lou")


@pytest.fixture(autouse=True)
def _small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_run, "CHUNK", 2)


def a_club(*, due: int, ahead: int = 1) -> World:
    """An association with so many members who are due, and some who have paid ahead."""
    world = a_world(name=f"Club {UUID(int=os.getpid())} {next(_clubs)}")
    plan = world.plan()
    for name in NAMES[:due]:
        world.member(name, plan, paid_through=LAST_YEAR)
    for n in range(ahead):
        world.member(f"Zed {n}", plan, paid_through=THIS_YEAR)
    return world


_clubs = count()


def started(world: World, name: str = "2026") -> BillingRun:
    """A run that is yet to be previewed."""
    return start_run(world.organization, name=name, effective_on=EFFECTIVE_ON, actor=STAFF, now=NOW)


def committed(world: World, name: str = "2026") -> BillingRun:
    """A run that waits for its workers."""
    return commit_run(preview(started(world, name).id).id, actor=STAFF, now=NOW)


def write(run: BillingRun) -> BillingRun:
    """What a worker does."""
    return runs.write_run(run.id, actor=STAFF, now=NOW)


def forked(work: Callable[[], object]) -> int:
    """Starts a process that works on connections of its own."""
    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)


def ended(pid: int) -> int:
    """Waits for a process: 0 when it came to its end, -9 when it was killed."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def dies_before(statement: int) -> None:
    """Lets this process be killed right before it sends so many statements to the database, commits counted too."""
    left = count(1)

    def counted(act: Callable[..., Any]) -> Callable[..., Any]:
        def acting(*arguments: Any, **options: Any) -> Any:
            if next(left) == statement:
                os.kill(os.getpid(), signal.SIGKILL)
            return act(*arguments, **options)

        return acting

    for of, name in ((psycopg.Cursor, "execute"), (psycopg.Cursor, "copy"), (psycopg.Connection, "commit")):
        setattr(of, name, counted(getattr(of, name)))


def killed_everywhere(
    make: Callable[[], BillingRun], work: Callable[[BillingRun], object]
) -> list[BillingRun]:
    """A fresh run for every statement of a worker's, each worker killed there. The last one came to its end."""
    left = []
    for statement in count(1):
        run = make()

        def worker(run: BillingRun = run, statement: int = statement) -> None:
            dies_before(statement)
            work(run)

        how = ended(forked(worker))
        assert how in (0, -signal.SIGKILL)
        with transaction.atomic():  # waits until the server, too, has noticed who died
            list(RunChunk.objects.select_for_update().filter(run=run))
            BillingRun.objects.select_for_update().get(id=run.id)
        left.append(run)
        if how == 0:
            break
    return left


def written(world: World) -> dict[str, int]:
    """How many rows billing has made."""
    tables = (Invoice, Receivable, Line, Journal, Entry, Batch, SeriesGap)
    found = {one.__name__: one.objects.filter(organization=world.organization).count() for one in tables}
    found["Term"] = Term.objects.filter(organization=world.organization, source="run").count()
    found["billed"] = Event.objects.filter(organization=world.organization, verb="billed").count()
    return found


def assert_all_billed_once(run: BillingRun, due: int) -> None:
    """Every due member has one term, invoice, journal and event of the run; numbers follow the order of members."""
    run.refresh_from_db()
    assert (run.state, run.billed, run.done) == ("done", due, run.candidates)
    assert not RunChunk.objects.filter(run=run, done=False).exists()
    invoices = Invoice.objects.filter(run_id=run.id).order_by("number")
    assert run.first_number is not None
    assert [one.number for one in invoices] == list(range(run.first_number, run.first_number + due))
    members = (
        Term.objects.filter(run_id=run.id).order_by("membership_id").values_list("membership_id", flat=True)
    )
    asked = Line.objects.filter(invoice__run_id=run.id).order_by("invoice__number")
    assert [one.receivable.source_id for one in asked.select_related("receivable")] == list(members)
    assert len(set(members)) == due
    assert Journal.objects.filter(batch=run.batch_id).count() == due
    assert Entry.objects.filter(journal__batch=run.batch_id).count() == 2 * due
    assert Event.objects.filter(organization=run.organization_id, verb="billed").count() == due
    assert Membership.objects.filter(id__in=members, renewed_through=THIS_YEAR).count() == due
    assert invariants.check(run.organization_id) == []


def test_a_worker_killed_anywhere_leaves_a_run_that_the_next_one_completes() -> None:
    for run in killed_everywhere(lambda: committed(a_club(due=3)), write):
        slices = RunChunk.objects.filter(run=run)
        whole = sum(
            RunItem.objects.filter(run=run, reason="", seq__range=(one.first_seq, one.last_seq)).count()
            for one in slices
            if one.done
        )
        assert Invoice.objects.filter(run_id=run.id).count() == whole, "a slice is there whole, or not at all"
        write(run)
        assert_all_billed_once(run, due=3)


def test_a_preview_killed_anywhere_goes_on() -> None:
    for run in killed_everywhere(lambda: started(a_club(due=3)), lambda run: preview(run.id)):
        again = preview(run.id)
        assert (again.state, again.candidates, again.billed, again.total_minor) == ("previewed", 4, 3, 30_000)
        items = list(RunItem.objects.filter(run=run).order_by("seq"))
        assert [one.seq for one in items] == [0, 1, 2, 3]
        assert [one.ordinal for one in items] == [0, 1, 2, None]
        assert len({one.membership_id for one in items}) == 4
        assert commit_run(run.id, actor=STAFF, now=NOW).state == "queued"


def test_a_worker_goes_on_beside_one_that_holds_a_slice() -> None:
    run = committed(a_club(due=9, ahead=2))
    held_reads, held_writes = os.pipe()
    go_reads, go_writes = os.pipe()

    def slow() -> None:
        def holds(batch_id: UUID) -> None:
            hold_batch(batch_id)
            os.write(held_writes, b"held")
            os.read(go_reads, 1)

        with patch.object(renew, "hold_batch", holds):
            write(run)

    holder = forked(slow)
    os.read(held_reads, 4)
    assert ended(forked(lambda: write(run))) == 0
    assert RunChunk.objects.filter(run=run, done=False).count() == 1
    assert BillingRun.objects.get(id=run.id).state == "running"
    os.write(go_writes, b"go go go go go go")
    assert ended(holder) == 0
    for each in (held_reads, held_writes, go_reads, go_writes):
        os.close(each)
    assert_all_billed_once(run, due=9)


def test_four_workers_that_start_together_share_a_run() -> None:
    run = committed(a_club(due=12, ahead=3))
    reads, writes = os.pipe()

    def worker() -> None:
        os.read(reads, 1)
        write(run)

    workers = [forked(worker) for _ in range(4)]
    os.write(writes, b"goes")
    assert [ended(one) for one in workers] == [0, 0, 0, 0]
    os.close(reads)
    os.close(writes)
    assert_all_billed_once(run, due=12)


def test_two_that_preview_the_same_run_make_each_proposal_once() -> None:
    run = started(a_club(due=9, ahead=2))
    workers = [forked(lambda: preview(run.id)) for _ in range(2)]
    assert [ended(one) for one in workers] == [0, 0]
    items = RunItem.objects.filter(run=run)
    assert sorted(items.values_list("seq", flat=True)) == list(range(11))
    assert sorted(filter(lambda n: n is not None, items.values_list("ordinal", flat=True))) == list(range(9))  # type: ignore[type-var]
    run.refresh_from_db()
    assert (run.state, run.candidates, run.billed) == ("previewed", 11, 9)


def test_a_second_commit_and_a_second_writing_change_nothing() -> None:
    world = a_club(due=3)
    run = committed(world)
    assert commit_run(run.id, actor=STAFF, now=NOW).first_number == 1
    write(run)
    before = written(world)
    assert commit_run(run.id, actor=STAFF, now=NOW).state == "done"
    assert write(run).state == "done"
    assert written(world) == before
    assert Series.objects.get(organization=world.organization, name="invoice").next_value == 4
    assert_all_billed_once(run, due=3)


def test_a_second_run_over_the_same_term_bills_nobody() -> None:
    world = a_club(due=3)
    write(committed(world))
    before = written(world)
    second = preview(started(world, "2026 again").id)
    assert set(RunItem.objects.filter(run=second).values_list("reason", flat=True)) == {
        "already_billed",
        "not_due",
    }
    with pytest.raises(Refused, match="bills nobody") as refused:
        commit_run(second.id, actor=STAFF, now=NOW)
    assert refused.value.code == "run_bills_nobody"
    assert written(world) == before


def test_of_two_runs_previewed_together_the_second_is_stale_once_the_first_is_written() -> None:
    world = a_club(due=3)
    first, second = (preview(started(world, name).id) for name in ("first", "second"))
    write(commit_run(first.id, actor=STAFF, now=NOW))
    before = written(world)
    with pytest.raises(PreviewStale) as stale:
        commit_run(second.id, actor=STAFF, now=NOW)
    assert stale.value.count == 3
    assert "Already billed through 2026-12-31" in stale.value.message
    assert written(world) == before


def test_of_two_runs_committed_together_only_one_bills() -> None:
    world = a_club(due=3)
    first, second = (preview(started(world, name).id) for name in ("first", "second"))
    for run in (first, second):
        commit_run(run.id, actor=STAFF, now=NOW)
    write(first)
    write(second)
    assert_all_billed_once(first, due=3)
    second.refresh_from_db()
    assert (second.state, second.billed, second.skipped) == ("done", 0, 4)
    gaps = SeriesGap.objects.filter(organization=world.organization).order_by("first")
    assert [(gap.first, gap.count) for gap in gaps] == [(4, 1), (5, 1), (6, 1)]


def paid_ahead(world: World) -> None:
    """Ann pays further than the preview knew."""
    Membership.objects.filter(party__name="Ann", organization=world.organization).update(
        paid_through=THIS_YEAR
    )


def new_price(world: World) -> None:
    """The plan gets dearer."""
    Fee.objects.filter(organization=world.organization).update(amount_minor=11_000)


def new_member(world: World) -> None:
    """Somebody is there who wasn't."""
    world.member("Pia", Plan.objects.get(organization=world.organization), paid_through=LAST_YEAR)


def new_policy(world: World) -> None:
    """Paid-through moves by another rule from now on."""
    set_policy(world.organization, "paid_through.on", "paid", actor=STAFF.name, now=NOW)


def canceled(world: World) -> None:
    """Bob leaves."""
    Membership.objects.filter(party__name="Bob", organization=world.organization).update(
        state="ended", next_bill_on=None, autopay=False, ended_on=date(2018, 1, 1), ended_because="canceled"
    )


def other_type(world: World) -> None:
    """Cid becomes a customer of another type, which a billing cycle may leave out."""
    Party.objects.filter(name="Cid", organization=world.organization).update(customer_type="Student")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (paid_ahead, "Ann: billed from 2026-01-01"),
        (new_price, "a plan, a fee or a policy was changed"),
        (new_member, "Pia: not in the preview → would be billed from 2026-01-01"),
        (new_policy, "a plan, a fee or a policy was changed"),
        (canceled, "Bob: billed from 2026-01-01"),
        (other_type, "Cid: billed from 2026-01-01"),
    ],
)
def test_a_preview_that_the_world_has_left_behind_is_not_committed(
    change: Callable[[World], None], said: str
) -> None:
    world = a_club(due=3)
    run = preview(started(world).id)
    change(world)
    before = written(world)
    with pytest.raises(PreviewStale) as stale:
        commit_run(run.id, actor=STAFF, now=NOW, token=run.preview_token)
    assert stale.value.code == "preview_stale"
    assert any(str(one).startswith(said) for one in stale.value.drift)
    assert said in stale.value.message
    assert stale.value.fix
    run.refresh_from_db()
    assert (run.state, run.batch_id, run.first_number) == ("previewed", None, None)
    assert written(world) == before
    assert not Series.objects.filter(organization=world.organization, name="invoice").exists()
    preview_again(run)
    assert write(commit_run(preview(run.id).id, actor=STAFF, now=NOW)).state == "done"


def test_a_preview_made_again_is_not_the_one_that_was_read() -> None:
    run = preview(started(a_club(due=3)).id)
    preview_again(run)
    preview(run.id)
    with pytest.raises(PreviewStale):
        commit_run(run.id, actor=STAFF, now=NOW, token=run.preview_token)


def test_a_price_changed_during_the_preview_begins_it_anew() -> None:
    world = a_club(due=5, ahead=0)
    run = started(world)
    preview(run.id, lambda done: new_price(world) if done == 2 else None)
    items = RunItem.objects.filter(run=run)
    assert set(items.values_list("total_minor", flat=True)) == {11_000}
    run.refresh_from_db()
    assert (run.state, run.billed, run.total_minor) == ("previewed", 5, 55_000)


def test_a_member_who_changes_after_the_commit_is_left_out_with_the_number_explained() -> None:
    world = a_club(due=3)
    run = committed(world)
    canceled(world)
    assert write(run).state == "done"
    run.refresh_from_db()
    assert (run.billed, run.skipped) == (2, 2)
    assert list(Invoice.objects.order_by("number").values_list("number", flat=True)) == [1, 3]
    gap = SeriesGap.objects.get(organization=world.organization)
    assert (gap.name, gap.first, gap.count) == ("invoice", 2, 1)
    assert "membership changed" in gap.reason
    left_out = RunItem.objects.get(run=run, outcome="refused")
    assert Event.objects.get(verb="not_billed").subject_id == left_out.membership_id
    assert not Term.objects.filter(membership_id=left_out.membership_id, source="run").exists()
    assert invariants.check(world.organization.id) == []


def test_equal_facts_get_equal_decisions_and_others_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members who share a digest share a decision, so whatever a decision reads has to change the digest."""
    monkeypatch.setattr(preview_run, "CHUNK", 100)
    world = a_world(term__basis="anniversary")
    yearly, monthly = world.plan(), world.plan("Monthly", 900, interval_unit="month")
    for n, plan in enumerate((yearly, yearly, monthly, monthly)):
        world.member(f"Same {n}", plan, paid_through=LAST_YEAR)
    world.member("Student", yearly, paid_through=LAST_YEAR, customer_type="Student")
    world.member("On autopay", yearly, paid_through=LAST_YEAR, autopay=True)
    world.member("Longer", yearly, paid_through=LAST_YEAR, override_months=24)
    world.member("Leaving", yearly, paid_through=LAST_YEAR, cancel_on=EFFECTIVE_ON)
    slow = world.member("By the customer", yearly, paid_through=LAST_YEAR)
    set_policy(world.organization, "term.interval_months", 6, actor=STAFF.name, now=NOW, scope="customer",
               scope_id=slow.party_id)  # fmt: skip
    run = preview(started(world).id)
    items = list(RunItem.objects.filter(run=run).order_by("seq"))
    assert [one.total_minor for one in items] == [
        10_000,
        10_000,
        900,
        900,
        10_000,
        10_000,
        20_000,
        10_000,
        5_000,
    ]
    assert [one.end_on.isoformat() for one in items if one.end_on] == [
        "2027-01-01", "2027-01-01", "2026-02-01", "2026-02-01", "2027-01-01", "2027-01-01", "2028-01-01",
        "2027-01-01", "2026-07-01",
    ]  # fmt: skip
    digests = [one.facts_digest for one in items]
    assert digests[0] == digests[1]
    assert digests[2] == digests[3]
    assert len(set(digests)) == 7
