"""Rehearsals: a copy that is exact and its own, lives as the original will, and leaves the original as it is."""

import hashlib
import re
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from tests.collecting import Collection, billed
from tests.faces.things_to_show import a_shown_club
from tests.world import STAFF, a_world

from paidthru import invariants, runs
from paidthru.actions.discard_rehearsal import discard_rehearsal
from paidthru.actions.fork import LEFT_BEHIND, forked_id, renamed
from paidthru.actions.record_payment import record_payment
from paidthru.actions.rehearse import MOST_KEPT, Luck, rehearse
from paidthru.actions.set_policy import set_policy
from paidthru.adapters.sandbox.behaviour import Fortune, misfortune
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.organizations.models import Course, Organization, Rehearsal, User
from paidthru.organizations.queries import organization_by_slug, policies_of, tables_of_organizations
from paidthru.organizations.rules.automation import BY_ITSELF
from paidthru.payments.models import Payment, PaymentMethod
from paidthru.people.models import Party
from paidthru.runs.rehearsed import Figures, figures_of, luck_seen, partings
from paidthru.runs.rehearsing import Interrupted, ends_at, play_course, throw_away
from paidthru.timeline.models import Event
from paidthru.wiring import desk_for, fork_for

pytestmark = pytest.mark.django_db(transaction=True)
UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
ALL_PAY = Luck(declined=0, lost=0, by_hand=1000, by_hand_days=5)


def rows_of(organization_id: UUID, spared: frozenset[str] = frozenset()) -> dict[str, str]:
    """A digest of each table's rows of an organization."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables_of_organizations():
            if table in spared:
                continue
            cursor.execute(f"SELECT t::text FROM {table} t WHERE organization_id = %s", [organization_id])
            rows = sorted(row[0] for row in cursor.fetchall())
            found[table] = f"{len(rows)} {hashlib.sha256('|'.join(rows).encode()).hexdigest()}"
    return found


def asked(found: Collection, months: int = 2, luck: Luck = ALL_PAY, **changes: object) -> list[Course]:
    """A rehearsal's courses."""
    made = rehearse(
        found.world.organization, name="Spring", months=months,
        changes={key.replace("__", "."): value for key, value in changes.items()},  # type: ignore[misc]
        luck=luck, actor=STAFF, now=found.desk.clock.now(),
    )  # fmt: skip
    return list(
        Course.objects.filter(rehearsal=made).select_related("rehearsal", "organization").order_by("kind")
    )


def played(course: Course) -> Figures:
    play_course(course, fork=fork_for, desk_for=desk_for)
    course.refresh_from_db()
    assert course.state == "played", course.problem
    assert course.fork_id is not None and invariants.check(course.fork_id) == []
    return Figures.of(course.figures)  # type: ignore[arg-type]


def monthly(*names: str) -> Collection:
    """A club whose members renew each month by card, and one without a card."""
    world = a_world("coworking")
    found = billed(*names, world=world, plan=world.plan(interval_unit="month"))
    found.world.member("Hanna", found.plan, paid_through=date(2026, 1, 20))
    return found


def test_the_copy_is_like_the_original_which_is_only_read() -> None:
    found, _ = a_shown_club()
    organization, course = found.world.organization, asked(found)[0]
    before = rows_of(organization.id)
    copy = fork_for(course)
    assert rows_of(organization.id) == before
    counts = {table: row.split()[0] for table, row in rows_of(copy.id).items()}
    for table, row in before.items():
        expected = (
            "0" if table in LEFT_BEHIND else "1" if table == "sandbox_sandboxfortune" else row.split()[0]
        )
        assert counts[table] == expected, table
    assert invariants.check(copy.id) == [] and copy.is_sandbox and copy.forked_from == organization.id
    assert {"payments_gatewayaccount", "payments_memberlink", "invoicing_paylink"} <= LEFT_BEHIND


def test_nothing_in_a_copy_names_a_row_of_the_original() -> None:
    found, _ = a_shown_club()
    organization = found.world.organization
    copy = fork_for(asked(found)[0])
    ids = set[str]()
    with connection.cursor() as cursor:
        for table in tables_of_organizations():
            cursor.execute(f"SELECT t::text FROM {table} t WHERE organization_id = %s", [organization.id])
            ids |= {named for row in cursor.fetchall() for named in UUIDS.findall(row[0])}
        ids -= {str(id_) for id_ in User.objects.values_list("id", flat=True)}
        for table in tables_of_organizations():
            cursor.execute(f"SELECT t::text FROM {table} t WHERE organization_id = %s", [copy.id])
            for row in cursor.fetchall():
                assert ids.isdisjoint(UUIDS.findall(row[0])), (table, row[0])


def _stop() -> None:
    raise Interrupted


def test_the_copy_lives_as_the_original_will() -> None:
    """The months are played in a copy; then the original lives them itself, and the same has come of it."""
    found = monthly("Ann", "Bob", "Cleo")
    organization = found.world.organization
    found.behave("Bob", "decline", "insufficient_funds")
    course = asked(found, months=3)[0]
    figures = played(course)

    set_policy(organization, dict(BY_ITSELF), actor=STAFF, now=found.desk.clock.now())
    runs.advance(found.desk, ends_at(course.rehearsal, organization.zone))
    own = Invoice.objects.filter(
        organization=organization, party_id__in=[found.party("Ann"), found.party("Cleo")]
    )
    mask = UUID(str(course.fork_id)).int ^ organization.id.int
    copied = Invoice.objects.filter(
        party_id__in=[UUID(int=found.party(name).int ^ mask) for name in ("Ann", "Cleo")]
    )
    told = [
        sorted(of.values_list("number", "bill_on", "due_on", "total_minor", "balance_minor", "state"))
        for of in (own, copied)
    ]
    assert [row[1:] for row in told[0]] == [row[1:] for row in told[1]] and len(told[0]) >= 6
    paid = [
        sum(Payment.objects.filter(party_id__in=of.values("party_id")).values_list("amount_minor", flat=True))
        for of in (own, copied)
    ]
    assert paid[0] == paid[1] > 0
    assert figures.total("billed") >= 6 and figures.total("declined") > 0


def test_those_whom_nobody_collects_from_pay_by_hand_or_not() -> None:
    found = monthly("Ann")
    pay = played(asked(found)[0])
    never = played(asked(found, luck=replace(ALL_PAY, by_hand=0))[0])
    assert pay.total("billed_minor") > 0 and never.owed_minor > pay.owed_minor
    assert pay.total("collected_minor") > never.total("collected_minor")


def test_other_policies_are_put_beside_the_present_ones() -> None:
    found = monthly("Ann", "Bob")
    found.behave("Bob", "decline", "insufficient_funds")
    courses = asked(found, months=3, collect__max_attempts=1, collect__offsets=[0])
    present, proposed = (played(course) for course in courses)
    assert present.total("declined") > proposed.total("declined")
    parted, total = partings(courses[0].rehearsal, limit=10)
    assert total == 1 and parted[0].party_id == found.party("Bob") and parted[0].name == "Bob"
    assert parted[0].present.declined > parted[0].proposed.declined
    assert policies_of(found.world.organization).number("collect.max_attempts") > 1


def test_a_rehearsal_that_was_stopped_goes_on_where_it_was() -> None:
    found = monthly("Ann", "Bob")
    whole = played(asked(found, months=2)[0])
    course = asked(found, months=2)[0]
    for stops in (0, 1, 2, 3):
        left = iter(range(stops))

        def watch(left: "object" = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise Interrupted

        play_course(course, fork=fork_for, desk_for=desk_for, watch=watch)
        course.refresh_from_db()
        assert course.state == "playing"
    assert played(course) == whole
    assert Organization.objects.filter(forked_from=found.world.organization.id).count() == 2


def test_misfortune_is_the_same_in_every_copy() -> None:
    found = monthly("Ann", "Bob", "Cleo", "Dora")
    luck = Luck(declined=400, lost=300, by_hand=500, by_hand_days=3)
    one, two = (played(asked(found, months=4, luck=luck)[0]) for _ in range(2))
    assert one == two and one.total("declined") > 0


def test_a_fault_is_kept_and_said() -> None:
    found = monthly("Ann")
    course = asked(found)[0]

    def fork(course: Course) -> Organization:
        raise ValueError("no room")

    play_course(course, fork=fork, desk_for=desk_for)
    course.refresh_from_db()
    assert course.state == "failed"
    assert "fault of the program" in course.problem and "no room" not in course.problem
    assert not Organization.objects.filter(forked_from=found.world.organization.id).exists()


def test_thrown_away_it_leaves_its_figures_and_nothing_else() -> None:
    found = monthly("Ann")
    organization, now = found.world.organization, found.desk.clock.now()
    course = asked(found)[0]
    figures = played(course)
    throw_away(organization, course.rehearsal_id, actor=STAFF, now=now)
    assert discard_rehearsal(organization, course.rehearsal_id, actor=STAFF, now=now) == []
    assert not Organization.objects.filter(forked_from=organization.id).exists()
    course.refresh_from_db()
    assert course.state == "discarded" and Figures.of(course.figures) == figures  # type: ignore[arg-type]
    assert Event.objects.filter(organization=organization, verb="rehearsal_discarded").count() == 1


def test_thrown_away_while_it_is_played_it_ends() -> None:
    found = monthly("Ann")
    organization = found.world.organization
    course = asked(found)[0]

    def thrown_away() -> None:
        throw_away(organization, course.rehearsal_id, actor=STAFF, now=found.desk.clock.now())

    play_course(course, fork=fork_for, desk_for=desk_for, watch=thrown_away)
    course.refresh_from_db()
    assert (course.state, course.problem) == ("discarded", "")


@pytest.mark.parametrize(
    ("code", "months", "luck", "changes"),
    [
        ("months_invalid", 0, ALL_PAY, {}),
        ("months_invalid", 25, ALL_PAY, {}),
        ("share_invalid", 2, replace(ALL_PAY, declined=1001), {}),
        ("share_invalid", 2, replace(ALL_PAY, by_hand_days=-1), {}),
        ("policy_unknown", 2, ALL_PAY, {"no.such": "thing"}),
        ("policy_value_invalid", 2, ALL_PAY, {"collect.max_attempts": 77}),
    ],
)
def test_what_cannot_be_played_is_refused(
    code: str, months: int, luck: Luck, changes: dict[str, object]
) -> None:
    world = a_world()
    with pytest.raises(Refused) as refused:
        rehearse(
            world.organization, name="Odd", months=months, changes=changes, luck=luck, actor=STAFF,  # type: ignore[arg-type]
            now=world.desk.clock.now(),
        )  # fmt: skip
    assert refused.value.code == code and not Rehearsal.objects.exists()


def test_not_more_than_a_few_are_kept_and_none_of_a_copy() -> None:
    found = monthly("Ann")
    course = asked(found)[0]
    play_course(course, fork=fork_for, desk_for=desk_for, watch=_stop)
    copy = Organization.objects.get(forked_from=found.world.organization.id)
    with pytest.raises(Refused, match="itself a copy"):
        rehearse(copy, name="x", months=1, changes={}, luck=ALL_PAY, actor=STAFF, now=found.desk.clock.now())
    for _ in range(MOST_KEPT - 1):
        asked(found)
    with pytest.raises(Refused) as refused:
        asked(found)
    assert refused.value.code == "rehearsals_full"
    assert organization_by_slug(None) == found.world.organization, "a copy is nobody's only organization"


def test_ways_to_pay_elsewhere_are_test_methods_in_a_copy() -> None:
    found = monthly("Ann", "Bob")
    PaymentMethod.objects.filter(party_id=found.party("Ann")).update(
        gateway="stripe", livemode=True, token="pm_1Nabcdefghijklmn", customer_ref="cus_1Nabcdefghijk"
    )
    figures = played(asked(found, months=2)[0])
    copied = PaymentMethod.objects.get(
        organization__forked_from=found.world.organization.id, party__name="Ann"
    )
    assert (copied.gateway, copied.livemode) == ("sandbox", False) and copied.token.startswith("pm_")
    assert figures.total("collected_minor") > 0
    assert Payment.objects.filter(
        party__name="Ann", organization__forked_from=found.world.organization.id
    ).exists()


def test_the_usual_is_taken_where_a_year_says_too_little() -> None:
    found = monthly("Ann")
    assert luck_seen(found.desk) == Luck()
    assert Membership.objects.filter(organization=found.world.organization).count() == 2


MASKS = st.integers(min_value=1, max_value=2**48 - 1)


@given(mask=MASKS, number=st.integers(min_value=0, max_value=2**128 - 1))
def test_renaming_is_its_own_inverse_and_the_same_everywhere(mask: int, number: int) -> None:
    id_ = UUID(int=number)
    text = f'att:{id_}\t{{"party": "{id_}"}}\tpi_{"abcdefghijklmnop" * 2}\tbt_ch_{"p" * 32}'.encode()
    rename = renamed(mask)
    there = rename(text)
    assert str(forked_id(id_, mask)).encode() in there and str(id_).encode() not in there
    assert there.count(str(forked_id(id_, mask)).encode()) == 2
    assert rename(there) == text


@given(mask=MASKS)
def test_renaming_leaves_people_and_words_alone(mask: int) -> None:
    user = uuid4()
    text = f"{user}\tfixed_time(06:00)\tsome_words_only\tAnn O'Brien\t2026-01-01\\N".encode()
    assert renamed(mask, frozenset({str(user).encode()}))(text) == text


def test_as_many_fail_as_was_said() -> None:
    """Of 4,000 customers, within what chance allows (five standard deviations)."""
    since, on = date(2026, 1, 1), date(2026, 12, 15)
    codes = [misfortune(Fortune(f"customer {n}", 100, 0, since), "card", on) for n in range(4000)]
    assert 305 < codes.count("insufficient_funds") < 495 and codes.count("lost_card") == 0
    closed = [misfortune(Fortune(f"customer {n}", 0, 120, since), "bank", on) for n in range(4000)]
    assert 350 < closed.count("R02") < 555
    assert misfortune(Fortune("customer 1", 1000, 0, since), "bank", since) == "R01"


def test_both_copies_are_of_one_moment() -> None:
    found = monthly("Ann", "Bob")
    present, proposed = asked(found, dunning__on_failure="mail")
    played(present)
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=50_00, currency="USD", means="cash", actor=STAFF,
        now=found.desk.clock.now(),
    )  # fmt: skip
    played(proposed)
    assert partings(present.rehearsal, limit=5) == ([], 0), "what was paid between the two is in neither"


def test_who_pays_on_the_day_itself_pays() -> None:
    found = monthly("Ann")
    (course,) = asked(found, months=3, luck=replace(ALL_PAY, by_hand_days=0))
    figures = played(course)
    assert figures.owed_minor == 0
    hanna = Party.objects.get(organization_id=course.fork_id or uuid4(), name="Hanna")
    assert Payment.objects.filter(party=hanna).count() == 3


def test_what_happened_on_the_day_before_it_began_is_not_counted() -> None:
    found = monthly("Ann")
    record_payment(
        found.world.organization, found.party("Ann"), amount_minor=77_77, currency="USD", means="cash", actor=STAFF,
        now=found.desk.clock.now(),
    )  # fmt: skip
    figures = played(asked(found)[0])
    assert figures.total("collected_minor") == figures.total("billed_minor") + 22_23, (
        "the rest of what was open"
    )


def test_other_currencies_are_not_added_to_a_member_s_amounts() -> None:
    found = monthly("Ann")
    present, proposed = asked(found, collect__max_attempts=1)
    played(present), played(proposed)
    for course, amount in ((present, 10_00), (proposed, 20_00)):
        assert course.fork_id is not None
        copy = Organization.objects.get(id=course.fork_id)
        ann = Party.objects.get(organization=copy, name="Ann")
        record_payment(
            copy,
            ann.id,
            amount_minor=amount,
            currency="EUR",
            means="cash",
            actor=STAFF,
            now=desk_for(copy).clock.now(),
        )
    assert partings(present.rehearsal, limit=5) == ([], 0)


def test_what_was_declined_in_the_instant_in_which_it_began_is_of_no_course() -> None:
    found = monthly("Ann")
    found.behave("Ann", "decline", "insufficient_funds")
    found.collect()
    assert found.states("Ann") == ["declined"]
    courses = asked(found, months=1, collect__max_attempts=1, collect__offsets=[0])
    present, proposed = (played(course) for course in courses)
    ((ann,), _) = partings(courses[0].rehearsal, limit=5)
    assert (ann.present.declined, ann.proposed.declined) == (
        present.total("declined"),
        proposed.total("declined"),
    )
    assert ann.present.mails - ann.proposed.mails == present.total("mails") - proposed.total("mails"), (
        "Hanna gets hers in both"
    )


def test_what_goes_on_to_the_next_bill_is_billed_once() -> None:
    """What was left unpaid stands on two invoices; a course counts it once, and it adds up."""
    found = billed("Ann", "Bob", card=None, autopay=False, balance__carry_previous="on")
    found.advance(days=365)
    runs.generate(found.desk, name="Renewals 2027", effective_on=date(2027, 1, 1), actor=STAFF)
    assert found.invoice("Ann").total_minor == 20_000
    figures = figures_of(found.desk, since=date(2026, 1, 1))
    assert (figures.total("billed"), figures.total("billed_minor")) == (4, 40_000)
    assert figures.total("collected_minor") + figures.owed_minor == 40_000
