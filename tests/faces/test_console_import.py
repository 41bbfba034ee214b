"""The console's import: upload, columns, report, and taking it in."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.staff import signed_in
from tests.world import World, a_world

from paidthru.faces.console.views import imports
from paidthru.faces.worker.jobs import read_roster
from paidthru.kernel.clock import SystemClock
from paidthru.membership.models import Fee, Membership, Plan
from paidthru.people.models import Party
from paidthru.wiring import uploads

pytestmark = pytest.mark.django_db(transaction=True)

ROSTER = """Member ID,First name,Last name,Email,Level,Paid thru,Nickname
1,Ann,Ames,ann@example.org,Regular,2025-12-31,Nan
2,Bob,Burr,bob@example.org,Regular,2025-12-31,
3,Cid,Cole,not an address,Regular,2025-12-31,
4,=HYPERLINK("x"),Dunn,dee@example.org,Student,someday,
"""


def at(world: World, path: str = "") -> str:
    return f"/o/{world.organization.slug}/import/{path}"


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.replace("&#x27;", "'")).split())


def uploaded(client: Client, world: World, text: str | bytes = ROSTER, name: str = "club.csv") -> str:
    """The token of an uploaded file."""
    content = text.encode() if isinstance(text, str) else text
    answer = client.post(at(world), {"file": SimpleUploadedFile(name, content, "text/csv")})
    assert answer.status_code == 302, words(answer.content.decode())
    return str(answer.headers["Location"].rstrip("/").rsplit("/", 1)[1])


def guessed(client: Client, world: World, token: str, **changes: str) -> dict[str, str]:
    """What the mapping page would post as it stands."""
    page = client.get(at(world, f"{token}/")).content.decode()
    form = dict(re.findall(r'<input type="hidden" name="(levels|width)" value="([^"]*)"', page))
    for select in re.findall(r'<select class="input"\s+id="([^"]+)".*?</select>', page, re.DOTALL):
        body = page[page.index(f'id="{select}"') :].split("</select>")[0]
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        form[select] = chosen[1] if chosen else ""
    return form | changes


def checked(client: Client, world: World, text: str | bytes = ROSTER, **changes: str) -> str:
    token = uploaded(client, world, text)
    answer = client.post(at(world, f"{token}/"), guessed(client, world, token, **changes))
    assert answer.headers.get("Location") == at(world, f"{token}/report/"), words(answer.content.decode())
    return token


def report(client: Client, world: World, token: str, tail: str = "") -> str:
    return words(client.get(at(world, f"{token}/report/{tail}")).content.decode())


def taken(client: Client, world: World, token: str) -> str:
    page = client.get(at(world, f"{token}/report/")).content.decode()
    digest = re.search(r'name="digest" value="([^"]+)"', page)
    assert digest
    return words(
        client.post(at(world, f"{token}/take/"), {"digest": digest[1]}, follow=True).content.decode()
    )


# ---------------------------------------------------------------- the way through


def test_the_report_counts_in_plain_sentences_and_names_the_row_of_the_headings() -> None:
    world = a_world()
    world.plan("Full")
    client = signed_in(world)
    head = "Members of the club\nid,name,email,level,joined,balance\n"
    text = report(
        client,
        world,
        checked(client, world, head + "1,Ann Lee,a@example.org,Full,08/31/2012,5.00\n2,Bo,x,Full,,\n"),
    )
    assert "Adds 1 member. Dates are read month first, 12/31/2026." in text
    assert "1 row has a balance, which is not booked." in text
    assert "the column names are in row 2." in text
    again = "1,Ann Lee,a@example.org,Full,08/31/2012,\n"
    taken(client, world, checked(client, world, head + again))
    assert "Leaves 1 member unchanged." in report(client, world, checked(client, world, head + again))
    both = head + again.replace("Lee", "Ray") + "3,Cy,,Full,,\n4,Di,,Full,,\n"
    assert "Adds 2 members and changes 1 member." in report(client, world, checked(client, world, both))


def test_a_roster_is_read_corrected_reported_and_taken() -> None:
    world = a_world()
    client = signed_in(world)
    token = uploaded(client, world)
    form = guessed(client, world, token)
    assert form["column-0"] == "external_id"
    assert form["column-5"] == "paid_through"
    page = words(client.get(at(world, f"{token}/")).content.decode())
    assert "Nan" in page  # a first value
    assert "Levels of the file that are no plan yet" in page
    form |= {
        "column-6": "notes",
        "level-0": "create",
        "price-0": "$1,250.00",
        "level-1": "create",
        "price-1": "",
    }
    client.post(at(world, f"{token}/"), form)
    text = report(client, world, token)
    for said in (
        "Nothing has been written yet",
        "Left out",
        "4 Left out Email not an address",
        "someday",
        "Creates 2 plans: Regular ($1,250.00 every year), Student (every year, no price yet).",
        "Nothing is billed, mailed or charged.",
    ):
        assert said in text, said
    assert Party.objects.count() == 0
    done = taken(client, world, token)
    assert "club.csv is imported" in done
    ann = Party.objects.get(external_id="1")
    assert (ann.name, ann.notes) == ("Ann Ames", "Nan")
    assert Fee.objects.get(plan__name="Regular").amount_minor == 125_000
    assert Membership.objects.filter(party=ann).exists()
    assert not list(Path(os.environ["PAIDTHRU_HOME"], "uploads").glob(f"{token}.file"))  # the file is gone
    people = Party.objects.count()
    assert client.post(at(world, f"{token}/take/"), {"digest": "x"}).status_code == 302  # a second click
    assert Party.objects.count() == people
    again = checked(client, world)
    assert "Import" in report(client, world, again)
    taken(client, world, again)
    assert Party.objects.count() == people


def test_levels_become_plans_that_are_there_or_none() -> None:
    world = a_world()
    world.plan("Full")
    client = signed_in(world)
    text = ROSTER.replace('=HYPERLINK("x")', "Dee").replace("someday", "2025-12-31")
    text += "".join(f"{n},P{n},Q,p{n}@example.org,Student,2025-12-31,\n" for n in range(10, 15))
    token = uploaded(client, world, text)
    page = client.get(at(world, f"{token}/")).content.decode()
    levels = re.search(r'name="levels" value="([^"]+)"', page)
    assert levels
    order = levels[1].split("|")
    form = guessed(client, world, token)
    form |= {f"level-{order.index('Regular')}": "plan:Full", f"level-{order.index('Student')}": "none"}
    client.post(at(world, f"{token}/"), form)
    taken(client, world, token)
    assert [plan.name for plan in Plan.objects.all()] == ["Full"]
    assert Membership.objects.count() == 2
    assert Party.objects.count() == 8


def test_another_plan_column_asks_for_its_levels_first() -> None:
    world = a_world()
    client = signed_in(world)
    text = "ID,Name,Level,Section\n" + "".join(f"{n},Member {n},A,B\n" for n in range(5))
    token = uploaded(client, world, text)
    form = guessed(client, world, token) | {"column-2": "", "column-3": "plan"}
    answer = client.post(at(world, f"{token}/"), form, follow=True)
    page = words(answer.content.decode())
    assert "Say also what the levels in the plan column become." in page
    form = guessed(client, world, token)
    assert form["column-3"] == "plan"
    assert form["levels"] == "B"
    client.post(at(world, f"{token}/"), form)
    assert "Creates 1 plan: B (every year, no price yet)." in report(client, world, token)


def test_another_separator_reads_the_file_anew() -> None:
    world = a_world()
    client = signed_in(world)
    token = uploaded(client, world, "ID;Name;Note\n1;Ann;a, b\n2;Bob;c, d\n")
    assert "external_id" in guessed(client, world, token).values()
    page = client.post(at(world, f"{token}/"), guessed(client, world, token, delimiter=","), follow=True)
    assert "Please look at this again" in words(page.content.decode()) or "read anew" in words(
        page.content.decode()
    )


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.7 not a roster", "PDF"),
        (b"PK\x03\x04" + b"\0" * 200, "not a CSV"),
        (b"Just one column\nAnn\nBob\n", "column"),
    ],
)
def test_a_file_that_is_none_is_refused_at_once(content: bytes, problem: str) -> None:
    world = a_world()
    client = signed_in(world)
    answer = client.post(at(world), {"file": SimpleUploadedFile("x.csv", content)})
    assert answer.status_code == 422
    assert problem in words(answer.content.decode())
    assert client.post(at(world), {}).status_code == 422
    folder = Path(os.environ["PAIDTHRU_HOME"], "uploads")
    kept = [json.loads(path.read_text())["organization"] for path in folder.glob("*.json")]
    assert str(world.organization.id) not in kept


def test_too_many_rows_are_refused() -> None:
    world = a_world()
    content = b"ID,Name\n" + b"1,A\n" * 500_001
    answer = signed_in(world).post(at(world), {"file": SimpleUploadedFile("x.csv", content)})
    assert answer.status_code == 422
    assert "500,000" in words(answer.content.decode())


def test_headings_in_nobodys_words_can_be_named() -> None:
    world = a_world()
    client = signed_in(world)
    token = uploaded(client, world, "Foo,Bar\nAnn,1\nBob,2\n")
    page = words(client.get(at(world, f"{token}/")).content.decode())
    assert "Please say which column is which" in page
    form = guessed(client, world, token) | {"column-0": "full_name", "column-1": "external_id"}
    client.post(at(world, f"{token}/"), form)
    assert "Import 2 rows" in report(client, world, token)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"column-1": "email", "column-3": "email"}, "Two columns are to be the"),
        ({"level-0": "create", "price-0": "lots"}, "lots"),
        ({"level-0": "create", "price-0": "-5"}, "not negative"),
        ({"level-0": "plan:Nowhere"}, "There is no plan called “Nowhere”"),
    ],
)
def test_what_cannot_be_is_named(changes: dict[str, str], problem: str) -> None:
    world = a_world()
    client = signed_in(world)
    token = uploaded(client, world)
    answer = client.post(at(world, f"{token}/"), guessed(client, world, token, **changes), follow=True)
    assert answer.status_code in (409, 422)
    assert problem in words(answer.content.decode())
    assert Party.objects.count() == 0


def test_a_file_without_a_good_row_cannot_be_taken() -> None:
    world = a_world()
    client = signed_in(world)
    token = checked(client, world, "ID,Name,Email\n1,Ann,nope\n2,Bob,neither\n")
    assert "No row can be taken." in report(client, world, token)
    answer = client.post(at(world, f"{token}/take/"), {"digest": ""})
    assert answer.status_code == 409


def test_faults_are_paged_and_downloaded_without_formulas() -> None:
    world = a_world()
    client = signed_in(world)
    text = "ID,Name,Paid thru\n" + "".join(f"{n},Ann {n},2026-01-01\n" for n in range(200, 500))
    text += "".join(f"{n},Member {n},=no{n}\n" for n in range(120))
    token = checked(client, world, text)
    assert "120 faults in all" in report(client, world, token)
    assert "=no60" in report(client, world, token, "?from=50")
    lines = b"".join(client.get(at(world, f"{token}/faults.csv")).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 121
    assert lines[1].startswith("302,error,Paid thru,'=no0,")


# ---------------------------------------------------------------- large files, and time


def test_a_large_file_is_a_workers_and_shows_its_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "AT_ONCE", 2)
    world = a_world()
    client = signed_in(world)
    token = checked(client, world)
    assert "Checking club.csv" in report(client, world, token)
    poll = client.get(at(world, f"{token}/report/"), headers={"HX-Request": "true"})
    assert poll.content.decode().strip().startswith("<section")
    organization = str(world.organization.id)
    read_roster(organization, token, "", "Pat Treasurer")
    done = client.get(at(world, f"{token}/report/"), headers={"HX-Request": "true"})
    assert done.headers["HX-Refresh"] == "true"
    assert "Importing club.csv" in taken(client, world, token)
    read_roster(organization, token, json.loads(notes_of(token))["report"]["token"], "Pat Treasurer")
    assert "club.csv is imported" in report(client, world, token)
    read_roster(organization, "x" * 32, "", "Pat Treasurer")  # gone meanwhile: nothing happens


def notes_of(token: str) -> str:
    return Path(os.environ["PAIDTHRU_HOME"], "uploads", f"{token}.json").read_text()


def test_uploads_are_private_and_thrown_away_after_a_day(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "uploads"
    monkeypatch.setattr("django.conf.settings.UPLOADS", lambda: folder)
    world = a_world()
    client = signed_in(world)
    token = uploaded(client, world)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    uploads().sweep(SystemClock().now() + timedelta(hours=23))
    assert client.get(at(world, f"{token}/")).status_code == 200
    uploads().sweep(SystemClock().now() + timedelta(hours=25))
    assert client.get(at(world, f"{token}/")).status_code == 404
    assert not list(folder.glob(f"{token}*"))


def test_a_file_can_be_thrown_away() -> None:
    world = a_world()
    client = signed_in(world)
    token = checked(client, world)
    assert "was thrown away" in words(
        client.post(at(world, f"{token}/discard/"), follow=True).content.decode()
    )
    assert client.get(at(world, f"{token}/")).status_code == 404


# ---------------------------------------------------------------- who may

PATHS = {"{token}/": "get", "{token}/report/": "get", "{token}/faults.csv": "get", "{token}/take/": "post",
         "{token}/discard/": "post", "": "get"}  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_who_may(path: str) -> None:
    world, other = a_world(), a_world(name="Other")
    owner = signed_in(world, "finance")
    token = checked(owner, world)
    method, tail = PATHS[path], path.format(token=token)
    assert getattr(signed_in(world, "approver"), method)(at(world, tail)).status_code == 403
    stranger = signed_in(other)
    assert getattr(stranger, method)(at(world, tail)).status_code == 404
    assert getattr(Client(), method)(at(world, tail)).status_code == 302
    if token in tail:
        assert getattr(stranger, method)(at(other, tail)).status_code == 404
        colleague = signed_in(world, "finance", email="other@example.org")
        assert getattr(colleague, method)(at(world, tail)).status_code == 404  # one's own uploads only
        assert getattr(owner, method)(at(world, tail.replace(token, "x" * 32))).status_code == 404
    if method == "post":
        assert signed_in(world, "finance", csrf=True).post(at(world, tail)).status_code == 403


def test_the_price_of_a_new_plan_stands_there_as_most_of_its_rows_say() -> None:
    world = a_world()
    client = signed_in(world)
    token = uploaded(client, world, "id,name,level,price\n1,Ann,Gold,$45\n2,Bo,Gold,45.00\n3,Cy,Gold,30\n")
    page = client.get(at(world, f"{token}/")).content.decode()
    (price,) = re.findall(r'name="price-0"[^>]*value="([^"]*)"', page)
    assert price == "45.00"
    client.post(at(world, f"{token}/"), guessed(client, world, token, **{"price-0": price}))
    text = report(client, world, token)
    assert "Creates 1 plan: Gold ($45.00 every year)." in text
    assert "The row says 30.00, and Gold costs 45.00 USD." in text
    client.post(at(world, f"{token}/"), guessed(client, world, token, **{"price-0": ""}))
    assert "no price yet" in report(client, world, token)
    assert not re.findall(
        r'name="price-0"[^>]*value="45', client.get(at(world, f"{token}/")).content.decode()
    )
