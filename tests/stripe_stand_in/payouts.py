"""Payouts: /v1/payouts. Automatic: each is of all that was available and in none before it."""

from tests.stripe_stand_in import books
from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.clock import DAY
from tests.stripe_stand_in.errors import Json, invalid


def paid_out(account: Account, *, currency: str | None, livemode: bool, arrives_in_days: int) -> Json:
    """Gathers the transactions and sends the sum on its way. Raises 400 when there is nothing."""
    currency = currency or account.profile["default_currency"]
    table = account.table("balance_transaction")
    taken = {id_ for payout in account.table("payout").all() for id_ in _of(account, payout["id"])}
    due = [
        transaction
        for transaction in table.all()
        if table.is_live(transaction["id"]) == livemode
        and transaction["currency"] == currency
        and transaction["status"] == "available"
        and transaction["id"] not in taken
    ]
    amount = sum(transaction["net"] for transaction in due)
    if not due or amount == 0:
        raise invalid("There is nothing to pay out.")
    now = account.clock.now()
    payout: Json = {
        "id": account.new_id("po"),
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": now + arrives_in_days * DAY,
        "automatic": True,
        "balance_transaction": None,
        "created": now,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": "ba_" + account.id.removeprefix("acct_"),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": livemode,
        "metadata": {},
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": None,
        "status": "in_transit",
        "trace_id": None,
        "type": "bank_account",
    }
    account.table("payout").add(payout, livemode=livemode)
    account.moved("payout", -amount, payout, livemode=livemode)
    own = books.enter(account, "payout", -amount, payout, livemode=livemode, description="STRIPE PAYOUT")
    payout["balance_transaction"] = own["id"]
    for transaction in [*due, own]:
        table.note("payout", payout["id"], transaction["id"])
    account.emit("payout.created", payout, livemode=livemode)
    account.clock.at(payout["arrival_date"], lambda: arrive(account, payout) if _on_its_way(payout) else None)
    return payout


def _of(account: Account, payout_id: str) -> set[str]:
    return {entry["id"] for entry in account.table("balance_transaction").by("payout", payout_id)}


def _on_its_way(payout: Json) -> bool:
    return bool(payout["status"] == "in_transit")


def arrive(account: Account, payout: Json) -> None:
    if not _on_its_way(payout):
        raise invalid(f"The payout is {payout['status']}.")
    payout["status"] = "paid"
    account.emit("payout.paid", payout, livemode=payout["livemode"])
    account.emit("payout.reconciliation_completed", payout, livemode=payout["livemode"])


def fail(account: Account, payout: Json, code: str) -> None:
    """Also after it was paid, as at Stripe: the money is back and goes out with the next payout."""
    if payout["status"] == "failed":
        raise invalid("The payout is failed.")
    payout |= {
        "status": "failed", "failure_code": code, "failure_message": "The bank could not accept this payout.",
    }  # fmt: skip
    account.moved("payout_failed", payout["amount"], payout, livemode=payout["livemode"])
    back = books.enter(account, "payout_failure", payout["amount"], payout, livemode=payout["livemode"])
    payout["failure_balance_transaction"] = back["id"]
    account.emit("payout.failed", payout, livemode=payout["livemode"])


def retrieve(account: Account, call: Call, id_: str) -> Json:
    return account.table("payout").find(id_, livemode=call.livemode)


def list_(account: Account, call: Call) -> Json:
    return account.table("payout").page(call.params, livemode=call.livemode, status=call.params.get("status"))
