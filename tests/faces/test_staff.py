"""Who works here, in the console: added with a link, changed, signed out; nobody changes their own roles (E.3)."""

import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.core.cache import caches
from django.test import Client
from tests.actions.test_collection_races import together
from tests.faces.acting import filled
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import STAFF, World, a_world

from paidthru.actions.change_roles import change_roles
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import StaffRole, User
from paidthru.organizations.operations import grant_role
from paidthru.timeline.models import Event
from paidthru.timeline.operations import Actor

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct horse battery staple"


@pytest.fixture
def world() -> World:
    caches["default"].clear()
    return a_world(now=datetime(2026, 3, 1, 15, tzinfo=UTC))


def at(world: World, path: str) -> str:
    return f"/o/{world.organization.slug}/settings/people/{path}"


def roles_of(world: World, email: str) -> set[str]:
    found = StaffRole.objects.filter(organization=world.organization, user__email=email)
    return set(found.values_list("role", flat=True))


def test_somebody_is_added_sets_a_password_and_works(world: World) -> None:
    admin = signed_in(world, "admin")
    assert "Choose at least one." in words(
        admin.post(at(world, "add/"), {"email": "kim@example.org", "name": "Kim", "key": "1"}).content
    )
    added = {"email": "Kim@Example.org", "name": "Kim Lee", "roles": ["finance", "viewer"], "key": "2"}
    assert admin.post(at(world, "add/"), added).status_code == 302
    kim = User.objects.get(email="kim@example.org")
    assert roles_of(world, kim.email) == {"finance", "viewer"} and not kim.has_usable_password()
    assert "Not yet" in words(admin.get(at(world, "")).content)
    page = words(admin.post(at(world, f"{kim.id}/link/"), follow=True).content)
    led = re.search(r"/set-password/[0-9a-f]{32}/[^/ ]+/", page)
    assert led and "/set-password/" not in words(admin.get(at(world, f"{kim.id}/")).content), (
        "it is shown once"
    )
    visitor = Client()
    assert "Choose a password" in words(visitor.get(led[0]).content)
    for one, other, status in (("12345", "12345", 422), (PASSWORD, "x", 422), (PASSWORD, PASSWORD, 302)):
        assert visitor.post(led[0], {"new_password1": one, "new_password2": other}).status_code == status
    assert visitor.get(at(world, "")).status_code == 200, "signed in at once"
    assert Client().get(led[0]).status_code == 404, "it works once"
    for wrong in (
        "/set-password/x/y/",
        f"/set-password/{kim.id.hex}/x/",
        f"/set-password/{UUID(int=0).hex}/x/",
    ):
        assert Client().get(wrong).status_code == 404
    fresh = Client()
    assert fresh.post("/sign-in/", {"username": "kim@example.org", "password": PASSWORD}).status_code == 302
    told = list(Event.objects.filter(subject_id=kim.id).order_by("id").values_list("verb", flat=True))
    assert told == ["staff_added", "password_link", "password_changed", "signed_in", "signed_in"]


def test_roles_are_changed_by_an_admin_and_the_last_one_stays(world: World) -> None:
    admin = signed_in(world, "admin", email="ada@example.org")
    signed_in(world, "viewer", email="kim@example.org")
    kim, ada = User.objects.get(email="kim@example.org"), User.objects.get(email="ada@example.org")
    filled(admin, at(world, f"{kim.id}/roles/"), 302, roles="approver")
    assert roles_of(world, kim.email) == {"approver"}
    assert "Nobody changes their own roles" in filled(
        admin, at(world, f"{ada.id}/roles/"), 422, roles="viewer"
    )
    with pytest.raises(Refused, match="only admin"):
        change_roles(world.organization, ada.id, [], actor=STAFF, now=world.desk.clock.now())
    grant_role(world.organization, kim, "admin")
    now, organization = world.desk.clock.now(), world.organization

    def leaves(one: User, by: User) -> str:
        try:
            change_roles(organization, one.id, ["viewer"], actor=Actor("staff", by.name, str(by.id)), now=now)
        except Refused as refused:
            return refused.code
        return "done"

    came = together([lambda: leaves(ada, kim), lambda: leaves(kim, ada)])
    assert sorted(map(str, came)) == ["done", "last_admin"], "each takes it from the other: one stays"
    stays = StaffRole.objects.get(organization=organization, role="admin").user
    gone = kim if stays == ada else ada
    assert change_roles(organization, gone.id, [], actor=STAFF, now=now)
    assert not roles_of(world, gone.email) and User.objects.filter(id=gone.id).exists()


def test_only_an_admin_manages_and_only_of_this_organization(world: World) -> None:
    other = a_world(name="Other")
    signed_in(other, "viewer", email="eve@example.org")
    eve = User.objects.get(email="eve@example.org")
    admin = signed_in(world, "admin")
    for path in ("", "roles/", "link/", "sign-out/"):
        assert admin.get(at(world, f"{eve.id}/{path}")).status_code == 404
        assert admin.post(at(world, f"{eve.id}/{path}")).status_code == 404
    viewer = signed_in(world, "viewer", email="kim@example.org")
    kim = User.objects.get(email="kim@example.org")
    for path in ("add/", f"{kim.id}/roles/", f"{kim.id}/link/"):
        assert viewer.get(at(world, path)).status_code == 403
    assert viewer.post(at(world, f"{kim.id}/sign-out/")).status_code == 302, "one's own"
    assert viewer.get(at(world, "")).status_code == 302, "and it is so"
    assert "Add somebody" not in words(signed_in(world, "viewer").get(at(world, "")).content)


def test_an_admin_ends_somebodys_sign_ins(world: World) -> None:
    admin = signed_in(world, "admin")
    browsers = [signed_in(world, "viewer", email="kim@example.org") for _ in range(2)]
    kim = User.objects.get(email="kim@example.org")
    assert "End all sign-ins" in words(admin.get(at(world, f"{kim.id}/")).content)
    admin.post(at(world, f"{kim.id}/sign-out/"))
    assert [one.get(at(world, "")).status_code for one in browsers] == [302, 302]
    assert admin.get(at(world, "")).status_code == 200


def test_whoever_is_added_needs_the_link_and_the_page_says_so(world: World) -> None:
    admin = signed_in(world, "admin")
    filled(admin, at(world, "add/"), 302, email="lee@example.org", name="Lee", roles="front_desk")
    lee = User.objects.get(email="lee@example.org")
    page = admin.get(at(world, f"{lee.id}/")).content.decode()
    said = words(page.encode())
    assert "Lee can’t sign in yet" in said and "until they have set a password" in said
    assert page.count(f'action="{at(world, f"{lee.id}/link/")}"') == 1
    assert "as front desk" in said and "front_desk" not in said


def test_the_way_on_for_what_was_forgotten_is_said(world: World) -> None:
    signed_in(world, "viewer")
    said = words(Client().get("/sign-in/").content)
    assert "Password forgotten? Ask an admin" in said and "paidthru staff add --password-stdin" in said
