"""Invariants: what must be true of an organization's rows at every moment, whatever happened before (field-notes D.6).

Each is one sentence and one query that returns the rows which break it: nothing returned, all is well. They stand in
a file a topic. Stories run them after every block, `paidthru check` in production. They only read, decide nothing and
never repair: a violation is a fault to be found, not a balance to be adjusted.
"""

from uuid import UUID

from paidthru.invariants import (
    dunning,
    guards,
    invoices,
    journals,
    members,
    money,
    numbers,
    owners,
    refunds,
    renewals,
    returns,
    taxes,
)
from paidthru.invariants.invariant import SHOWN, Invariant, Violation

__all__ = ["ALL", "Invariant", "Violation", "check"]

ALL: tuple[Invariant, ...] = (
    *journals.INVARIANTS,
    *invoices.INVARIANTS,
    *money.INVARIANTS,
    *refunds.INVARIANTS,
    *returns.INVARIANTS,
    *members.INVARIANTS,
    *numbers.INVARIANTS,
    *renewals.INVARIANTS,
    *owners.INVARIANTS,
    *dunning.INVARIANTS,
    *guards.INVARIANTS,
    *taxes.INVARIANTS,
)


def check(organization_id: UUID, *, limit: int = SHOWN) -> list[Violation]:
    """What breaks any invariant in an organization's rows: of each invariant the first `limit` rows, none being well.

    Each query sees one consistent moment, so it may run beside everything else.
    """
    return [
        violation for invariant in ALL for violation in invariant.violations(organization_id, limit=limit)
    ]
