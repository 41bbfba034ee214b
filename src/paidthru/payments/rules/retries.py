"""Whether an invoice may be tried once more with the method at hand: a pure function of what was tried before.

Requirements A2-7, I-26, I-28, I-31, I-44, I-45, I-48; field-notes C.8, B-46, B-47. What the networks and banks forbid
is in `network_rules.py`, dated; when the next try is made by itself in `retry_schedule.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, cast

from paidthru.payments.rules.decline_codes import Finality, known
from paidthru.payments.rules.network_rules import (
    CAPS,
    NETWORK_RULES,
    REPRESENTMENT_DAYS,
    REPRESENTMENTS,
    Cap,
    Effect,
    NetworkRule,
)

DEFAULT_ATTEMPTS = 3
#: However often the member changes the method: so many failures for one invoice, and a person has to look.
OVERALL_ATTEMPTS = 9

ExpiredCard = Literal["once", "counts", "processor", "ask_first"]
#: `returned` is an attempt whose money the payer's bank took back.
FAILED = frozenset({"declined", "rejected", "returned"})


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An earlier try on the same invoice, with the method as it was then.

    `at` is the instant from which what follows is counted: the end, for a bank debit the bank's notice (P-18); `on` is
    its local date. `sent_at` is the first send. `expires` is (year, month). `authorization` is the stored method's
    token: the same card or account that the payer saves anew has another one. The advices are the networks' words, ""
    for none. `allowed_before`: how many further tries staff had allowed when it was opened. `by_hand`: the payer or
    staff began it, and no schedule. `by_visitor`: somebody who came by a pay link did, with a card of their own.
    """

    method_fingerprint: str
    state: str
    at: datetime
    on: date
    decline_code: str | None = None
    amount_minor: int = 0
    sent_at: datetime | None = None
    expires: tuple[int, int] | None = None
    authorization: str = ""
    kind: str = "card"
    brand: str = ""
    advice_code: str = ""
    network_advice_code: str = ""
    network_decline_code: str = ""
    allowed_before: int = 0
    by_hand: bool = False
    by_visitor: bool = False

    @property
    def failed(self) -> bool:
        """Whether it was refused for certain: what was canceled, is open or succeeded costs no try."""
        return self.state in FAILED


@dataclass(frozen=True, slots=True)
class Instrument:
    """The method at hand. Its version is the card number with its expiry date: a new one of either has tries of its
    own (I-31)."""

    fingerprint: str
    expires: tuple[int, int] | None = None
    authorization: str = ""
    kind: str = "card"
    brand: str = ""

    def expired(self, on: date) -> bool:
        """True from the first day after a card's last month."""
        return self.expires is not None and (on.year, on.month) > self.expires

    def is_version_of(self, past: PastAttempt) -> bool:
        """Whether an earlier try used this number with this expiry date."""
        return past.method_fingerprint == self.fingerprint and past.expires == self.expires


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """What the organization decides: tries a version of a method, and what an expired card may be used for. `present`:
    the payer is there and asks for it."""

    max_attempts: int = DEFAULT_ATTEMPTS
    expired_card: ExpiredCard = "once"
    present: bool = False


@dataclass(frozen=True, slots=True)
class RetryVerdict:
    """`refused` is None when another attempt may be made, else the reason's stable code; `used` of `budget` tries of
    this version of the method are spent. With `too_soon` and `card_tried_too_often`, `not_before` says when it may be.
    `sentence` is the rule that forbids, for staff and member alike."""

    refused: str | None
    used: int
    budget: int
    sentence: str = ""
    not_before: datetime | None = None

    @property
    def allowed(self) -> bool:
        """Whether another attempt may be made."""
        return self.refused is None


def retry_allowed(
    history: Iterable[PastAttempt],
    method: Instrument,
    policy: RetryPolicy,
    *,
    now: datetime,
    on: date,
    amount_minor: int = 0,
    granted: int = 0,
    card_failures: Sequence[datetime] = (),
    rules: Sequence[NetworkRule] = NETWORK_RULES,
    caps: Sequence[Cap] = CAPS,
) -> RetryVerdict:
    """Whether the invoice whose attempts are `history`, oldest first, may be tried with `method` at `now`, local date
    `on`, for `amount_minor`.

    `granted` is how many further tries staff allowed (I-45): one lifts what the bank refused for good and used-up
    tries, once; what nobody may lift, and waits, it leaves. `card_failures` are the instants of the failed
    tries with the same card or account on any invoice of the merchant account, this one's too. Refused, in this order:
    `authorization_revoked`, `forbidden_by_network` (nobody lifts them), `authorization_needed`, `code_unrecognised`
    (I-48), `declined_for_good`, `card_expired`, `attempts_exhausted`, `amount_changed`, `representment_over`,
    `card_tried_too_often`, `too_soon`.
    """
    # a visitor's failures say something of the visitor's card only: nobody's tries are used up by a stranger
    failures = [
        past
        for past in history
        if past.failed and (not past.by_visitor or past.method_fingerprint == method.fingerprint)
    ]
    same = [past for past in failures if past.method_fingerprint == method.fingerprint]
    # who is there may try; that takes nothing from what is tried without them (P-05)
    mine = [past for past in same if method.is_version_of(past) and (policy.present or not past.by_hand)]
    read = [_read(past, on, rules) for past in same]
    past_expiry, base = _base(mine, method, policy, on)
    budget = _with_grants(mine, base, granted)

    def no(code: str, sentence: str = "", not_before: datetime | None = None) -> RetryVerdict:
        return RetryVerdict(code, len(mine), budget, sentence, not_before)

    forbidden = _forbidden(same, read, method, policy)
    if forbidden is not None:
        return no(*forbidden)
    stop = _first_stop(same, read, method)
    if stop is not None and len(same) >= _with_grants(same, stop + 1, granted):
        return no("code_unrecognised" if read[stop].unread else "declined_for_good", read[stop].sentence)
    if len(mine) >= budget:
        return no("card_expired" if past_expiry else "attempts_exhausted")
    if len(failures) >= _with_grants(failures, OVERALL_ATTEMPTS, granted):
        return no("attempts_exhausted")
    if method.kind == "bank" and not policy.present:
        returned = [past for past in same if past.authorization == method.authorization]
        refused = _representment(returned, amount_minor, now)
        if refused is not None:
            return no(*refused)
    capped = _capped(card_failures, method.brand, now, on, caps)
    if capped is not None:
        return no("card_tried_too_often", *capped)
    waits = [(past.at + one.wait, one.sentence) for past, one in zip(same, read, strict=True) if one.wait]
    until, sentence = max(waits, default=(now, ""))
    if until > now:
        return no("too_soon", sentence, until)
    return RetryVerdict(None, len(mine), budget)


def _base(mine: Sequence[PastAttempt], method: Instrument, policy: RetryPolicy, on: date) -> tuple[bool, int]:
    """Whether the method is past its date, and how many tries it has before anybody grants one."""
    expired = method.expired(on) or any(past.decline_code == "expired_card" for past in mine)
    if policy.expired_card in ("counts", "processor") or not expired:
        return False, policy.max_attempts
    asked = policy.present or policy.expired_card == "once"
    return True, min(1, policy.max_attempts) if asked else 0


def _with_grants(failures: Sequence[PastAttempt], base: int, granted: int) -> int:
    """The tries there are with those that staff allowed: each is one more than had been made when it was allowed."""
    most = base
    for grant in range(granted):
        most = max(most, sum(1 for past in failures if past.allowed_before <= grant) + 1)
    return most


def _forbidden(
    same: Sequence[PastAttempt], read: Sequence["_Reading"], method: Instrument, policy: RetryPolicy
) -> tuple[str, str] | None:
    """What nobody in the organization can lift."""
    for past, found in zip(same, read, strict=True):
        if found.effect is Effect.NEVER:
            return "authorization_revoked" if found.by_payer else "forbidden_by_network", found.sentence
        anew = policy.present or past.authorization != method.authorization
        if found.effect is Effect.NEW_AUTHORIZATION and not anew:
            return "authorization_needed", found.sentence
    return None


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a refusal means for another try: the strictest of its codes."""

    effect: Effect
    sentence: str
    wait: timedelta = timedelta(0)
    unread: bool = False
    by_payer: bool = False


#: Codes about what was typed in: a new expiry date or number is something else to try.
_DETAILS = frozenset(
    {
        "incorrect_address",
        "incorrect_cvc",
        "incorrect_zip",
        "invalid_cvc",
        "invalid_expiry_month",
        "invalid_expiry_year",
        "new_account_information_available",
    }
)


def _read(past: PastAttempt, on: date, rules: Sequence[NetworkRule]) -> _Reading:
    code = past.decline_code
    entry = known(code) if code else None
    found = _Reading(Effect.AGAIN, entry.words if entry else "")
    if code and entry is None:
        found = _Reading(
            Effect.NEW_METHOD, f"The payment was declined with an unknown code: {code}.", unread=True
        )
    elif entry is not None and entry.finality is Finality.NEVER:
        found = _Reading(Effect.NEVER, entry.words, by_payer=True)
    elif entry is not None and entry.finality is Finality.HARD and code != "expired_card":
        effect = Effect.NEW_DETAILS if code in _DETAILS else Effect.NEW_METHOD
        found = _Reading(effect, entry.words)
    wait = timedelta(0)
    for rule in rules:
        said = cast("str | None", getattr(past, rule.reads))
        if said != rule.code or not rule.in_force(on) or not rule.concerns(past.brand):
            continue
        wait = max(wait, rule.wait)
        if rule.effect > found.effect and not (rule.effect is Effect.WAIT and found.unread):
            by_payer = rule.source == "Nacha"
            found = _Reading(rule.effect, rule.sentence, unread=found.unread, by_payer=by_payer)
    return _Reading(found.effect, found.sentence, wait, found.unread, found.by_payer)


def _first_stop(same: Sequence[PastAttempt], read: Sequence[_Reading], method: Instrument) -> int | None:
    """Where the card's or account's tries were stopped: at the first refusal that stands against the method at hand."""
    for place, (past, found) in enumerate(zip(same, read, strict=True)):
        if found.effect is Effect.NEW_METHOD:
            return place
        if found.effect is Effect.NEW_DETAILS and method.is_version_of(past):
            return place
    return None


def _representment(
    returned: Sequence[PastAttempt], amount_minor: int, now: datetime
) -> tuple[str, str] | None:
    """Why a debit that came back for want of money can't be presented again, if it can't (B-46)."""
    soft = [
        past
        for past in returned
        if (entry := known(past.decline_code or "")) and entry.finality is Finality.SOFT
    ]
    if not soft:
        return None
    first = soft[0]
    if amount_minor != first.amount_minor:
        return "amount_changed", "A debit that came back is presented again with the same amount only."
    if len(soft) > REPRESENTMENTS:
        return (
            "representment_over",
            f"A debit that came back is presented again {REPRESENTMENTS} times at most.",
        )
    if now > (first.sent_at or first.at) + timedelta(days=REPRESENTMENT_DAYS):
        return "representment_over", f"A debit is presented again within {REPRESENTMENT_DAYS} days only."
    return None


def _capped(
    card_failures: Sequence[datetime], brand: str, now: datetime, on: date, caps: Sequence[Cap]
) -> tuple[str, datetime] | None:
    """The cap that is reached, and when a further try fits under all of them again."""
    found: tuple[str, datetime] | None = None
    for cap in caps:
        if not cap.holds(brand, on):
            continue
        window = timedelta(days=cap.days)
        recent = sorted(at for at in card_failures if at > now - window)
        if len(recent) >= cap.most:
            until = recent[len(recent) - cap.most] + window
            if found is None or until > found[1]:
                found = (cap.sentence, until)
    return found


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an invoice waits, in a sentence, and what would let it be collected (I-29, I-30)."""

    sentence: str
    fix: str


_NEW_METHOD = "Ask the member for another card or account."

#: By refusal code, in the words of the pending list.
REASONS: dict[str, Reason] = {
    "no_payment_method": Reason("There is no payment method on file.", "Ask the member to add one."),
    "card_expired": Reason(
        "The card has expired.", "Ask the member for a new expiry date or another payment method."
    ),
    "attempts_exhausted": Reason(
        "Its tries are used up.", "Another payment method has tries of its own; or allow another attempt."
    ),
    "declined_for_good": Reason(
        "The bank declined for good.", f"{_NEW_METHOD} Staff can allow another attempt."
    ),
    "code_unrecognised": Reason(
        "The processor declined with a code that is not known here.",
        "Look it up at the processor; then allow another attempt, or ask for another payment method.",
    ),
    "authorization_revoked": Reason("The payer has withdrawn the permission.", _NEW_METHOD),
    "forbidden_by_network": Reason("The card network forbids another try with this card.", _NEW_METHOD),
    "authorization_needed": Reason(
        "The payer has stopped this payment.", "Ask the member to authorize it anew, or for another account."
    ),
    "amount_changed": Reason(
        "A debit that came back can be presented again with the same amount only.",
        "Ask the member to add the bank account anew, or to pay in another way.",
    ),
    "representment_over": Reason(
        "A debit that came back can't be presented any more.",
        "Ask the member to add the bank account anew, or to pay in another way.",
    ),
    "card_tried_too_often": Reason(
        "The card or account was tried too often in 30 days.", "Wait, or ask for another payment method."
    ),
    "too_soon": Reason("The card network asks to wait.", "It can be tried again later."),
    "earlier_term": Reason(
        "A later term has fallen due: this one is not collected by itself any more.",
        "Record a payment, write it off, or ask the member to pay it.",
    ),
    "earlier_first": Reason(
        "An earlier invoice of the member is collected first.",
        "It follows when that one is paid or given up.",
    ),
}

#: What stands on the list of failed payments: a person has to act (I-44, I-48).
FAILED_CODES = frozenset(
    {
        "attempts_exhausted",
        "declined_for_good",
        "code_unrecognised",
        "authorization_revoked",
        "forbidden_by_network",
        "authorization_needed",
        "amount_changed",
        "representment_over",
    }
)
#: What stands on the list of exceptions: an earlier term's (I-38).
EXCEPTION_CODES = frozenset({"earlier_term", "earlier_first"})
#: What a person may lift with "allow another attempt" (I-45).
GRANTABLE = frozenset({"attempts_exhausted", "declined_for_good", "code_unrecognised", "card_expired"})
