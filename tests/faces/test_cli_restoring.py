"""`paidthru sweep`, `freeze`, `replay`, `unfreeze`, and `paidthru restore` as a process (B-63)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.collecting import billed
from tests.faces.test_cli import refused, run
from tests.live_world import a_live_world, long_frozen

from paidthru.adapters.offline.gateway import OfflineGateway
from paidthru.organizations.queries import frozen_why
from paidthru.payments.models import PaymentIntent
from paidthru.timeline.models import Event


@pytest.mark.django_db(transaction=True)
def test_frozen_replayed_released() -> None:
    live = a_live_world("Ann")
    assert refused("unfreeze", "Now.") == "not_frozen"
    assert refused("replay") == "not_frozen"
    assert refused("freeze", " ") == "reason_missing"
    said = run("freeze", "Two servers were seen.", "--json")
    assert said.json == {"frozen": True, "why": "Two servers were seen."}
    assert refused("freeze", "Again.") == "already_frozen"
    assert refused("unfreeze", "Now.") == "not_replayed"
    early = run("replay", "--json").json
    assert early["organizations"][0]["counts"] is False
    assert "wait" in early["missing"][0]
    long_frozen()
    said = run("replay")
    assert said.code == 0
    assert "Maple Club, at offline" in said.out
    assert "paidthru unfreeze" in said.out
    assert (
        run("replay", "--org", live.world.organization.slug, "--last-invoice", "9", "--json").json["missing"]
        == []
    )
    assert run("unfreeze", "I have read it.", "--json").json == {"frozen": False}
    assert frozen_why() is None
    verbs = list(
        Event.objects.filter(subject_kind="organization").order_by("id").values_list("verb", flat=True)
    )
    assert verbs == ["billing_frozen", *["gateway_replayed"] * 3, "billing_unfrozen"]


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_a_disconnected_processor_owes_is_not_forgotten() -> None:
    live = a_live_world("Ann")
    live.gateway.slow.add(live.customer("Ann"))
    live.collect()
    assert PaymentIntent.objects.get().gateway != OfflineGateway().name
    run("freeze", "The keys are lost.")
    long_frozen()
    assert refused("replay") == "gateway_not_connected"


@pytest.mark.django_db(transaction=True)
def test_sweep_says_what_it_read() -> None:
    sandbox = billed("Ann")
    sandbox.collect()
    said = run("sweep")
    assert said.code == 0
    assert "1 payments" in said.out
    found = run("sweep", "--days", "2", "--json").json
    assert (found["read"]["intents"], found["differences"], found["complete"]) == (1, [], True)


@pytest.mark.django_db(transaction=True)
def test_there_may_be_nothing_to_replay() -> None:
    sandbox = billed("Ann")
    run("freeze", "For a look.")
    assert refused("replay", "--org", sandbox.world.organization.slug) == "nothing_to_replay"
    long_frozen()
    assert "no live organization" in run("replay").out
    run("unfreeze", "All is well.")
    assert frozen_why() is None


def program(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "paidthru.config.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_what_is_restored_comes_up_frozen_and_a_fresh_one_does_not(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"PAIDTHRU_HOME": str(tmp_path / "one")}
    made = program(environment, "org", "create", "Maple Club", "--live", "--json")
    assert made.returncode == 0, made.stderr
    file = str(tmp_path / "club.backup")
    assert program(environment, "backup", file).returncode == 0
    restored = program(environment, "restore", file, "--force", "--json")
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout)["frozen"] is True
    said = program(environment, "unfreeze", "Why not.", "--json")
    assert json.loads(said.stdout)["error"]["code"] == "not_replayed"
    started = program(environment, "worker", "--once")
    assert "Nothing live is charged: The backup club.backup was restored." in started.stderr

    elsewhere = environment | {"PAIDTHRU_HOME": str(tmp_path / "two")}
    assert "paidthru replay" in program(elsewhere, "restore", file).stdout
    found = json.loads(program(elsewhere, "freeze", "Again.", "--json").stdout)
    assert found["error"]["code"] == "already_frozen"
