"""Households and companies in the console: made, peopled, seated, and told from another organization's."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from tests.faces.acting import at, filled, hidden, text
from tests.faces.test_console_addresses import streamed
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.preview_run import preview, start_run
from paidthru.membership.models import BillingRun
from paidthru.membership.queries.covering import covered_people, covers_of
from paidthru.organizations.queries import policies_of
from paidthru.people.models import Belonging, Party
from paidthru.runs import advance

pytestmark = pytest.mark.django_db(transaction=True)


def done(client: Client, path: str, **fields: str) -> str:
    """Fills the form in and sends it; the words of where that leads."""
    form = hidden(client.get(path).content.decode())
    answer = client.post(path, form | fields, follow=True)
    assert answer.status_code == 200, words(answer.content)
    return words(answer.content)


@pytest.fixture
def world() -> World:
    return a_world("coworking", now=datetime(2026, 1, 10, 15, tzinfo=UTC))


def test_a_company_s_people_have_its_seats(world: World) -> None:
    plan = world.plan("Team", 100_00, interval_unit="month")
    firm = world.member("Works", plan, paid_through=date(2026, 1, 31)).party
    Party.objects.filter(id=firm.id).update(kind="organization")
    ann, ben = world.party("Ann"), world.party("Ben")
    client, page = signed_in(world), at(world, f"members/{firm.id}/")
    seats = at(world, f"plans/{plan.id}/seats/")
    assert "1 to 100000 seats" in words(filled(client, seats, 422, seats="0").encode())
    done(client, seats, seats="1")
    add = f"{page}people/add/"
    assert "nobody called" in words(filled(client, add, 422, name="Zoe", from_on="2026-01-10").encode())
    assert "Covered" in done(client, add, name="Ann", from_on="2026-01-10", role="front desk")
    full = words(filled(client, add, 422, name="Ben", from_on="2026-01-10").encode())
    assert "Works has no seat left on Team, which has 1." in full
    assert "1 of 1 used" in text(client, page)
    assert "Works, Team" in text(client, at(world, f"members/{ann}/"))
    here = at(world, "members/households/")
    assert "front desk" in text(client, here)
    lines = b"".join(streamed(client.get(f"{here}?export=csv"))).decode()
    assert "Works,Company,Ann,front desk,2026-01-10,,Team" in lines
    stay = Belonging.objects.get()
    end = f"{page}people/{stay.id}/end/"
    done(client, end, until_on="2026-01-20")
    assert "until 2026-01-20 only" in words(filled(client, end, 422, until_on="2026-01-21").encode())
    done(client, add, name="Ben", from_on="2026-01-20")
    policies = policies_of(world.organization)
    for day, person in ((date(2026, 1, 19), ann), (date(2026, 1, 20), ben)):
        assert set(covered_people(world.organization.id, policies, day)) == {(firm.id, person)}
        assert [one.membership.party_id for one in covers_of(firm.organization_id, person, policies, day)]
    assert signed_in(a_world(name="Other")).get(end).status_code in (403, 404)
    assert signed_in(world, "viewer").get(add).status_code == 403


def test_a_household_is_added_once_and_its_people_are_not_groups(world: World) -> None:
    client, new = signed_in(world), at(world, "members/households/new/")
    assert "Households" in text(client, at(world, "members/"))
    assert "Nobody belongs" in text(client, at(world, "members/households/"))
    filled(client, new, 422, name="Lee", kind="household", email="no address")
    for _ in range(2):
        done(client, new, name="Lee", kind="household", email="lee@example.org")
    lee = Party.objects.get(name="Lee")
    assert "Nobody belongs to it yet." in text(client, at(world, f"members/{lee.id}/"))
    add = at(world, f"members/{lee.id}/people/add/")
    assert "people belong to a household" in words(
        filled(client, add, 422, name="Lee", from_on="2026-01-10").encode()
    )


def test_somebody_else_pays(world: World) -> None:
    """C-25: said on a form that says what stays with whom; both records tell of it."""
    plan = world.plan("Desk", 100_00, interval_unit="month")
    ann = world.member("Ann", plan, paid_through=date(2026, 1, 31)).party
    works = Party.objects.get(id=world.party("Works"))
    client, here = signed_in(world), at(world, f"members/{ann.id}/payer/")
    assert "Paid by" in text(client, at(world, f"members/{ann.id}/"))
    assert "nobody called" in words(filled(client, here, 422, payer="Zoe").encode())
    assert "Ann is the member" in words(filled(client, here, 422, payer="Ann").encode())
    assert "Works pays for Ann from now on" in done(client, here, payer="Works", autopay="on")
    theirs = text(client, at(world, f"members/{works.id}/"))
    assert "Pays for" in theirs and "Feb 1, 2026" in theirs and "Pays for Ann, Desk, from now on." in theirs
    start_run(
        world.organization, name="Feb", effective_on=date(2026, 2, 1), actor=STAFF, now=world.desk.clock.now()
    )
    run = preview(BillingRun.objects.get().id)
    assert "paid by Works" in text(client, at(world, f"renewals/runs/{run.id}/"))
    advance(world.desk, datetime(2026, 2, 2, 20, tzinfo=UTC))
    form = text(client, here)
    assert "Invoice 1 ($100.00) stays Works’s to pay." in form
    assert "Ann pays for Ann from now on" in done(client, here, payer="", autopay="")
    assert signed_in(a_world(name="Other")).get(here).status_code in (403, 404)
    assert signed_in(world, "viewer").get(here).status_code == 403
