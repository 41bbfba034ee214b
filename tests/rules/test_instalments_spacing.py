"""How far instalments lie apart is read from the last two (A-26)."""

from datetime import date

import pytest

from paidthru.kernel.instalments import instalments_of, spacing_of
from paidthru.kernel.periods import Interval, Unit


@pytest.mark.parametrize("unit", [Unit.MONTH, Unit.QUARTER, Unit.YEAR])
@pytest.mark.parametrize("first_on", [date(2026, 1, 31), date(2026, 2, 28), date(2028, 2, 29)])
def test_what_was_spaced_so_is_read_so(unit: Unit, first_on: date) -> None:
    days = [one.due_on for one in instalments_of(900_00, 5, first_on, Interval(1, unit))]
    assert {spacing_of(days[:n]) for n in range(2, 6)} == {unit}
    assert spacing_of(days[:1]) == spacing_of([]) == Unit.MONTH
