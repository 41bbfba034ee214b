"""The console's forms about money: recording a payment, and a sandbox's test cards. No form has a card field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django import forms

from paidthru.faces.console.badges import MEANS
from paidthru.faces.console.forms import DayField
from paidthru.kernel.card_numbers import holds_card_number
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import parse_amount, plain
from paidthru.people.models import Party

BY_STAFF = ("check", "cash", "transfer", "terminal")
_INPUT = {"class": "input", "autocomplete": "off"}


def _worded(refused: Refused) -> str:
    return f"{refused.message} {refused.fix or ''}".strip()


BY_HAND, ON_ACCOUNT = "by_hand", "on_account"


@dataclass(frozen=True, slots=True)
class Payable:
    """An invoice that money may be for, as the person reads it."""

    id: UUID
    label: str
    currency: str
    open: bool = True


class PaymentForm(forms.Form):
    """Money that came outside a gateway. `key` makes a double click record one payment. What it pays is chosen: what is
    owed, one invoice, an amount for each, or nothing yet."""

    amount = forms.CharField(
        label="Amount",
        max_length=40,
        error_messages={"required": "Enter the amount that came in."},
        widget=forms.TextInput(attrs=_INPUT | {"inputmode": "decimal"}),
    )
    means = forms.ChoiceField(
        label="How it came",
        choices=[(key, MEANS[key]) for key in BY_STAFF],
        widget=forms.Select(attrs={"class": "input"}),
    )
    reference = forms.CharField(
        label="Reference",
        required=False,
        max_length=100,
        help_text="A check’s number, or what stands on the bank’s statement. Never a card’s number.",
        widget=forms.TextInput(attrs=_INPUT),
    )
    received_on = DayField(label="Received on", help_text="The day on which the money came.")
    invoice = forms.ChoiceField(label="For", required=False, widget=forms.Select(attrs={"class": "input"}))
    payer = forms.CharField(
        label="Paid by somebody else",
        required=False,
        max_length=450,
        help_text="A gift, say: their name, number or e-mail address. The receipt is mailed to them.",
        widget=forms.TextInput(attrs=_INPUT),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self,
        *args: object,
        currencies: Sequence[str],
        today: date,
        invoices: Sequence[Payable],
        by_itself: str,
        find: Callable[[str], Party | None],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._today, self._find, self._invoices = today, find, {str(one.id): one for one in invoices}
        said = str(self.data.get("currency", "") or self.initial.get("currency", ""))
        self.currency = said if said in currencies else currencies[0]
        if len(currencies) > 1:
            self.fields["currency"] = forms.ChoiceField(
                label="Currency",
                choices=[(one, one) for one in currencies],
                initial=self.currency,
                widget=forms.Select(attrs={"class": "input"}),
            )
        else:
            self.fields["amount"].help_text = f"In {self.currency}."
        choice = self.fields["invoice"]
        assert isinstance(choice, forms.ChoiceField)
        open_ = [one for one in invoices if one.open]
        choice.choices = [
            ("", by_itself),
            *((str(one.id), one.label) for one in invoices),
            *([(BY_HAND, "Several invoices: the amounts below")] if len(open_) > 1 else []),
            (ON_ACCOUNT, "On account: it pays nothing yet"),
        ]
        for one in open_ if len(open_) > 1 else ():
            self.fields[f"part_{one.id}"] = forms.CharField(
                label=one.label, required=False, max_length=40, widget=forms.TextInput(attrs=_INPUT)
            )
        rest = [name for name in self.fields if name not in ("amount", "currency")]
        self.order_fields(["amount", "currency", *rest])

    def clean_amount(self) -> int:
        """Minor units, more than nothing."""
        try:
            amount_minor = parse_amount(self.cleaned_data["amount"], self.currency)
        except Refused as refused:
            raise forms.ValidationError(_worded(refused)) from refused
        if amount_minor <= 0:
            raise forms.ValidationError(
                "A payment has to be more than nothing. Enter the amount that came in."
            )
        return amount_minor

    def clean_reference(self) -> str:
        """A text in which no card number is kept."""
        text: str = self.cleaned_data["reference"].strip()
        if holds_card_number(text):
            raise forms.ValidationError(
                "This holds a card number, which is never stored. Its last four digits are enough."
            )
        return text

    def clean_received_on(self) -> date:
        """A day that has come, and not decades ago by a slip of the keyboard."""
        day: date = self.cleaned_data["received_on"]
        if day > self._today:
            raise forms.ValidationError(
                "A payment can't be received in the future. Enter the day on which it came."
            )
        if (self._today - day).days > 3660:
            raise forms.ValidationError(f"{day.isoformat()} is more than ten years ago. Check the year.")
        return day

    def clean(self) -> dict[str, object]:
        """What it pays fits together: amounts for invoices only where they were asked for, one currency for all."""
        cleaned = super().clean() or {}
        parts: dict[UUID, int] = {}
        for id_, one in self._invoices.items():
            text = str(cleaned.get(f"part_{id_}") or "").strip()
            if not text:
                continue
            try:
                if one.currency != self.currency:
                    raise forms.ValidationError(
                        f"This invoice is in {one.currency}, the money in {self.currency}."
                    )
                parts[one.id] = parse_amount(text, one.currency)
                if parts[one.id] <= 0:
                    raise forms.ValidationError(
                        "It has to be more than nothing. Empty it to leave the invoice out."
                    )
            except Refused as refused:
                self.add_error(f"part_{id_}", _worded(refused))
            except forms.ValidationError as error:
                self.add_error(f"part_{id_}", error)
        chosen = str(cleaned.get("invoice") or "")
        named = self._invoices.get(chosen)
        if named is not None and named.currency != self.currency:
            self.add_error(
                "invoice",
                f"That invoice is in {named.currency}, the money in {self.currency}. Choose another.",
            )
        if parts and chosen != BY_HAND:
            self.add_error(
                "invoice", "You entered amounts for invoices. Choose “Several invoices”, or empty them."
            )
        elif chosen == BY_HAND and not parts and not self.errors:
            self.add_error("invoice", "Enter how much each invoice gets, below.")
        cleaned["parts"] = parts if chosen == BY_HAND else {} if chosen == ON_ACCOUNT else None
        return cleaned

    @property
    def for_invoice(self) -> UUID | None:
        """The one invoice that it is for, if one was chosen."""
        chosen: str = self.cleaned_data["invoice"]
        return UUID(chosen) if chosen in self._invoices else None

    def clean_payer(self) -> Party | None:
        """Who paid it for the member; None where they did themselves."""
        text: str = self.cleaned_data["payer"]
        try:
            return self._find(text) if text else None
        except Refused as refused:
            raise forms.ValidationError(_worded(refused)) from refused

    def again(self) -> tuple[tuple[str, str], ...]:
        """What was entered, to be posted once more by the confirm step."""
        clean = self.cleaned_data
        typed = [(name, str(clean[name])) for name in self.fields if name.startswith("part_") and clean[name]]
        return (
            ("amount", plain(clean["amount"], self.currency)),
            ("currency", self.currency),
            *typed,
            ("means", clean["means"]),
            ("reference", clean["reference"]),
            ("received_on", clean["received_on"].isoformat()),
            ("invoice", clean["invoice"]),
            ("payer", f"#{clean['payer'].number}" if clean["payer"] else ""),
            ("key", clean["key"]),
        )


BEHAVIOURS = (
    (
        "Cards",
        (
            ("card:ok", "Succeeds"),
            ("card:insufficient_funds", "Declined: not enough money (may be tried again)"),
            ("card:do_not_honor", "Declined: no reason given (may be tried again)"),
            ("card:stolen_card", "Declined: blocked for good"),
            ("card:expired", "Expired"),
            ("card:authenticate", "Asks the member to approve"),
            ("card:timeout", "The first request is lost: it is sent again, and charged once"),
            (
                "card:timeout_charged",
                "The first reply is lost: the money was taken, and is found by asking again",
            ),
            ("silent:ok", "Never answers until told: nothing is taken meanwhile"),
            ("silent_but_charges:ok", "Never answers until told: the money is taken in silence"),
        ),
    ),
    (
        "Bank accounts",
        (
            ("bank:auto", "Succeeds after four business days"),
            ("bank:insufficient_funds", "Fails after four business days"),
        ),
    ),
)


class TestMethodForm(forms.Form):
    """A way to pay for a sandbox's member, by how it is to behave."""

    behaviour = forms.ChoiceField(
        label="What it does when it is charged",
        choices=BEHAVIOURS,
        initial="card:ok",
        widget=forms.Select(attrs={"class": "input"}),
    )
    autopay = forms.BooleanField(label="Enroll the member in AutoPay", required=False, initial=True)
