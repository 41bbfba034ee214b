"""The sandbox's refunds: seen through the port, and the levers by which they fail later or are made past us."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from django.db.models import Q, Sum

from paidthru.adapters.sandbox import books, events, keys
from paidthru.adapters.sandbox.account import PAGE, SandboxAccount
from paidthru.adapters.sandbox.behaviour import SILENCES, Behaviour
from paidthru.adapters.sandbox.models import (
    SandboxCharge,
    SandboxDispute,
    SandboxEvent,
    SandboxIntent,
    SandboxMethod,
    SandboxRefund,
    SandboxScript,
)
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import (
    PAYMENT_DISPUTED,
    REFUND_EXCEEDS,
    UNEXPECTED_STATE,
    DisputeStatus,
    GatewayEvent,
    GatewayRefund,
    GatewayRejected,
    IntentStatus,
    RefundRequest,
    RefundStatus,
)

_REQUEST = "a refund"
_LIVE = [RefundStatus.PENDING.value, RefundStatus.SUCCEEDED.value]


class SandboxRefunds(SandboxAccount):
    """Money that the account gives back."""

    def create_refund(self, request: RefundRequest, *, key: str) -> GatewayRefund:
        """See the port. Toward a silent customer the request, or with `silent_but_charges` the reply, is lost."""
        now = self._now()
        call = {
            "call": "refund",
            "intent_ref": request.intent_ref,
            "charge_ref": request.charge_ref,
            "amount_minor": request.amount_minor,
            "currency": request.currency,
            "metadata": dict(request.metadata),
        }
        with books.own_transaction():
            keys.take(self._account, key)
            intent = self._locked(request.intent_ref)
            behaviour, _ = books.behaviour_of(self._account, intent.customer_ref)
            text = None
            if behaviour is Behaviour.SILENT:
                books.note(intent, "request_lost", now, key=key, about=_REQUEST)
            else:
                earlier = keys.kept(self._account, key, now=now)

                def work() -> str:
                    return _written(give(intent, request, now))

                text = keys.reply(self._account, key, call, earlier, now=now, work=work)
        if text is None or behaviour in SILENCES:
            raise books.silence()
        return _read(text)

    def fetch_refund(self, ref: str) -> GatewayRefund:
        """See the port. Raises `GatewayUnknown` while it is silent toward the customer."""
        with books.own_transaction():
            found = SandboxRefund.objects.select_related("intent").filter(
                organization_id=self._account, ref=ref
            )
            refund = found.first()
            if refund is None:
                raise GatewayRejected(f"No such refund: {ref}.", code="no_such_refund")
            self._be_silent(refund.intent.customer_ref)
        return shown(refund)

    def refunds_of(self, intent_ref: str) -> list[GatewayRefund]:
        """See the port. Raises `GatewayUnknown` while it is silent toward the customer, once a refund was asked for: it
        answers as long as there is nothing to tell, or none could ever be asked for in silence."""
        with books.own_transaction():
            intent = self._found(intent_ref)
            rows = SandboxRefund.objects.select_related("intent").filter(intent=intent)
            found = [shown(refund) for refund in rows.order_by("created_at", "ref")]
            lost = SandboxEvent.objects.filter(intent=intent, kind="request_lost", detail__about=_REQUEST)
            if found or lost.exists():
                self._be_silent(intent.customer_ref)
            return found

    def list_refunds(self, since: datetime) -> Iterator[GatewayRefund]:
        """See the port. Those of customers toward whom it is silent are left out until it has answered."""
        silent = SandboxScript.objects.filter(
            organization_id=self._account, behaviour__in=[behaviour.value for behaviour in SILENCES]
        )
        found = (
            SandboxRefund.objects.select_related("intent")
            .filter(organization_id=self._account, created_at__gte=since)
            .exclude(intent__customer_ref__in=silent.values("customer_ref"))
            .order_by("created_at", "ref")
        )
        after = Q()
        while True:
            with books.own_transaction():
                page = list(found.filter(after)[:PAGE])
            yield from (shown(refund) for refund in page)
            if len(page) < PAGE:
                return
            last = page[-1]
            after = Q(created_at__gt=last.created_at) | Q(created_at=last.created_at, ref__gt=last.ref)


class RefundLevers(SandboxAccount):
    """What happens to refunds out there: a bank answers, a refund comes back, somebody refunds at the processor."""

    def answer_refund(
        self, ref: str, outcome: Literal["succeeded", "failed"], code: str = ""
    ) -> GatewayEvent:
        """The bank's answer to a refund that is pending. Refused `refund_unknown`, `nothing_to_answer`."""
        if outcome == "failed":
            return self.fail_refund(ref, code or "declined")
        now = self._now()
        with books.own_transaction():
            refund = self._refund(ref)
            if refund.status != RefundStatus.PENDING:
                raise Refused(
                    "nothing_to_answer",
                    f"The refund {ref} is {refund.status} already.",
                    value=ref,
                    fix="Answers are for refunds that are pending.",
                )
            SandboxRefund.objects.filter(ref=ref).update(status=RefundStatus.SUCCEEDED.value, changed_at=now)
            told = books.note(refund.intent, "refund_succeeded", now, refund=ref)
        return events.event_numbered(told)

    def fail_refund(self, ref: str, code: str) -> GatewayEvent:
        """The money of a refund comes back, perhaps days after it succeeded. Refused `refund_unknown`,
        `nothing_to_answer`."""
        now = self._now()
        with books.own_transaction():
            refund = self._refund(ref)
            if refund.status not in _LIVE:
                raise Refused(
                    "nothing_to_answer",
                    f"The refund {ref} is {refund.status} already.",
                    value=ref,
                    fix="A refund fails once.",
                )
            SandboxRefund.objects.filter(ref=ref).update(
                status=RefundStatus.FAILED.value, failure_code=code, changed_at=now
            )
            told = books.note(refund.intent, "refund_failed", now, refund=ref, code=code)
        return events.event_numbered(told)

    def refund_elsewhere(self, charge_ref: str, amount_minor: int) -> GatewayEvent:
        """Somebody gives money (minor units) of a charge back at the processor itself. Refused `charge_unknown`, and
        with the processor's own code for what it refuses."""
        now = self._now()
        with books.own_transaction():
            charge = SandboxCharge.objects.filter(organization_id=self._account, ref=charge_ref).first()
            if charge is None:
                raise Refused(
                    "charge_unknown",
                    f"The sandbox knows no charge {charge_ref}.",
                    value=charge_ref,
                    fix="Only money that the sandbox took can be given back by it.",
                )
            intent = self._locked(charge.intent_id)
            request = RefundRequest(intent.ref, charge_ref, amount_minor, charge.currency)
            try:
                refund = give(intent, request, now)
            except GatewayRejected as refusal:
                raise Refused(
                    refusal.code, refusal.message, field="amount", value=amount_minor, fix="Give back less."
                ) from refusal
        last = intent.events.filter(detail__refund=refund.ref).order_by("-id")[0]
        return events.event(last)

    def _refund(self, ref: str) -> SandboxRefund:
        found = (
            SandboxRefund.objects.select_for_update(of=("self",))
            .select_related("intent")
            .filter(organization_id=self._account, ref=ref)
            .first()
        )
        if found is None:
            raise Refused(
                "refund_unknown",
                f"The sandbox knows no refund {ref}.",
                value=ref,
                fix="Let something be refunded first.",
            )
        return found


def give(intent: SandboxIntent, request: RefundRequest, now: datetime) -> GatewayRefund:
    """Gives money of a locked intent back, or refuses. To a bank account it is on its way for days."""
    if intent.status != IntentStatus.SUCCEEDED or intent.charge_ref != request.charge_ref:
        raise GatewayRejected("There is no such charge to give back.", code=UNEXPECTED_STATE)
    if request.amount_minor <= 0:
        raise GatewayRejected("An amount must be positive.", code="amount_invalid")
    if request.currency != intent.currency:
        raise GatewayRejected(f"The charge is in {intent.currency}.", code="currency_mismatch")
    disputes = SandboxDispute.objects.filter(intent=intent)
    if disputes.filter(status=DisputeStatus.OPEN.value).exists():
        raise GatewayRejected("The charge is disputed.", code=PAYMENT_DISPUTED)
    gone = disputes.exclude(status=DisputeStatus.WON.value).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    live = SandboxRefund.objects.filter(intent=intent, status__in=_LIVE)
    given = live.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    left = intent.received_minor - gone - given
    if request.amount_minor > left:
        raise GatewayRejected(f"Of the charge {left} is left to give back.", code=REFUND_EXCEEDS)
    to_bank = SandboxMethod.objects.filter(token=intent.method_token, kind="bank").exists()
    refund = SandboxRefund.objects.create(
        ref=books.new_ref("re"),
        organization_id=intent.organization_id,
        intent=intent,
        amount_minor=request.amount_minor,
        currency=request.currency,
        status=(RefundStatus.PENDING if to_bank else RefundStatus.SUCCEEDED).value,
        metadata=dict(request.metadata),
        created_at=now,
        changed_at=now,
    )
    books.note(intent, "refund_pending" if to_bank else "refunded", now, refund=refund.ref)
    return shown(refund)


def shown(refund: SandboxRefund) -> GatewayRefund:
    """The refund as the port shows it."""
    return GatewayRefund(
        ref=refund.ref,
        intent_ref=refund.intent_id,
        charge_ref=refund.intent.charge_ref,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        status=RefundStatus(refund.status),
        livemode=False,
        created_at=refund.created_at,
        failure_code=refund.failure_code,
        metadata=refund.metadata,
    )


def _written(refund: GatewayRefund) -> str:
    fields = {
        "ref": refund.ref,
        "intent_ref": refund.intent_ref,
        "charge_ref": refund.charge_ref,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
        "status": refund.status.value,
        "created_at": refund.created_at.isoformat(),
        "metadata": dict(refund.metadata),
    }
    return json.dumps({"refund": fields}, sort_keys=True)


def _read(text: str) -> GatewayRefund:
    """The refund of a kept reply, as it was then. Raises `GatewayRejected` when the reply was a refusal."""
    kept = json.loads(text)
    if "error" in kept:
        raise GatewayRejected(kept["error"]["message"], code=kept["error"]["code"])
    refund = kept["refund"]
    return GatewayRefund(
        ref=refund["ref"],
        intent_ref=refund["intent_ref"],
        charge_ref=refund["charge_ref"],
        amount_minor=refund["amount_minor"],
        currency=refund["currency"],
        status=RefundStatus(refund["status"]),
        livemode=False,
        created_at=datetime.fromisoformat(refund["created_at"]),
        metadata=refund["metadata"],
    )
