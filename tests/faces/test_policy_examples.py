"""Policy examples: kept beside the policies, told before these change, and in the way of a change that breaks one.

Shows A-52, G-18, G-29, G-33, G-37, G-41, P-05 as examples of their presets.
"""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from tests.faces.acting import at, confirmed, filled
from tests.faces.test_cli import refused, run
from tests.faces.test_console_members import words
from tests.staff import signed_in
from tests.world import NOW, STAFF, World, a_world

from paidthru.actions.keep_preset_examples import keep_preset_examples
from paidthru.actions.set_policy import set_policy
from paidthru.faces.stories import examples
from paidthru.faces.stories.examples import change_policies, save_example, tell, tell_kept, try_change
from paidthru.faces.stories.runner import run_story
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization, PolicyExample, PolicySetting
from paidthru.organizations.operations import set_policies
from paidthru.organizations.queries import policies_of, templates_of
from paidthru.organizations.rules.examples import Draft
from paidthru.organizations.rules.policies import PRESETS, Value, parse
from paidthru.timeline.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

TRIES = """story: A failed charge is tried again
plan Desk: 200 every month
member Ann: plan Desk, next renewal 2026-03-01, by card

2026-03-01
  gateway declines Ann insufficient_funds

2026-03-06
  = attempts Ann: 2026-03-01 declined, 2026-03-02 declined, 2026-03-05 declined
"""
ONCE = TRIES.replace(", 2026-03-02 declined, 2026-03-05 declined", "")


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_comes_with_its_source_s_examples_and_they_hold(preset: str) -> None:
    organization = a_world(preset).organization
    kept = keep_preset_examples(organization, actor=STAFF, now=NOW)
    assert kept
    assert tell_kept(organization, now=NOW) == ()
    for template in templates_of(preset):
        if template.name in kept:
            continue
        policies = policies_of(organization).changed({key: parse(key, text) for key, text in template.needs})
        assert tell(organization, policies, {template.name: template.text}) == {}, template.name


@pytest.fixture
def world() -> World:
    """A coworking space that keeps one example, which holds."""
    world = a_world("coworking")
    decide(
        world.organization,
        {"collect.on_exhausted": "stay_past_due", "invoice.on_failed_attempt": "keep_same"},
    )
    assert not save_example(world.organization, Draft(TRIES), actor=STAFF, now=NOW).failing
    return world


def decide(organization: Organization, values: dict[str, Value | None]) -> None:
    set_policy(organization, values, actor=STAFF, now=NOW)


def settings(world: World) -> dict[str, object]:
    rows = PolicySetting.objects.filter(organization=world.organization, scope="organization")
    return dict(rows.values_list("key", "value"))


def test_a_change_that_breaks_one_is_refused_by_every_door(world: World, tmp_path: Path) -> None:
    before, organizations = settings(world), Organization.objects.count()
    said = run("policy", "set", "collect.offsets", "[0]")
    assert said.refused is not None and said.refused.code == "policy_example_broken"
    assert "“A failed charge is tried again” would no longer hold: line 9" in said.refused.message
    assert "expected 2026-03-01 declined, 2026-03-02 declined" in said.refused.message
    assert "got 2026-03-01 declined" in said.refused.message

    client, door = signed_in(world), at(world, "settings/collect.offsets/")
    page = filled(client, door, value="list", list="0")
    assert "would no longer hold: line 9" in page and "2026-03-05 declined" in page
    assert "Change them together with it" in page and "nothing comes otherwise" in page
    confirmed(client, door, page)

    path = tmp_path / "door.story"
    path.write_text(
        "story: A change that breaks an example is refused\n"
        "organization Loft: preset coworking\n"
        "2026-03-01\n"
        "  staff keeps the preset's examples\n"
        "  staff sets policy collect.offsets = [0] -> refused policy_example_broken\n"
        "  staff sets policy credit.apply = ask\n"
    )
    assert run_story(path).failures == ()

    with pytest.raises(Refused) as unrun:  # whoever forgets to tell the examples
        set_policy(world.organization, {"collect.offsets": [0]}, actor=STAFF, now=NOW)
    assert unrun.value.code == "policy_examples_unrun"
    with pytest.raises(Refused), transaction.atomic():
        set_policies(world.organization, {"collect.offsets": [0]}, actor="Pat", now=NOW)
    assert settings(world) == before and Organization.objects.count() == organizations
    assert run("policy", "set", "credit.apply", "ask").code == 0, "what breaks none is let through"


def test_a_policy_and_its_example_are_changed_together_or_not_at_all(world: World, tmp_path: Path) -> None:
    file = tmp_path / "once.story"
    file.write_text(ONCE)
    run("policy", "set", "collect.offsets", "[0]", "--example", str(file))
    assert settings(world)["collect.offsets"] == [0]
    kept = PolicyExample.objects.get(organization=world.organization)
    assert kept.text == ONCE and kept.failing == [] and kept.told_at is not None
    told = Event.objects.filter(organization=world.organization, verb__in=["example_kept", "policy_set"])
    assert [event.verb for event in told.order_by("id")][-2:] == ["example_kept", "policy_set"]

    client, where = signed_in(world), at(world, "settings/examples/together/?set=collect.offsets=[0, 1, 3]")
    assert "expected 2026-03-01 declined" in words(client.get(where).content)
    again = {"replaces_0": kept.name, "text_0": ONCE.replace("declined\n", "succeeded\n")}
    assert client.post(where, again).status_code == 422
    assert settings(world)["collect.offsets"] == [0], "neither the policy nor the example"
    assert PolicyExample.objects.get(id=kept.id).text == ONCE
    answer = client.post(where, {"replaces_0": kept.name, "text_0": TRIES.replace("again", "twice")})
    assert answer.status_code == 302, words(answer.content)
    assert settings(world)["collect.offsets"] == [0, 1, 3]
    assert PolicyExample.objects.get(id=kept.id).name == "A failed charge is tried twice"


def test_what_did_not_hold_before_is_told_apart(world: World) -> None:
    other = save_example(world.organization, Draft(ONCE.replace("again", "never")), actor=STAFF, now=NOW)
    assert other.failing
    trial = try_change(world.organization, {"credit.apply": "ask"})
    assert (trial.verdict.broken, [one.name for one in trial.verdict.already]) == ((), [other.name])
    change_policies(world.organization, {"credit.apply": "ask"}, actor=STAFF, now=NOW)
    with pytest.raises(Refused) as broken:
        change_policies(
            world.organization, {"credit.apply": None, "collect.offsets": [0]}, actor=STAFF, now=NOW
        )
    assert broken.value.value == "A failed charge is tried again"
    assert "credit.apply" in settings(world), "nothing of a change that is refused"
    change_policies(
        world.organization, {"collect.offsets": [0]}, actor=STAFF, now=NOW + timedelta(minutes=1),
        drafts=[Draft(ONCE, replaces="A failed charge is tried again")],
    )  # fmt: skip
    assert tell_kept(world.organization, now=NOW) == (), "and now the other holds as well"


def test_an_example_comes_into_force_with_what_it_speaks_of() -> None:
    world = a_world("association")
    keep_preset_examples(world.organization, actor=STAFF, now=NOW)
    trial = change_policies(world.organization, {"proration.join": "months"}, actor=STAFF, now=NOW)
    assert trial.taken_up == ("Who joins in month 7 pays 100 of 200",)
    with pytest.raises(Refused) as broken:
        change_policies(world.organization, {"proration.join": None}, actor=STAFF, now=NOW)
    assert broken.value.code == "policy_example_broken"
    assert "expected 2026-07-01 to 2026-12-31 100.00" in broken.value.message
    assert "got 2026-07-01 to 2026-12-31 200.00" in broken.value.message


def test_the_command_line_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("org", "create", "Loft", "--preset", "community").code == 0
    (jane,) = json.loads(run("example", "list", "--json").out)["examples"]
    assert (jane["from"], jane["state"]) == ("preset", "not_told")
    assert run("example", "run").code == 0
    assert "plan Annual: 120 every year" in run("example", "show", jane["example"]).out

    wrong = tmp_path / "wrong.story"
    wrong.write_text("story: Wrong\nplan Regular: 100 every year\n\n2026-01-01\n  Ann dances\n")
    said = run("example", "add", str(wrong))
    assert said.refused is not None and said.refused.code == "example_invalid"
    assert said.refused.message.startswith("Line 5: unknown step") and "Ann dances" in said.refused.message
    for text, line in (
        (
            "story: Else\norganization Other: preset coworking\n2026-01-01\n",
            "Line 2: an example is told of your own",
        ),
        ("plan Regular: 100 every year\n", "Line 1: the first line of an example is 'story: TITLE'"),
        ("story: Idle\nplan Regular: 100 every year\n", "Line 1: the example has no date line"),
        ("story: Old\n\n1990-01-01\n2026-01-01\n", "Line 4: an example tells of up to"),
    ):
        wrong.write_text(text)
        said = run("example", "add", str(wrong))
        assert said.refused is not None and said.refused.message.startswith(line), said

    wrong.write_text(
        "story: Not so\nplan Regular: 100 every year\nmember Ann: plan Regular\n2026-01-01\n  = Ann owes 5\n"
    )
    said = run("example", "add", str(wrong))
    assert said.code == 0 and "line 5: = Ann owes 5" in said.out and "got       0.00" in said.out
    assert run("example", "run").code == 1
    wrong.write_text(wrong.read_text().replace("owes 5", "owes 0"))
    assert run("example", "edit", "Not so", str(wrong)).code == 0
    assert run("example", "run", "Not so").code == 0
    monkeypatch.setattr(examples, "SECONDS", 0)
    assert (
        "this takes too long"
        in json.loads(run("example", "run", "Not so", "--json").out)["examples"][0]["failing"][0]["what"][0]
    )
    assert run("example", "remove", "Not so").code == 0
    assert refused("example", "remove", "Not so") == "example_unknown"
    organization = Organization.objects.get()
    assert Event.objects.filter(organization=organization, verb="example_removed").count() == 1


def test_the_console_keeps_them(world: World) -> None:
    client, home = signed_in(world), at(world, "settings/examples/")
    assert "A failed charge is tried again" in words(client.get(home).content)
    assert "Every example holds." in words(client.post(home + "run/", follow=True).content)
    answer = client.post(home + "add/", {"text": "story: Wrong\n2026-01-01\n  Ann dances\n"})
    assert answer.status_code == 422 and "Line 3: unknown step" in words(answer.content)
    answer = client.post(
        home + "add/", {"text": "story: Two\r\n\r\nplan Desk: 5 every month\r\n2026-01-01\r\n"}, follow=True
    )
    assert "“Two” holds, and is kept." in words(answer.content)
    row = PolicyExample.objects.get(name="Two")
    assert row.text.splitlines()[3] == "2026-01-01"
    text = "story: Two\nplan Desk: 5 every month\nmember Ann: plan Desk\n2026-01-01\n  = Ann owes 5\n"
    answer = client.post(f"{home}{row.id}/edit/", {"text": text}, follow=True)
    assert "Does not hold" in words(answer.content) and "got 0.00" in words(answer.content)
    assert "Policies may change without it." in words(client.get(f"{home}{row.id}/remove/").content)
    client.post(f"{home}{row.id}/remove/")
    assert not PolicyExample.objects.filter(name="Two").exists()
    said = words(client.post(home + "preset/", follow=True).content)
    assert "A failed renewal is tried on the 1st, 2nd, 5th and 8th" in said
    kept = PolicyExample.objects.filter(organization=world.organization)[0]
    stranger = a_world(name="Other")
    for path in ("", "edit/", "remove/"):
        assert signed_in(stranger).get(at(stranger, f"settings/examples/{kept.id}/{path}")).status_code == 404
        assert signed_in(stranger).get(f"{home}{kept.id}/{path}").status_code == 404
    other = signed_in(world, "viewer")
    assert other.get(home).status_code == 200 and other.post(home + "run/").status_code == 403


def test_what_a_change_alters_is_said_before_it_is_made(world: World) -> None:
    plan = world.plan("Desk", 20_000, interval_unit="month")
    world.member("Ann", plan, paid_through=date(2026, 1, 9), card=True, autopay=True)
    world.member("Bob", plan, paid_through=date(2026, 6, 30))
    before = settings(world)
    said = run("policy", "set", "billing.trigger", "staff_run", "--dry-run")
    assert "In the next 30 days it concerns 1 of 2 memberships." in said.out
    assert "Charged: 0 for 0.00 USD instead of 1 for 200.00 USD." in said.out
    assert "- 2026-01-10: charge of 200.00 USD succeeded" in said.out
    assert "The example “A failed charge is tried again” would no longer hold" in said.out
    found = run("policy", "set", "billing.trigger", "staff_run", "--dry-run", "--json").json
    assert (found["members"], found["concerned"], found["before"]["mails"]) == (2, 1, 1)
    assert found["different"][0]["member"] == "Ann" and len(found["broken"]) == 1
    page = words(signed_in(world).get(at(world, "settings/impact/?set=billing.trigger=staff_run")).content)
    assert "it concerns 1 of 2 memberships" in page and "Jan 10, 2026: mail “receipt”" in page
    assert settings(world) == before
    assert (
        refused("policy", "set", "billing.trigger", "auto", "--dry-run", "--plan", "Desk") == "policy_scope"
    )


def test_a_change_for_one_plan_or_member_says_what_it_alters_for_them(world: World) -> None:
    plan = world.plan("Desk", 20_000, interval_unit="month")
    ann = world.member("Ann", plan, paid_through=date(2026, 1, 9), card=True, autopay=True)
    world.member("Bob", plan, paid_through=date(2026, 1, 9), card=True, autopay=True)
    before = settings(world)
    quarter = ("policy", "set", "term.interval_months", "3", "--dry-run")
    said = run(*quarter, "--plan", "Desk")
    assert "it concerns 2 of 2 memberships" in said.out
    assert "Charged: 2 for 1200.00 USD instead of 2 for 400.00 USD." in said.out
    assert "it concerns 1 of 1 memberships" in run(*quarter, "--member", "Ann").out
    assert refused(*quarter, "--member", "Ann", "--plan", "Desk") == "which_scope"
    assert refused(*quarter, "--from", "2026-03-01") == "which_scope"
    client = signed_in(world)
    there = f"customer={ann.party_id}"
    page = words(client.get(at(world, f"settings/impact/?set=term.interval_months=3&{there}")).content)
    assert "it concerns 1 of 1 memberships" in page and "for Ann" in page and "Bob" not in page
    door = at(world, f"settings/term.interval_months/?{there}")
    asked = filled(client, door, value="number", number="3")
    assert "In the next 30 days it concerns 1 of 1 memberships" in words(asked.encode())
    assert f"&amp;{there}" in asked
    assert client.get(at(world, f"settings/impact/?set=batch.post=auto&{there}")).status_code == 404
    assert settings(world) == before
    listed = words(client.get(at(world, "settings/")).content)
    assert listed.count("Always so") == 2  # facts, not settings
