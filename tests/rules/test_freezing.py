"""When a frozen installation may charge again (field-notes C.10, C.11), and what objects at a gateway carry."""

from datetime import UTC, datetime, timedelta

import pytest

from paidthru.actions.charge import claiming
from paidthru.kernel.ids import new_id
from paidthru.organizations.rules.freezing import LONGEST_SEND, missing
from paidthru.payments.gateway import ATTEMPT
from paidthru.payments.rules.imprint import imprint, read

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def after(seconds: int) -> datetime:
    return AT + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("replays", "now", "says"),
    [
        ({"Maple": LATER}, after(119), "wait"),
        ({}, after(119), "wait"),
        ({"Maple": None}, LATER, "not read"),
        ({"Maple": AT - timedelta(days=1)}, LATER, "not read"),
        ({"Maple": after(119)}, LATER, "too early"),
        ({"Maple": after(120)}, LATER, ""),
        ({"Maple": after(120), "Oak": None}, LATER, "Oak"),
        ({}, after(120), ""),
    ],
)
def test_what_is_missing(replays: dict[str, datetime | None], now: datetime, says: str) -> None:
    found = missing(AT, replays, now)
    assert bool(found) == bool(says)
    assert says in " ".join(found)


def test_no_send_may_begin_later_than_the_wait() -> None:
    assert LONGEST_SEND.total_seconds() >= claiming.SEND_WITHIN_SECONDS


def test_what_an_intent_carries_is_read_again() -> None:
    organization, intent, party, attempt, one, two = (new_id() for _ in range(6))
    said = imprint(organization, intent, party=party, instance="us", invoices=[(two, 8), (one, 7)])
    found = read({**said, ATTEMPT: str(attempt)})
    assert found is not None
    assert (found.organization, found.intent, found.party, found.attempt) == (
        organization,
        intent,
        party,
        attempt,
    )
    assert (found.instance, found.invoices, found.numbers) == ("us", (one, two), (7, 8))
    assert said == imprint(organization, intent, party=party, instance="us", invoices=[(one, 7), (two, 8)])


def test_many_invoices_fit_in_what_a_processor_keeps() -> None:
    said = imprint(
        new_id(),
        new_id(),
        party=new_id(),
        instance=str(new_id()),
        invoices=[(new_id(), n) for n in range(99)],
    )
    assert all(len(text) <= 500 for text in said.values())


@pytest.mark.parametrize(
    "metadata",
    [{}, {"organization": "none"}, {"organization": ""}, {"order": "17"}],
)
def test_what_is_not_ours_says_nothing(metadata: dict[str, str]) -> None:
    assert read(metadata) is None


def test_nonsense_beside_our_name_is_left_out() -> None:
    found = read({"organization": str(new_id()), "intent": "x", "invoices": "a,,b", "numbers": "1,²,-3, 4"})
    assert found is not None
    assert (found.intent, found.invoices, found.numbers) == (None, (), (1,))
