"""The jobs: work on one organization, lend a hand to a run, and the sweep that finds whom to work on."""

import logging
from datetime import date
from uuid import UUID

from django.db import close_old_connections
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from paidthru.actions.mail_member_links import mail_member_links
from paidthru.actions.submit import Selection
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.membership.models import BillingRun
from paidthru.organizations.models import Course, Organization
from paidthru.payments.queries.sending import waits_to_be_sent
from paidthru.runs import (
    Desk,
    catch_up,
    collect_unsent,
    note_seen,
    preview_run,
    reach_goal,
    submit,
    take_turn,
    work,
    write_run,
)
from paidthru.runs.rehearsing import Interrupted, play_course
from paidthru.timeline.operations import SCHEDULE, Actor, seal_events
from paidthru.wiring import (
    CATCH_UP,
    COLLECT,
    COURSE,
    HAND,
    IMPORT,
    MEMBER_LINKS,
    SUBMIT,
    SWEEP,
    WORK,
    audit_keys,
    clock_for,
    desk_for,
    enqueue_collect,
    enqueue_course,
    enqueue_work,
    fork_for,
    read_upload,
    uploads,
)

from .stopping import begin_sending, end_sending, stop_for, stopping

log = logging.getLogger(__name__)
PATIENCE = "20s"  # how long a job waits for another that works on the same organization


@app.task(name=WORK)
def work_on(organization_id: str) -> None:
    """Does everything that is due for an organization; two at once take turns."""
    close_old_connections()  # the thread's last one may have broken meanwhile
    try:
        with take_turn(UUID(organization_id), patience=PATIENCE):
            organization = Organization.objects.filter(id=organization_id).first()
            if organization is not None:  # else a sandbox that was thrown away meanwhile
                note_seen(organization)
                desk = desk_for(organization)
                work(desk, send=_see_to_sending)
                reach_goal(desk)
                seal_events(organization.id, audit_keys())
    except Refused as refused:
        if refused.code != "organization_busy":
            raise
        log.info("organization %s is being worked on elsewhere", organization_id)


def _see_to_sending(desk: Desk) -> None:
    """Sends what waits; where sends overlap, in jobs of their own, beside each other and without holding the
    organization's other work up."""
    if desk.gateway.capabilities.max_in_flight <= 1:
        collect_unsent(desk, stop=stopping.is_set)
    elif waits_to_be_sent(desk.organization.id, now=desk.clock.now()):
        enqueue_collect(desk.organization.id)


@app.task(name=CATCH_UP)
def catch_up_on(organization_id: str) -> None:
    """Does what is due for an organization because a person asked for it, also where its worker is switched off."""
    close_old_connections()
    with take_turn(UUID(organization_id), patience=PATIENCE):
        catch_up(desk_for(Organization.objects.get(id=organization_id)))


@app.task(name=COLLECT)
def collect(organization_id: str) -> None:
    """Sends an organization's payments, beside other workers that do; of this one, one job at a time."""
    close_old_connections()
    organization = Organization.objects.filter(id=organization_id, worker_stopped=False).first()
    if organization is None or not begin_sending(organization.id):
        return
    try:
        collect_unsent(desk_for(organization), stop=stop_for(organization.id))
    finally:
        end_sending(organization.id)


@app.task(name=HAND)
def lend_a_hand(run_id: str) -> None:
    """Makes a preview or writes slices of a run, beside whoever else does, until nothing is left."""
    close_old_connections()
    run = BillingRun.objects.select_related("organization").filter(id=run_id).first()
    if run is None:
        return
    if run.state == "previewing":
        preview_run(run.id, actor=SCHEDULE, now=clock_for(run.organization).now())
    elif run.state in ("queued", "running"):
        write_run(run.id, actor=SCHEDULE, now=clock_for(run.organization).now())


@app.task(name=SUBMIT)
def submit_invoices(
    organization_id: str, due_by: str, name_contains: str, acknowledged: bool, actor_name: str
) -> None:
    """Submits a list of invoices that somebody has read and confirmed; again, it finds nothing left."""
    organization = Organization.objects.get(id=organization_id)
    selection = Selection(date.fromisoformat(due_by), name_contains)
    submit(desk_for(organization), selection, actor=Actor("staff", actor_name), acknowledged=acknowledged)
    enqueue_work(organization.id)


@app.task(name=MEMBER_LINKS)
def mail_links(organization_id: str, email: str, key: str) -> None:
    """Mails the way to their memberships to whom an address belongs, if anybody."""
    organization = Organization.objects.get(id=organization_id)
    if mail_member_links(organization, email, key=key, now=clock_for(organization).now()):
        enqueue_work(organization.id)


@app.task(name=COURSE)
def play(course_id: str) -> None:
    """Plays one course of a rehearsal, or goes on with it; told to stop, it is gone on with by whoever starts next."""
    close_old_connections()
    course = Course.objects.select_related("rehearsal", "organization").filter(id=course_id).first()
    if course is not None:
        play_course(course, fork=fork_for, desk_for=desk_for, watch=_stop_rehearsing)


def _stop_rehearsing() -> None:
    if stopping.is_set():
        raise Interrupted


@app.task(name=IMPORT)
def read_roster(organization_id: str, upload: str, token: str, actor_name: str) -> None:
    """Reads an uploaded roster into its report, or takes it in."""
    organization = Organization.objects.get(id=organization_id)
    kept = uploads().find(upload, organization_id=organization.id)
    if kept is None:
        log.warning("an uploaded roster is not in this machine's PAIDTHRU_HOME, or has expired")
        return
    read_upload(organization, kept, actor=Actor("staff", actor_name), token=token or None)


@app.periodic(cron="* * * * *")
@app.task(name=SWEEP, queueing_lock="sweep", pass_context=True)
async def sweep(context: object, timestamp: int) -> None:
    """Every minute: asks for work on every organization, takes back the jobs of workers that died, and throws
    away what was uploaded and left."""
    from asgiref.sync import sync_to_async

    await sync_to_async(_ask_for_all)()
    manager = context.app.job_manager  # type: ignore[attr-defined]
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # the same has been asked for again meanwhile: that one does it
            await manager.finish_job(job, Status.FAILED, delete_job=True)


def _ask_for_all() -> None:
    uploads().sweep(SystemClock().now())
    working = Organization.objects.filter(worker_stopped=False, forked_from=None)
    for organization_id in working.values_list("id", flat=True):
        enqueue_work(organization_id)
    for course_id in Course.objects.filter(state__in=("waiting", "playing")).values_list("id", flat=True):
        enqueue_course(course_id)
