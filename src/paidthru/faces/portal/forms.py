"""The portal's forms. None has a field for a card or an account number, and none ever will (C-15)."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy


class LinkForm(forms.Form):
    """To which address the way to a membership is mailed. `key` makes a double click one mail."""

    email = forms.EmailField(
        label=_lazy("Your e-mail address"),
        max_length=254,
        help_text=_lazy("The one that you gave when you joined."),
        error_messages={
            "required": _lazy("Please tell us your e-mail address."),
            "invalid": _lazy("That is no e-mail address. Write it as ann@example.org."),
        },
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class CodeForm(forms.Form):
    """The code that was mailed."""

    code = forms.CharField(
        label=_lazy("The code in the mail"),
        max_length=20,
        error_messages={"required": _lazy("Enter the code, or follow the link in the mail.")},
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
            }
        ),
    )


class VisitorForm(forms.Form):
    """Who somebody is whom nobody knows yet. `key` makes a double click one act."""

    name = forms.CharField(
        label=_lazy("Your name"),
        max_length=200,
        error_messages={"required": _lazy("Please tell us your name.")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_lazy("Your e-mail address"),
        max_length=254,
        error_messages={
            "required": _lazy("Please tell us your e-mail address."),
            "invalid": _lazy("That is no e-mail address. Write it as ann@example.org."),
        },
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)


class JoinForm(VisitorForm):
    """Who wants to join. `read_with` is the code that the price was shown with."""

    code = forms.CharField(
        label=_lazy("Discount code"),
        required=False,
        max_length=40,
        help_text=_lazy("If you were given one."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    consent = forms.BooleanField(error_messages={"required": _lazy("Please tick that you agree.")})
    read_with = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(self, *args: object, consent: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["consent"].label = consent


class PartForm(forms.Form):
    """How much of an invoice is paid."""

    amount = forms.CharField(
        max_length=40,
        help_text=_lazy("All of it, or a part: what is left stays open."),
        error_messages={"required": _lazy("Enter an amount.")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "inputmode": "decimal"}),
    )

    def __init__(self, *args: object, currency: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["amount"].label = _("Amount, {currency}").format(currency=currency)


class DeclarationForm(forms.Form):
    """The donor's home address, for Gift Aid."""

    address = forms.CharField(
        label=_lazy("Your home address"),
        max_length=500,
        error_messages={"required": _lazy("Enter your home address.")},
        widget=forms.Textarea(attrs={"class": "input", "rows": 3, "autocomplete": "street-address"}),
    )
    postcode = forms.CharField(
        label=_lazy("Its postcode"),
        max_length=20,
        error_messages={"required": _lazy("Enter its postcode.")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "postal-code"}),
    )
