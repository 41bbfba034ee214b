"""The sandbox processor's desk: where a story, a test or the console tells it how to behave, and reads its
books.

None of this exists at a real processor; the product's own work goes through the port.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from paidthru.adapters.sandbox import books, keys
from paidthru.adapters.sandbox.behaviour import SILENCES, Behaviour
from paidthru.adapters.sandbox.models import (
    SandboxCharge,
    SandboxEvent,
    SandboxIntent,
    SandboxMethod,
    SandboxScript,
)
from paidthru.adapters.sandbox.refunds import RefundLevers
from paidthru.adapters.sandbox.taking_back import TakingBack
from paidthru.kernel.clock import Clock
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import IntentStatus

_UNDER_WAY = (IntentStatus.PROCESSING.value, IntentStatus.REQUIRES_ACTION.value)
_USUAL_REFUSAL = {"card": "generic_decline", "bank": "R01"}


@dataclass(frozen=True, slots=True)
class BookLine:
    """All charges of an account in one currency (minor units); of them, the ones whose outcome the processor
    has not told anybody yet."""

    currency: str
    charges: int
    charged_minor: int
    unheard: int
    unheard_minor: int


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that the processor took (minor units). `unheard`: it has not told anybody yet."""

    ref: str
    intent_ref: str
    customer_ref: str
    amount_minor: int
    currency: str
    taken_at: datetime
    unheard: bool


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One thing that happened to an intent."""

    at: datetime
    intent_ref: str
    kind: str
    detail: dict[str, str]


class SandboxDesk(TakingBack, RefundLevers):
    """The desk of one account (an organization's id)."""

    def __init__(self, account: UUID, clock: Clock) -> None:
        self._account = account
        self._clock = clock

    def set_script(self, customer_ref: str, behaviour: str, code: str | None = None) -> None:
        """Behave so toward the customer until told otherwise: accept, decline CODE, authenticate, silent or
        silent_but_charges. What was lost in an earlier silence stays lost. Raises
        `Refused('behaviour_unknown')` and `Refused('decline_code_missing')`; the code may be one that nobody
        knows."""
        try:
            wanted = Behaviour(behaviour)
        except ValueError:
            raise Refused(
                "behaviour_unknown",
                f"The sandbox cannot behave like {behaviour!r}.",
                field="behaviour",
                value=behaviour,
                fix=f"It can: {', '.join(Behaviour)}.",
            ) from None
        if wanted is Behaviour.DECLINE and not code:
            raise Refused(
                "decline_code_missing",
                "A decline needs its code.",
                field="code",
                fix="Use a code such as insufficient_funds, expired_card or R01.",
            )
        with books.own_transaction():
            SandboxScript.objects.update_or_create(
                organization_id=self._account,
                customer_ref=customer_ref,
                defaults={"behaviour": wanted.value, "code": code or "", "changed_at": self._clock.now()},
            )

    def authenticate(self, intent_ref: str) -> bool:
        """What becomes of an authentication when the payer is at it: confirmed where the customer is accepted by now,
        failed where declined. False while it goes on being asked for. Raises as `answer`."""
        with books.own_transaction():
            intent = SandboxIntent.objects.get(ref=intent_ref, organization_id=self._account)
            behaviour, code = books.behaviour_of(self._account, intent.customer_ref)
        if behaviour is Behaviour.ACCEPT:
            self.answer(intent_ref, "succeeded")
        elif behaviour is Behaviour.DECLINE:
            self.answer(intent_ref, "failed", code)
        return behaviour in (Behaviour.ACCEPT, Behaviour.DECLINE)

    def answer(
        self, target: str, outcome: Literal["succeeded", "failed"], code: str | None = None
    ) -> tuple[str, ...]:
        """Give the late answer to every open question of a customer, or to one intent, named by its
        reference: a bank debit under way, an authentication asked for, a confirmation lost in silence. A
        silence ends with it.

        Gives the intents answered, oldest first. Raises `Refused('nothing_to_answer')`, and
        `Refused('sandbox_already_charged')` when `failed` is said of money that was taken in silence.
        """
        now = self._clock.now()
        with books.own_transaction():
            named = Q(ref=target) | Q(customer_ref=target)
            intents = list(
                SandboxIntent.objects.select_for_update()
                .filter(named, organization_id=self._account)
                .filter(Q(status__in=_UNDER_WAY) | Q(held__isnull=False) | Q(unheard=True))
                .order_by("created_at", "ref")
            )
            silences = SandboxScript.objects.filter(
                organization_id=self._account,
                customer_ref__in={target, *(intent.customer_ref for intent in intents)},
                behaviour__in=[behaviour.value for behaviour in SILENCES],
            )
            if not intents and not silences.exists():
                raise Refused(
                    "nothing_to_answer",
                    f"The sandbox has no open question of {target}.",
                    value=target,
                    fix="Answers are for bank debits under way, authentications and silence.",
                )
            for intent in intents:
                self._answer(intent, outcome, code, now)
            silences.delete()
        return tuple(intent.ref for intent in intents)

    def books(self) -> tuple[BookLine, ...]:
        """The account's charges summed per currency: what our payments must add up to."""
        rows = (
            SandboxCharge.objects.filter(organization_id=self._account)
            .values("currency")
            .annotate(
                count=Count("ref"),
                total=Sum("amount_minor"),
                unheard_count=Count("ref", filter=Q(intent__unheard=True)),
                unheard_total=Sum("amount_minor", filter=Q(intent__unheard=True), default=0),
            )
            .order_by("currency")
        )
        return tuple(
            BookLine(row["currency"], row["count"], row["total"], row["unheard_count"], row["unheard_total"])
            for row in rows
        )

    def charges(self) -> Iterator[Charge]:
        """Every charge of the account, in the order in which the money was taken; flat in memory."""
        rows = (
            SandboxCharge.objects.filter(organization_id=self._account)
            .order_by("taken_at", "ref")
            .values_list(
                "ref", "intent_id", "customer_ref", "amount_minor", "currency", "taken_at", "intent__unheard"
            )
        )
        for row in rows.iterator():
            yield Charge(*row)

    def trail(self, target: str) -> tuple[TrailLine, ...]:
        """What happened to an intent, or to all of a customer's, in order."""
        events: QuerySet[SandboxEvent] = SandboxEvent.objects.filter(
            Q(intent_id=target) | Q(intent__customer_ref=target), organization_id=self._account
        ).order_by("id")
        return tuple(TrailLine(event.at, event.intent_id, event.kind, event.detail) for event in events)

    def _answer(self, intent: SandboxIntent, outcome: str, code: str | None, now: datetime) -> None:
        held = intent.held
        if intent.unheard and intent.status == IntentStatus.SUCCEEDED:
            if outcome == "failed":
                raise Refused(
                    "sandbox_already_charged",
                    f"The sandbox took the money of {intent.ref} in silence; it cannot have failed.",
                    value=intent.ref,
                    fix="Answer with success.",
                )
        elif held is not None or intent.status in _UNDER_WAY:
            if held is not None:
                intent.metadata = {**intent.metadata, **held["metadata"]}
                intent.method_token = held["method_token"]
            books.note(intent, "answered", now, outcome=outcome)
            if outcome == "succeeded":
                books.succeed(intent, now)
            else:
                books.decline(intent, code or self._usual_refusal(intent), now)
            if held is not None:
                call = {field: value for field, value in held.items() if field != "key"}
                earlier = keys.kept(self._account, held["key"], now=now)
                keys.reply(
                    self._account, held["key"], call, earlier, now=now, work=lambda: books.shown(intent)
                )
        SandboxIntent.objects.filter(ref=intent.ref).update(unheard=False)

    def _usual_refusal(self, intent: SandboxIntent) -> str:
        method = SandboxMethod.objects.filter(
            organization_id=self._account, token=intent.method_token
        ).first()
        return _USUAL_REFUSAL[method.kind if method else "card"]
