"""Wiring: the only file that picks adapters and the real clock."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias
from uuid import UUID

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from paidthru.actions.import_members import commit_import, preview_import
from paidthru.adapters.mail import mailer_at
from paidthru.adapters.offline.gateway import OfflineGateway
from paidthru.adapters.sandbox import setups
from paidthru.adapters.sandbox.desk import SandboxDesk
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.adapters.uploads import Upload, Uploads
from paidthru.kernel.clock import Clock, SystemClock
from paidthru.kernel.errors import Refused
from paidthru.membership.rules.roster_report import choices_from
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import Gateway, MethodKind
from paidthru.runs import Desk
from paidthru.timeline.operations import Actor


class SandboxClock:
    """A sandbox organization's own time: it stands still until somebody moves it."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def now(self) -> datetime:
        """The sandbox's instant, in UTC."""
        instant = self._organization.sandbox_now
        assert instant is not None  # the database holds it for every sandbox
        return instant


def clock_for(organization: Organization) -> Clock:
    """The real clock, or a sandbox's own."""
    return SandboxClock(organization) if organization.is_sandbox else SystemClock()


def gateway_for(organization: Organization) -> Gateway:
    """A sandbox collects through the sandbox processor; a live organization has no processor yet."""
    if organization.is_sandbox:
        return SandboxGateway(organization.id, clock_for(organization))
    return OfflineGateway()


def processor_of(organization: Organization) -> SandboxGateway:
    """A sandbox's processor itself: it saves test methods."""
    return SandboxGateway(organization.id, clock_for(organization))


def levers_of(organization: Organization) -> SandboxDesk:
    """The levers of a sandbox's processor: how it behaves toward whom, its late answers, its books."""
    return SandboxDesk(organization.id, clock_for(organization))


@dataclass(frozen=True, slots=True)
class SandboxPage:
    """A page of the sandbox processor: a saving or a payment that a member is asked about, by its reference."""

    organization: Organization
    ref: str
    return_url: str

    def complete(self, kind: MethodKind, test_code: str) -> str:
        """Saves a test method; returns where the member goes back to. Again, it changes nothing."""
        account, clock = self.organization.id, clock_for(self.organization)
        party = setups.customer_of(self.ref)
        method = SandboxGateway(account, clock).save_method(party, kind, test_code)
        return setups.complete(account, self.ref, method, now=clock.now())

    def answer(self, outcome: Literal["succeeded", "failed"]) -> str:
        """Confirms or refuses the payment; returns where the payer goes back to."""
        levers_of(self.organization).answer(self.ref, outcome)
        return self.return_url or "/"


def sandbox_setup(ref: str) -> SandboxPage | None:
    """The sandbox processor's page of a saving."""
    return _sandbox_page(ref, setups.place_of_setup(ref))


def sandbox_intent(ref: str) -> SandboxPage | None:
    """The sandbox processor's page of a payment that waits for its payer."""
    return _sandbox_page(ref, setups.place_of_intent(ref))


def _sandbox_page(ref: str, place: tuple[UUID, str] | None) -> SandboxPage | None:
    if place is None:
        return None
    organization = Organization.objects.filter(id=place[0]).first()
    return SandboxPage(organization, ref, place[1]) if organization else None


Kept: TypeAlias = Upload
"""An uploaded file, as the faces know it."""


def uploads() -> Uploads:
    """The files that staff have uploaded, between the steps of an import."""
    return Uploads(settings.UPLOADS())


def desk_for(organization: Organization) -> Desk:
    """Where the organization's work is done."""
    mailer = None if organization.is_sandbox else mailer_at(settings.MAIL_URL(), settings.MAIL_FROM)
    return Desk(organization, clock_for(organization), gateway_for(organization), mailer, settings.PUBLIC_URL)


WORK, HAND, SWEEP, SUBMIT, IMPORT = (
    "paidthru.work",
    "paidthru.hand",
    "paidthru.sweep",
    "paidthru.submit",
    "paidthru.import",
)
HANDS = 4  # jobs that share a run; with fewer workers the rest find nothing left to do


def enqueue_work(organization_id: UUID) -> None:
    """Asks a worker to do what is due for an organization; asked again before it starts, once is enough."""
    _enqueue(WORK, f"work {organization_id}", organization_id=str(organization_id))


def enqueue_run(run_id: UUID, *, hands: int = HANDS) -> None:
    """Asks workers to go on with a run, in the transaction that released it."""
    for hand in range(hands):
        _enqueue(HAND, f"run {run_id} {hand}", run_id=str(run_id))


def enqueue_submission(
    organization_id: UUID, *, due_by: date, name_contains: str, acknowledged: bool, actor_name: str
) -> None:
    """Asks a worker to submit a list of invoices that is too long for a request, in the transaction that decided it."""
    _enqueue(
        SUBMIT,
        f"submit {organization_id}",
        organization_id=str(organization_id),
        due_by=due_by.isoformat(),
        name_contains=name_contains,
        acknowledged=acknowledged,
        actor_name=actor_name,
    )


def enqueue_import(organization_id: UUID, upload: str, *, token: str, actor_name: str) -> None:
    """Asks a worker to read an uploaded roster, or with the token of its report to take it in."""
    _enqueue(
        IMPORT,
        f"import {upload}",
        organization_id=str(organization_id),
        upload=upload,
        token=token,
        actor_name=actor_name,
    )


def is_submitting(organization_id: UUID) -> bool:
    """Whether a worker has a list of the organization's to submit, or is at it."""
    jobs = ProcrastinateJob.objects.filter(task_name=SUBMIT, status__in=["todo", "doing"])
    return jobs.filter(args__organization_id=str(organization_id)).exists()


def _enqueue(name: str, lock: str, **arguments: str | bool) -> None:
    with suppress(AlreadyEnqueued), transaction.atomic():  # a taken lock would break the caller's transaction
        app.configure_task(name, queueing_lock=lock).defer(**arguments)


def read_upload(
    organization: Organization, upload: Upload, *, actor: Actor, token: str | None = None
) -> None:
    """Puts an uploaded roster through the import: into its report or, with the token of the report that was read,
    into the books. How far it is and what came of it stand in its notes: `state` (checking, checked, taking, taken,
    refused), `done`, `total`, `report`, `problem`."""

    def progress(done: int, total: int) -> None:
        upload.note(done=done, total=total)

    upload.note(state="taking" if token else "checking", done=0, problem=None)
    choices, now = choices_from(upload.notes().get("choices", {})), clock_for(organization).now()
    try:
        with upload.open() as stream:
            if token:
                report = commit_import(
                    organization,
                    stream,
                    choices,
                    actor=actor,
                    now=now,
                    token=token,
                    file_name=upload.file_name,
                    progress=progress,
                )
            else:
                report = preview_import(
                    organization, stream, choices, now=now, file_name=upload.file_name, progress=progress
                )
    except Refused as refused:
        upload.note(state="refused", problem=refused.as_dict())
    except Exception as error:
        upload.note(
            state="refused", problem={"code": "import_failed", "message": f"{type(error).__name__}: {error}"}
        )
        raise
    else:
        upload.note(state="taken" if token else "checked", report=report.as_dict())
        if token:
            upload.drop_file()
