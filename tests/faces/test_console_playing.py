"""Staff play the bank in a sandbox: returns, disputes, refunds made elsewhere, late answers; never with real money."""

import pytest
from tests.collecting import Collection, billed
from tests.faces.acting import at, text
from tests.faces.test_console_members import words
from tests.refunding import paid, payment_of
from tests.staff import signed_in

from paidthru.organizations.models import Organization
from paidthru.organizations.rules.roles import MAY, ROLES
from paidthru.payments.models import Dispute, Payment, Refund, Reversal

pytestmark = pytest.mark.django_db(transaction=True)


def of_payment(found: Collection, act: str = "") -> str:
    return at(found.world, f"payments/{payment_of(found, 'Ann').id}/{act}")


def of_attempt(found: Collection, act: str = "") -> str:
    return at(found.world, f"renewals/attempts/{found.attempt('Ann').id}/{act}")


def played(found: Collection, path: str, act: str) -> str:
    return words(signed_in(found.world, "finance").post(path, {"act": act}, follow=True).content)


@pytest.mark.parametrize("code", ["R01", "R10"])
def test_the_bank_returns_a_debit(code: str) -> None:
    found = billed("Ann")
    found.bank("Ann")
    found.collect()
    client = signed_in(found.world, "finance")
    assert "Play the bank" in text(client, of_attempt(found))
    assert "The bank has answered: succeeded." in played(found, of_attempt(found, "play/"), "succeeded")
    assert "Let the bank return it: R01" in text(client, of_payment(found))
    assert "Dispute it" not in text(client, of_payment(found))
    assert f"({code}," in played(found, of_payment(found, "play/"), f"return {code}")
    assert (payment_of(found, "Ann").state, Reversal.objects.count()) == ("returned", 1)
    assert "taken back already" in played(found, of_payment(found, "play/"), f"return {code}")
    found.check()


@pytest.mark.parametrize(("verdict", "state"), [("won", "succeeded"), ("lost", "returned")])
def test_a_card_payment_is_disputed_and_decided(verdict: str, state: str) -> None:
    found = paid("Ann")
    assert "has disputed it" in played(found, of_payment(found, "play/"), "dispute")
    assert payment_of(found, "Ann").state == "disputed"
    shown = text(signed_in(found.world, "finance"), of_payment(found))
    assert "Decide the dispute: won" in shown and "Decide the dispute: lost" in shown
    assert "Refund it at the processor" not in shown
    assert f"decided: {verdict}" in played(found, of_payment(found, "play/"), verdict)
    assert Dispute.objects.get().state == verdict
    assert payment_of(found, "Ann").state == state
    found.check()


def test_a_refund_at_the_processor_is_found() -> None:
    found = paid("Ann")
    assert "refunded in the processor’s own pages" in played(found, of_payment(found, "play/"), "refund")
    assert Refund.objects.get().amount_minor == 10_000
    assert "Refund it at the processor" not in text(signed_in(found.world, "finance"), of_payment(found))
    found.check()


@pytest.mark.parametrize(
    ("silence", "answer", "payments"),
    [("silent:ok", "failed", 0), ("silent:ok", "succeeded", 1), ("silent_but_charges:ok", "succeeded", 1)],
)
def test_a_card_never_answers_until_it_is_told_to(silence: str, answer: str, payments: int) -> None:
    found = billed("Ann")
    client = signed_in(found.world, "finance")
    assert (
        client.post(
            at(found.world, f"members/{found.party('Ann')}/card/"), {"behaviour": silence}
        ).status_code
        == 302
    )
    found.collect()
    assert found.states("Ann") == ["unknown"]
    assert "The bank has answered" in played(found, of_attempt(found, "play/"), answer)
    assert Payment.objects.count() == payments
    assert "Play the bank" not in text(client, of_attempt(found))
    found.check()


def test_money_taken_in_silence_can_t_have_failed_and_another_card_ends_the_silence() -> None:
    found = billed("Ann", "Bob")
    client, card = signed_in(found.world, "finance"), at(found.world, f"members/{found.party('Ann')}/card/")
    client.post(card, {"behaviour": "silent_but_charges:ok"})
    for behaviour in ("silent:ok", "card:ok"):
        client.post(at(found.world, f"members/{found.party('Bob')}/card/"), {"behaviour": behaviour})
    found.collect()
    assert found.states("Bob") == ["succeeded"]
    assert "it cannot have failed" in played(found, of_attempt(found, "play/"), "failed")
    assert "The first request is lost: it is sent again" in text(client, card)
    assert "nothing is charged" not in text(client, card)


def test_who_may_play_and_only_in_a_sandbox() -> None:
    found = paid("Ann")
    for role in ROLES:
        client, allowed = signed_in(found.world, role), role in [r for r in ROLES if "charge" in MAY[r]]
        for path in (of_payment(found), of_attempt(found)):
            assert (client.post(f"{path}play/", {"act": "nonsense"}).status_code != 403) == allowed, role
        assert ("Play the bank" in text(client, of_payment(found))) == allowed, role
    client = signed_in(found.world)
    assert client.get(of_payment(found, "play/")).status_code == 302
    assert not Dispute.objects.exists()
    Organization.objects.filter(id=found.world.organization.id).update(mode="live", sandbox_now=None)
    assert "Play the bank" not in text(client, of_payment(found))
    for path, act in ((of_payment(found, "play/"), "dispute"), (of_attempt(found, "play/"), "failed")):
        assert client.post(path, {"act": act}).status_code == 404
