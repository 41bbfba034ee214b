"""Documents that follow each other for what is owed once: closed, made anew, carried over, written off."""

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from django.db import transaction
from tests.actions.test_collection_races import together
from tests.collecting import Collection, billed
from tests.world import STAFF, a_world

from paidthru import invariants, runs
from paidthru.actions.charge import open_attempts
from paidthru.actions.record_payment import record_payment
from paidthru.actions.settle import settle
from paidthru.actions.write_off import write_off
from paidthru.invoicing.models import Invoice, Receivable
from paidthru.invoicing.operations import live_documents, write_off_receivables
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Journal
from paidthru.ledger.operations import open_batch
from paidthru.organizations.operations import set_policy
from paidthru.payments.gateway import GatewayIntent, IntentStatus
from paidthru.payments.models import Attempt, Payment, PaymentIntent
from paidthru.runs.charges import give_up
from paidthru.timeline.operations import SCHEDULE, again_on_conflict

pytestmark = pytest.mark.django_db(transaction=True)


def closed(*names: str, **policies: str) -> Collection:
    """Members of whom the first try failed, where each try has its own invoice."""
    policies["invoice__on_failed_attempt"] = "close_and_reissue"
    found = billed(*names, world=a_world("recommended", **policies))  # type: ignore[arg-type]
    for name in names:
        found.behave(name, "decline", "insufficient_funds")
    found.collect()
    return found


def documents(found: Collection, name: str = "Ann") -> list[tuple[str, str, bool]]:
    rows = Invoice.objects.filter(party_id=found.party(name)).order_by("number")
    return [(one.state, one.closed_because, one.awaits_reissue) for one in rows]


def test_a_failed_payment_closes_its_invoice_and_moves_no_books_p06_a2_16() -> None:
    found = closed("Ann")
    before, journals = found.balances(), Journal.objects.count()
    assert documents(found) == [("closed", "attempt failed", True)]
    first = found.invoice("Ann")
    assert (first.balance_minor, first.first_id) == (0, None)
    again = {first.id: live_documents(found.world.organization.id, [first.id], on=found.desk.today,
                                      now=found.desk.clock.now())[first.id]}  # fmt: skip
    second = found.invoice("Ann")
    assert again[first.id] == second.id and second.first_id == first.id
    assert (second.number, second.total_minor, second.balance_minor) == (2, 10_000, 10_000)
    assert (second.due_on, second.batch_id) == (first.due_on, first.batch_id)
    assert (found.balances(), Journal.objects.count()) == (before, journals)
    assert Receivable.objects.get().balance_minor == 10_000
    found.check()


def test_workers_who_reissue_at_once_make_one_document_and_one_attempt_p16() -> None:
    found = closed("Ann", "Bob")
    for name in ("Ann", "Bob"):
        found.behave(name, "silent")
    organization, now = found.world.organization, found.desk.clock.now() + timedelta(days=2)
    ids = [found.invoice(name).id for name in ("Ann", "Bob")]

    def tries(order: list[UUID]) -> object:
        return again_on_conflict(
            partial(open_attempts, organization, order, max_attempts=9, initiator="retry", actor=SCHEDULE, now=now)
        )  # fmt: skip

    pays = partial(again_on_conflict, partial(
        open_attempts, organization, ids[:1], max_attempts=9, initiator="member", actor=STAFF, now=now,
        off_session=False,
    ))  # fmt: skip
    together(
        [*[partial(tries, ids) for _ in range(3)], *[partial(tries, ids[::-1]) for _ in range(3)], pays, pays]
    )
    for name in ("Ann", "Bob"):
        assert [state for state, _, _ in documents(found, name)] == ["closed", "sent"]
        assert found.states(name) == ["declined", "created"]
    assert PaymentIntent.objects.filter(state="open").count() == 2
    found.check()


def test_a_yes_after_the_no_pays_the_document_that_stands_now_x26() -> None:
    """What was declined may succeed all the same, late: the money is for what is owed, whichever document asks."""
    found = closed("Ann")
    first, intent = found.attempt("Ann"), PaymentIntent.objects.get()
    yes = GatewayIntent(
        ref=intent.gateway_ref or "", status=IntentStatus.SUCCEEDED, amount_minor=10_000, received_minor=10_000,
        currency="USD", livemode=intent.livemode, customer_ref=intent.customer_ref, charge_ref="ch_late",
        taken_at=found.desk.clock.now(), created_at=found.desk.clock.now(), metadata={"intent": str(intent.id)},
    )  # fmt: skip
    settle(found.world.organization, first.id, yes, actor=SCHEDULE, now=found.desk.clock.now())
    assert [state for state, _, _ in documents(found)] == ["closed", "paid"]
    payment = Payment.objects.get()
    assert (payment.unallocated_minor, payment.allocations.get().invoice_id) == (0, found.invoice("Ann").id)
    assert Attempt.objects.get(id=first.id).apply_error == ""
    broken = {one.invariant for one in invariants.check(found.world.organization.id)}
    assert broken == {"sandbox_books"}, "the sandbox's processor knows no such charge, and all else holds"


def test_tries_and_grants_count_over_all_documents_i44() -> None:
    found = closed("Ann", collect__max_attempts="2", collect__offsets="[0, 1]")
    found.advance(days=2)
    assert found.states("Ann") == ["declined", "declined"]
    assert found.listed() == {"Ann": "attempts_exhausted"}
    first = Invoice.objects.earliest("number")
    with pytest.raises(Refused) as refused:
        runs.pay_online(found.desk, first.id, actor=STAFF)
    assert refused.value.code == "attempts_exhausted"
    assert [state for state, _, _ in documents(found)] == ["closed", "closed"], "no document without a try"
    found.check()


def test_a_plan_may_have_its_own_way_x4() -> None:
    found = billed("Ann", preset="recommended")
    organization, plan = found.world.organization, found.plan
    set_policy(
        organization, "invoice.on_failed_attempt", "close_and_reissue", actor="Pat", now=found.desk.clock.now(),
        scope="plan", scope_id=plan.id,
    )  # fmt: skip
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    assert documents(found) == [("closed", "attempt failed", True)]


@pytest.mark.parametrize("method", ["cash", "accrual"])
def test_written_off_and_paid_after_all(method: str) -> None:
    """D.4: earned is bad debt, unearned leaves Deferred; a recovery is the other way round, then a payment."""
    found = billed("Ann", preset="recommended", card=None, accounting__method=method, accounting__defer="all")
    organization, invoice = found.world.organization, found.invoice("Ann")
    found.advance(days=32)
    give_up(found.desk, invoice.id, reason="Moved away", actor=STAFF)
    assert documents(found) == [("uncollectible", "", False)]
    lost = found.balances().get("Bad debt", 0)
    assert lost == (0 if method == "cash" else 834)
    assert not found.balances().get("Receivable") and not found.balances().get("Deferred")
    assert not found.balances().get("Memo billed")
    found.check()
    paid = partial(
        record_payment, organization, found.party("Ann"), currency="USD", means="check", actor=STAFF,
        now=found.desk.clock.now(), invoice_ids=[invoice.id],
    )  # fmt: skip
    paid(amount_minor=4_000)
    assert documents(found) == [("uncollectible", "", False)]
    assert Receivable.objects.get().written_off_minor == 6_000
    assert found.membership("Ann").paid_through != found.membership("Ann").renewed_through
    paid(amount_minor=7_000)
    assert documents(found) == [("paid", "", False)]
    assert Payment.objects.latest("number").unallocated_minor == 1_000
    assert found.membership("Ann").paid_through == found.membership("Ann").renewed_through
    found.check()


def test_many_are_written_off_at_once_and_a_closed_one_stays_closed() -> None:
    found = closed("Ann", "Bob")
    organization, now = found.world.organization, found.desk.clock.now()
    owed = list(Receivable.objects.values_list("id", flat=True))
    with transaction.atomic():
        told = write_off_receivables(
            organization.id, owed, on=found.desk.today, why="Gone", now=now,
            batch=lambda: open_batch(organization.id, "adjustments", found.desk.today, now=now).id,
        )  # fmt: skip
    assert [one.verb for one in told] == ["written_off", "written_off"]
    assert documents(found) == documents(found, "Bob") == [("closed", "attempt failed", False)]
    assert found.listed() == {}
    with pytest.raises(Refused) as refused:
        write_off(organization, found.invoice("Ann").id, actor=STAFF, now=now)
    assert refused.value.code == "invoice_closed"
    record_payment(
        organization, found.party("Ann"), amount_minor=10_000, currency="USD", means="check", actor=STAFF, now=now,
        invoice_ids=[found.invoice("Ann").id],
    )  # fmt: skip
    assert [state for state, _, _ in documents(found)] == ["closed", "paid"], "a new document for what came"
    found.check()
