"""An act for many invoices: read one by one, bound to that, done once to each, by the roles that may do it to one."""

from html import unescape

import pytest
from django.test import Client
from tests.collecting import Collection, billed
from tests.faces.acting import at, posted_many, press_many, read_many
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import NOW, STAFF, a_world

from paidthru.actions.send_invoice import send_invoice
from paidthru.actions.write_invoice import Payer, write_invoice
from paidthru.faces.console import bulk_invoices
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.rules.writing import WrittenLine
from paidthru.kernel.errors import Refused
from paidthru.notices.models import RefusedAddress
from paidthru.people.models import Party
from paidthru.runs.charges import void
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "invoices/bulk/"


@pytest.fixture
def found() -> Collection:
    return billed("Ann", "Bob", "Cleo")


def ids(found: Collection, *names: str) -> list[str]:
    return [str(found.invoice(name).id) for name in names]


def states(found: Collection) -> dict[str, str]:
    return {name: found.invoice(name).state for name in found.members}


def read(client: Client, found: Collection, **asked: str | list[str]) -> str:
    return read_many(client, found.world, PATH, **asked)


def said_of(page: str) -> str:
    return unescape(words(page.encode()))


def press(client: Client, found: Collection, page: str, **typed: str) -> tuple[int, str]:
    return press_many(client, found.world, PATH, posted_many(page) | typed)


def with_addresses(found: Collection, *names: str) -> None:
    for name in names:
        Party.objects.filter(id=found.party(name)).update(email=f"{name.lower()}@maple.example")


def mailed(found: Collection) -> list[str]:
    told = Event.objects.filter(organization=found.world.organization, verb="invoice_sent")
    return sorted(one.facts["email"] for one in told)


def a_draft(found: Collection, name: str, amount_minor: int, currency: str = "USD") -> Invoice:
    line = WrittenLine("Hall", 1, amount_minor, "")
    return write_invoice(
        found.world.organization, Payer(found.party(name)), [line], currency=currency, as_draft=True,
        actor=STAFF, now=NOW,
    )  # fmt: skip


def test_some_are_voided_with_a_reason(found: Collection) -> None:
    client = signed_in(found.world, "finance")
    listed = client.get(at(found.world, "invoices/")).content.decode()
    assert all(f'value="{id_}"' in listed for id_ in ids(found, "Ann", "Bob", "Cleo"))
    page = read(client, found, act="void", pick=ids(found, "Ann", "Bob"))
    said = said_of(page)
    assert f"Invoice {found.invoice('Ann').label}, due Jan 1, 2026" in said and "Cleo" not in said
    assert "Taken back: $200.00." in said and "should never have been" in said
    assert set(states(found).values()) == {"sent"}, "nothing is done by reading"
    status, told = press(client, found, page, why="Billed twice by mistake")
    assert status == 200 and "2 invoices: void." in told
    assert states(found) == {"Ann": "void", "Bob": "void", "Cleo": "sent"}
    events = Event.objects.filter(organization=found.world.organization, verb="invoice_voided")
    assert set(events.values_list("actor", "why")) == {("Pat Treasurer", "Billed twice by mistake")}
    assert "done already" in press(client, found, page, why="Billed twice by mistake")[1]
    assert events.count() == 2
    found.check()


@pytest.mark.parametrize(
    ("why", "said"), [("", "Say why"), ("card 4242 4242 4242 4242", "which is never stored")]
)
def test_without_a_reason_nothing_is_done(found: Collection, why: str, said: str) -> None:
    client = signed_in(found.world, "finance")
    page = read(client, found, act="write_off", pick=ids(found, "Ann", "Bob"))
    status, told = press(client, found, page, why=why)
    assert status == 422 and said in told and set(states(found).values()) == {"sent"}


def test_after_a_slip_the_same_page_can_be_confirmed(found: Collection) -> None:
    client = signed_in(found.world, "finance")
    page = read(client, found, act="write_off", pick=ids(found, "Ann"))
    again = client.post(at(found.world, PATH), posted_many(page) | {"why": ""}).content.decode()
    assert press(client, found, again, why="Moved away")[0] == 200
    assert states(found)["Ann"] == "uncollectible"


def test_what_is_written_off_is_added_up_by_currency(found: Collection) -> None:
    euros = a_draft(found, "Ann", 2_500, "EUR")
    client = signed_in(found.world, "finance")
    press(client, found, read(client, found, act="issue", pick=[str(euros.id)]))
    page = read(client, found, act="write_off", all="yes", show="open")
    said = said_of(page)
    assert "Written off: " in said and "$300.00" in said and "€25.00" in said
    assert press(client, found, page, why="Long gone")[0] == 200
    assert set(Invoice.objects.values_list("state", "balance_minor")) == {("uncollectible", 0)}
    found.check()


def test_what_it_leaves_is_said_and_left(found: Collection) -> None:
    client = signed_in(found.world, "finance")
    press(client, found, read(client, found, act="void", pick=ids(found, "Ann")), why="Wrong")
    found.open("Bob")
    a_draft(found, "Cleo", 500)
    said = said_of(page := read(client, found, act="write_off", all="yes"))
    assert "It asks for nothing any more: it is void." in said
    assert "A payment of it is under way" in said and "It is a draft: nobody owes it yet." in said
    assert "Write off: 1 invoice" in said and "Nothing changes for 3 that would be left out." in said
    press(client, found, page, why="Gone")
    assert Invoice.objects.filter(state="uncollectible").count() == 1
    assert Invoice.objects.get(id=ids(found, "Bob")[0]).state == "sent"


def test_what_changed_since_it_was_read_is_not_done(found: Collection) -> None:
    client = signed_in(found.world, "finance")
    page = read(client, found, act="void", all="yes", show="open")
    press(client, found, read(client, found, act="void", pick=ids(found, "Bob")), why="Alone")
    status, told = press(client, found, page, why="All of them")
    assert status == 409 and "something has changed since you read this" in told
    assert "All of them" in told, "what was typed is kept"
    assert states(found) == {"Ann": "sent", "Bob": "void", "Cleo": "sent"}


def test_bills_are_mailed_again_to_those_who_can_be_mailed(found: Collection) -> None:
    with_addresses(found, "Ann", "Bob")
    RefusedAddress.objects.create(
        organization=found.world.organization, email="bob@maple.example", why="no such user", at=NOW
    )
    client = signed_in(found.world, "front_desk")
    said = said_of(page := read(client, found, act="mail", all="yes", show="open"))
    assert "Mailed to ann@maple.example." in said and "There is no e-mail address." in said
    assert "The mail server refused bob@maple.example" in said and "Mail to the payer: 1 invoice" in said
    before = Message.objects.count()
    assert "1 invoice: mailed." in press(client, found, page)[1]
    assert "done already" in press(client, found, page)[1]
    assert mailed(found) == ["ann@maple.example"] and Message.objects.count() == before + 1
    said = said_of(read(client, found, act="mail", pick=ids(found, "Ann")))
    assert "It was mailed before, on Jan 1, 2026" in said


def test_what_was_cut_off_is_offered_without_those_who_were_mailed(
    found: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_addresses(found, "Ann", "Bob", "Cleo")
    client = signed_in(found.world, "front_desk")
    client.raise_request_exception = False
    page, calls = read(client, found, act="mail", all="yes"), list[int]()

    def cut_off(*args: object, **more: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("the process ends here")
        send_invoice(*args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(bulk_invoices, "send_invoice", cut_off)
        assert press(client, found, page)[0] == 500
    answer = client.post(at(found.world, PATH), posted_many(page))
    assert answer.status_code == 409 and "Mail to the payer: 2 invoices" in unescape(words(answer.content))
    assert press(client, found, answer.content.decode())[0] == 200
    assert mailed(found) == [f"{name}@maple.example" for name in ("ann", "bob", "cleo")]


def test_one_that_is_refused_stops_no_other(found: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    client, bob = signed_in(found.world, "finance"), found.invoice("Bob").id

    def refuses_bob(desk: object, id_: object, **more: object) -> None:
        if id_ == bob:
            raise Refused("invoice_paid", "It was paid meanwhile.")
        void(desk, id_, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(bulk_invoices, "void", refuses_bob)
    said = press(client, found, read(client, found, act="void", all="yes"), why="Wrong")[1]
    assert "2 invoices: void." in said and "Bob: It was paid meanwhile." in said
    assert states(found) == {"Ann": "void", "Bob": "sent", "Cleo": "void"}


def test_drafts_are_sent_together(found: Collection) -> None:
    with_addresses(found, "Ann")
    drafts = [a_draft(found, "Ann", 4_000), a_draft(found, "Bob", 1_000)]
    client = signed_in(found.world, "finance")
    said = said_of(page := read(client, found, act="issue", all="yes", show="drafts"))
    assert "Owed from today: $50.00." in said and "It is mailed to ann@maple.example" in said
    status, told = press(client, found, page)
    assert status == 200 and "2 invoices: sent." in told
    issued = Invoice.objects.filter(id__in=[one.id for one in drafts])
    assert sorted(issued.values_list("state", "number")) == [("sent", 4), ("sent", 5)]
    said = said_of(read(client, found, act="issue", pick=[str(drafts[0].id)]))
    assert "It is no draft any more." in said and "Send the draft: " not in said
    found.check()


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        ("viewer", set()),
        ("auditor", set()),
        ("admin", set()),
        ("front_desk", {"mail"}),
        ("finance", {"mail", "issue", "void", "write_off"}),
        ("approver", {"mail", "issue", "void", "write_off"}),
    ],
)
def test_who_may_do_it_to_one_may_do_it_to_many(found: Collection, role: str, acts: set[str]) -> None:
    client, picks = signed_in(found.world, role), ids(found, "Ann")
    listed = client.get(at(found.world, "invoices/")).content.decode()
    assert ('name="pick"' in listed) == bool(acts)
    for act in bulk_invoices.INVOICES.acts:
        assert (f'<option value="{act}"' in listed) == (act in acts), act
        for answer in (
            client.get(at(found.world, PATH), {"act": act, "pick": picks}),
            client.post(at(found.world, PATH), {"act": act, "pick": picks, "digest": "x", "key": act}),
        ):
            assert (answer.status_code != 403) == (act in acts), (act, answer.status_code)
    assert states(found)["Ann"] == "sent"


def test_another_organization_s_invoices_are_not_chosen(found: Collection) -> None:
    other = billed("Zoe", world=a_world(name="Others"))
    client, picks = signed_in(other.world, "finance", email="eve@others.example"), ids(found, "Ann")
    assert client.get(at(found.world, PATH), {"act": "void", "pick": picks}).status_code == 404
    answer = client.get(at(other.world, PATH), {"act": "void", "pick": picks}, follow=True)
    assert "No invoice is chosen" in words(answer.content)
    page = read(client, other, act="void", pick=ids(other, "Zoe"))
    fields = posted_many(page) | {"pick": [*ids(other, "Zoe"), *picks], "why": "Mine and yours"}
    press_many(client, other.world, PATH, fields)
    assert states(found)["Ann"] == "sent"
