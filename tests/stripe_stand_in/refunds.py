"""Refunds: /v1/refunds. A card's succeed at once and may fail later; a bank debit's are pending for days.

Never more than was captured, less what was refunded and what disputes hold.
"""

from tests.stripe_stand_in import books, disputes
from tests.stripe_stand_in.account import Account, Call
from tests.stripe_stand_in.clock import DAY
from tests.stripe_stand_in.errors import Json, Problem, invalid
from tests.stripe_stand_in.forms import metadata, whole


def create(account: Account, call: Call) -> Json:
    charge = _charge(account, call)
    left = charge["amount_captured"] - charge["amount_refunded"]
    if left <= 0:
        raise Problem(
            400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    held = disputes.withheld(account, charge["id"])
    if held >= left:
        raise Problem(
            400,
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    asked = whole(call.params, "amount", least=1)
    amount = asked or left - held
    if amount > left - held:
        raise Problem(
            400,
            f"Refund amount ({_shown(amount)}) is greater than unrefunded amount on charge ({_shown(left - held)})",
            param="amount",
        )
    refund = _new(account, call, charge, amount)
    account.moved("refund", -amount, refund, livemode=charge["livemode"], **_whose(charge))
    card = charge["payment_method_details"]["type"] == "card"
    transaction = books.enter(
        account, "refund" if card else "payment_refund", -amount, refund, livemode=charge["livemode"],
        description="REFUND FOR CHARGE",
    )  # fmt: skip
    refund["balance_transaction"] = transaction["id"]
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount_captured"]
    account.emit("refund.created", refund, livemode=charge["livemode"])
    account.emit("charge.refunded", charge, livemode=charge["livemode"])
    _later(account, refund, charge)
    return refund


def _shown(amount: int) -> str:
    return f"${amount // 100}.{amount % 100:02d}"


def _charge(account: Account, call: Call) -> Json:
    """By `charge` or `payment_intent`; raises 400 where nothing was captured."""
    params = call.params
    id_ = params.get("charge")
    if params.get("payment_intent"):
        intent = account.table("payment_intent").find(
            params["payment_intent"], livemode=call.livemode, param="payment_intent"
        )
        if intent["status"] != "succeeded":
            raise invalid(
                f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.",
                param="payment_intent",
            )
        if id_ and id_ != intent["latest_charge"]:
            raise invalid("The charge is not that of the PaymentIntent.", param="charge")
        id_ = intent["latest_charge"]
    if not id_:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or charge."
        )
    charge = account.table("charge").find(id_, livemode=call.livemode, param="charge")
    if charge["status"] != "succeeded":
        raise Problem(
            400, f"Charge {id_} is not refundable: it is {charge['status']}.", code="charge_not_refundable"
        )
    return charge


def _whose(charge: Json) -> Json:
    return {
        "payment_intent": charge["payment_intent"], "charge": charge["id"], "customer": charge["customer"],
    }  # fmt: skip


def _new(account: Account, call: Call, charge: Json, amount: int) -> Json:
    card = charge["payment_method_details"]["type"] == "card"
    outcome = account.methods[charge["payment_method"]].outcome_at(account.clock.now())
    pending = not card or outcome == "refund_pends"
    kind = charge["payment_method_details"]["type"]
    details = {
        "card": {
            "type": "refund",
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
        }
    }
    refund: Json = {
        "id": account.new_id("re" if card else "pyr"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": account.clock.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {"type": kind, kind: details.get(kind, {})},
        "failure_balance_transaction": None,
        "failure_reason": None,
        "metadata": metadata(call.params),
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "pending_reason": "processing" if pending else None,
        "reason": call.params.get("reason") or None,
        "receipt_number": None,
        "status": "pending" if pending else "succeeded",
    }
    return account.table("refund").add(refund, livemode=charge["livemode"])


def _later(account: Account, refund: Json, charge: Json) -> None:
    """What the bank will say of it in some days, unless a test says it before."""
    outcome = account.methods[charge["payment_method"]].outcome_at(account.clock.now())
    due = account.clock.now() + account.settings.refund_days * DAY
    if outcome == "refund_fails":
        account.clock.at(due, lambda: _fail_if_open(account, refund))
    elif refund["status"] == "pending":
        account.clock.at(due, lambda: settle(account, refund) if refund["status"] == "pending" else None)


def _fail_if_open(account: Account, refund: Json) -> None:
    if refund["status"] in {"pending", "succeeded"}:
        fail(account, refund, "expired_or_canceled_card")


def settle(account: Account, refund: Json) -> None:
    """It has arrived."""
    if refund["status"] != "pending":
        raise invalid(f"The refund is {refund['status']}.")
    refund |= {"status": "succeeded", "pending_reason": None}
    _tell(account, refund, "refund.updated", "charge.refund.updated", before={"status": "pending"})


def fail(account: Account, refund: Json, reason: str) -> None:
    """It could not be paid out, also after it had succeeded: the money is back in the account's balance."""
    if refund["status"] not in {"pending", "succeeded"}:
        raise invalid(f"The refund is {refund['status']}.")
    before = {"status": refund["status"], "failure_reason": None}
    _take_back(account, refund)
    refund |= {"status": "failed", "failure_reason": reason, "pending_reason": None}
    _tell(account, refund, "refund.failed", "refund.updated", "charge.refund.updated", before=before)


def _take_back(account: Account, refund: Json) -> None:
    charge = account.table("charge").get(refund["charge"])
    if charge is None:
        raise KeyError(refund["charge"])
    live = charge["livemode"]
    account.moved("refund_failed", refund["amount"], refund, livemode=live, **_whose(charge))
    transaction = books.enter(account, "refund_failure", refund["amount"], refund, livemode=live)
    refund["failure_balance_transaction"] = transaction["id"]
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False


def _tell(account: Account, refund: Json, *types: str, before: Json) -> None:
    live = account.table("refund").is_live(refund["id"])
    for type_ in types:
        account.emit(type_, refund, livemode=live, before=before)


def cancel(account: Account, call: Call, id_: str) -> Json:
    """Only what waits for the customer to act can be canceled; none of ours does."""
    refund = retrieve(account, call, id_)
    raise invalid(
        f"Refund {id_} could not be canceled because it has a status of {refund['status']}. Only a refund with the "
        "following status may be canceled: requires_action."
    )


def retrieve(account: Account, call: Call, id_: str) -> Json:
    return account.table("refund").find(id_, livemode=call.livemode)


def update(account: Account, call: Call, id_: str) -> Json:
    refund = retrieve(account, call, id_)
    refund["metadata"] = metadata(call.params, refund["metadata"])
    account.emit("refund.updated", refund, livemode=call.livemode)
    return refund


def list_(account: Account, call: Call) -> Json:
    asked = {name: call.params.get(name) for name in ("charge", "payment_intent")}
    return account.table("refund").page(call.params, livemode=call.livemode, **asked)
