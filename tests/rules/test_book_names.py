"""What accounts are called in other programs, and closed periods as rules (A-55)."""

from datetime import date

import pytest

from paidthru.kernel.errors import Refused
from paidthru.ledger.rules.book_names import book_name, book_names
from paidthru.ledger.rules.chart import CHART
from paidthru.ledger.rules.closing import booked_on, refuse_closed
from paidthru.ledger.rules.exporting import month_ends


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        ("Bank", "asset", "Assets:Bank"),
        ("Processor fees", "expense", "Expenses:Processor-fees"),
        ("Income:Dues", "income", "Income:Dues"),
        ("Income:Summer courses", "income", "Income:Summer-courses"),
        ("Income:Élèves", "income", "Income:Élèves"),
    ],
)
def test_a_name_that_can_be_written_stays(code: str, kind: str, name: str) -> None:
    assert book_name(code, kind) == name


def test_names_are_never_two_accounts() -> None:
    """What looks alike is told apart, the chart's own are never taken, and memo accounts have no name."""
    alike = ["Income:A b", "Income:A-b", "Income:A_b", "Income:a b", "Income:A  b", "Income:Adjustments", "Income:学费",
             "Income:", "Income:::", "Income:=x"]  # fmt: skip
    accounts = [(code, "income") for code in alike] + [(code, kind) for code, (_, kind) in CHART.items()]
    names = book_names(accounts)
    assert len(set(names.values())) == len(names) == len(accounts) - 2
    assert "Memo billed" not in names


def test_what_comes_late_goes_to_the_first_open_day() -> None:
    closed = date(2026, 1, 31)
    assert booked_on(date(2026, 1, 31), closed) == date(2026, 2, 1)
    assert booked_on(date(2026, 2, 1), closed) == date(2026, 2, 1)
    assert booked_on(date(2026, 1, 5), None) == date(2026, 1, 5)
    with pytest.raises(Refused, match="closed through 2026-01-31"):
        refuse_closed(date(2026, 1, 31), closed, field="on")
    refuse_closed(date(2026, 2, 1), closed, field="on")


def test_months_that_end_in_a_period() -> None:
    assert month_ends(date(2025, 12, 31), date(2026, 2, 27)) == [date(2025, 12, 31), date(2026, 1, 31)]
    assert month_ends(date(2026, 2, 1), date(2026, 2, 27)) == []
