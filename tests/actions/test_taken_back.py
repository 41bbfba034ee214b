"""Money that is gone again: reversed by staff, returned by the bank, disputed.

G-02, I-65, I-70; failures B-20, B-44, B-47, B-48.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import permutations

import pytest
from django.db import connection
from django.db.models import Q
from tests.collecting import Collection, billed, broken
from tests.world import STAFF

from paidthru import runs
from paidthru.actions.credit_invoice import credit_invoice
from paidthru.actions.record_payment import record_payment
from paidthru.actions.request_refund import request_refund
from paidthru.actions.reverse_payment import reverse_payment
from paidthru.actions.settle_dispute import SettledDispute, settle_dispute
from paidthru.actions.settle_refund import settle_refund
from paidthru.actions.write_off import write_off
from paidthru.invoicing.models import Invoice, Receivable
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Journal
from paidthru.membership.models import Membership, Term
from paidthru.membership.queries import label_on, members
from paidthru.organizations.queries import policies_of
from paidthru.payments.gateway import DisputeStatus, GatewayDispute, GatewayEvent
from paidthru.payments.models import Dispute, Payment, PaymentMethod, Refund, Reversal
from paidthru.payments.queries.returns import count_open_disputes, returned_payments
from paidthru.timeline.models import Event, Message
from paidthru.timeline.operations import SCHEDULE

pytestmark = pytest.mark.django_db(transaction=True)


def collected(*names: str, bank: bool = False, **about: str) -> Collection:
    """Members whose first invoice was collected, by card or as a bank debit that has cleared."""
    found = billed(*(names or ("Ann",)), **about)  # type: ignore[arg-type]
    if bank:
        for name in found.members:
            found.bank(name)
    found.collect()
    if bank:
        for name in found.members:
            found.answer(name, "succeeded")
    return found


def payment(found: Collection, name: str = "Ann") -> Payment:
    return found.payments(name)[0]


def answer_to(found: Collection, event: GatewayEvent) -> GatewayDispute:
    return found.desk.gateway.fetch_dispute(event.object_ref)


def tell(found: Collection, answer: GatewayDispute) -> SettledDispute:
    return settle_dispute(found.world.organization, answer, actor=SCHEDULE, now=found.desk.clock.now())


def returned(found: Collection, code: str = "R01", name: str = "Ann") -> GatewayDispute:
    event = found.world.processor.return_payment(payment(found, name).gateway_ref or "", code)
    return answer_to(found, event)


def disputed(found: Collection, amount_minor: int | None = None, name: str = "Ann") -> GatewayDispute:
    charge = payment(found, name).gateway_ref or ""
    return answer_to(found, found.world.processor.dispute(charge, amount_minor=amount_minor))


def decided(found: Collection, verdict: str, name: str = "Ann") -> GatewayDispute:
    levers = found.world.processor
    dispute = levers.dispute_of(payment(found, name).gateway_ref or "")
    return answer_to(found, levers.decide(dispute, verdict))  # type: ignore[arg-type]


def reverse(found: Collection, name: str = "Ann", **about: object) -> Reversal:
    return reverse_payment(
        found.world.organization,
        payment(found, name).id,
        actor=STAFF,
        now=found.desk.clock.now(),
        **about,  # type: ignore[arg-type]
    )


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    assert refusal.value.message
    assert refusal.value.fix
    return refusal.value.code


# ---------------------------------------------------------------- a return


def test_a_return_is_final_at_once_and_booked_once() -> None:
    found = collected(bank=True)
    answer = returned(found)
    first = tell(found, answer)
    assert (first.state, first.changed, first.recovery) == ("lost", True, None)
    found.move(days=2)
    again = tell(found, answer)
    assert (again.dispute_id, again.changed) == (first.dispute_id, False)
    taken = payment(found)
    assert (taken.state, taken.reversed_minor, taken.disputed_minor) == ("returned", 10_000, 0)
    assert Reversal.objects.count() == Journal.objects.filter(source_kind="reversal").count() == 1
    assert not Journal.objects.filter(source_kind="dispute").exists()
    assert found.invoice("Ann").state == "sent"
    assert found.membership("Ann").paid_through == date(2025, 12, 31)
    assert found.membership("Ann").unpaid_since == date(2026, 1, 1)
    assert "payment_returned" in found.events("Ann")
    found.check()


def test_two_deliveries_at_the_same_moment_book_it_once() -> None:
    found = collected(bank=True)
    answer = returned(found)

    def deliver(_: int) -> bool:
        try:
            return tell(found, answer).changed
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        changed = list(pool.map(deliver, range(4)))
    assert sorted(changed) == [False, False, False, True]
    assert Reversal.objects.count() == 1
    found.check()


def test_an_unauthorised_return_revokes_the_method_and_ends_autopay() -> None:
    found = collected(bank=True)
    tell(found, returned(found, "R10"))
    assert PaymentMethod.objects.get(party_id=found.party("Ann"), kind="bank").state == "revoked"
    assert not found.membership("Ann").autopay
    told = list(Event.objects.order_by("id").values_list("verb", flat=True))
    assert told[-3:] == ["paid_through_moved", "method_revoked", "autopay_off"]
    assert found.listed(found.desk.today) == {}  # nothing is collected by itself any more
    found.check()


def test_another_return_leaves_the_mandate_as_it_is() -> None:
    found = collected(bank=True)
    tell(found, returned(found, "R01"))
    assert PaymentMethod.objects.get(party_id=found.party("Ann"), kind="bank").state == "active"
    assert found.membership("Ann").autopay


def test_a_newer_method_has_an_authorization_of_its_own() -> None:
    found = collected(bank=True)
    found.new_card("Ann")
    tell(found, returned(found, "R07"))
    states = dict(PaymentMethod.objects.filter(party_id=found.party("Ann")).values_list("kind", "state"))
    assert states["bank"] == "revoked"
    assert PaymentMethod.objects.filter(party_id=found.party("Ann"), state="active", kind="card").exists()
    assert found.membership("Ann").autopay


def test_a_return_that_staff_had_reversed_before_is_not_taken_twice() -> None:
    found = collected(bank=True)
    reversal = reverse(found, why="A letter from the bank")
    settled = tell(found, returned(found, "R10"))
    assert settled.state == "lost"
    assert Reversal.objects.get().dispute_id == settled.dispute_id
    assert payment(found).state == "reversed"
    assert PaymentMethod.objects.get(party_id=found.party("Ann"), kind="bank").state == "revoked"
    assert Reversal.objects.get().id == reversal.id
    found.check()


def test_a_part_that_staff_had_reversed_counts_toward_what_the_bank_returns() -> None:
    found = collected(bank=True)
    reverse(found, amount_minor=3_000, why="A letter from the bank")
    settled = tell(found, returned(found))
    assert (settled.changed, settled.recovery) == (True, None)
    taken = payment(found)
    assert (taken.state, taken.reversed_minor) == ("returned", 10_000)
    assert [one.amount_minor for one in Reversal.objects.order_by("id")] == [3_000, 7_000]
    assert found.invoice("Ann").balance_minor == 10_000
    assert not Invoice.objects.filter(kind="recovery").exists()
    found.check()


def test_several_parts_that_staff_had_reversed_count_once_each() -> None:
    """What one return found reversed is not there for the next."""
    found = collected(bank=True)
    reverse(found, amount_minor=2_000, why="A letter")
    reverse(found, amount_minor=3_000, why="Another letter")
    whole = returned(found)
    tell(found, replace(whole, ref="du_1", amount_minor=4_000))
    assert [one.amount_minor for one in Reversal.objects.order_by("id")] == [2_000, 3_000]
    tell(found, replace(whole, ref="du_2", amount_minor=6_000))
    assert [one.amount_minor for one in Reversal.objects.order_by("id")] == [2_000, 3_000, 5_000]
    assert (payment(found).reversed_minor, found.invoice("Ann").balance_minor) == (10_000, 10_000)
    assert not Invoice.objects.filter(kind="recovery").exists()
    assert broken(found) == []  # but for what the sandbox processor knows nothing of


# ---------------------------------------------------------------- disputes


@pytest.mark.parametrize("basis", ["accrual", "cash"])
@pytest.mark.parametrize("ends", [("won",), ("lost",), ("lost", "won")])
def test_any_order_gives_the_same_end(basis: str, ends: tuple[str, ...]) -> None:
    seen = []
    for order in permutations(range(1 + len(ends))):
        found = collected(accounting__method=basis, name=f"Club {order}")
        answers = [disputed(found)]
        for verdict in ends:
            found.move(days=20)
            answers.append(decided(found, verdict))
        seen.append(_end(found, [answers[n] for n in order]))
    assert len(set(seen)) == 1


def _end(found: Collection, answers: list[GatewayDispute]) -> tuple[object, ...]:
    for answer in answers:
        tell(found, answer)
        tell(found, answer)
    found.check()
    one = payment(found)
    dispute = Dispute.objects.get(payment=one)
    invoices = Invoice.objects.filter(party_id=found.party("Ann")).order_by("number")
    return (
        one.state,
        one.disputed_minor,
        one.reversed_minor,
        one.unallocated_minor,
        dispute.state,
        dispute.amount_minor,
        found.membership("Ann").paid_through,
        tuple(invoices.values_list("state", "balance_minor")),
        tuple(sorted(found.balances().items())),
    )


def test_what_was_won_and_is_lost_in_arbitration_is_gone() -> None:
    for order in ((0, 1, 2), (0, 2, 1), (2, 1, 0)):
        found = collected(accounting__method="accrual", name=f"Club {order}")
        opened = disputed(found)
        won = replace(opened, status=DisputeStatus.WON, ended_at=opened.at + timedelta(days=20))
        lost = replace(opened, status=DisputeStatus.LOST, ended_at=opened.at + timedelta(days=50))
        for n in order:
            tell(found, (opened, won, lost)[n])
        assert (payment(found).state, payment(found).reversed_minor) == ("returned", 10_000)
        assert found.invoice("Ann").balance_minor == 10_000
        assert broken(found) == []


def test_a_dispute_about_a_part() -> None:
    found = collected(accounting__method="accrual")
    tell(found, disputed(found, 4_000))
    assert (payment(found).state, payment(found).disputed_minor) == ("disputed", 4_000)
    assert found.balances()["Disputes"] == 4_000
    assert count_open_disputes(found.world.organization.id) == 1
    tell(found, decided(found, "lost"))
    assert (payment(found).state, payment(found).reversed_minor) == ("returned", 4_000)
    assert found.invoice("Ann").balance_minor == 4_000
    found.check()
    # the rest can be disputed too
    tell(found, disputed(found))
    assert payment(found).disputed_minor == 6_000
    found.check()


def test_a_dispute_lost_for_less_than_was_held_gives_the_rest_back() -> None:
    found = collected(accounting__method="accrual")
    opened = disputed(found)
    tell(found, opened)
    lost = replace(
        opened, status=DisputeStatus.LOST, amount_minor=6_000, ended_at=opened.at + timedelta(days=30)
    )
    tell(found, lost)
    assert found.balances()["Clearing"] == 4_000
    assert found.balances()["Receivable"] == 6_000
    assert "Disputes" not in found.balances()
    # a part of it is reinstated later
    tell(found, replace(lost, amount_minor=1_000, ended_at=opened.at + timedelta(days=60)))
    assert found.balances()["Receivable"] == 1_000
    assert payment(found).reversed_minor == 1_000


def test_what_was_lost_and_is_won_pays_what_is_still_open_and_else_is_credit() -> None:
    found = collected(accounting__method="accrual")
    tell(found, disputed(found))
    found.move(days=10)
    tell(found, decided(found, "lost"))
    record_payment(
        found.world.organization,
        found.party("Ann"),
        amount_minor=7_000,
        currency="USD",
        means="check",
        actor=STAFF,
        now=found.desk.clock.now(),
    )
    found.move(days=10)
    tell(found, decided(found, "won"))
    assert found.invoice("Ann").state == "paid"
    assert payment(found).unallocated_minor == 7_000
    assert payment(found).state == "succeeded"
    assert found.membership("Ann").paid_through == date(2026, 12, 31)
    found.check()


@pytest.mark.parametrize(
    "wrong", [{"currency": "EUR"}, {"amount_minor": 0}, {"amount_minor": -5}, {"livemode": True}]
)
def test_word_about_other_money_changes_nothing(wrong: dict[str, object]) -> None:
    found = collected()
    answer = replace(disputed(found), **wrong)  # type: ignore[arg-type]
    assert refused(lambda: tell(found, answer)) == "dispute_mismatch"
    assert not Dispute.objects.exists()


def test_word_about_money_that_is_not_known_yet_is_refused_and_can_come_again() -> None:
    found = collected()
    answer = disputed(found)
    strange = replace(answer, charge_ref="ch_other", intent_ref="pi_other")
    assert refused(lambda: tell(found, strange)) == "payment_unknown"
    assert tell(found, replace(answer, charge_ref="")).changed  # the intent alone names it too


def test_an_associations_member_whose_only_payment_is_gone_is_inactive() -> None:
    """In the record as in the list of members."""
    found = collected(accounting__method="cash", bank=True)
    Term.objects.filter(source="import").delete()
    tell(found, returned(found))
    membership = found.membership("Ann")
    policies = policies_of(found.world.organization)
    assert membership.paid_through is None
    assert label_on(membership, policies, found.desk.today) == "Inactive"
    listed = members(found.world.organization.id, policies, found.desk.today, which=Q())
    assert [one.label for one in listed] == ["Inactive"]  # type: ignore[attr-defined]


# ---------------------------------------------------------------- a refund crosses


def test_a_refund_before_a_lost_dispute_is_owed_twice_and_billed() -> None:
    found = collected(accounting__method="accrual")
    request_refund(
        found.world.organization,
        payment(found).id,
        amount_minor=3_000,
        actor=STAFF,
        now=found.desk.clock.now(),
    )
    runs.send_refunds(found.desk)
    tell(found, disputed(found, 10_000))
    settled = tell(found, decided(found, "lost"))
    recovery = Invoice.objects.get(number=settled.recovery)
    assert (recovery.kind, recovery.balance_minor, recovery.state) == ("recovery", 3_000, "sent")
    original = Invoice.objects.filter(party_id=found.party("Ann")).order_by("number")[0]
    assert original.balance_minor == 7_000
    assert payment(found).reversed_minor == 10_000
    assert Event.objects.filter(verb="recovery_billed", subject_id=recovery.id).exists()
    found.check()


def test_a_refund_after_the_dispute_was_lost_goes_beyond_and_is_told() -> None:
    found = collected(accounting__method="accrual")
    event = found.world.processor.refund_elsewhere(payment(found).gateway_ref or "", 3_000)
    given = found.desk.gateway.fetch_refund(event.object_ref)  # its word is late
    tell(found, disputed(found, 10_000))
    tell(found, decided(found, "lost"))
    settle_refund(found.world.organization, given, refund_id=None, actor=SCHEDULE, now=found.desk.clock.now())
    assert Event.objects.filter(verb="refund_crossed").exists()
    assert found.balances()["Clearing"] == -3_000
    recovery = Invoice.objects.get(kind="recovery")
    assert recovery.balance_minor == 3_000
    found.check()
    # the refund comes back: the member has that part once only
    failed = found.world.processor.fail_refund(event.object_ref, "declined")
    settle_refund(
        found.world.organization,
        found.desk.gateway.fetch_refund(failed.object_ref),
        refund_id=None,
        actor=SCHEDULE,
        now=found.desk.clock.now(),
    )
    recovery.refresh_from_db()
    assert (recovery.state, recovery.balance_minor) == ("void", 0)
    assert found.balances().get("Clearing", 0) == 0
    found.check()


def test_a_refund_that_was_not_sent_is_withdrawn_when_its_money_is_returned() -> None:
    found = collected(bank=True)
    request_refund(
        found.world.organization,
        payment(found).id,
        amount_minor=10_000,
        actor=STAFF,
        now=found.desk.clock.now(),
    )
    settled = tell(found, returned(found))
    assert settled.recovery is None
    assert Refund.objects.get().state == "canceled"
    assert found.invoice("Ann").balance_minor == 10_000
    assert runs.send_refunds(found.desk) == 0
    assert (payment(found).refunded_minor, payment(found).reversed_minor) == (0, 10_000)
    found.check()


def test_a_disputed_payment_is_not_refunded() -> None:
    found = collected()
    tell(found, disputed(found, 1_000))
    organization, now, pay = found.world.organization, found.desk.clock.now(), payment(found).id
    ask = partial(request_refund, organization, pay, amount_minor=100, actor=STAFF, now=now)
    assert refused(ask) == "payment_disputed"
    assert refused(lambda: reverse(found)) == "payment_disputed"


# ---------------------------------------------------------------- reversed by staff


def a_check(found: Collection, amount_minor: int = 10_000, name: str = "Ann") -> None:
    record_payment(
        found.world.organization,
        found.party(name),
        amount_minor=amount_minor,
        currency="USD",
        means="check",
        actor=STAFF,
        now=found.desk.clock.now(),
    )


def test_a_reversal_is_a_counter_entry_and_deletes_nothing() -> None:
    found = billed("Ann", card=None, accounting__method="accrual")
    a_check(found)
    before = Journal.objects.count()
    reversal = reverse(found, why="It bounced.", key="one click")
    assert Journal.objects.count() == before + 1
    assert (reversal.kind, reversal.amount_minor, reversal.made_by, reversal.why) == (
        "reversal",
        10_000,
        "Pat Treasurer",
        "It bounced.",
    )
    assert reverse(found, why="It bounced.", key="one click").id == reversal.id
    assert refused(lambda: reverse(found, why="Another reason.", key="one click")) == "key_reused"
    assert refused(lambda: reverse(found)) == "payment_reversed"
    assert payment(found).allocations.count() == 1
    assert found.invoice("Ann").balance_minor == 10_000
    found.check()


def test_two_people_who_reverse_at_once_reverse_once() -> None:
    found = billed("Ann", card=None)
    a_check(found)

    def click(_: int) -> str:
        try:
            return reverse(found).kind
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(click, range(4))) == ["payment_reversed"] * 3 + ["reversal"]
    found.check()


def test_a_reversal_of_a_part_and_of_more_than_is_left() -> None:
    found = billed("Ann", card=None, accounting__method="accrual")
    a_check(found, 15_000)
    reverse(found, amount_minor=8_000)  # the credit of 5,000 goes first
    assert payment(found).unallocated_minor == 0
    assert found.invoice("Ann").balance_minor == 3_000
    assert refused(lambda: reverse(found, amount_minor=7_001)) == "reversal_exceeds_payment"
    assert refused(lambda: reverse(found, amount_minor=0)) == "amount_invalid"
    reverse(found)
    assert payment(found).reversed_minor == 15_000
    found.check()


def test_a_card_payment_is_refunded_instead() -> None:
    found = collected()
    assert refused(lambda: reverse(found)) == "refund_instead"


def test_what_is_due_later_makes_nobody_past_due() -> None:
    """A check typed in by mistake: nothing failed, and nothing is due yet."""
    found = billed("Ann", card=None)
    Invoice.objects.update(due_on=date(2026, 3, 1))
    Receivable.objects.update(due_on=date(2026, 3, 1))
    a_check(found)
    reverse(found)
    assert found.membership("Ann").unpaid_since is None
    assert found.membership("Ann").paid_through == date(2025, 12, 31)


def test_credit_that_was_used_is_taken_from_what_it_paid_last() -> None:
    found = billed("Ann", card=None, accounting__method="accrual")
    a_check(found, 20_000)
    found.move(days=365)
    runs.generate(found.desk, name="Renewals 2027", effective_on=date(2027, 1, 1), actor=STAFF)
    assert found.membership("Ann").paid_through == date(2027, 12, 31)
    reverse(found, amount_minor=10_000)
    assert found.membership("Ann").paid_through == date(2026, 12, 31)
    assert [one.balance_minor for one in Invoice.objects.order_by("number")] == [0, 10_000]
    reverse(found)
    assert found.membership("Ann").paid_through == date(2025, 12, 31)  # what was brought in stays
    assert Term.objects.get(source="import").paid_on is not None
    found.check()


def test_billing_that_moves_paid_through_by_itself_keeps_it() -> None:
    found = billed(
        "Ann", card=None, paid_through__on="billed", preset="recommended", billing__trigger="staff_run"
    )
    a_check(found)
    reverse(found)
    assert found.membership("Ann").paid_through == date(2026, 12, 31)
    found.check()


def test_what_was_credited_stays_credited() -> None:
    found = billed("Ann", card=None, accounting__method="accrual")
    a_check(found, 4_000)
    credit_invoice(found.world.organization, found.invoice("Ann").id, actor=STAFF, now=found.desk.clock.now())
    assert found.invoice("Ann").balance_minor == 0
    reverse(found)
    assert (found.invoice("Ann").state, found.invoice("Ann").balance_minor) == ("sent", 4_000)
    found.check()


def test_an_invoice_that_was_closed_meanwhile_is_asked_for_anew() -> None:
    found = billed("Ann", card=None, accounting__method="accrual")
    a_check(found)
    Invoice.objects.update(state="closed")
    reverse(found, amount_minor=4_000)
    old, new = Invoice.objects.order_by("number")
    assert (old.state, old.balance_minor) == ("closed", 0)
    assert (new.state, new.balance_minor, new.total_minor, new.kind) == ("sent", 4_000, 10_000, "membership")
    assert new.lines.get().receivable_id == old.lines.get().receivable_id
    reverse(found)
    assert Invoice.objects.order_by("number").last().balance_minor == 10_000  # type: ignore[union-attr]


def test_what_is_no_longer_owed_is_billed_as_money_that_the_member_has_twice() -> None:
    found = billed("Ann", card=None, accounting__method="accrual")
    a_check(found)
    Receivable.objects.update(state="canceled")
    Term.objects.update(canceled=True)
    Membership.objects.update(renewed_through=None, paid_through=None, next_bill_on=None)
    reverse(found)
    recovery = Invoice.objects.get(kind="recovery")
    assert recovery.balance_minor == 10_000
    assert found.balances()["Receivable"] == 10_000
    found.check()


def test_what_was_paid_before_the_rest_was_written_off_is_owed_again_on_the_same_invoice() -> None:
    found = billed("Ann", card=None, accounting__method="accrual")
    a_check(found, 4_000)
    invoice = Invoice.objects.get()
    write_off(found.world.organization, invoice.id, actor=STAFF, now=found.desk.clock.now())
    reverse(found)
    again = Invoice.objects.get()
    assert (again.state, again.balance_minor) == ("sent", 4_000)
    assert Receivable.objects.get().written_off_minor == 6_000
    assert found.balances()["Receivable"] == 4_000
    found.check()
    a_check(found, 4_000)
    again.refresh_from_db()
    assert (again.state, again.balance_minor) == ("uncollectible", 0), "the rest stays given up"
    found.check()


# ---------------------------------------------------------------- cases for staff


def test_staff_see_each_case_with_its_reason_and_next_step() -> None:
    found = collected("Ann", "Bob", "Cid", bank=True)
    organization = found.world.organization
    answer = returned(found, "R10", "Ann")
    tell(found, answer)
    tell(found, returned(found, "R01", "Bob"))
    reverse(found, "Cid", why="A letter")
    cases = {case.name: case for case in returned_payments(organization.id)}
    assert set(cases) == {"Ann", "Bob", "Cid"}
    ann = cases["Ann"]
    assert (ann.kind, ann.state, ann.code, ann.amount_minor, ann.owed_minor) == (
        "return",
        "lost",
        "R10",
        10_000,
        10_000,
    )
    assert ann.words == "The payer says that the debit was not authorized."
    assert ann.next_step.startswith("Don't debit this account again.")
    assert ann.invoices == ("1",)
    assert "presented again" in cases["Bob"].next_step
    assert cases["Cid"].words == "A letter"
    mails = Message.objects.filter(kind="payment_failed", key__contains=str(ann.payment_id))
    assert [mail.facts["reason"] for mail in mails] == ["The payer says that the debit was not authorized."]
    # matched by the trace of the bank's file, or by the charge
    assert [case.name for case in returned_payments(organization.id, trace=answer.ref)] == ["Ann"]
    assert [case.name for case in returned_payments(organization.id, trace=answer.charge_ref)] == ["Ann"]
    assert [case.name for case in returned_payments(organization.id, states=["reversed"])] == ["Cid"]
    assert [case.name for case in returned_payments(organization.id, name="bo")] == ["Bob"]
    assert returned_payments(organization.id, states=["open"]) == []
    assert Membership.objects.filter(unpaid_since__isnull=False).count() >= 2
