"""How a roster is to be read: what was found, what was assumed, and what a person said."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from paidthru.kernel.errors import Refused
from paidthru.membership.rules.columns import heading_of
from paidthru.membership.rules.csv_reading import FileFormat


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a person said about the file; everything else is guessed.

    `columns`: field → heading, `#7`, number from 0, or None. `date_orders`: field → day_first or month_first.
    `decimal_marks`: field → `.` or `,`.
    """

    columns: Mapping[str, str | int | None] = field(default_factory=dict)
    date_orders: Mapping[str, str] = field(default_factory=dict)
    decimal_marks: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something read in one of several ways without proof. `column` is the user's heading."""

    code: str
    column: str
    read_as: str
    example: str
    reason: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """All that reading the rows needs. `columns`: field → column from 0. Survives JSON by `as_dict`."""

    encoding: str
    delimiter: str
    has_separator_line: bool
    header_row: int
    headers: tuple[str, ...]
    columns: Mapping[str, int]
    date_orders: Mapping[str, str]
    decimal_marks: Mapping[str, str]
    trims_blank_cells: bool = False

    @property
    def form(self) -> FileFormat:
        """Encoding and delimiter, as the reader of records takes them."""
        return FileFormat(self.encoding, self.delimiter, self.has_separator_line)

    def heading(self, name: str) -> str:
        """The user's heading of a field's column, or the field's own name without a column."""
        column = self.columns.get(name)
        return name if column is None else heading_of(self.headers, column)

    def as_dict(self) -> dict[str, object]:
        """JSON-able; `layout_from` is the way back."""
        return asdict(self) | {"columns": dict(self.columns), "headers": list(self.headers)}


@dataclass(frozen=True, slots=True)
class Survey:
    """What the file holds. `rows` counts data rows that are not blank; `plans` and `statuses` how often each
    word occurs; `sample` the first rows, cells shortened; `unmapped` the columns that are not imported; `date_orders`:
    heading → the order of its dates, where they are written in numbers; `prices`: word of a plan → the price, in minor
    units, that more than half of its rows with a price name."""

    layout: Layout
    rows: int
    unmapped: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    plans: Mapping[str, int]
    statuses: Mapping[str, int]
    sample: tuple[tuple[str, ...], ...]
    date_orders: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, int] = field(default_factory=dict)


def layout_from(parts: Mapping[str, object]) -> Layout:
    """The layout that `Layout.as_dict` wrote. Raises `Refused('layout_invalid')` for anything else."""
    try:
        given = dict(parts) | {"headers": tuple(parts["headers"])}  # type: ignore[arg-type]
        layout = Layout(**given)  # type: ignore[arg-type]
        if not all(0 <= column < len(layout.headers) for column in layout.columns.values()):
            raise ValueError("a column that the file does not have")
        return layout
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused(
            "layout_invalid",
            "The description of the file's columns is not complete.",
            fix="Begin the import again.",
        ) from None
