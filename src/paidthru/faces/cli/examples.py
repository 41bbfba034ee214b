"""`paidthru example`: what the organization expects of its policies, kept beside them and told before they change."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paidthru.faces.cli.shell import AsJson, Org, dated, desk, me, say, say_json, table
from paidthru.kernel.errors import Refused

if TYPE_CHECKING:
    from paidthru.membership.operations.deciding import Scope
    from paidthru.organizations.models import Organization, PolicyExample
    from paidthru.organizations.rules.examples import Draft
    from paidthru.organizations.rules.policies import Value
    from paidthru.runs import Desk

app = typer.Typer(no_args_is_help=True)
Title = Annotated[str, typer.Argument(metavar="NAME", help="The example's title.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A file with its text; - reads the input.")]


@app.command("list")
def list_(slug: Org = "", as_json: AsJson = False) -> None:
    """List the examples, with what came of telling them last, and those that the preset offers."""
    from paidthru.organizations.queries import offered_templates, told_examples

    organization = desk(slug).organization
    found = [{"example": one.row.name, "state": one.state, "from": one.row.source, "told": dated(one.row.told_at),
              "failing": one.row.failing} for one in told_examples(organization)]  # fmt: skip
    offered = offered_templates(organization)
    if as_json:
        templates = [{"example": one.name, "needs": dict(one.needs)} for one in offered]
        say_json({"examples": found, "offered": templates})
        return
    table(["Example", "State", "From", "Told"],
          [[one["example"], one["state"], one["from"], one["told"]] for one in found])  # fmt: skip
    for each in offered:
        needs = ", ".join(f"{key} = {value}" for key, value in each.needs)
        say(f"Offered by the preset, once {needs or 'it is asked for'}: {each.name}")


@app.command()
def show(name: Title, slug: Org = "", as_json: AsJson = False) -> None:
    """Print an example's text, or that of one which the preset offers."""
    from paidthru.organizations.operations import no_such_example
    from paidthru.organizations.queries import example_texts, templates_of

    organization = desk(slug).organization
    texts = {one.name: one.text for one in templates_of(organization.preset)} | example_texts(organization.id)
    if name not in texts:
        raise no_such_example(name)
    if as_json:
        say_json({"example": name, "text": texts[name]})
    else:
        say(texts[name].rstrip())


@app.command()
def add(
    file: Annotated[
        str, typer.Argument(metavar="[FILE]", help="A file with its text; - reads the input.")
    ] = "",
    preset: Annotated[
        bool,
        typer.Option("--preset", help="Add those that come with the preset and speak of what is decided."),
    ] = False,
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Add an example, and tell it."""
    from paidthru.actions.keep_preset_examples import keep_preset_examples
    from paidthru.faces.stories.examples import save_example, tell_kept
    from paidthru.organizations.rules.examples import Draft

    at = desk(slug)
    now = at.clock.now()
    if preset:
        names = keep_preset_examples(at.organization, actor=me(), now=now)
        tell_kept(at.organization, now=now)
        if as_json:
            say_json({"added": list(names)})
        else:
            say(f"{len(names)} added." + "".join(f"\n  {name}" for name in names))
        return
    _tell(save_example(at.organization, Draft(text_of(file)), actor=me(), now=now), as_json)


@app.command()
def edit(name: Title, file: File, slug: Org = "", as_json: AsJson = False) -> None:
    """Put another text in an example's place, and tell it. Together with a policy: policy set --example."""
    from paidthru.faces.stories.examples import save_example
    from paidthru.organizations.rules.examples import Draft

    at = desk(slug)
    draft = Draft(text_of(str(file)), replaces=name)
    _tell(save_example(at.organization, draft, actor=me(), now=at.clock.now()), as_json)


@app.command()
def remove(name: Title, slug: Org = "", as_json: AsJson = False) -> None:
    """Take an example away: policies may change without it."""
    from paidthru.actions.remove_example import remove_example

    at = desk(slug)
    remove_example(at.organization, name, actor=me(), now=at.clock.now())
    if as_json:
        say_json({"removed": name})
    else:
        say(f"Removed: {name}")


@app.command()
def run(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="One example; else all of them.")] = "",
    slug: Org = "",
    as_json: AsJson = False,
) -> None:
    """Tell the examples with the policies as they are, in a throw-away organization; exit code 1 when one fails."""
    from paidthru.faces.stories.examples import tell_kept
    from paidthru.organizations.queries import told_examples

    at = desk(slug)
    failing = tell_kept(at.organization, now=at.clock.now(), name=name)
    told = [one for one in told_examples(at.organization) if not name or one.row.name == name]
    if as_json:
        say_json({"ok": not failing, "examples": [_facts(one.row, one.state) for one in told]})
    else:
        for one in told:
            say(f"{'ok    ' if one.state == 'holds' else 'FAILED'}  {one.row.name}")
            for fault in one.row.failing:
                _say_fault(fault)
    if failing:
        raise typer.Exit(1)


def _facts(row: "PolicyExample", state: str) -> dict[str, Any]:
    return {"example": row.name, "state": state, "failing": row.failing}


def _say_fault(fault: dict[str, Any]) -> None:
    say(f"        line {fault['line']}: {fault['text']}")
    for line in fault["what"]:
        say(f"            {line}")


def _tell(kept: "PolicyExample", as_json: bool) -> None:
    if as_json:
        say_json(_facts(kept, "fails" if kept.failing else "holds"))
        return
    say(f"Kept: {kept.name}")
    if kept.failing:
        say("It doesn't hold as the policies are now:")
        for fault in kept.failing:
            _say_fault(fault)


def text_of(file: str) -> str:
    """The text of a file, or of the input for `-`. Refused `file_unreadable`."""
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        raise Refused(
            "file_unreadable",
            f"“{file}” can't be read.",
            field="file",
            value=file,
            fix="Name a text file in UTF-8, or - to read what is piped in.",
        ) from wrong


def drafts_from(organization: "Organization", given: list[str]) -> "list[Draft]":
    """Examples that are changed together with a policy, from `FILE` or `TITLE=FILE`: a file whose title nobody keeps is
    a new one. Refused as `text_of` and `Draft`."""
    from paidthru.organizations.queries import example_texts
    from paidthru.organizations.rules.examples import Draft

    kept = example_texts(organization.id)
    drafts = []
    for one in given:
        title, _, file = one.rpartition("=")
        draft = Draft(text_of(file))
        replaces = title.strip() or (draft.title if draft.title in kept else "")
        drafts.append(Draft(draft.text, replaces=replaces))
    return drafts


def say_impact(at: "Desk", changes: "dict[str, Value | None]", as_json: bool, scope: "Scope") -> None:
    """Says what changes of policies at a level would alter in the next 30 days, and which examples they would break:
    those are about the organization's own. Nothing is changed."""
    from dataclasses import asdict

    from paidthru.faces.stories.examples import try_change
    from paidthru.runs.impact import impact
    from paidthru.runs.impact_words import HOW, sentences, words

    found, whole = impact(at, changes, scope=scope), scope.kind == "organization"
    broken = try_change(at.organization, changes).verdict.broken if whole else ()
    if as_json:
        members = [
            {"member": one.name, "before": [words(each, found.currency) for each in one.before],
             "after": [words(each, found.currency) for each in one.after]}
            for one in found.different
        ]  # fmt: skip
        say_json({"from": found.start.isoformat(), "until": found.until.isoformat(), "currency": found.currency,
                  "members": found.members, "concerned": found.concerned, "before": asdict(found.before),
                  "after": asdict(found.after), "different": members,
                  "broken": [{"example": one.name, "why": one.sentence()} for one in broken]})  # fmt: skip
        return
    for sentence in sentences(found):
        say(sentence)
    for one in found.different:
        say(f"  {one.name}")
        for sign, happened in (("-", one.before), ("+", one.after)):
            for each in happened:
                say(f"    {sign} {words(each, found.currency)}")
    for failing in broken:
        say(f"The example “{failing.name}” would no longer hold: {failing.sentence()}.")
    say(f"Nothing is changed. {HOW}")
