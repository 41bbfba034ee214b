"""What a campaign takes and how far it is, and when a gift is tried again (A-20, A-22)."""

from datetime import date

import pytest

from paidthru.giving.rules.campaigns import (
    MOST_MINOR,
    CampaignFacts,
    checked_donation,
    percent_of,
    slug_of,
)
from paidthru.giving.rules.retrying import next_try_on
from paidthru.kernel.errors import Refused

ROOF = CampaignFacts("Roof", "USD", 5_00, date(2026, 3, 1), date(2026, 6, 30), False)


@pytest.mark.parametrize(
    ("on", "taken"),
    [
        (date(2026, 2, 28), False), (date(2026, 3, 1), True), (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),
    ],
)  # fmt: skip
def test_a_campaign_takes_donations_on_its_first_and_last_day(on: date, taken: bool) -> None:
    if taken:
        checked_donation(ROOF, 5_00, "USD", on)
        return
    with pytest.raises(Refused) as refused:
        checked_donation(ROOF, 5_00, "USD", on)
    assert refused.value.code == "campaign_closed"


@pytest.mark.parametrize(
    ("amount_minor", "currency", "code"),
    [
        (4_99, "USD", "amount_invalid"),
        (0, "USD", "amount_invalid"),
        (-5_00, "USD", "amount_invalid"),
        (MOST_MINOR + 1, "USD", "amount_invalid"),
        (10**17, "USD", "amount_invalid"),
        (5_00, "EUR", "currency_mismatch"),
    ],
)
def test_what_no_campaign_takes(amount_minor: int, currency: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        checked_donation(ROOF, amount_minor, currency, date(2026, 4, 1))
    assert refused.value.code == code


def test_without_a_campaign_any_amount_above_nothing_is_taken() -> None:
    checked_donation(None, 1, "JPY", date(2026, 4, 1))
    with pytest.raises(Refused, match="A donation is 1 JPY or more"):
        checked_donation(None, 0, "JPY", date(2026, 4, 1))


def test_percents_are_whole_and_rounded_half_up() -> None:
    assert [percent_of(raised, 200) for raised in (0, 1, 3, 50, 200, 300)] == [0, 1, 2, 25, 100, 150]


def test_a_link_holds_what_an_address_may() -> None:
    assert slug_of("Für das Dach, 2026!") == "fur-das-dach-2026"
    assert slug_of("屋根") == "campaign"
    assert len(slug_of("a" * 200)) == 60


def test_a_gift_is_tried_by_the_offsets_and_never_twice_on_a_day() -> None:
    day = date(2026, 5, 1)
    assert next_try_on(1, (0, 2, 3), day, most=3) == date(2026, 5, 3)
    assert next_try_on(1, (0, 0), day, most=3) == date(2026, 5, 2)
    assert next_try_on(2, (0, 2, 3), day, most=2) is None
    assert next_try_on(3, (0, 2, 3), day, most=9) is None
