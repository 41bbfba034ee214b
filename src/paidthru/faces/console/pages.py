"""The console's other pages as plain data: record, proposals, confirm, progress, form, import, error.

See `parts.py` for the habits they share, and for the list.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal

from paidthru.faces.console.charts import Chart
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Choice,
    EmptyState,
    Fact,
    Figure,
    Filter,
    FilterBar,
    Link,
    Query,
    Tab,
    Table,
    Text,
    Tone,
    Value,
)
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period

if TYPE_CHECKING:
    from django.forms import BaseForm


@dataclass(frozen=True, slots=True)
class Problem:
    """Something went wrong, as error.html says it: what, where, the way out. `problem_of` makes one."""

    template: ClassVar[str] = "console/error.html"

    title: str
    what: str = ""
    facts: tuple[Fact, ...] = ()
    way_out: str = ""
    code: str = ""
    actions: tuple[Action, ...] = ()
    crumbs: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a derivation: what was done and what it came to; the last step is the result."""

    label: str
    value: Value = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """Why an amount is what it is: the sentence, and the steps behind it."""

    sentence: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a record: a table, facts or a text; `key` is its anchor. `more` leads to the whole list. `whys`
    explain the table's amounts. `load_url` gives the part itself, asked for when the page is there, or with
    `loads_page` the whole page in place of this one; `problem` says why it can't be shown. `frame_url` is a page of its
    own that is shown inside, such as a mail. A `chart` stands above the table of its figures, which is `folded` away
    then; `below` is a further table."""

    key: str
    title: str
    table: Table | None = None
    facts: tuple[Fact, ...] = ()
    text: str = ""
    actions: tuple[Action, ...] = ()
    more: Link | None = None
    whys: tuple[Why, ...] = ()
    load_url: str = ""
    loads_page: bool = False
    problem: Problem | None = None
    frame_url: str = ""
    chart: Chart | None = None
    folded: bool = False
    below: Table | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: when (aware), who, what (a sentence), why; newest first."""

    at: datetime
    who: str
    what: str
    why: str = ""
    tone: Tone = "neutral"
    href: str = ""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """record.html: header with key facts, actions, sections and timeline; also a batch's printed report.

    `kind` and `number` stand above the title ("Batch", "B-0012"). `warning` is shown on top. `printable`
    offers a print button; `printed_at` and `sign_off` (lines such as "Reviewed by") appear on paper only.
    `timeline` None leaves it out, empty says that nothing has happened yet. `filters` choose what the sections show.
    `dense` puts two sections beside each other where there is room, but for the first and the last.
    """

    template: ClassVar[str] = "console/record.html"

    title: str
    kind: str = ""
    number: str = ""
    badges: tuple[Badge, ...] = ()
    facts: tuple[Fact, ...] = ()
    figures: tuple[Figure, ...] = ()
    actions: tuple[Action, ...] = ()
    sections: tuple[Section, ...] = ()
    timeline: tuple[Moment, ...] | None = None
    warning: Problem | None = None
    printable: bool = False
    printed_at: datetime | None = None
    sign_off: tuple[str, ...] = ()
    crumbs: tuple[Link, ...] = ()
    intro: str = ""
    filters: tuple[Filter, ...] = ()
    query: Query = ()
    export_url: str | None = None
    timeline_more: Link | None = None
    dense: bool = False

    @property
    def bar(self) -> FilterBar:
        """What the filter part draws."""
        return FilterBar(self.filters, self.query)

    @property
    def loads(self) -> bool:
        """Whether a section is asked for when the page is there."""
        return any(section.load_url for section in self.sections)


@dataclass(frozen=True, slots=True)
class Confirm:
    """The last step before something happens, posted to `action_url` with `digest` and `fields`.

    `consequences` are exact sentences ("Bills 412 members, $41,200.00 in all."). An empty `label` shows the
    consequences without a button (nothing can be confirmed). `acknowledge` is a sentence that has to be ticked
    first; it is posted as `acknowledge=yes`. A `form` asks for what is needed beside, such as a reason.
    """

    action_url: str
    label: str
    consequences: tuple[str, ...]
    digest: str = ""
    cancel_url: str = ""
    cancel_label: str = "Cancel"
    fields: Query = ()
    danger: bool = False
    acknowledge: str = ""
    form: "BaseForm | None" = None


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """confirm.html: one question, its consequences, yes or back. Opens as a dialog from an `ask` action."""

    template: ClassVar[str] = "console/confirm.html"

    title: str
    confirm: Confirm
    text: str = ""
    facts: tuple[Fact, ...] = ()
    crumbs: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """One subject of a bulk act: an amount with its reason, or the reason (`skip`) why it is left out.

    `why` is the derivation in one sentence, `steps` the same in figures. `way_out` leads to what would
    change a skip.
    """

    subject: Link | Text
    what: str = ""
    period: Period | None = None
    amount: Money | None = None
    why: str = ""
    steps: tuple[Step, ...] = ()
    skip: str = ""
    way_out: Link | None = None


@dataclass(frozen=True, slots=True)
class SkipCount:
    """How many were left out for one reason; `href` filters the list to them."""

    reason: str
    count: int
    href: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed between what was read and what is true now. None is shown as a dash."""

    subject: Link | Text
    was: Value
    now: Value
    why: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """Why a commit was refused: nothing was done, and this has changed since the preview was read.

    `total` is how many changes there are when `changes` shows only the first ones.
    """

    summary: str
    changes: tuple[Change, ...]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class ProposalPage:
    """proposal.html: totals, reasons for skips, search, the proposals one by one, and the confirm bar.

    `figures` are the totals ("412 billed", "$41,200.00"); `confirm` None when there is nothing to do. With
    `drift` the page opens with what changed, above the fresh preview.
    """

    template: ClassVar[str] = "console/proposal.html"

    title: str
    proposals: tuple[Proposal, ...]
    empty: EmptyState
    figures: tuple[Figure, ...] = ()
    skips: tuple[SkipCount, ...] = ()
    confirm: Confirm | None = None
    drift: Drift | None = None
    intro: str = ""
    facts: tuple[Fact, ...] = ()
    filters: tuple[Filter, ...] = ()
    tabs: tuple[Tab, ...] = ()
    total: int | None = None
    next_url: str | None = None
    previous_url: str | None = None
    query: Query = ()
    export_url: str | None = None
    noun: tuple[str, str] = ("proposal", "proposals")
    actions: tuple[Action, ...] = ()
    crumbs: tuple[Link, ...] = ()

    @property
    def bar(self) -> FilterBar:
        """What the filter part draws."""
        return FilterBar(self.filters, self.query)


@dataclass(frozen=True, slots=True)
class ProgressPage:
    """progress.html: a long act. Polled every second at `poll_url` (answer htmx with
    "console/parts/progress.html" and the same context), by meta refresh without JavaScript.

    `total` None: not known yet. `label` says what runs ("Billing 2026 renewals"), `detail` where it is.
    In state "done" `result` leads on; in "failed" `problem` says why. It can be left and returned to.
    """

    template: ClassVar[str] = "console/progress.html"

    title: str
    label: str
    done: int
    total: int | None
    poll_url: str
    state: Literal["waiting", "running", "done", "failed"] = "running"
    detail: str = ""
    figures: tuple[Figure, ...] = ()
    result: Link | None = None
    problem: Problem | None = None
    noun: tuple[str, str] = ("member", "members")
    crumbs: tuple[Link, ...] = ()

    @property
    def live(self) -> bool:
        """Whether to go on asking."""
        return self.state in ("waiting", "running")

    @property
    def percent(self) -> int | None:
        """Whole per cent done, never 100 before the end; None while the total is not known."""
        if self.state == "done":
            return 100
        return min(99, self.done * 100 // self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class PasskeyAsked:
    """What passkeys.js asks of a device: `way` is get or create, `options` are JSON; its answer is posted with the form
    as `credential`. `label` is the button's."""

    way: Literal["get", "create"]
    options: str
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the server has drawn: a data: address, and what it shows in words."""

    address: str
    says: str


@dataclass(frozen=True, slots=True)
class FormPage:
    """form.html: a Django form. Errors are named by field, on top and at the field. A form with a file
    field is sent as multipart by itself. `aside` is help beside the form, a paragraph each. A `picture` and `facts`
    stand above the fields; with `passkey` its button stands in place of `submit_label`'s."""

    template: ClassVar[str] = "console/form.html"

    title: str
    form: "BaseForm"
    submit_label: str = "Save"
    action_url: str = ""
    cancel_url: str = ""
    intro: str = ""
    aside: tuple[str, ...] = ()
    problem: Problem | None = None
    crumbs: tuple[Link, ...] = ()
    picture: Picture | None = None
    facts: tuple[Fact, ...] = ()
    passkey: PasskeyAsked | None = None


@dataclass(frozen=True, slots=True)
class SignInPage:
    """sign_in.html: a Django form, posted to the same address with `next_url` as `next`. `hints` are shown
    on a demo install only; `links` are other ways, `lost` says the way on for who has lost what is asked. Without a
    `button` there is the passkey's alone."""

    template: ClassVar[str] = "console/sign_in.html"

    form: "BaseForm"
    next_url: str = ""
    hints: tuple[Fact, ...] = ()
    title: str = "Sign in"
    button: str = "Sign in"
    intro: str = ""
    passkey: PasskeyAsked | None = None
    links: tuple[Link, ...] = ()
    lost: str = ""


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column of an imported file: its header, a few values, and the select `name` with its `guess`."""

    name: str
    header: str
    samples: tuple[str, ...]
    choices: tuple[Choice, ...]
    guess: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MappedValue:
    """An unknown value (a plan's name, say), how many rows have it, and what to make of it. With `price_name` a
    price can be given, for what is to be created."""

    name: str
    value: str
    count: int
    choices: tuple[Choice, ...]
    guess: str = ""
    price_name: str = ""
    price: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ImportMappingPage:
    """import_mapping.html: which column is which, posted to `action_url` with `fields`.

    `read_as` says how the file was read (encoding, separator, dates). `options` are selects for the same.
    """

    template: ClassVar[str] = "console/import_mapping.html"

    title: str
    action_url: str
    columns: tuple[MappedColumn, ...]
    values: tuple[MappedValue, ...] = ()
    values_title: str = "Plans we do not know"
    read_as: tuple[Fact, ...] = ()
    options: tuple[Filter, ...] = ()
    fields: Query = ()
    submit_label: str = "Check the file"
    cancel_url: str = ""
    problem: Problem | None = None
    crumbs: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something about a row: its number as the person counts it, field, value, problem and the way out. `severity`
    says whether the row is left out (error) or taken all the same (warning, note)."""

    row: int
    field: str
    value: str
    problem: str
    fix: str = ""
    severity: Literal["error", "warning", "note"] = "error"


@dataclass(frozen=True, slots=True)
class ImportReportPage:
    """import_report.html: what an import will do (or did), and every fault. `fault_total` counts all of them
    when `faults` shows a page."""

    template: ClassVar[str] = "console/import_report.html"

    title: str
    rows: int
    add: int
    change: int
    unchanged: int
    faulty: int
    faults: tuple[Fault, ...] = ()
    fault_total: int = 0
    faults_url: str = ""
    next_url: str | None = None
    previous_url: str | None = None
    confirm: Confirm | None = None
    intro: str = ""
    actions: tuple[Action, ...] = ()
    crumbs: tuple[Link, ...] = ()
    done: bool = False
    header_row: int = 1


def problem_of(
    refused: Refused, title: str = "That was not possible", actions: Iterable[Action] = ()
) -> Problem:
    """A refusal as a page or a notice: its message, where it is, its way out, its code."""
    where = (
        Fact("Row", refused.row),
        Fact("Field", refused.field),
        Fact("Value", None if refused.value is None else str(refused.value)),
    )
    known = tuple(fact for fact in where if fact.value not in (None, ""))
    return Problem(title, refused.message, known, refused.fix or "", refused.code, tuple(actions))
