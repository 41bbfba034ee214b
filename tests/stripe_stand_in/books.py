"""Balance transactions and the balance: /v1/balance_transactions, /v1/balance, /v1/account.

Every movement of the account's balance is one; its `net` is what the balance changes by. A bank debit has its own as
soon as it is pending, and a second that takes it back if it fails, as at Stripe.
"""

from collections import defaultdict

from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.clock import DAY
from tests.stripe_stand_in.errors import Json, other_account

#: type → reporting category, where they differ
CATEGORIES = {
    "payment": "charge",
    "payment_refund": "refund",
    "payment_failure_refund": "charge_failure",
    "payout_failure": "payout_reversal",
}


def enter(
    account: Account,
    type_: str,
    amount: int,
    source: Json,
    *,
    livemode: bool,
    fee: int = 0,
    category: str | None = None,
    description: str | None = None,
    days: int = 0,
) -> Json:
    """A balance transaction; available after `days`."""
    now, currency, rate = account.clock.now(), source["currency"], None
    if (
        account.settings.converts
        and account.settings.converts[0] == currency
        and source["object"] != "payout"
    ):
        _, currency, hundredths = account.settings.converts
        amount, rate = amount * hundredths // 100, hundredths / 100
    transaction: Json = {
        "id": account.new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now + days * DAY,
        "balance_type": "payments",
        "created": now,
        "currency": currency,
        "description": description,
        "exchange_rate": rate,
        "fee": fee,
        "fee_details": _fee_details(fee, currency, type_),
        "net": amount - fee,
        "reporting_category": category or CATEGORIES.get(type_, type_),
        "source": source["id"],
        "status": "pending" if days else "available",
        "type": type_,
    }
    account.table("balance_transaction").add(transaction, livemode=livemode)
    if days:
        account.clock.at(transaction["available_on"], lambda: transaction.update(status="available"))
    return transaction


def _fee_details(fee: int, currency: str, type_: str) -> list[Json]:
    if not fee:
        return []
    words = "Dispute fee" if type_ == "adjustment" else "Stripe processing fees"
    return [
        {"amount": fee, "application": None, "currency": currency, "description": words, "type": "stripe_fee"}
    ]


def fee_of(account: Account, kind: str, amount: int) -> int:
    """Stripe's own part of a charge, minor units, half up."""
    settings = account.settings
    fixed, per_mille = settings.card_fee if kind == "card" else settings.debit_fee
    fee = fixed + (amount * per_mille + 500) // 1000
    return fee if kind == "card" else min(fee, settings.debit_fee_cap)


def enter_charge(account: Account, charge: Json) -> None:
    """The charge's own transaction, at once or after the balance lag."""
    if account.settings.balance_lag and charge["status"] == "succeeded":
        account.clock.at(
            account.clock.now() + account.settings.balance_lag, lambda: _enter_late(account, charge)
        )
    else:
        _enter(account, charge)


def _enter(account: Account, charge: Json) -> None:
    kind = charge["payment_method_details"]["type"]
    settings = account.settings
    receive = account.intents[charge["payment_intent"]].receive
    amount = charge["amount"] if receive is None else receive
    days = settings.available_days if kind == "card" else settings.debit_days + settings.available_days
    transaction = enter(
        account,
        "charge" if kind == "card" else "payment",
        amount,
        charge,
        livemode=charge["livemode"],
        fee=fee_of(account, kind, amount),
        days=days,
    )
    charge["balance_transaction"] = transaction["id"]


def _enter_late(account: Account, charge: Json) -> None:
    _enter(account, charge)
    account.emit("charge.updated", charge, livemode=charge["livemode"], before={"balance_transaction": None})


def take_back(account: Account, charge: Json) -> None:
    """A pending debit has failed: its transaction, fee included, is taken back."""
    made = account.table("balance_transaction").get(charge["balance_transaction"])
    if made is None:
        return
    back = enter(
        account, "payment_failure_refund", -made["amount"], charge,
        livemode=charge["livemode"], fee=-made["fee"],
    )  # fmt: skip
    charge["failure_balance_transaction"] = back["id"]


def retrieve(account: Account, call: Call, id_: str) -> Json:
    return account.table("balance_transaction").find(id_, livemode=call.livemode)


def list_(account: Account, call: Call) -> Json:
    asked = {name: call.params.get(name) for name in ("payout", "source", "type", "currency")}
    if asked["payout"]:
        account.table("payout").find(asked["payout"], livemode=call.livemode, param="payout")
    return account.table("balance_transaction").page(call.params, livemode=call.livemode, **asked)


def balance(account: Account, call: Call) -> Json:
    table = account.table("balance_transaction")
    sums: dict[str, dict[str, int]] = {"available": defaultdict(int), "pending": defaultdict(int)}
    for transaction in table.all():
        if table.is_live(transaction["id"]) == call.livemode:
            sums[transaction["status"]][transaction["currency"]] += transaction["net"]
    usual = account.profile["default_currency"]
    return {
        "object": "balance",
        "livemode": call.livemode,
        **{
            state: [
                {"amount": amounts.get(currency, 0), "currency": currency, "source_types": {}}
                for currency in sorted({usual, *sums["available"], *sums["pending"]})
            ]
            for state, amounts in sums.items()
        },
    }


def account_itself(account: Account, call: Call, id_: str | None = None) -> Json:
    """GET /v1/account. The same for both modes, as at Stripe."""
    if id_ is not None and id_ != account.id:
        raise other_account("", id_)
    profile = account.profile
    return {
        "id": account.id,
        "object": "account",
        "business_profile": {"name": profile["display_name"], "url": None},
        "business_type": "non_profit",
        "capabilities": {
            "card_payments": "active", "us_bank_account_ach_payments": "active", "sepa_debit_payments": "active",
        },
        "charges_enabled": profile["charges_enabled"],
        "country": profile["country"],
        "created": 1_700_000_000,
        "default_currency": profile["default_currency"],
        "details_submitted": True,
        "email": profile["email"],
        "payouts_enabled": profile["payouts_enabled"],
        "settings": {
            "dashboard": {"display_name": profile["display_name"], "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": "STAND-IN"},
        },
        "type": "standard",
    }  # fmt: skip
