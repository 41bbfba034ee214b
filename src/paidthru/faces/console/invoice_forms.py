"""The form of an invoice that is written: whom it is for, when, how often, and its lines."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from paidthru.faces.console.acting_forms import ActForm, worded
from paidthru.faces.console.forms import DayField
from paidthru.invoicing.rules.writing import (
    DESCRIPTION_LENGTH,
    INCOME,
    MOST_LINES,
    WrittenLine,
    checked_lines,
)
from paidthru.kernel.card_numbers import holds_card_number
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import parse_amount, plain
from paidthru.kernel.periods import Interval, Unit
from paidthru.kernel.texts import checked_email
from paidthru.people.models import Party

_INPUT = {"class": "input", "autocomplete": "off"}
EMPTY_LINES = 3
OFTEN = (("", "Once"), ("month", "Every month"), ("quarter", "Every quarter"), ("year", "Every year"))
_EVERY = {
    "month": Interval(1, Unit("month")),
    "quarter": Interval(3, Unit("month")),
    "year": Interval(1, Unit("year")),
}


class HeaderForm(ActForm):
    """Whom an invoice is for (A-12), by when it is to be paid, and how often it comes (A-11)."""

    payer = forms.CharField(
        label="Whom it is for",
        required=False,
        max_length=450,
        widget=forms.TextInput(attrs=_INPUT),
        help_text="Their name, number (#12) or e-mail address.",
    )
    name = forms.CharField(
        label="Name of somebody else",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=_INPUT),
    )
    email = forms.CharField(
        label="Their e-mail address", required=False, max_length=254, widget=forms.TextInput(attrs=_INPUT)
    )
    currency = forms.ChoiceField(label="Currency", widget=forms.Select(attrs={"class": "input"}))
    due_on = DayField(label="Due on", help_text="The day by which it is to be paid.")
    often = forms.ChoiceField(
        label="How often",
        choices=OFTEN,
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
        help_text="The first one is billed when you save it; the others come by themselves.",
    )
    until = DayField(
        label="The last one by", required=False, help_text="Empty: they come until somebody ends them."
    )
    field_order = ("payer", "name", "email", "currency", "due_on", "often", "until")

    def __init__(
        self,
        *args: object,
        member: str,
        currencies: Sequence[str],
        find: Callable[[str], Party],
        today: date,
        of_draft: bool = False,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._find, self._today = find, today
        self.fields[
            "payer"
        ].help_text = f"A {member} or somebody billed before: name, number (#12) or e-mail address."
        choice = self.fields["currency"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(code, code) for code in currencies]
        if len(currencies) < 2:
            choice.widget = forms.HiddenInput()
            choice.required = False
        if of_draft:
            for name in ("payer", "name", "email", "currency", "often", "until"):
                del self.fields[name]

    def clean_payer(self) -> Party | None:
        """Whoever is meant."""
        text: str = self.cleaned_data["payer"].strip()
        try:
            return self._find(text) if text else None
        except Refused as refused:
            raise forms.ValidationError(worded(refused)) from refused

    def clean_email(self) -> str:
        """An address, where one is typed in."""
        text: str = self.cleaned_data["email"]
        try:
            return checked_email(text) if text.strip() else ""
        except Refused as refused:
            raise forms.ValidationError(worded(refused)) from refused

    def clean_due_on(self) -> date:
        """Today or later, and no slip of the keyboard."""
        day: date = self.cleaned_data["due_on"]
        if day < self._today:
            raise forms.ValidationError(f"That day is over. Choose {self._today.isoformat()} or a later day.")
        if day.year - self._today.year > 20:
            raise forms.ValidationError(f"{day.isoformat()} is far away. Check the year.")
        return day

    def clean_until(self) -> date | None:
        """Today or later."""
        day: date | None = self.cleaned_data["until"]
        if day is not None and day < self._today:
            raise forms.ValidationError(
                f"The first one is billed today; the last can’t be before. Choose {self._today.isoformat()} or later."
            )
        return day

    def clean(self) -> dict[str, object]:
        """One payer: known, or typed in with name and address."""
        cleaned: dict[str, object] = super().clean() or {}
        if "payer" not in self.fields or "payer" in self.errors:
            return cleaned
        typed = bool(str(self.data.get("name", "")).strip() or str(self.data.get("email", "")).strip())
        if cleaned.get("payer") is not None and typed:
            self.add_error("payer", "Choose one: somebody known, or the name and address below.")
        elif cleaned.get("payer") is None and not typed:
            self.add_error("payer", "Say whom it is for.")
        elif typed:
            if not cleaned.get("name"):
                self.add_error("name", "Their name is needed.")
            if not cleaned.get("email") and "email" not in self.errors:
                self.add_error("email", "Their e-mail address is needed: the invoice is mailed there.")
        if cleaned.get("until") and not cleaned.get("often"):
            self.add_error("until", "A single invoice has no end. Choose how often it comes, or empty this.")
        return cleaned

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the field that it names."""
        named = {"due": "due_on", "until": "until"}.get(str(refused.field), refused.field)
        self.add_error(named if named in self.fields else None, worded(refused))

    @property
    def every(self) -> Interval | None:
        """How often it comes; None for once."""
        return self.interval(self.cleaned_data.get("often", ""))

    @staticmethod
    def interval(often: str) -> Interval | None:
        """The interval of a choice; None for once."""
        return _EVERY.get(often)


class LineForm(forms.Form):
    """A line as it is typed."""

    description = forms.CharField(label="For", required=False, widget=forms.TextInput(attrs=_INPUT))
    quantity = forms.CharField(
        label="Quantity",
        required=False,
        initial="1",
        widget=forms.TextInput(attrs=_INPUT | {"inputmode": "numeric"}),
    )
    amount = forms.CharField(
        label="Each", required=False, widget=forms.TextInput(attrs=_INPUT | {"inputmode": "decimal"})
    )
    tax = forms.ChoiceField(label="Tax", required=False, widget=forms.Select(attrs={"class": "input"}))
    account = forms.ChoiceField(
        label="Income account", required=False, widget=forms.Select(attrs={"class": "input"})
    )
    fund = forms.CharField(label="Fund", required=False, widget=forms.TextInput(attrs=_INPUT))

    def __init__(
        self,
        *args: object,
        currency: str,
        taxes: Sequence[str],
        accounts: Sequence[tuple[str, str]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.currency = currency
        for name, choices in (
            ("tax", [("", "No tax"), *((tax, tax) for tax in taxes)]),
            ("account", [*accounts]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed: such a line is left out."""
        return not any(
            str(self.data.get(self.add_prefix(name), "")).strip() for name in ("description", "amount")
        )

    def clean_description(self) -> str:
        """What it is for, without a card number."""
        text: str = self.cleaned_data["description"].strip()
        if not text:
            raise forms.ValidationError("Say what it is for.")
        if len(text) > DESCRIPTION_LENGTH:
            raise forms.ValidationError(f"That is too long. Use {DESCRIPTION_LENGTH} characters at most.")
        if holds_card_number(text):
            raise forms.ValidationError("This holds a card number, which is never stored. Leave it out.")
        return text

    def clean_quantity(self) -> int:
        """A whole number; how many there may be is the rules' matter."""
        text: str = self.cleaned_data["quantity"].strip() or "1"
        if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()) or len(text) > 18:
            raise forms.ValidationError("The quantity has to be a whole number from 1 to 1,000,000.")
        return int(text)

    def clean_amount(self) -> int:
        """Minor units of one."""
        text: str = self.cleaned_data["amount"].strip()
        if not text:
            raise forms.ValidationError("Enter what one costs.")
        try:
            return parse_amount(text, self.currency)
        except Refused as refused:
            raise forms.ValidationError(worded(refused)) from refused

    @property
    def line(self) -> WrittenLine:
        """The line, not yet checked against the rules."""
        clean = self.cleaned_data
        return WrittenLine(
            clean["description"],
            clean["quantity"],
            clean["amount"],
            clean["tax"],
            clean["account"] or INCOME,
            clean["fund"].strip(),
        )


class WrittenForm:
    """The header and the lines of one invoice, bound to what was posted, or to what a draft says."""

    _AT = {
        "description": "description",
        "quantity": "quantity",
        "amount": "amount",
        "tax": "tax",
        "fund": "fund",
    }

    def __init__(self, header: HeaderForm, lines: list[LineForm]) -> None:
        self.header, self.lines = header, lines
        self.written: tuple[WrittenLine, ...] = ()

    def is_valid(self) -> bool:
        """Whether all of it can be read and the rules take the lines; else the errors stand at their fields."""
        filled = [line for line in self.lines if not line.is_empty]
        fine = all([self.header.is_valid(), *(line.is_valid() for line in filled)])
        if fine:
            try:
                self.written = checked_lines([line.line for line in filled])
            except Refused as refused:
                self.refuse(refused)
                return False
        return fine

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the field of the line that it names, or at the header."""
        filled = [line for line in self.lines if not line.is_empty]
        if refused.row is not None and 0 < refused.row <= len(filled):
            filled[refused.row - 1].add_error(self._AT.get(str(refused.field)), worded(refused))
        else:
            self.header.refuse(refused)

    def again(self) -> tuple[tuple[str, str], ...]:
        """What was typed, to be posted once more by the confirm step."""
        filled = [line for line in self.lines if not line.is_empty]
        fields = [*self.header.again(), ("lines", str(len(filled)))]
        for n, line in enumerate(filled):
            fields += [
                (f"line-{n}-{name}", str(line.data.get(line.add_prefix(name), ""))) for name in line.fields
            ]
        return tuple(fields)


def line_forms(data: Mapping[str, Any], make: Callable[..., LineForm]) -> list[LineForm]:
    """The lines that were posted; `do` may add one or take one away ("remove-2")."""
    text = str(data.get("lines", ""))
    count = (
        min(int(text), MOST_LINES + 1) if text.isascii() and text.isdigit() and len(text) < 9 else EMPTY_LINES
    )
    do = str(data.get("do", ""))
    kept = [n for n in range(count) if do != f"remove-{n}"]
    renamed = {
        f"line-{place}-{name}": data.get(f"line-{n}-{name}", LineForm.base_fields[name].initial or "")
        for place, n in enumerate(kept)
        for name in LineForm.base_fields
    }
    more = 1 if do == "add" else 0
    for place in range(len(kept), len(kept) + more):
        renamed |= {
            f"line-{place}-{name}": field.initial or "" for name, field in LineForm.base_fields.items()
        }
    return [make(renamed, prefix=f"line-{place}") for place in range(len(kept) + more)]


def typed_lines(lines: Sequence[WrittenLine], currency: str) -> dict[str, str]:
    """Lines as they would have been typed, with some empty ones."""
    found: dict[str, str] = {"lines": str(max(len(lines), EMPTY_LINES))}
    for n, line in enumerate(lines):
        found |= {
            f"line-{n}-description": line.description,
            f"line-{n}-quantity": str(line.quantity),
            f"line-{n}-amount": plain(line.unit_amount_minor, currency),
            f"line-{n}-tax": line.tax,
            f"line-{n}-account": line.income_code,
            f"line-{n}-fund": line.fund,
        }
    return found
