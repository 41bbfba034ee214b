"""`parse`: from the text of a story to a `Story` that the runner walks. The reference is docs/stories.md."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time
from difflib import SequenceMatcher
from pathlib import Path

from . import (  # noqa: F401  (importing them declares the steps)
    billing_forms,
    dunning_forms,
    example_forms,
    gateway_forms,
    joining_forms,
    money_forms,
    policy_forms,
    refund_forms,
    retry_forms,
    step_forms,
)
from .expectation_forms import LedgerIs
from .forms import EXPECTATIONS, SETUP, STEPS, Expectation, Form, Line, SetupLine, Step
from .lexer import QUOTED, SourceLine, StoryError, decode, source_lines
from .setup_forms import (
    BillingCycleSetup,
    CampaignSetup,
    MemberSetup,
    OrganizationSetup,
    PlanSetup,
    UnitSetup,
)
from .slots import AMOUNT, DATE, NAME, RESERVED, TIME, read_account, read_amount, read_date, read_time
from .ticket_forms import TicketEventSetup
from .values import LedgerRow

__all__ = ["Block", "Story", "StoryError", "forms", "parse", "parse_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A date line and what stands below it. `at` None is a line with a date alone.

    Two date lines may name the same day; what a later one with a date alone does, happens at the time
    that the earlier one reached.
    """

    on: date
    at: time | None
    line: int
    text: str
    items: tuple[Step | Expectation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story as read: `setup` and `blocks` in the order of the file; `shows` are requirement ids."""

    file: str
    title: str
    shows: tuple[str, ...]
    setup: tuple[SetupLine, ...]
    blocks: tuple[Block, ...]

    @property
    def organization(self) -> OrganizationSetup:
        """The story's organization line; every story has exactly one."""
        return next(line for line in self.setup if isinstance(line, OrganizationSetup))


def forms() -> tuple[Form, ...]:
    """Every form there is: setup lines, then steps, then expectations. For the documentation and its test."""
    return (*SETUP, *STEPS, *EXPECTATIONS)


def parse_file(path: Path) -> Story:
    """Read and parse a story file; StoryError as `parse`, or when it cannot be opened or is not text."""
    try:
        source = path.read_bytes()
    except OSError as wrong:
        raise StoryError(str(path), 1, f"cannot be read: {wrong.strerror}") from None
    return parse(decode(source, str(path)), str(path))


def parse(text: str, file: str = "story", *, of: OrganizationSetup | None = None) -> Story:
    """Parse a story. Raises StoryError at the first line that is not understood, naming file and line.

    With `of` it is an example: told of that organization, which it doesn't name itself.
    """
    return _Parser(file, of).story(source_lines(text))


class _Parser:
    def __init__(self, file: str, of: OrganizationSetup | None) -> None:
        self.file = file
        self.of = of
        self.title: str | None = None
        self.title_line = 1
        self.shows: tuple[str, ...] = ()
        self.setup: list[SetupLine] = [of] if of else []
        self.blocks: list[Block] = []
        self.items: list[Step | Expectation] = []
        self.reached: tuple[date, time] | None = None
        self.ledger_indent: int | None = None
        self.named: dict[tuple[type[Line], str], int] = {}

    def story(self, lines: Iterable[SourceLine]) -> Story:
        for source in lines:
            if self.title is None:
                self.read_title(source)
            elif source.unclosed:
                raise self.fault(source, "a quotation mark is not closed")
            elif source.indent:
                self.read_item(source)
            elif re.match(r"[\d./-]+(?:[\sT]|$)", source.plain):
                self.read_date_line(source)
            elif re.match(r"shows ?:", source.plain):
                self.read_shows(source)
            else:
                self.read_setup(source)
        if self.title is None:
            raise StoryError(self.file, 1, "the story is empty; its first line is 'story: TITLE'")
        if not any(isinstance(line, OrganizationSetup) for line in self.setup):
            message = "the story has no organization; add 'organization NAME: preset PRESET' below the title"
            raise StoryError(self.file, self.title_line, message, f"story: {self.title}")
        self.close_block()
        return Story(
            file=self.file,
            title=self.title,
            shows=self.shows,
            setup=tuple(self.setup),
            blocks=tuple(self.blocks),
        )

    # ------------------------------------------------------------ lines in the first column

    def read_title(self, source: SourceLine) -> None:
        match = re.fullmatch(r"story\s*:\s*(.+)", source.text)
        if match is None or source.indent:
            raise self.fault(source, "the first line of a story is 'story: TITLE', in the first column")
        self.title, self.title_line = match[1], source.number

    def read_shows(self, source: SourceLine) -> None:
        ids = re.findall(r"[^\s,]+", source.plain.partition(":")[2])
        wrong = [word for word in ids if not re.fullmatch(r"[A-Z]+-?\d+", word)]
        if wrong or not ids:
            raise self.fault(source, "'shows:' lists requirement ids, as in 'shows: G-31 G-33'")
        self.shows += tuple(ids)

    def read_setup(self, source: SourceLine) -> None:
        if self.blocks or self.reached:
            if self.matches(source.plain, SETUP):
                raise self.fault(source, "setup lines stand before the first date line")
            raise self.fault(
                source, "only a date line starts in the first column here", [*STEPS, *EXPECTATIONS]
            )
        if self.matches(source.plain, STEPS) or source.plain.startswith("="):
            raise self.fault(source, "steps and expectations are indented, below a date line")
        setup = self.read(source, source.plain, SETUP, "setup line")
        assert isinstance(setup, SetupLine)
        if self.of and isinstance(setup, OrganizationSetup):
            raise self.fault(source, "an example is told of your own organization: leave this line out")
        self.refuse_twice(source, setup)
        self.setup.append(setup)

    def refuse_twice(self, source: SourceLine, setup: SetupLine) -> None:
        if isinstance(setup, OrganizationSetup):
            name = ""
        elif isinstance(
            setup, MemberSetup | PlanSetup | UnitSetup | CampaignSetup | BillingCycleSetup | TicketEventSetup
        ):
            name = setup.name
        else:
            return
        first = self.named.setdefault((type(setup), name), source.number)
        if first != source.number:
            raise self.fault(source, f"this stands on line {first} already; each may be set up once")

    def read_date_line(self, source: SourceLine) -> None:
        match = re.fullmatch(rf"({DATE})(?:[ T]({TIME}))?", source.plain)
        if match is None:
            raise self.fault(source, "a date line is an ISO date, '2018-04-15' or '2018-04-15 10:20'")
        try:
            on, at = read_date(match[1]), read_time(match[2]) if match[2] else None
        except ValueError as wrong:
            raise self.fault(source, str(wrong)) from None
        self.close_block()
        if self.reached is None:
            starts = next((line.starts for line in self.setup if isinstance(line, OrganizationSetup)), None)
            self.reached = (starts or on, time.min)
        day, clock = self.reached
        if on < day or (on == day and at is not None and at < clock):
            raise self.fault(
                source, f"time never runs backwards, and the story has reached {day} {clock:%H:%M}"
            )
        self.reached = (on, at if at is not None else clock if on == day else time.min)
        self.blocks.append(Block(on=on, at=at, line=source.number, text=source.text, items=()))

    def close_block(self) -> None:
        self.close_ledger()
        if self.blocks:
            self.blocks[-1] = replace(self.blocks[-1], items=tuple(self.items))
        self.items = []

    # ------------------------------------------------------------ indented lines

    def read_item(self, source: SourceLine) -> None:
        if not self.blocks:
            if self.matches(source.plain, SETUP):
                raise self.fault(source, "setup lines start in the first column")
            raise self.fault(source, "steps and expectations stand below a date line, and none has come yet")
        expects = source.plain.startswith("=")
        if self.ledger_indent is not None and source.indent > self.ledger_indent and not expects:
            self.read_ledger_row(source)
            return
        self.close_ledger()
        if expects:
            self.read_expectation(source)
        else:
            self.read_step(source)

    def read_step(self, source: SourceLine) -> None:
        plain, arrow, refusal = _split_refusal(source.plain)
        code = re.fullmatch(r"refused:? ([A-Za-z0-9_]+)", refusal)
        if arrow and code is None:
            raise self.fault(source, "a step that must be refused ends with '-> refused CODE'")
        step = self.read(source, plain, STEPS, "step")
        assert isinstance(step, Step)
        self.items.append(replace(step, refused=code[1]) if code else step)

    def read_expectation(self, source: SourceLine) -> None:
        plain = source.plain.removeprefix("=").strip()
        if _split_refusal(plain)[1]:
            raise self.fault(source, "only a step can be refused, not an expectation")
        expected = self.read(source, plain.removesuffix(":"), EXPECTATIONS, "expectation")
        assert isinstance(expected, Expectation)
        self.items.append(expected)
        if isinstance(expected, LedgerIs):
            self.ledger_indent = source.indent
        if self.blocks[-1].at is None:  # the first expectation lets the day run to its end
            self.reached = (self.blocks[-1].on, time(23, 59))

    def read_ledger_row(self, source: SourceLine) -> None:
        match = re.fullmatch(rf"(.*\S)\s+({AMOUNT})", source.plain)
        account = match and re.fullmatch(rf'{QUOTED}|[^\s":][^":]*(?: ?: ?{NAME})?', match[1])
        if not match or not account:
            raise self.fault(source, "a ledger line is 'ACCOUNT AMOUNT', as in 'Receivable:Ann 20.00'")
        head, of = read_account(account.group())
        row = LedgerRow(head, of, read_amount(match[2]), source.number, source.text)
        ledger = self.items[-1]
        assert isinstance(ledger, LedgerIs)
        self.items[-1] = replace(ledger, rows=(*ledger.rows, row))

    def close_ledger(self) -> None:
        if self.ledger_indent is None:
            return
        self.ledger_indent = None
        ledger = self.items[-1]
        if isinstance(ledger, LedgerIs) and not ledger.rows:
            message = "'= ledger' is followed by lines 'ACCOUNT AMOUNT', indented further than it"
            raise StoryError(self.file, ledger.line, message, ledger.text)

    # ------------------------------------------------------------ forms and faults

    def read(self, source: SourceLine, plain: str, table: Iterable[Form], kind: str) -> Line:
        for form in table:
            try:
                fields = form.read(plain)
                if fields is not None:
                    return form.cls(line=source.number, text=source.text, **fields)
            except ValueError as wrong:
                raise self.fault(source, str(wrong)) from None
        likely = [*SETUP, *STEPS, *EXPECTATIONS] if table is SETUP else table  # perhaps only not indented
        raise self.fault(source, f"unknown {kind}" + _hint(plain, table), likely)

    def matches(self, plain: str, table: Iterable[Form]) -> bool:
        return any(form.regex.fullmatch(plain) for form in table)

    def fault(self, source: SourceLine, message: str, table: Iterable[Form] = ()) -> StoryError:
        shown = nearest(source.plain, table)
        suggestion = f"; the nearest form is: {shown}" if shown else ""
        return StoryError(self.file, source.number, message + suggestion, source.text)


def _split_refusal(plain: str) -> tuple[str, str, str]:
    """The line before its arrow, the arrow, and what follows; quoted arrows do not count."""
    match = re.fullmatch(rf"((?:{QUOTED}|[^\"])*?) ?(->|→) ?(.*)", plain)
    return (match[1], match[2], match[3]) if match else (plain, "", "")


def _hint(plain: str, table: Iterable[Form]) -> str:
    outside = re.sub(QUOTED, '""', plain)
    if re.search(r"\d, ?\d{3}(?:\.\d+)?\b", outside):
        return " (amounts have no thousands separators: 1250.00)"
    if re.search(r"[$€£¥]", outside):
        return " (amounts have no currency sign: 100.00 or 100.00 EUR)"
    subject, _, rest = plain.partition(" ")
    if subject in RESERVED and any(form.regex.fullmatch(f"Ann {rest}") for form in table):
        return f" ('{subject}' is a reserved word; a member of that name stands in quotes)"
    return ""


_LONGEST_COMPARED = 300  # longer lines are compared by their beginning


def nearest(plain: str, table: Iterable[Form]) -> str | None:
    """The form, as documented, that a line which was not understood is most like: by its letters, the words
    in it, and the word that leads it."""
    masked = _masked(plain[:_LONGEST_COMPARED])
    subject = masked.removeprefix("= ").split(" ")[0]
    words = _words(masked) - ({subject} - set(RESERVED))
    best, best_score = None, 0.0
    for form in table:
        shown = form.shown
        if subject not in RESERVED and shown.removeprefix("= ").startswith("MEMBER "):
            shown = shown.replace("MEMBER", subject, 1)
        variants = (shown, re.sub(r"\s*\[[^]]*\]", "", shown))
        likeness = max(SequenceMatcher(None, masked, variant, autojunk=False).ratio() for variant in variants)
        leads = SequenceMatcher(None, subject, form.shown.removeprefix("= ").split(" ")[0]).ratio()
        score = likeness + len(words & _words(shown)) / max(len(words), 1) + (leads if leads > 0.7 else 0)
        if score > best_score:
            best, best_score = form.shown, score
    return best


def _words(line: str) -> set[str]:
    return set(re.split(r"[\s|:,[\]]+", line)) - {"=", ""}


def _masked(plain: str) -> str:
    """The line with its values replaced by the words that the documentation has for them."""
    for regex, word in (
        (QUOTED, '"TEXT"'),
        (rf"\b{DATE}\b", "DATE"),
        (r"\b\d+\.\d+\b", "AMOUNT"),
        (r"\b\d+\b", "N"),
    ):
        plain = re.sub(regex, word, plain)
    return plain
