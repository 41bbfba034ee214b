"""The command line: every command, its JSON, its exit codes, and what it says to bad input."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.rosters import GIVEN_ROSTER
from tests.world import STAFF, World, a_world
from typer.testing import CliRunner

from paidthru.faces import cli
from paidthru.faces.stories import command as stories
from paidthru.kernel.errors import Refused
from paidthru.ledger.models import Batch
from paidthru.membership.models import BillingRun, Fee, Membership, Plan
from paidthru.organizations.models import Organization, StaffRole, User
from paidthru.payments.models import Payment
from paidthru.runs import renewals
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Said:
    """What a command printed and how it ended; `refused` as the program (config/main.py) would say it."""

    code: int
    out: str
    refused: Refused | None = None

    @property
    def json(self) -> Any:
        """The one JSON document that was printed."""
        return json.loads(self.out)


def run(*arguments: str, entered: str | None = None) -> Said:
    result = CliRunner().invoke(cli.app, list(arguments), input=entered)
    if isinstance(result.exception, Refused):
        assert result.exception.fix, "every refusal says how to go on"
        return Said(1, result.stdout, result.exception)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout)


def refused(*arguments: str) -> str:
    said = run(*arguments)
    assert said.refused is not None, said.out
    return said.refused.code


def commands(app: typer.Typer, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for command in app.registered_commands:
        assert command.callback
        yield (*before, command.name or command.callback.__name__.replace("_", "-"))
    for group in app.registered_groups:
        assert group.typer_instance
        yield from commands(group.typer_instance, (*before, str(group.name)))


@pytest.fixture
def world() -> World:
    world = a_world()
    regular = world.plan()
    world.member("Ann Lee", regular, paid_through=date(2025, 12, 31), card=True, autopay=True)
    world.member("Bob [Ray]", regular, paid_through=date(2025, 12, 31))
    world.member("Cid Fox", regular, paid_through=date(2026, 12, 31))
    return world


PREVIEW = ("renewals", "preview", "--name", "2026", "--effective", "2026-01-01")
COMMIT = ("renewals", "commit", "--name", "2026", "--effective", "2026-01-01")


@pytest.mark.parametrize("command", sorted(commands(cli.app)), ids=" ".join)
def test_every_command_has_help_and_refuses_what_it_does_not_know(command: tuple[str, ...]) -> None:
    said = run(*command, "--help")
    assert said.code == 0
    assert "Usage" in said.out
    assert run(*command, "--no-such-option").code == 2


# ------------------------------------------------------------ organizations, staff, time


def test_an_organization_is_made_and_listed() -> None:
    made = run(
        "org",
        "create",
        "Elm Club",
        "--preset",
        "association",
        "--currency",
        "usd",
        "--zone",
        "Asia/Tokyo",
        "--json",
    )
    assert (made.json["slug"], made.json["mode"], made.json["currency"]) == ("elm-club", "sandbox", "USD")
    run("org", "create", "--name", "Oak Club", "--preset", "community", "--live", "--slug", "oak")
    listed = run("org", "list", "--json").json["organizations"]
    assert [(one["slug"], one["mode"]) for one in listed] == [("elm-club", "sandbox"), ("oak", "live")]
    assert "oak" in run("org", "list").out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("Elm", "--preset", "nonsense"), "preset_unknown"),
        (("Elm", "--currency", "XXY"), "currency_unknown"),
        (("Elm", "--zone", "Mars/Base"), "zone_unknown"),
        ((), "name_missing"),
        (("Maple Club",), "slug_taken"),
    ],
)
def test_an_organization_that_cannot_be_is_refused(
    world: World, arguments: tuple[str, ...], code: str
) -> None:
    assert refused("org", "create", *arguments) == code
    assert Organization.objects.count() == 1


@pytest.mark.parametrize(("short", "meant"), [("nonprofit", "ams_nonprofit"), ("HOA", "ams_hoa")])
def test_a_part_of_one_presets_name_is_answered_with_that_preset(short: str, meant: str) -> None:
    said = run("org", "create", "Elm", "--preset", short)
    assert said.refused is not None
    assert (said.refused.code, said.refused.fix) == ("preset_unknown", f"Take {meant}.")
    assert not Organization.objects.exists()


def test_which_organization_is_asked_for_where_there_are_several(world: World) -> None:
    assert run("plan", "list").code == 0
    run("org", "create", "Other")
    assert refused("plan", "list") == "which_organization"
    assert refused("plan", "list", "--org", "nobody") == "organization_unknown"
    assert run("plan", "list", "--org", "maple-club").code == 0


def test_staff_get_a_password_once(world: World) -> None:
    made = run(
        "staff",
        "add",
        "--email",
        "Tess@Example.org",
        "--name",
        "Tess",
        "--role",
        "finance",
        "--role",
        "admin",
        "--json",
    ).json
    tess = User.objects.get(email="tess@example.org")
    assert tess.check_password(made["password"])
    assert set(StaffRole.objects.filter(user=tess).values_list("role", flat=True)) == {"finance", "admin"}
    again = run("staff", "add", "--email", "tess@example.org", "--role", "viewer", "--json").json
    assert again["password"] is None
    tess.refresh_from_db()
    assert tess.check_password(made["password"])
    said = run(
        "staff",
        "add",
        "--email",
        "tess@example.org",
        "--role",
        "viewer",
        "--password-stdin",
        entered="correct horse battery\n",
    )
    assert "correct horse" not in said.out
    tess.refresh_from_db()
    assert tess.check_password("correct horse battery")
    assert refused("staff", "add", "--email", "tess", "--role", "viewer") == "email_invalid"
    assert refused("staff", "add", "--email", "x@example.org", "--role", "queen") == "role_unknown"
    weak = run(
        "staff", "add", "--email", "y@example.org", "--role", "viewer", "--password-stdin", entered="short\n"
    )
    assert weak.refused is not None
    assert weak.refused.code == "password_weak"
    assert not User.objects.filter(email__in=["x@example.org", "y@example.org"]).exists()


def test_a_sandbox_is_moved_through_time_and_a_live_one_is_not(world: World) -> None:
    moved = run("time", "advance", "--to", "2026-03-05 09:30", "--json").json
    assert moved["now"].startswith("2026-03-05T09:30")
    assert refused("time", "advance", "--to", "2026-01-05") == "past_date"
    assert refused("time", "advance", "--to", "soon") == "date_invalid"
    run("org", "create", "Real", "--live")
    assert refused("time", "advance", "--to", "2030-01-01", "--org", "real") == "not_a_sandbox"


# ------------------------------------------------------------ plans


def test_plans_are_added_priced_and_listed(world: World) -> None:
    assert run("plan", "add", "--name", "Student", "--price", "1,250.00 USD", "--every", "3 months", "--json").json == {
        "plan": "Student", "price": "1250.00", "currency": "USD"}  # fmt: skip
    assert "no price" in run("plan", "add", "--name", "Life").out
    run("plan", "add", "--name", "Life", "--price", "10")
    assert Fee.objects.get(plan__name="Life").amount_minor == 1_000
    listed = {one["plan"]: one for one in run("plan", "list", "--json").json["plans"]}
    assert (listed["Student"]["every"], listed["Regular"]["members"]) == ("3 months", 3)
    assert refused("plan", "add", "--name", "Life", "--price", "11") == "plan_name_taken"
    assert refused("plan", "add", "--name", "Odd", "--price", "5 EUR") == "currency_mismatch"
    assert refused("plan", "add", "--name", "Odd", "--price", "five") == "amount_invalid"
    assert refused("plan", "add", "--name", "Odd", "--every", "moon") == "interval_invalid"
    assert not Plan.objects.filter(name="Odd").exists()


# ------------------------------------------------------------ import


def test_the_report_as_others_rely_on_it() -> None:
    run("org", "create", "Elm Club", "--preset", "association")
    report = run("import", "members", str(GIVEN_ROSTER), "--preview", "--json").json
    assert (report["rows"], report["change"], report["unchanged"]) == (5020, 0, 0)
    assert report["add"] == 5020 - report["left_out"]
    assert {"row", "field", "value", "problem", "fix"} <= set(report["faults"][0])
    assert [fault["row"] for fault in report["faults"] if fault["value"] == "Platinum Plus"] != []
    assert Membership.objects.count() == 0


def test_a_roster_comes_in_from_the_command_line(world: World, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    rows = "1;Dee Oak;Gold;31.12.2026\n2;Eve Elm;Gold;31.12.2026\n3;Flo;Gold;\n4;Gil;regular;\n"
    file.write_text("No.;Who;Kind;Paid to\n" + rows)
    assert refused("import", "members", str(file)) == "columns_unknown"
    columns = ("--map", "full_name=Who", "--map", "plan=Kind", "--map", "external_id=No.")
    preview = run("import", "members", str(file), *columns, "--preview")
    assert "No plan is called Gold" in preview.out
    assert refused("import", "members", str(file), *columns) == "plans_unknown"
    token = run("import", "members", str(file), *columns, "--preview", "--json").json["token"]
    done = run(
        "import", "members", str(file), *columns, "--plan-price", "Gold=75.00", "--token", token, "--json"
    ).json
    assert (done["committed"], done["add"], done["plans_new"][0]["price"]) == (True, 4, "75.00")
    assert Membership.objects.get(party__name="Dee Oak").paid_through == date(2026, 12, 31)
    again = run("import", "members", str(file), *columns, "--json").json
    assert (again["add"], again["change"], again["unchanged"]) == (0, 0, 4)
    mapped = run("import", "members", str(file), *columns, "--plan", "Gold=Regular", "--preview", "--json")
    assert mapped.json["change"] == 3
    file.write_text("id,name\n9,Zed\n")
    assert refused("import", "members", str(file), "--token", token) == "file_changed"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"%PDF-1.7", "not_csv"),
        (b"name\nAnn\nBo\n", "one_column"),
        (b"a,b\n1,2\n", "columns_unknown"),
        (b"id,name\n", "no_rows"),
        (b"id,name\n" + b"1,A\n" * 500_100, "too_many_rows"),
    ],
    ids=["empty", "not CSV", "one column", "no names", "no rows", "too many rows"],
)
def test_a_file_that_is_no_roster_is_refused(world: World, tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(content)
    assert refused("import", "members", str(file), "--preview") == code
    assert refused("import", "members", str(tmp_path / "missing.csv")) == "file_unreadable"


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (("--map", "plan"), "option_unreadable"),
        (("--map", "colour=Name"), "field_unknown"),
        (("--map", "plan=Colour"), "column_unknown"),
        (("--plan", "Gold"), "option_unreadable"),
        (("--plan", "Gold=Nothing"), "plan_unknown"),
        (("--plan", "Ruby=Regular"), "level_unknown"),
        (("--plan-price", "Gold=1.005"), "amount_invalid"),
        (("--plan-price", "Gold=5 EUR"), "currency_mismatch"),
        (("--date-order", "paid_through=sideways"), "date_order_unknown"),
    ],
)
def test_an_option_that_fits_nothing_is_refused(
    world: World, tmp_path: Path, option: tuple[str, str], code: str
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("id,name,plan,expires\n1,Dee,Gold,2027-01-01\n")
    assert refused("import", "members", str(file), "--preview", *option) == code


def test_the_roster_of_another_organization_is_refused(world: World, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("id,name,email\n1,Ann Lee,a@x.org\n2,Bo Ray,b@x.org\n")
    run("import", "members", str(file))
    file.write_text("id,name,email\n1,Xi Wu,x@y.org\n2,Yu Ma,y@y.org\n")
    assert refused("import", "members", str(file)) == "roster_of_another_organization"


# ------------------------------------------------------------ renewals


def test_a_run_is_previewed_committed_reviewed_and_logged(world: World) -> None:
    seen = run(*PREVIEW, "--json").json
    assert (seen["billed"], seen["skipped"], seen["total"], seen["state"]) == (2, 1, "200.00", "previewed")
    assert seen["reasons"] == {"not_due": 1}
    assert [item["member"] for item in seen["items"]] == ["Ann Lee", "Bob [Ray]", "Cid Fox"]
    assert "Bob [Ray]" in run(*PREVIEW).out
    assert BillingRun.objects.count() == 1
    done = run(*COMMIT, "--json").json
    assert (done["state"], done["billed"], done["batch"]) == ("done", 2, 1)
    assert run("renewals", "review", "--name", "2026", "--json").json["by"]
    log = run("renewals", "log", "--json").json["runs"]
    assert (log[0]["name"], log[0]["total"], log[0]["state"]) == ("2026", "200.00", "done")
    assert "2026" in run("renewals", "log").out
    assert refused("renewals", "review", "--name", "1999") == "run_unknown"


def test_a_run_may_be_committed_at_once_or_by_name_alone(world: World) -> None:
    assert refused("renewals", "commit", "--name", "2026") == "effective_missing"
    run(*PREVIEW, "--autopay-only")
    assert "billed 1 members" in run("renewals", "commit", "--name", "2026").out
    assert (
        run("renewals", "commit", "--name", "rest", "--effective", "2026-01-01", "--json").json["billed"] == 1
    )


def test_what_a_run_cannot_be_is_refused_and_bills_nobody(world: World) -> None:
    assert refused("renewals", "preview", "--name", "x", "--effective", "next year") == "date_invalid"
    assert refused("renewals", "preview", "--name", "x", "--effective", "2026-02-30") == "date_invalid"
    assert refused("renewals", "preview", "--name", " ", "--effective", "2026-01-01") == "name_missing"
    assert refused(*PREVIEW, "--cycle", "nobody") == "billing_cycle_unknown"
    assert refused("renewals", "commit", "--name", "empty", "--effective", "2020-01-01") == "run_bills_nobody"
    run(*COMMIT)
    assert refused(*COMMIT) == "run_name_taken"
    assert refused(*PREVIEW) == "run_name_taken"
    assert refused("renewals", "preview", "--name", "empty", "--effective", "2026-01-01") == "run_name_taken"
    assert refused("renewals", "commit", "--name", "again", "--effective", "2026-01-01") == "run_bills_nobody"
    assert BillingRun.objects.get(name="2026").billed == 2


def test_a_plan_without_a_price_is_left_out_and_one_in_another_currency_has_a_total_of_its_own_a37(
    world: World,
) -> None:
    world.member("Dee", world.plan("Free of price", None), paid_through=date(2025, 12, 31))
    world.member("Eve", world.plan("Euro", 5_000, currency="EUR"), paid_through=date(2025, 12, 31))
    seen = run(*PREVIEW, "--json").json
    assert seen["reasons"] == {"no_price": 1, "not_due": 1}
    assert seen["totals"] == {"USD": seen["total"], "EUR": "50.00"}
    eve = next(item for item in seen["items"] if item["member"] == "Eve")
    assert (eve["amount"], eve["currency"]) == ("50.00", "EUR")
    assert "50.00 EUR" in run(*PREVIEW).out


def test_a_stale_preview_is_refused_and_can_be_made_again(world: World) -> None:
    run(*PREVIEW)
    Membership.objects.filter(party__name="Ann Lee").update(autopay=False)
    stale = run(*COMMIT)
    assert stale.refused is not None
    assert (stale.refused.code, "Ann Lee" in stale.refused.message) == ("preview_stale", True)
    assert run(*PREVIEW, "--again").code == 0
    assert run(*COMMIT).code == 0


def test_a_run_that_was_cut_off_is_gone_on_with(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run(*PREVIEW)

    def dies(*arguments: object, **named: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(renewals, "renew_next", dies)
        with pytest.raises(RuntimeError):
            run(*COMMIT)
    assert run(*COMMIT, "--json").json["state"] == "done"


# ------------------------------------------------------------ collection and books


def test_invoices_are_listed_submitted_and_retrieved(world: World) -> None:
    run(*COMMIT)
    listed = run("submit", "--list", "--json").json["invoices"]
    assert [(one["member"], one["balance"], one["refused"]) for one in listed] == [
        ("Ann Lee", "100.00", None)
    ]
    assert "Ann Lee" in run("submit", "--list", "--due-by", "2026-01-01").out
    assert run("submit", "--list", "--name-contains", "zed", "--json").json["invoices"] == []
    assert refused("submit") == "review_required"
    assert refused("submit", "--due-by", "2026-06-01") == "not_yet_due"
    assert refused("submit", "--due-by", "x") == "date_invalid"
    done = run("submit", "--yes", "--json").json
    assert (done["submitted"], done["refused"], done["attempts"]) == (1, [], {"succeeded": 1})
    assert Payment.objects.get().amount_minor == 10_000
    assert run("submit", "--yes", "--json").json["submitted"] == 0
    assert run("retrieve", "--json").json == {"retrieved": 0, "states": {}}
    assert "No payment" in run("retrieve").out


def test_a_batch_is_posted_once(world: World) -> None:
    run(*COMMIT)
    listed = run("batch", "list", "--json").json["batches"]
    assert (listed[0]["batch"], listed[0]["state"], listed[0]["totals"][0]["debit"]) == (1, "open", "200.00")
    assert "2026" in run("batch", "list").out
    assert run("batch", "post", "1", "--json").json["state"] == "posted"
    assert refused("batch", "post", "1") == "batch_posted"
    assert refused("batch", "post", "99") == "batch_unknown"
    assert run("batch", "post", "one").code == 2
    assert Batch.objects.get(number=1).posted_by


def test_the_trial_balance_balances(world: World) -> None:
    assert "Nothing" in run("ledger", "trial-balance").out
    run(*COMMIT)
    run("submit", "--yes")
    found = run("ledger", "trial-balance", "--json").json
    assert (found["balanced"], found["sums"]) == (True, {"USD": "0.00"})
    assert {one["account"] for one in found["accounts"]} >= {"Clearing", "Income:Dues"}
    assert "Sum in USD" in run("ledger", "trial-balance", "--through", "2026-12-31").out


def test_check_names_every_invariant_and_fails_on_a_violation(world: World) -> None:
    good = run("check", "--json")
    assert (good.code, good.json["ok"]) == (0, True)
    names = {one["name"] for one in good.json["organizations"][0]["invariants"]}
    assert {"trial_balance", "paid_through"} <= names
    assert all(name in run("check").out for name in names)
    Membership.objects.filter(party__name="Cid Fox").update(paid_through=date(2030, 1, 1))
    bad = run("check", "--json", "--org", world.organization.slug)
    assert (bad.code, bad.json["ok"]) == (1, False)
    assert [one["invariant"] for one in bad.json["organizations"][0]["violations"]] == ["paid_through"]
    assert run("check").code == 1
    assert "VIOLATED" in run("check").out


def test_stories_are_run_and_said_to_be_as_told_or_not(tmp_path: Path) -> None:
    good = (
        "story: A fee\norganization Elm: preset association\nplan Regular: 10.00 every year\n"
        "member Ann: plan Regular, paid through 2025-12-31\n2026-01-01\n  = Ann paid through 2025-12-31\n"
    )
    (tmp_path / "good.story").write_text(good)
    said = CliRunner().invoke(stories.app, ["run", str(tmp_path)])
    assert (said.exit_code, "1 of 1" in said.stdout) == (0, True)
    (tmp_path / "wrong.story").write_text(
        good.replace("= Ann paid through 2025-12-31", "= Ann paid through 2025-12-30")
    )
    said = CliRunner().invoke(stories.app, ["run", str(tmp_path), "--json"])
    told = json.loads(said.stdout)
    assert (said.exit_code, told["ok"], [one["ok"] for one in told["stories"]]) == (1, False, [True, False])
    assert "wrong.story:6" in told["stories"][1]["failures"][0]
    assert Organization.objects.count() == 0


def test_what_is_done_from_the_command_line_says_so_in_the_timeline(world: World) -> None:
    run(*COMMIT)
    event = Event.objects.get(verb="run_committed")
    assert (event.actor_kind, event.actor) == ("command", "the command line")
    assert STAFF.kind == "staff"


def test_an_import_is_told_in_plain_numbers(tmp_path: Path) -> None:
    """One row is one row, and a note alone isn't “more faults and notes”."""
    a_world().plan("Full")
    file = tmp_path / "club.csv"
    file.write_text("id,name,email,level,joined,balance\n1,Ann,a@example.org,Full,08/31/2012,5.00\n")
    said = run("import", "members", str(file), "--preview").out
    assert "club.csv: 1 row." in said
    assert "1 row has a balance; it is read, and not booked." in said
    assert "1 member has no renewal date" in said
    assert "Dates in joined are read month first, 12/31/2026." in said
    assert "more fault" not in said
    file.write_text(file.read_text() + "2,Bo,a@example.org,Full,08/30/2012,\n")
    assert "1 note; --json prints it." in run("import", "members", str(file), "--preview").out
