"""Refunds, refunds made elsewhere and reversals in the console: form, what will happen, done once, approved by another.

A-34, A-35, A-36, G-02, G-03, I-65.
"""

from datetime import date

import pytest
from django.test import Client
from tests.collecting import Collection, billed
from tests.faces.acting import at, confirmed, done, filled, hidden, kim, text
from tests.faces.test_console_members import exported, words
from tests.refunding import ask, paid, payment_of
from tests.staff import signed_in
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions.record_payment import record_payment
from paidthru.actions.request_refund import request_refund
from paidthru.adapters.sandbox.gateway import SandboxGateway
from paidthru.organizations.operations import set_policy
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.roles import MAY, ROLES
from paidthru.payments.gateway import GatewayUnknown
from paidthru.payments.models import Payment, Refund, Reversal
from paidthru.runs.sweep import sweep
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)


def place(found: Collection, name: str, act: str = "") -> str:
    return at(found.world, f"payments/{payment_of(found, name).id}/{act}")


def checked(found: Collection, name: str = "Cid", amount_minor: int = 10_000) -> Payment:
    """A member's payment by check."""
    return record_payment(
        found.world.organization,
        found.party(name),
        amount_minor=amount_minor,
        currency="USD",
        means="check",
        actor=STAFF,
        now=found.desk.clock.now(),
    )


def separated(found: Collection, above: int = 0) -> None:
    """Two persons give money back from now on."""
    for key, value in (("staff.separation", "on"), ("refund.approve_above", above)):
        set_policy(found.world.organization, key, value, actor="Pat", now=found.desk.clock.now())
    assert policies_of(found.world.organization).word("staff.separation") == "on"


# ---------------------------------------------------------------- through the processor


def test_a_part_is_refunded_after_what_it_does_was_read() -> None:
    found = paid("Ann")
    client = signed_in(found.world)
    assert "All that is left: $100.00" in text(client, place(found, "Ann", "refund/"))
    page = filled(client, place(found, "Ann", "refund/"), extent="part", amount="30", reason="A guest")
    for said in (
        "Refund $30.00?",
        "Gives $30.00 back to Test card ending in 4242",
        "Takes $30.00 out of what it paid on invoice 1.",
        "Leaves $70.00 that can be given back later.",
        "it can’t be called back",
    ):
        assert said in words(page), said
    assert not Refund.objects.exists(), "nothing is done by reading"
    said = confirmed(client, place(found, "Ann", "refund/"), page)
    assert "Refund 1 of $30.00 is on its way to the processor." in said
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.reason, refund.state) == (3_000, "A guest", "approved")
    assert "nothing was done twice" in confirmed(client, place(found, "Ann", "refund/"), page)
    assert Refund.objects.count() == 1
    runs.send_refunds(found.desk)
    record = text(client, place(found, "Ann"))
    for said in ("Refunded in part", "Given back $30.00", "Refunds", "Done", "Asked to give back $30.00"):
        assert said in record, said
    assert "$70.00 can be given back" in text(client, place(found, "Ann", "refund/"))
    found.check()


def test_an_amount_beside_all_that_is_left_is_refused_never_all_of_it() -> None:
    found = paid("Ann")
    client = signed_in(found.world)
    page = filled(client, place(found, "Ann", "refund/"), 422, extent="all", amount="10.00")
    assert "You typed 10.00 but chose all of it." in words(page)
    assert not Refund.objects.exists()
    page = filled(client, place(found, "Ann", "refund/"), extent="all", amount="100.00")
    assert "Refund $100.00?" in words(page), "both say the same"


def test_all_that_is_left_is_refunded_and_then_nothing_is_left() -> None:
    found = paid("Ann")
    client = signed_in(found.world)
    done(client, place(found, "Ann", "refund/"), extent="all")
    runs.send_refunds(found.desk)
    assert "Refunded" in text(client, place(found, "Ann"))
    for act in ("refund/", "record-refund/"):
        assert "Nothing of payment 1 is left" in text(client, place(found, "Ann", act), 409)
    html = client.get(place(found, "Ann")).content.decode()
    assert "refund/" not in html.split('id="applied"')[0].split("<main")[1], "no button that can't be used"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"extent": "part"}, "Enter how much goes back."),
        ({"extent": "part", "amount": "100.01"}, "Enter 100.00 USD or less."),
        ({"extent": "part", "amount": "0"}, "more than nothing"),
        ({"extent": "part", "amount": "-5"}, "more than nothing"),
        ({"extent": "part", "amount": "lots"}, "is not an amount"),
        ({"extent": "part", "amount": "5 EUR"}, "5 EUR"),
        ({}, "Choose whether all of it goes back, or a part."),
        ({"extent": "all", "reason": "card 4242 4242 4242 4242"}, "card number, which is never stored"),
        ({"extent": "all", "reason": "x" * 301}, "at most 300"),
    ],
)
def test_what_can_t_be_refunded_is_named_and_the_form_keeps_what_was_typed(
    fields: dict[str, str], said: str
) -> None:
    found = paid("Ann")
    html = filled(signed_in(found.world), place(found, "Ann", "refund/"), 422, **fields)
    assert said in words(html)
    if amount := fields.get("amount"):
        assert f'value="{amount}"' in html
    assert not Refund.objects.exists()


def test_what_changed_since_it_was_read_is_read_again() -> None:
    found = paid("Ann")
    client = signed_in(found.world)
    page = filled(client, place(found, "Ann", "refund/"), extent="part", amount="60")
    request_refund(
        found.world.organization,
        payment_of(found, "Ann").id,
        amount_minor=1_000,
        actor=STAFF,
        now=found.desk.clock.now(),
    )
    answer = client.post(place(found, "Ann", "refund/"), hidden(page))
    assert answer.status_code == 409
    assert "This has changed since you read it" in words(answer.content)
    assert "Leaves $30.00" in words(answer.content)
    assert Refund.objects.count() == 1


def test_a_disputed_payment_and_a_check_are_not_refunded_through_the_processor() -> None:
    found = paid("Ann", "Cid")
    client = signed_in(found.world)
    found.world.processor.dispute(payment_of(found, "Ann").gateway_ref or "")
    sweep(found.desk, since=found.desk.clock.now().replace(day=1))
    assert "In dispute $100.00" in text(client, place(found, "Ann"))
    for act in ("refund/", "record-refund/"):
        assert "the bank is deciding about its money" in text(client, place(found, "Ann", act), 409)
    check = checked(found)
    assert "record that" in text(client, at(found.world, f"payments/{check.id}/refund/"), 409)


# ---------------------------------------------------------------- two persons


def test_above_the_limit_it_waits_for_somebody_else() -> None:
    found = paid("Ann")
    separated(found, above=5_000)
    pat, other = signed_in(found.world), kim(found.world)
    page = filled(pat, place(found, "Ann", "refund/"), extent="part", amount="60")
    assert "Refunds above $50.00 need somebody else’s approval" in words(page)
    assert "waits for somebody else’s approval" in confirmed(pat, place(found, "Ann", "refund/"), page)
    refund = Refund.objects.get()
    record = at(found.world, f"refunds/{refund.id}/")
    assert "Somebody else has to approve this" in text(pat, record)
    assert "approve/" not in pat.get(record).content.decode()
    assert "asked for by you" in words(pat.post(f"{record}approve/", follow=True).content)
    assert Refund.objects.get().state == "requested"
    assert [
        row["status"] for row in exported(other, at(found.world, "refunds/?show=waiting&export=csv"))
    ] == ["Waiting for approval"]
    assert "Gives $60.00 of payment 1 back to Ann." in text(other, f"{record}approve/")
    for _ in range(2):  # a double click
        assert "is approved" in words(other.post(f"{record}approve/", follow=True).content)
    runs.send_refunds(found.desk)
    refund.refresh_from_db()
    assert (refund.state, refund.requested_by, refund.approved_by) == (
        "succeeded",
        "Pat Treasurer",
        "Kim Approver",
    )
    found.check()


def test_up_to_the_limit_nobody_else_is_needed() -> None:
    found = paid("Ann")
    separated(found, above=5_000)
    page = filled(signed_in(found.world), place(found, "Ann", "refund/"), extent="part", amount="50")
    assert "approval" not in words(page)


def test_a_refund_is_turned_down_or_withdrawn_and_nothing_is_given_back() -> None:
    found = paid("Ann", "Bob")
    separated(found)
    pat, other = signed_in(found.world), kim(found.world)
    for name in ("Ann", "Bob"):
        done(pat, place(found, name, "refund/"), extent="all")
    first, second = Refund.objects.order_by("number")
    down = at(found.world, f"refunds/{first.id}/turn-down/")
    assert "is turned down" in words(other.post(down, {"key": "k", "why": "Not agreed"}, follow=True).content)
    assert "nothing can be decided about it any more" in words(
        other.post(down, {"key": "k", "why": "Not agreed"}, follow=True).content
    )
    back = at(found.world, f"refunds/{second.id}/withdraw/")
    assert "Asked for by mistake" not in text(pat, back)
    assert "is withdrawn" in words(pat.post(back, {"key": "k"}, follow=True).content)
    assert [one.state for one in Refund.objects.order_by("number")] == ["refused", "canceled"]
    assert "Turned down giving back $100.00" in text(pat, at(found.world, f"refunds/{first.id}/"))
    assert payment_of(found, "Ann").refunded_minor == 0
    found.check()


# ---------------------------------------------------------------- elsewhere, and reversed


def test_a_refund_made_elsewhere_is_recorded_without_a_gateway() -> None:
    found = paid("Ann", "Cid")
    check = checked(found)
    client, path = signed_in(found.world, "finance"), at(found.world, f"payments/{check.id}/record-refund/")
    page = filled(client, path, amount="25", via="cash", given_on="2026-01-01", reason="Overpaid")
    assert "was given back $25.00 on Jan 1, 2026: cash. The processor is not asked." in words(page)
    assert "Takes $25.00 out of the member’s credit." in words(page)
    assert "is recorded" in confirmed(client, path, page)
    assert "nothing was done twice" in confirmed(client, path, page)
    refund = Refund.objects.get()
    assert (refund.via, refund.state, refund.amount_minor) == ("cash", "succeeded", 2_500)
    for fields, said in (
        ({"amount": "80"}, "Enter 75.00 USD or less."),
        ({"amount": "1", "given_on": "2026-01-02"}, "not in the future"),
        ({"amount": "1", "given_on": "2025-12-31"}, "after it came"),
        ({"amount": "1", "given_on": "soon"}, "That is no date."),
        ({"amount": "1", "via": "crypto"}, "crypto is not one of the available choices"),
    ):
        given = {"via": "cash", "given_on": "2026-01-01"} | fields
        assert said in words(filled(client, path, 422, **given)), said
    found.check()


def test_a_check_that_bounced_is_reversed_and_what_it_paid_is_owed_again() -> None:
    found = paid("Ann")
    found.members["Cid"] = found.world.member("Cid", found.plan, paid_through=date(2025, 12, 31))
    runs.generate(found.desk, name="More", effective_on=date(2026, 1, 1), actor=STAFF)
    check = checked(found)
    client, path = signed_in(found.world, "approver"), at(found.world, f"payments/{check.id}/reverse/")
    assert "Say why in a sentence." in words(filled(client, path, 422))
    page = filled(client, path, why="The check bounced")
    for said in (
        "Takes $100.00 of payment 2 back, with counter-entries; nothing is deleted.",
        "Invoice 2 is open again: $100.00 of it is owed once more.",
        "What is paid through goes back to before it.",
        "No money moves by it.",
    ):
        assert said in words(page), said
    assert "is reversed" in confirmed(client, path, page)
    assert "nothing was done twice" in confirmed(client, path, page)
    assert Reversal.objects.get().why == "The check bounced"
    record = text(client, at(found.world, f"payments/{check.id}/"))
    for said in (
        "Reversed",
        "Taken back $100.00",
        "The check bounced",
        "Reversed $100.00 of payment 2; invoice 2",
    ):
        assert said in record, said
    assert found.invoice("Cid").state == "sent"
    invoice = text(client, at(found.world, f"invoices/{found.invoice('Cid').id}/"))
    assert "Taken back" in invoice
    assert "Reversed by staff" in text(client, at(found.world, "reversals/"))
    found.check()


def test_what_waits_is_not_yet_given_back() -> None:
    found = paid("Ann")
    client = signed_in(found.world)
    page = filled(client, place(found, "Ann", "refund/"), extent="part", amount="30")
    confirmed(client, place(found, "Ann", "refund/"), page)
    waits = text(client, place(found, "Ann"))
    assert "Refund waits $30.00" in waits
    assert "Given back $" not in waits
    runs.send_refunds(found.desk)
    given = text(client, place(found, "Ann"))
    assert "Given back $30.00" in given
    assert "Refund waits" not in given
    ask(found, "Ann")
    runs.send_refunds(found.desk)
    payments = text(client, at(found.world, f"members/{found.party('Ann')}/")).split("Payments")[-1]
    assert "Refunded" in payments.split("Attempts to collect")[0]


def test_a_debit_whose_money_the_processor_has_is_reversed_only_on_the_bank_s_word() -> None:
    """I-65: a reversal moves no money; collecting again would take it twice."""
    found = billed("Ann")
    found.bank("Ann")
    found.collect()
    found.answer("Ann", "succeeded")
    client, path = signed_in(found.world), place(found, "Ann", "reverse/")
    page = filled(client, path, why="The bank sent it back")
    assert "The processor still has this money." in words(page)
    assert "Refund it instead" in words(page)
    assert "The bank has taken it back" in words(page)
    said = confirmed(client, path, page)
    assert "The processor still has the money of payment 1." in said
    assert not Reversal.objects.exists()
    answer = client.post(path, hidden(page) | {"acknowledge": "yes"}, follow=True)
    assert "is reversed" in words(answer.content)
    assert Reversal.objects.count() == 1


def test_a_reversal_says_that_the_processor_can_t_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object) -> None:
        raise GatewayUnknown("No answer.")

    found = billed("Ann")
    found.bank("Ann")
    found.collect()
    found.answer("Ann", "succeeded")
    monkeypatch.setattr(SandboxGateway, "fetch_intent", silent)
    client, path = signed_in(found.world), place(found, "Ann", "reverse/")
    page = filled(client, path, why="The bank sent it back")
    assert "The processor can’t be reached now" in words(page)
    confirmed(client, path, page)
    assert not Reversal.objects.exists()


def test_a_card_payment_is_refunded_not_reversed() -> None:
    found = paid("Ann")
    client = signed_in(found.world)
    assert "Refund it." in text(client, place(found, "Ann", "reverse/"), 409)
    assert "reverse/" not in client.get(place(found, "Ann")).content.decode()


# ---------------------------------------------------------------- the list, and who may


def test_refunds_are_listed_with_where_they_stand() -> None:
    empty = a_world(name="Empty")
    assert "No refunds here" in text(signed_in(empty), at(empty, "refunds/"))
    found = paid("Ann", "Bob")
    client = signed_in(found.world, "viewer")
    for name in ("Ann", "Bob"):
        request_refund(
            found.world.organization, payment_of(found, name).id, actor=STAFF, now=found.desk.clock.now()
        )
    runs.send_refunds(found.desk)
    refund = Refund.objects.get(number=1)
    found.world.processor.fail_refund(refund.gateway_ref or "", "expired_or_canceled_card")
    runs.look_at_refund(found.desk, refund.id)
    listed = text(client, at(found.world, "refunds/"))
    assert "Ann" in listed and "Bob" in listed
    failed = text(client, at(found.world, "refunds/?show=failed"))
    assert ("Ann" in failed) == (Refund.objects.get(number=1).state == "failed")
    assert "Bob" not in text(client, at(found.world, "refunds/?q=ann")).split("Apply")[1]
    assert len(exported(client, at(found.world, "refunds/?export=csv"))) == 2


def test_many_refunds_are_paged() -> None:
    found = paid("Ann", price=100_000)
    for _ in range(60):
        request_refund(
            found.world.organization,
            payment_of(found, "Ann").id,
            amount_minor=100,
            actor=STAFF,
            now=found.desk.clock.now(),
        )
    client = signed_in(found.world)
    assert 'rel="next"' in client.get(at(found.world, "refunds/")).content.decode()
    assert 'rel="next"' not in client.get(at(found.world, "refunds/?sort=number&q=nobody")).content.decode()


ACTS = {
    "payments/{payment}/refund/": "refund",
    "payments/{payment}/record-refund/": "refund",
    "payments/{check}/reverse/": "reverse",
    "refunds/": "view",
    "refunds/{refund}/": "view",
    "refunds/{refund}/approve/": "approve",
    "refunds/{refund}/turn-down/": "approve",
    "refunds/{refund}/withdraw/": "refund",
    "returns/": "view",
    "disputes/": "view",
    "reversals/": "view",
}


@pytest.mark.parametrize("path", ACTS)
def test_who_may(path: str) -> None:
    found, other = paid("Ann", "Cid"), a_world(name="Other")
    separated(found)
    check = checked(found)
    refund = request_refund(
        found.world.organization,
        payment_of(found, "Ann").id,
        actor=Actor("staff", "Kim"),
        now=found.desk.clock.now(),
    )
    tail = path.format(payment=payment_of(found, "Cid").id, check=check.id, refund=refund.id)
    tail = (
        tail.replace(str(payment_of(found, "Cid").id), str(payment_of(found, "Ann").id))
        if "/refund/" in path
        else tail
    )
    for role in ROLES:
        client = signed_in(found.world, role)
        allowed = ACTS[path] in MAY[role]
        assert (client.get(at(found.world, tail)).status_code != 403) == allowed, role
        if not allowed:
            assert client.post(at(found.world, tail)).status_code == 403, role
    assert Refund.objects.get().state == "requested"
    stranger = signed_in(other)
    for method in ("get", "post"):
        assert getattr(stranger, method)(at(found.world, tail)).status_code == 404
        if "{" in path:
            assert getattr(stranger, method)(at(other, tail)).status_code == 404
        assert getattr(Client(), method)(at(found.world, tail)).status_code == 302
    if ACTS[path] != "view":
        assert signed_in(found.world, csrf=True).post(at(found.world, tail)).status_code == 403
    assert Refund.objects.get().state == "requested"

    assert payment_of(found, "Ann").reversed_minor == 0
