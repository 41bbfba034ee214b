"""Recover: an intent that a gateway tells of finds its place among our rows, or gets one (field-notes C.3 9, C.10).

After a restore the rows of what was collected since the backup are gone, though not the money. What says that it is
ours is built anew from what it carries, then settled as anything else is; what nobody can place is kept in suspense.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max

from paidthru.invoicing.models import Invoice, names_of
from paidthru.invoicing.operations import live_documents
from paidthru.kernel.clock import local_date
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayIntent, IntentStatus
from paidthru.payments.models import Attempt, IntentInvoice, Payment, PaymentIntent, PaymentMethod, Stray
from paidthru.payments.operations.strays import note_stray
from paidthru.payments.rules.imprint import Imprint, read
from paidthru.payments.rules.intents import INTENT
from paidthru.payments.rules.settlement import REBUILT, classify, may_replace
from paidthru.timeline.operations import Actor, Happening, record

_MOVED = frozenset({IntentStatus.SUCCEEDED, IntentStatus.PROCESSING, IntentStatus.REQUIRES_ACTION})
_UNDER_WAY = frozenset({IntentStatus.PROCESSING, IntentStatus.REQUIRES_ACTION})


class Place(StrEnum):
    """What became of an intent that a gateway tells of."""

    KNOWN = "known"  # it has its row
    REBUILT = "rebuilt"  # its row was lost, and is there again
    STRAY = "stray"  # its money is in suspense, or was placed by a person
    ORPHAN = "orphan"  # ours, without a row, and unconfirmed: it can be canceled
    HELD = "held"  # ours, without a row, under way; its invoice is gone, or is collected by another
    ELSEWHERE = "elsewhere"  # another organization's of this installation
    WRONG_MODE = "wrong_mode"  # test money in a live account, or the reverse
    NONE = "none"  # nobody's, and no money


@dataclass(frozen=True, slots=True)
class Recovered:
    """Where an intent's place is. With an `attempt_id` there is something to settle. `new`: its place was made now."""

    place: Place
    attempt_id: UUID | None = None
    new: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What a caller knows of the account: which mode its objects have (None: any), under which names this installation
    made its own, and from when on money that isn't ours is taken note of."""

    livemode: bool | None
    fingerprints: frozenset[str]
    strays_since: datetime | None = None


def recover(
    organization: Organization,
    found: GatewayIntent,
    *,
    gateway: str,
    known: Known,
    actor: Actor,
    now: datetime,
) -> Recovered:
    """Finds or makes the place of an intent, in one transaction; a second time it changes nothing.

    The caller settles the attempt that is named, with the intent fetched anew; and cancels an orphan, if it is sure
    that nobody is about to use it.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # webhook, sweep and replay may be told of the same intent at once
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"intent {gateway} {found.ref}"]
        )
        return _Search(organization, found, gateway, known, actor, now).place()


@dataclass(frozen=True, slots=True)
class _Search:
    organization: Organization
    found: GatewayIntent
    gateway: str
    known: Known
    actor: Actor
    now: datetime

    @property
    def charge_ref(self) -> str:
        return self.found.charge_ref or self.found.ref

    def place(self) -> Recovered:
        found, said = self.found, read(self.found.metadata)
        if self.known.livemode is not None and found.livemode != self.known.livemode:
            return Recovered(Place.WRONG_MODE)
        row = (
            PaymentIntent.objects.select_for_update()
            .filter(gateway=self.gateway, livemode=found.livemode, gateway_ref=found.ref)
            .first()
        )
        if row is not None:
            if row.organization_id != self.organization.id:
                return Recovered(Place.ELSEWHERE)
            return self.known_row(row, said)
        if Payment.objects.filter(gateway=self.gateway, gateway_ref=self.charge_ref).exists():
            return Recovered(Place.STRAY)  # a person has placed it
        if Stray.objects.filter(gateway=self.gateway, gateway_ref=self.charge_ref).exists():
            return Recovered(Place.STRAY)
        if said is None:
            return self.stray("It doesn't say that it came from here.")
        if said.organization != self.organization.id:
            if Organization.objects.filter(id=said.organization).exists():
                return Recovered(Place.ELSEWHERE)
            return self.stray("It was made by an organization that isn't in this database.")
        if said.instance and self.known.fingerprints and said.instance not in self.known.fingerprints:
            return self.stray(
                "It was made by another installation of Paidthru, with this organization's data."
            )
        return self.ours(said)

    def known_row(self, row: PaymentIntent, said: Imprint | None) -> Recovered:
        """Its row is there; the attempt that it names may be lost all the same."""
        attempts = {one.id: one for one in Attempt.objects.filter(intent=row).order_by("n")}
        named = said.attempt if said else None
        # One rebuilt under an intent of its own has another attempt than it names: that one stayed where it was.
        lost = named is not None and not Attempt.objects.filter(id=named).exists()
        if named is not None and lost and self.found.status in _MOVED:
            return self.rebuilt_attempt(row, named)
        attempt = attempts.get(named) if named else None
        if attempt is None:
            attempt = list(attempts.values())[-1]
        told = classify(self.found, attempt=str(attempt.id)).state
        news = may_replace(attempt.state, told) and row.state != "succeeded"
        if attempt.state == "created" and attempt.id != named:
            news = False  # it waits to be sent, and what the gateway tells is of an earlier one
        return Recovered(Place.KNOWN, attempt.id if news else None)

    def rebuilt_attempt(self, row: PaymentIntent, attempt_id: UUID) -> Recovered:
        """The attempt that the gateway's intent names was lost, its intent was not."""
        if row.state == "succeeded":
            return Recovered(Place.KNOWN)
        if self.found.status in _UNDER_WAY:
            ids = list(row.invoices.values_list("invoice_id", flat=True))
            open_here = row.state == "open" and row.attempts.filter(state__in=_BESIDE).exists()
            if row.state == "closed" or open_here or not self.free(ids, row.id):
                return Recovered(Place.HELD)
            if row.state == "open":
                row.attempts.filter(state="created").update(
                    state="canceled", concluded_at=self.now, message="It was sent by a later try already."
                )
            else:
                row.state = INTENT.next(row.state, "retry")
                row.save(update_fields=["state"])
            IntentInvoice.objects.filter(intent=row).update(open=True)
        n = row.attempts.aggregate(last=Max("n"))["last"] or 0
        self.write_attempt(row, attempt_id, n + 1, under_way=self.found.status in _UNDER_WAY)
        return Recovered(Place.REBUILT, attempt_id, new=True)

    def ours(self, said: Imprint) -> Recovered:
        """It says that it is ours, and no row has its reference."""
        moved = self.found.status in _MOVED
        row = None
        if said.intent is not None:
            mine = PaymentIntent.objects.select_for_update().filter(organization=self.organization)
            row = mine.filter(id=said.intent, gateway=self.gateway).first()
        if row is not None and row.gateway_ref is None and self.found.status is not IntentStatus.CANCELED:
            if not moved and row.state != "open":
                return Recovered(Place.ORPHAN)
            if row.amount_minor == self.found.amount_minor and row.currency == self.found.currency:
                row.gateway_ref = self.found.ref
                row.save(update_fields=["gateway_ref"])
                return self.known_row(row, said)
        if not moved:
            canceled = self.found.status is IntentStatus.CANCELED
            return Recovered(Place.NONE if canceled else Place.ORPHAN)
        invoices = self.documents(said)
        if not invoices:
            if self.found.status in _UNDER_WAY:
                return Recovered(Place.HELD)
            named = ", ".join(str(number) for number in said.numbers)
            lost = f"Its invoice ({named}) was lost in a restore." if named else "It names no invoice."
            return self.stray(lost, early=True)
        return self.rebuilt(said, invoices, taken=row is not None)

    def documents(self, said: Imprint) -> list[Invoice]:
        """The documents that stand for what it collects now, locked. One that followed a failed payment may be lost,
        and the first one known: the same is owed."""
        mine = Invoice.objects.filter(organization=self.organization)
        ids = list(mine.filter(id__in=said.invoices).values_list("id", flat=True))
        ids = ids or list(mine.filter(id__in=said.firsts).values_list("id", flat=True))
        on = local_date(self.now, self.organization.zone)
        live = live_documents(self.organization.id, ids, on=on, now=self.now)
        asked = {live.get(id_, id_) for id_ in ids}
        return list(mine.select_for_update().filter(id__in=asked).order_by("id"))

    def rebuilt(self, said: Imprint, invoices: list[Invoice], *, taken: bool) -> Recovered:
        """Intent and attempt anew, under the ids that they had, unless these are taken by others."""
        found, free = self.found, self.free([one.id for one in invoices], None)
        if found.status in _UNDER_WAY and not free:
            return Recovered(Place.HELD)
        # Until it is settled, money that came holds its invoice: should the answer be nonsense, a person looks at it.
        under_way = found.status in _UNDER_WAY or (found.status is IntentStatus.SUCCEEDED and free)
        row = PaymentIntent.objects.create(
            id=new_id() if taken or said.intent is None else said.intent,
            organization=self.organization,
            party_id=invoices[0].party_id,
            gateway=self.gateway,
            livemode=found.livemode,
            currency=found.currency,
            amount_minor=found.amount_minor,
            customer_ref=found.customer_ref,
            gateway_ref=found.ref,
            state="open" if under_way else "closed",
            created_at=found.created_at,
        )
        left = found.amount_minor
        for place, invoice in enumerate(invoices):
            last = place == len(invoices) - 1
            part = left if last else min(invoice.total_minor, left)
            left -= part
            IntentInvoice.objects.create(
                organization=self.organization, intent=row, invoice=invoice, amount_minor=part, open=under_way
            )
        its_own = (
            said.attempt if said.attempt and not Attempt.objects.filter(id=said.attempt).exists() else None
        )
        attempt_id = its_own or new_id()
        self.write_attempt(row, attempt_id, 1, under_way=under_way)
        return Recovered(Place.REBUILT, attempt_id, new=True)

    def write_attempt(self, row: PaymentIntent, attempt_id: UUID, n: int, *, under_way: bool) -> None:
        """An attempt that is about to be told the truth: one under way, or one that ended without money so far."""
        method = self.method(row)
        Attempt.objects.create(
            id=attempt_id,
            organization=self.organization,
            intent=row,
            party_id=row.party_id,
            n=n,
            method=method,
            method_fingerprint=method.fingerprint,
            initiator="schedule",
            off_session=True,
            idempotency_key=f"att:{attempt_id}",
            state="submitted" if under_way else "canceled",
            created_at=self.found.created_at,
            submitted_at=self.found.created_at,
            concluded_at=None if under_way else self.now,
            next_look_at=self.now if under_way else None,
            message=REBUILT,
        )
        numbers = names_of(Invoice.objects.filter(intents__in=row.invoices.all()).order_by("intents__id"))
        facts = {
            "invoices": numbers,
            "amount": plain(row.amount_minor, row.currency),
            "currency": row.currency,
        }
        happening = Happening("payment_rebuilt", "attempt", attempt_id, row.party_id, REBUILT, facts)
        record(self.organization.id, self.actor, self.now, [happening])

    def method(self, row: PaymentIntent) -> PaymentMethod:
        """The member's method at this gateway; when that was lost too, one that says so and is never charged."""
        theirs = PaymentMethod.objects.filter(party_id=row.party_id, gateway=self.gateway)
        by_customer = theirs.filter(customer_ref=row.customer_ref)
        known = (by_customer if by_customer.exists() else theirs).order_by("-created_at", "-id")
        return known.filter(state="active").first() or known.first() or PaymentMethod.objects.create(
            organization=self.organization,
            party_id=row.party_id,
            gateway=self.gateway,
            kind="card",
            token="",
            brand="Lost in a restore",
            last4="",
            fingerprint="",
            state="removed",
            created_at=self.found.created_at,
            livemode=row.livemode,
            customer_ref=row.customer_ref,
        )  # fmt: skip

    def free(self, invoice_ids: list[UUID], but: UUID | None) -> bool:
        """Whether nothing else collects the invoices. What waits to be sent, and never was, steps aside."""
        others = IntentInvoice.objects.filter(invoice_id__in=invoice_ids, open=True).exclude(intent_id=but)
        for link in others.select_related("intent"):
            waiting = Attempt.objects.select_for_update().filter(intent=link.intent, state="created")
            unsent = waiting.filter(submitted_at__isnull=True, lease_token__isnull=True).first()
            if unsent is None or link.intent.gateway_ref is not None:
                return False
            unsent.state, unsent.concluded_at = "canceled", self.now
            unsent.message = "The invoice is being collected already."
            unsent.save(update_fields=["state", "concluded_at", "message"])
            IntentInvoice.objects.filter(intent=link.intent).update(open=False)
            state = INTENT.next(link.intent.state, "close")
            PaymentIntent.objects.filter(id=link.intent_id).update(state=state)
        return True

    def stray(self, why: str, *, early: bool = False) -> Recovered:
        """Money that nobody can place. From before the account was connected it is none of ours (but for `early`)."""
        found, since = self.found, self.known.strays_since
        before = since is not None and found.created_at < since and not early
        if found.status is not IntentStatus.SUCCEEDED or found.received_minor <= 0 or before:
            return Recovered(Place.NONE)
        stray = note_stray(
            self.organization,
            kind="charge",
            gateway=self.gateway,
            gateway_ref=self.charge_ref,
            currency=found.currency,
            amount_minor=found.received_minor,
            occurred_at=found.taken_at or found.created_at,
            why=why,
            now=self.now,
        )
        if stray is not None:
            facts = {"amount": plain(stray.amount_minor, stray.currency), "currency": stray.currency}
            happening = Happening("stray_found", "stray", stray.id, None, why, facts)
            record(self.organization.id, self.actor, self.now, [happening])
        return Recovered(Place.STRAY, new=stray is not None)


_BESIDE = ("submitted", "unknown", "requires_action", "processing", "needs_review")
