"""A list of units as a file has it: which column is which, and what each row says or what is wrong with it. Pure.

A share or an area may have decimals (1.25, or 1.25 %). Weights are whole numbers of which only the proportion counts,
so all of a column are multiplied by the same power of ten.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from paidthru.kernel.errors import Refused

MOST_UNITS = 50_000
_MOST_WEIGHT = 10**9
_NUMBERS = ("share", "area")
_OTHER = {".": ",", ",": "."}
_FAR = 100  # a number so many times smaller or larger than those beside it is asked about where it has two readings
_UNKEPT = ("Cc", "Cs")  # control characters, and what a file's encoding could not say
_LONGEST = {"unit": 100, "address": 300, "owner": 254, "email": 254}
#: What a column is called, by what it is; headings are read without case, signs and spaces.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "unit": ("unit", "unitname", "unitno", "unitnumber", "home", "lot", "lotnumber", "flat", "apartment", "apt",
             "property", "name", "wohnung", "einheit", "lotno", "logement", "vivienda"),
    "share": ("share", "shares", "ownership", "ownershipshare", "unitentitlement", "entitlement", "votes", "percent",
              "percentage", "quota", "tantieme", "tantiemes", "anteil", "anteile"),
    "area": ("area", "size", "sqft", "squarefeet", "sqm", "m2", "squaremeters", "flache", "fläche", "surface"),
    "address": ("address", "street", "streetaddress", "adresse"),
    "owner": ("owner", "ownername", "ownernumber", "ownerid", "member", "membernumber", "homeowner", "eigentümer"),
    "email": ("email", "owneremail", "emailaddress", "mail"),
    "since": ("since", "ownersince", "ownedsince", "from", "purchased", "purchasedate"),
    "tenant": ("tenant", "tenantname", "resident", "renter"),
}  # fmt: skip
_READ = "Columns that are: Unit, Share, Area, Address, Owner, E-mail, Since and Tenant."
#: Columns that would be money: they are said to be left out, never booked from a list.
_MONEY = frozenset({"balance", "arrears", "owes", "amountdue", "openingbalance", "due"})


@dataclass(frozen=True, slots=True)
class UnitFault:
    """What is wrong in a row (as a spreadsheet counts it), and the way out; `is_error`: the row is left out."""

    row: int
    field: str
    value: str
    problem: str
    fix: str
    code: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the file; None and "" say nothing about it. `owner` and `tenant` are names, numbers, ids or addresses
    of people; `email` is the owner's. `since` is a local date."""

    row: int
    name: str
    share: int | None = None
    area: int | None = None
    address: str = ""
    owner: str = ""
    email: str = ""
    since: date | None = None
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class UnitRoster:
    """What was read: the good rows in the file's order, what is wrong, how many rows there were, and by what power of
    ten shares and areas were multiplied. `columns` says which heading is what, `spans` the smallest and the largest
    share and area as they were read."""

    rows: tuple[UnitRow, ...]
    faults: tuple[UnitFault, ...]
    read: int
    scales: Mapping[str, int]
    columns: Mapping[str, str]
    spans: Mapping[str, tuple[Decimal, Decimal]]


def read_units(
    headers: Sequence[str], lines: Iterable[tuple[int, Sequence[str] | None]], *, decimal_mark: str = "."
) -> UnitRoster:
    """Reads the rows below the headings. Numbers are read a column at a time: where some show which sign is the decimal
    mark, all have it; where none does it is `decimal_mark`. Refused `columns_unknown` (no column has the units' names),
    `headers_repeated`, `too_many_rows`."""
    columns = _columns_of(headers)
    found: list[tuple[int, dict[str, str]]] = []
    faults: list[UnitFault] = []
    for row, cells in lines:
        if len(found) >= MOST_UNITS:
            raise Refused(
                "too_many_rows", f"The file has more than {MOST_UNITS:,} units.", row=row,
                fix="Split it into several files.",
            )  # fmt: skip
        if cells is None:
            found.append((row, {}))
            faults.append(
                _fault(row, "row", "", "Its quotation marks don't pair up.", "Correct the row.", "row_unreadable")
            )  # fmt: skip
        else:
            found.append((row, {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}))
    marks = {name: _mark_of((said.get(name, "") for _, said in found), decimal_mark) for name in _NUMBERS}
    read = {
        name: _numbers({row: said[name] for row, said in found if said.get(name)}, marks[name])
        for name in _NUMBERS
    }
    scales = {name: _scale(one for one in cells.values() if one is not None) for name, cells in read.items()}
    bad = {fault.row for fault in faults}
    rows: list[UnitRow] = []
    seen: dict[str, int] = {}
    for row, said in found:
        if row in bad:
            continue
        numbers = {name: read[name].get(row) for name in _NUMBERS}
        wrong = _wrong(row, said, seen, scales, marks, numbers)
        faults += wrong
        if not any(fault.is_error for fault in wrong):
            seen[said["unit"].casefold()] = row
            rows.append(_row(row, said, scales, numbers))
    known = set(columns.values())
    for at, heading in enumerate(headers):
        if heading.strip() and at not in known and _plain(heading) not in _MONEY:
            faults.append(
                UnitFault(
                    1,
                    heading.strip(),
                    "",
                    "This column isn't read.",
                    _READ,
                    "column_not_read",
                    is_error=False,
                )
            )
        if _plain(heading) in _MONEY:
            faults.append(
                UnitFault(
                    1, heading, "", "What units owe already isn't taken from a list.",
                    "Bill it by an invoice to each owner, or by a levy.", "balance_not_booked", is_error=False,
                )
            )  # fmt: skip
    named = {name: headers[at].strip() for name, at in columns.items()}
    spans = {
        name: (min(told), max(told))
        for name, cells in read.items()
        if (told := [one for one in cells.values() if one is not None])
    }
    return UnitRoster(tuple(rows), tuple(faults), len(found), scales, named, spans)


def _plain(heading: str) -> str:
    return re.sub(r"[^\w]|_", "", heading.casefold())


def _columns_of(headers: Sequence[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for at, heading in enumerate(headers):
        for name, called in HEADINGS.items():
            if _plain(heading) not in called:
                continue
            if name in columns:
                raise Refused(
                    "headers_repeated",
                    f"“{headers[columns[name]]}” and “{heading}” both name the {name}.",
                    field=name,
                    value=heading,
                    fix="Keep one of the two columns.",
                )
            columns[name] = at
    if "unit" not in columns:
        raise Refused(
            "columns_unknown",
            "No column has the names of the units.",
            field="unit",
            value=", ".join(headers)[:200],
            fix=f"Call it Unit. {_READ}",
        )
    return columns


def _bare(text: str) -> str:
    return re.sub("[ \u00a0\u202f\u2019']", "", text.rstrip("% "))


def _own_mark(text: str) -> str:
    """The decimal mark that a number shows by itself: “1,250.5”, “2,5”, “1.234.567”. "" for one that has none, or that
    has two readings, such as “1,040”."""
    signs = [sign for sign in text if sign in ",."]
    if not signs:
        return ""
    if len(signs) > 1:
        return signs[-1] if len(set(signs)) > 1 else _OTHER[signs[0]]
    head, _, tail = text.partition(signs[0])
    return "" if len(tail) == 3 and 1 <= len(head) <= 3 and not head.startswith("0") else signs[0]


def _mark_of(texts: Iterable[str], usual: str) -> str:
    """The decimal mark of a column: that which its numbers show, `usual` where none does, "" where they show both."""
    seen = {mark for text in texts if (mark := _own_mark(_bare(text)))}
    return usual if not seen else seen.pop() if len(seen) == 1 else ""


def _number(text: str, mark: str) -> Decimal | None:
    """A share or an area in a column whose decimal mark is `mark`; None where it is no number, or can't be told."""
    bare = _bare(text)
    mark = _own_mark(bare) or mark
    if not mark:
        return Decimal(bare) if re.fullmatch(r"\d{1,12}", bare) else None
    grouped = rf"\d{{1,3}}(\{_OTHER[mark]}\d{{3}})+" if _OTHER[mark] in bare else r"\d{1,12}"
    if not re.fullmatch(rf"{grouped}(\{mark}\d{{1,9}})?", bare):
        return None
    return Decimal(bare.replace(_OTHER[mark], "").replace(mark, "."))


def _numbers(texts: Mapping[int, str], mark: str) -> dict[int, Decimal | None]:
    """The numbers of a column by row; None for what is none, or can't be told: one with two readings that, read as
    usual, would be of another size than those beside it."""
    read = {row: _number(text, mark) for row, text in texts.items()}
    if not mark or any(_own_mark(_bare(text)) for text in texts.values()):
        return read
    plain = sorted(
        number for row, text in texts.items() if (number := read[row]) and not {",", "."} & set(_bare(text))
    )
    if not plain:
        return read
    middle = plain[len(plain) // 2]
    for row, text in texts.items():
        number, other = read[row], _number(text, _OTHER[mark])
        if number and other and number != other and _apart(other, middle) < _apart(number, middle) >= _FAR:
            read[row] = None
    return read


def _apart(one: Decimal, other: Decimal) -> Decimal:
    return max(one, other) / min(one, other)


def _scale(numbers: Iterable[Decimal]) -> int:
    """The power of ten that makes all of a column whole numbers."""
    most = 0
    for number in numbers:
        exponent = number.normalize().as_tuple().exponent
        most = max(most, -exponent if isinstance(exponent, int) else 0)
    return int(10**most)


def _wrong(
    row: int,
    said: Mapping[str, str],
    seen: Mapping[str, int],
    scales: Mapping[str, int],
    marks: Mapping[str, str],
    numbers: Mapping[str, Decimal | None],
) -> list[UnitFault]:
    found: list[UnitFault] = []
    name = said.get("unit", "")
    if not name:
        found.append(_fault(row, "unit", "", "The unit has no name.", "Give it one.", "name_missing"))
    elif name.casefold() in seen:
        said_so = f"{name} is in row {seen[name.casefold()]} already."
        found.append(_fault(row, "unit", name, said_so, "Keep one of the rows.", "unit_twice"))
    for field, longest in _LONGEST.items():
        text = said.get(field, "")
        if len(text) > longest or any(
            unicodedata.category(sign) in _UNKEPT and not (field == "address" and sign in "\r\n")
            for sign in text
        ):
            found.append(
                _fault(row, field, text[:80], f"It is longer than {longest} letters, or has signs that can't be kept.",
                       "Shorten it.", "text_invalid")
            )  # fmt: skip
    for field in _NUMBERS:
        text = said.get(field, "")
        number = numbers[field]
        if text and number is None and (both := [_number(text, mark) for mark in _OTHER]).count(None) == 0:
            why = (
                f"read as {_number(text, marks[field])} it is far from the others of its column."
                if marks[field]
                else "the column has both ways of writing numbers."
            )
            found.append(
                _fault(row, field, text, f"It can be {both[0]} or {both[1]}: {why}",
                       "Write it without a sign between thousands.", "number_unclear")
            )  # fmt: skip
        elif text and (number is None or number * scales[field] > _MOST_WEIGHT):
            found.append(
                _fault(row, field, text, f"That is no {field}.", "Write a number, 0 or more, such as 1.25.",
                       "share_invalid")
            )  # fmt: skip
    if said.get("since") and _day(said["since"]) is None:
        found.append(
            _fault(row, "since", said["since"], "That is no day that can be read.", "Write it as 2026-12-31.",
                   "date_invalid")
        )  # fmt: skip
    return found


def _row(
    row: int, said: Mapping[str, str], scales: Mapping[str, int], numbers: Mapping[str, Decimal | None]
) -> UnitRow:
    def weight(field: str) -> int | None:
        number = numbers[field]
        return None if number is None else int(number * scales[field])

    return UnitRow(
        row, said["unit"], weight("share"), weight("area"), said.get("address", ""), said.get("owner", ""),
        said.get("email", ""), _day(said.get("since", "")), said.get("tenant", ""),
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _fault(row: int, field: str, value: str, problem: str, fix: str, code: str) -> UnitFault:
    return UnitFault(row, field, value, problem, fix, code)
