"""Examples of policies: what an organization expects of what it has decided, and what a change of policy does to them.

An example is a story told of the organization itself (no organization line). Telling one takes a database; what came
of it is a `Verdict`, which a change of policy has to bring along: it names the policies and examples that it was made
with, so that none made for something else passes.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.policies import CATALOGUE, Policies, Value

PRESET = "preset"  # the source of an example that came with one
MOST_EXAMPLES = 40
MOST_SIGNS = 20_000
MOST_SIGNS_OF_TITLE = 200
_TITLE = re.compile(r"story\s*:\s*([^#]*[^#\s])\s*(?:#.*)?")
#: How stories are read: whoever tells one holds every role (docs/stories.md).
LEFT_OUT = frozenset({"staff.separation", "staff.second_factor"})


@dataclass(frozen=True, slots=True)
class Failing:
    """An example that doesn't hold: its name, the line (from 1) with its text, and what was expected and found."""

    name: str
    line: int
    text: str
    what: tuple[str, ...]

    def sentence(self) -> str:
        """In one line: the line that doesn't hold, with what was expected and what came."""
        said = "; ".join(" ".join(one.split()) for one in self.what)
        return f"line {self.line}, “{self.text}”" + (f": {said}" if said else "")


@dataclass(frozen=True, slots=True)
class Draft:
    """An example as it is to be kept: its text, the name of the one whose place it takes ("" for a new one), and where
    it is from ("" where it is written by whoever keeps it). Refused `example_invalid`, with its line."""

    text: str
    replaces: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if len(self.text) > MOST_SIGNS:
            raise invalid(1, f"an example has up to {MOST_SIGNS} signs, and this has {len(self.text)}", "")
        if not 0 < len(self.title) <= MOST_SIGNS_OF_TITLE:
            raise invalid(1, "the first line of an example is 'story: TITLE'", "")

    @property
    def title(self) -> str:
        """Its name: what the first line that says something calls it."""
        lines = (line.strip() for line in self.text.splitlines())
        first = next((line for line in lines if line and not line.startswith("#")), "")
        match = _TITLE.fullmatch(first)
        return match[1] if match else ""


def invalid(line: int, message: str, text: str) -> Refused:
    """The refusal of an example's text at a line (from 1)."""
    quoted = f" (“{text}”)" if text else ""
    return Refused(
        "example_invalid",
        f"Line {line}: {message}{quoted}.",
        field="text",
        value=str(line),
        fix="docs/stories.md has the forms of a story; an example leaves out the organization line.",
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of telling all examples with a change of policy made. `basis` stands for the policies and examples that
    they were told with; `broken` by the change are the `broken`, those that don't hold without it either `already`."""

    basis: str
    broken: tuple[Failing, ...] = ()
    already: tuple[Failing, ...] = ()


def basis_of(policies: Policies, examples: Mapping[str, str]) -> str:
    """What stands for an organization's own policies and its examples, text by name."""
    made = [settings_digest(policies), sorted(examples.items())]
    return hashlib.sha256(json.dumps(made).encode()).hexdigest()


def settings_digest(policies: Policies) -> str:
    """What stands for an organization's own policies."""
    made = [policies.preset, sorted(own_settings(policies).items())]
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()


def own_settings(policies: Policies) -> dict[str, Value]:
    """What is set for the organization as a whole and makes a difference to an example."""
    return {
        key: value
        for (scope, _, key), value in policies.settings.items()
        if scope == "organization" and key in CATALOGUE and key not in LEFT_OUT
    }


def refuse_unproven(basis: str, verdict: Verdict | None) -> None:
    """Lets a change of policy pass only with a verdict on these very policies and examples, and none of them broken.

    Refused: `policy_examples_unrun`, `policy_example_broken`.
    """
    if verdict is None or verdict.basis != basis:
        raise Refused(
            "policy_examples_unrun",
            "This organization’s examples have not been run with the policies as they would then be.",
            field="policy",
            fix="Run them with the change, and make it again: something changed in between.",
        )
    if verdict.broken:
        first, more = verdict.broken[0], len(verdict.broken) - 1
        others = f" And {more} more." if more else ""
        raise Refused(
            "policy_example_broken",
            f"The example “{first.name}” would no longer hold: {first.sentence()}.{others}",
            field="policy",
            value=first.name,
            fix="Leave the policy as it is, or change the example together with it.",
        )


@dataclass(frozen=True, slots=True)
class Template:
    """An example that comes with a preset: it is one of the organization's as soon as what it `needs` is decided there
    (policy by key, as people write values). `text` is the example without these."""

    preset: str
    name: str
    needs: tuple[tuple[str, str], ...]
    text: str

    def holds_for(self, policies: Policies) -> bool:
        """Whether the organization has decided all that it needs."""
        return all(policies.word(key) == value for key, value in self.needs)

    @property
    def draft(self) -> Draft:
        """As an organization keeps it."""
        return Draft(self.text, source=PRESET)


def template_from(preset: str, source: str) -> Template:
    """Reads a template: an example, and in lines `needs KEY = VALUE` what has to be decided for it to be one."""
    kept: list[str] = []
    needs: list[tuple[str, str]] = []
    for line in source.splitlines():
        if line.startswith("needs "):
            key, _, value = line.removeprefix("needs ").partition("=")
            needs.append((key.strip(), value.strip()))
            continue
        kept.append(line)
    text = "\n".join(kept).rstrip() + "\n"
    return Template(preset, Draft(text).title, tuple(needs), text)


def newly_needed(templates: Iterable[Template], before: Policies, after: Policies) -> tuple[Template, ...]:
    """The templates whose needs a change fulfils that were not fulfilled before."""
    return tuple(one for one in templates if one.holds_for(after) and not one.holds_for(before))
