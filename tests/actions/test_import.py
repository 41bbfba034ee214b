"""Importing members: the report, the commit, and what must never happen (issue: import; C-50, C-51)."""

import io
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection
from tests.rosters import GIVEN_COUNTS, GIVEN_ROSTER, RosterStream, planted_roster
from tests.rules.test_roster import CODES
from tests.world import STAFF, World, a_world

from paidthru import runs
from paidthru.actions import import_members
from paidthru.actions.import_members import commit_import, preview_import
from paidthru.invariants import check
from paidthru.invoicing.models import Invoice
from paidthru.kernel.copying import copy_rows
from paidthru.kernel.errors import Refused
from paidthru.kernel.exports import write_csv
from paidthru.membership.models import Fee, Membership, Plan, Term
from paidthru.membership.operations import bring_in
from paidthru.membership.rules.roster import Corrections
from paidthru.membership.rules.roster_report import Choices, ImportReport
from paidthru.payments.models import Attempt
from paidthru.people.models import Party
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEVELS = ("Regular", "Student", "Family", "Retired", "Corporate", "Life")
HEAD = "User ID,First name,Last name,e-Mail,Membership level,Membership status,Member since,Renewal due\n"
ANN = "1,Ann,Lee,ann@example.org,Regular,Active,2012-08-31,2027-08-31\n"
BOB = "2,Bob,Ray,bob@example.org,Regular,Lapsed,2015-02-01,2026-02-01\n"
CID = "3,Cid,Fox,cid@example.org,Family,Active,2020-02-29,2027-02-28\n"


@pytest.fixture
def world() -> World:
    return a_world(now=NOW)


def a_club(*plans: str) -> World:
    world = a_world(now=NOW)
    for plan in plans:
        world.plan(plan)
    return world


def preview(world: World, text: str | bytes, choices: Choices | None = None) -> ImportReport:
    content = text.encode() if isinstance(text, str) else text
    return preview_import(world.organization, io.BytesIO(content), choices, now=NOW, file_name="roster.csv")


def commit(
    world: World, text: str | bytes, choices: Choices | None = None, token: str | None = None
) -> ImportReport:
    content = text.encode() if isinstance(text, str) else text
    return commit_import(
        world.organization,
        io.BytesIO(content),
        choices,
        actor=STAFF,
        now=NOW,
        token=token,
        file_name="roster.csv",
    )


def member(world: World, name: str) -> Membership:
    return Membership.objects.exclude(state="ended").get(organization=world.organization, party__name=name)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.add, report.change, report.unchanged, report.left_out


# ------------------------------------------------------------ the given roster


@pytest.mark.parametrize("plans", [LEVELS, ()], ids=["with plans", "without plans"])
def test_every_planted_fault_of_the_given_roster_is_found_and_named(plans: tuple[str, ...]) -> None:
    world = a_club(*plans)
    report = preview(world, GIVEN_ROSTER.read_bytes())
    planted = json.loads(GIVEN_COUNTS.read_text())
    assert report.rows == planted["data rows"]
    assert Counter(fault.code for fault in report.faults) == {
        code: planted[kind] for kind, code in CODES.items()
    }
    assert sum(counts(report)) == report.rows
    assert [(one.text, one.rows, one.offered) for one in report.plans_unknown] == [
        ("Platinum Plus", 5, False)
    ]
    assert {one.name for one in report.plans_new} == (set() if plans else set(LEVELS))
    assert all(fault.row > 1 and fault.problem and fault.fix for fault in report.faults)
    assert Party.objects.count() == Membership.objects.count() == Event.objects.count() == 0
    assert Plan.objects.count() == len(plans)


def test_the_given_roster_comes_in_and_the_second_time_nothing_changes() -> None:
    world = a_club()
    content = GIVEN_ROSTER.read_bytes()
    before = preview(world, content)
    done = commit(world, content, token=before.token)
    assert done.committed
    assert counts(done) == counts(before)
    assert Party.objects.count() == Membership.objects.count() == done.add
    assert (Invoice.objects.count(), Attempt.objects.count(), Fee.objects.count()) == (0, 0, 0)
    assert check(world.organization.id) == []
    again = preview(world, content)
    assert counts(again) == (0, 0, done.add, done.left_out)
    events = Event.objects.count()
    commit(world, content)
    assert Event.objects.count() == events + 1  # that it was imported again
    assert Party.objects.count() == done.add


def test_a_renewal_run_follows_from_the_dates_of_the_file() -> None:
    world = a_world(now=NOW, term__basis="anniversary")
    commit(world, HEAD + ANN + BOB + CID, Choices(create_plans={"Regular": 10_000, "Family": None}))
    run = runs.generate(world.desk, name="2027", effective_on=date(2027, 12, 31), actor=STAFF)
    assert (run.billed, run.skipped) == (2, 1)  # Family has no price yet
    ann = member(world, "Ann Lee")
    assert ann.renewed_through == date(2028, 8, 30)
    assert check(world.organization.id) == []


def test_dates_states_and_terms_follow_from_the_row(world: World) -> None:
    gone = "4,Dee,Oak,dee@example.org,Regular,Canceled,2015-02-01,2026-02-01\n"
    going = "5,Eve,Elm,eve@example.org,Regular,Canceled,2015-02-01,2027-02-01\n"
    late = "6,Fay,Ash,fay@example.org,Regular,Overdue,2015-02-01,2026-02-01\n"
    life = "7,Gus,Fir,gus@example.org,Regular,Active,2015-02-01,\n"
    commit(world, HEAD + ANN + BOB + CID + gone + going + late + life)
    ann, bob, cid = (member(world, name) for name in ("Ann Lee", "Bob Ray", "Cid Fox"))
    assert (ann.state, ann.paid_through, ann.renewed_through) == (
        "active",
        date(2027, 8, 30),
        date(2027, 8, 30),
    )
    assert (ann.anchor_on, ann.next_bill_on) == (date(2012, 8, 31), date(2027, 8, 31))
    term = Term.objects.get(membership=ann)
    assert (term.start_on, term.end_on, term.source) == (date(2026, 8, 31), date(2027, 8, 31), "import")
    assert (bob.state, bob.paid_through, bob.next_bill_on) == ("active", date(2026, 1, 31), None)
    assert (cid.anchor_on, cid.next_bill_on) == (date(2020, 2, 29), date(2027, 2, 28))
    dee = Membership.objects.get(party__name="Dee Oak")
    assert (dee.state, dee.cancel_on, dee.next_bill_on) == ("ended", date(2026, 2, 1), None)
    eve = member(world, "Eve Elm")
    assert (eve.state, eve.cancel_on, eve.next_bill_on) == ("ending", date(2027, 2, 1), None)
    fay = member(world, "Fay Ash")
    assert (fay.unpaid_since, fay.next_bill_on) == (date(2026, 2, 1), date(2026, 2, 1))
    gus = member(world, "Gus Fir")
    assert (gus.state, gus.paid_through, gus.next_bill_on) == ("active", None, None)
    assert not Term.objects.filter(membership=gus).exists()
    assert check(world.organization.id) == []


def test_a_migration_of_a_hundred_charges_nobody_and_bills_each_on_its_date() -> None:
    world = a_world("recommended", now=NOW, billing__trigger="auto")
    world.plan("Basic")
    head = "id,name,email,plan,Billing Cycle Started\n"
    rows = "".join(f"{n},Member {n},m{n}@example.org,Basic,2027-01-{n % 28 + 1:02d}\n" for n in range(100))
    said = Choices(corrections=Corrections(columns={"next_renewal_on": "Billing Cycle Started"}))
    assert "cycle_start_ahead" in {one.code for one in preview(world, head + rows).assumptions}
    assert commit(world, head + rows, said).add == 100
    assert Invoice.objects.count() == 0
    due = Counter(Membership.objects.values_list("next_bill_on", flat=True))
    assert due == Counter(date(2027, 1, n % 28 + 1) for n in range(100))
    runs.advance(world.desk, datetime(2027, 1, 29, 12, 0, tzinfo=UTC))
    billed = Counter(Invoice.objects.values_list("due_on", flat=True))
    assert billed == due
    assert check(world.organization.id) == []


# ------------------------------------------------------------ the second time


def test_the_same_id_again_is_an_update_with_its_event(world: World) -> None:
    world.plan("Family")
    commit(world, HEAD + ANN + BOB, Choices(create_plans={"Regular": None}))
    married = "1,Ann,Lee-Ray,ann@example.org,Family,Active,2012-08-31,2028-08-31\n"
    report = commit(world, HEAD + married + BOB + CID)
    assert counts(report) == (1, 1, 1, 0)
    assert set(report.changes[0].changes) == {"name", "family_name", "plan", "paid_through"}
    assert report.changes[0].changes["plan"] == ("Regular", "Family")
    ann = member(world, "Ann Lee-Ray")
    assert (ann.plan.name, ann.paid_through, ann.next_bill_on) == (
        "Family",
        date(2028, 8, 30),
        date(2028, 8, 31),
    )
    assert Term.objects.filter(membership=ann, canceled=False).count() == 1
    event = Event.objects.get(verb="member_changed")
    assert event.party_id == ann.party_id
    assert event.facts["changes"]["paid_through"] == ["2027-08-30", "2028-08-30"]
    assert check(world.organization.id) == []


def test_a_blank_cell_changes_nothing_and_a_missing_column_neither(world: World) -> None:
    commit(world, HEAD + ANN)
    assert counts(preview(world, HEAD + "1,Ann,Lee,,Regular,Active,,\n")) == (0, 0, 1, 0)
    assert counts(preview(world, "User ID,First name,Last name\n1,Ann,Lee\n")) == (0, 0, 1, 0)


def test_dates_of_a_member_whom_we_bill_are_kept(world: World) -> None:
    commit(world, HEAD + BOB, Choices(create_plans={"Regular": 5_000}))
    runs.generate(world.desk, name="one", effective_on=date(2026, 11, 1), actor=STAFF)
    report = commit(world, HEAD + BOB.replace("2026-02-01", "2027-06-01"))
    assert (report.dates_kept, counts(report)) == (1, (0, 0, 1, 0))
    assert member(world, "Bob Ray").paid_through == date(2026, 1, 31)
    assert check(world.organization.id) == []


def test_an_interval_of_ones_own_and_autopay_are_kept_and_changed(world: World) -> None:
    world.plan("Regular")
    head = "id,name,plan,expires,interval,autopay\n"
    rows = "1,Ann,Regular,2026-12-14,monthly,yes\n2,Bo,Regular,2026-12-14,yearly,no\n"
    commit(world, head + rows)
    ann, bo = member(world, "Ann"), member(world, "Bo")
    assert (ann.override_months, ann.autopay, bo.override_months, bo.autopay) == (1, True, None, False)
    assert Term.objects.get(membership=ann).start_on == date(2026, 11, 15)
    assert counts(preview(world, head + rows)) == (0, 0, 2, 0)
    report = commit(world, head + rows.replace("monthly,yes", "quarterly,no"))
    assert dict(report.changes[0].changes) == {"months": (1, 3), "autopay": (True, False)}
    ann.refresh_from_db()
    assert (ann.override_months, ann.autopay) == (3, False)
    assert check(world.organization.id) == []


def test_an_ending_member_who_is_paid_further_ends_later(world: World) -> None:
    ending = ANN.replace("Active", "Ending")
    commit(world, HEAD + ending)
    commit(world, HEAD + ending.replace("2027-08-31", "2028-08-31"))
    ann = member(world, "Ann Lee")
    assert (ann.state, ann.cancel_on, ann.paid_through) == ("ending", date(2028, 8, 31), date(2028, 8, 30))
    assert counts(preview(world, HEAD + ending.replace("2027-08-31", "2028-08-31"))) == (0, 0, 1, 0)


def test_a_company_is_an_organization_and_stays_one(world: World) -> None:
    head = "id,company,name,plan\n"
    commit(world, head + "1,Harbour Ltd,,Regular\n")
    party = Party.objects.get()
    assert (party.kind, party.name, party.organization_name) == ("organization", "Harbour Ltd", "Harbour Ltd")
    assert counts(preview(world, "id,name,plan\n1,Harbour Ltd,Regular\n")) == (0, 0, 1, 0)


def test_a_member_canceled_in_the_file_ends_and_an_old_file_does_not_revive_one(world: World) -> None:
    commit(world, HEAD + ANN + BOB)
    commit(world, HEAD + BOB.replace("Lapsed", "Canceled"))
    assert Membership.objects.get(party__name="Bob Ray").state == "ended"
    assert counts(preview(world, HEAD + BOB)) == (0, 0, 1, 0)
    back = commit(world, HEAD + BOB.replace("Lapsed", "Active").replace("2026-02-01", "2027-02-01"))
    assert back.change == 1
    assert Membership.objects.filter(party__name="Bob Ray").count() == 2
    assert check(world.organization.id) == []


def test_rows_without_ids_are_found_by_name_and_email(world: World) -> None:
    head = "name,email,phone,plan\n"
    rows = "Ann,ann@example.org,1,Regular\nBo,,2,Regular\nBo,,3,Regular\nBo,b@x.org,,Regular\n"
    first = commit(world, head + rows)
    assert counts(first) == (3, 0, 0, 1)
    assert [(fault.row, fault.code) for fault in first.faults if fault.severity == "error"] == [
        (4, "member_ambiguous")
    ]
    assert counts(preview(world, head + rows)) == (0, 0, 3, 1)
    assert counts(preview(world, head + rows.replace("ANN", "Ann").replace(",1,", ",9,"))) == (0, 1, 2, 1)


def test_somebody_entered_by_hand_gets_the_id_of_the_roster(world: World) -> None:
    party_id = world.party("Ann Lee", email="ANN@example.org")
    report = commit(world, HEAD + ANN)
    assert counts(report) == (0, 1, 0, 0)
    assert Party.objects.get(id=party_id).external_id == "1"
    assert member(world, "Ann Lee").party_id == party_id


# ------------------------------------------------------------ plans


def test_unknown_levels_wait_for_an_answer_where_there_are_plans(world: World) -> None:
    world.plan("Gold")
    text = HEAD + ANN + BOB.replace("Ray", "Roy") + "9,Zoe,Yew,zoe@example.org,Regular,Active,,2027-01-01\n"
    report = preview(world, text)
    assert [(one.text, one.rows, one.offered) for one in report.plans_unknown] == [("Regular", 3, True)]
    assert (report.add, report.left_out) == (3, 0)
    with pytest.raises(Refused) as refused:
        commit(world, text)
    assert refused.value.code == "plans_unknown"
    assert "--create-plans" in str(refused.value.fix)
    assert Party.objects.count() == 0
    mapped = commit(world, text, Choices(plan_map={"regular": "gold"}))
    assert (mapped.add, member(world, "Ann Lee").plan.name) == (3, "Gold")
    assert not Plan.objects.filter(name="Regular").exists()


def test_a_level_may_be_created_with_a_price_or_read_as_no_membership(world: World) -> None:
    choices = Choices(create_plans={"Regular": 12_500}, plan_map={"Family": ""})
    commit(world, HEAD + ANN + CID, choices)
    assert Fee.objects.get(plan__name="Regular").amount_minor == 12_500
    assert not Membership.objects.filter(party__name="Cid Fox").exists()
    assert Event.objects.filter(
        verb="member_imported", party_id=Party.objects.get(name="Cid Fox").id
    ).exists()


@pytest.mark.parametrize(
    ("choices", "code"),
    [
        (Choices(plan_map={"Regular": "Nothing"}), "plan_unknown"),
        (Choices(plan_map={"Ruby": "Regular"}), "level_unknown"),
        (Choices(create_plans={"Ruby": 5}), "level_unknown"),
        (Choices(corrections=Corrections(columns={"plan": "No such heading"})), "column_unknown"),
    ],
)
def test_answers_that_fit_nothing_are_refused(world: World, choices: Choices, code: str) -> None:
    with pytest.raises(Refused) as refused:
        preview(world, HEAD + ANN, choices)
    assert refused.value.code == code
    assert refused.value.fix


def test_an_amount_in_another_currency_is_a_fault(world: World) -> None:
    world.plan("Euro", currency="EUR")
    report = preview(
        world, "id,name,plan,price,currency\n1,Ann,Euro,5.00,USD\n2,Bo,Euro,,USD\n3,Cy,Euro,,EUR\n"
    )
    assert [(fault.row, fault.code) for fault in report.faults] == [
        (2, "currency_mismatch"),
        (4, "currency_mismatch"),
    ]
    assert "USD" in report.faults[0].problem
    assert "EUR" in report.faults[0].problem


def test_a_price_in_the_file_is_offered_and_one_that_differs_is_a_warning(world: World) -> None:
    world.plan("Gold", amount_minor=4_500)
    rows = "id,name,plan,price\n1,Ann,Gold,45.00\n2,Bo,Gold,30\n" + "".join(
        f"{at},N{at},Annual,$450\n" for at in range(3, 6)
    )
    asked = preview(world, rows)
    assert [(one.text, one.price_minor) for one in asked.plans_asked] == [("Annual", 45_000)]
    assert asked.as_dict()["plans_unknown"] == [
        {"text": "Annual", "rows": 3, "offered": True, "price": "450.00"}
    ]
    assert [(one.row, one.severity) for one in asked.faults if one.code == "price_differs"] == [
        (3, "warning")
    ]
    taken = commit(world, rows, Choices(create_plans={"Annual": 40_000}))
    assert (taken.add, taken.left_out) == (5, 0)
    assert [one.row for one in taken.faults if one.code == "price_differs"] == [3, 4, 5, 6]
    assert Fee.objects.get(plan__name="Annual").amount_minor == 40_000


# ------------------------------------------------------------ all or nothing


def test_a_failure_half_way_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_members, "SLICE", 2)
    whole = bring_in
    calls = []

    def fails_later(*arguments: object, **named: object) -> None:
        calls.append(1)
        whole(*arguments, **named)  # type: ignore[arg-type]
        if len(calls) == 2:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(import_members, "bring_in", fails_later)
    rows = "".join(f"{n},M{n},Lee,m{n}@example.org,Regular,Active,,2027-01-01\n" for n in range(1, 8))
    with pytest.raises(DatabaseError):
        commit(world, HEAD + rows)
    assert len(calls) == 2
    for table in (Party, Membership, Term, Plan, Event):
        assert table.objects.count() == 0
    monkeypatch.setattr(import_members, "bring_in", whole)
    assert commit(world, HEAD + rows).add == 7


def test_another_file_than_the_one_previewed_is_refused(world: World) -> None:
    token = preview(world, HEAD + ANN).token
    with pytest.raises(Refused) as refused:
        commit(world, HEAD + BOB, token=token)
    assert refused.value.code == "file_changed"
    assert commit(world, HEAD + ANN, token=token).add == 1


def test_the_roster_of_another_organization_is_refused(world: World) -> None:
    commit(world, HEAD + ANN + BOB + CID)
    others = HEAD + "".join(
        f"{n},{name},{n}@other.org,Regular,Active,,2027-01-01\n" for n, name in ((1, "Xia,Wu"), (2, "Yul,Om"))
    )
    for act in (preview, commit):
        with pytest.raises(Refused) as refused:
            act(world, others + CID)
        assert refused.value.code == "roster_of_another_organization"
        assert refused.value.fix
    assert Party.objects.count() == 3
    married = HEAD + "1,Ann,Wu,ann@new.org,Regular,Active,,2027-08-31\n"
    assert preview(world, married + BOB + CID).change == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"name\r\nAnn\r\n", "one_column"),
        (b"PK\x03\x04" + bytes(99), "not_csv"),
        (b"id,name\r\n", "no_rows"),
        (b"id,name,plan\n1,,x\n2,,x\n", "nothing_to_import"),
    ],
)
def test_files_that_cannot_be_taken_are_refused(world: World, content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        commit(world, content)
    assert refused.value.code == code
    assert refused.value.fix


@pytest.mark.parametrize("seed", range(3))
def test_other_planted_rosters_come_through(seed: int) -> None:
    world = a_club("Regular", "Student", "Family", "Corporate", "Life")
    content, planted = planted_roster(seed)
    report = commit(world, content)
    assert dict(report.codes) == planted
    assert check(world.organization.id) == []


def test_a_formula_stays_text_and_leaves_harmless(world: World) -> None:
    commit(world, 'id,name,email\n1,"=HYPERLINK(""http://x.example"",""x"")",a@example.org\n')
    party = Party.objects.get()
    assert party.name.startswith("=HYPERLINK")
    written = "".join(write_csv([[party.name, party.email]], ["name", "email"]))
    assert "'=HYPERLINK" in written
    assert counts(preview(world, f"id,name,email\n1,{csv_cell(chr(39) + party.name)},a@example.org\n")) == (
        0,
        0,
        1,
        0,
    )


def csv_cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def test_who_brought_the_roster_in_is_told(world: World) -> None:
    commit(world, HEAD + ANN + BOB)
    event = Event.objects.get(verb="members_imported")
    assert (event.actor, event.facts["file"], event.facts["add"]) == ("Pat Treasurer", "roster.csv", 2)
    assert Event.objects.filter(verb="brought_in").count() == 2


def test_rows_go_through_in_slices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with the file: what is held at once is one slice."""
    sizes: list[int] = []
    whole = copy_rows

    def measured(cursor: object, table: str, columns: Sequence[str], rows: list[tuple[object, ...]]) -> int:
        sizes.append(len(rows))
        return whole(cursor, table, columns, rows)

    monkeypatch.setattr(import_members, "copy_rows", measured)
    stream = io.BufferedReader(RosterStream(9_001))
    assert preview_import(world.organization, stream, now=NOW).add == 9_001
    assert sizes == [2_000] * 4 + [1_001]


def test_progress_is_told_and_faults_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_members, "SHOWN_FAULTS", 5)
    heard: list[tuple[int, int]] = []
    stream = io.BufferedReader(RosterStream(5_000))
    report = preview_import(
        world.organization, stream, now=NOW, progress=lambda done, rows: heard.append((done, rows))
    )
    assert heard == [(2_000, 5_000), (4_000, 5_000), (5_000, 5_000)]
    assert report.add == 5_000
    heard.clear()
    commit_import(
        world.organization,
        stream,
        actor=STAFF,
        now=NOW,
        progress=lambda done, rows: heard.append((done, rows)),
    )
    assert heard[2:] == [(5_000, 5_000), (7_000, 10_000), (9_000, 10_000), (10_000, 10_000), (10_000, 10_000)]
    bad = preview(world, HEAD + "".join(f"{n},Ann,Lee,a{n}@b.org,,Blue,,\n" for n in range(1, 20)))
    assert (len(bad.faults), bad.faults_found) == (5, 19)
    assert bad.statuses_unknown == {"Blue": 19}


# ------------------------------------------------------------ where letters go, and in which language


def test_postal_addresses_and_languages_are_taken_and_changed(world: World) -> None:
    world.plan("Regular")
    head = HEAD.strip() + ",Street,Address 2,ZIP,City,State,Country,Preferred language\n"
    ann = ANN.strip() + ",1 Elm St,Apt 4,04101,Portland,ME,USA,English\n"
    bob = BOB.strip() + ",Ringstr. 5,,1010,Wien,,Österreich,de-AT\n"
    cid = CID.strip().replace("Family", "Regular") + ",,,,,active,Atlantis,Klingon\n"
    report = commit(world, head + ann + bob + cid)
    assert counts(report) == (3, 0, 0, 0)
    told = {one.name: (one.address, one.country, one.language) for one in Party.objects.all()}
    assert told == {
        "Ann Lee": ("1 Elm St\nApt 4\nPortland, ME 04101", "US", "en"),
        "Bob Ray": ("Ringstr. 5\n1010 Wien", "AT", "de"),
        "Cid Fox": ("", "", ""),  # another program's state is no address
    }
    assert {fault.code for fault in report.faults} >= {"country_unknown", "language_unknown"}
    assert counts(commit(world, head + ann + bob + cid)) == (0, 0, 3, 0)
    moved = bob.replace("Ringstr. 5", "Am Hof 1").replace("de-AT", "")
    assert counts(commit(world, head + ann + moved + cid)) == (0, 1, 2, 0)
    bob_now = Party.objects.get(name="Bob Ray")
    assert (bob_now.address, bob_now.language) == (
        "Am Hof 1\n1010 Wien",
        "de",
    )  # a blank cell changes nothing
    assert counts(commit(world, HEAD + ANN + BOB)) == (0, 0, 2, 0)  # nor does a column that isn't there


@pytest.mark.parametrize(
    ("preset", "every", "interval"),
    [
        ("coworking", "", (1, "month")),
        ("association", "", (1, "year")),
        ("association", "quarter", (3, "month")),
    ],
)
def test_plans_that_come_with_a_roster_bill_as_is_usual_or_as_was_said(
    preset: str, every: str, interval: tuple[int, str]
) -> None:
    world = a_world(preset, now=NOW)
    choices = Choices(create_plans={"Regular": 10_000}, every=every)
    report = commit(world, HEAD + ANN, choices)
    made = Plan.objects.get(name="Regular")
    assert (made.interval_count, made.interval_unit) == interval
    assert report.plans_new[0].every == (every or ("month" if preset == "coworking" else "year"))


def test_an_unheard_of_interval_is_refused() -> None:
    with pytest.raises(Refused, match="Plans don’t bill every “fortnight” here"):
        preview(a_club(), HEAD + ANN, Choices(create_plans={"Regular": None}, every="fortnight"))


def test_two_people_with_one_address_are_a_note_and_both_are_taken() -> None:
    world = a_club("Regular", "Family")
    text = HEAD + ANN + BOB.replace("bob@", "Ann@") + CID
    report = preview(world, text)
    assert counts(report) == (3, 0, 0, 0) and report.codes == {"email_shared": 1}
    note = report.faults[0]
    assert (note.row, note.field, note.value, note.severity) == (3, "e-Mail", "Ann@example.org", "note")
    assert note.problem == "Ann Lee, in row 2, has the same e-mail address."
    assert commit(world, text, token=report.token).add == 3


def test_the_report_says_where_the_headings_are_and_how_dates_were_read() -> None:
    head = HEAD.replace("\n", ",Paid\n")
    rows = ANN.replace("2012-08-31", "08/31/2012").replace("\n", ",x\n")
    report = preview(a_club("Regular"), "Our members\n" + head + rows)
    assert report.header_row == 2
    assert report.as_dict()["date_orders"] == {"Member since": "month_first"}, (
        "the other column says it by itself"
    )
