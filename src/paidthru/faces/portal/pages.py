"""What the portal's templates are handed: plain data."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Shell:
    """Around every page: whose it is, and how amounts and dates are written. Another of `languages` (code and name) is
    chosen at `languages_at`, which leads back to `here`; by a POST where it is kept with the member
    (`keeps_language`). `brand_at` is where its colours and, with `has_logo`, its logo are, "" where it chose none."""

    organization: str
    locale: str = "en"
    zone: str = "UTC"
    is_sandbox: bool = False
    language: str = "en"
    languages: tuple[tuple[str, str], ...] = ()
    languages_at: str = ""
    here: str = ""
    keeps_language: bool = False
    brand_at: str = ""
    has_logo: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it says. `note` explains it."""

    label: str
    value: Money | Period | date | str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it sends, and what it says; to where, if that isn't where the others go."""

    name: str
    value: str
    label: "StrOrPromise"
    primary: bool = False
    action: str = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to another page of the portal; `primary` where it is what most come for."""

    label: "StrOrPromise"
    href: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page: what it is about, what is so, and what can be done. `notice` says what has just happened; `tone` is
    good, warn or bad. Without an `action` nothing can be done here; `form` is what is asked for first. `onward` is a
    page elsewhere that comes next. `consequences` are exact sentences of what a choice does. `percent` draws how
    far something is; above 100 the bar is full."""

    title: str
    text: str = ""
    facts: tuple[Fact, ...] = ()
    notice: str = ""
    tone: str = "good"
    action: str = ""
    choices: tuple[Choice, ...] = ()
    asides: "tuple[StrOrPromise, ...]" = ()
    onward: str = ""
    form: "BaseForm | None" = None
    ways: tuple[Way, ...] = ()
    consequences: tuple[str, ...] = ()
    percent: int | None = None

    @property
    def has_many_ways(self) -> bool:
        """Whether the ways stand in a list; a few are buttons below what is asked."""
        return len(self.ways) > 2
