"""The sandbox processor, seen through the port: two steps, idempotency keys, and a life of its own.

Every call is one short transaction of the processor's, and raises RuntimeError when it is made inside one of
the product's. Its clock is the account's, so that a sandbox organization can be moved through time.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db.models import Q

from paidthru.adapters.sandbox import books, events, keys
from paidthru.adapters.sandbox.account import PAGE
from paidthru.adapters.sandbox.behaviour import SILENCES, Behaviour, method_code_known
from paidthru.adapters.sandbox.disputes import SandboxDisputes
from paidthru.adapters.sandbox.models import SandboxEvent, SandboxIntent, SandboxMethod, SandboxScript
from paidthru.adapters.sandbox.refunds import SandboxRefunds
from paidthru.adapters.sandbox.setups import Setups
from paidthru.payments.gateway import (
    UNEXPECTED_STATE,
    Capabilities,
    Confirmation,
    GatewayIntent,
    GatewayMethod,
    GatewayRejected,
    IntentRequest,
    IntentStatus,
    MethodKind,
    TraceLine,
)

_CAPABILITIES = Capabilities(
    two_step=True,
    fence=True,
    lookup="consistent",
    max_in_flight=1,  # it answers at once: there is nothing to overlap
    online=True,
)

_CONFIRMABLE = frozenset(
    {IntentStatus.REQUIRES_CONFIRMATION, IntentStatus.REQUIRES_PAYMENT_METHOD, IntentStatus.REQUIRES_ACTION}
)
_DONE = frozenset({IntentStatus.SUCCEEDED, IntentStatus.PROCESSING})
_CARD_YEARS = 4


class SandboxGateway(SandboxDisputes, SandboxRefunds, Setups):
    """The gateway of one account (an organization's id), and its vault of test methods."""

    name = "sandbox"
    capabilities = _CAPABILITIES

    def create_intent(self, request: IntentRequest, *, key: str) -> GatewayIntent:
        """See the port. It answers even while it is silent toward a customer: nothing is asked yet."""
        now = self._clock.now()

        def work() -> GatewayIntent:
            if request.amount_minor <= 0:
                raise GatewayRejected("An amount must be positive.", code="amount_invalid")
            if len(request.currency) != 3 or not request.currency.isupper():
                raise GatewayRejected("A currency has three capital letters.", code="currency_invalid")
            if not request.customer_ref:
                raise GatewayRejected("An intent needs a customer.", code="customer_missing")
            intent = SandboxIntent.objects.create(
                ref=books.new_ref("pi"),
                organization_id=self._account,
                customer_ref=request.customer_ref,
                amount_minor=request.amount_minor,
                currency=request.currency,
                metadata=dict(request.metadata),
                created_at=now,
            )
            books.note(intent, "created", now)
            return books.shown(intent)

        call = {
            "call": "create",
            "amount_minor": request.amount_minor,
            "currency": request.currency,
            "customer_ref": request.customer_ref,
            "metadata": dict(request.metadata),
        }
        with books.own_transaction():
            keys.take(self._account, key)
            earlier = keys.kept(self._account, key, now=now)
            text = keys.reply(self._account, key, call, earlier, now=now, work=work)
        return keys.read(text)

    def confirm_intent(self, ref: str, confirmation: Confirmation, *, key: str) -> GatewayIntent:
        """See the port. Raises `GatewayUnknown` while it is silent toward the customer, and for the first
        send with a method that times out."""
        now = self._clock.now()
        call = _confirm_call(ref, confirmation)
        with books.own_transaction():
            keys.take(self._account, key)
            intent = self._locked(ref)
            by = books.behaviour_of(self._account, intent.customer_ref)
            method = self._method(confirmation.method_token)
            earlier = keys.kept(self._account, key, now=now)
            first = earlier is None
            if self._lost_on_the_way(intent, method, by[0], key, first=first):
                if first and intent.status in _CONFIRMABLE:
                    intent.held = {**call, "key": key}
                    intent.save(update_fields=["held"])
                    books.note(intent, "request_lost", now, key=key)
                text = None
            else:

                def work() -> GatewayIntent:
                    if intent.status not in _CONFIRMABLE:
                        raise _unexpected(intent, "confirmed")
                    if method is None or method.customer_ref != intent.customer_ref:
                        raise GatewayRejected("The customer has no such method.", code="no_such_method")
                    intent.return_url = confirmation.return_url or ""
                    books.confirm(intent, method, confirmation.metadata, by=by, now=now)
                    return books.shown(intent)

                text = keys.reply(self._account, key, call, earlier, now=now, work=work)
                times_out = first and method is not None and method.test_code == "timeout_charged"
                if by[0] in SILENCES or times_out:
                    books.note(intent, "reply_lost", now, key=key)
                    SandboxIntent.objects.filter(ref=ref).update(unheard=True)
                    text = None
                elif intent.unheard:
                    SandboxIntent.objects.filter(ref=ref).update(unheard=False)
        if text is None:
            raise books.silence()
        return keys.read(text)

    def fetch_intent(self, ref: str) -> GatewayIntent:
        """See the port. Raises `GatewayUnknown` while it is silent toward the customer."""
        now = self._clock.now()
        with books.own_transaction():
            intent = self._found(ref)
            if books.behaviour_of(self._account, intent.customer_ref)[0] in SILENCES:
                raise books.silence()
            if intent.clears_at is not None and intent.clears_at <= now:
                books.ripen(self._account, now, ref)
                intent = self._found(ref)
            if intent.unheard:
                SandboxIntent.objects.filter(ref=ref).update(unheard=False)
        return books.shown(intent)

    def cancel_intent(self, ref: str, *, key: str) -> GatewayIntent:
        """See the port. While it is silent toward the customer the request is lost: `GatewayUnknown`, no
        effect."""
        now = self._clock.now()
        with books.own_transaction():
            keys.take(self._account, key)
            intent = self._locked(ref)
            if books.behaviour_of(self._account, intent.customer_ref)[0] in SILENCES:
                raise books.silence()

            def work() -> GatewayIntent:
                if intent.status in _DONE:
                    raise _unexpected(intent, "canceled")
                if intent.status != IntentStatus.CANCELED:
                    books.cancel(intent, now)
                return books.shown(intent)

            earlier = keys.kept(self._account, key, now=now)
            call = {"call": "cancel", "ref": ref}
            text = keys.reply(self._account, key, call, earlier, now=now, work=work)
        return keys.read(text)

    def list_intents(self, since: datetime) -> Iterator[GatewayIntent]:
        """See the port. Intents of customers toward whom it is silent are left out until it has answered."""
        after: tuple[datetime, str] | None = None
        while True:
            page = self._page(since, after)
            yield from (books.shown(intent) for intent in page)
            if len(page) < PAGE:
                return
            after = (page[-1].created_at, page[-1].ref)

    def trace(self, ref: str) -> list[TraceLine]:
        """See the port. Raises `GatewayUnknown` while it is silent toward the customer."""
        with books.own_transaction():
            intent = self._found(ref)
            self._be_silent(intent.customer_ref)
            return events.trace_of(intent)

    def save_method(
        self, customer_ref: str, kind: MethodKind, test_code: str, *, expires: tuple[int, int] | None = None
    ) -> GatewayMethod:
        """See the port. The test codes are those of `behaviour.py` and every decline code."""
        if not method_code_known(kind, test_code):
            raise GatewayRejected(f"{test_code!r} is no test code of a {kind}.", code="test_code_unknown")
        now = self._clock.now()
        year, month = self._expiry(kind, test_code, expires, now)
        with books.own_transaction():
            method = SandboxMethod.objects.create(
                token=books.new_ref("pm"),
                organization_id=self._account,
                customer_ref=customer_ref,
                kind=kind,
                brand="Test card" if kind == "card" else "Test bank",
                last4="4242" if kind == "card" else "6789",
                exp_month=month,
                exp_year=year,
                fingerprint=books.new_ref("fp"),
                test_code=test_code,
                created_at=now,
            )
        return GatewayMethod(
            token=method.token,
            kind=kind,
            brand=method.brand,
            last4=method.last4,
            exp_month=month,
            exp_year=year,
            fingerprint=method.fingerprint,
            customer_ref=customer_ref,
        )

    def _expiry(
        self, kind: MethodKind, test_code: str, expires: tuple[int, int] | None, now: datetime
    ) -> tuple[int | None, int | None]:
        if kind == "bank":
            return None, None
        if expires is not None:
            if not 1 <= expires[1] <= 12:
                raise GatewayRejected("A card's month is between 1 and 12.", code="invalid_expiry_month")
            return expires
        if test_code == "expired":
            last_month = now.replace(day=1) - timedelta(days=1)
            return last_month.year, last_month.month
        return now.year + _CARD_YEARS, 12

    def _method(self, token: str) -> SandboxMethod | None:
        rows = SandboxMethod.objects.raw(
            "SELECT * FROM sandbox_sandboxmethod WHERE token = %s AND organization_id = %s",
            [token, self._account],
        )
        return next(iter(rows), None)

    def _lost_on_the_way(
        self,
        intent: SandboxIntent,
        method: SandboxMethod | None,
        behaviour: Behaviour,
        key: str,
        *,
        first: bool,
    ) -> bool:
        """Whether the request never arrives: toward a silent customer none does, with a timing-out method the
        first one of each key."""
        if behaviour is Behaviour.SILENT:
            return True
        if behaviour is not Behaviour.ACCEPT or not first or method is None or method.test_code != "timeout":
            return False
        return not SandboxEvent.objects.filter(intent=intent, kind="request_lost", detail__key=key).exists()

    def _page(self, since: datetime, after: tuple[datetime, str] | None) -> list[SandboxIntent]:
        with books.own_transaction():
            if after is None:
                books.ripen(self._account, self._clock.now())
            silent = SandboxScript.objects.filter(
                organization_id=self._account, behaviour__in=[behaviour.value for behaviour in SILENCES]
            )
            rows = SandboxIntent.objects.filter(organization_id=self._account, created_at__gte=since).exclude(
                customer_ref__in=silent.values("customer_ref")
            )
            if after is not None:
                rows = rows.filter(Q(created_at__gt=after[0]) | Q(created_at=after[0], ref__gt=after[1]))
            page = list(rows.order_by("created_at", "ref")[:PAGE])
            unheard = [intent.ref for intent in page if intent.unheard]
            if unheard:
                SandboxIntent.objects.filter(ref__in=unheard).update(unheard=False)
        return page


def _confirm_call(ref: str, confirmation: Confirmation) -> Mapping[str, object]:
    return {
        "call": "confirm",
        "ref": ref,
        "method_token": confirmation.method_token,
        "off_session": confirmation.off_session,
        "metadata": dict(confirmation.metadata),
    }


def _unexpected(intent: SandboxIntent, verb: str) -> GatewayRejected:
    return GatewayRejected(f"An intent that is {intent.status} cannot be {verb}.", code=UNEXPECTED_STATE)
