"""What a policy is: its name, its sentence, what it can be, where it can be set, what every preset decides at first."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Value = str | int | list[int] | dict[str, object]
PRESETS = ("recommended", "ams_nonprofit", "ams_hoa", "community", "association", "coworking")
SCOPES = ("subscription", "plan", "customer", "organization")
ORGANIZATION = ("organization",)

#: An argument of a call is a whole number from 0 to the figure given, a time of day, or an amount of money in the
#: organization's currency.
TIME = "HH:MM"
AMOUNT = "AMOUNT"
Argument = int | str
_AMOUNT = re.compile(r"(?=.*[1-9])\d{1,12}(\.\d{1,4})?")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of whole numbers that a policy can be: from `least` to `items` of them, from 0 to `most` each, the first
    always `first` where that is said, each larger than the one before where they are `rising`; `example` shows one."""

    items: int
    most: int
    example: tuple[int, ...]
    first: int | None = None
    least: int = 1
    rising: bool = False

    def allows(self, value: Sequence[object]) -> bool:
        """Whether a list is one of these."""
        numbers = [one for one in value if isinstance(one, int) and not isinstance(one, bool)]
        return (
            len(numbers) == len(value)
            and self.least <= len(numbers) <= self.items
            and (self.first is None or numbers[:1] == [self.first])
            and all(0 <= one <= self.most for one in numbers)
            and not (self.rising and any(a >= b for a, b in pairwise(numbers)))
        )

    def expected(self) -> str:
        """In words."""
        begins = "" if self.first is None else f" that begins with {self.first}"
        rising = ", each larger than the one before" if self.rising else ""
        listed = ", ".join(str(one) for one in self.example)
        return (
            f"a list of {self.least} to {self.items} whole numbers from 0 to {self.most}{begins}{rising},"
            f" such as [{listed}]"
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A text of their own that a policy can be: `expected` says which, `label` and `help` stand at its field, `fault`
    says in a sentence what is wrong with one, '' when nothing is."""

    expected: str
    label: str
    help: str
    fault: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Closed:
    """A value that the requirements know and that can't be chosen: the error's code, why, and the way out."""

    code: str
    why: str
    fix: str
    rows: str


@dataclass(frozen=True, slots=True)
class Key:
    """A policy: its name, what it decides (one sentence; `title` in some words), and its allowed values.

    `words` are the bare words allowed, `calls` the calls with what each argument can be (a whole number from 0 to the
    figure, `TIME` or `AMOUNT`); `low` and `high` bound a whole number (both inclusive) of `unit`, of which 0 means
    `zero`; `numbers` is the list it can be, `written` the text. `also` are other ways to write a value, `closed`
    values that are refused with their own reason. `says` has a phrase for each value, by its word or its call's name,
    `asks` what each argument of a call is. `scopes` are where it can be set, the most specific first. `defaults` are
    by preset, '' being every other preset. `follows`: where this isn't set and another policy is, what goes with the
    other's values.
    """

    name: str
    sentence: str
    rows: str
    title: str = ""
    words: tuple[str, ...] = ()
    calls: Mapping[str, tuple[Argument, ...]] = field(default_factory=dict)
    low: int | None = None
    unit: str = ""
    zero: str = ""
    high: int | None = None
    numbers: Numbers | None = None
    written: Written | None = None
    also: Mapping[str, Value] = field(default_factory=dict)
    closed: Mapping[str, Closed] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)
    asks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scopes: tuple[str, ...] = ORGANIZATION
    defaults: Mapping[str, Value] = field(default_factory=dict)
    follows: tuple[str, Mapping[str, Value]] | None = None

    def default(self, preset: str) -> Value:
        """The preset's value."""
        return self.defaults.get(preset, self.defaults[""])

    def allows(self, value: object) -> bool:
        """Whether a value is one of those that this policy can be."""
        if isinstance(value, dict):
            return self._allows_call(value)
        if isinstance(value, list):
            return self.numbers is not None and self.numbers.allows(value)
        if isinstance(value, bool):
            return False
        if isinstance(value, int):
            return self.low is not None and self.high is not None and self.low <= value <= self.high
        return value in self.words or (
            self.written is not None and isinstance(value, str) and not self.written.fault(value)
        )

    def _allows_call(self, value: Mapping[str, object]) -> bool:
        limits, arguments = self.calls.get(str(value.get("call"))), value.get("args", [])
        if limits is None or not isinstance(arguments, list) or len(limits) != len(arguments):
            return False
        pairs = list(zip(arguments, limits, strict=True))
        times = [str(argument) for argument, limit in pairs if limit == TIME]
        return all(_fits(argument, limit) for argument, limit in pairs) and times == sorted(times)

    def said(self, value: object) -> str:
        """A value in words, as staff read it."""
        if isinstance(value, dict):
            name, arguments = str(value.get("call")), value.get("args", [])
            listed = [str(argument) for argument in arguments] if isinstance(arguments, list) else []
            phrase = self.says.get(name, name.replace("_", " "))
            if len(listed) == 1 and "so many" in phrase:
                return phrase.replace("so many", listed[0])
            asked = self.asks.get(name, ())
            named = [f"{ask.lower()} {one}" for ask, one in zip(asked, listed, strict=False)]
            return f"{phrase}: {', '.join(named or listed)}"
        if isinstance(value, list):
            return ", ".join(str(one) for one in value) or "none"
        if self.written is not None:
            return str(value)
        if value == 0 and self.zero:
            return self.zero
        if isinstance(value, int):
            return f"{value} {self.unit.split(',')[0]}".strip() if "smallest" not in self.unit else str(value)
        return self.says.get(str(value), str(value).replace("_", " "))

    @property
    def is_fact(self) -> bool:
        """Whether it can be one thing only: then it says how things are, and there is nothing to decide."""
        return len(self.words) == 1 and not self.calls and not self._is_open

    @property
    def _is_open(self) -> bool:
        """Whether more can be chosen than words and calls."""
        return self.low is not None or self.numbers is not None or self.written is not None

    def expected(self) -> str:
        """What may be written, in words: for errors and for the docs."""
        parts = list(self.words)
        for name, limits in self.calls.items():
            parts.append(f"{name}({', '.join(m if isinstance(m, str) else f'0-{m}' for m in limits)})")
        if self.low is not None:
            of = f" of {self.unit}" if self.unit else ""
            parts.append(f"a whole number{of} from {self.low} to {self.high}")
        if self.numbers is not None:
            parts.append(self.numbers.expected())
        if self.written is not None:
            parts.append(self.written.expected)
        return ", ".join(parts)


def _fits(argument: object, limit: Argument) -> bool:
    if isinstance(limit, str):
        pattern = _AMOUNT if limit == AMOUNT else _TIME_OF_DAY
        return not isinstance(argument, bool) and pattern.fullmatch(str(argument)) is not None
    return isinstance(argument, int) and not isinstance(argument, bool) and 0 <= argument <= limit


def call(name: str, *arguments: Argument) -> Value:
    """A call as a value, such as `lapse(30)`."""
    return {"call": name, "args": list(arguments)}


def key(name: str, sentence: str, rows: str, *, default: Value, **rest: object) -> Key:
    """A policy with the value of every preset: `default`, and `by_preset` where one differs."""
    by_preset = rest.pop("by_preset", {})
    assert isinstance(by_preset, dict)
    return Key(name, sentence, rows, defaults={"": default, **by_preset}, **rest)  # type: ignore[arg-type]
