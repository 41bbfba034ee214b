"""Mail in the console and the portal: words are changed and kept by version, looked at, tried out, and declined (A-52,
A-53)."""

import re
from dataclasses import replace
from html import unescape

import pytest
from django.test import Client
from tests.collecting import Collection, billed
from tests.faces.acting import at, filled, hidden, text
from tests.staff import signed_in
from tests.world import STAFF

from paidthru.actions.adopt_ladder import adopt_ladder
from paidthru.actions.mail_member_links import mail_member_links
from paidthru.actions.make_link import make_link
from paidthru.actions.write_template import write_template
from paidthru.dunning.models import Case
from paidthru.notices.models import OptOut, RefusedAddress, TemplateText
from paidthru.notices.operations import as_sent
from paidthru.notices.queries import decline_token
from paidthru.organizations.operations import set_policy
from paidthru.organizations.rules.policies import parse
from paidthru.people.models import Party
from paidthru.runs.mail import send_mail
from paidthru.timeline.models import Event, Message

pytestmark = pytest.mark.django_db(transaction=True)
OWN = {
    "subject": "Ping {{ name }}",
    "body": "Hi {{ name }},\r\n\r\n{{ link }}\r\n\r\nBye, {{ organization }}",
}


def followed() -> Collection:
    """Ann's payment failed: her case is open."""
    found = billed("Ann", "Bob", preset="ams_nonprofit")
    Party.objects.filter(name="Ann").update(email="ann@example.org")
    found.behave("Ann", "decline", "insufficient_funds")
    found.advance(days=1)
    assert Case.objects.get().state == "open"
    return found


def subjects(found: Collection) -> list[str]:
    """What Ann's mails of the ladder say, the latest last."""
    sent = Message.objects.filter(party_id=found.party("Ann"), kind__endswith="reminder").order_by("id")
    facts = {"link": "x", "until": "y"}
    return [
        as_sent(found.world.organization, one, one.facts | facts, name="Ann", to="a@example.org").subject
        for one in sent
    ]


def test_a_text_is_changed_looked_at_tried_out_and_put_back() -> None:
    found = billed("Ann")
    staff, here = signed_in(found.world), at(found.world, "settings/mail/receipt/")
    assert "When money was received" in text(staff, at(found.world, "settings/mail/"))
    page = filled(staff, f"{here}edit/", 422, subject="Thanks {{ nmae }}", body="Hi")
    assert "This mail knows no {{ nmae }}." in unescape(page)
    assert "{{ payment }}" in unescape(page)
    page = filled(staff, f"{here}edit/", 422, subject="Thanks", body="{{ 7*7 }}{% debug %}")
    assert "is no placeholder" in unescape(page)
    form = hidden(staff.get(f"{here}edit/").content.decode())
    given = form | {"subject": "Thanks, {{ name }}", "body": "Hi {{ name }},\n\n<b>{{ amount }}</b>"}
    assert staff.post(f"{here}edit/", given).status_code == 302
    assert staff.post(f"{here}edit/", given).status_code == 302  # pressed twice
    stale = given | {"key": "another", "body": "Other words"}
    answer = staff.post(f"{here}edit/", stale)
    assert answer.status_code == 422
    assert "has changed this text since you read it" in answer.content.decode()
    assert TemplateText.objects.count() == 1
    assert "Thanks, Ann Archer" in text(staff, here)
    drawn = staff.get(f"{here}shown/")
    assert "&lt;b&gt;120.00&lt;/b&gt;" in drawn.content.decode()
    assert "default-src 'none'" in drawn["Content-Security-Policy"]
    assert "sandbox" in drawn["Content-Security-Policy"]
    assert drawn["X-Frame-Options"] == "SAMEORIGIN"
    test = hidden(staff.get(here).content.decode()) | {"key": "k"}
    assert staff.post(f"{here}test/", test).status_code == staff.post(f"{here}test/", test).status_code == 302
    send_mail(found.desk)
    tried = Message.objects.get(key__startswith="test ")
    assert (tried.state, tried.party_id) == ("kept", None)
    assert "[Test] Thanks, Ann Archer" in text(staff, at(found.world, f"mails/{tried.id}/"))
    assert "Receipt (test)" in text(staff, at(found.world, "mails/"))
    filled_in = hidden(staff.get(f"{here}standard/").content.decode())
    assert staff.post(f"{here}standard/", filled_in).status_code == 302
    assert "Receipt: 120.00 USD" in text(staff, here)
    verbs = Event.objects.filter(verb__startswith="template_").order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["template_written", "template_reset"]
    assert staff.get(at(found.world, "settings/mail/nothing/")).status_code == 404
    viewer = signed_in(found.world, "viewer")
    assert viewer.get(here).status_code == 200
    assert viewer.get(f"{here}edit/").status_code == 403


def test_open_cases_keep_the_text_they_began_with_or_adopt_todays_as_is_chosen() -> None:
    found = followed()
    organization, staff = found.world.organization, signed_in(found.world)
    here = at(found.world, "settings/mail/reminder/edit/")
    page = filled(staff, here, 422, **OWN)
    assert "Choose what open cases do." in page
    filled_in = hidden(staff.get(here).content.decode()) | OWN | {"cases": "keep"}
    assert staff.post(here, filled_in).status_code == 302
    now = found.desk.clock.now()
    set_policy(organization, "dunning.mail_days", parse("dunning.mail_days", "[5, 9]"), actor="Pat", now=now)
    found.advance(days=3)
    assert subjects(found) == ["Reminder: 100.00 USD for Regular"]  # day 3, in the words of its beginning
    write_template(
        organization,
        "second_reminder",
        "en",
        subject="Pong {{ name }}",
        body="{{ link }}",
        seen=0,
        actor=STAFF,
        now=found.desk.clock.now(),
    )
    assert adopt_ladder(organization, actor=STAFF, now=found.desk.clock.now()) == 1
    assert adopt_ladder(organization, actor=STAFF, now=found.desk.clock.now()) == 0
    found.advance(days=6)
    assert subjects(found) == [
        "Reminder: 100.00 USD for Regular",
        "Pong Ann",
    ]  # day 9, in the words it adopted
    assert write_template(
        organization,
        "final_notice",
        "en",
        subject="Last",
        body="{{ link }}",
        seen=0,
        adopt=True,
        actor=STAFF,
        now=found.desk.clock.now(),
    ) == 1  # fmt: skip
    assert Event.objects.filter(verb="texts_adopted").count() == 1
    found.check()


def test_reminders_that_are_declined_are_left_out_and_the_final_notice_comes() -> None:
    found = followed()
    staff, ann = signed_in(found.world), found.party("Ann")
    here = at(found.world, f"members/{ann}/mails/")
    assert "Declined" not in text(staff, at(found.world, f"members/{ann}/"))
    assert staff.post(here, {"wanted": ["renewals"]}).status_code == 302
    assert staff.post(here, {"wanted": ["renewals", "nothing"]}).status_code == 422
    assert "Not wanted: The first reminders of what is unpaid" in text(
        staff, at(found.world, f"members/{ann}/")
    )
    found.advance(days=15)
    kinds = set(Message.objects.filter(party_id=ann).values_list("kind", flat=True))
    assert "final_notice" in kinds
    assert not {"reminder", "second_reminder"} & kinds
    case = Case.objects.get(party_id=ann)
    assert "the member doesn’t want such mails" in text(staff, at(found.world, f"failures/{case.id}/"))


def test_a_member_declines_by_the_link_in_a_mail_and_looking_declines_nothing() -> None:
    found = billed("Ann")
    ann = found.party("Ann")
    Party.objects.filter(id=ann).update(email="ann@example.org")
    anybody = Client(enforce_csrf_checks=True)
    here = f"/mails/{decline_token(ann, 'renewals')}/"
    page = anybody.get(here).content.decode()
    assert "Notices before a renewal" in page
    assert "ann@example.org" not in page  # the mail may have been passed on
    assert not OptOut.objects.exists()
    assert anybody.post(here, {"List-Unsubscribe": "One-Click"}).status_code == 200  # as mail programs do
    assert anybody.post(here).status_code == 200
    assert OptOut.objects.get().topic == "renewals"
    assert Event.objects.filter(verb="mail_declined", actor_kind="member").count() == 1
    assert "I want them again" in anybody.get(here).content.decode()
    anybody.post(here, {"mails": "yes"})
    assert not OptOut.objects.exists()
    for wrong in (here[:-3] + "x/", "/mails/x/", "/mails/%00/"):
        assert anybody.get(wrong).status_code == anybody.post(wrong).status_code == 404
    _, token = make_link(
        found.world.organization, ann, purpose="member", actor=STAFF, now=found.desk.clock.now()
    )
    member = Client()
    assert "Decline: the first reminders" in member.get(f"/m/{token}/mails/").content.decode()
    assert member.post(f"/m/{token}/mails/set/", {"mails": "reminders:no"}).status_code == 200
    assert member.post(f"/m/{token}/mails/set/", {"mails": "receipts:no"}).status_code == 422
    assert OptOut.objects.get().topic == "reminders"


def test_an_address_that_is_refused_is_shown_at_the_member_and_used_again() -> None:
    found = billed("Ann")
    found.collect()
    ann, organization, now = found.party("Ann"), found.world.organization, found.desk.clock.now()
    Party.objects.filter(id=ann).update(email="ann@example.org")
    RefusedAddress.objects.create(organization=organization, email="ann@example.org", why="No.", at=now)
    found.world.desk = replace(found.desk, mailer=None)
    staff, member = signed_in(found.world), at(found.world, f"members/{ann}/")
    assert "No mail goes to this address" in text(staff, member)
    assert "ann@example.org" in text(staff, at(found.world, "settings/mail/"))
    trust = at(found.world, "settings/mail/trust/")
    answer = staff.post(trust, {"email": "ann@example.org", "back": "//evil.example/"})
    assert answer["Location"] == at(found.world, "settings/mail/")
    assert "No mail goes to this address" not in text(staff, member)
    failed = Message.objects.filter(party_id=ann).latest("id")
    Message.objects.filter(id=failed.id).update(state="failed", last_error="The server refuses it.")
    here = at(found.world, f"members/{ann}/mails/{failed.id}/")
    page = staff.get(here).content.decode()
    assert re.search(r'<iframe[^>]+src="[^"]+/shown/"[^>]+sandbox', page)
    assert "The server refuses it." in page
    assert staff.post(at(found.world, f"mails/{failed.id}/retry/")).status_code == 302
    assert Message.objects.get(id=failed.id).state == "waiting"
    assert staff.get(at(found.world, f"mails/{failed.id}/retry/")).status_code == 404


def test_a_text_is_read_changed_and_tried_out_in_each_language() -> None:
    found = billed("Ann")
    staff, here = signed_in(found.world), at(found.world, "settings/mail/receipt/")
    german = f"{here}?language=de"
    assert "Zahlung erhalten: 120,00 USD" in text(staff, german)
    assert "Receipt: 120.00 USD" in text(staff, here)
    assert "Receipt: 120.00 USD" in text(staff, f"{here}?language=tlh")  # none that there is
    assert (
        "Gesamtbetrag"
        in staff.get(at(found.world, "settings/mail/invoice/shown/?language=de")).content.decode()
    )
    form = hidden(staff.get(f"{here}edit/?language=de").content.decode())
    given = form | {"subject": "Danke, {{ name }}", "body": "{{ amount }} {{ currency }} am Tag"}
    assert staff.post(f"{here}edit/?language=de", given)["Location"] == german
    assert TemplateText.objects.get().language == "de"
    assert "Danke, Ann Archer" in text(staff, german)
    assert "Danke" not in text(staff, here)
    assert staff.post(f"{here}test/?language=de", {"key": "k"})["Location"] == german
    send_mail(found.desk)
    tried = Message.objects.get(key__startswith="test ")
    assert "[Test] Danke, Ann Archer" in text(staff, at(found.world, f"mails/{tried.id}/"))
    Party.objects.filter(name="Ann").update(language="de")
    found.collect()
    receipt = Message.objects.get(kind="receipt", party_id=found.party("Ann"))
    assert "Danke, Ann" in text(staff, at(found.world, f"mails/{receipt.id}/"))


def test_a_mail_is_shown_as_it_left_whatever_language_its_reader_has_now() -> None:
    found = billed("Ann")
    ann = Party.objects.get(id=found.party("Ann"))
    Party.objects.filter(id=ann.id).update(email="ann@example.org", language="fr")
    found.collect()
    send_mail(found.desk)
    Party.objects.filter(id=ann.id).update(language="es")
    receipt = Message.objects.get(party_id=ann.id, kind="receipt")
    assert "Reçu" in text(signed_in(found.world), at(found.world, f"mails/{receipt.id}/"))


@pytest.mark.parametrize("sent", [False, True])
def test_a_mail_with_a_code_is_shown_without_it(sent: bool) -> None:
    found = billed("Ann")
    Party.objects.filter(id=found.party("Ann")).update(email="ann@example.org")
    organization, now = found.world.organization, found.desk.clock.now()
    assert mail_member_links(organization, "ann@example.org", key="browser", now=now) == 1
    if sent:
        send_mail(found.desk)
    asked = Message.objects.get(kind="member_link")
    shown = text(signed_in(found.world), at(found.world, f"mails/{asked.id}/"))
    assert "(a secret link)" in shown
    assert "(a secret code)" in shown
