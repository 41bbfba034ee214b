"""One row of a roster, cell by cell, into a member to be or its faults."""

from collections.abc import Callable
from datetime import date
from typing import Literal, TypeVar

from paidthru.kernel.errors import Refused
from paidthru.kernel.exports import FORMULA_STARTS
from paidthru.kernel.money import exponent, plain
from paidthru.kernel.periods import Interval
from paidthru.kernel.texts import is_email
from paidthru.membership.rules.cell_amounts import has_currency_sign, read_amount
from paidthru.membership.rules.cell_dates import DateOrder, read_date
from paidthru.membership.rules.cell_places import PLACE_FIELDS, country_of, language_of, postal_lines
from paidthru.membership.rules.cell_texts import LONGEST, ODD, read_text
from paidthru.membership.rules.cell_words import (
    STATUSES,
    interval_of,
    is_never,
    is_nothing,
    is_organization_word,
    status_of,
    word_key,
    yes_or_no,
)
from paidthru.membership.rules.roster_fields import BY_NAME, NAME_FIELDS
from paidthru.membership.rules.roster_items import (
    Fault,
    Known,
    RosterRow,
    RowFaults,
    Severity,
    shown,
)
from paidthru.membership.rules.roster_layout import Layout

_SURELY_FITS = min(LONGEST.values())
_TELLING_STARTS = FORMULA_STARTS | {"'"}
_ENDS = frozenset({"next_renewal_on", "paid_through"})

T = TypeVar("T")


class RowReader:
    """Reads the rows of one layout. Not to be shared between files; it keeps the row at hand."""

    def __init__(self, layout: Layout, known: Known) -> None:
        exponent(known.currency)
        self._layout = layout
        self._known = known
        self._columns = layout.columns
        self._width = len(layout.headers)
        # A blank cell behind the last one answers for every field that has no column.
        self._at = {name: layout.columns.get(name, self._width) for name in BY_NAME}
        self._last_column = max(layout.columns.values(), default=-1)
        self._orders = {name: DateOrder(order) for name, order in layout.date_orders.items()}
        self._plans = {word_key(plan): plan for plan in known.plans}
        self._plan_words = {word_key(word): plan for word, plan in known.plan_words.items()}
        self._status_words = {word_key(word): status for word, status in known.status_words.items()}
        self._row = 0
        self._cells: list[str] = []
        self._odd = False
        self._faults: list[Fault] = []

    def read(self, row: int, cells: list[str], found: tuple[Fault, ...] = ()) -> RosterRow | RowFaults:
        """The row, with `found` added to its own faults. Raises nothing: a cell that cannot be read is one."""
        self._row, self._faults = row, list(found)
        self._odd = ODD.search("".join(cells)) is not None
        self._check_width(cells)
        self._cells = [cell.strip() for cell in cells[: self._width]]
        self._cells += [""] * (self._width + 1 - len(self._cells))
        external_id = self._external_id()
        given, family, full, firm = (
            self._text(name) for name in ("given_name", "family_name", "full_name", "organization_name")
        )
        email = self._email()
        customer_type = self._text("customer_type")
        kind, name = self._who(given, family, full, firm, email, customer_type)
        status = self._status()
        joined = self._date("joined_on")
        renewal, through = self._date("next_renewal_on"), self._date("paid_through")
        if joined and joined > self._known.today:
            self._fault(
                "joined_on",
                "joined_in_future",
                f"The date {joined} lies in the future.",
                "Correct the date, or import the member once it has come.",
            )
        elif joined and renewal and renewal <= joined:
            self._fault(
                "next_renewal_on",
                "renewal_before_joining",
                f"The renewal is not after the date of joining, {joined}.",
                "Check both dates.",
                "warning",
            )
        cycle_started = self._date("cycle_started_on")
        plan = self._plan(bool(status or renewal or through))
        self._check_currency()
        made = RosterRow(
            row=row,
            external_id=external_id,
            kind=kind,
            name=name,
            given_name=given,
            family_name=family,
            organization_name=firm,
            email=email,
            phone=self._text("phone"),
            plan=plan,
            status=status,
            joined_on=joined,
            next_renewal_on=renewal,
            paid_through=through,
            cycle_started_on=cycle_started,
            autopay=self._word("autopay", yes_or_no, "neither yes nor no", "Write yes or no."),
            price_minor=self._amount("price"),
            balance_minor=self._balance(),
            interval=self._interval(),
            customer_type=customer_type,
            notes=self._text("notes"),
            **self._place(),
            warnings=tuple(self._faults),  # last, when all cells have been read
        )
        if any(fault.severity == "error" for fault in self._faults):
            return RowFaults(row, external_id, made.warnings)
        return made

    def _fault(
        self,
        name: str,
        code: str,
        problem: str,
        fix: str,
        severity: Severity = "error",
    ) -> None:
        heading = self._layout.heading(name) if name in self._columns else ""
        value = self._raw(name) if name else ""
        self._faults.append(Fault(self._row, heading, shown(value), code, problem, fix, severity))

    def _raw(self, name: str) -> str:
        return self._cells[self._at[name]]

    def _check_width(self, cells: list[str]) -> None:
        width = len(cells)
        if width == self._width:
            return
        if width > self._width and any(cell.strip() for cell in cells[self._width :]):
            problem = f"The row has {width} cells, the headings {self._width}."
        elif width <= self._last_column and not self._layout.trims_blank_cells:
            problem = f"The row ends after {width} of {self._width} cells."
        else:
            return
        self._fault(
            "",
            "row_ragged",
            problem,
            "Look for a stray separator, quotation mark or line break in this row, or export the file again.",
        )

    def _text(self, name: str) -> str:
        text = self._raw(name)
        if not text:
            return ""
        if not self._odd and len(text) <= _SURELY_FITS and text[0] not in _TELLING_STARTS:
            return text
        text, remarks = read_text(name, text, self._layout.encoding)
        for remark in remarks:
            self._fault(name, *remark)
        return text

    def _external_id(self) -> str | None:
        if "external_id" not in self._columns:
            return None
        text = self._text("external_id")
        if not text and not self._raw("external_id"):
            self._fault("external_id", "id_missing", "The row has no member id.", "Fill in the id.")
        return text or None

    def _email(self) -> str:
        raw = self._raw("email")
        if "email" not in self._columns:
            return ""
        if is_nothing(raw):
            self._fault(
                "email",
                "email_missing",
                "The row has no e-mail address.",
                "Add one if the member is to get mail; the row is taken without.",
                "warning",
            )
            return ""
        text = raw.removeprefix("mailto:").strip("<>")
        if is_email(text):
            return text
        several = raw.count("@") > 1
        self._fault(
            "email",
            "email_invalid",
            "The cell holds more than one e-mail address."
            if several
            else f"{shown(raw)!r} is not an e-mail address.",
            "Keep one of them." if several else "Correct the address, or leave the cell blank.",
        )
        return ""

    def _who(
        self, given: str, family: str, full: str, firm: str, email: str, customer_type: str
    ) -> tuple[Literal["person", "organization"], str]:
        person = full or f"{given} {family}".strip()
        is_firm = bool(customer_type) and self._means_organization(customer_type)
        if firm and (is_firm or not person):
            if not person:
                self._fault(
                    "organization_name",
                    "organization_without_person",
                    "The organization has no contact person.",
                    "Nothing to do: the organization itself is taken as the member.",
                    "note",
                )
            return "organization", firm
        if person:
            return ("organization" if is_firm else "person"), person
        if any(self._raw(name) for name in NAME_FIELDS):
            return "person", ""  # there is a name, and a fault of its own says why it cannot be taken
        if email:
            self._fault(
                "email",
                "name_missing",
                "The row has no name; the e-mail address stands in for it.",
                "Fill in the name when you can.",
                "warning",
            )
            return "person", email
        name = next((each for each in NAME_FIELDS if each in self._columns), "email")
        self._fault(
            name, "name_missing", "The row has no name.", "Fill in a person's or an organization's name."
        )
        return "person", ""

    def _means_organization(self, customer_type: str) -> bool:
        heading = self._layout.heading("customer_type")  # `Is company: yes`
        said_yes = yes_or_no(customer_type) is True and is_organization_word(heading)
        return said_yes or is_organization_word(customer_type)

    def _plan(self, has_membership: bool) -> str | None:
        if "plan" not in self._columns:
            return None
        heading = self._layout.heading("plan")
        text = self._text("plan")
        if not text and self._raw("plan"):
            return None
        if is_nothing(text):
            if has_membership:
                self._fault(
                    "plan",
                    "plan_missing",
                    f"The row has a membership without a {heading}.",
                    f"Fill in the {heading}, or clear status and dates to take the row as a contact.",
                )
            return None
        word = word_key(text)
        plan = self._plan_words.get(word)
        if plan is None:
            plan = self._plans.get(word)
        if plan is None:
            self._fault(
                "plan",
                "plan_unknown",
                f"There is no plan called {shown(text)!r}.",
                f"Create the plan, or say which of your plans this {heading} means.",
            )
        return plan or None

    def _status(self) -> str | None:
        text = self._raw("status")
        if is_nothing(text):
            return None
        status = self._status_words.get(word_key(text)) or status_of(text)
        if status not in STATUSES:
            self._fault(
                "status",
                "status_unknown",
                f"{shown(text)!r} is not a status that we know.",
                f"Say which of {', '.join(STATUSES)} it means.",
            )
            return None
        return status

    def _date(self, name: str) -> date | None:
        text = self._raw(name)
        if not text:
            return None
        try:
            return read_date(text, self._orders.get(name, DateOrder.DAY_FIRST), today=self._known.today)
        except Refused as refused:
            if is_nothing(text) or (name in _ENDS and is_never(text)):
                return None
            self._fault(name, refused.code, refused.message, refused.fix or "")
            return None

    def _amount(self, name: str) -> int | None:
        text = self._raw(name)
        if not text or is_nothing(text):
            return None
        currency = self._known.currency
        try:
            amount_minor = read_amount(text, currency, self._layout.decimal_marks.get(name, "."))
        except Refused as refused:
            self._fault(name, refused.code, refused.message, refused.fix or "")
            return None
        if has_currency_sign(text):
            self._fault(
                name,
                "amount_read",
                f"The amount is read as {plain(amount_minor, currency)} {currency}.",
                "Nothing to do if that is right.",
                "note",
            )
        return amount_minor

    def _balance(self) -> int | None:
        owed, credit = self._amount("balance"), self._amount("credit")
        return owed if credit is None else (owed or 0) - credit

    def _check_currency(self) -> None:
        text = self._raw("currency").upper()
        if not is_nothing(text) and text != self._known.currency:
            self._fault(
                "currency",
                "currency_mismatch",
                f"The row is in {shown(text)}, the organization in {self._known.currency}.",
                f"Import it into an organization that keeps its books in {shown(text)}.",
            )

    def _interval(self) -> Interval | None:
        if is_never(self._raw("interval")):
            return None
        return self._word(
            "interval", interval_of, "not an interval that we know", "Write it like `1 year` or `3 months`."
        )

    def _place(self) -> dict[str, str]:
        """Where letters go, and in which language; what is not understood is left out, and said."""
        country = self._named("country", country_of, "the name of a country that is known here")
        language = self._named("language", language_of, "the name of a language that is known here")
        cells = {name: self._text(name) for name in PLACE_FIELDS}
        address = postal_lines(cells, country, self._known.currency)
        return {"address": address, "country": country, "language": language}

    def _named(self, name: str, meaning: Callable[[str], str | None], what: str) -> str:
        text = self._raw(name)
        found = None if not text or is_nothing(text) else meaning(text)
        if found is None and text and not is_nothing(text):
            fix = "Write its two letters; the row is taken without."
            self._fault(name, f"{name}_unknown", f"{shown(text)!r} is not {what}.", fix, "warning")
        return found or ""

    def _word(self, name: str, meaning: Callable[[str], T | None], problem: str, fix: str) -> T | None:
        text = self._raw(name)
        if not text or (is_nothing(text) and meaning(text) is None):
            return None
        found = meaning(text)
        if found is None:
            self._fault(name, f"{name}_unknown", f"{shown(text)!r} is {problem}.", fix)
        return found
