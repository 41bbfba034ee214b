"""What is tried again, what waits, and what staff allow: under the locks, over invoices and organizations."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from tests.collecting import Collection, billed, method_of
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions.allow_attempt import allow_attempt
from paidthru.actions.refresh_method import refresh_method
from paidthru.actions.save_method import save_method
from paidthru.actions.submit import exception_page, failed_page, pending_page
from paidthru.invoicing.models import Invoice
from paidthru.kernel.card_numbers import holds_card_number
from paidthru.kernel.errors import Refused
from paidthru.organizations.operations import set_policy
from paidthru.payments.gateway import GatewayMethod
from paidthru.payments.models import Attempt, Grant, IntentInvoice, PaymentMethod
from paidthru.payments.queries import histories
from paidthru.runs.trying import next_try_at
from paidthru.timeline.models import Event
from paidthru.wiring import processor_of

pytestmark = pytest.mark.django_db(transaction=True)


def exhausted(preset: str = "association") -> Collection:
    """Ann's one try has failed."""
    found = billed("Ann", preset=preset, collect__max_attempts="1")
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    return found


def allow(found: Collection, key: str | None = None, why: str = "") -> Grant:
    return allow_attempt(
        found.world.organization, found.invoice("Ann").id, why=why, actor=STAFF, now=found.desk.clock.now(), key=key
    )  # fmt: skip


def refusal(found: Collection, why: str = "") -> str:
    with pytest.raises(Refused) as refused:
        allow(found, why=why)
    assert refused.value.fix
    return refused.value.code


# ------------------------------------------------------------------ another attempt (I-45)


def test_a_click_allows_one_try_however_often_it_comes_i45() -> None:
    found = exhausted()
    assert found.listed() == {"Ann": "attempts_exhausted"}
    found.move(hours=1)
    grant = allow(found, key="click 1", why="She has topped up her account.")
    assert allow(found, key="click 1").id == grant.id
    assert Grant.objects.count() == 1
    event = Event.objects.get(verb="attempt_allowed")
    assert (event.actor, event.why) == (STAFF.name, "She has topped up her account.")
    assert found.listed() == {"Ann": ""}
    found.collect()
    assert found.listed() == {"Ann": "attempts_exhausted"}
    assert found.states("Ann") == ["declined", "declined"]
    found.check()


def test_what_can_be_tried_anyway_or_not_at_all_is_not_allowed_again_i45() -> None:
    found = billed("Ann")
    assert refusal(found) == "attempts_left"
    found.behave("Ann", "decline", "revocation_of_authorization")
    found.collect()
    assert refusal(found) == "authorization_revoked"
    PaymentMethod.objects.update(state="removed")
    assert refusal(found) == "no_payment_method"
    Invoice.objects.update(state="void")
    assert refusal(found) == "invoice_closed"
    assert not Grant.objects.exists()


def test_while_something_is_collecting_it_nothing_is_allowed_i45() -> None:
    found = billed("Ann", card=None)
    found.bank("Ann")
    found.collect()
    assert refusal(found) == "payment_in_progress"


def test_a_card_number_in_the_reason_is_never_stored_a02() -> None:
    found = exhausted()
    assert refusal(found, why="She says to use 4242 4242 4242 4242 now.") == "card_number_in_text"
    assert not holds_card_number("Invoice 1234567890123, paid 2026-01-05, ends in 4242")


def test_where_the_schedule_submits_an_allowed_try_goes_out_at_the_billing_hour_i45() -> None:
    found = exhausted(preset="community")
    found.advance(days=2)
    assert found.states("Ann") == ["declined"]
    found.behave("Ann", "accept")
    allow(found)
    found.advance(days=1)
    assert found.states("Ann") == ["declined", "succeeded"]


# ------------------------------------------------------------------ lists


def test_the_lists_say_why_and_what_would_help_i29_i30_i38_i44_i64() -> None:
    found = billed("Ann", "Bob", "Cid", card=None)
    organization, now = found.world.organization, found.desk.clock.now()
    for name, code in (("Ann", "stolen_card"), ("Bob", "insufficient_funds")):
        found.new_card(name)
        found.behave(name, "decline", code)
    found.collect()
    pending, more = pending_page(organization, now=now)
    assert more is None
    assert {one.name: (one.refused, one.why, one.fix) for one in pending} == {
        "Ann": (
            "declined_for_good",
            "The card is blocked.",
            "Ask the member for another card or account. Staff can allow another attempt.",
        ),
        "Cid": ("no_payment_method", "There is no payment method on file.", "Ask the member to add one."),
    }
    failed, _ = failed_page(organization, now=now)
    assert [(one.name, one.tried) for one in failed] == [("Ann", 1)]
    assert exception_page(organization, now=now) == ([], None)
    first, more = pending_page(organization, now=now, limit=1)
    rest, end = pending_page(organization, now=now, after=more, limit=1)
    assert ([one.name for one in first + rest], end) == (["Ann", "Cid"], None)


def test_an_invoice_without_a_method_is_told_once_c14() -> None:
    found = billed("Ann", preset="community", card=None)
    found.advance(days=3)
    held = Event.objects.get(verb="payment_held_back")
    assert (held.subject_id, held.why) == (found.invoice("Ann").id, "There is no payment method on file.")
    assert found.membership("Ann").unpaid_since == date(2026, 1, 1)
    assert not Attempt.objects.exists()


# ------------------------------------------------------------------ what the networks say, as it is stored


def test_a_network_that_asks_to_wait_is_waited_for() -> None:
    found = billed(
        "Ann", preset="recommended", collect__offsets="[0, 1, 1]", billing__slot="fixed_time(06:00)"
    )
    found.behave("Ann", "decline", "insufficient_funds")
    found.advance(hours=6)
    assert found.states("Ann") == ["declined"]
    Attempt.objects.update(network_advice_code="02")  # the sandbox has no network behind it
    until = found.attempt("Ann").concluded_at
    assert until is not None
    until += timedelta(hours=72)
    assert found.listed() == {"Ann": "too_soon"}
    with pytest.raises(Refused) as refused:
        runs.pay_online(found.desk, found.invoice("Ann").id, actor=STAFF)
    assert refused.value.code == "too_soon"
    assert next_try_at(found.desk) == until
    assert runs.next_work(found.desk) <= until  # type: ignore[operator]
    found.advance(hours=67)
    assert found.states("Ann") == ["declined"]
    found.advance(hours=3)
    assert found.states("Ann") == ["declined", "declined"]
    found.check()


def test_a_card_is_counted_over_all_invoices_and_organizations() -> None:
    """Eight failures in thirty days with one card at one merchant account, whoever's they are."""
    found = billed("Ann")
    other = billed("Zoe", world=a_world(name="Elm Club"), collect__max_attempts="9")
    set_policy(other.world.organization, "collect.max_attempts", 9, actor="Pat", now=other.desk.clock.now())
    shared = method_of(found, "Ann").fingerprint
    PaymentMethod.objects.filter(party_id=other.party("Zoe")).update(fingerprint=shared)
    other.behave("Zoe", "decline", "insufficient_funds")
    for _ in range(8):
        assert found.listed() == {"Ann": ""}
        other.collect()
        other.move(days=1)
        found.move(days=1)
    assert other.states("Zoe") == ["declined"] * 8
    assert found.listed() == {"Ann": "card_tried_too_often"}
    with pytest.raises(Refused) as refused:
        found.open("Ann")
    assert refused.value.code == "card_tried_too_often"
    found.move(days=30)
    assert found.listed() == {"Ann": ""}
    PaymentMethod.objects.filter(party_id=found.party("Ann")).update(gateway="another account")
    assert found.listed() == {"Ann": ""}


def test_histories_are_complete_for_the_rules() -> None:
    found = billed("Ann", card=None)
    found.bank("Ann")
    found.collect()
    found.move(days=4)
    found.answer("Ann", "failed", "R01")
    (past,) = histories([found.invoice("Ann").id])[found.invoice("Ann").id]
    method = method_of(found, "Ann")
    assert (past.kind, past.decline_code, past.amount_minor, past.authorization) == (
        "bank", "R01", 10_000, method.token,
    )  # fmt: skip
    assert (past.at, past.on) == (
        datetime(2026, 1, 5, 9, tzinfo=UTC),
        date(2026, 1, 5),
    )  # the notice, not the send
    assert past.sent_at == datetime(2026, 1, 1, 9, tzinfo=UTC)


# ------------------------------------------------------------------ a new card


def test_a_new_card_and_the_retry_of_the_old_one_make_one_attempt_p15_p16() -> None:
    """The worker, a second one and the member themselves at once: one charge."""
    found = billed("Ann", preset="coworking")
    found.behave("Ann", "decline", "insufficient_funds")
    found.advance(hours=6)
    found.move(hours=20)
    found.new_card("Ann")
    found.behave("Ann", "accept")
    start, errors = Barrier(3), list[BaseException]()

    def together(act: object) -> None:
        from django.db import connection

        try:
            start.wait()
            act()  # type: ignore[operator]
        except Refused:
            pass
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)
        finally:
            connection.close()

    acts = [
        lambda: runs.work(found.desk),
        lambda: runs.work(found.desk),
        lambda: runs.pay_online(found.desk, found.invoice("Ann").id, actor=STAFF),
    ]
    threads = [Thread(target=together, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    found.advance(days=3)
    assert found.states("Ann") == ["declined", "succeeded"]
    assert (found.charged(), len(found.payments("Ann"))) == (1, 1)
    found.check()


def test_a_card_that_its_network_renewed_has_new_tries_and_is_not_charged_on_receipt_c8() -> None:
    found = billed("Ann", preset="coworking", collect__offsets="[0]", collect__max_attempts="1")
    found.behave("Ann", "decline", "expired_card")
    found.advance(hours=6)
    before = method_of(found, "Ann")
    renewed = GatewayMethod(
        before.token, "card", before.brand, before.last4, 12, 2035, before.fingerprint, before.customer_ref
    )
    for _ in range(2):
        refresh_method(
            found.world.organization, renewed, gateway="sandbox", actor=STAFF, now=found.desk.clock.now()
        )
    found.behave("Ann", "accept")
    assert method_of(found, "Ann").exp_year == 2035
    assert PaymentMethod.objects.filter(party_id=found.party("Ann")).count() == 2
    runs.work(found.desk)
    assert found.states("Ann") == ["declined"]
    found.advance(days=1)
    assert found.states("Ann") == ["declined", "succeeded"]


def test_the_same_card_saved_anew_has_no_new_tries_i31() -> None:
    found = exhausted()
    before = method_of(found, "Ann")
    organization, party = found.world.organization, found.party("Ann")
    saved = processor_of(organization).save_method(
        str(party), "card", "ok", expires=(before.exp_year or 0, before.exp_month or 0)
    )
    again = replace(saved, fingerprint=before.fingerprint)
    save_method(organization, party, again, gateway="sandbox", actor=STAFF, now=found.desk.clock.now())
    assert found.listed() == {"Ann": "attempts_exhausted"}


def test_nothing_is_planned_beside_an_open_attempt_p18() -> None:
    found = billed("Ann", preset="coworking", card=None)
    found.bank("Ann")
    found.advance(hours=6)
    assert found.states("Ann") == ["processing"]
    assert next_try_at(found.desk) is None
    found.advance(days=20)
    assert found.states("Ann") == ["processing"]
    assert IntentInvoice.objects.filter(open=True).count() == 1
