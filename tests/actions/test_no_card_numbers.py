"""A-02, I-22: every movement of money has the processor's reference, and nothing like a card number is kept."""

import re
from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions.submit import Selection
from paidthru.payments.models import Attempt, Payment, PaymentIntent, PaymentMethod

pytestmark = pytest.mark.django_db(transaction=True)

DIGITS = re.compile(r"(?<![0-9a-z-])\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7}(?![0-9a-z-])")
TEXTUAL = ("character varying", "text", "jsonb", "json")


def is_card_number(text: str) -> bool:
    """Whether digits pass the check that every card number passes (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in text if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def texts() -> list[str]:
    """Every text that any table of the database holds."""
    found: list[str] = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND data_type = ANY(%s)",
                [table, list(TEXTUAL)],
            )
            for (column,) in cursor.fetchall():
                cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
                found += [row[0] for row in cursor.fetchall()]
    return found


def test_the_search_would_find_one() -> None:
    assert [is_card_number(match.group()) for match in DIGITS.finditer("card 4242 4242 4242 4242.")] == [True]
    assert not is_card_number("4242424242424241")


def test_money_has_the_processors_reference_and_no_number_is_kept() -> None:
    world = a_world()
    plan = world.plan()
    world.member("Ann", plan, paid_through=date(2025, 12, 31), card=True, autopay=True)
    declined = world.member("Bob", plan, paid_through=date(2025, 12, 31), autopay=True)
    world.card(declined.party_id, "insufficient_funds")
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    runs.submit(world.desk, Selection(date(2026, 1, 1)), actor=STAFF, acknowledged=True)
    runs.collect_unsent(world.desk)

    assert Attempt.objects.count() == 2
    assert all(intent.gateway_ref for intent in PaymentIntent.objects.all())
    assert Payment.objects.get().gateway_ref
    method = PaymentMethod.objects.filter(state="active").first()
    assert method is not None
    assert (len(method.last4), method.exp_year is not None, bool(method.token)) == (4, True, True)
    seen = texts()
    assert method.token in seen, "the search reads the tables"
    assert not [
        match.group() for text in seen for match in DIGITS.finditer(text) if is_card_number(match.group())
    ]
