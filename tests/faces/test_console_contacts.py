"""Somebody without a membership is added, and how anybody is called and reached is corrected."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client
from tests.collecting import billed
from tests.faces.acting import at, filled, hidden, text
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.together import together
from tests.world import STAFF, World, a_world

from paidthru.actions.add_party import add_party
from paidthru.actions.set_contact import Contact, contact_of, fingerprint, set_contact
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.people.models import Party
from paidthru.people.operations import PartyDraft
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

MARTHA = {
    "kind": "person", "name": "Martha Hill", "email": "martha@example.org", "phone": "555 1", "external_id": "D-1",
}  # fmt: skip


def of(world: World, party: Party) -> str:
    return at(world, f"members/{party.id}/contact/")


def ann_in(world: World) -> Party:
    return Party.objects.get(id=world.party("Ann Lee"))


def entered(client: Client, path: str, party: Party, status: int = 302, **changes: str) -> str:
    """The form of somebody's details as it stands, with changes."""
    known = contact_of(party)
    fields = {name: str(getattr(known, name)) for name in Contact.__dataclass_fields__}
    return filled(client, path, status, **(fields | changes))


def test_a_donor_who_is_no_member_is_added_once_and_gives() -> None:
    world = a_world()
    client, path = signed_in(world), at(world, "members/contact/")
    form = hidden(client.get(path).content.decode()) | MARTHA
    first, again = client.post(path, form), client.post(path, form)
    martha = Party.objects.get()
    assert first.headers["Location"] == again.headers["Location"] == at(world, f"members/{martha.id}/")
    assert (martha.email, martha.phone, martha.external_id, martha.kind) == (
        "martha@example.org", "555 1", "D-1", "person",
    )  # fmt: skip
    assert not Membership.objects.exists()
    assert "Add membership" in text(client, at(world, f"members/{martha.id}/"))
    donation = {"member": "martha hill", "amount": "50", "method": "check", "campaign": "", "honour": ""}
    assert "Martha Hill" in words(client.get(at(world, f"members/{martha.id}/")).content)
    filled(client, at(world, "donations/new/"), 302, **donation)
    assert "$50.00" in text(client, at(world, "donations/"))


def test_a_company_is_one_and_two_people_may_share_an_address() -> None:
    world = a_world()
    client, path = signed_in(world), at(world, "members/contact/")
    filled(client, path, 302, **MARTHA)
    page = filled(client, path, 422, **(MARTHA | {"name": "Moritz Hill", "external_id": ""}))
    assert "Martha Hill (number 1) has this address already." in words(page)
    filled(client, path, 302, **(MARTHA | {"name": "Moritz Hill", "external_id": "", "another": "on"}))
    filled(client, path, 302, kind="organization", name="Hill & Sons", email="", phone="", external_id="")
    firm = Party.objects.get(name="Hill & Sons")
    assert (firm.kind, firm.organization_name, firm.external_id) == ("organization", "Hill & Sons", None)
    assert Party.objects.count() == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "A name is needed."),
        ({"email": "nobody"}, "That is no e-mail address."),
        ({"external_id": "A-7"}, "Ann Lee has that id already."),
        ({"kind": "payer"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(wrong: dict[str, str], said: str) -> None:
    world = a_world()
    Party.objects.filter(id=ann_in(world).id).update(external_id="A-7")
    assert said in words(filled(signed_in(world), at(world, "members/contact/"), 422, **(MARTHA | wrong)))
    assert Party.objects.count() == 1


def test_a_name_and_an_address_are_corrected_and_the_timeline_says_from_what_to_what() -> None:
    found = billed("Ann")
    world, client, invoice = found.world, signed_in(found.world), found.invoice("Ann")
    party = Party.objects.get(id=found.party("Ann"))
    Party.objects.filter(id=party.id).update(given_name="An", family_name="N", email="old@example.org")
    party.refresh_from_db()
    path = of(world, party)
    entered(client, path, party, name="Ann Ames", email="new@example.org", address="7 Elm\nTown", country="us",
            language="fr")  # fmt: skip
    party.refresh_from_db()
    assert contact_of(party) == Contact(
        "Ann Ames", "new@example.org", party.phone, party.external_id or "", "7 Elm\nTown", "US", "fr"
    )
    assert (party.given_name, party.family_name) == ("", "")
    page = text(client, at(world, f"members/{party.id}/"))
    assert "name from Ann to Ann Ames" in page
    assert "e-mail from old@example.org to new@example.org" in page
    assert f"Invoice {invoice.number}" in text(client, at(world, f"invoices/{invoice.id}/"))
    entered(client, path, party)  # as it stands: nothing happens
    assert Event.objects.filter(verb="contact_set").count() == 1
    for wrong in ({"country": "Germany"}, {"language": "xx"}, {"address": "x" * 200}, {"name": " "}):
        entered(client, path, party, 422, **wrong)
    found.check()


def test_what_somebody_else_changed_meanwhile_is_not_undone() -> None:
    world = a_world()
    party, client = ann_in(world), signed_in(world)
    path = of(world, party)
    opened = hidden(client.get(path).content.decode())
    entered(client, path, party, email="new@example.org")
    stale = opened | {"name": party.name, "email": party.email, "phone": "555 9", "external_id": "", "address": "",
                      "country": "", "language": ""}  # fmt: skip
    answer = client.post(path, stale)
    assert answer.status_code == 422
    assert "Somebody has changed this since you opened it." in words(answer.content)
    party.refresh_from_db()
    assert (party.email, party.phone) == ("new@example.org", "")
    again = opened | {**stale, "email": "new@example.org", "phone": ""}
    assert client.post(path, again).status_code == 302, "a second click says what is so already"


def test_it_is_refused_for_who_is_not_there_and_an_unknown_language() -> None:
    world = a_world()
    party, now = ann_in(world), world.desk.clock.now()
    known = contact_of(party)
    with pytest.raises(Refused, match="can't be written"):
        set_contact(world.organization, party.id, replace(known, language="tlh"), actor=STAFF, now=now)
    with pytest.raises(Refused, match="no such person"):
        set_contact(world.organization, world.organization.id, known, actor=STAFF, now=now)
    other = fingerprint(replace(known, phone="2"))
    with pytest.raises(Refused, match="since you opened"):
        set_contact(world.organization, party.id, replace(known, phone="1"), read=other, actor=STAFF, now=now)
    assert not Event.objects.filter(verb="contact_set").exists()


def test_who_may_not_is_offered_neither() -> None:
    world = a_world()
    party, viewer = ann_in(world), signed_in(world, "viewer")
    assert "Add contact" not in text(viewer, at(world, "members/"))
    assert "Contact details" not in text(viewer, at(world, f"members/{party.id}/"))
    assert viewer.get(at(world, "members/contact/")).status_code == 403
    assert viewer.get(of(world, party)).status_code == 403
    assert signed_in(a_world(name="Other")).get(of(world, party)).status_code == 404


def test_where_there_is_no_plan_the_way_on_is_shown() -> None:
    world = a_world()
    client = signed_in(world)
    page = text(client, at(world, "members/add/"))
    assert "There is no billing product that anybody could take up yet" in page
    assert "Add a contact" in page and "Add a billing product" in page
    world.plan()
    assert "could take up yet" not in text(client, at(world, "members/add/"))


def test_of_several_at_one_instant_one_gets_a_roster_id_and_one_click_adds_one() -> None:
    world = a_world()
    organization, now = world.organization, world.desk.clock.now()

    def adds(name: str, id_: str | None, key: str) -> Callable[[], object]:
        return lambda: add_party(
            organization, PartyDraft(name, external_id=id_), actor=STAFF, now=now, key=key
        )

    bea = Party.objects.get(id=world.party("Bea"))
    takes = replace(contact_of(bea), external_id="D-1")
    came = together(
        [
            adds("Ann", "D-1", "one"),
            adds("Cleo", "D-1", "two"),
            lambda: set_contact(organization, bea.id, takes, actor=STAFF, now=now),
        ]
    )
    assert came.count("external_id_taken") == 2, came
    assert Party.objects.filter(external_id="D-1").count() == 1
    assert len(set(together([adds("Dan", None, "three")] * 3))) == 1
    assert Party.objects.filter(name="Dan").count() == 1
