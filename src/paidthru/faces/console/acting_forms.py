"""Forms of what staff do about money: refund, reverse, credit, charge, explain. No form has a card field (C-15)."""

from collections.abc import Sequence
from datetime import date

from django import forms

from paidthru.faces.console.badges import WENT_BY
from paidthru.faces.console.forms import DayField
from paidthru.kernel.card_numbers import holds_card_number
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import parse_amount, plain

_INPUT = {"class": "input", "autocomplete": "off"}
_AREA = {"class": "input", "rows": 3}


def worded(refused: Refused) -> str:
    """A refusal with its way out."""
    return f"{refused.message} {refused.fix or ''}".strip()


class AmountField(forms.CharField):
    """An amount of money of a currency; cleaned, minor units of more than nothing and `most` at most."""

    def __init__(self, *, currency: str = "", most: int | None = None, **kwargs: object) -> None:
        super().__init__(
            max_length=40,
            widget=forms.TextInput(attrs=_INPUT | {"inputmode": "decimal"}),
            error_messages={"required": "Enter the amount."},
            **kwargs,  # type: ignore[arg-type]
        )
        self.currency, self.most = currency, most

    def clean(self, value: object) -> int | None:
        """The amount, None for nothing entered where that is allowed."""
        text = str(super().clean(value) or "").strip()
        if not text:
            return None
        try:
            amount_minor = parse_amount(text, self.currency)
        except Refused as refused:
            raise forms.ValidationError(worded(refused)) from refused
        if amount_minor <= 0:
            raise forms.ValidationError("It has to be more than nothing.")
        if self.most is not None and amount_minor > self.most:
            most = f"{plain(self.most, self.currency)} {self.currency}"
            raise forms.ValidationError(f"That is more than there is. Enter {most} or less.")
        return amount_minor


class TextField(forms.CharField):
    """A text of some sentences, in which no card number is kept."""

    def __init__(self, *, most: int = 300, rows: int = 3, missing: str = "", **kwargs: object) -> None:
        super().__init__(
            max_length=most,
            widget=forms.Textarea(attrs=_AREA | {"rows": rows}),
            error_messages={"required": missing or "Say why in a sentence."},
            **kwargs,  # type: ignore[arg-type]
        )

    def clean(self, value: object) -> str:
        """The text without blanks around it."""
        text = str(super().clean(value)).strip()
        if holds_card_number(text):
            raise forms.ValidationError(
                "This holds a card number, which is never stored. Leave it out; its last four digits are enough."
            )
        return text


class ActForm(forms.Form):
    """A form of an act that is confirmed before it is done. `key` makes a double click do it once."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the field that it names, or above the form."""
        self.add_error(refused.field if refused.field in self.fields else None, worded(refused))

    def again(self) -> tuple[tuple[str, str], ...]:
        """What was entered, to be posted once more by the confirm step."""
        return tuple((name, str(self.data.get(name, ""))) for name in self.fields)

    def refuse_both(self, cleaned: dict[str, object], all_minor: int) -> None:
        """Refuses an amount that was typed beside “all”: which of the two was meant is not ours to guess."""
        if cleaned.get("extent") == "all" and cleaned.get("amount") not in (None, all_minor):
            typed = str(self.data.get("amount", "")).strip()
            self.add_error(
                "amount",
                f"You typed {typed} but chose all of it. Choose “A part of it”, or empty the amount.",
            )

    def amount_field(self, name: str = "amount") -> AmountField:
        """The field of an amount."""
        field = self.fields[name]
        assert isinstance(field, AmountField)
        return field


class RefundForm(ActForm):
    """How much of a payment goes back through its processor: all that is left, or a part (A-35)."""

    extent = forms.ChoiceField(
        label="How much",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether all of it goes back, or a part."},
    )
    amount = AmountField(label="How much of it", required=False)
    reason = TextField(label="Reason", required=False, help_text="For the record; the member doesn’t see it.")
    field_order = ("extent", "amount", "reason")

    def __init__(self, *args: object, currency: str, left_minor: int, left: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._left = left_minor
        extent = self.fields["extent"]
        assert isinstance(extent, forms.ChoiceField)
        extent.choices = [("all", f"All that is left: {left}"), ("part", "A part of it")]
        field = self.amount_field()
        field.currency, field.most = currency, left_minor
        field.help_text = f"In {currency}, for a part only."

    def clean(self) -> dict[str, object]:
        """All that is left, or the part; a part without an amount is refused, and so is all with one."""
        cleaned: dict[str, object] = super().clean() or {}
        self.refuse_both(cleaned, self._left)
        if (
            cleaned.get("extent") == "part"
            and cleaned.get("amount") is None
            and not self.errors.get("amount")
        ):
            self.add_error("amount", "Enter how much goes back.")
        return cleaned

    @property
    def amount_minor(self) -> int:
        """What goes back, in minor units."""
        if self.cleaned_data["extent"] == "all":
            return self._left
        amount: int = self.cleaned_data["amount"]
        return amount


class RecordRefundForm(ActForm):
    """Money that was given back without the processor (G-03)."""

    amount = AmountField(label="Amount")
    via = forms.ChoiceField(
        label="How it was given back",
        choices=[(way, name) for way, name in WENT_BY.items() if way != "gateway"],
        widget=forms.Select(attrs={"class": "input"}),
    )
    given_on = DayField(label="Given back on")
    reason = TextField(label="Reason", required=False, help_text="For the record: a check’s number, say.")
    field_order = ("amount", "via", "given_on", "reason")

    def __init__(
        self,
        *args: object,
        currency: str,
        left_minor: int,
        left: str,
        since: date,
        today: date,
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._since, self._today = since, today
        field = self.amount_field()
        field.currency, field.most = currency, left_minor
        field.help_text = f"{left} can be given back."

    def clean_given_on(self) -> date:
        """A day from the payment's to today."""
        day: date = self.cleaned_data["given_on"]
        if not self._since <= day <= self._today:
            raise forms.ValidationError(
                "Money is given back after it came, and not in the future. Enter a day from"
                f" {self._since.isoformat()} to {self._today.isoformat()}."
            )
        return day


class ReverseForm(ActForm):
    """A payment that did not come after all, or is gone (G-02, I-65)."""

    amount = AmountField(label="Amount", required=False)
    why = TextField(
        label="Why", help_text="Such as: the bank returned the debit, R01. It stands in the timeline."
    )
    field_order = ("amount", "why")

    def __init__(self, *args: object, currency: str, left_minor: int, left: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.amount_field()
        field.currency, field.most = currency, left_minor
        field.help_text = f"Leave it empty for all that is left, {left}."


class CreditForm(ActForm):
    """What of an invoice is not asked for any more (I-34)."""

    extent = forms.ChoiceField(
        label="How much",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether all of it is credited, or a part."},
    )
    amount = AmountField(label="How much of it", required=False)
    reason = TextField(label="Reason", help_text="It stands on the credit note.")
    field_order = ("extent", "amount", "reason")

    def __init__(self, *args: object, currency: str, open_minor: int, open_: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        extent = self.fields["extent"]
        assert isinstance(extent, forms.ChoiceField)
        extent.choices = [("all", f"All that is open: {open_}"), ("part", "A part of it")]
        field = self.amount_field()
        field.currency, field.most = currency, open_minor
        field.help_text = f"In {currency}, for a part only."
        self._open = open_minor

    def clean(self) -> dict[str, object]:
        """All that is open, or the part; a part without an amount is refused, and so is all with one."""
        cleaned: dict[str, object] = super().clean() or {}
        self.refuse_both(cleaned, self._open)
        if (
            cleaned.get("extent") == "part"
            and cleaned.get("amount") is None
            and not self.errors.get("amount")
        ):
            self.add_error("amount", "Enter how much is credited.")
        return cleaned

    @property
    def amount_minor(self) -> int:
        """What is credited, in minor units."""
        if self.cleaned_data["extent"] == "all":
            return self._open
        amount: int = self.cleaned_data["amount"]
        return amount


class WriteOffForm(CreditForm):
    """What of an invoice nobody expects to be paid any more, and why."""

    reason = TextField(label="Reason", help_text="It stands in the timeline.")


class WhyForm(ActForm):
    """An act that wants a reason."""

    why = TextField(label="Why")

    def __init__(
        self, *args: object, label: str = "Why", asked: bool = True, note: str = "", **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["why"].label, self.fields["why"].required = label, asked
        self.fields["why"].help_text = note


class ChargeForm(ActForm):
    """An amount that is charged now to the way to pay on file (P-25)."""

    amount = AmountField(label="Amount")
    purpose = forms.CharField(
        label="For",
        max_length=120,
        error_messages={"required": "Say what it is for: it stands on the invoice."},
        help_text="It stands on the invoice, such as “Guest fee, March 3”.",
        widget=forms.TextInput(attrs=_INPUT),
    )
    field_order = ("amount", "purpose")

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.amount_field()
        field.currency = currency
        field.help_text = f"In {currency}."

    def clean_purpose(self) -> str:
        """What it is for, without a card number."""
        text: str = self.cleaned_data["purpose"].strip()
        if holds_card_number(text):
            raise forms.ValidationError(
                "This holds a card number, which is never stored. Members enter their own; send them a link."
            )
        return text


class EvidenceForm(ActForm):
    """What became of an attempt that needs a person, and how one knows (I-48, field-notes E.3)."""

    outcome = forms.ChoiceField(
        label="What became of it",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what became of it."},
    )
    charge_ref = forms.CharField(
        label="The processor’s reference of the money",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs=_INPUT),
    )
    evidence = TextField(
        label="Evidence",
        most=500,
        rows=4,
        missing="Say how you know what became of it.",
        help_text="A line of the bank’s statement, the processor’s own pages, or who answered there and when.",
    )
    field_order = ("outcome", "charge_ref", "evidence")

    def __init__(
        self, *args: object, outcomes: Sequence[tuple[str, str]], ref_known: bool, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)
        outcome.choices = list(outcomes)
        self._ref_known = ref_known
        self.fields["charge_ref"].help_text = (
            "We know its reference; enter another one only if the money has its own."
            if ref_known
            else "Needed when the money came: it stands beside the payment in the processor’s own pages."
        )

    def clean(self) -> dict[str, object]:
        """Money that came without a reference can't be told from other money."""
        cleaned: dict[str, object] = super().clean() or {}
        if cleaned.get("outcome") == "succeeded" and not cleaned.get("charge_ref") and not self._ref_known:
            self.add_error("charge_ref", "Enter the reference of the money.")
        return cleaned
