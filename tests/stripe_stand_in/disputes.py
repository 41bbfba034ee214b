"""Disputes: /v1/disputes. Opened and closed by whoever plays the bank; a debit's late return is one too.

Their balance transactions: the amount and a fee are withdrawn when money is taken (not for an inquiry), the amount or
a part of it is reinstated when the dispute is won. The fee stays.
"""

import copy

from tests.stripe_stand_in import books
from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.clock import DAY
from tests.stripe_stand_in.declines import USUAL
from tests.stripe_stand_in.errors import Json, invalid
from tests.stripe_stand_in.forms import metadata
from tests.stripe_stand_in.methods import DEBITS, withdraw_mandate

OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")


def opened(
    account: Account, charge: Json, *, amount: int | None, reason: str, inquiry: bool, fee: int
) -> Json:
    """A cardholder's dispute of the charge, or of a part; an inquiry takes no money."""
    status = "warning_needs_response" if inquiry else "needs_response"
    dispute = _new(account, charge, amount, reason, status)
    dispute["is_charge_refundable"] = inquiry
    if charge["payment_method_details"]["type"] == "card":
        brand = charge["payment_method_details"]["card"]["brand"]
        dispute["payment_method_details"] = {
            "type": "card",
            "card": {
                "brand": brand,
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": brand,
                "network_reason_code": "10.4" if reason == "fraudulent" else "13.1",
            },
        }
    account.emit("charge.dispute.created", dispute, livemode=dispute["livemode"])
    if not inquiry:
        _withdraw(account, dispute, charge, fee)
    return dispute


def returned(
    account: Account, charge: Json, *, reason: str, network_code: str | None = None, fee: int = 1500
) -> Json:
    """A bank debit comes back after it cleared: lost at once, never contestable."""
    if charge["payment_method_details"]["type"] not in DEBITS or charge["status"] != "succeeded":
        raise invalid("Only a bank debit that has cleared is returned late.")
    network_code = network_code or USUAL.get(reason)
    dispute = _new(account, charge, None, reason, "needs_response")
    dispute["network_reason_code"] = network_code
    dispute["evidence_details"]["due_by"] = 0
    account.emit("charge.dispute.created", dispute, livemode=dispute["livemode"])
    _withdraw(account, dispute, charge, fee)
    withdraw_mandate(account, charge["payment_method"], network_code)
    close(account, dispute, "lost", reinstated=None)
    return dispute


def _new(account: Account, charge: Json, amount: int | None, reason: str, status: str) -> Json:
    if charge["status"] != "succeeded":
        raise invalid("Only a charge that succeeded is disputed.")
    now = account.clock.now()
    dispute: Json = {
        "id": account.new_id("du"),
        "object": "dispute",
        "amount": charge["amount_captured"] if amount is None else amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": now + 10 * DAY, "enhanced_eligibility": {}, "has_evidence": False, "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": charge["livemode"],
        "metadata": {},
        "network_reason_code": None,
        "payment_intent": charge["payment_intent"],
        "payment_method_details": None,
        "reason": reason,
        "status": status,
    }  # fmt: skip
    charge["disputed"] = True
    return account.table("dispute").add(dispute, livemode=charge["livemode"])


def _withdraw(account: Account, dispute: Json, charge: Json, fee: int) -> None:
    transaction = books.enter(
        account, "adjustment", -dispute["amount"], dispute, livemode=dispute["livemode"], fee=fee,
        category="dispute", description=f"Chargeback withdrawal for {charge['id']}",
    )  # fmt: skip
    dispute["balance_transactions"].append(transaction)
    _move(account, dispute, charge, "dispute", -dispute["amount"])
    account.emit("charge.dispute.funds_withdrawn", dispute, livemode=dispute["livemode"])


def _move(account: Account, dispute: Json, charge: Json, kind: str, amount: int) -> None:
    account.moved(
        "dispute" if kind == "dispute" else "dispute_reinstated", amount, dispute, livemode=dispute["livemode"],
        payment_intent=dispute["payment_intent"], charge=charge["id"], customer=charge["customer"],
    )  # fmt: skip


def close(account: Account, dispute: Json, status: str, *, reinstated: int | None) -> None:
    """Won: all or `reinstated` of it comes back. Lost: nothing does, unless `reinstated` says so. A lost one may
    still be won later, as at Stripe; a won one may be lost again, which takes the money a second time."""
    if dispute["status"] == status:
        raise invalid(f"The dispute is {status} already.")
    charge = account.table("charge").get(dispute["charge"])
    if charge is None:
        raise KeyError(dispute["charge"])
    inquiry = dispute["status"].startswith("warning")
    if inquiry and status == "won":
        status = "warning_closed"
    was_won = dispute["status"] == "won"
    dispute["status"] = status
    dispute["is_charge_refundable"] = status in {"won", "warning_closed"}
    back = reinstated if reinstated is not None else (dispute["amount"] if status == "won" else 0)
    if back and dispute["balance_transactions"]:
        transaction = books.enter(
            account, "adjustment", back, dispute, livemode=dispute["livemode"],
            category="dispute_reversal", description=f"Chargeback reversal for {charge['id']}",
        )  # fmt: skip
        dispute["balance_transactions"].append(transaction)
        _move(account, dispute, charge, "dispute_reinstated", back)
        account.emit("charge.dispute.funds_reinstated", dispute, livemode=dispute["livemode"])
    elif (was_won or inquiry) and status == "lost":
        _withdraw(account, dispute, charge, 0)
    account.emit("charge.dispute.closed", dispute, livemode=dispute["livemode"])


def withheld(account: Account, charge_id: str) -> int:
    """What disputes hold of the charge, minor units: withdrawn and not reinstated. Inquiries hold nothing."""
    held = 0
    for dispute in account.table("dispute").by("charge", charge_id):
        for transaction in dispute["balance_transactions"]:
            held -= transaction["amount"]
    return held


def retrieve(account: Account, call: Call, id_: str) -> Json:
    return account.table("dispute").find(id_, livemode=call.livemode)


def update(account: Account, call: Call, id_: str) -> Json:
    """Evidence: as good as submitted."""
    dispute = retrieve(account, call, id_)
    dispute["metadata"] = metadata(call.params, dispute["metadata"])
    if call.params.get("evidence"):
        if dispute["status"] not in OPEN:
            raise invalid("This dispute is already closed", param="evidence")
        dispute["evidence"] |= copy.deepcopy(call.params["evidence"])
        dispute["evidence_details"] |= {"has_evidence": True, "submission_count": 1}
        dispute["status"] = dispute["status"].replace("needs_response", "under_review")
    account.emit("charge.dispute.updated", dispute, livemode=call.livemode)
    return dispute


def list_(account: Account, call: Call) -> Json:
    asked = {name: call.params.get(name) for name in ("charge", "payment_intent")}
    return account.table("dispute").page(call.params, livemode=call.livemode, **asked)


def accept(account: Account, call: Call, id_: str) -> Json:
    """POST /v1/disputes/{id}/close: the organization gives in."""
    dispute = retrieve(account, call, id_)
    if dispute["status"] not in OPEN:
        raise invalid("This dispute is already closed.")
    close(account, dispute, "lost", reinstated=None)
    return dispute
