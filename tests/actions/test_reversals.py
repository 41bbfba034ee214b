"""Staff reverse a payment only after the processor was asked: it moves no money by itself (I-65, G-02)."""

import pytest
from tests.actions.test_collection_races import check_of
from tests.collecting import Collection, billed, meddled
from tests.world import STAFF

from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import GatewayUnknown
from paidthru.runs.reversals import processor_says, reverse

pytestmark = pytest.mark.django_db(transaction=True)


def debited() -> Collection:
    """A member who has paid by bank debit."""
    found = billed("Ann")
    found.bank("Ann")
    found.collect()
    found.answer("Ann", "succeeded")
    return found


def test_a_debit_that_the_processor_has_is_not_reversed_by_mistake_i65() -> None:
    found = debited()
    (payment,) = found.payments("Ann")
    assert processor_says(found.desk, payment) == "taken"
    with pytest.raises(Refused) as refused:
        reverse(found.desk, payment.id, acknowledged=False, actor=STAFF)
    assert refused.value.code == "processor_has_money"
    assert found.invoice("Ann").state == "paid"
    reverse(found.desk, payment.id, acknowledged=True, actor=STAFF)
    assert found.invoice("Ann").state == "sent"
    found.check()


def test_a_processor_that_cannot_say_is_no_proof() -> None:
    found = debited()
    (payment,) = found.payments("Ann")

    def silent(call: object) -> object:
        raise GatewayUnknown("no answer")

    meddled(found).fetch = silent  # type: ignore[assignment]
    with pytest.raises(Refused) as refused:
        reverse(found.desk, payment.id, acknowledged=False, actor=STAFF)
    assert refused.value.code == "processor_has_money"
    assert "can't say" in refused.value.message


def test_money_that_staff_recorded_is_reversed_at_once_g02() -> None:
    found = billed("Ann")
    payment = check_of(found, "Ann")
    reverse(found.desk, payment.id, acknowledged=False, actor=STAFF)
    assert found.invoice("Ann").state == "sent"
    found.check()
