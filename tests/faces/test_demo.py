"""`paidthru demo --no-serve`, end to end as a process: the first thing that anybody sees."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "paidthru.config.main"]
ROSTER = Path(__file__).parents[1] / "rosters" / "roster.csv"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    source = str(Path(__file__).parents[2] / "src")
    return inherited | {"PAIDTHRU_HOME": str(tmp_path_factory.mktemp("demo")), "PYTHONPATH": source}


def run(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PROGRAM, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_the_demonstration_shows_the_main_job_and_ends_well(environment: dict[str, str]) -> None:
    done = run(environment, "demo", "--no-serve", "--no-samples")
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    for part in ("The roster comes in", "The preview", "The run", "The money", "The other invoices", "The books",
                 "The invariants", "Where to find it in the console"):  # fmt: skip
        assert part in text
    assert "left out 2" in text
    assert re.search(r"'2026-11-31' is not a date", text)
    assert "declined: insufficient_funds 3" in text
    assert "declined: expired_card 2" in text
    assert "the books balance to the cent" in text
    assert re.search(r"Ibrahim Delgado 135\.00 .* 25 % off \(“Coach”\)", text)
    assert "for 839.29 USD, with 29.29 of sales tax" in text
    assert re.search(r"http://localhost:8000/pay/\S{20,}/", text)
    assert "1 to 30 days 839.29" in text
    sums = re.search(r"Sum in USD ([\d,.]+) ([\d,.]+)", text)
    assert sums is not None
    assert sums[1] == sums[2]
    assert "Traceback" not in done.stderr

    again = run(environment, "demo", "--no-serve", "--no-samples")  # the earlier club makes way
    assert again.returncode == 0, again.stderr
    listed = json.loads(run(environment, "org", "list", "--json").stdout)["organizations"]
    assert [one["slug"] for one in listed] == ["maple-grove-tennis-club"]
    checked = run(environment, "check", "--json")
    assert (checked.returncode, json.loads(checked.stdout)["ok"]) == (0, True)

    # and the program itself, as the commands are called by others
    assert run(environment, "org", "create", "Elm", "--preset", "association").returncode == 0
    report = run(environment, "import", "members", str(ROSTER), "--preview", "--json", "--org", "elm")
    assert report.returncode == 0
    assert json.loads(report.stdout)["rows"] == 5020
    refused = run(environment, "import", "members", "missing.csv", "--json", "--org", "elm")
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["error"]["code"] == "file_unreadable"
    assert run(environment, "renewals", "preview").returncode == 2


def test_each_sample_has_lived_its_two_years_and_its_books_hold(environment: dict[str, str]) -> None:
    done = run(environment, "demo", "--no-serve")
    assert done.returncode == 0, done.stdout + done.stderr
    checked = json.loads(run(environment, "check", "--json").stdout)
    assert checked["ok"], checked
    lived = {one["org"] for one in checked["organizations"]}
    assert {"harbor-fitness", "illustrators", "loft", "hope-kitchen", "willow-court"} <= lived
