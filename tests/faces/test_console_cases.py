"""Payment failures in the console: the board, a case, and what staff decide (A-44, A-52)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.collecting import Collection, billed
from tests.faces.acting import at, confirmed, filled, text
from tests.faces.test_cli import run
from tests.faces.test_console_members import exported, words
from tests.staff import signed_in
from tests.world import STAFF, a_world

from paidthru import runs
from paidthru.actions.record_payment import record_payment
from paidthru.dunning.models import Case, Step
from paidthru.dunning.queries import is_closed
from paidthru.notices.rules.catalogue import Mail
from paidthru.organizations.operations import set_policy
from paidthru.organizations.rules.roles import MAY, ROLES
from paidthru.runs.dunning import follow_up_due
from paidthru.runs.mail import send_mail
from paidthru.timeline.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


def unpaid(*names: str) -> Collection:
    """Members whose payment was declined, some days ago."""
    found = billed(*names, preset="ams_nonprofit")
    for name in names:
        found.behave(name, "decline", "insufficient_funds")
    found.advance(days=1)
    return found


def case_of(found: Collection, name: str) -> Case:
    return Case.objects.get(party_id=found.party(name))


def pays(found: Collection, name: str) -> None:
    """By check, all that is owed."""
    record_payment(
        found.world.organization,
        found.party(name),
        amount_minor=10_000,
        currency="USD",
        means="check",
        actor=STAFF,
        now=found.desk.clock.now(),
    )


def test_the_board_says_who_owes_what_since_when_and_what_comes_next() -> None:
    found = unpaid("Ann", "Bob")
    client = signed_in(found.world)
    board = text(client, at(found.world, "failures/"))
    for said in (
        "Payment failures",
        "Ann",
        "A payment failed",
        "Reminder",
        "Jan 4, 2026",
        "$100.00",
        "Failed payments 2",
        "Not paid by due date 0",
    ):
        assert said in board, said
    assert "Payment failures 2" in text(client, at(found.world))  # the home page
    assert "Bob" not in text(client, at(found.world, "failures/?q=ann")).split("Payment failures")[-1]
    lines = exported(client, at(found.world, "failures/?export=csv"))
    assert [line["member"] for line in lines] == ["Ann", "Bob"]
    found.advance(days=7)
    page = text(client, at(found.world, f"failures/{case_of(found, 'Ann').id}/"))
    for said in ("Second reminder", "Done", "Final notice", "Jan 15, 2026", "Tries 1", "Unpaid since"):
        assert said in page, said
    # paid, it is gone
    pays(found, "Ann")
    runs.work(found.desk)
    assert "Ann" not in text(client, at(found.world, "failures/")).split("Owed")[-1]
    assert "Paid" in text(client, at(found.world, "failures/?show=closed"))
    found.check()


def test_who_only_has_not_paid_yet_is_apart_and_not_red_a44() -> None:
    """Ann's card was declined; Cora sends checks, and nothing is tried or written of his by itself."""
    world = a_world()
    plan = world.plan()
    world.member("Cora", plan, paid_through=date(2025, 12, 31))
    found = billed("Ann", world=world, plan=plan)
    found.behave("Ann", "decline", "insufficient_funds")
    found.advance(days=1)
    found.submit()
    found.advance(days=1)
    client = signed_in(found.world)
    home = text(client, at(found.world))
    assert "Payment failures 1" in home and "Not paid by due date 1" in home
    failed = client.get(at(found.world, "failures/")).content.decode()
    assert "Ann" in failed and "Cora" not in failed and "A payment failed" in words(failed.encode())
    overdue = client.get(at(found.world, "failures/?show=overdue")).content.decode()
    assert "Cora" in overdue and "Ann" not in overdue and "Nothing more comes by itself" in overdue
    assert "Needs a person" not in overdue and '<tr class="is-bad' not in overdue
    assert "Cora" not in text(client, at(found.world, "failures/?show=staff"))
    pause = at(found.world, f"failures/{case_of(found, 'Ann').id}/pause/")
    until = found.desk.today + timedelta(days=9)
    paused = words(client.post(pause, {"key": "p", "until": str(until)}, follow=True).content)
    assert "A payment failed" in paused, "what was seen stays known until the case is looked at anew"


def test_staff_pause_arrange_skip_and_close() -> None:
    found = unpaid("Ann", "Bob", "Cid")
    client = signed_in(found.world, "finance")
    ann, bob, cid = (
        at(found.world, f"failures/{case_of(found, name).id}/") for name in ("Ann", "Bob", "Cid")
    )
    assert "is not ahead" in words(filled(client, f"{ann}pause/", 422, until="2026-01-01"))
    assert "is paused" in words(
        client.post(f"{ann}pause/", {"key": "a", "until": "2026-01-20"}, follow=True).content
    )
    assert "Paused through Jan 19, 2026" in text(client, ann)
    assert "A part needs its amount and its date." in words(
        filled(client, f"{bob}arrange/", 422, amount_1="40", due_1="2026-01-10", amount_2="60")
    )
    wrong = filled(client, f"{bob}arrange/", 422, amount_1="40", due_1="2026-01-10")
    assert "add up to what is owed" in words(wrong)
    parts = {"amount_1": "40", "due_1": "2026-01-10", "amount_2": "60", "due_2": "2026-01-20"}
    agreed = client.post(f"{bob}arrange/", {"key": "b", "why": "Phone"} | parts, follow=True)
    assert "What was agreed" in words(agreed.content)
    page = client.get(f"{cid}skip/").content.decode()
    assert "Left out: Reminder, on Jan 4, 2026." in words(page)
    assert "The step is skipped." in confirmed(client, f"{cid}skip/", page)
    confirmed(client, f"{cid}skip/", page)  # the same click again skips nothing more
    assert list(Step.objects.filter(state="skipped").values_list("key", flat=True)) == ["mail 1"]
    found.advance(days=8)
    assert [one.mail for one in Step.objects.filter(state="done", mail__gt="")] == ["second_reminder"]
    resume = client.get(f"{ann}resume/").content.decode()
    assert "The case goes on." in confirmed(client, f"{ann}resume/", resume)
    assert "The case is closed." in words(
        client.post(f"{cid}close/", {"key": "c", "why": "Moved away"}, follow=True).content
    )
    assert "Moved away" in text(client, cid)
    found.advance(days=9)
    assert Case.objects.get(party_id=found.party("Bob")).pauses.get().ended == "broken"  # 40 never came
    found.check()


def test_open_cases_adopt_todays_settings_when_staff_say_so_a52() -> None:
    found = unpaid("Ann")
    now = found.desk.clock.now()
    set_policy(found.world.organization, "dunning.mail_days", [5], actor="Pat", now=now)
    client = signed_in(found.world)
    page = client.get(at(found.world, "failures/adopt/")).content.decode()
    assert "no mail is sent twice" in words(page)
    assert "1 open case goes on by them." in confirmed(client, at(found.world, "failures/adopt/"), page)
    assert "0 open cases" in confirmed(client, at(found.world, "failures/adopt/"), page)
    assert "Jan 6, 2026" in text(client, at(found.world, "failures/"))


def test_who_may_decide() -> None:
    found = unpaid("Ann")
    case = case_of(found, "Ann")
    elsewhere = signed_in(a_world(name="Oak Club"), "approver", email="kim@oak.example")
    acts = [f"failures/{case.id}/{act}/" for act in ("pause", "resume", "skip", "arrange", "close")]
    for path in ["failures/", "failures/adopt/", f"failures/{case.id}/", *acts]:
        assert elsewhere.get(at(found.world, path)).status_code == 404
    for role in ROLES:
        client = signed_in(found.world, role, email=f"{role}@maple.example")
        assert client.get(at(found.world, "failures/")).status_code == 200
        for path in ["failures/adopt/", *acts]:
            expected = (200, 302) if "resolve" in MAY[role] else (403,)
            assert client.get(at(found.world, path)).status_code in expected, (role, path)


def test_money_is_looked_at_again_right_before_a_mail_leaves_a50() -> None:
    """A mail that still waits in the outbox when the member pays is not sent any more."""
    found = unpaid("Ann")
    found.move(days=3)
    follow_up_due(found.desk)
    waits, case = Message.objects.get(kind="reminder"), case_of(found, "Ann")
    assert waits.facts["case"] == str(case.id)
    assert not is_closed(case.id)
    pays(found, "Ann")
    assert follow_up_due(found.desk) == 1
    assert follow_up_due(found.desk) == 0  # twice is once
    assert is_closed(case.id)
    send_mail(replace(found.desk, mailer=Postman()))
    waits.refresh_from_db()
    assert (waits.state, waits.last_error) == ("dropped", "It was settled before this mail could leave.")


class Postman:
    """Carries everything."""

    def send(self, mail: Mail, *, sender: str) -> None:
        assert mail.subject.startswith(("Receipt", "Your payment")), (mail.subject, sender)


def test_what_is_tried_again_first_has_that_day_on_the_board() -> None:
    """Coworking tries on the 1st, 2nd, 5th and 8th and then moves to the default plan: the board says the try's day."""
    found = billed("Ann", "Bob", preset="coworking")
    for name in ("Ann", "Bob"):
        found.behave(name, "decline", "insufficient_funds")
    found.advance(days=1)
    tries = len(found.attempts("Ann"))
    client = signed_in(found.world, "finance")
    [ann, _] = exported(client, at(found.world, "failures/?export=csv"))
    assert (ann["next step"], ann["tries"]) == ("Tried again", str(tries))
    tried_on = date.fromisoformat(ann["on"])
    record = text(client, at(found.world, f"failures/{case_of(found, 'Ann').id}/"))
    assert "Next step Tried again On" in record and "After that Moves to the default plan, when" in record
    assert "Tried again" in text(client, at(found.world, "failures/"))
    listed = run("failures", "list", "--json").json
    assert [(one["next"], one["on"]) for one in listed] == [("try", ann["on"])] * 2
    assert f"It is tried again on {tried_on}. The next step is end, when" in run(
        "case", "show", "Ann"
    ).out.replace("\n", " ")
    # while it stands still, nothing is tried
    until = tried_on + timedelta(days=4)
    client.post(
        at(found.world, f"failures/{case_of(found, 'Ann').id}/pause/"), {"key": "a", "until": str(until)}
    )
    [ann, _] = exported(client, at(found.world, "failures/?export=csv"))
    assert ann["on"] == str(until)
    found.advance(days=(tried_on - found.desk.today).days)
    assert (len(found.attempts("Ann")), len(found.attempts("Bob"))) == (tries, tries + 1)
    found.advance(days=(until - found.desk.today).days)
    assert len(found.attempts("Ann")) == tries + 1
    found.check()


@pytest.mark.parametrize("preset", ["ams_hoa", "community"])
def test_what_stays_past_due_needs_a_person_when_nothing_is_left_to_do(preset: str) -> None:
    """A-44: its reminders were sent and nothing is tried, so only staff can go on; a new card takes it off again."""
    found = billed("Ann", "Bob", preset=preset)
    found.behave("Ann", "decline", "insufficient_funds")
    found.advance(days=1)
    found.submit()
    found.advance(days=1)
    client = signed_in(found.world, "finance")
    waiting = text(client, at(found.world, "failures/?show=staff"))
    assert ("Need a person 0" in waiting) == (preset == "ams_hoa")  # three reminders come first
    found.advance(days=15)
    waiting = text(client, at(found.world, "failures/?show=staff"))
    assert "Need a person 1" in waiting and "Somebody has to decide" in waiting
    assert case_of(found, "Ann").for_staff
    pays(found, "Ann")
    runs.work(found.desk)
    assert "Need a person 0" in text(client, at(found.world, "failures/?show=staff"))
    found.check()
