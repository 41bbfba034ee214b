"""The console's pages as plain data: the parts that all share, and the list. The other pages: `pages.py`.

Each page is a frozen dataclass that names its template, so a view ends with

    return render(request, page.template, {"shell": shell, "page": page})

Words are the caller's (the organization's vocabulary applies), addresses are ready-made, amounts are `Money`,
dates are local `date`s and instants aware `datetime`s; the templates format them for the reader. A `Value`
is shown by its type, so cells, facts and figures take any of them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import ClassVar, Literal, TypeAlias
from urllib.parse import urlencode

from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period

Tone: TypeAlias = Literal["neutral", "good", "info", "warn", "bad"]
Query: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Badge:
    """A status in words, with a tone. `badge_of` gives the usual tone of a state."""

    label: str
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another page; `note` is a second, quieter line."""

    label: str
    href: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with a second, quieter line, such as a name and an e-mail address."""

    text: str
    note: str = ""


Value: TypeAlias = "Money | Period | date | datetime | Badge | Link | Text | str | int | bool | None"


@dataclass(frozen=True, slots=True)
class Action:
    """A button. `method` "post" sends a form with `fields`; `ask` opens the address (a confirm page) as a
    dialog where there is JavaScript, as a page where there is none. At most one primary action a page."""

    label: str
    href: str
    weight: Literal["primary", "secondary", "danger"] = "secondary"
    method: Literal["get", "post"] = "get"
    ask: bool = False
    icon: str = ""
    fields: Query = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the strip on top of a page."""

    label: str
    value: Value
    note: str = ""
    tone: Tone = "neutral"


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of a definition list."""

    label: str
    value: Value
    note: str = ""


@dataclass(frozen=True, slots=True)
class EmptyState:
    """What stands where nothing is yet: what would be here and how it gets here."""

    title: str
    text: str = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `kind` sets alignment and wrapping ("code": numbers of things, such as an invoice's, that stay
    on one line; "prose": whole sentences, never cut short); `sort_key` (None: not sortable) goes into `?sort=`,
    with a minus for descending."""

    key: str
    label: str
    kind: Literal["text", "code", "money", "number", "date", "badge", "link", "prose"] = "text"
    sort_key: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the columns. `href` makes the first cell the way to the record (that cell must
    not be a `Link` then). With `heading` the row is a heading over those below it and its cells are not
    shown. `pick` is what a list with acts for many posts for it (`Bulk`), `called` what it is called there.
    `tone` "bad" or "warn" marks an exception; say it in words in a cell too."""

    cells: tuple[Value, ...] = ()
    href: str | None = None
    heading: str | Link | None = None
    tone: Tone = "neutral"
    pick: str = ""
    called: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """A column's heading as the template draws it. `aria_sort` is "" unless the table is sorted by it."""

    column: Column
    href: str
    aria_sort: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row with each cell beside its column."""

    row: Row
    cells: tuple[tuple[Column, Value], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows, with an optional row of totals (`foot`) and an empty state.

    A row of another width than the columns is a `ValueError`. `query` is the request's GET parameters, which
    sort links keep (but for `after`, `before` and `sort`); `sort` the present sort key, "-key" descending.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    foot: Row | None = None
    empty: EmptyState | None = None
    query: Query = ()
    sort: str = ""

    def __post_init__(self) -> None:
        for row in (*self.rows, *((self.foot,) if self.foot else ())):
            if row.heading is None and len(row.cells) != len(self.columns):
                raise ValueError(f"{self.caption}: {len(row.cells)} cells for {len(self.columns)} columns")
            if row.href and row.cells and isinstance(row.cells[0], Link):
                raise ValueError(f"{self.caption}: a row with an address begins with a link")

    @property
    def headers(self) -> tuple[Header, ...]:
        """The headings, with the address that sorts by each."""
        return tuple(self._header(column) for column in self.columns)

    @property
    def picks(self) -> bool:
        """Whether rows can be chosen."""
        return any(row.pick for row in self.rows)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The rows, each cell with its column."""
        return tuple(self._line(row) for row in self.rows)

    @property
    def foot_line(self) -> Line | None:
        """The row of totals, each cell with its column."""
        return self._line(self.foot) if self.foot else None

    def _line(self, row: Row) -> Line:
        return Line(row, tuple(zip_longest(self.columns, row.cells)) if row.cells else ())

    def _header(self, column: Column) -> Header:
        key = column.sort_key
        if key is None:
            return Header(column, "", "")
        order = {key: "ascending", f"-{key}": "descending"}.get(self.sort, "")
        follows = f"-{key}" if order == "ascending" else key
        return Header(column, with_query(self.query, sort=follows), order)


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a choice filter or of an import's column."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A field of the filter form (GET). A choice filter's first choice should be "any", with the value "". One that
    `always` holds (a date that the list is about) does not count as narrowing it."""

    name: str
    label: str
    kind: Literal["search", "text", "choice", "date"] = "text"
    value: str = ""
    choices: tuple[Choice, ...] = ()
    always: bool = False


@dataclass(frozen=True, slots=True)
class FilterBar:
    """The filter form of a list or a preview. `sorts` are all orders, for the phone, where cards have no
    headings to press."""

    filters: tuple[Filter, ...]
    query: Query = ()
    sort: str = ""
    sorts: tuple[Choice, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether a filter is set, so that an empty list means "nothing found" and not "nothing yet"."""
        return any(each.value and not each.always for each in self.filters)

    @property
    def unfiltered_url(self) -> str:
        """The same page with no filter set."""
        return with_query(self.query, **{each.name: "" for each in self.filters if not each.always})

    @property
    def kept(self) -> Query:
        """Parameters that the form must carry along (a tab, say): all but filters, sort and place."""
        own = {each.name for each in self.filters} | {"sort", "after", "before"}
        return tuple((name, value) for name, value in self.query if name not in own)


@dataclass(frozen=True, slots=True)
class Tab:
    """A ready-made filter as a link, with how many it finds."""

    label: str
    href: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True, slots=True)
class Bulk:
    """Acts for many rows of a list, chosen one by one (`Row.pick`) or all that the filters show. The page at
    `action_url` says what an act would do before anything is done. `total` None: how many it shows is not counted."""

    action_url: str
    acts: tuple[Choice, ...]
    total: int | None
    kept: Query = ()


@dataclass(frozen=True, slots=True)
class ListPage:
    """list.html: title, actions, tabs, filters, count, table with sort, next and previous, CSV.

    `total` None leaves the count out. `noun` is (one, many). `next_url`, `previous_url` and `export_url` are
    whole addresses. `foot` is a row of totals. `printable` offers a print button; `printed_at` is for paper.
    """

    template: ClassVar[str] = "console/list.html"

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    empty: EmptyState
    filters: tuple[Filter, ...] = ()
    total: int | None = None
    next_url: str | None = None
    previous_url: str | None = None
    actions: tuple[Action, ...] = ()
    intro: str = ""
    tabs: tuple[Tab, ...] = ()
    figures: tuple[Figure, ...] = ()
    foot: Row | None = None
    query: Query = ()
    sort: str = ""
    export_url: str | None = None
    noun: tuple[str, str] = ("row", "rows")
    printable: bool = False
    printed_at: datetime | None = None
    crumbs: tuple[Link, ...] = ()
    bulk: Bulk | None = None

    @property
    def table(self) -> Table:
        """What the table part draws."""
        return Table(self.columns, self.rows, self.title, self.foot, None, self.query, self.sort)

    @property
    def bar(self) -> FilterBar:
        """What the filter part draws."""
        keys = [(column.sort_key, column.label) for column in self.columns if column.sort_key]
        sorts = tuple(
            choice
            for key, label in keys
            for choice in (Choice(key, f"{label}, ascending"), Choice(f"-{key}", f"{label}, descending"))
        )
        return FilterBar(self.filters, self.query, self.sort, sorts)


TONES: dict[str, Tone] = {
    **dict.fromkeys(
        ("active", "paid", "posted", "settled", "succeeded", "done", "committed", "open"), "good"
    ),
    **dict.fromkeys(("reviewed", "sent", "processing", "running", "submitted", "in_progress"), "info"),
    **dict.fromkeys(("ending", "held", "unknown", "awaiting_sync", "requires_action", "in_dunning"), "warn"),
    **dict.fromkeys(
        ("overdue", "past_due", "exhausted", "declined", "failed", "rejected", "not_settled"), "bad"
    ),
    **dict.fromkeys(("failed_to_settle", "timed_out", "needs_review", "delinquent", "suspended"), "bad"),
}
"""The usual tone of a state; what is not listed is neutral (draft, pending, ended, closed, void, lapsed)."""


def badge_of(state: str, label: str = "") -> Badge:
    """The badge of a state; the label is the state in words unless a preset has its own word for it."""
    return Badge(label or state.replace("_", " ").capitalize(), TONES.get(state, "neutral"))


def with_query(query: Query, **changes: str) -> str:
    """`query` as an address's tail with parameters replaced ("" drops one); the place in the list is lost."""
    kept = [(name, value) for name, value in query if name not in {*changes, "after", "before"}]
    return "?" + urlencode(kept + [(name, value) for name, value in changes.items() if value])
