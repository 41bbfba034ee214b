"""How a form is declared, and how its pattern becomes a regular expression and typed fields.

A form is a small frozen dataclass under a pattern that reads as the documentation does:

    @step("MEMBER joins PLAN [by METHOD] [starting STARTING] [current cycle paid] [prorated]")
    class MemberJoins(Step):
        member: Member
        plan: Name
        method: Literal["card", "bank account", "check", "cash"] | None = None
        starting: Day | None = None
        current_cycle_paid: bool = False
        prorated: bool = False

A word in capitals is the field of that name in small letters; the field's type (see `slots`) says what may
stand there. [..] is optional; neighbouring [..] come in any order, each at most once, with or without commas
between them. An option without a slot sets the bool field of the same name.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from .slots import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Any form read from a story; `text` is the line as written, without its comment."""

    form: ClassVar[str] = ""
    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupLine(Line):
    """A line before the first date: what the organization is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Line):
    """Something that somebody does. `refused` is the code with which it must be refused, if it must."""

    refused: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation(Line):
    """Something that must be so."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a line, compiled. `shown` is its pattern in the notation of the documentation."""

    cls: type[Line]
    shown: str
    regex: re.Pattern[str]
    readers: Mapping[str, Callable[[str], object]]

    def read(self, plain: str) -> dict[str, object] | None:
        """The fields that the line gives, or None if it is not of this form; ValueError says which value in
        it is impossible (30 February)."""
        match = self.regex.fullmatch(plain)
        if match is None:
            return None
        given = {name: text for name, text in match.groupdict().items() if text is not None}
        return {name: self.readers[name](text) for name, text in given.items()}


_L = TypeVar("_L", bound=Line)

SETUP: list[Form] = []
STEPS: list[Form] = []
EXPECTATIONS: list[Form] = []


@dataclass_transform(kw_only_default=True, frozen_default=True)
def setup(*patterns: str) -> Callable[[type[_L]], type[_L]]:
    """Declare a setup form."""
    return _declare(SETUP, patterns, prefix="")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def step(*patterns: str) -> Callable[[type[_L]], type[_L]]:
    """Declare a step form."""
    return _declare(STEPS, patterns, prefix="")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def expectation(*patterns: str) -> Callable[[type[_L]], type[_L]]:
    """Declare an expectation form; the pattern is what follows the equals sign."""
    return _declare(EXPECTATIONS, patterns, prefix="= ")


def _declare(table: list[Form], patterns: tuple[str, ...], prefix: str) -> Callable[[type[_L]], type[_L]]:
    def made(cls: type[_L]) -> type[_L]:
        form_class = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        hints = get_type_hints(cls, include_extras=True)
        compiled = [_compile(pattern, hints, form_class, prefix) for pattern in patterns]
        form_class.form = re.sub(r"\s*\[.*\]|:$", "", compiled[0].shown).strip()
        table.extend(compiled)
        return form_class

    return made


def _slot(hint: Any) -> Slot:
    """The slot that a field's annotation describes."""
    if get_origin(hint) is Annotated:
        (slot,) = hint.__metadata__
        assert isinstance(slot, Slot)
        return slot
    if get_origin(hint) is Literal:
        words = [str(word) for word in get_args(hint)]
        longest_first = sorted(words, key=len, reverse=True)
        return Slot("(?:" + "|".join(map(re.escape, longest_first)) + ")", str, "|".join(words))
    (inner,) = (arm for arm in get_args(hint) if arm is not NoneType)
    return _slot(inner)


# Written either way by people who mean the same.
_SPELLINGS = {
    "installments": r"instal{1,2}ments?",
    "visits": "visits?",
    "tickets": "tickets?",
    "places": "places?",
    "days": "days?",
    "months": "months?",
    "types": "types?",
    ": ": " ?: ?",
    ":": " ?: ?",
    " =": " ?= ?",
    "%": " ?%",
}
_FIELD = r"[A-Z][A-Z_]*"


def _compile(pattern: str, hints: Mapping[str, Any], cls: type[Line], prefix: str) -> Form:
    groups = 0  # counted as `re` numbers them: an option's number guards it against being given twice
    readers: dict[str, Callable[[str], object]] = {}

    def group(name: str, regex: str, read: Callable[[str], object]) -> str:
        nonlocal groups
        groups += 1
        readers[name] = read
        return f"(?P<{name}>{regex})"

    def sequence(text: str) -> str:
        regex = ""
        for piece in re.findall(rf" ?{_FIELD}|[^A-Z]+?(?= ?{_FIELD}|$)", text):
            field = piece.strip().lower()
            if re.fullmatch(_FIELD, piece.strip()):
                slot = _slot(hints[field])
                space = " " if piece.startswith(" ") and not regex.endswith(" ?") else ""
                regex += space + group(field, slot.regex, slot.read)
            else:
                regex += literal(piece)
        return regex

    def literal(text: str) -> str:
        parts = re.split(r"(: ?| =|%|\b\w+\b)", text)
        return "".join(_SPELLINGS.get(part) or re.escape(part).replace(r"\ ", " ") for part in parts)

    def option(text: str) -> str:
        nonlocal groups
        guard = groups + 1
        if re.search(_FIELD, text):
            groups += 1
            return f"(?({guard})(?!)|({sequence(text)}))"
        name = re.sub(r"\W", "_", text)
        assert hints[name] is bool, f"{cls.__name__}.{name} is not a bool"
        return f"(?({guard})(?!)|{group(name, literal(text), bool)})"

    regex = ""
    for part in re.split(r" ?((?:\[[^]]*\] ?)+)", pattern):
        if part.startswith("["):
            arms = "|".join([option(text) for text in re.findall(r"\[([^]]*)\]", part)])
            regex += rf"(?:(?:,? |(?<=:))(?:{arms}))*" + (" " if part.endswith(" ") else "")
        elif part:
            regex += sequence(part)
    compiled = re.compile(regex)
    assert compiled.groups == groups, f"a slot of {cls.__name__} brings a group of its own"
    return Form(cls, prefix + _shown(pattern, hints), compiled, readers)


def _shown(pattern: str, hints: Mapping[str, Any]) -> str:
    def word(match: re.Match[str]) -> str:
        name = match.group()
        shown = _slot(hints[name.lower()]).shown
        return name.replace("_", "-") if shown == "NAME" else shown

    return re.sub(_FIELD, word, pattern)
