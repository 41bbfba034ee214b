"""Members: the list (C-07, C-09), the record, and what staff do there with money; no card is ever entered (A-02)."""

import csv
import io
import itertools
import re
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.test import Client
from tests.collecting import billed
from tests.staff import signed_in
from tests.world import NOW, STAFF, World, a_world, party_named

from paidthru import runs
from paidthru.actions.record_payment import record_payment
from paidthru.actions.submit import Selection
from paidthru.invoicing.models import Invoice
from paidthru.membership.models import Fee, Membership
from paidthru.membership.queries import counts_by_label, label_on, members
from paidthru.membership.rules.status import LABELS, cutoffs
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import set_policy
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import PRESETS, parse
from paidthru.payments.models import Payment, PaymentMethod
from paidthru.people.operations import PartyDraft, add_parties
from paidthru.people.queries import found_by
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)
in_one_transaction = pytest.mark.django_db  # faster; for what calls no gateway

LAST_YEAR = date(2025, 12, 31)
LONG = "Maximiliana-Theodora " + "von Hohenlohe-Waldenburg-" * 16
SECTIONS = ("Terms", "Invoices", "Payments", "Attempts to collect", "Timeline")


def words(html: str | bytes) -> str:
    text = html if isinstance(html, str) else html.decode()
    text = re.sub(r"<[^>]+>", " ", text)
    for code, sign in (
        ("&#x27;", "'"),
        ("&quot;", '"'),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
        ("&ndash;", "–"),
        ("\u202f", " "),
    ):
        text = text.replace(code, sign)
    return " ".join(text.split())


def at(world: World, path: str = "") -> str:
    return f"/o/{world.organization.slug}/members/{path}"


def listed(client: Client, world: World, query: str = "") -> list[str]:
    """The names on the page, in order."""
    html = client.get(at(world, query)).content.decode()
    return [words(found) for found in re.findall(r'<a href="[^"]*" data-row-link>(.*?)</a>', html, re.DOTALL)]


def exported(client: Client, path: str) -> list[dict[str, str]]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def a_club(*, card: bool = False) -> World:
    world = a_world()
    regular, student = world.plan(), world.plan("Student", 4_000)
    world.member("Ann Ames", regular, paid_through=LAST_YEAR, card=card, autopay=True)
    world.member("bob burr", student, paid_through=date(2026, 12, 31))
    world.member("Zoë Zürcher", regular, paid_through=LAST_YEAR)
    world.member("山田 太郎", student, paid_through=date(2026, 12, 31))
    return world


@in_one_transaction
# ---------------------------------------------------------------- the list


def test_it_shows_plan_status_cycle_and_paid_through() -> None:
    world = a_club()
    html = signed_in(world).get(at(world)).content.decode()
    rows = [words(row) for row in re.findall(r"<tr[^>]*data-row.*?</tr>", html, re.DOTALL)]
    assert rows == [
        "Ann Ames 1 Regular Inactive Jan 1, 2025 Dec 31, 2025",
        "bob burr 2 Student Active Jan 1, 2025 Dec 31, 2026",
        "Zoë Zürcher 3 Regular Inactive Jan 1, 2025 Dec 31, 2025",
        "山田 太郎 4 Student Active Jan 1, 2025 Dec 31, 2026",
    ]
    assert "4 members" in words(html)


@in_one_transaction
def test_search_by_name_address_number_or_id() -> None:
    world = a_club()
    zoe = party_named(world, "Zoë Zürcher")
    type(zoe).objects.filter(id=zoe.id).update(email="zoe@example.org", external_id="M-00003")
    client = signed_in(world)
    table: list[tuple[str, list[str]]] = [
        ("ann", ["Ann Ames"]),
        ("BURR BOB", ["bob burr"]),
        ("zürcher", ["Zoë Zürcher"]),
        ("太郎", ["山田 太郎"]),
        ("ZOE@", ["Zoë Zürcher"]),
        ("2", ["bob burr"]),
        ("#4", ["山田 太郎"]),
        ("m-00003", ["Zoë Zürcher"]),
        ("%", []),
        ("_", []),
        ("nobody", []),
        ("99999999999999999999999", []),
        ("a\0nn", ["Ann Ames"]),
    ]
    for text, names in table:
        answer = client.get(at(world), {"q": text})
        assert answer.status_code == 200
        assert re.findall(r"data-row-link><bdi>(.*?)</bdi>", answer.content.decode()) == names, text
        assert ("No member matches" in words(answer.content)) == (not names)


def test_who_owes_who_is_on_autopay_and_who_has_no_address() -> None:
    found = billed("Ann", "Bea", "Cleo")
    world, cleo = found.world, party_named(found.world, "Cleo")
    record_payment(world.organization, cleo.id, amount_minor=found.invoice("Cleo").total_minor, currency="USD",
                   means="check", actor=STAFF, now=found.desk.clock.now())  # fmt: skip
    Membership.objects.filter(party__name="Bea").update(autopay=False)
    type(cleo).objects.exclude(name="Cleo").update(email="someone@example.org")
    type(cleo).objects.filter(name="Cleo").update(email="", external_id="M-7")
    client = signed_in(world, "finance")
    table = {
        "owing": ["Ann", "Bea"], "nothing_owed": ["Cleo"], "autopay": ["Ann", "Cleo"], "by_hand": ["Bea"],
        "no_email": ["Cleo"], "": ["Ann", "Bea", "Cleo"], "nonsense": ["Ann", "Bea", "Cleo"],
    }  # fmt: skip
    for asked, names in table.items():
        page = client.get(at(world), {"with": asked}).content.decode()
        assert re.findall(r"data-row-link><bdi>(.*?)</bdi>", page) == names, asked
        assert f"{len(names)} member" in words(page)
    assert "M-7" in words(client.get(at(world)).content)
    proposed = client.get(at(world, "bulk/"), {"act": "autopay_off", "all": "yes", "with": "owing"})
    assert "Ann" in words(proposed.content) and "Cleo" not in words(proposed.content), "what the list shows"
    assert 'name="with" value="owing"' in proposed.content.decode(), "and back to it"


def test_who_is_to_be_asked_again_owes_meanwhile() -> None:
    found = billed("Ann", "Bea", preset="coworking")  # whoever fails gets a new invoice with each further try
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    assert found.invoice("Ann").balance_minor == 0 and found.invoice("Ann").awaits_reissue
    client = signed_in(found.world, "viewer")
    assert listed(client, found.world, "?with=owing") == ["Ann"]
    assert listed(client, found.world, "?with=nothing_owed") == ["Bea"]


def test_filters_by_status_and_plan_and_the_counts_match() -> None:
    world = a_club()
    client = signed_in(world)
    html = words(client.get(at(world)).content)
    assert "All 4 Active 2 Inactive 2" in html
    assert listed(client, world, "?status=Active") == ["bob burr", "山田 太郎"]
    assert listed(client, world, "?status=Inactive") == ["Ann Ames", "Zoë Zürcher"]
    plan = Membership.objects.get(party__name="bob burr").plan_id
    page = client.get(at(world, f"?plan={plan}")).content.decode()
    assert "All 2 Active 2" in words(page)
    assert listed(client, world, f"?plan={plan}&status=Active") == ["bob burr", "山田 太郎"]
    assert listed(client, world, "?status=Nonsense") == []


@in_one_transaction
@pytest.mark.parametrize(
    ("query", "said"),
    [("?plan=x", "“x” names nothing here."), ("?plan=0", "names nothing here")],
)
def test_a_filter_that_is_none_is_named(query: str, said: str) -> None:
    world = a_club()
    answer = signed_in(world).get(at(world, query))
    assert answer.status_code == 409
    assert said in words(answer.content)


@in_one_transaction
def test_it_sorts() -> None:
    world = a_club()
    client = signed_in(world)
    for sort, names in [
        ("name", ["Ann Ames", "bob burr", "Zoë Zürcher", "山田 太郎"]),
        ("-name", ["山田 太郎", "Zoë Zürcher", "bob burr", "Ann Ames"]),
        ("-number", ["山田 太郎", "Zoë Zürcher", "bob burr", "Ann Ames"]),
        ("paid", ["Ann Ames", "Zoë Zürcher", "bob burr", "山田 太郎"]),
        ("nonsense", ["Ann Ames", "bob burr", "Zoë Zürcher", "山田 太郎"]),
    ]:
        assert listed(client, world, f"?sort={sort}") == names, sort


def links(client: Client, world: World, query: str, rel: str) -> Iterator[list[str]]:
    """The pages from `query` on, following the links of that relation."""
    while True:
        html = client.get(at(world, query)).content.decode()
        yield re.findall(r"data-row-link><bdi>(.*?)</bdi>", html)
        found = re.search(rf'href="([^"]*)" rel="{rel}"', html)
        if not found:
            return
        query = found[1].replace("&amp;", "&")


@in_one_transaction
def test_every_member_is_on_one_page_forward_and_back() -> None:
    world = a_world()
    plan = world.plan()
    for n in range(120):  # names and dates repeat, some look like numbers and dates, one has no date at all
        name = ["Ann", "5", "2026-01-01", "~tilde~", "é"][n % 5]
        world.member(name, plan, paid_through=LAST_YEAR + timedelta(days=n // 30) if n else None)
    client = signed_in(world)
    whole = sorted(row["name"] for row in exported(client, at(world, "?export=csv")))
    for sort in ("name", "-name", "number", "-number", "paid", "-paid"):
        forward = list(links(client, world, f"?sort={sort}", "next"))
        assert [len(page) for page in forward] == [50, 50, 20]
        assert sorted(itertools.chain(*forward)) == whole
        last = f"?sort={sort}"
        for _ in range(2):
            html = client.get(at(world, last)).content.decode()
            last = re.search(r'href="([^"]*)" rel="next"', html)[1].replace("&amp;", "&")  # type: ignore[index]
        assert list(links(client, world, last, "prev")) == forward[::-1]


@in_one_transaction
def test_a_place_written_by_hand_is_no_fault() -> None:
    world = a_club()
    client = signed_in(world)
    places = (
        "x",
        "sAnn~x",
        "~",
        "i5",
        f"sAnn~{UUID(int=0)}",
        f"i5~{UUID(int=0)}",
        f"d2026-01-01~{UUID(int=0)}",
        "d9~9",
        f"t2026-01-01T00:00:00~{UUID(int=0)}",
        f"i{'9' * 30}~{UUID(int=0)}",
        "s\0~",
    )
    for sort, place, way in itertools.product(("name", "number", "paid"), places, ("after", "before")):
        assert client.get(at(world), {"sort": sort, way: place}).status_code == 200, (sort, place)


@in_one_transaction
def test_one_line_for_each_person_the_current_membership_or_the_last() -> None:
    world = a_world()
    plan, other = world.plan(), world.plan("Other", 5_000)
    ended = world.member("Ann", plan, paid_through=LAST_YEAR)
    Membership.objects.filter(id=ended.id).update(state="ended")
    again = Membership.objects.create(
        organization=world.organization,
        party_id=ended.party_id,
        plan=other,
        state="active",
        anchor_on=date(2026, 1, 1),
        created_at=ended.created_at,
        paid_through=date(2026, 12, 31),
    )
    client = signed_in(world)
    assert listed(client, world) == ["Ann"]
    assert "Other" in words(client.get(at(world)).content)
    Membership.objects.filter(id=again.id).update(state="ended")
    assert listed(client, world, "?status=Canceled") == ["Ann"]


@in_one_transaction
def test_an_empty_list_leads_to_the_import() -> None:
    world = a_world()
    html = signed_in(world).get(at(world)).content.decode()
    assert "No members yet" in html
    assert "/o/maple-club/import/" in html
    assert "is-primary" in html
    viewer = signed_in(world, "viewer").get(at(world)).content.decode()
    assert "No members yet" in viewer
    assert "/o/maple-club/import/" not in viewer


@in_one_transaction
def test_the_export_keeps_formulas_from_running() -> None:
    world = a_world()
    plan = world.plan("=1+1")
    world.member('=HYPERLINK("http://evil")', plan, paid_through=LAST_YEAR)
    world.member("@Bob", plan, paid_through=LAST_YEAR)
    world.member('Zoë, "Z"\nZürcher', plan, paid_through=None)
    rows = exported(signed_in(world), at(world, "?export=csv"))
    assert [row["name"] for row in rows] == ['\'=HYPERLINK("http://evil")', "'@Bob", 'Zoë, "Z"\nZürcher']
    assert {row["plan"] for row in rows} == {"'=1+1"}
    assert rows[0]["paid through"] == "2025-12-31"
    assert rows[0]["status"] == "Inactive"
    assert rows[2]["paid through"] == ""
    assert exported(signed_in(world), at(world, "?export=csv&q=bob"))[0]["number"] == "2"


def test_hostile_and_long_names_are_shown_as_they_are() -> None:
    world = a_world()
    plan = world.plan("<script>alert(1)</script>")
    for name in ("<script>alert(2)</script>", LONG[:450], "محمد عبد الرحمن"):
        world.member(name, plan, paid_through=LAST_YEAR)
    client = signed_in(world)
    html = client.get(at(world)).content.decode()
    assert "<script>alert" not in html
    assert LONG[:450] not in html
    assert "محمد عبد الرحمن" in html
    record = client.get(at(world, f"{party_named(world, LONG[:450]).id}/"))
    assert record.status_code == 200
    assert "<script>alert" not in record.content.decode()


# ---------------------------------------------------------------- labels: the database says what the rule says


@in_one_transaction
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("past_due_at", ["first_failure", "never", "day(14)"])
@pytest.mark.parametrize("grace", [0, 1])
def test_the_list_and_the_rule_agree(preset: str, past_due_at: str, grace: int) -> None:
    world = a_world(preset, status__past_due_at=past_due_at, status__grace_months=str(grace))
    plan, on = world.plan(), date(2026, 3, 1)
    facts = itertools.product(
        ("pending", "active", "ending", "ended"),
        (None, date(2026, 2, 15), date(2026, 2, 16), date(2026, 3, 1)),
        (None, date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1)),
    )
    drafts = [(PartyDraft(name="M"), *each) for each in facts]
    add_parties(world.organization.id, [draft for draft, *_ in drafts], now=NOW)
    Membership.objects.bulk_create(
        Membership(
            organization=world.organization,
            party_id=draft.id,
            plan=plan,
            state=state,
            anchor_on=on,
            created_at=NOW,
            unpaid_since=unpaid,
            paid_through=paid,
        )
        for draft, state, unpaid, paid in drafts
    )
    policies = policies_of(world.organization)
    which = found_by("")
    by_rule: dict[str, int] = {}
    for one in members(world.organization.id, policies, on, which=which):
        said = label_on(one, policies, on)
        assert one.label == said, (one.state, one.unpaid_since, one.paid_through)  # type: ignore[attr-defined]
        assert said in LABELS[preset]
        by_rule[said] = by_rule.get(said, 0) + 1
    assert counts_by_label(world.organization.id, policies, on, which=which) == by_rule
    for label, count in by_rule.items():
        assert members(world.organization.id, policies, on, which=which, label=label).count() == count


@pytest.mark.parametrize("grace", [0, 1, 2, 12, 13])
def test_the_cut_off_is_exact_at_every_month_s_end(grace: int) -> None:
    from paidthru.kernel.periods import add_months

    for n in range(800):
        on = date(2027, 6, 1) + timedelta(days=n)  # over a leap February
        last = cutoffs(on, "never", grace).inactive_by
        assert add_months(last + timedelta(days=1), grace) <= on < add_months(last + timedelta(days=2), grace)


# ---------------------------------------------------------------- the record


def billed_club() -> World:
    world = a_club(card=True)
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    runs.submit(world.desk, Selection(date(2026, 1, 1)), actor=STAFF, acknowledged=True)
    runs.collect_unsent(world.desk)
    return world


def record(client: Client, world: World, name: str, tail: str = "") -> str:
    answer = client.get(at(world, f"{party_named(world, name).id}/{tail}"))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_record_shows_dates_money_and_what_happened() -> None:
    world = billed_club()
    text = words(record(signed_in(world), world, "Ann Ames"))
    for section in SECTIONS:
        assert section in text
    for said in (
        "Member 1 Ann Ames Active AutoPay",
        "Paid through Dec 31, 2026",
        "Next charge $100.00 by a renewal run, from Jan 1, 2027",
        "Balance owed $0.00",
        "Credit $0.00",
        "Payment method Test card ending in 4242",
        "Renewed through Dec 31, 2026",
        "Member since Jan 1, 2025",
        "Why the next amount Regular from Jan 1, 2027 to Dec 31, 2027 costs $100.00.",
        "Jan 1 – Dec 31, 2026 Regular $100.00 Jan 1, 2026 Renewal run 1",
        "Jan 1 – Dec 31, 2025 Regular – none – none Before Paidthru – none",
        "Test card 4242 $100.00 Settled",
        "Received $100.00 for invoice 1 as payment 1. Paidthru",
        "Paid through moved from Dec 31, 2025 to Dec 31, 2026.",
        "Billed $100.00 for Regular, Jan 1, 2026 to Dec 31, 2026, on invoice 1.",
        "Asked the processor for $100.00 for invoice 1, by Test card 4242.",
    ):
        assert said in text.replace("\N{THIN SPACE}", " "), said


def test_nothing_of_a_card_but_its_brand_and_last_digits() -> None:
    world = billed_club()
    client = signed_in(world)
    method = PaymentMethod.objects.get(organization=world.organization)
    for tail in ("", "pay/", "card/"):
        html = record(client, world, "Ann Ames", tail)
        assert method.token not in html
        assert method.fingerprint not in html
        named = re.findall(r'<(?:input|select|textarea)[^>]*name="([^"]+)"', html)
        assert not [name for name in named if re.search(r"card|pan|cvc|cvv|iban|account|expir", name)], named
        assert "cc-number" not in html


def test_an_overdue_invoice_stands_out() -> None:
    world = billed_club()
    runs.advance(world.desk, world.desk.clock.now() + timedelta(days=3))
    text = words(record(signed_in(world), world, "Zoë Zürcher"))
    assert "Balance owed $100.00 1 overdue" in text
    assert "Overdue $100.00 $100.00" in text
    assert "Next bill $100.00" in text


@in_one_transaction
def test_autopay_without_a_way_to_pay_is_said_before_it_fails() -> None:
    world = a_world("recommended")
    plan = world.plan()
    world.member("Ann", plan, paid_through=date(2026, 1, 31), autopay=True)
    world.member("Bob", plan, paid_through=date(2026, 1, 31), autopay=True)
    world.card(party_named(world, "Bob").id, "expired")
    client = signed_in(world)
    assert "There is no payment method on file." in words(record(client, world, "Ann"))
    assert "The payment method has expired" in words(record(client, world, "Bob"))
    assert "Next charge $100.00 on Feb 1, 2026" in words(record(client, world, "Ann"))


def test_a_person_without_a_membership_has_a_record() -> None:
    world = a_world()
    world.party("Paying Aunt")
    text = words(record(signed_in(world), world, "Paying Aunt"))
    assert "Contact 1 Paying Aunt No membership" in text
    assert "No term yet." in text


def test_long_histories_are_cut_and_can_be_seen_whole() -> None:
    world = a_world("recommended")
    world.member(
        "Ann", world.plan(interval_unit="week"), paid_through=date(2026, 1, 3), card=True, autopay=True
    )
    runs.advance(world.desk, world.desk.clock.now() + timedelta(weeks=16))
    client = signed_in(world)
    short, whole = record(client, world, "Ann"), record(client, world, "Ann", "?all=1")
    assert "All invoices" in short
    assert "Everything that happened" in short
    assert "All invoices" not in whole
    billed = Invoice.objects.filter(organization=world.organization).count()
    assert billed > 12
    assert len(re.findall(r"/invoices/[^/]+/\" data-row-link", short)) == 12
    assert len(re.findall(r"/invoices/[^/]+/\" data-row-link", whole)) == billed


# ---------------------------------------------------------------- recording a payment


def entered(client: Client, world: World, name: str, **said: str) -> tuple[int, str, dict[str, str]]:
    """Fills in the form; the status, the words, and the fields of the confirm step."""
    html = record(client, world, name, "pay/")
    key = re.search(r'name="key" value="([^"]+)"', html)
    assert key
    form = {
        "amount": "100.00",
        "means": "check",
        "received_on": "2026-01-01",
        "invoice": "",
        "key": key[1],
        **said,
    }
    answer = client.post(at(world, f"{party_named(world, name).id}/pay/"), form)
    html = answer.content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html))
    fields.pop("csrfmiddlewaretoken", None)
    return answer.status_code, words(html), fields


def confirm(client: Client, world: World, name: str, fields: dict[str, str]) -> tuple[int, str]:
    answer = client.post(at(world, f"{party_named(world, name).id}/pay/confirm/"), fields, follow=True)
    return answer.status_code, words(answer.content)


def test_the_confirm_step_says_what_is_paid_and_what_becomes_credit() -> None:
    world = billed_club()
    client = signed_in(world, "front_desk", "viewer")
    status, text, fields = entered(client, world, "Zoë Zürcher", amount="$130.00", means="cash")
    assert status == 200
    assert "Record $130.00 from Zoë Zürcher?" in text
    assert "Pays $100.00 on invoice 2: Regular, Jan 1, 2026 to Dec 31, 2026." in text
    assert "Keeps $30.00 as the member’s credit." in text
    assert Payment.objects.filter(means="cash").count() == 0, "nothing is written yet"

    status, text = confirm(client, world, "Zoë Zürcher", fields)

    assert status == 200
    assert "Payment 2 is recorded." in text
    payment = Payment.objects.get(means="cash")
    assert (payment.amount_minor, payment.unallocated_minor) == (13_000, 3_000)
    assert Invoice.objects.get(party=payment.party).state == "paid"
    event = Event.objects.get(verb="payment_recorded")
    assert (event.actor_kind, event.actor) == ("staff", "Pat Treasurer")


def test_somebody_else_pays_and_gets_the_receipt_c25() -> None:
    world = billed_club()
    client = signed_in(world)
    zoe, bob = party_named(world, "Zoë Zürcher"), party_named(world, "bob burr")
    type(bob).objects.filter(id=bob.id).update(email="bob@example.org")
    status, text, _ = entered(client, world, "Zoë Zürcher", payer="nobody")
    assert (status, "There is nobody called “nobody”." in text) == (422, True)
    status, text, fields = entered(client, world, "Zoë Zürcher", payer="BOB@example.org")
    assert status == 200
    assert "Record $100.00 from bob burr for Zoë Zürcher?" in text
    assert "Mails the receipt to bob burr, bob@example.org. The membership stays Zoë Zürcher’s." in text

    status, text = confirm(client, world, "Zoë Zürcher", fields)

    assert "Paid by bob burr" in text
    assert "by check from bob burr" in text
    payment = Payment.objects.get(means="check")
    assert payment.party_id == zoe.id
    assert Message.objects.get(kind="receipt", facts__payment=str(payment.number)).party_id == bob.id
    _, text, fields = entered(client, world, "Zoë Zürcher", amount="5", payer=f"#{zoe.number}")
    assert ("Mails the receipt" in text, fields["payer"]) == (False, ""), "whose it is pays it themselves"


def test_pressed_twice_it_is_one_payment() -> None:
    world = billed_club()
    client = signed_in(world)
    _, _, fields = entered(client, world, "Zoë Zürcher")
    confirm(client, world, "Zoë Zürcher", fields)
    status, text = confirm(client, world, "Zoë Zürcher", fields)
    assert status == 200
    assert "was recorded already; nothing was added" in text
    assert Payment.objects.filter(means="check").count() == 1
    invoice = str(Invoice.objects.get(party=party_named(world, "Zoë Zürcher")).id)
    _, _, fields = entered(client, world, "Ann Ames", amount="5")
    assert "credit" in confirm(client, world, "Ann Ames", fields)[1]
    assert confirm(client, world, "Ann Ames", {**fields, "amount": "6"})[0] == 409, (
        "the same key, another amount"
    )
    assert confirm(client, world, "Ann Ames", {**fields, "invoice": invoice})[0] == 422


def test_twice_also_for_one_invoice_that_the_first_click_paid() -> None:
    world = billed_club()
    client = signed_in(world)
    invoice = str(Invoice.objects.get(party=party_named(world, "Zoë Zürcher")).id)
    _, _, fields = entered(client, world, "Zoë Zürcher", invoice=invoice)
    assert "is recorded." in confirm(client, world, "Zoë Zürcher", fields)[1]
    assert "was recorded already" in confirm(client, world, "Zoë Zürcher", fields)[1]


def test_what_is_owed_has_changed_since_it_was_read() -> None:
    world = billed_club()
    client = signed_in(world)
    _, _, fields = entered(client, world, "Zoë Zürcher")
    zoe = party_named(world, "Zoë Zürcher")
    record_payment(
        world.organization, zoe.id, amount_minor=4_000, currency="USD", means="cash", actor=STAFF,
        now=world.desk.clock.now(),
    )  # fmt: skip
    status, text = confirm(client, world, "Zoë Zürcher", fields)
    assert status == 409
    assert "has changed since you read this" in text
    assert "Keeps $40.00 as the member’s credit." in text
    assert Payment.objects.filter(means="check").count() == 0


def test_what_can_t_be_recorded_is_named_at_its_field() -> None:
    world = billed_club()
    client = signed_in(world)
    before = Payment.objects.count()
    table: list[tuple[dict[str, str], str]] = [
        ({"amount": ""}, "Enter the amount that came in."),
        ({"amount": "0"}, "more than nothing"),
        ({"amount": "-5"}, "more than nothing"),
        ({"amount": "1,2,3"}, "Amount : "),
        ({"amount": "a lot"}, "Amount : "),
        ({"amount": "0.001"}, "Amount : "),
        ({"amount": "9" * 30}, "Amount : "),
        ({"means": "bitcoin"}, "bitcoin is not one of the available choices"),
        ({"means": "card"}, "card is not one of the available choices"),
        ({"received_on": "2026-01-02"}, "can't be received in the future"),
        ({"received_on": "1990-01-01"}, "more than ten years ago"),
        ({"received_on": "2026-02-30"}, "That is no date."),
        ({"invoice": "x"}, "x is not one of the available choices"),
        ({"key": ""}, ""),
    ]
    for said, problem in table:
        status, text, fields = entered(client, world, "Zoë Zürcher", **said)
        assert status == 422, said
        assert problem in text, said
        assert confirm(client, world, "Zoë Zürcher", {**fields, "amount": "1", **said})[0] == 422, said
    assert Payment.objects.count() == before


def test_another_member_s_invoice_can_t_be_chosen() -> None:
    world = billed_club()
    client = signed_in(world)
    anns = str(Invoice.objects.get(party=party_named(world, "Ann Ames")).id)
    status, text, _ = entered(client, world, "Zoë Zürcher", invoice=anns)
    assert status == 422
    assert "not one of the available choices" in text


def test_currencies_without_and_with_three_decimals() -> None:
    for currency, price, amount, shown in (
        ("JPY", 5_000, "¥6,000", "¥6,000"),
        ("KWD", 12_500, "12.500", "KWD 12.500"),
    ):
        world = a_world(currency=currency, name=f"Club {currency}")
        world.member("Ann", world.plan(amount_minor=price), paid_through=LAST_YEAR)
        runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
        client = signed_in(world)
        _, text, fields = entered(client, world, "Ann", amount=amount)
        assert f"Record {shown} from Ann?" in text.replace("\N{NO-BREAK SPACE}", " ")
        assert confirm(client, world, "Ann", fields)[0] == 200


# ---------------------------------------------------------------- autopay and test cards


def give(client: Client, world: World, name: str, behaviour: str, **said: str) -> tuple[int, str]:
    answer = client.post(
        at(world, f"{party_named(world, name).id}/card/"), {"behaviour": behaviour, **said}, follow=True
    )
    return answer.status_code, words(answer.content)


@pytest.mark.parametrize(
    ("behaviour", "settlement"),
    [
        ("card:ok", "Settled"),
        ("card:insufficient_funds", "Not Settled"),
        ("card:stolen_card", "Not Settled"),
        ("card:authenticate", "In Progress"),
        ("card:timeout_charged", "In Progress"),
        ("bank:auto", "In Progress"),
    ],
)
def test_a_newcomer_tries_collection_with_a_test_card(behaviour: str, settlement: str) -> None:
    world = a_world()
    world.member("Ann", world.plan(), paid_through=LAST_YEAR)
    client = signed_in(world)
    status, text = give(client, world, "Ann", behaviour, autopay="on")
    assert status == 200
    assert "Enrolled in autopay." in text
    runs.generate(world.desk, name="2026", effective_on=date(2026, 1, 1), actor=STAFF)
    runs.submit(world.desk, Selection(date(2026, 1, 1)), actor=STAFF, acknowledged=True)
    runs.collect_unsent(world.desk)
    assert f" {settlement} " in words(record(client, world, "Ann"))


def test_a_new_card_takes_the_place_of_the_old_one() -> None:
    world = a_club(card=True)
    client = signed_in(world)
    assert "Take off AutoPay" in give(client, world, "Ann Ames", "card:expired")[1]
    assert [method.state for method in PaymentMethod.objects.order_by("id")] == ["replaced", "active"]
    status, text = give(client, world, "Ann Ames", "card:4242424242424242")
    assert status == 422
    assert "not one of the available choices" in text


@in_one_transaction
def test_where_money_is_real_there_are_no_test_cards() -> None:
    world = a_club(card=True)
    Organization.objects.filter(id=world.organization.id).update(mode="live", sandbox_now=None)
    world.organization.refresh_from_db()
    client = signed_in(world)
    assert "Give a test card" not in record(client, world, "Ann Ames")
    assert client.get(at(world, f"{party_named(world, 'Ann Ames').id}/card/")).status_code == 404
    assert give(client, world, "Ann Ames", "card:ok")[0] == 404
    assert PaymentMethod.objects.count() == 1


@in_one_transaction
def test_autopay_is_switched_by_post_and_noted_once() -> None:
    world = a_club()
    client = signed_in(world)
    here = at(world, f"{party_named(world, 'Zoë Zürcher').id}/autopay/")
    client.get(here)
    assert not Membership.objects.get(party__name="Zoë Zürcher").autopay
    for _ in range(2):
        client.post(here, {"on": "yes"})
    assert Membership.objects.get(party__name="Zoë Zürcher").autopay
    assert Event.objects.filter(verb="autopay_on").count() == 1
    client.post(here, {"on": "no"})
    assert not Membership.objects.get(party__name="Zoë Zürcher").autopay
    Membership.objects.filter(party__name="Zoë Zürcher").update(state="ended")
    client.post(here, {"on": "yes"})  # for what else they owe (X21)
    assert party_named(world, "Zoë Zürcher").autopay
    assert not Membership.objects.get(party__name="Zoë Zürcher").autopay


def test_a_member_with_a_prorated_and_a_voluntary_fee_says_why() -> None:
    world = a_world()
    plan = world.plan()
    Fee.objects.create(
        organization=world.organization,
        plan=plan,
        name="Lake fund",
        amount_minor=2_500,
        position=1,
        voluntary=True,
    )
    world.member("Ann", plan, paid_through=LAST_YEAR)
    set_policy(
        world.organization,
        "term.interval_months",
        parse("term.interval_months", "6"),
        actor="Pat",
        now=world.desk.clock.now(),
    )
    text = words(record(signed_in(world), world, "Ann"))
    assert "Next bill $62.50" in text
    assert "voluntary contribution" in text
