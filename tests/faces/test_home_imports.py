"""A list of homes comes in by the console and the command line: the report first, then all good rows, once (A-29)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.faces.acting import at, hidden, text
from tests.faces.test_cli import refused, run
from tests.faces.test_console_addresses import streamed
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import a_world

from paidthru.people.models import Holding, Party, Unit

pytestmark = pytest.mark.django_db(transaction=True)

LIST = """Unit;Share;Owner;E-mail;Tenant
1A;12,5;Ann;;
1B;12,5;Zoe Zane;zoe@example.org;Bob
1C;x;Ann;;
1D;25;Nobody Known;;
1E;;#99;;
"""


def test_a_list_is_read_reported_and_taken_in_once() -> None:
    world = a_world("ams_hoa", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    ann, bob = world.party("Ann"), world.party("Bob")
    client, page = signed_in(world), at(world, "homes/import/")
    assert "only Unit is needed" in text(client, page)
    bad = client.post(page, {"file": SimpleUploadedFile("a.csv", b"Owner,Share\nAnn,1\n")})
    assert "No column has the names of the units" in words(bad.content) and bad.status_code == 422
    sent = client.post(
        page, {"file": SimpleUploadedFile("homes.csv", LIST.encode()), "add_owners": "on"}, follow=True
    )
    read, there = words(sent.content), sent.redirect_chain[-1][0]
    assert "Adds 3 homes. Adds" in read and "Adds 2 owners to the people" in read
    assert "Leaves out 2 rows" in read and "kept times 10" in read and Unit.objects.count() == 0
    assert b"4,error,Share,x" in b"".join(streamed(client.get(f"{there}faults.csv")))
    assert client.post(there, {"digest": "other"}).status_code == 409
    confirmed = hidden(sent.content.decode())
    for _ in range(2):
        assert client.post(there, confirmed, follow=True).status_code == 200
    assert list(Unit.objects.order_by("name").values_list("name", "share")) == [
        ("1A", 125), ("1B", 125), ("1D", 250),
    ]  # fmt: skip
    held = Holding.objects.order_by("unit__name", "role").values_list("unit__name", "role", "party__name")
    assert list(held) == [
        ("1A", "owner", "Ann"), ("1B", "owner", "Zoe Zane"), ("1B", "tenant", "Bob"), ("1D", "owner", "Nobody Known"),
    ]  # fmt: skip
    assert Party.objects.filter(name="Zoe Zane", email="zoe@example.org").count() == 1
    assert signed_in(world, "viewer").get(page).status_code == 403
    assert signed_in(a_world(name="Other")).get(there).status_code in (403, 404)
    assert {ann, bob} <= set(Holding.objects.values_list("party_id", flat=True))


def test_the_command_line_changes_only_what_is_said(tmp_path: Path) -> None:
    world = a_world("ams_hoa", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    for name in ("Ann", "Ann", "Bob"):
        world.party(name)
    run("unit", "add", "1A", "--share", "1", "--owner", "Bob")
    file = tmp_path / "homes.csv"
    file.write_text("Unit,Share,Area,Owner\n1a,2,80,\n1B,,,Ann\n1C,1,,bob\n2A,1,,Bob\n")
    report = run("unit", "import", str(file), "--preview", "--json").json
    assert [(one["row"], one["code"]) for one in report["faults"]] == [
        (3, "which_member"),
        (4, "member_unknown"),
    ]
    assert (report["add"], report["change"], Unit.objects.count()) == (1, 1, 1)
    run("unit", "import", str(file))
    again = run("unit", "import", str(file), "--json").json
    assert (again["add"], again["change"], again["unchanged"]) == (0, 0, 2)
    assert Unit.objects.values_list("name", "share", "area").get(name="1A") == ("1A", 2, 80)
    file.write_text("Unit,Share,Owner\n1A,,#1\n")
    assert run("unit", "import", str(file), "--json").json["faults"][0]["code"] == "owner_differs"
    file.write_text("Unit,Share\n2A,1.5\n2B,1.5\n")
    assert refused("unit", "import", str(file)) == "shares_of_two_kinds"
    assert refused("unit", "import", str(tmp_path / "none.csv")) == "file_unreadable"


def test_the_option_that_adds_owners_is_named_where_one_is_unknown(tmp_path: Path) -> None:
    a_world("ams_hoa", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    file = tmp_path / "homes.csv"
    file.write_text("Unit,Owner\n1A,Nia New\n")
    preview = run("unit", "import", str(file), "--preview").out
    assert "0 units would be added" in preview and "1 row left out" in preview
    assert "With --add-owners" in preview
    taken = run("unit", "import", str(file), "--add-owners").out
    assert "1 unit added" in taken and "1 owner added" in taken
    assert "With --add-owners" not in taken


def test_faults_are_named_as_the_file_names_its_columns() -> None:
    world = a_world("ams_hoa", now=datetime(2026, 1, 10, 15, tzinfo=UTC))
    client, page = signed_in(world), at(world, "homes/import/")
    list_ = b"Homes of Oak Court\nLot No;Votes;Home owner;Balance\n1A;x;;5.00\n1B;1;Nia;\n1C;1;;\n"
    sent = client.post(page, {"file": SimpleUploadedFile("homes.csv", list_)}, follow=True)
    faults = b"".join(streamed(client.get(f"{sent.redirect_chain[-1][0]}faults.csv"))).decode().splitlines()
    assert [line.split(",")[:3] for line in faults[1:]] == [
        ["2", "note", "Balance"], ["3", "error", "Votes"], ["4", "error", "Home owner"],
    ]  # fmt: skip
    assert "the column names are in row 2." in words(sent.content)
