"""The controls by which a test plays the banks, the payers and Stripe itself. See the package's docstring."""

import copy
from typing import Any, Literal

from tests.stripe_stand_in import confirming, debits, disputes, methods, payouts, refunds, sessions, setups
from tests.stripe_stand_in.account import Account
from tests.stripe_stand_in.catalogue import TOKENS
from tests.stripe_stand_in.clock import seconds
from tests.stripe_stand_in.declines import of_card
from tests.stripe_stand_in.errors import Json


class Banking:
    """A part of StripeStandIn. Each takes ids and answers a copy of the object as it then is."""

    account: Account

    def _of(self, id_: str, kind: str) -> Json:
        found = self.account.table(kind).get(id_)
        if found is None:
            raise KeyError(f"no {kind} {id_}")
        return found

    def _charge_of(self, of: str) -> Json:
        """A charge by its id or by its intent's."""
        intent = self.account.table("payment_intent").get(of)
        return self._of(intent["latest_charge"] if intent else of, "charge")

    # ---------------------------------------------------------------- ways to pay

    def save_method(
        self,
        customer: str,
        token: str,
        *,
        livemode: bool = False,
        fingerprint: str | None = None,
        exp_month: int | None = None,
        exp_year: int | None = None,
    ) -> Json:
        with self.account.lock:
            self.account.table("customer").find(customer, livemode=livemode, param="customer")
            method = methods.from_token(
                self.account,
                token,
                livemode=livemode,
                fingerprint=fingerprint or self.account.new_id("fp")[-16:],
                exp_month=exp_month,
                exp_year=exp_year,
            )
            methods.joined(self.account, method, customer)
            self.account.methods[method["id"]].set_up = True
            if method["type"] in methods.DEBITS:
                methods.mandated(self.account, method, None)
            return copy.deepcopy(method)

    def script_method(self, payment_method: str, outcome: str, *, since: Any = None) -> None:
        with self.account.lock:
            notes = self.account.methods[payment_method]
            if outcome in {"never", "dispute"} and notes.token.startswith("pm_card"):
                raise ValueError(f"only bank debits end with {outcome!r}")
            notes.script.append((self.account.clock.now() if since is None else seconds(since), outcome))
            notes.script.sort(key=lambda entry: entry[0])

    def update_card(self, payment_method: str, **changes: Any) -> Json:
        """`changes`: exp_month, exp_year, last4, fingerprint."""
        with self.account.lock:
            method = self._of(payment_method, "payment_method")
            if unknown := set(changes) - {"exp_month", "exp_year", "last4", "fingerprint"}:
                raise TypeError(f"a card has no {unknown}")
            told = {name: value for name, value in changes.items() if value is not None}
            before = {name: method["card"][name] for name in told}
            method["card"] |= told
            self.account.emit(
                "payment_method.automatically_updated",
                method,
                livemode=method["livemode"],
                before={"card": before},
            )
            return copy.deepcopy(method)

    def complete_setup(self, setup_intent: str, token: str) -> Json:
        with self.account.lock:
            intent = self._of(setup_intent, "setup_intent")
            if intent["status"] not in setups.OPEN:
                raise ValueError(f"the setup intent is {intent['status']}")
            method = methods.from_token(self.account, token, livemode=intent["livemode"])
            if TOKENS[token].setup == "succeed":
                setups.finish(self.account, intent, method, None)
            else:
                setups.fail(self.account, intent, method, of_card(TOKENS[token].setup))
            return copy.deepcopy(intent)

    def fail_setup(self, setup_intent: str, code: str = "card_declined") -> Json:
        with self.account.lock:
            intent = self._of(setup_intent, "setup_intent")
            setups.fail(self.account, intent, None, of_card(code))
            return copy.deepcopy(intent)

    def complete_session(self, session: str, token: str = "pm_card_visa") -> Json:
        with self.account.lock:
            found = self._of(session, "checkout.session")
            sessions.complete(self.account, found, token)
            return copy.deepcopy(found)

    # ---------------------------------------------------------------- intents

    def authenticate(self, payment_intent: str, succeed: bool = True) -> Json:
        with self.account.lock:
            intent = self._of(payment_intent, "payment_intent")
            confirming.answer_bank(self.account, intent, succeed=succeed)
            return copy.deepcopy(intent)

    def clear_debit(self, payment_intent: str) -> Json:
        with self.account.lock:
            intent = self._of(payment_intent, "payment_intent")
            debits.clear(self.account, intent)
            return copy.deepcopy(intent)

    def fail_debit(self, payment_intent: str, code: str = "insufficient_funds") -> Json:
        with self.account.lock:
            intent = self._of(payment_intent, "payment_intent")
            debits.fail(self.account, intent, code)
            return copy.deepcopy(intent)

    def receive_only(self, payment_intent: str, amount: int) -> None:
        with self.account.lock:
            intent = self._of(payment_intent, "payment_intent")
            if not 0 < amount <= intent["amount"]:
                raise ValueError("a part is more than nothing and not more than all")
            self.account.intents[payment_intent].receive = amount

    # ---------------------------------------------------------------- refunds, disputes, payouts

    def settle_refund(self, refund: str) -> Json:
        with self.account.lock:
            found = self._of(refund, "refund")
            refunds.settle(self.account, found)
            return copy.deepcopy(found)

    def fail_refund(self, refund: str, reason: str = "expired_or_canceled_card") -> Json:
        with self.account.lock:
            found = self._of(refund, "refund")
            refunds.fail(self.account, found, reason)
            return copy.deepcopy(found)

    def dispute(
        self,
        of: str,
        *,
        amount: int | None = None,
        reason: str = "fraudulent",
        inquiry: bool = False,
        fee: int = 1500,
    ) -> Json:
        with self.account.lock:
            charge = self._charge_of(of)
            opened = disputes.opened(
                self.account, charge, amount=amount, reason=reason, inquiry=inquiry, fee=fee
            )
            return copy.deepcopy(opened)

    def return_debit(
        self, of: str, *, reason: str = "insufficient_funds", network_code: str | None = None, fee: int = 1500
    ) -> Json:
        with self.account.lock:
            charge = self._charge_of(of)
            returned = disputes.returned(
                self.account, charge, reason=reason, network_code=network_code, fee=fee
            )
            return copy.deepcopy(returned)

    def close_dispute(
        self, dispute: str, status: Literal["won", "lost"] = "won", *, reinstated: int | None = None
    ) -> Json:
        with self.account.lock:
            found = self._of(dispute, "dispute")
            disputes.close(self.account, found, status, reinstated=reinstated)
            return copy.deepcopy(found)

    def pay_out(
        self, *, currency: str | None = None, livemode: bool = False, arrives_in_days: int = 2
    ) -> Json:
        with self.account.lock:
            made = payouts.paid_out(
                self.account, currency=currency, livemode=livemode, arrives_in_days=arrives_in_days
            )
            return copy.deepcopy(made)

    def arrive_payout(self, payout: str) -> Json:
        with self.account.lock:
            found = self._of(payout, "payout")
            payouts.arrive(self.account, found)
            return copy.deepcopy(found)

    def fail_payout(self, payout: str, code: str = "account_closed") -> Json:
        with self.account.lock:
            found = self._of(payout, "payout")
            payouts.fail(self.account, found, code)
            return copy.deepcopy(found)
