"""Forms about the processor's account. What is typed into a secret's field is never shown again, not even on an error.

No form here, or anywhere in the console, has a field for a card or a bank account (C-15).
"""

from django import forms

from paidthru.kernel.errors import Refused

_SECRET = {"class": "input", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


def _secret(label: str, help_text: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=300,
        required=required,
        error_messages={"required": "Enter it."},
        widget=forms.PasswordInput(attrs=_SECRET, render_value=False),
    )


class KeysForm(forms.Form):
    """The keys of a Stripe account."""

    secret_key = _secret(
        "Secret key",
        "Begins with sk_live_, or sk_test_ for the processor’s test mode; a restricted key (rk_…) works too.",
    )
    publishable_key = forms.CharField(
        label="Publishable key",
        help_text="Begins with pk_. It is no secret; without it members save cards on Stripe’s own page.",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs=_SECRET),
    )

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the field that it names, or above the form."""
        _refuse(self, refused)


class WebhookSecretForm(forms.Form):
    """The signing secret of the address at which Stripe tells what happened."""

    webhook_secret = _secret(
        "Signing secret", "Begins with whsec_; Stripe shows it on the page of the webhook endpoint."
    )

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the field that it names, or above the form."""
        _refuse(self, refused)


def _refuse(form: forms.Form, refused: Refused) -> None:
    text = f"{refused.message} {refused.fix or ''}".strip()
    form.add_error(refused.field if refused.field in form.fields else None, text)
