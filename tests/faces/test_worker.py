"""The worker: jobs that are enqueued are done, once, whoever dies and however many work."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.world import STAFF, World, a_world

from paidthru.actions.commit_run import commit_run
from paidthru.actions.preview_run import preview, start_run
from paidthru.faces.worker import jobs, program
from paidthru.invariants import check
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import BillingRun, Membership
from paidthru.wiring import HAND, enqueue_run, enqueue_work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_jobs() -> None:
    """The queue is not one of Django's own tables, so its tests don't empty it."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def a_released_run(world: World, members: int, monkeypatch: pytest.MonkeyPatch) -> BillingRun:
    monkeypatch.setattr("paidthru.actions.preview_run.CHUNK", 5)
    plan = world.plan()
    for n in range(members):
        world.member(f"Member {n:03d}", plan, paid_through=date(2025, 12, 31))
    now = world.desk.clock.now()
    run = start_run(world.organization, name="2026", effective_on=date(2026, 1, 1), actor=STAFF, now=now)
    preview(run.id)
    return commit_run(run.id, actor=STAFF, now=now)


def is_whole(world: World, run: BillingRun, members: int) -> None:
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", members)
    numbers = list(Invoice.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, members + 1))
    assert check(world.organization.id) == []


def test_work_that_is_asked_for_is_done() -> None:
    world = a_world("recommended", now=datetime(2026, 1, 2, 15, 0, tzinfo=UTC))
    world.member("Ann", world.plan(), paid_through=date(2026, 1, 1))
    enqueue_work(world.organization.id)
    enqueue_work(world.organization.id)  # asked for again before it started: once is enough
    assert ProcrastinateJob.objects.count() == 1
    program.run(wait=False)
    assert Invoice.objects.get().due_on == date(2026, 1, 2)
    assert Membership.objects.get().renewed_through == date(2027, 1, 1)
    assert not ProcrastinateJob.objects.filter(status__in=["doing", "failed"]).exists()


def test_a_released_run_is_written_by_several_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()
    run = a_released_run(world, 23, monkeypatch)
    enqueue_run(run.id)
    program.run(wait=False)
    is_whole(world, run, 23)


def test_jobs_of_what_is_gone_do_nothing() -> None:
    world = a_world()
    enqueue_work(world.organization.id)
    jobs.work_on(organization_id="00000000-0000-7000-8000-000000000000")
    jobs.lend_a_hand(run_id="00000000-0000-7000-8000-000000000000")
    program.run(wait=False)


def test_the_sweep_asks_for_work_on_everybody_whose_worker_is_not_stopped() -> None:
    a_world(name="Elm")
    oak = a_world(name="Oak")
    oak.organization.worker_stopped = True
    oak.organization.save()
    jobs._ask_for_all()
    assert [job.queueing_lock.split()[0] for job in ProcrastinateJob.objects.all()] == ["work"]


WORKER = """
import os, signal, sys
import django
from django.conf import settings
settings.DATABASES["default"].update(NAME=sys.argv[1], HOST=sys.argv[2])
django.setup()
from paidthru.runs import renewals
from paidthru.faces.worker import program
written = renewals.renew_next
def dies(*arguments, **named):
    found = written(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[3] == "dies":
    renewals.renew_next = dies
program.run(wait=sys.argv[3] == "waits")
"""


def a_worker(how: str = "ends") -> "subprocess.Popen[str]":
    """A worker of its own process: it ends when nothing is left, waits for more, or dies after its first slice."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "paidthru.config.settings",
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }
    settings = connection.settings_dict
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, settings["NAME"], settings["HOST"], how],
        env=environment,
        text=True,
        stderr=subprocess.PIPE,
    )


def test_what_a_killed_worker_left_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()
    run = a_released_run(world, 23, monkeypatch)
    enqueue_run(run.id, hands=1)
    assert a_worker("dies").wait(60) == -signal.SIGKILL
    run.refresh_from_db()
    assert 0 < run.done < 23
    left = ProcrastinateJob.objects.get(task_name=HAND)
    assert left.status == "doing"  # until its worker has not been heard of for a while
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    jobs.sweep.configure(task_kwargs={"timestamp": 0}).defer()
    program.run(wait=False)  # the sweep gives the dead one's job back
    program.run(wait=False)
    is_whole(world, run, 23)
    assert not ProcrastinateJob.objects.filter(id=left.id, status="doing").exists()


def test_a_dead_workers_job_that_was_asked_for_again_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its lock would stop the sweep from giving any other job back."""
    world = a_world()
    run = a_released_run(world, 23, monkeypatch)
    enqueue_run(run.id, hands=1)
    assert a_worker("dies").wait(60) == -signal.SIGKILL
    left = ProcrastinateJob.objects.get(task_name=HAND, status="doing")
    enqueue_run(run.id, hands=1)  # the same queueing lock
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        cursor.execute(
            "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day' WHERE status = 'todo'"
        )
        # Where a minute began while it lived, the one that died has asked for the sweep already.
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE task_name = 'paidthru.sweep' AND status = 'todo'"
        )
    jobs.sweep.configure(task_kwargs={"timestamp": 0}).defer()
    program.run(wait=False)
    assert not ProcrastinateJob.objects.filter(id=left.id).exists()
    assert not ProcrastinateJob.objects.filter(status="failed").exists()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    program.run(wait=False)
    is_whole(world, run, 23)


def test_what_is_due_is_done_even_when_the_job_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()
    run = a_released_run(world, 12, monkeypatch)
    enqueue_work(world.organization.id)  # nobody ever enqueued the run itself
    program.run(wait=False)
    is_whole(world, run, 12)


def test_two_workers_share_a_run_without_a_double(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()
    run = a_released_run(world, 60, monkeypatch)
    enqueue_run(run.id, hands=8)
    workers = [a_worker(), a_worker()]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    is_whole(world, run, 60)


def test_a_worker_that_is_told_to_stop_ends_well_however_often_it_is_told() -> None:
    worker = a_worker("waits")
    while not is_heard_of():
        assert worker.poll() is None, worker.stderr and worker.stderr.read()
    worker.terminate()
    worker.send_signal(signal.SIGINT)
    worker.terminate()
    _, said = worker.communicate(timeout=60)
    assert (worker.returncode, said) == (0, "")


def is_heard_of() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        row = cursor.fetchone()
    return bool(row and row[0])
