"""Wiring: the only file that picks adapters and the real clock."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from secrets import randbits
from typing import Literal, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from paidthru.actions.connect_gateway import connect_gateway
from paidthru.actions.disconnect_gateway import disconnect_gateway
from paidthru.actions.fork import fork
from paidthru.actions.import_members import commit_import, preview_import
from paidthru.actions.rotate_gateway_key import rotate_gateway_key
from paidthru.actions.rotate_webhook_secret import rotate_webhook_secret
from paidthru.adapters.mail import mailer_at
from paidthru.adapters.offline.gateway import OfflineGateway
from paidthru.adapters.openid import OpenIdService
from paidthru.adapters.passkeys import WebAuthn
from paidthru.adapters.sandbox import setups
from paidthru.adapters.sandbox.copies import Shown, let_fail, take_over
from paidthru.adapters.sandbox.desk import SandboxDesk
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.adapters.sealing import Sealer
from paidthru.adapters.stripe import gateway as stripe_gateway
from paidthru.adapters.stripe.accounts import Accounts, Keys, described
from paidthru.adapters.stripe.calls import VERSION
from paidthru.adapters.stripe.webhooks import EVENTS
from paidthru.adapters.uploads import Upload, Uploads
from paidthru.adapters.user_vault import UserVault
from paidthru.documents.printer import Printer
from paidthru.kernel.clock import Clock, SystemClock, local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.membership.rules.roster_report import choices_from
from paidthru.organizations.models import CodeGenerator, Course, Organization, User
from paidthru.organizations.queries import fingerprint, organizations_of
from paidthru.organizations.vault import Passkeys, SignInService, Vault
from paidthru.payments.gateway import (
    Gateway,
    GatewayAccountFacts,
    GatewayError,
    GatewayEvent,
    GatewayIntent,
    MethodKind,
)
from paidthru.payments.models import GatewayAccount
from paidthru.payments.operations.accounts import note_resealed, note_tested
from paidthru.payments.operations.methods import move_methods
from paidthru.payments.queries.accounts import account_known, connected_account
from paidthru.payments.queries.collecting import methods_elsewhere
from paidthru.runs import Desk, receive
from paidthru.timeline.operations import Actor, Places
from paidthru.timeline.rules.audit import AuditKeys


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
    """A sandbox collects through the sandbox processor, a live organization through the account that it has connected.
    Without one, or where its keys can't be opened here, nothing is collected online."""
    if organization.is_sandbox:
        return SandboxGateway(organization.id, clock_for(organization))
    account = connected_account(organization.id)
    if account is None:
        return OfflineGateway()
    try:
        return _accounts(organization.id).gateway_of(account)
    except Refused as refused:
        return OfflineGateway(f"{refused.message} {refused.fix or ''}".strip())


GatewayKeys: TypeAlias = Keys
"""Keys of an account at a processor, as a person enters them."""

WEBHOOK_EVENTS, API_VERSION = tuple(EVENTS), VERSION  # what an endpoint at the processor has to send, and how


def _accounts(organization_id: UUID) -> Accounts:
    instance = fingerprint() or str(organization_id)
    return Accounts(Sealer(settings.SEALING_KEYS()), instance=instance, base_address=settings.STRIPE_API)


def audit_keys() -> AuditKeys:
    """The keys of the chain over events, made from those that seal secrets."""
    return AuditKeys.of(settings.SEALING_KEYS())


def connect_account(organization: Organization, keys: GatewayKeys, *, actor: Actor) -> GatewayAccount:
    """Connects an organization to the processor's account behind new keys, which answers first. Refused as
    `Accounts.test` and `connect_gateway`."""
    accounts, now = _accounts(organization.id), clock_for(organization).now()
    facts = accounts.test(keys)
    name = stripe_gateway.NAME
    row = account_known(organization.id, name, facts.ref, livemode=facts.livemode) or new_id()
    return connect_gateway(
        organization,
        row,
        facts,
        gateway=name,
        publishable_key=keys.publishable_key,
        secret=accounts.sealed_key(keys, row=row, organization=organization.id),
        webhook_secret=None,
        actor=actor,
        now=now,
    )


def check_account(organization: Organization) -> GatewayAccountFacts:
    """Asks the processor about the connected account. Refused `gateway_unknown`, and as `described`."""
    account = _connected(organization)
    facts = described(_accounts(organization.id).gateway_of(account))
    note_tested(account.id, facts, now=clock_for(organization).now())
    return facts


def rotate_key(organization: Organization, keys: GatewayKeys, *, actor: Actor) -> GatewayAccount:
    """Opens the connected account with another key from now on. Refused as `Accounts.test` and
    `rotate_gateway_key`."""
    account, accounts = _connected(organization), _accounts(organization.id)
    return rotate_gateway_key(
        organization,
        account.id,
        accounts.test(keys),
        publishable_key=keys.publishable_key,
        secret=accounts.sealed_key(keys, row=account.id, organization=organization.id),
        actor=actor,
        now=clock_for(organization).now(),
    )


def rotate_webhook(organization: Organization, secret: str, *, actor: Actor) -> GatewayAccount:
    """Lets events in that are signed with a new secret; for a day, with the present one too. Refused
    `gateway_unknown`, `key_unreadable`."""
    account = _connected(organization)
    new, old = _accounts(organization.id).sealed_webhook(account, secret)
    now = clock_for(organization).now()
    return rotate_webhook_secret(organization, account.id, secret=new, old_secret=old, actor=actor, now=now)


def disconnect_account(organization: Organization, *, actor: Actor) -> GatewayAccount:
    """Disconnects the organization from its processor's account. Refused as `disconnect_gateway`."""
    account, now = _connected(organization), clock_for(organization).now()
    return disconnect_gateway(organization, account.id, actor=actor, now=now)


def key_hint(account: GatewayAccount) -> str:
    """The last four signs of an account's secret key; "" where it can't be opened here."""
    try:
        return _accounts(account.organization_id).hint(account)
    except Refused:
        return ""


def places_of(user: User) -> Places:
    """The organizations that a user works for, each with its own instant: where what happens to the user is told."""
    return [(one.id, clock_for(one).now()) for one in organizations_of(user)]


def vault() -> Vault:
    """What keeps a user's secrets. Refused `sealing_key_missing`."""
    return UserVault(Sealer(settings.SEALING_KEYS()))


def passkeys_at(host: str, origin: str) -> Passkeys:
    """Passkeys of the site that a browser has called: its name without a port, and its address."""
    return WebAuthn(host, origin)


def sign_in_service() -> SignInService | None:
    """Where staff may sign in elsewhere; None where no such service is named."""
    issuer, client = settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID
    return OpenIdService(issuer, client, settings.OIDC_CLIENT_SECRET) if issuer and client else None


def reseal_users() -> int:
    """Seals anew what an older key sealed of users; returns how many that were. Refused as `reseal_accounts`."""
    sealer, done = Sealer(settings.SEALING_KEYS()), 0
    for one in CodeGenerator.objects.all():
        if not sealer.is_newest(bytes(one.secret)):
            kept = UserVault(sealer)
            fresh = kept.seal(one.user_id, kept.open(one.user_id, bytes(one.secret)))
            done += CodeGenerator.objects.filter(id=one.id, secret=one.secret).update(secret=fresh)
    return done


def reseal_accounts() -> int:
    """Seals with the newest key what an older one sealed; returns how many accounts that were. Refused
    `sealing_key_missing`, `seal_broken`."""
    done = 0
    for account in GatewayAccount.objects.filter(state="connected"):
        sealed = _accounts(account.organization_id).resealed(account)
        if sealed:
            note_resealed(account.id, sealed)
            done += 1
    return done


def take_event(account: GatewayAccount, body: bytes, header: str) -> GatewayEvent:
    """Takes in an event that came to an account's address: verified, kept, and a worker asked for. Kinds that nothing
    follows from are not kept. Refused as `Accounts.event`."""
    organization = account.organization
    now = SystemClock().now()
    event = _accounts(organization.id).event(account, body, header, now)
    if event.object_kind != "other":
        with transaction.atomic():
            receive(organization, event, gateway=account.gateway, now=now)
            enqueue_work(organization.id)
    return event


def _connected(organization: Organization) -> GatewayAccount:
    account = connected_account(organization.id)
    if account is None:
        raise Refused("gateway_unknown", "No account of a processor is connected.", fix="Connect one first.")
    return account


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

    def asked(self) -> GatewayIntent | None:
        """The payment that waits, None while nobody answers."""
        try:
            return SandboxGateway(self.organization.id, clock_for(self.organization)).fetch_intent(self.ref)
        except GatewayError:
            return None

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


def printer() -> Printer:
    """Who draws documents."""
    from paidthru.adapters.typst.printer import TypstPrinter  # only now: it takes a while to load

    return TypstPrinter(settings.FONTS())


def desk_for(organization: Organization) -> Desk:
    """Where the organization's work is done."""
    mailer = None if organization.is_sandbox else mailer_at(settings.MAIL_URL(), settings.MAIL_FROM)
    return Desk(
        organization, clock_for(organization), gateway_for(organization), mailer, settings.PUBLIC_URL, printer
    )


def fork_for(course: Course) -> Organization:
    """The copy in which a course of a rehearsal is played: members' ways to pay lie with the sandbox's processor."""
    rehearsal, original = course.rehearsal, course.organization
    mask = randbits(48)
    copy = fork(
        original,
        slug=f"{original.slug[:40]}-{mask:012x}",
        name=f"{original.name[:150]} ({rehearsal.name}, {course.kind})",
        mask=mask,
        now=rehearsal.begins_at,
    )
    elsewhere = list(methods_elsewhere(copy.id, SandboxGateway.name))
    shown = [
        Shown(str(one.party_id), one.kind, one.brand, one.last4, one.exp_month, one.exp_year, one.fingerprint)
        for one in elsewhere
    ]
    tokens = take_over(copy.id, shown, now=rehearsal.begins_at)
    places = {
        one.id: (token, at.customer_ref) for one, at, token in zip(elsewhere, shown, tokens, strict=True)
    }
    move_methods(copy.id, places, gateway=SandboxGateway.name)
    let_fail(
        copy.id,
        mask=mask,
        declined=rehearsal.declined,
        lost=rehearsal.lost,
        since=local_date(rehearsal.begins_at, copy.zone),
    )
    return copy


def mail_carrier() -> str:
    """Who carries an installation's mail, as staff read it; a server's user and password are nobody's business."""
    url = settings.MAIL_URL()
    if url.startswith("folder:"):
        return "A folder on this machine: nothing leaves it (PAIDTHRU_MAIL_URL)"
    return f"The mail server {urlsplit(url).hostname}, from {settings.MAIL_FROM}"


WORK, HAND, SWEEP, SUBMIT, IMPORT = (
    "paidthru.work",
    "paidthru.hand",
    "paidthru.sweep",
    "paidthru.submit",
    "paidthru.import",
)
COLLECT = "paidthru.collect"
COURSE = "paidthru.course"
MEMBER_LINKS = "paidthru.member_links"
CATCH_UP = "paidthru.catch_up"
HANDS = 4  # jobs that share a run; with fewer workers the rest find nothing left to do


def enqueue_work(organization_id: UUID) -> None:
    """Asks a worker to do what is due for an organization; asked again before it starts, once is enough."""
    _enqueue(WORK, f"work {organization_id}", organization_id=str(organization_id))


def enqueue_collect(organization_id: UUID) -> None:
    """Asks workers to send what waits of an organization: as many hands as there may be worker processes, each of which
    lends one."""
    for hand in range(HANDS):
        _enqueue(COLLECT, f"collect {organization_id} {hand}", organization_id=str(organization_id))


def enqueue_catch_up(organization_id: UUID) -> None:
    """Asks a worker to do what is due for an organization, also where its worker is switched off."""
    _enqueue(CATCH_UP, f"catch up {organization_id}", organization_id=str(organization_id))


def enqueue_run(run_id: UUID, *, hands: int = HANDS) -> None:
    """Asks workers to go on with a run, in the transaction that released it."""
    for hand in range(hands):
        _enqueue(HAND, f"run {run_id} {hand}", run_id=str(run_id))


def enqueue_course(course_id: UUID) -> None:
    """Asks a worker to play a course of a rehearsal."""
    _enqueue(COURSE, f"course {course_id}", course_id=str(course_id))


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


def enqueue_member_links(organization_id: UUID, email: str, *, key: str) -> None:
    """Asks a worker to mail the way to their memberships to whom an address belongs, if anybody. The same is done here
    for every address, so that nobody learns from an answer, or from how long it took, whose is known."""
    _enqueue(
        MEMBER_LINKS,
        f"member links {organization_id} {key}",
        organization_id=str(organization_id),
        email=email,
        key=key,
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
