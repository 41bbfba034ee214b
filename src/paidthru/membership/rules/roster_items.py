"""What reading a roster yields: rows to take, rows left out, and the faults of either."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from paidthru.kernel.periods import Interval

Severity = Literal["error", "warning", "note"]
_SHOWN_CHARS = 80
_UNPRINTABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing about one row. `field` is the user's own heading, empty for the row as a whole; `value` is
    what stands there, shortened; `problem` and `fix` are in the user's words; `code` is stable."""

    row: int
    field: str
    value: str
    code: str
    problem: str
    fix: str
    severity: Severity = "error"

    def as_dict(self) -> dict[str, object]:
        """JSON-able, as `paidthru import members --preview --json` prints it."""
        return {
            "row": self.row,
            "field": self.field,
            "value": self.value,
            "problem": self.problem,
            "fix": self.fix,
            "code": self.code,
            "severity": self.severity,
        }


@dataclass(frozen=True, slots=True)
class RosterRow:
    """A row that can be taken. Texts are '' where there is none; the rest is None. Amounts are minor units of
    the roster's currency; a positive balance is owed by the member, a negative one is the member's credit.
    Only fields in `Layout.columns` were in the file; the others must not overwrite what is known already."""

    row: int
    external_id: str | None
    kind: Literal["person", "organization"]
    name: str
    given_name: str
    family_name: str
    organization_name: str
    email: str
    phone: str
    plan: str | None
    status: str | None
    joined_on: date | None
    next_renewal_on: date | None
    paid_through: date | None
    cycle_started_on: date | None
    autopay: bool | None
    price_minor: int | None
    balance_minor: int | None
    interval: Interval | None
    customer_type: str
    notes: str
    address: str = ""
    country: str = ""
    language: str = ""
    warnings: tuple[Fault, ...] = ()

    @property
    def through(self) -> date | None:
        """The last day that is covered: as written, or the day before the next renewal."""
        if self.paid_through or not self.next_renewal_on:
            return self.paid_through
        return self.next_renewal_on - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RowFaults:
    """A row that is left out, with everything that was found in it."""

    row: int
    external_id: str | None
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the organization already has, for the cells that name it.

    `plans`: the plans' names. `plan_words`: a word of the file → the plan that it means, '' for none.
    `status_words`: a word of the file → one of `cell_words.STATUSES`.
    """

    currency: str
    today: date
    plans: Collection[str] = ()
    plan_words: Mapping[str, str] = field(default_factory=dict)
    status_words: Mapping[str, str] = field(default_factory=dict)


def shown(text: str) -> str:
    """A cell's text as a report shows it: at most 80 characters, what cannot be printed replaced."""
    text = text.strip()
    text = text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"
    return text if text.isprintable() else _UNPRINTABLE.sub("\ufffd", " ".join(text.split()))
