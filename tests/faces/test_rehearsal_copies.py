"""The copies of rehearsals: who reaches them, what is told of it, and that nothing is left of them."""

import pytest
from tests.actions.test_rehearsing import asked, monthly
from tests.collecting import Collection
from tests.faces.acting import at, hidden
from tests.staff import signed_in
from tests.together import crossed
from tests.world import STAFF

from paidthru.actions.change_roles import change_roles
from paidthru.actions.fork import renamed
from paidthru.actions.record_payment import record_payment
from paidthru.actions.set_policy import set_policy
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Course, Organization, User
from paidthru.payments.models import Payment
from paidthru.people.models import Party
from paidthru.runs import rehearsing
from paidthru.runs.rehearsing import Interrupted, play_course, throw_away
from paidthru.timeline.models import Event
from paidthru.wiring import desk_for, fork_for

EVE = {"email": "eve@evil.example", "name": "Eve", "roles": ["admin"]}
pytestmark = pytest.mark.django_db(transaction=True)


def _copied(found: Collection) -> Organization:
    for course in asked(found, months=1):
        play_course(course, fork=fork_for, desk_for=desk_for)
        course.refresh_from_db()
        assert course.state == "played", course.problem
    assert course.fork_id is not None
    return Organization.objects.get(id=course.fork_id)


def test_who_works_here_no_more_reaches_no_copy() -> None:
    found = monthly("Ann")
    organization = found.world.organization
    gone = signed_in(found.world, "admin", "finance", email="gone@maple.example")
    signed_in(found.world, "admin", email="stays@maple.example")
    copy = _copied(found)
    user = User.objects.get(email="gone@maple.example")
    change_roles(organization, user.id, [], actor=STAFF, now=found.desk.clock.now())
    assert gone.get(at(found.world, "members/")).status_code == 404
    answer = gone.get(f"/o/{copy.slug}/members/")
    assert answer.status_code == 404, answer.status_code


def test_a_demoted_one_has_no_higher_role_in_a_copy() -> None:
    found = monthly("Ann")
    organization = found.world.organization
    gone = signed_in(found.world, "admin", "finance", email="gone@maple.example")
    boss = signed_in(found.world, "admin", email="stays@maple.example")
    copy = _copied(found)
    user = User.objects.get(email="gone@maple.example")
    other = User.objects.get(email="stays@maple.example")
    change_roles(organization, user.id, [], actor=STAFF, now=found.desk.clock.now())
    assert boss.get(at(found.world, "members/")).status_code == 200
    gone.post(f"/o/{copy.slug}/settings/people/{other.id}/sign-out/")
    assert boss.get(at(found.world, "members/")).status_code == 200, (
        "signed out by somebody who works here no more"
    )


def test_a_second_factor_is_needed_for_a_copy_too() -> None:
    found = monthly("Ann")
    client = signed_in(found.world, "viewer", email="v@maple.example")
    copy = _copied(found)
    set_policy(
        found.world.organization, {"staff.second_factor": "on"}, actor=STAFF, now=found.desk.clock.now()
    )
    assert client.get(at(found.world, "members/")).status_code == 302
    assert client.get(f"/o/{copy.slug}/members/").status_code != 200


def test_a_rehearsal_changes_nothing_of_who_comes_in() -> None:
    found = monthly("Ann")
    with pytest.raises(Refused, match=r"staff\.second_factor says how staff work"):
        asked(found, months=1, staff__second_factor="off")


def test_what_is_taken_along_from_a_copy_is_told() -> None:
    found = monthly("Ann")
    client = signed_in(found.world, "finance", "admin", email="v@maple.example")
    copy = _copied(found)
    taken = client.get(f"/o/{copy.slug}/members/?export=csv")
    assert taken.status_code == 200 and b"Ann" in b"".join(taken.streaming_content)  # type: ignore[attr-defined]
    course = Course.objects.get()
    client.post(at(found.world, f"rehearsals/{course.rehearsal_id}/discard/"))
    assert Event.objects.filter(verb="taken_along").exists(), "nothing anywhere tells of it"


def test_ids_of_a_roster_that_look_like_references_stay_different() -> None:
    found = monthly("Ann", "Bob")
    for number, party in enumerate(
        Party.objects.filter(organization=found.world.organization, name__in=["Ann", "Bob"])
    ):
        Party.objects.filter(id=party.id).update(external_id=f"mem_2026000000{number:06d}")
    course = asked(found, months=1)[0]
    play_course(course, fork=fork_for, desk_for=desk_for)
    course.refresh_from_db()
    assert course.state == "played", course.problem


def test_a_copy_does_not_stay_when_throwing_it_away_was_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    found = monthly("Ann")
    client = signed_in(found.world, "finance", email="v@maple.example")
    client.raise_request_exception = False
    copy = _copied(found)
    path = at(found.world, f"rehearsals/{Course.objects.get().rehearsal_id}/discard/")

    def killed(_: object) -> None:
        raise OSError("the process ends here")

    with monkeypatch.context() as patched:
        patched.setattr(rehearsing, "discard_sandbox", killed)
        assert client.post(path).status_code == 500
    client.post(path)
    assert not Organization.objects.filter(id=copy.id).exists(), (
        "a whole copy of everybody's data stays for ever"
    )


def test_thrown_away_in_the_midst_of_a_payment() -> None:
    found = monthly("Ann")
    organization = found.world.organization
    course = asked(found, months=2)[0]
    calls = []

    def watch() -> None:
        calls.append(1)
        if len(calls) > 8:
            raise Interrupted

    play_course(course, fork=fork_for, desk_for=desk_for, watch=watch)
    course.refresh_from_db()
    assert course.fork_id is not None
    copy = Organization.objects.get(id=course.fork_id)
    desk = desk_for(copy)
    party = Party.objects.filter(organization=copy).first()
    assert party is not None

    def pays() -> object:
        return record_payment(
            copy,
            party.id,
            amount_minor=100,
            currency=copy.currency,
            means="check",
            actor=STAFF,
            now=desk.clock.now(),
        )

    def thrown_away() -> None:
        throw_away(organization, course.rehearsal_id, actor=STAFF, now=found.desk.clock.now())

    crossed(pays, [thrown_away])
    assert not Organization.objects.filter(forked_from=organization.id).exists()


def test_killed_in_an_evening_it_comes_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    found = monthly("Ann")
    first = asked(found, months=2)[0]
    play_course(first, fork=fork_for, desk_for=desk_for)
    first.refresh_from_db()
    second = asked(found, months=2)[0]
    calls: list[int] = []

    def killed(*args: object, **more: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise SystemExit("killed")
        return record_payment(*args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(rehearsing, "record_payment", killed)
        with pytest.raises(SystemExit):
            play_course(second, fork=fork_for, desk_for=desk_for)
    second.refresh_from_db()
    assert second.state == "playing"
    play_course(second, fork=fork_for, desk_for=desk_for)
    second.refresh_from_db()
    assert (first.state, second.state) == ("played", "played")
    days = [
        list(
            Payment.objects.filter(organization_id=copy_id)
            .order_by("received_on", "amount_minor")
            .values_list("received_on", "amount_minor")
        )
        for copy_id in filter(None, (first.fork_id, second.fork_id))
    ]
    assert len(days) == 2 and days[0] == days[1]
    assert first.figures == second.figures


def test_the_second_of_two_workers_leaves_it_where_the_first_has_just_ended() -> None:
    found = monthly("Ann")
    course = asked(found, months=1)[0]
    stale = Course.objects.select_related("rehearsal", "organization").get(id=course.id)
    play_course(course, fork=fork_for, desk_for=desk_for)
    play_course(stale, fork=fork_for, desk_for=desk_for)  # it waited for its turn, less than a second
    stale.refresh_from_db()
    assert stale.state == "played"


def test_two_balance_transactions_of_one_charge_stay_two() -> None:
    rename = renamed(0x123456789ABC)
    assert rename(b"txn_3MmlLrLkdIwHu7ix0uke3Ezy") != rename(b"txn_3MmlLrLkdIwHu7ix0u7Fa2bQ")


def test_nobody_is_let_in_by_way_of_a_copy() -> None:
    """Somebody who works here no more lets a stranger in, who reads all members; the original never hears of it."""
    found = monthly("Ann")
    gone = signed_in(found.world, "admin", "finance", email="gone@maple.example")
    signed_in(found.world, "admin", email="stays@maple.example")
    copy = _copied(found)
    user = User.objects.get(email="gone@maple.example")
    change_roles(found.world.organization, user.id, [], actor=STAFF, now=found.desk.clock.now())
    people = f"/o/{copy.slug}/settings/people/"
    page = gone.get(f"{people}add/")
    if page.status_code == 200:
        gone.post(
            f"{people}add/",
            hidden(page.content.decode()) | {"email": "eve@evil.example", "name": "Eve", "roles": ["admin"]},
        )
    eve = User.objects.filter(email="eve@evil.example").first()
    if eve is not None:
        gone.post(f"{people}{eve.id}/link/")
        shown = gone.get(f"{people}{eve.id}/").content.decode()
        assert "/set-password/" not in shown, "a stranger gets an account of this installation"
    assert eve is None
