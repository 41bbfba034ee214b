"""Whoever's way of signing in changes is mailed of it at once (ASVS 6.3.7): what, when, by whom, and what to do."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from tests.actions.test_outbox import Postman
from tests.faces.test_cli import run
from tests.faces.test_console_members import words
from tests.faces.test_second_factor import (  # noqa: F401 - the fixtures hold the codes' time
    EMAIL,
    NOW,
    PASSWORD,
    _minutes,
    at,
    enters,
    kim,
    sets_up,
    world,
)
from tests.staff import signed_in
from tests.world import STAFF, World

from paidthru.actions.drop_second_factor import drop_passkey, drop_second_factor
from paidthru.actions.fork import fork
from paidthru.actions.keep_passkey import keep_passkey
from paidthru.kernel.errors import Refused
from paidthru.notices.rules.catalogue import Mail
from paidthru.organizations.models import Passkey, User
from paidthru.organizations.operations import create_organization, grant_role
from paidthru.organizations.vault import MadePasskey
from paidthru.runs.mail import send_mail
from paidthru.timeline.models import Event, Message
from paidthru.wiring import places_of

pytestmark = pytest.mark.django_db(transaction=True)


def mails(world: World) -> list[Mail]:  # noqa: F811
    """What leaves now."""
    postman = Postman()
    send_mail(replace(world.desk, mailer=postman))
    return postman.sent


class Device:
    """Has made a key."""

    def made(self, kept: object, answer: str) -> MadePasskey:
        return MadePasskey(answer.encode(), b"public", 0)


def adds(user: User, name: str) -> None:
    keep_passkey(user, name, Device(), {}, name, actor=STAFF, now=NOW, places=places_of(user))  # type: ignore[arg-type]


def test_each_change_of_ones_own_is_mailed_without_any_secret(world: World) -> None:  # noqa: F811
    kim(world)
    client = Client()
    enters(client)
    assert mails(world) == [], "signing in changes nothing"
    page = words(client.get(at(world, "app/")).content)
    secret = re.search(r"Secret ((?:[a-z2-7]{4}-){7}[a-z2-7]{4})", page)
    codes = sets_up(client, world)
    (first,) = mails(world)
    assert first.to == EMAIL and first.subject == "Your sign-in at Maple Club has changed"
    assert "Dear Kim Lee,\n\nan app that makes codes was set up for your sign-in." in first.text
    assert "When: Mar 1, 2026, 10:00\u202fAM (America/New_York)" in first.text
    assert "tell an admin of Maple Club at once" in first.text and "This was done by" not in first.text
    visitor = Client()
    enters(visitor)
    visitor.post("/sign-in/second/", {"code": codes[0]})
    client.post(at(world, "recovery/"), {"proof": PASSWORD})
    client.post(at(world, "app/remove/"), {"proof": PASSWORD})
    used, renewed, removed = mails(world)
    assert "one of your recovery codes was used; 9 are left." in used.text
    assert "new recovery codes were made" in renewed.text
    assert "the app that makes codes was removed" in removed.text
    assert client.post(at(world, "app/remove/"), {"proof": PASSWORD}).status_code == 302
    assert mails(world) == [], "there was nothing more to remove"
    assert secret
    whole = " ".join(one.text + one.html for one in (first, used, renewed, removed))
    assert not any(one in whole for one in (*codes, PASSWORD, secret[1]))


def test_a_passkey_is_named(world: World) -> None:  # noqa: F811
    user = kim(world)
    adds(user, "Phone {left} <b>")
    drop_passkey(user, Passkey.objects.get().id, actor=STAFF, places=places_of(user))
    added, removed = mails(world)
    assert "the passkey “Phone {left} <b>” was added" in added.text and "<b>" not in added.html
    assert "was removed" in removed.text and "This was done by" in removed.text


def test_staff_read_such_a_mail_and_its_standard_text(world: World) -> None:  # noqa: F811
    adds(kim(world), "Phone")
    send_mail(world.desk)  # a sandbox's: it is kept
    assert Message.objects.get().state == "kept"
    staff, home = signed_in(world), f"/o/{world.organization.slug}"
    assert "Sign-in changed" in words(staff.get(f"{home}/mails/").content)
    read = words(staff.get(f"{home}/mails/{Message.objects.get().id}/").content)
    assert "Your sign-in at Maple Club has changed" in read and EMAIL in read
    standard = words(staff.get(f"{home}/settings/mail/sign_in_changed/").content)
    assert "an app that makes codes was set up" in standard and "Mar 1, 2026, 3:04" in standard


def test_what_others_do_is_mailed_with_who_did_it(world: World) -> None:  # noqa: F811
    user = kim(world)
    adds(user, "Phone")
    mails(world)
    admin = signed_in(world, "admin")
    people = f"/o/{world.organization.slug}/settings/people/{user.id}/"
    admin.post(f"{people}second-factor/")
    (removed,) = mails(world)
    assert removed.to == EMAIL and "This was done by Pat Treasurer." in removed.text
    led = re.search(
        r"/set-password/[0-9a-f]{32}/[^/ ]+/", words(admin.post(f"{people}link/", follow=True).content)
    )
    assert led
    other = "another battery staple"
    Client().post(led[0], {"new_password1": "12345", "new_password2": "12345"})
    assert mails(world) == [], "it was too weak"
    Client().post(led[0], {"new_password1": other, "new_password2": other})
    (changed,) = mails(world)
    assert "your password was set anew." in changed.text and other not in changed.text
    adds(user, "Phone")
    mails(world)
    run("staff", "reset-second-factor", EMAIL)
    slug = world.organization.slug
    role = ("staff", "add", "--email", EMAIL, "--role", "viewer", "--org", slug)
    run(*role, "--password-stdin", entered=f"{PASSWORD}\n")
    run(*role)
    by_command = mails(world)
    assert ["This was done by the command line." in one.text for one in by_command] == [True, True]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    told = list(
        Event.objects.filter(subject_id=user.id, verb="password_changed").values_list("actor", flat=True)
    )
    assert told == ["Kim Lee", "the command line"]


def test_one_mail_from_a_live_organization_and_none_from_a_copy(world: World) -> None:  # noqa: F811
    user = kim(world)
    live = create_organization(
        name="Zentralverein", preset="association", currency="EUR", zone="Europe/Berlin", locale="de_DE",
        mode="live", now=NOW,
    )  # fmt: skip
    grant_role(live, user, "viewer")
    adds(user, "Phone")
    assert Event.objects.filter(verb="passkey_kept").count() == 2
    message = Message.objects.get()
    assert message.organization_id == live.id and message.state == "waiting"
    Message.objects.update(written_at=NOW, next_try_at=NOW, facts=message.facts | {"moment": NOW.isoformat()})
    (said,) = mails(replace(world, organization=live, desk=replace(world.desk, organization=live)))
    assert "zu Ihrer Anmeldung kam der Passkey „Phone“ hinzu." in said.text
    assert "Wann: 01.03.2026, 16:00 (Europe/Berlin)" in said.text
    assert "Das geschah durch Pat Treasurer." in said.text

    Message.objects.all().delete()
    copy = fork(world.organization, slug="copy", name="Copy", mask=0x123456789ABC, now=NOW)
    drop_second_factor(user, actor=STAFF, places=[(copy.id, NOW + timedelta(days=1))])
    assert not Message.objects.exists()


def test_a_change_that_is_refused_is_not_mailed(world: World) -> None:  # noqa: F811
    user = kim(world)
    adds(user, "Phone")
    mails(world)
    with pytest.raises(Refused):
        adds(user, "")
    assert mails(world) == []
