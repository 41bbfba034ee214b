"""Whether an invoice may be tried once more with the method at hand (requirements A2-7; I-28, I-31, I-44,
I-48)."""

from collections.abc import Iterable
from dataclasses import dataclass

from paidthru.payments.rules.decline_codes import Finality, known

DEFAULT_ATTEMPTS = 3
EXPIRED_ATTEMPTS = 1
#: However often the member changes the method: so many failures for one invoice, and a person has to look.
OVERALL_ATTEMPTS = 9

_FAILED = frozenset({"declined", "rejected"})


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An earlier try on the same invoice: the fingerprint of the method it used, its end and the decline's
    code."""

    method_fingerprint: str
    state: str
    decline_code: str | None = None


@dataclass(frozen=True, slots=True)
class RetryVerdict:
    """`refused` is None when another attempt may be made, else the reason's stable code; `used` of `budget`
    tries of this method are spent."""

    refused: str | None
    used: int
    budget: int

    @property
    def allowed(self) -> bool:
        """Whether another attempt may be made."""
        return self.refused is None


def retry_allowed(
    history: Iterable[PastAttempt],
    method_fingerprint: str,
    expired: bool,
    max_attempts: int = DEFAULT_ATTEMPTS,
    *,
    granted: int = 0,
) -> RetryVerdict:
    """Whether the invoice whose attempts are `history` may be submitted with the method of that fingerprint.

    Failures are counted per version of the method, so a new card or a new expiry date (a new fingerprint)
    opens a new budget; an expired method is tried once. What was canceled or is open costs nothing. `granted`
    are the further tries that staff allowed (I-45). Refusals: `card_expired`; `attempts_exhausted`;
    `code_unrecognised` when the gateway gave a reason that we cannot read, until staff allow another try
    (I-48); `authorization_revoked` when the payer has withdrawn the permission for this method (B-47), which
    no grant lifts.
    """
    failures = [past for past in history if past.state in _FAILED]
    mine = [past for past in failures if past.method_fingerprint == method_fingerprint]
    past_expiry = expired or any(past.decline_code == "expired_card" for past in mine)
    budget = (min(EXPIRED_ATTEMPTS, max_attempts) if past_expiry else max_attempts) + granted
    if any(_forbids(past.decline_code) for past in mine):
        return RetryVerdict("authorization_revoked", len(mine), budget)
    unread = sum(1 for past in mine if past.decline_code and known(past.decline_code) is None)
    if unread > granted:
        return RetryVerdict("code_unrecognised", len(mine), budget)
    if len(mine) >= budget:
        return RetryVerdict("card_expired" if past_expiry else "attempts_exhausted", len(mine), budget)
    if len(failures) >= OVERALL_ATTEMPTS + granted:
        return RetryVerdict("attempts_exhausted", len(mine), budget)
    return RetryVerdict(None, len(mine), budget)


def _forbids(code: str | None) -> bool:
    entry = known(code) if code else None
    return entry is not None and entry.finality is Finality.NEVER
