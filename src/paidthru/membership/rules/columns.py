"""Which column of a roster is which field of ours: a guess, and a person's corrections of it."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import is_email
from paidthru.membership.rules.cell_amounts import looks_like_amount
from paidthru.membership.rules.cell_dates import looks_like_date
from paidthru.membership.rules.cell_words import (
    is_never,
    is_nothing,
    is_organization_word,
    plain_words,
)
from paidthru.membership.rules.roster_fields import BY_NAME, FIELDS, NAME_FIELDS

_GROUPS = re.compile(
    r"(customers?|subscriptions?|members?|contacts?|users?|account|billing|primary|membership|current|your|my)"
    r" (.+)"
)
# Last resort: a heading in nobody's words, whose cells are of the right kind.
_PATTERNS = (
    (re.compile(r"\be ?mail\b|\bcourriel\b|\bcorreo\b"), "email"),
    (
        re.compile(r"\b(paid|valid|good) (thru|through|until|to)\b|\bexpir|\bablauf|\bgultig\b"),
        "paid_through",
    ),
    (re.compile(r"\b(last|previous|letzte|dernier|ultima)\b.*\brenew"), "cycle_started_on"),
    (re.compile(r"\brenew(al|s)?\b|\bnext (bill|payment|charge|invoice)"), "next_renewal_on"),
    (re.compile(r"\bjoin(ed)?\b|\bmember since\b"), "joined_on"),
    (re.compile(r"\b(balance|outstanding|owing|owed)\b"), "balance"),
    (re.compile(r"\b(dues|fee|price)\b"), "price"),
    (re.compile(r"\b(phone|mobile|telephone)\b"), "phone"),
    (re.compile(r"\bmembership (level|type|plan|category)\b"), "plan"),
)
_PERSONS = frozenset(
    {"person", "individual", "household", "contact", "privat", "privatperson", "particulier"}
)


@dataclass(frozen=True, slots=True)
class Guess:
    """Field → column (counted from 0), and the columns that are left over."""

    columns: Mapping[str, int]
    unmapped: tuple[int, ...]


def heading_of(headers: Sequence[str], column: int) -> str:
    """The user's own heading, or `column 5` (counted from 1) where there is none."""
    text = headers[column] if column < len(headers) else ""
    return text if text else f"column {column + 1}"


def guess_columns(headers: Sequence[str], sample: Sequence[Sequence[str]]) -> Guess:
    """The likeliest field of every column, from its heading and, where given, the cells below it. A date or
    amount heading over cells of another kind is not believed."""
    offers: list[tuple[int, int, int, str]] = []
    for column, header in enumerate(headers):
        for distance, words in enumerate(_readings(header)):
            for rank, name in _BY_HEADING.get(words, ()):
                offers.append((distance, rank, column, name))
    columns: dict[str, int] = {}
    for _, _, column, name in sorted(offers):
        if name not in columns and column not in columns.values() and _fits(name, column, sample):
            columns[name] = column
    for column, header in enumerate(headers):
        for pattern, name in _PATTERNS:
            if name in columns or column in columns.values() or not pattern.search(plain_words(header)):
                continue
            if _fits(name, column, sample):
                columns[name] = column
    _mend_names(columns, headers, sample)
    _mend_type(columns, headers, sample)
    return _guess(columns, headers)


def correct_columns(
    guess: Guess, headers: Sequence[str], corrections: Mapping[str, str | int | None]
) -> Guess:
    """The guess with a person's corrections: field → heading, `#7` for the seventh column, its number counted
    from 0, or None for no column. A column moved to a field leaves the one that was guessed.

    Raises `Refused`: field_unknown, column_unknown, column_twice, headers_repeated, each with `field`.
    """
    columns = dict(guess.columns)
    chosen: dict[str, int] = {}
    for name, wanted in corrections.items():
        if name not in BY_NAME:
            raise Refused(
                "field_unknown",
                f"There is no field {name!r} to import into.",
                field=name,
                value=wanted,
                fix=f"The fields are {', '.join(BY_NAME)}.",
            )
        columns.pop(name, None)
        if wanted is not None:
            chosen[name] = _column(name, headers, wanted)
    for name, column in chosen.items():
        twin = next((other for other, its in chosen.items() if its == column and other != name), None)
        if twin:
            raise Refused(
                "column_twice",
                f"The column {heading_of(headers, column)!r} cannot be both {name} and {twin}.",
                field=name,
                value=heading_of(headers, column),
                fix="Give each field a column of its own.",
            )
    columns = {name: column for name, column in columns.items() if column not in chosen.values()}
    return _guess(columns | chosen, headers)


def check_columns(
    guess: Guess, headers: Sequence[str], by_number: frozenset[str] | set[str] = frozenset()
) -> None:
    """Whether members can be told apart from these columns. Fields in `by_number` were chosen by the column's
    number, so that a heading that occurs twice does not matter to them.

    Raises `Refused`: columns_unknown (no name and no e-mail), headers_repeated.
    """
    if not any(name in guess.columns for name in (*NAME_FIELDS, "email")):
        found = ", ".join(repr(header) for header in headers[:12] if header) or "none"
        members = sum(1 for header in headers if is_email(header) or looks_like_date(header))
        hint = (
            " The first row looks like a member, not like headings: add a row of headings." if members else ""
        )
        raise Refused(
            "columns_unknown",
            f"No column looks like a member's name. The headings are {found}.",
            field="full_name",
            fix=f"Say which column is the name, the organization or the e-mail address.{hint}",
        )
    counts = Counter(plain_words(header) for header in headers if header)
    for name, column in guess.columns.items():
        header = headers[column]
        if header and name not in by_number and counts[plain_words(header)] > 1:
            raise _repeated(name, header)


def _column(name: str, headers: Sequence[str], wanted: str | int) -> int:
    if isinstance(wanted, str):
        if found := re.fullmatch(r"#(\d{1,4})", wanted.strip()):
            wanted = int(found[1]) - 1
        else:
            exact = [at for at, header in enumerate(headers) if header.strip() == wanted.strip()]
            near = [at for at, header in enumerate(headers) if plain_words(header) == plain_words(wanted)]
            matches = exact or (near if plain_words(wanted) else [])
            if len(matches) > 1:
                raise _repeated(name, wanted)
            wanted = matches[0] if matches else wanted
    if isinstance(wanted, int) and 0 <= wanted < len(headers):
        return wanted
    raise Refused(
        "column_unknown",
        f"The file has no column {wanted!r} for {name}.",
        field=name,
        value=wanted,
        fix=f"Its columns are {', '.join(heading_of(headers, at) for at in range(min(30, len(headers))))}.",
    )


def _repeated(name: str, header: str) -> Refused:
    return Refused(
        "headers_repeated",
        f"More than one column is called {header!r}.",
        field=name,
        value=header,
        fix="Rename one of them, or choose the column by its number, such as #7.",
    )


def _guess(columns: dict[str, int], headers: Sequence[str]) -> Guess:
    ordered = {field.name: columns[field.name] for field in FIELDS if field.name in columns}
    return Guess(ordered, tuple(at for at in range(len(headers)) if at not in ordered.values()))


def _readings(header: str) -> list[str]:
    """The heading in plain words, then without its zone, then without a leading group (`customers.email`)."""
    words = plain_words(header)
    readings = [words]
    bare = re.sub(r" (utc|gmt|local|date time)$", "", words)
    if bare != words:
        readings.append(bare)
    if found := _GROUPS.fullmatch(bare):
        readings.append(found[2])
    return readings


def _cells(column: int, sample: Sequence[Sequence[str]]) -> list[str]:
    cells = (cells[column].strip() for cells in sample if column < len(cells))
    return [cell for cell in cells if not is_nothing(cell) and not is_never(cell)]


_KINDS: dict[str, Callable[[str], bool]] = {
    "date": lambda text: looks_like_date(text) or (len(text) == 5 and text.isdigit()),
    "amount": looks_like_amount,
    "email": lambda text: "@" in text,
}


def _fits(name: str, column: int, sample: Sequence[Sequence[str]]) -> bool:
    looks = _KINDS.get(BY_NAME[name].kind)
    cells = _cells(column, sample)
    if looks is None or len(cells) < 3:
        return True
    return sum(1 for cell in cells if looks(cell)) * 3 >= len(cells)


def _mend_names(columns: dict[str, int], headers: Sequence[str], sample: Sequence[Sequence[str]]) -> None:
    """`Vorname, Name` are given and family name; `Nom` or `Nombre` alone are the whole name."""
    given, family, full = (columns.get(name) for name in ("given_name", "family_name", "full_name"))
    if given is not None and family is None and full is not None:
        if plain_words(headers[full]) in ("name", "naam", "nom"):
            columns["family_name"] = columns.pop("full_name")
    elif given is None and family is not None and full is None and plain_words(headers[family]) == "nom":
        columns["full_name"] = columns.pop("family_name")
    elif given is not None and family is None and full is None:
        several = [cell for cell in _cells(given, sample) if " " in cell]
        if plain_words(headers[given]) in ("nombre", "nombres", "nome") and several:
            columns["full_name"] = columns.pop("given_name")


def _mend_type(columns: dict[str, int], headers: Sequence[str], sample: Sequence[Sequence[str]]) -> None:
    """`Type` is a plan in one product and `Person or Company` in another: its cells say which."""
    plan = columns.get("plan")
    if plan is None or "type" not in plain_words(headers[plan]).split() or "customer_type" in columns:
        return
    cells = _cells(plan, sample)
    kinds = [is_organization_word(cell) or plain_words(cell) in _PERSONS for cell in cells]
    if cells and all(kinds) and any(plain_words(cell) in _PERSONS for cell in cells):
        columns["customer_type"] = columns.pop("plan")


def _by_heading() -> dict[str, list[tuple[int, str]]]:
    headings: dict[str, list[tuple[int, str]]] = {}
    for field in FIELDS:
        for rank, words in enumerate(field.headings):
            headings.setdefault(words, []).append((rank, field.name))
    return headings


_BY_HEADING = _by_heading()
