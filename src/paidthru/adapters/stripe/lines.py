"""Movements of the Stripe balance: what each line of it is, and with which payout it left."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from paidthru.adapters.stripe.calls import Account, every, listed, moment
from paidthru.adapters.stripe.errors import Facts
from paidthru.adapters.stripe.reading import amount_of, currency_of, expanded, id_of, read
from paidthru.payments.gateway import GatewayBalanceLine

_KINDS = {
    "charge": "charge",
    "payment": "charge",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_failed",
    "payout": "payout",
    "payout_failure": "payout_failed",
    "payout_cancel": "payout_failed",
    "stripe_fee": "fee",
    "stripe_fx_fee": "fee",
    "tax_fee": "fee",
    "application_fee": "fee",
}
_ADJUSTMENTS = {"dispute": "dispute", "dispute_reversal": "dispute_won"}


def balance_lines(account: Account, since: datetime) -> Iterator[GatewayBalanceLine]:
    """Every movement at or after an instant, oldest first. A debit that hasn't cleared is none yet, though Stripe
    shows it as pending from the start, and takes it back when it fails."""
    left_with = _payouts(account, since)
    lines = account.api.balance_transactions.list
    for facts in listed(lines, since, expand=["data.source"]):
        if not read(_uncleared, facts):
            yield read(lambda one: _line(one, left_with), facts)


def _payouts(account: Account, since: datetime) -> dict[str, str]:
    """The payout of each line, by the line's id."""
    found: dict[str, str] = {}
    for payout in listed(account.api.payouts.list, since):
        for line in every(account.api.balance_transactions.list, payout=payout["id"]):
            found[str(line["id"])] = str(payout["id"])
    return found


def _uncleared(facts: Facts) -> bool:
    if facts["type"] == "payment_failure_refund":
        return True
    return facts["type"] == "payment" and expanded(facts.get("source")).get("status") in ("pending", "failed")


def _line(facts: Facts, left_with: dict[str, str]) -> GatewayBalanceLine:
    kind = _KINDS.get(facts["type"]) or _ADJUSTMENTS.get(facts.get("reporting_category", ""), "other")
    source_ref = id_of(facts.get("source"))
    charged_minor, charged_in, rate = _charged(facts)
    return GatewayBalanceLine(
        ref=str(facts["id"]),
        kind=kind,
        amount_minor=amount_of(facts),
        fee_minor=amount_of(facts, "fee"),
        currency=currency_of(facts),
        source_ref=source_ref,
        at=moment(facts["created"]),
        payout_ref=source_ref if kind in ("payout", "payout_failed") else left_with.get(facts["id"], ""),
        intent_ref=id_of(expanded(facts.get("source")).get("payment_intent")),
        charged_minor=charged_minor,
        charged_currency=charged_in,
        exchange_rate=rate,
    )


def _charged(facts: Facts) -> tuple[int | None, str, Decimal | None]:
    """What the payer was charged, or given back, where Stripe converted it into the account's currency: its amount,
    signed as the line is, its currency and Stripe's rate (docs.stripe.com/currencies/conversions)."""
    source = expanded(facts.get("source"))
    if not facts.get("exchange_rate") or not source or currency_of(source) == currency_of(facts):
        return None, "", None
    amount = amount_of(source)
    return (
        amount if amount_of(facts) >= 0 else -amount,
        currency_of(source),
        Decimal(str(facts["exchange_rate"])),
    )
