"""Invoices, payments and attempts: found (I-63), only read (I-66), linked (I-67), exported; and who may see what."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from tests.faces.test_console_members import exported, words
from tests.staff import signed_in
from tests.world import NOW, STAFF, World, a_world, party_named

from paidthru import runs
from paidthru.actions.record_payment import record_payment
from paidthru.actions.submit import Selection
from paidthru.faces.console.urls_money import urlpatterns
from paidthru.invoicing.models import Invoice
from paidthru.ledger.models import Batch
from paidthru.membership.models import Fee
from paidthru.organizations.rules.roles import MAY, ROLES
from paidthru.payments.models import Attempt, Payment
from paidthru.payments.queries import attempts_made, has_label, label_of
from paidthru.payments.rules.settlement import AttemptState, SettlementLabel
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

LAST_YEAR = date(2025, 12, 31)


def at(world: World, path: str = "") -> str:
    return f"/o/{world.organization.slug}/{path}"


def a_collection() -> World:
    """Ann's card pays, Bob's is declined, Cid paid by check and too much, Dee owes."""
    world = a_world()
    plan = world.plan()
    Fee.objects.create(
        organization=world.organization, plan=plan, name="Lake fund", amount_minor=2_500, position=1
    )
    world.member("Ann", plan, paid_through=LAST_YEAR, card=True, autopay=True)
    world.member("=Bob()", plan, paid_through=LAST_YEAR, autopay=True)
    world.card(party_named(world, "=Bob()").id, "insufficient_funds")
    world.member("Cid", plan, paid_through=LAST_YEAR)
    world.member("Dee", plan, paid_through=LAST_YEAR)
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    runs.submit(world.desk, Selection(date(2026, 1, 1)), actor=STAFF, acknowledged=True)
    runs.collect_unsent(world.desk)
    record_payment(
        world.organization,
        party_named(world, "Cid").id,
        amount_minor=20_000,
        currency="USD",
        means="check",
        actor=STAFF,
        now=world.desk.clock.now(),
    )
    return world


def page(client: Client, world: World, path: str) -> str:
    answer = client.get(at(world, path))
    assert answer.status_code == 200, words(answer.content)
    return answer.content.decode()


def rows(html: str) -> list[str]:
    body = html.split("<tbody", 1)[1] if "<tbody" in html else ""
    return [words(row) for row in re.findall(r"<tr(?: [^>]*)?>(.*?)</tr>", body, re.DOTALL)]


def paid_by(world: World, name: str) -> Payment:
    return Payment.objects.get(party=party_named(world, name))


def invoice_of(world: World, name: str) -> Invoice:
    return Invoice.objects.get(party=party_named(world, name))


# ---------------------------------------------------------------- an invoice


def test_an_invoice_says_why_each_amount_is_what_it_is() -> None:
    world = a_collection()
    html = page(signed_in(world), world, f"invoices/{invoice_of(world, 'Ann').id}/")
    text = words(html).replace("\N{THIN SPACE}", " ")
    for said in (
        "Invoice 1 Ann Paid",
        "Total $125.00 Paid $125.00 Balance $0.00",
        "Billed on Jan 1, 2026 Due on Jan 1, 2026 Billed by 2026 Batch 1, 2026",
        "Regular Jan 1 – Dec 31, 2026 Income:Dues $100.00 $0.00",
        "Lake fund Jan 1 – Dec 31, 2026 Income:Dues $25.00 $0.00",
        "Why this amount: Regular from Jan 1, 2026 to Dec 31, 2026 costs $100.00.",
        "Regular costs $100.00 for 1 year.",
        "Why this amount: Lake fund from Jan 1, 2026 to Dec 31, 2026 costs $25.00.",
        "1290 Memo billed $100.00",
        "Received $125.00 for invoice 1 as payment 1.",
        "Billed $125.00 for Regular",
    ):
        assert said in text, said
    assert f"/payments/{paid_by(world, 'Ann').id}/" in html
    assert "Record a payment" not in text, "nothing is left to pay"
    assert 'class="print-head"' in html


def test_an_open_invoice_leads_to_recording_its_payment() -> None:
    world = a_collection()
    invoice, client = invoice_of(world, "=Bob()"), signed_in(world)
    html = page(client, world, f"invoices/{invoice.id}/")
    text = words(html)
    assert "Not Settled There is not enough money in the account." in text
    assert "The processor declined $125.00 for invoice 2." in text
    link = re.search(r'href="([^"]*/pay/\?invoice=2)"', html)
    assert link
    form = client.get(link[1]).content.decode()
    assert f'<option value="{invoice.id}" selected>' in form
    assert 'value="125.00"' in form
    assert "Record a payment" not in words(page(signed_in(world, "viewer"), world, f"invoices/{invoice.id}/"))
    for odd in ("x", "999999999999999999999", "-1"):
        assert client.get(at(world, f"members/{invoice.party_id}/pay/?invoice={odd}")).status_code == 200


# ---------------------------------------------------------------- payments


def found(client: Client, world: World, query: str = "", path: str = "payments/") -> list[str]:
    return rows(page(client, world, path + query))


def test_payments_and_tries_are_one_list_with_the_invoice_that_they_are_about() -> None:
    """I-63, I-64, I-67."""
    world = a_collection()
    html = page(signed_in(world, "viewer"), world, "payments/")
    listed = rows(html)
    assert "Attempt Jan 1, 2026 =Bob() Card 2 $125.00 Rejected" in listed
    assert [row for row in listed if "=Bob()" not in row] == [
        "2 Jan 1, 2026 Cid Check 3 $200.00 Credit left",
        "1 Jan 1, 2026 Ann Card 1 $125.00 Applied",
    ]
    assert f'href="/o/maple-club/invoices/{invoice_of(world, "Cid").id}/"' in html


def test_payments_are_found_by_member_date_amount_and_status() -> None:
    world = a_collection()
    client = signed_in(world)
    for query, numbers in [
        ("?q=ann", ["1"]),
        ("?q=CID", ["2"]),
        ("?q=nobody", []),
        ("?q=bob", ["Attempt"]),
        ("?from=2026-01-01&to=2026-01-01&q=i", ["2"]),
        ("?from=2026-01-02", []),
        ("?to=2025-12-31", []),
        ("?amount=125&status=applied", ["1"]),
        ("?amount=125&status=rejected", ["Attempt"]),
        ("?amount=$200.00", ["2"]),
        ("?amount=3", []),
        ("?status=applied", ["1"]),
        ("?status=credit", ["2"]),
        ("?status=credit&q=ann", []),
        ("?status=rejected", ["Attempt"]),
        ("?status=refunded", []),
    ]:
        assert [row.split()[0] for row in found(client, world, query)] == numbers, query
    forward, backward = found(client, world, "?sort=on"), found(client, world, "?sort=-on")
    assert forward == backward[::-1]
    assert len(forward) == 3


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?from=soon", "“soon” is no date."),
        ("?to=0001-01-01", "The books hold nothing of 1."),
        ("?to=9999-12-31", "The books hold nothing of 9999."),
        ("?amount=lots", "'lots' is not an amount."),
        ("?status=nonsense", "There is no status “nonsense” here."),
    ],
)
@pytest.mark.parametrize("path", ["payments/", "payments/attempts/"])
def test_a_filter_that_is_none_is_named(path: str, query: str, said: str) -> None:
    world = a_world()
    answer = signed_in(world).get(at(world, path + query))
    assert answer.status_code == 409
    assert said in words(answer.content)


def test_a_payment_shows_what_it_paid_and_how_it_is_booked() -> None:
    world = a_collection()
    html = page(signed_in(world), world, f"payments/{paid_by(world, 'Cid').id}/")
    text = words(html).replace("\N{THIN SPACE}", " ")
    for said in (
        "Payment 2 Cid Credit left",
        "Amount $200.00 Applied $125.00 Still credit $75.00",
        "By Check Batch 3, Receipts 2026-01-01",
        "3 Primary fee Jan 1 – Dec 31, 2026 Jan 1, 2026 $100.00",
        "3 Further fee Jan 1 – Dec 31, 2026 Jan 1, 2026 $25.00",
        "1010 Undeposited $200.00",
        "2000 Credit – none $75.00",
        "Recorded payment 2: $200.00 by check; $75.00 of it is credit.",
    ):
        assert said in text, said
    card = words(page(signed_in(world), world, f"payments/{paid_by(world, 'Ann').id}/"))
    assert "By Card" in card
    assert "Method Test card ending in 4242" in card
    reference = paid_by(world, "Ann").gateway_ref
    assert reference
    assert reference in card, "every movement of money has its processor's reference (A-02)"


def test_attempts_are_listed_with_their_settlement_and_what_was_said() -> None:
    world = a_collection()
    assert found(signed_in(world, "viewer"), world, path="payments/attempts/") == [
        "Jan 1, 2026, 4:00 AM =Bob() 2 Test card 4242 $125.00 Not Settled There is not enough money in the account.",
        "Jan 1, 2026, 4:00 AM Ann 1 Test card 4242 $125.00 Settled – none",
    ]


def test_attempts_are_found_by_member_date_amount_and_status() -> None:
    world = a_collection()
    client = signed_in(world)
    for query, names in [
        ("?q=ann", ["Ann"]),
        ("?status=Settled", ["Ann"]),
        ("?status=Not Settled", ["=Bob()"]),
        ("?status=Unknown", []),
        ("?amount=125.00", ["=Bob()", "Ann"]),
        ("?amount=1", []),
        ("?from=2026-01-01&to=2026-01-01", ["=Bob()", "Ann"]),
        ("?from=2026-01-02", []),
        ("?to=2025-12-31", []),
        ("?sort=created_at", ["Ann", "=Bob()"]),
    ]:
        assert [row.split()[5] for row in found(client, world, query, "payments/attempts/")] == names, query


def test_the_day_of_an_attempt_is_the_organization_s() -> None:
    world = a_world(zone="Pacific/Auckland", now=datetime(2026, 1, 1, 12, 0, tzinfo=UTC))  # 2 January there
    world.member("Ann", world.plan(), paid_through=LAST_YEAR, card=True, autopay=True)
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    runs.submit(world.desk, Selection(date(2026, 1, 1)), actor=STAFF, acknowledged=True)
    runs.collect_unsent(world.desk)
    client = signed_in(world)
    assert len(found(client, world, "?from=2026-01-02&to=2026-01-02", "payments/attempts/")) == 1
    assert found(client, world, "?to=2026-01-01", "payments/attempts/") == []
    assert len(found(client, world, "?from=2026-01-02&to=2026-01-02")) == 1


def test_the_list_s_filter_and_the_label_agree() -> None:
    world = a_collection()
    attempt = Attempt.objects.filter(state="declined").get()
    zone, on = world.organization.zone, date(2026, 3, 15)  # the days of a change to summer time among them
    states = [state for state in AttemptState if state not in ("created", "succeeded")]
    for state in states:
        for code in ("", "insufficient_funds", "martian_code"):
            for days in (0, 4, 5, 6, 7):
                for error in ("", "Invoice 2 is void."):
                    sent = datetime(2026, 3, 15, 4, 30, tzinfo=UTC) - timedelta(days=days)
                    with (
                        connection.cursor() as cursor
                    ):  # what the database would not let happen to one attempt
                        cursor.execute("SET session_replication_role = replica")
                        Attempt.objects.filter(id=attempt.id).update(
                            state=state, decline_code=code, submitted_at=sent, apply_error=error
                        )
                        cursor.execute("SET session_replication_role = origin")
                    attempt.refresh_from_db()
                    said = label_of(attempt, zone=zone, on=on, timeout_days=5)
                    of_list = [
                        label for label in SettlementLabel
                        if attempts_made(world.organization.id).filter(
                            has_label(label, zone=zone, on=on, timeout_days=5), id=attempt.id
                        ).exists()
                    ]  # fmt: skip
                    assert of_list == [said], (state, code, days, error)


def test_money_that_came_is_settled_when_it_paid_something() -> None:
    world = a_collection()
    attempt = Attempt.objects.filter(state="succeeded").get()
    zone, on = world.organization.zone, date(2026, 1, 1)

    def labels() -> list[str]:
        return [
            label
            for label in SettlementLabel
            if attempts_made(world.organization.id)
            .filter(has_label(label, zone=zone, on=on, timeout_days=5), id=attempt.id)
            .exists()
        ]

    def said() -> str:
        fresh = attempts_made(world.organization.id).get(id=attempt.id)
        return label_of(fresh, zone=zone, on=on, timeout_days=5)

    assert labels() == [said()] == ["Settled"]
    Payment.objects.filter(attempt=attempt).update(unallocated_minor=5_000)
    assert labels() == [said()] == ["Settled"]
    Payment.objects.filter(attempt=attempt).update(unallocated_minor=12_500)
    assert labels() == [said()] == ["Not Settled"]
    Attempt.objects.filter(id=attempt.id).update(
        apply_error="Invoice 1 is void; the money is kept as credit."
    )
    assert labels() == [said()] == ["Failed to Settle"]


def test_looking_changes_nothing() -> None:
    world = a_collection()
    client = signed_in(world, "viewer")
    before = (
        Event.objects.count(),
        Payment.objects.count(),
        list(Attempt.objects.values_list("state", "looks")),
    )
    for path in ("payments/", "payments/attempts/", f"payments/{paid_by(world, 'Ann').id}/",
                 f"invoices/{invoice_of(world, 'Ann').id}/"):  # fmt: skip
        page(client, world, path)
        assert client.post(at(world, path)).status_code in (200, 405)
    after = (
        Event.objects.count(),
        Payment.objects.count(),
        list(Attempt.objects.values_list("state", "looks")),
    )
    assert after == before


def test_exports_have_every_row_and_run_no_formula() -> None:
    world = a_collection()
    client = signed_in(world, "viewer")
    payments = exported(client, at(world, "payments/?export=csv"))
    assert {
        (row["payment"], row["member"], row["invoices"], row["amount"], row["credit left"], row["status"])
        for row in payments
    } == {
        ("2", "Cid", "3", "200.00", "75.00", "Credit left"),
        ("1", "Ann", "1", "125.00", "0.00", "Applied"),
        ("", "'=Bob()", "2", "125.00", "", "Rejected"),
    }
    attempts = exported(client, at(world, "payments/attempts/?export=csv"))
    assert [(row["member"], row["settlement"], row["code"]) for row in attempts] == [
        ("'=Bob()", "Not Settled", "insufficient_funds"),
        ("Ann", "Settled", ""),
    ]
    assert len(exported(client, at(world, "payments/?export=csv&q=cid"))) == 1


def test_long_lists_are_read_page_by_page() -> None:
    world = a_world()
    party = world.party("Ann")
    for n in range(60):
        record_payment(
            world.organization,
            party,
            amount_minor=100 + n,
            currency="USD",
            means="cash",
            actor=STAFF,
            now=NOW,
            received_on=date(2025, 12, 1) + timedelta(days=n % 5),
        )
    client = signed_in(world)
    for sort in ("number", "-number", "received_on", "-received_on"):
        html = page(client, world, f"payments/?sort={sort}")
        following = re.search(r'href="([^"]*)" rel="next"', html)
        assert following
        second = page(client, world, "payments/" + following[1].replace("&amp;", "&"))
        assert len({row.split()[0] for row in rows(html) + rows(second)}) == 60


def test_empty_lists_say_how_they_fill() -> None:
    world = a_world()
    client = signed_in(world)
    assert "No payments yet" in page(client, world, "payments/")
    assert "No attempts yet" in page(client, world, "payments/attempts/")
    assert "No payment matches" in page(client, world, "payments/?q=zz")


# ---------------------------------------------------------------- who may

ACTS = {
    "members/": "view",
    "members/bulk/": "renew",
    "members/add/": "renew",
    "members/add/confirm/": "renew",
    "members/contact/": "renew",
    "members/<uuid:party_id>/": "view",
    "members/<uuid:party_id>/contact/": "record_payment",
    "members/<uuid:party_id>/join/": "renew",
    "members/<uuid:party_id>/join/confirm/": "renew",
    "members/<uuid:party_id>/pay/": "record_payment",
    "members/<uuid:party_id>/pay/confirm/": "record_payment",
    "members/<uuid:party_id>/credit/": "record_payment",
    "members/<uuid:party_id>/autopay/": "charge",
    "members/<uuid:party_id>/card/": "charge",
    "invoices/<uuid:invoice_id>/": "view",
    "payments/": "view",
    "payments/attempts/": "view",
    "payments/<uuid:payment_id>/": "view",
    "payments/<uuid:payment_id>/take-off/": "reverse",
    "batches/": "view",
    "batches/<uuid:batch_id>/": "view",
    "batches/<uuid:batch_id>/review/": "review",
    "batches/<uuid:batch_id>/post/": "post",
    "journal/": "view",
    "trial-balance/": "view",
    "unpaid/": "view",
    "checks/": "view",
    "settings/": "view",
    "settings/payments/": "connect_gateway",
    "settings/payments/connect/": "connect_gateway",
    "settings/payments/key/": "connect_gateway",
    "settings/payments/webhook/": "connect_gateway",
    "settings/payments/test/": "connect_gateway",
    "settings/payments/disconnect/": "connect_gateway",
    "settings/<str:name>/": "set_policy",
}


def addresses(world: World, objects: World | None = None, unknown: UUID | None = None) -> dict[str, str]:
    """Each route as an address of `world`, with the objects of `objects` or an id that nobody has."""
    of = objects or world
    ids = {
        "<uuid:party_id>": unknown or party_named(of, "Cid").id,
        "<uuid:invoice_id>": unknown or invoice_of(of, "Cid").id,
        "<uuid:payment_id>": unknown or paid_by(of, "Cid").id,
        "<uuid:batch_id>": unknown
        or Batch.objects.filter(organization=of.organization).order_by("number")[1].id,
        "<str:name>": "no.such.policy" if unknown or objects else "credit.apply",
    }
    found = {}
    for route in ACTS:
        path = route
        for part, id_ in ids.items():
            path = path.replace(part, str(id_))
        found[route] = at(world, path)
    return found


def test_the_matrix_knows_every_address() -> None:
    assert {str(pattern.pattern) for pattern in urlpatterns} == set(ACTS)


def test_every_role_may_what_its_acts_allow_and_nothing_else() -> None:
    world = a_collection()
    paths = addresses(world)
    for role in ROLES:
        client = signed_in(world, role)
        for route, path in paths.items():
            allowed = ACTS[route] in MAY[role]
            for answer in (client.get(path), client.post(path)):
                assert (answer.status_code != 403) == allowed, (role, route, answer.status_code)
                assert answer.status_code < 500, (role, route)
        html = page(client, world, f"members/{party_named(world, 'Cid').id}/")
        assert ("/pay/" in html) == ("record_payment" in MAY[role])
        assert ("/card/" in html) == ("charge" in MAY[role])


def test_strangers_find_nothing_and_visitors_are_asked_to_sign_in() -> None:
    world, other = a_collection(), a_world(name="Other")
    stranger = signed_in(other)
    for path in addresses(world).values():
        assert stranger.get(path).status_code == 404, path
        assert stranger.post(path).status_code == 404, path
        assert Client().get(path)["Location"].startswith("/sign-in/?next="), path
    assert Payment.objects.count() == 2


def test_another_organization_s_objects_are_not_found_by_one_s_own_staff() -> None:
    world = a_world(name="Other")
    client, of_maple = signed_in(world), a_collection()
    for unknown in (None, uuid4()):
        for route, path in addresses(world, of_maple, unknown).items():
            if "<" in route:
                assert client.get(path).status_code == 404, path
                assert client.post(path).status_code == 404, path
    party = party_named(of_maple, "Cid").id
    assert client.get(at(world, f"journal/?member={party}")).status_code == 404
    assert client.get(at(world, "journal/?batch=1")).status_code == 409
    account = of_maple.organization.id
    assert client.get(at(world, f"journal/?account={account}")).status_code == 409
    for path in ("members/", "payments/", "payments/attempts/", "batches/", "journal/", "trial-balance/"):
        assert "Cid" not in page(client, world, path)
        assert len(exported(client, at(world, f"{path}?export=csv"))) == 0


def test_no_form_works_without_its_token() -> None:
    world = a_collection()
    client = signed_in(world, csrf=True)
    for route, path in addresses(world).items():
        if ACTS[route] != "view":
            assert client.post(path).status_code == 403, path
