"""Stripe's objects, as plain facts, into what the port speaks of. What can't be read is never guessed at."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from paidthru.adapters.stripe.amounts import from_stripe
from paidthru.adapters.stripe.calls import moment
from paidthru.adapters.stripe.errors import UNREADABLE, Facts
from paidthru.payments.gateway import (
    ATTEMPT,
    NO_MONEY_MOVED,
    DisputeStatus,
    GatewayDispute,
    GatewayIntent,
    GatewayMethod,
    GatewayRefund,
    GatewayRejected,
    GatewayUnknown,
    IntentStatus,
    MethodKind,
    RefundStatus,
)

T = TypeVar("T")

KINDS: dict[str, MethodKind] = {"card": "card", "us_bank_account": "bank", "sepa_debit": "bank"}
_ACH_RETURN = re.compile(r"R\d\d")
_RETURN_CODES = {"insufficient_funds": "R01"}  # of a debit; of a card it means something else
_AUTHENTICATE = "authentication_required"


def read(reader: Callable[[Facts], T], facts: Facts) -> T:
    """What a reader makes of an object. Raises `GatewayUnknown(UNREADABLE)` for one that can't be what it says."""
    try:
        return reader(facts)
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError):
        raise GatewayUnknown("The gateway's answer can't be read.", code=UNREADABLE) from None


def id_of(value: Any) -> str:
    """The id of an object that may have been expanded; "" for none."""
    if isinstance(value, dict):
        value = value["id"]
    if value is not None and not isinstance(value, str):
        raise ValueError("no id")
    return value or ""


def currency_of(facts: Facts) -> str:
    """The ISO 4217 code. Raises ValueError."""
    code = facts["currency"].upper()
    if len(code) != 3:
        raise ValueError("no currency")
    return str(code)


def amount_of(facts: Facts, name: str = "amount") -> int:
    """An amount in our minor units. Raises TypeError or ValueError."""
    amount = facts[name]
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise TypeError("no amount")
    return from_stripe(amount, currency_of(facts))


def flag(facts: Facts, name: str) -> bool:
    """A yes or no that is there. Raises TypeError or KeyError."""
    if not isinstance(facts[name], bool):
        raise TypeError(f"{name} says neither yes nor no")
    return bool(facts[name])


def expanded(value: Any) -> Facts:
    """An object that was asked for in full; empty where only its id, or nothing, came."""
    return value if isinstance(value, dict) else {}


def _noted(facts: Facts) -> dict[str, str]:
    return {str(name): str(value) for name, value in (facts.get("metadata") or {}).items()}


def intent(facts: Facts, *, attempt: str | None = None) -> GatewayIntent:
    """A payment intent. `attempt`: whose confirmation this is the direct reply to.

    Otherwise its charge says whose it is: a charge carries the metadata that the intent had when it was made, while
    the intent's own are written before a confirmation and say nothing of its effect.
    """
    status = IntentStatus(facts["status"])
    charge = expanded(facts.get("latest_charge"))
    refusal = expanded(facts.get("last_payment_error"))
    noted = _noted(facts)
    named = noted.pop(ATTEMPT, None)
    effective = attempt or _effective(status, charge, refusal, named)
    if effective is not None:
        noted[ATTEMPT] = effective
    code = _refusal_code(refusal) if status is IntentStatus.REQUIRES_PAYMENT_METHOD else None
    if code == _AUTHENTICATE:  # asked for off session: the payer can still confirm this intent
        status = IntentStatus.REQUIRES_ACTION
    succeeded = status is IntentStatus.SUCCEEDED
    charge_ref = id_of(facts.get("latest_charge"))
    if succeeded and not charge_ref:
        raise ValueError("a success without its charge")
    paid_by_card = expanded(charge.get("payment_method_details")).get("type") == "card"
    return GatewayIntent(
        ref=str(facts["id"]),
        status=status,
        amount_minor=amount_of(facts),
        received_minor=amount_of(facts, "amount_received") if succeeded else 0,
        currency=currency_of(facts),
        customer_ref=id_of(facts.get("customer")),
        livemode=flag(facts, "livemode"),
        created_at=moment(facts["created"]),
        charge_ref=charge_ref if succeeded else None,
        decline_code=code,
        message=str(refusal.get("message") or "")[:300] or None if code else None,
        metadata=noted,
        taken_at=moment(charge["created"]) if succeeded and paid_by_card else None,
        advice_code=str(refusal.get("advice_code") or "") if code else "",
        network_advice_code=str(refusal.get("network_advice_code") or "") if code else "",
        network_decline_code=str(refusal.get("network_decline_code") or "") if code else "",
        action_url=_action_url(expanded(facts.get("next_action"))),
    )


def _effective(status: IntentStatus, charge: Facts, refusal: Facts, named: str | None) -> str | None:
    """The attempt whose confirmation took effect, as far as the intent tells. A refusal without a charge (a bank's
    question answered wrongly) can only be that of the attempt which was written down last."""
    if status is IntentStatus.REQUIRES_CONFIRMATION:
        return None
    if status is IntentStatus.REQUIRES_PAYMENT_METHOD:
        if not refusal:
            return None
        if id_of(refusal.get("charge")) != id_of(charge or None):
            return named
    if charge and status is not IntentStatus.REQUIRES_ACTION:
        return _noted(charge).get(ATTEMPT)
    return named


def _refusal_code(refusal: Facts) -> str | None:
    """The issuer's reason; for a bank debit Nacha's, where the network's code is one."""
    network = str(refusal.get("network_decline_code") or "")
    method = expanded(refusal.get("payment_method")).get("type")
    if method == "us_bank_account" and _ACH_RETURN.fullmatch(network):
        return network
    return str(refusal.get("decline_code") or refusal.get("code") or "") or None


def _action_url(action: Facts) -> str | None:
    redirect = expanded(action.get("redirect_to_url")).get("url")
    deposits = expanded(action.get("verify_with_microdeposits")).get("hosted_verification_url")
    url = redirect or deposits
    return str(url) if url else None


def method(facts: Facts) -> GatewayMethod:
    """A saved way to pay. Raises `GatewayRejected('method_unsupported')` for a kind that we don't collect from."""
    kind = KINDS.get(facts["type"])
    if kind is None:
        raise GatewayRejected("This way to pay is not supported.", code="method_unsupported")
    about = facts[facts["type"]]
    brand = about.get("display_brand") or about.get("brand") if kind == "card" else about.get("bank_name")
    return GatewayMethod(
        token=str(facts["id"]),
        kind=kind,
        brand=_brand(kind, str(brand or about.get("bank_code") or "")),
        last4=str(about["last4"])[-4:],
        exp_month=int(about["exp_month"]) if kind == "card" else None,
        exp_year=int(about["exp_year"]) if kind == "card" else None,
        fingerprint=str(about.get("fingerprint") or facts["id"])[:64],
        customer_ref=id_of(facts.get("customer")),
    )


def _brand(kind: MethodKind, name: str) -> str:
    if kind == "bank":
        return (name or "Bank account")[:40]
    return {"amex": "American Express", "jcb": "JCB"}.get(name, name.replace("_", " ").title() or "Card")[:40]


def refund(facts: Facts, *, livemode: bool) -> GatewayRefund:
    """A refund. It doesn't say which mode it is of: that of the key that asked."""
    status = "pending" if facts["status"] == "requires_action" else facts["status"]
    return GatewayRefund(
        ref=str(facts["id"]),
        intent_ref=id_of(facts.get("payment_intent")),
        charge_ref=id_of(facts.get("charge")),
        amount_minor=amount_of(facts),
        currency=currency_of(facts),
        status=RefundStatus(status),
        livemode=livemode,
        created_at=moment(facts["created"]),
        failure_code=str(facts.get("failure_reason") or ""),
        metadata=_noted(facts),
    )


def moves_no_money(facts: Facts) -> bool:
    """Whether a dispute is an inquiry only, or was prevented: nothing has been taken."""
    said = str(facts["status"])
    return said.startswith("warning") or (said == "prevented" and not facts.get("balance_transactions"))


def dispute(facts: Facts) -> GatewayDispute:
    """A dispute, or a bank debit that came back late: Stripe tells both alike. Its charge has to be expanded.

    Raises `GatewayRejected(NO_MONEY_MOVED)` for an inquiry, and for a dispute that was prevented.
    """
    if moves_no_money(facts):
        raise GatewayRejected("An inquiry: no money has moved.", code=NO_MONEY_MOVED)
    said, moves = str(facts["status"]), list(facts.get("balance_transactions") or ())
    charge = expanded(facts.get("charge"))
    paid_by = str(expanded(charge.get("payment_method_details")).get("type") or "")
    is_return = KINDS.get(paid_by) == "bank"
    status = {"won": DisputeStatus.WON, "lost": DisputeStatus.LOST}.get(said, DisputeStatus.OPEN)
    if is_return and status is DisputeStatus.OPEN:
        status = DisputeStatus.LOST  # final from the start; Stripe says so a moment later
    opened_at = moment(facts["created"])
    return GatewayDispute(
        ref=str(facts["id"]),
        intent_ref=id_of(facts.get("payment_intent")),
        charge_ref=id_of(facts.get("charge")),
        amount_minor=amount_of(facts),
        currency=currency_of(facts),
        status=status,
        is_return=is_return,
        code=_dispute_code(facts, paid_by),
        livemode=flag(facts, "livemode"),
        at=opened_at,
        ended_at=_ended_at(status, is_return, opened_at, moves),
        fee_minor=sum(max(amount_of(one, "fee"), 0) for one in moves),
    )


def _dispute_code(facts: Facts, paid_by: str) -> str:
    network, reason = str(facts.get("network_reason_code") or ""), str(facts.get("reason") or "")
    if paid_by == "us_bank_account":
        return network if _ACH_RETURN.fullmatch(network) else _RETURN_CODES.get(reason, reason)
    return reason


def _ended_at(
    status: DisputeStatus, is_return: bool, opened_at: datetime, moves: list[Facts]
) -> datetime | None:
    """When it was decided, where that is told: it is won by the money's return, and lost after that (in arbitration) by
    its going again."""
    if is_return:
        return opened_at
    came_back = any(amount_of(one) > 0 for one in moves)
    if moves and (status is DisputeStatus.WON or (status is DisputeStatus.LOST and came_back)):
        return max(moment(one["created"]) for one in moves)
    return None
