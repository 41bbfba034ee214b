"""The database keeps what an attempt has learnt, and the gateway's id of an intent, whoever writes (C.2, C.3 4)."""

from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction
from tests.collecting import billed

from paidthru import invariants
from paidthru.payments.models import Attempt, PaymentIntent
from paidthru.payments.rules.settlement import ATTEMPT_MACHINE, RANKS

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_trigger_and_the_rule_allow_the_same_changes() -> None:
    found = billed("Ann")
    found.submit()
    id_ = found.attempt("Ann").id
    allowed = {(before, after) for (before, _), after in ATTEMPT_MACHINE.table.items()}
    wrong = []
    for before, after in product(ATTEMPT_MACHINE.states, repeat=2):
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute(
                "SET LOCAL session_replication_role = replica"
            )  # triggers are off: any state can be set
            cursor.execute("UPDATE payments_attempt SET state = %s WHERE id = %s", [before, id_])
        try:
            Attempt.objects.filter(id=id_).update(state=after)
            may = True
        except DatabaseError:
            may = False
        if may != (before == after or (before, after) in allowed):
            wrong.append((before, after, may))
    assert not wrong


def test_no_rank_is_ever_lowered_but_by_an_end() -> None:
    """What the trigger holds to: the rank of C.2, for every change that the machine knows."""
    for (before, _), after in ATTEMPT_MACHINE.table.items():
        if "needs_review" in (before, after):
            continue
        ends = before in ("requires_action", "processing") and after in ("declined", "canceled")
        assert RANKS[after] > RANKS[before] or ends or (before, after) == ("requires_action", "processing")


def test_the_gateways_id_of_an_intent_is_written_once() -> None:
    found = billed("Ann")
    found.submit()
    intent = PaymentIntent.objects.filter(party_id=found.party("Ann"))
    intent.update(gateway_ref="pi_a")
    intent.update(gateway_ref="pi_a", state="open")
    for other in ("pi_b", None):
        with pytest.raises(DatabaseError, match="never changes"):
            intent.update(gateway_ref=other)
    assert intent.get().gateway_ref == "pi_a"


@pytest.mark.parametrize(
    ("table", "trigger"),
    [
        ("payments_attempt", "attempt_keeps_its_rank"),
        ("payments_paymentintent", "gateway_ref_is_written_once"),
    ],
)
def test_a_guard_that_is_switched_off_is_found(table: str, trigger: str) -> None:
    found = billed("Ann")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        try:
            broken = invariants.check(found.world.organization.id)
        finally:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
    assert [one.subject for one in broken] == [f"trigger {trigger}"]
