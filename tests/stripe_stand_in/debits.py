"""Bank debits (us_bank_account, sepa_debit): processing for days, then cleared or returned; late returns.

What the bank does is decided when it answers, by the payment method's outcome at that time.
"""

import copy

from tests.stripe_stand_in import books, charges, confirming, disputes
from tests.stripe_stand_in.account import Account
from tests.stripe_stand_in.clock import DAY
from tests.stripe_stand_in.declines import of_debit
from tests.stripe_stand_in.errors import Json, invalid
from tests.stripe_stand_in.methods import withdraw_mandate

LATE_RETURN = 2 * DAY


def present(account: Account, intent: Json, method: Json) -> None:
    """The debit is on its way: the charge is pending, and no money has come."""
    charge = charges.make(account, intent, method, status="pending")
    intent |= {"status": "processing", "processing": {"type": method["type"]}}
    account.emit("charge.pending", charge, livemode=intent["livemode"])
    account.emit("payment_intent.processing", intent, livemode=intent["livemode"])
    due = account.clock.now() + account.settings.debit_days * DAY
    account.clock.at(due, lambda: _answered(account, intent, charge))


def _answered(account: Account, intent: Json, charge: Json) -> None:
    """The bank's answer, unless a test has given it before."""
    if charge["status"] != "pending":
        return
    outcome = account.methods[charge["payment_method"]].outcome_at(account.clock.now())
    if outcome == "never":
        return
    if outcome in {"succeed", "dispute"}:
        clear(account, intent)
    else:
        fail(account, intent, outcome)
    if outcome == "dispute":
        late = account.clock.now() + LATE_RETURN
        account.clock.at(late, lambda: _returned(account, charge))


def _returned(account: Account, charge: Json) -> None:
    disputes.returned(account, charge, reason="insufficient_funds", network_code="R01")


def _pending(account: Account, intent: Json) -> Json:
    charge = account.table("charge").get(intent["latest_charge"] or "")
    if intent["status"] != "processing" or charge is None:
        raise invalid(f"No debit is on its way: the intent is {intent['status']}.")
    return charge


def clear(account: Account, intent: Json) -> None:
    charge = _pending(account, intent)
    charges.succeed(account, charge)
    confirming.succeeded(account, intent, charge)


def fail(account: Account, intent: Json, code: str) -> None:
    """Returned before it cleared. `code`: Stripe's failure code or Nacha's."""
    charge = _pending(account, intent)
    decline = of_debit(code)
    charge |= {
        "status": "failed",
        "paid": False,
        "captured": False,
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": charges.outcome(charge["payment_method_details"]["type"], decline),
    }
    books.take_back(account, charge)
    account.emit("charge.failed", charge, livemode=charge["livemode"])
    method = account.table("payment_method").find(charge["payment_method"], livemode=charge["livemode"])
    confirming.failed(account, intent, copy.deepcopy(method), charge, decline, kind="invalid_request_error")
    if decline.code != "insufficient_funds":
        withdraw_mandate(account, method["id"], decline.network_decline_code)
