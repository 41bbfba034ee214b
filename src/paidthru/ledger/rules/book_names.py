"""What our accounts are called in plain-text accounting: beancount and hledger share five roots and no spaces."""

import hashlib
import re
from collections.abc import Iterable, Mapping

from paidthru.ledger.rules.chart import CHART

ROOTS = {"asset": "Assets", "liability": "Liabilities", "income": "Income", "expense": "Expenses"}
OPENING = "Equity:Opening-Balances"
"""Against what a file that begins in the middle of the books opens its accounts."""


def book_name(code: str, kind: str) -> str:
    """An account's name outside: `Bank` is `Assets:Bank`, `Income:Dues` stays, `Processor fees` is
    `Expenses:Processor-fees`.

    A name depends on its own account only, so that it is the same in every export. One that can't be written as it is,
    or that would be taken for one of the chart, is told apart by four digits of its code's hash.
    """
    name = _joined(code, kind)
    if code in CHART:
        return name
    exact = all(part == _part(part).replace("-", " ") for part in _parts(code, kind))
    if exact and name not in _OF_THE_CHART:
        return name
    return f"{name}-{hashlib.sha256(code.encode()).hexdigest()[:4].upper()}"


def book_names(accounts: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Names by code, of accounts as (code, kind); memo accounts have none: they stay inside."""
    return {code: book_name(code, kind) for code, kind in accounts if kind in ROOTS}


def _parts(code: str, kind: str) -> list[str]:
    root = ROOTS[kind]
    return code.removeprefix(f"{root}:").split(":")


def _joined(code: str, kind: str) -> str:
    return ":".join((ROOTS[kind], *(_part(part) for part in _parts(code, kind))))


def _part(text: str) -> str:
    """Letters, digits and hyphens, beginning with a capital or a digit; scripts without capitals get an X before."""
    kept = re.sub(r"[\W_]+", "-", text).strip("-")
    kept = kept[:1].upper() + kept[1:]
    return kept if kept[:1].isupper() or (kept[:1].isascii() and kept[:1].isdigit()) else f"X{kept}"


_OF_THE_CHART = frozenset(_joined(code, kind) for code, (_, kind) in CHART.items() if kind in ROOTS)
