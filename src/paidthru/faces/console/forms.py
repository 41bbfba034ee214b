"""The console's forms."""

from collections.abc import Sequence
from datetime import date

from django import forms

from paidthru.kernel.errors import Refused

_WRITE_IT = "Write it as 2026-03-15."
_YEARS = 20  # a run further away is a slip of the keyboard


class DayField(forms.DateField):
    """A business date, in the browser's own date field."""

    widget = forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d")
    default_error_messages = {
        "invalid": f"That is no date. {_WRITE_IT}",
        "required": f"A date is needed. {_WRITE_IT}",
    }


class GenerateForm(forms.Form):
    """A renewal run to be previewed (I-04 to I-11). `key` makes a double click start one run."""

    name = forms.CharField(
        label="Billing run name",
        max_length=120,
        help_text="One that no other run has, such as “Renewals 2027”.",
        error_messages={"required": "The run needs a name."},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    cycle = forms.ChoiceField(
        label="Billing cycle",
        required=False,
        help_text="Its customer types decide who is billed.",
        widget=forms.Select(attrs={"class": "input"}),
    )
    billing_type = forms.ChoiceField(
        label="Billing type",
        choices=[("renewals", "Renewals")],
        initial="renewals",
        widget=forms.Select(attrs={"class": "input"}),
    )
    bill_on = DayField(label="Bill date", help_text="The date of the run and of its invoices; usually today.")
    effective_on = DayField(
        label="Effective date",
        help_text="Who is paid through a day before this date is billed; terms that are the same for all start on it.",
    )
    autopay_only = forms.BooleanField(label="Only bill contacts enrolled in AutoPay", required=False)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: object, cycles: Sequence[str], today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._today = today
        choice = self.fields["cycle"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "All customer types"), *((name, name) for name in cycles)]

    def _near(self, field: str) -> date:
        day: date = self.cleaned_data[field]
        if abs(day.year - self._today.year) > _YEARS:
            raise forms.ValidationError(f"{day.isoformat()} is more than {_YEARS} years away. {_WRITE_IT}")
        return day

    def clean_bill_on(self) -> date:
        """A date not absurdly far away."""
        return self._near("bill_on")

    def clean_effective_on(self) -> date:
        """A date not absurdly far away."""
        return self._near("effective_on")

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the field that it names, or above the form."""
        text = f"{refused.message} {refused.fix or ''}".strip()
        self.add_error(refused.field if refused.field in self.fields else None, text)


class UploadForm(forms.Form):
    """A roster to be imported."""

    file = forms.FileField(
        label="Roster",
        help_text="A CSV file.",
        error_messages={
            "required": "Choose a file first.",
            "empty": "The file is empty. Export the members again, as CSV.",
        },
        widget=forms.FileInput(attrs={"class": "input", "accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
    )

    def refuse(self, refused: Refused) -> None:
        """Shows why the file can't be read."""
        self.add_error("file", f"{refused.message} {refused.fix or ''}".strip())
