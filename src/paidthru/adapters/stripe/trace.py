"""What Stripe knows of an intent, told in order (I-57): from the intent, its charges, refunds and disputes."""

from collections.abc import Iterator

from paidthru.adapters.stripe.calls import Account, every, facts_of, moment
from paidthru.adapters.stripe.errors import Facts
from paidthru.adapters.stripe.reading import amount_of, currency_of, expanded, read
from paidthru.kernel.money import plain
from paidthru.payments.gateway import NO_SUCH_INTENT, TraceLine

_CHARGED = {"succeeded": "charged", "pending": "debit sent", "failed": "declined"}


def trace(account: Account, ref: str) -> list[TraceLine]:
    """See the port."""
    intent = facts_of(lambda: account.api.payment_intents.retrieve(ref), missing=NO_SUCH_INTENT)
    charges = every(account.api.charges.list, payment_intent=ref)
    refunds = every(account.api.refunds.list, payment_intent=ref)
    disputes = every(account.api.disputes.list, payment_intent=ref)
    found = [
        *read(_of_intent, intent),
        *(read(_of_charge, one) for one in charges),
        *(read(_of_refund, one) for one in refunds),
        *(line for one in disputes for line in read(_of_dispute, one)),
    ]
    return sorted(found, key=lambda line: line.at)


def _sum(facts: Facts) -> str:
    currency = currency_of(facts)
    return f"{plain(amount_of(facts), currency)} {currency}"


def _of_intent(facts: Facts) -> list[TraceLine]:
    made = TraceLine(moment(facts["created"]), "created", f"{_sum(facts)}; now {_words(facts['status'])}")
    if facts.get("canceled_at") is None:
        return [made]
    why = _words(facts.get("cancellation_reason") or "")
    return [made, TraceLine(moment(facts["canceled_at"]), "canceled", why)]


def _of_charge(facts: Facts) -> TraceLine:
    details = expanded(facts.get("payment_method_details"))
    about = expanded(details.get(str(details.get("type"))))
    shown = " ".join(
        str(part) for part in (about.get("brand") or about.get("bank_name"), about.get("last4")) if part
    )
    outcome = expanded(facts.get("outcome"))
    said = facts.get("failure_code") or ""
    reason = outcome.get("reason") or ""
    network = outcome.get("network_decline_code") or ""
    parts = [_sum(facts), shown, _words(said), _words(reason if reason != said else ""), network]
    return TraceLine(
        moment(facts["created"]), _CHARGED.get(facts["status"], _words(facts["status"])), _joined(parts)
    )


def _of_refund(facts: Facts) -> TraceLine:
    parts = [_sum(facts), _words(facts["status"]), _words(facts.get("failure_reason") or "")]
    return TraceLine(moment(facts["created"]), "refund", _joined(parts))


def _of_dispute(facts: Facts) -> Iterator[TraceLine]:
    said = [_sum(facts), _words(facts.get("reason") or ""), str(facts.get("network_reason_code") or "")]
    yield TraceLine(moment(facts["created"]), "dispute", _joined([*said, f"now {_words(facts['status'])}"]))
    for one in facts.get("balance_transactions") or ():
        moved = "taken out of the balance" if amount_of(one) < 0 else "put back into the balance"
        yield TraceLine(moment(one["created"]), moved, _sum(one))


def _words(code: str) -> str:
    return code.replace("_", " ")


def _joined(parts: list[str]) -> str:
    return "; ".join(part for part in parts if part)
