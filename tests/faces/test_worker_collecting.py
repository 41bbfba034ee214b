"""The worker sends in jobs of their own where sends overlap: beside each other, and beside other work."""

from dataclasses import replace
from threading import Event

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.actions.test_collection_overlapping import Threaded, in_thread, live, whole

from paidthru import runs
from paidthru.faces.worker import jobs, program, stopping
from paidthru.organizations.models import Organization
from paidthru.payments.models import Attempt
from paidthru.runs import turn_key
from paidthru.wiring import COLLECT, WORK, enqueue_collect, enqueue_work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_jobs() -> None:
    """The queue is not one of Django's own tables, so its tests don't empty it."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def test_work_on_a_live_organization_hands_sending_to_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Threaded(width=4)
    found = live(12, gateway)
    monkeypatch.setattr(jobs, "desk_for", lambda organization: replace(found.desk, organization=organization))
    enqueue_work(found.world.organization.id)
    program.run(wait=False)
    whole(found, gateway, 12)
    assert not ProcrastinateJob.objects.filter(status__in=["doing", "failed"]).exists()


def test_nothing_that_waits_asks_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Threaded(width=4)
    found = live(1, gateway)
    in_thread(lambda: runs.collect_unsent(found.desk))
    monkeypatch.setattr(jobs, "desk_for", lambda organization: replace(found.desk, organization=organization))
    jobs.work_on(organization_id=str(found.world.organization.id))
    assert not ProcrastinateJob.objects.filter(task_name=COLLECT).exists()


def test_sending_needs_no_turn_of_the_organizations(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Threaded(width=4)
    found = live(3, gateway)
    organization = found.world.organization
    monkeypatch.setattr(jobs, "desk_for", lambda organization: replace(found.desk, organization=organization))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [turn_key(organization.id)])
        try:
            in_thread(lambda: jobs.collect(organization_id=str(organization.id)))
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [turn_key(organization.id)])
    whole(found, gateway, 3)


def test_several_hands_are_asked_for_and_a_process_lends_one() -> None:
    gateway = Threaded(width=4)
    found = live(1, gateway)
    id_ = found.world.organization.id
    enqueue_collect(id_)
    enqueue_collect(id_)
    asked = ProcrastinateJob.objects.filter(task_name=COLLECT)
    assert asked.count() == 4 and not ProcrastinateJob.objects.filter(task_name=WORK).exists()
    assert stopping.begin_sending(id_) and not stopping.begin_sending(id_)
    jobs.collect(organization_id=str(id_))  # another job of this process is at it
    assert Attempt.objects.get().state == "created"
    stopping.end_sending(id_)
    assert stopping.begin_sending(id_)
    stopping.end_sending(id_)


def test_a_worker_that_is_told_to_stop_sends_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Threaded(width=4)
    found = live(3, gateway)
    id_ = found.world.organization.id
    monkeypatch.setattr(jobs, "desk_for", lambda organization: replace(found.desk, organization=organization))
    told = Event()
    told.set()
    monkeypatch.setattr(stopping, "stopping", told)
    in_thread(lambda: jobs.collect(organization_id=str(id_)))
    assert gateway.calls == []
    monkeypatch.undo()
    Organization.objects.update(worker_stopped=True)
    jobs.collect(organization_id=str(id_))
    assert gateway.calls == []
