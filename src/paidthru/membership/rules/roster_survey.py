"""The first look at a roster: what every column means and how its cells are to be read.

The survey goes through the whole file once, in flat memory, so that a single `25/12/2027` in the last row
settles the order of a column's dates. What nothing settles is an assumption, told to the person with an
example.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain, islice
from typing import BinaryIO

from paidthru.kernel.errors import Refused
from paidthru.kernel.money import exponent
from paidthru.membership.rules.cell_amounts import AmountEvidence
from paidthru.membership.rules.cell_dates import DateEvidence, DateOrder, read_date
from paidthru.membership.rules.columns import check_columns, correct_columns, guess_columns, heading_of
from paidthru.membership.rules.csv_reading import FileFormat, Limits, members_after_header, recognize
from paidthru.membership.rules.roster_fields import AMOUNT_FIELDS, DATE_FIELDS
from paidthru.membership.rules.roster_layout import Assumption, Corrections, Layout, Survey
from paidthru.membership.rules.roster_prices import level_prices

_SAMPLE_ROWS = 100
_SHOWN_ROWS = 5
_SHOWN_CHARS = 80
_MOST_WORDS = 300  # distinct plans or states that are counted; a real column has a handful
_TRIMMED_SHARE = 20  # when one row in so many is short, the exporter leaves out blank cells at the end


def survey(
    stream: BinaryIO,
    *,
    currency: str,
    today: date,
    date_order: DateOrder | None = None,
    decimal_mark: str | None = None,
    corrections: Corrections | None = None,
    limits: Limits | None = None,
) -> Survey:
    """Look through a roster (binary, seekable) once. `date_order` and `decimal_mark` are what the
    organization's country would write; they count only where the file proves nothing.

    Raises `Refused` for the whole file: file_empty, not_csv, file_too_large, one_column, columns_unknown,
    headers_repeated, no_rows, too_many_rows, too_many_columns, cell_too_long, quote_unclosed, and for the
    corrections field_unknown, column_unknown, column_twice, encoding_unknown, delimiter_unknown.
    """
    limits = limits or Limits()
    said = corrections or Corrections()
    form = recognize(stream, limits, encoding=said.encoding, delimiter=said.delimiter)
    header_row, headers, rows = members_after_header(stream, form, limits)
    first = [cells for _, cells in islice(rows, _SAMPLE_ROWS)]
    sample = [cells for cells in first if cells is not None]
    guess = guess_columns(headers, sample)
    guess = correct_columns(guess, headers, said.columns)
    check_columns(guess, headers, {name for name, at in said.columns.items() if _by_number(at)})
    seen = _Seen(guess.columns, len(headers), today)
    for cells in chain(first, (cells for _, cells in rows)):
        seen.note(cells)
    if not seen.rows:
        raise Refused(
            "no_rows", "The file has headings and no rows below them.", fix="Export the members again."
        )
    columns = dict(guess.columns)
    settle = _Settle(headers, columns, seen, said, currency, date_order, decimal_mark)
    settle.cycle_start()
    layout = Layout(
        form.encoding,
        form.delimiter,
        form.has_separator_line,
        header_row,
        tuple(headers),
        columns,
        settle.date_orders(),
        settle.decimal_marks(),
        seen.trims_blank_cells,
    )
    settle.rest(form, said.encoding is not None)
    shown = tuple(tuple(_short(cell) for cell in cells) for cells in sample[:_SHOWN_ROWS])
    unmapped = tuple(heading_of(headers, at) for at in guess.unmapped)
    return Survey(
        layout, seen.rows, unmapped, tuple(settle.assumptions), dict(seen.plans), dict(seen.statuses), shown,
        settle.told_orders, level_prices(seen.prices, currency, layout.decimal_marks.get("price", ".")),
    )  # fmt: skip


class _Seen:
    """What one pass over the rows has seen."""

    def __init__(self, columns: Mapping[str, int], width: int, today: date) -> None:
        self.rows = 0
        self.dates = {name: DateEvidence() for name in DATE_FIELDS if name in columns}
        self.amounts = {name: AmountEvidence() for name in AMOUNT_FIELDS if name in columns}
        self.plans: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.prices: Counter[tuple[str, str]] = Counter()  # (plan, price), as written
        self.cycle_starts_ahead = self.cycle_starts = 0
        self.cycle_example = self.cycle_begun_example = ""
        self._short_rows = 0
        self._columns = columns
        self._width = width
        self._today = today
        evidences: dict[str, DateEvidence | AmountEvidence] = {**self.dates, **self.amounts}
        self._noted = [(columns[name], evidence) for name, evidence in evidences.items()]

    @property
    def trims_blank_cells(self) -> bool:
        return self._short_rows * _TRIMMED_SHARE > self.rows

    def note(self, cells: list[str] | None) -> None:
        self.rows += 1
        if cells is None:
            return
        width = len(cells)
        self._short_rows += width < self._width
        for column, evidence in self._noted:
            if column < width:
                evidence.note(cells[column])
        for name, words in (("plan", self.plans), ("status", self.statuses)):
            column = self._columns.get(name, width)
            if column < width and (word := cells[column].strip()):
                word = _short(word)
                if word in words or len(words) < _MOST_WORDS:
                    words[word] += 1
        plan, price = self._columns.get("plan", width), self._columns.get("price", width)
        if max(plan, price) < width and (text := cells[price].strip()):
            pair = (_short(cells[plan]), _short(text))
            if pair in self.prices or len(self.prices) < _MOST_WORDS:
                self.prices[pair] += 1
        column = self._columns.get("cycle_started_on", width)
        if column < width:
            self._note_cycle_start(cells[column].strip())

    def _note_cycle_start(self, text: str) -> None:
        try:
            started = read_date(
                text, self.dates["cycle_started_on"].order or DateOrder.DAY_FIRST, today=self._today
            )
        except Refused:
            return
        self.cycle_starts += 1
        if started > self._today:
            self.cycle_starts_ahead += 1
            self.cycle_example = self.cycle_example or text
        else:
            self.cycle_begun_example = self.cycle_begun_example or text


class _Settle:
    """Turns evidence into decisions, and the lack of it into assumptions."""

    def __init__(
        self,
        headers: list[str],
        columns: dict[str, int],
        seen: _Seen,
        said: Corrections,
        currency: str,
        date_order: DateOrder | None,
        decimal_mark: str | None,
    ) -> None:
        self.assumptions: list[Assumption] = []
        self.told_orders: dict[str, str] = {}
        self._headers, self._columns, self._seen, self._said = headers, columns, seen, said
        self._currency, self._date_order, self._decimal_mark = currency, date_order, decimal_mark

    def cycle_start(self) -> None:
        """C-51: in the field, `Billing Cycle Started` may hold the next renewal. The person is asked; and also whether
        a cycle that has begun is paid, where nothing in the file says through when anybody paid (A2-10)."""
        seen, columns = self._seen, self._columns
        if "cycle_started_on" in self._said.columns:
            return
        begun = seen.cycle_starts - seen.cycle_starts_ahead
        if (
            begun * 2 >= max(seen.cycle_starts, 1)
            and not {"next_renewal_on", "paid_through"} & columns.keys()
        ):
            self._assume(
                "cycle_taken_as_paid",
                "cycle_started_on",
                "a cycle that is paid",
                seen.cycle_begun_example,
                f"{begun} of {seen.cycle_starts} cycles have begun, and no column says through when they are paid",
                ("cycle_started_on", "next_renewal_on"),
            )
        if not seen.cycle_starts_ahead:
            return
        name = "cycle_started_on"
        if "next_renewal_on" not in columns and seen.cycle_starts_ahead * 2 > seen.cycle_starts:
            name = "next_renewal_on"
            columns[name] = columns.pop("cycle_started_on")
            seen.dates[name] = seen.dates.pop("cycle_started_on")
        self._assume(
            "cycle_start_ahead",
            name,
            name,
            seen.cycle_example,
            f"{seen.cycle_starts_ahead} of {seen.cycle_starts} dates lie in the future",
            ("cycle_started_on", "next_renewal_on"),
        )

    def date_orders(self) -> dict[str, str]:
        """The order of every date column: said, proved by the file as a whole, or assumed. Only a column with proof of
        its own that is no slip is read otherwise than the others."""
        by_all = _together(self._seen.dates.values())
        usual = DateOrder.MONTH_FIRST if self._currency == "USD" else DateOrder.DAY_FIRST
        orders: dict[str, str] = {}
        for name, evidence in self._seen.dates.items():
            own = evidence.order
            if own and by_all and own != by_all and evidence.may_be_slips:
                own = None  # those cells are faults of their own, and don't turn the others around
            order = _said_order(name, self._said) or own or by_all or self._date_order or usual
            orders[name] = order.value
            if evidence.proofs or evidence.ambiguous:
                self.told_orders[heading_of(self._headers, self._columns[name])] = order.value
            if evidence.serials:
                self._assume(
                    "date_numbers",
                    name,
                    "days counted as spreadsheets do",
                    evidence.serial_example,
                    f"{evidence.serials} cells are bare numbers",
                )
            if name in self._said.date_orders or not evidence.ambiguous:
                continue
            if evidence.order is None:
                reason = (
                    "the other date columns are written so"
                    if by_all
                    else "the organization's country writes so"
                    if self._date_order
                    else "it is usual in the organization's currency area"
                )
                self._assume("date_order", name, order.value, evidence.example, reason, tuple(DateOrder))
            elif evidence.day_first and evidence.month_first:
                reason = f"{evidence.day_first} dates are day first, {evidence.month_first} month first"
                self._assume(
                    "date_order_mixed", name, order.value, evidence.example, reason, tuple(DateOrder)
                )
            elif own is None:
                reason = f"the other date columns are written so; {evidence.proofs} of its dates can’t be"
                self._assume(
                    "date_order_mixed", name, order.value, evidence.example, reason, tuple(DateOrder)
                )
            elif evidence.is_thin:
                reason = f"{evidence.proofs} of its dates can only be read so"
                self._assume("date_order", name, order.value, evidence.example, reason, tuple(DateOrder))
        return orders

    def decimal_marks(self) -> dict[str, str]:
        """The decimal mark of every amount column, settled as the order of dates is."""
        by_all = AmountEvidence(
            sum(each.points for each in self._seen.amounts.values()),
            sum(each.commas for each in self._seen.amounts.values()),
        ).mark
        marks: dict[str, str] = {}
        for name, evidence in self._seen.amounts.items():
            marks[name] = _said_mark(name, self._said) or evidence.mark or by_all or self._decimal_mark or "."
            if evidence.ambiguous and not evidence.mark and name not in self._said.decimal_marks:
                reason = "the other amounts are written so" if by_all else "no cell shows decimals"
                if exponent(self._currency):
                    self._assume("decimal_mark", name, marks[name], evidence.example, reason, (".", ","))
        return marks

    def rest(self, form: FileFormat, encoding_said: bool) -> None:
        """Encoding, the sign of balances, and members without ids."""
        if form.encoding == "cp1252" and not encoding_said:
            self._assume("encoding", "", "Windows-1252", "", "the file is not UTF-8")
        balance = self._seen.amounts.get("balance")
        if balance and balance.not_zero and "balance" not in self._said.columns:
            self._assume(
                "balance_sign",
                "balance",
                "owed by the member",
                "",
                "a positive balance can be owed or a credit",
                ("balance", "credit"),
            )
        if "external_id" not in self._columns:
            self._assume(
                "no_id",
                "",
                "new members",
                "",
                "no column is a member id, so a second import cannot find them again",
            )
        if "plan" not in self._columns:
            self._assume("no_plan", "", "contacts without a membership", "", "no column is a plan")

    def _assume(
        self, code: str, name: str, read_as: str, example: str, reason: str, choices: tuple[str, ...] = ()
    ) -> None:
        column = heading_of(self._headers, self._columns[name]) if name in self._columns else ""
        self.assumptions.append(Assumption(code, column, read_as, example, reason, choices))


def _together(columns: Iterable[DateEvidence]) -> DateOrder | None:
    """The order that columns prove together."""
    found = list(columns)
    return DateEvidence(sum(each.day_first for each in found), sum(each.month_first for each in found)).order


def _by_number(wanted: str | int | None) -> bool:
    return isinstance(wanted, int) or (isinstance(wanted, str) and wanted.strip().startswith("#"))


def _said_order(name: str, said: Corrections) -> DateOrder | None:
    if name not in said.date_orders:
        return None
    try:
        return DateOrder(said.date_orders[name])
    except ValueError:
        raise Refused(
            "date_order_unknown",
            f"{said.date_orders[name]!r} is no order of dates.",
            field=name,
            value=said.date_orders[name],
            fix="Say day_first or month_first.",
        ) from None


def _said_mark(name: str, said: Corrections) -> str | None:
    mark = said.decimal_marks.get(name)
    if mark not in (None, ".", ","):
        raise Refused(
            "decimal_mark_unknown",
            f"{mark!r} is no decimal mark.",
            field=name,
            value=mark,
            fix="Say a point or a comma.",
        )
    return mark


def _short(text: str) -> str:
    text = text.strip()
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"
