"""The console's forms about money: recording a payment, and a sandbox's test cards. No form has a card field."""

from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from django import forms

from paidthru.faces.console.badges import MEANS
from paidthru.faces.console.forms import DayField
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import parse_amount, plain
from paidthru.people.models import Party

BY_STAFF = ("check", "cash", "transfer", "terminal")
_INPUT = {"class": "input", "autocomplete": "off"}


def _worded(refused: Refused) -> str:
    return f"{refused.message} {refused.fix or ''}".strip()


class PaymentForm(forms.Form):
    """Money that came outside a gateway. `key` makes a double click record one payment."""

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
        currency: str,
        today: date,
        invoices: Sequence[tuple[UUID, str]],
        find: Callable[[str], Party | None],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._currency, self._today, self._find = currency, today, find
        self.fields["amount"].help_text = f"In {currency}."
        choice = self.fields["invoice"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "What is owed, oldest first"), *((str(id_), label) for id_, label in invoices)]

    def clean_amount(self) -> int:
        """Minor units, more than nothing."""
        try:
            amount_minor = parse_amount(self.cleaned_data["amount"], self._currency)
        except Refused as refused:
            raise forms.ValidationError(_worded(refused)) from refused
        if amount_minor <= 0:
            raise forms.ValidationError(
                "A payment has to be more than nothing. Enter the amount that came in."
            )
        return amount_minor

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
        return (
            ("amount", plain(clean["amount"], self._currency)),
            ("means", clean["means"]),
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
