"""What the tests of collection share: an organization whose members have been billed, and what they look at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.world import STAFF, World, a_world

from paidthru import invariants, runs
from paidthru.actions.charge import open_attempt
from paidthru.actions.save_method import save_method
from paidthru.actions.submit import Selection, submit_list
from paidthru.invoicing.models import Invoice
from paidthru.ledger.models import Journal
from paidthru.ledger.queries import trial_balance
from paidthru.membership.models import Membership, Plan
from paidthru.organizations.operations import move_clock
from paidthru.organizations.queries import policies_of
from paidthru.payments.gateway import Capabilities, Confirmation, Gateway, GatewayIntent, IntentRequest
from paidthru.payments.models import Attempt, Payment, PaymentMethod
from paidthru.payments.queries import label_of
from paidthru.runs import Desk, Submission
from paidthru.timeline.models import Event
from paidthru.wiring import processor_of

BILLED_ON = date(2026, 1, 1)


@dataclass
class Collection:
    """A world with one billed invoice a member, by the member's name."""

    world: World
    plan: Plan
    members: dict[str, Membership] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        return self.world.desk

    def party(self, name: str) -> UUID:
        return self.members[name].party_id

    def invoice(self, name: str) -> Invoice:
        """The member's latest invoice, as it is now."""
        return Invoice.objects.filter(party_id=self.party(name)).latest("number")

    def membership(self, name: str) -> Membership:
        return Membership.objects.get(id=self.members[name].id)

    def attempts(self, name: str) -> list[Attempt]:
        return list(Attempt.objects.filter(party_id=self.party(name)).order_by("created_at", "id"))

    def attempt(self, name: str) -> Attempt:
        """The member's latest attempt."""
        return self.attempts(name)[-1]

    def states(self, name: str) -> list[str]:
        return [one.state for one in self.attempts(name)]

    def label(self, name: str) -> str:
        """The settlement state of the latest attempt, today."""
        organization = self.world.organization
        days = policies_of(organization).number("collect.reconcile_timeout_days")
        return label_of(
            self.attempt(name), zone=organization.zone, on=self.desk.today, timeout_days=days
        ).value

    def payments(self, name: str) -> list[Payment]:
        return list(Payment.objects.filter(party_id=self.party(name)).order_by("number"))

    def events(self, name: str) -> list[str]:
        """What was told of the member's money, oldest first."""
        found = Event.objects.filter(party_id=self.party(name), verb__startswith="payment").order_by("id")
        return list(found.values_list("verb", flat=True))

    def behave(self, name: str, behaviour: str, code: str | None = None) -> None:
        """How the processor behaves toward the member."""
        self.world.processor.set_script(str(self.party(name)), behaviour, code)

    def answer(self, name: str, outcome: str, code: str | None = None) -> None:
        """The processor's late answer, and our look at it."""
        self.world.processor.answer(str(self.party(name)), outcome, code)  # type: ignore[arg-type]
        runs.retrieve(self.desk)

    def move(self, **by: int) -> None:
        """Moves the clock; what falls due meanwhile is not done."""
        move_clock(self.world.organization, self.desk.clock.now() + timedelta(**by))

    def advance(self, **by: int) -> None:
        """Moves the clock; what falls due meanwhile is done."""
        runs.advance(self.desk, self.desk.clock.now() + timedelta(**by))

    def new_card(self, name: str, test_code: str = "ok") -> None:
        self.world.card(self.party(name), test_code)

    def bank(self, name: str, test_code: str = "ok") -> None:
        """Saves a bank account instead of what was on file."""
        organization, party_id = self.world.organization, self.party(name)
        saved = processor_of(organization).save_method(str(party_id), "bank", test_code)
        save_method(organization, party_id, saved, gateway="sandbox", actor=STAFF, now=self.desk.clock.now())

    def submit(
        self, due_by: date | None = None, name_contains: str = "", acknowledged: bool = True
    ) -> Submission:
        selection = Selection(due_by or self.desk.today, name_contains)
        return runs.submit(self.desk, selection, actor=STAFF, acknowledged=acknowledged)

    def collect(self) -> Submission:
        """Submits what is due and sends it."""
        done = self.submit()
        runs.collect_unsent(self.desk)
        return done

    def open(self, name: str, max_attempts: int = 9) -> Attempt:
        return open_attempt(
            self.world.organization,
            self.invoice(name).id,
            max_attempts=max_attempts,
            initiator="staff",
            actor=STAFF,
            now=self.desk.clock.now(),
        )

    def listed(self, due_by: date | None = None, name_contains: str = "") -> dict[str, str]:
        """The submit list: the reason why not, by member."""
        selection = Selection(due_by or self.desk.today, name_contains)
        page, _ = submit_list(self.world.organization, selection, now=self.desk.clock.now())
        return {one.name: one.refused for one in page}

    def balances(self) -> dict[str, int]:
        found = trial_balance(self.world.organization.id)
        return {one.code: one.balance_minor for one in found if one.balance_minor}

    def check(self) -> None:
        """Everything that must hold at every moment does; each payment has exactly one journal."""
        id_ = self.world.organization.id
        assert invariants.check(id_) == []
        journals = Journal.objects.filter(organization_id=id_, source_kind="payment", event="received")
        assert journals.count() == Payment.objects.filter(organization_id=id_).count()

    def charged(self) -> int:
        """How many charges stand in the processor's books."""
        return sum(line.charges for line in self.world.processor.books())


def billed(
    *names: str,
    preset: str = "association",
    price: int = 10_000,
    card: str | None = "ok",
    autopay: bool = True,
    world: World | None = None,
    plan: Plan | None = None,
    **about: str,
) -> Collection:
    """Members with a card, billed for 2026 and due on 1 January, on which day it is nine o'clock in London.

    `about` is for `a_world`: currency, zone, policies.
    """
    world = world or a_world(preset, **about)  # type: ignore[arg-type]
    found = Collection(world, plan or world.plan(amount_minor=price))
    for name in names:
        found.members[name] = world.member(
            name, found.plan, paid_through=date(2025, 12, 31), card=card is not None, autopay=autopay
        )
        if card not in (None, "ok"):
            found.new_card(name, card or "")
    runs.generate(world.desk, name="Renewals 2026", effective_on=BILLED_ON, actor=STAFF)
    return found


class Meddling:
    """A gateway of which one call or another is meddled with. Each meddler is handed the call as it would be made."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.create: Callable[[Callable[[], GatewayIntent]], GatewayIntent] = lambda call: call()
        self.confirm: Callable[[Callable[[], GatewayIntent]], GatewayIntent] = lambda call: call()
        self.fetch: Callable[[Callable[[], GatewayIntent]], GatewayIntent] = lambda call: call()
        self.cancel: Callable[[Callable[[], GatewayIntent]], GatewayIntent] = lambda call: call()
        self.keys: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    @property
    def name(self) -> str:
        return self._gateway.name

    @property
    def capabilities(self) -> Capabilities:
        return self._gateway.capabilities

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        self.keys.append(key)
        return self.create(lambda: self._gateway.create_intent(request, key=key))

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        self.keys.append(key)
        return self.confirm(lambda: self._gateway.confirm_intent(ref, confirmation, key=key))

    def fetch_intent(self, ref: str) -> GatewayIntent:
        return self.fetch(lambda: self._gateway.fetch_intent(ref))

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        self.keys.append(key)
        return self.cancel(lambda: self._gateway.cancel_intent(ref, key=key))

    def list_intents(self, since: datetime) -> Iterator[GatewayIntent]:
        return self._gateway.list_intents(since)


def meddled(found: Collection) -> Meddling:
    """Puts a gateway that can be meddled with between the collection and its processor."""
    gateway = Meddling(found.desk.gateway)
    found.world.desk = replace(found.world.desk, gateway=gateway)
    return gateway


def lease_ends(attempt: Attempt) -> None:
    """The database's clock has gone past the lease of whoever had the attempt."""
    Attempt.objects.filter(id=attempt.id, lease_until__isnull=False).update(
        lease_until=datetime.fromisoformat("2000-01-01T00:00:00+00:00")
    )


def method_of(found: Collection, name: str) -> PaymentMethod:
    return PaymentMethod.objects.get(party_id=found.party(name), state="active")


def broken(found: Collection) -> list[invariants.Violation]:
    """What must hold and doesn't, where the processor's word was made up in a test: its books are left out."""
    return [
        one
        for one in invariants.check(found.world.organization.id)
        if not one.invariant.startswith("sandbox_")
    ]
