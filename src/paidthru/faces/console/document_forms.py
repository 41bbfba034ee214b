"""Forms about documents: the letterhead, a statement's period."""

from datetime import date

from django import forms

from paidthru.faces.console.acting_forms import worded
from paidthru.faces.console.forms import DayField
from paidthru.kernel.errors import Refused
from paidthru.organizations.rules.branding import LONGEST_LINE, MOST_LINES, Branding
from paidthru.organizations.rules.logos import MOST_BYTES

_TEXT = {"class": "input", "autocomplete": "off"}
_MOST = MOST_LINES * (LONGEST_LINE + 2)


def _lines(label: str, help_text: str, rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=_MOST,
        help_text=help_text,
        widget=forms.Textarea(attrs={"class": "input", "rows": rows}),
    )


class BrandForm(forms.Form):
    """How the organization stands on its documents. The file comes last, so that what was typed is there even where
    the file is not read."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="As it is in law: it stands on every document.",
        error_messages={"required": "A name is needed."},
        widget=forms.TextInput(attrs=_TEXT),
    )
    address = _lines("Address", "As on an envelope, without the name.", 4)
    country = forms.CharField(
        label="Country",
        required=False,
        max_length=20,
        help_text="Its two letters, such as US or DE.",
        widget=forms.TextInput(attrs=_TEXT | {"size": 4}),
    )
    contact = _lines("Contact", "E-mail, telephone, website: a line each.")
    tax_number = forms.CharField(
        label="Tax number",
        required=False,
        max_length=60,
        help_text="Stands at the foot of each page.",
        widget=forms.TextInput(attrs=_TEXT),
    )
    footer = _lines("Legal lines", "At the foot of each page: form and register, board, and the like.")
    payment = _lines(
        "How to pay", "A bank account, say. It stands on invoices and statements that ask for money."
    )
    accent = forms.CharField(
        label="Colour of titles",
        max_length=20,
        help_text="As #rrggbb, dark enough to be read on white.",
        widget=forms.TextInput(attrs=_TEXT | {"size": 9}),
    )
    band = forms.CharField(
        label="Colour behind headings",
        max_length=20,
        help_text="As #rrggbb, light enough for dark text on it.",
        widget=forms.TextInput(attrs=_TEXT | {"size": 9}),
    )
    electronic = forms.BooleanField(
        label="Put the invoice into its PDF as data too (Factur-X, profile EN 16931)",
        required=False,
        help_text="For payers whose bookkeeping reads it. The country is needed; the tax number too, as a rule.",
    )
    remove_logo = forms.BooleanField(label="Take the logo off", required=False)
    logo = forms.FileField(
        label="Another logo",
        required=False,
        help_text=f"PNG, JPEG or SVG, {MOST_BYTES // 1024 // 1024} MB at most. Wide ones look best.",
        error_messages={"empty": "The file is empty. Upload a PNG, JPEG or SVG file."},
        widget=forms.FileInput(attrs={"class": "input", "accept": ".png,.jpg,.jpeg,.svg"}),
    )

    def __init__(self, *args: object, has_logo: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not has_logo:
            del self.fields["remove_logo"]
            self.fields["logo"].label = "Logo"

    def said(self) -> Branding:
        """What was entered, as it is."""
        entered = self.cleaned_data
        return Branding(**{key: entered[key] for key in Branding.__dataclass_fields__})

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the field that it names, or above the form."""
        self.add_error(refused.field if refused.field in self.fields else None, worded(refused))


class PeriodForm(forms.Form):
    """A statement's period, both days included."""

    start = DayField(label="From")
    through = DayField(label="Through")

    def clean(self) -> dict[str, object]:
        """From the earlier to the later day."""
        entered = super().clean() or {}
        start, through = entered.get("start"), entered.get("through")
        if isinstance(start, date) and isinstance(through, date) and through < start:
            self.add_error("through", "It ends before it begins. Choose a later day.")
        return entered

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal above the form."""
        self.add_error(None, worded(refused))
