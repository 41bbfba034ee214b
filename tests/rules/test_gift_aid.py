"""Gift Aid: what is covered, what the donor may get in return, and the tax to the penny (A-25)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paidthru.giving.rules.gift_aid import checked_from, house_of, may_be_claimed, names_of, tax_on, words
from paidthru.kernel.errors import Refused

TODAY = date(2026, 3, 10)


@given(st.integers(0, 10**12))
def test_the_tax_is_a_fifth_of_the_gift_with_its_tax_and_never_too_much(amount: int) -> None:
    tax = tax_on(amount, TODAY)
    assert tax * 4 <= amount < (tax + 1) * 4
    assert tax_on(amount, date(2008, 4, 5)) == 0, "before the table"


def test_what_the_donor_gets_in_return_has_its_limits() -> None:
    for amount, most in ((40_00, 10_00), (100_00, 25_00), (1_000_00, 70_00), (100_000_00, 2_500_00)):
        assert may_be_claimed(amount, most, TODAY)
        assert not may_be_claimed(amount, most + 1, TODAY), amount
    assert may_be_claimed(1, 0, date(1999, 1, 1)) and not may_be_claimed(100_00, 1, date(2019, 4, 5))


def test_a_declaration_covers_up_to_four_years_back() -> None:
    for on in (TODAY, date(2022, 3, 10)):
        checked_from(on, TODAY)
    for on in (date(2026, 3, 11), date(2022, 3, 9)):
        with pytest.raises(Refused) as refused:
            checked_from(on, TODAY)
        assert refused.value.code == "past_date"
    said = words("Hope House", TODAY)
    assert "Hope House" in said and "my responsibility to pay any difference" in said and "2026-03-10" in said


def test_names_and_houses_are_as_the_schedule_has_them() -> None:
    assert names_of("Ann Mary Archer") == ("Ann Mary", "Archer")
    assert names_of("Cher") == ("Cher", "Cher")
    assert house_of("12b High Street\nLeeds") == "12b"
    assert house_of("Rose Cottage, Mill Lane") == "Rose Cottage"
    assert house_of("") == ""
