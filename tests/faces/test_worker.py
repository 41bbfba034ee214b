"""The worker: jobs that are enqueued are done, once, whoever dies and however many work."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from paidthru.actions.commit_run import commit_run
from paidthru.actions.preview_run import preview, start_run
from paidthru.faces.worker import jobs, program
from paidthru.invariants import check
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import BillingRun, Membership
from paidthru.wiring import enqueue_run, enqueue_work
from tests.world import STAFF, World, a_world

pytestmark = pytest.mark.django_db(transaction=True)


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
    world = a_world("recommended", now=datetime(2026, 1, 2, 12, 0, tzinfo=UTC))
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
from paidthru import runs
from paidthru.faces.worker import program
written = runs.renew_next
def dies(*arguments, **named):
    found = written(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[3] == "dies":
    runs.renew_next = dies
program.run(wait=False)
"""


def a_worker(*, dies: bool = False) -> "subprocess.Popen[bytes]":
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "paidthru.config.settings", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)
    }  # fmt: skip
    settings = connection.settings_dict
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, settings["NAME"], settings["HOST"], "dies" if dies else "lives"], env=environment
    )


def test_what_a_killed_worker_left_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()
    run = a_released_run(world, 23, monkeypatch)
    enqueue_run(run.id, hands=1)
    assert a_worker(dies=True).wait(60) == -signal.SIGKILL
    run.refresh_from_db()
    assert 0 < run.done < 23
    assert ProcrastinateJob.objects.get().status == "doing"  # the dead one's job stands until it is found stalled
    enqueue_work(world.organization.id)  # what the next sweep does
    program.run(wait=False)
    is_whole(world, run, 23)


def test_two_workers_share_a_run_without_a_double(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()
    run = a_released_run(world, 60, monkeypatch)
    enqueue_run(run.id, hands=8)
    workers = [a_worker(), a_worker()]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    is_whole(world, run, 60)
