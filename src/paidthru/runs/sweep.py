"""Sweep: a gateway's objects are listed, and each maps to exactly one of ours and back (field-notes C.3 10; B-55).

What a webhook should have told and didn't is settled here, through the same functions; what is nobody's goes into
suspense; what differs is told. Every call may fail: what was read until then is done, and the next sweep goes on there.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError

from paidthru.actions.book_settlement import book_settlement
from paidthru.actions.keep_stray import keep_stray, withdraw_stray
from paidthru.actions.recover import Known, Place, Recovered, recover
from paidthru.actions.settle import settle
from paidthru.actions.settle_dispute import settle_dispute
from paidthru.actions.settle_refund import settle_refund
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.organizations.queries import fingerprints
from paidthru.payments.gateway import (
    NO_SUCH_INTENT,
    DisputeStatus,
    GatewayBalanceLine,
    GatewayDispute,
    GatewayError,
    GatewayIntent,
    GatewayNotExecuted,
    GatewayRefund,
    GatewayRejected,
    IntentStatus,
    RefundStatus,
)
from paidthru.payments.models import Dispute, PaymentIntent, Refund
from paidthru.payments.queries.sweeping import account_of, our_side, unplaced_charges, unseen_payments
from paidthru.payments.rules.imprint import read
from paidthru.runs.desk import Desk
from paidthru.timeline.operations import SCHEDULE, Actor, again_on_conflict

log = logging.getLogger(__name__)
T = TypeVar("T")
KINDS = ("intents", "refunds", "disputes", "balance")
PAGE = 200
MOST_TOLD = 100  # differences that a report names; it counts them all
SETTLED_WITHIN = timedelta(days=2)  # after so long a gateway's balance must tell of a payment


@dataclass(frozen=True, slots=True)
class Difference:
    """What the gateway says otherwise than our rows, about which object, in a sentence for staff."""

    kind: str
    ref: str
    what: str


@dataclass(slots=True)
class SweepReport:
    """What a sweep read, did and found. `reached` is up to when each kind was read to its end; `stopped` says what kept
    it from the rest. `lost_numbers` and `counts` are a replay's: invoice numbers that got a gap, and whether it is
    enough to unfreeze."""

    gateway: str
    since: datetime
    read: dict[str, int] = field(default_factory=dict)
    settled: int = 0
    rebuilt: int = 0
    strays: int = 0
    canceled: int = 0
    booked: int = 0
    differing: int = 0
    differences: list[Difference] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    reached: dict[str, datetime] = field(default_factory=dict)
    last_number: int = 0
    lost_numbers: int = 0
    counts: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything was read to its end."""
        return not self.stopped

    @property
    def changed(self) -> bool:
        """Whether anything had to be put right."""
        return bool(self.settled or self.rebuilt or self.strays or self.canceled or self.differing)

    def tell(self, kind: str, ref: str, what: str) -> None:
        """Notes a difference."""
        self.differing += 1
        if len(self.differences) < MOST_TOLD:
            self.differences.append(Difference(kind, ref, what))

    def facts(self) -> dict[str, Any]:
        """For the timeline, and for a program."""
        return {
            "gateway": self.gateway, "since": self.since.isoformat(), "read": self.read, "settled": self.settled,
            "rebuilt": self.rebuilt, "strays": self.strays, "canceled": self.canceled, "booked": self.booked,
            "differing": self.differing, "complete": self.complete, "stopped": self.stopped,
            "differences": [{"kind": one.kind, "ref": one.ref, "what": one.what} for one in self.differences],
        }  # fmt: skip


def sweep(
    desk: Desk, *, since: datetime | Mapping[str, datetime], thorough: bool = True, actor: Actor = SCHEDULE
) -> SweepReport:
    """Reads the gateway from an instant on (one for all, or by kind) and puts right what can be. `thorough`: asks also
    about payments of ours that the gateway's balance doesn't tell of."""
    return Sweep(desk, since, actor=actor).run(thorough=thorough)


class Sweep:
    """One reading of a gateway. A `replaying` one comes after a restore, while nothing is sent: it may cancel what is
    ours, unconfirmed, and has lost its row. `lost_since`: from when on the database has lost what it knew."""

    def __init__(
        self,
        desk: Desk,
        since: datetime | Mapping[str, datetime],
        *,
        actor: Actor,
        replaying: bool = False,
        lost_since: datetime | None = None,
    ) -> None:
        self.desk, self.actor, self.replaying = desk, actor, replaying
        self.since = since if isinstance(since, Mapping) else dict.fromkeys(KINDS, since)
        self.report = SweepReport(desk.gateway.name, min(self.since.values()))
        account = account_of(desk.organization.id, desk.gateway.name)
        connected = account.connected_at if account is not None else None
        self.strays_since = min(connected, lost_since) if connected and lost_since else connected
        self.known = Known(account.livemode if account else None, fingerprints(), self.strays_since)
        self._missed: dict[str, datetime] = {}

    def run(self, *, thorough: bool) -> SweepReport:
        """Reads everything there is."""
        gateway, began = self.desk.gateway, self.desk.clock.now()
        self.each("intents", gateway.list_intents, self.intents, lambda one: one.created_at)
        self.each("refunds", gateway.list_refunds, self.refunds, lambda one: one.created_at)
        self.each("disputes", gateway.list_disputes, self.disputes, lambda one: one.at)
        self.each("balance", gateway.list_balance, self.lines, lambda one: one.at)
        if thorough and "balance" in self.report.reached and self.report.complete:
            self.unseen(began)
        return self.report

    def each(
        self,
        kind: str,
        listed: Callable[[datetime], Iterator[T]],
        work: Callable[[list[T]], None],
        at: Callable[[T], datetime],
    ) -> None:
        """Works a kind of object page by page, as it is listed: oldest first, so that all before the last is done."""
        began, last = self.desk.clock.now(), self.since[kind]
        self.report.read[kind] = 0
        try:
            for page, error in _pages(listed(self.since[kind])):
                work(page)
                self.report.read[kind] += len(page)
                last = at(page[-1]) if page else last
                if error is not None:
                    raise error
            last = max(began, last)
        except GatewayError as error:
            self.report.stopped.append(f"{kind}: {error.message}")
        self.report.reached[kind] = min(last, self._missed.get(kind, last))

    # ------------------------------------------------------------------ intents

    def intents(self, page: list[GatewayIntent]) -> None:
        """Each intent finds its row, and what is not settled is."""
        ours = our_side(self.desk.organization.id, self.desk.gateway.name, [one.ref for one in page])
        for found in page:
            side = ours.get(found.ref)
            self.report.last_number = max(self.report.last_number, *self.numbers(found), 0)
            if side is None or not side.agrees(found):
                self.guarded("intents", found.ref, found.created_at, partial(self.intent, found))

    def numbers(self, found: GatewayIntent) -> tuple[int, ...]:
        """The invoices that an intent of this organization's says it was for."""
        said = read(found.metadata)
        return said.numbers if said is not None and said.organization == self.desk.organization.id else ()

    def intent(self, found: GatewayIntent) -> None:
        """An intent that isn't as our rows say."""
        recovered = self.again(
            partial(
                recover,
                self.desk.organization,
                found,
                gateway=self.desk.gateway.name,
                known=self.known,
                actor=self.actor,
                now=self.desk.clock.now(),
            )
        )
        self.report.rebuilt += recovered.place is Place.REBUILT
        self.report.strays += recovered.place is Place.STRAY and recovered.new
        if recovered.attempt_id is not None:
            self.settle_now(found, recovered)
        elif recovered.place is Place.ORPHAN and self.replaying:
            self.cancel(found)
        else:
            self.tell_intent(found, recovered.place)

    def settle_now(self, found: GatewayIntent, recovered: Recovered) -> None:
        """Settles an attempt with its intent as it is now: what was listed may be some pages old."""
        assert recovered.attempt_id is not None
        answer = self.desk.gateway.fetch_intent(found.ref)
        settled = self.again(
            partial(
                settle,
                self.desk.organization,
                recovered.attempt_id,
                answer,
                actor=self.actor,
                now=self.desk.clock.now(),
            )
        )
        self.report.settled += 1
        if settled.state != "succeeded" and answer.status is IntentStatus.SUCCEEDED:
            self.tell_intent(answer, Place.KNOWN)

    def cancel(self, found: GatewayIntent) -> None:
        """Fences an intent that has lost its row; should it have moved on meanwhile, it is recovered after all."""
        try:
            self.desk.gateway.cancel_intent(found.ref, key=f"fence:{found.ref}:{new_id()}")
            self.report.canceled += 1
        except GatewayRejected:
            now = self.desk.gateway.fetch_intent(found.ref)
            if now.status != found.status:
                self.intent(now)

    def tell_intent(self, found: GatewayIntent, place: Place) -> None:
        """Tells staff of an intent that is not as our rows say, where that means something."""
        sentences = {
            Place.HELD: "It is under way and was lost in a restore; its invoice is gone, or is being collected anew.",
            Place.WRONG_MODE: "It was made in the other mode (live or test) than this account's.",
        }
        if place in sentences:
            self.report.tell("intent", found.ref, sentences[place])
        elif place is Place.KNOWN:
            name = self.desk.gateway.name
            mine = PaymentIntent.objects.filter(gateway=name, gateway_ref=found.ref)
            state = mine.values_list("state", flat=True).first()
            if found.status is IntentStatus.SUCCEEDED or state == "succeeded":
                self.report.tell(
                    "intent",
                    found.ref,
                    f"The processor says {found.status.value}, our rows {state}: look at both.",
                )

    # ------------------------------------------------------------------ refunds and disputes

    def refunds(self, page: list[GatewayRefund]) -> None:
        """Each refund is one of ours, was made at the gateway itself, or is of money that is nobody's."""
        refs = [one.ref for one in page]
        ours = Refund.objects.filter(organization=self.desk.organization, gateway_ref__in=refs)
        states = dict(ours.values_list("gateway_ref", "state"))
        for found in page:
            if states.get(found.ref) != found.status.value:
                self.guarded("refunds", found.ref, found.created_at, partial(self.refund, found))

    def refund(self, found: GatewayRefund) -> None:
        """A refund that isn't as our rows say."""
        came = found.status in (RefundStatus.PENDING, RefundStatus.SUCCEEDED)
        try:
            settled = self.again(
                partial(
                    settle_refund,
                    self.desk.organization,
                    found,
                    refund_id=None,
                    actor=self.actor,
                    now=self.desk.clock.now(),
                )
            )
        except Refused as refused:
            if refused.code != "payment_unknown":
                raise
            self.of_nobody("refund", found, found.amount_minor, found.created_at, lasts=came)
            return
        self.placed(found.ref)
        self.report.settled += 1
        if settled.refund_id is not None and settled.state != found.status.value:
            self.report.tell(
                "refund", found.ref, f"The processor says {found.status.value}, our rows {settled.state}."
            )

    def disputes(self, page: list[GatewayDispute]) -> None:
        """Each dispute and return is booked as it stands."""
        refs = [one.ref for one in page]
        ours = Dispute.objects.filter(gateway=self.desk.gateway.name, gateway_ref__in=refs)
        states = {
            ref: (state, amount)
            for ref, state, amount in ours.values_list("gateway_ref", "state", "amount_minor")
        }
        for found in page:
            if states.get(found.ref) != (found.status.value, found.amount_minor):
                self.guarded("disputes", found.ref, found.at, partial(self.dispute, found))

    def dispute(self, found: GatewayDispute) -> None:
        """A dispute that isn't as our rows say."""
        try:
            settled = self.again(
                partial(
                    settle_dispute,
                    self.desk.organization,
                    found,
                    actor=self.actor,
                    now=self.desk.clock.now(),
                )
            )
        except Refused as refused:
            if refused.code != "payment_unknown":
                raise
            lasts = found.status is not DisputeStatus.WON
            self.of_nobody("dispute", found, found.amount_minor, found.at, lasts=lasts)
            return
        self.placed(found.ref)
        self.report.settled += settled.changed
        if settled.state != found.status.value:
            self.report.tell(
                "dispute", found.ref, f"The processor says {found.status.value}, our rows {settled.state}."
            )

    def of_nobody(
        self,
        kind: str,
        found: GatewayRefund | GatewayDispute,
        amount_minor: int,
        at: datetime,
        *,
        lasts: bool,
    ) -> None:
        """A refund or dispute of a payment that isn't known: in suspense, as the money was, while it lasts."""
        name, now = self.desk.gateway.name, self.desk.clock.now()
        intents = PaymentIntent.objects.filter(gateway=name, gateway_ref=found.intent_ref)
        if intents.exclude(organization=self.desk.organization).exists():
            return
        if not lasts:
            why = "It came to nothing at the processor."
            withdraw_stray(
                self.desk.organization,
                gateway=name,
                gateway_ref=found.ref,
                why=why,
                actor=self.actor,
                now=now,
            )
            return
        if self.strays_since is None or at >= self.strays_since:
            self.report.strays += keep_stray(
                self.desk.organization,
                kind=kind,
                gateway=name,
                gateway_ref=found.ref,
                currency=found.currency,
                amount_minor=amount_minor,
                occurred_at=at,
                why="It is of a payment that isn't known here.",
                actor=self.actor,
                now=now,
            )

    def placed(self, ref: str) -> None:
        """What stood in suspense under a reference has its own row now."""
        withdraw_stray(
            self.desk.organization,
            gateway=self.desk.gateway.name,
            gateway_ref=ref,
            why="Its payment was found.",
            actor=self.actor,
            now=self.desk.clock.now(),
        )

    # ------------------------------------------------------------------ the balance

    def lines(self, page: list[GatewayBalanceLine]) -> None:
        """Fees and payouts are booked; a line from before the account was connected is no concern of ours."""
        since = self.strays_since
        ours = [one for one in page if since is None or one.at >= since]
        booked = self.again(
            partial(
                book_settlement,
                self.desk.organization,
                ours,
                gateway=self.desk.gateway.name,
                actor=self.actor,
                now=self.desk.clock.now(),
            )
        )
        self.report.booked += booked.lines
        charges = {one.source_ref: one for one in ours if one.kind == "charge" and one.source_ref}
        for ref in unplaced_charges(self.desk.gateway.name, list(charges)):
            self.guarded("balance", ref, charges[ref].at, partial(self.charge, charges[ref]))

    def charge(self, line: GatewayBalanceLine) -> None:
        """Money that came, and of which we have neither payment nor stray: its intent is older than what was listed."""
        if line.intent_ref:
            self.intent(self.desk.gateway.fetch_intent(line.intent_ref))
            return
        self.report.strays += keep_stray(
            self.desk.organization,
            kind="charge",
            gateway=self.desk.gateway.name,
            gateway_ref=line.source_ref,
            currency=line.charged_currency or line.currency,
            amount_minor=line.amount_minor if line.charged_minor is None else line.charged_minor,
            occurred_at=line.at,
            why="It was not collected by an intent.",
            actor=self.actor,
            now=self.desk.clock.now(),
        )

    def unseen(self, until: datetime) -> None:
        """Payments of ours that no line of the balance is about: the gateway is asked for each."""
        found = unseen_payments(
            self.desk.organization.id,
            self.desk.gateway.name,
            since=self.since["balance"],
            until=until - SETTLED_WITHIN,
        )
        for payment in found:
            what = ""
            if not payment.intent_ref:
                what = f"Payment {payment.number} is not in the processor's balance."
            else:
                try:
                    answer = self.desk.gateway.fetch_intent(payment.intent_ref)
                except GatewayRejected as error:
                    if error.code == NO_SUCH_INTENT:
                        what = f"The processor does not know payment {payment.number}."
                except GatewayError:
                    continue  # no answer says nothing
                else:
                    if answer.status is not IntentStatus.SUCCEEDED:
                        what = f"Payment {payment.number}: the processor says {answer.status.value}."
            if what:
                self.report.tell("payment", payment.gateway_ref, what)

    # ------------------------------------------------------------------ how it is done

    def again(self, act: Callable[[], T]) -> T:
        """An action, once more where the database gave it up."""
        return again_on_conflict(act, repeatable=True)

    def guarded(self, kind: str, ref: str, at: datetime, work: Callable[[], None]) -> None:
        """Works one object. One that can't be worked must not hold up the others (B-56); it comes again."""
        try:
            work()
        except Refused as refused:
            self.report.tell(kind.rstrip("s"), ref, refused.message)
        except (OperationalError, InterfaceError):
            raise
        except GatewayNotExecuted as error:
            if error.opens_circuit:
                raise
            self.miss(kind, at, f"{ref}: {error.message}")
        except GatewayError as error:
            self.miss(kind, at, f"{ref}: {error.message}")
        except Exception as error:
            log.exception("an object of the gateway could not be worked (%s)", kind)
            self.miss(kind, at, f"{ref}: {type(error).__name__}")

    def miss(self, kind: str, at: datetime, why: str) -> None:
        """Notes what could not be worked: the next sweep begins there."""
        self._missed[kind] = min(at, self._missed.get(kind, at))
        if len(self.report.stopped) < MOST_TOLD:
            self.report.stopped.append(f"{kind}: {why}")


def _pages(listed: Iterable[T]) -> Iterator[tuple[list[T], GatewayError | None]]:
    """What is listed, in pages; where the listing breaks off, what came until then and the error."""
    page: list[T] = []
    try:
        for one in listed:
            page.append(one)
            if len(page) == PAGE:
                yield page, None
                page = []
    except GatewayError as error:
        yield page, error
        return
    yield page, None
