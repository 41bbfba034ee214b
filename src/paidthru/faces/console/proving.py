"""Showing again who one is, before changing how one signs in (ASVS 7.5.1): the password, or a code."""

from typing import TypeVar

from django import forms
from django.utils.datastructures import MultiValueDict

from paidthru.actions.pass_second_factor import pass_second_factor
from paidthru.faces.console.access import Visit
from paidthru.faces.console.acting_forms import worded
from paidthru.faces.console.doorkeeper import MINUTES, must_wait_for_code, was_right_code, was_wrong_code
from paidthru.faces.console.entering import STRONG, is_strong
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.organizations.queries import has_second_factor
from paidthru.wiring import places_of, vault


class ProofForm(forms.Form):
    """A form that asks for the password or a code. Whoever has neither, having signed in elsewhere, isn't asked."""

    proof = forms.CharField(
        max_length=200,
        strip=False,
        error_messages={"required": "Show that it is you."},
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": "current-password"}),
    )

    def proves(self, visit: Visit) -> bool:
        """Whether what was typed shows that it is them; five wrong ones, and they wait."""
        if "proof" not in self.fields:
            return True
        user, typed = visit.user, str(self.cleaned_data["proof"])
        if must_wait_for_code(user):
            self.add_error("proof", f"Too many wrong ones. Wait {MINUTES} minutes, then try again.")
            return False
        if _password_is_enough(visit) and user.check_password(typed):
            was_right_code(user)
            return True
        try:
            pass_second_factor(
                user, typed, vault(), actor=visit.actor, now=SystemClock().now(), places=places_of(user)
            )
        except Refused as refused:
            if refused.code == "app_unreadable":
                self.add_error("proof", worded(refused))
                return False
            was_wrong_code(user)
            self.add_error("proof", "That is wrong.")
            return False
        was_right_code(user)
        visit.request.session[STRONG] = True  # they have passed the second step now
        return True


F = TypeVar("F", bound=ProofForm)


def _password_is_enough(visit: Visit) -> bool:
    """Not where there is a second factor that this browser hasn't shown: whoever found out the password would take it
    away by the password."""
    return visit.user.has_usable_password() and (
        is_strong(visit.request) or not has_second_factor(visit.user)
    )


def proof_form(visit: Visit, data: "MultiValueDict[str, str] | None", form: type[F]) -> F:
    """The form, which asks for what this user has to show."""
    made = form(data)
    password, second = _password_is_enough(visit), has_second_factor(visit.user)
    if not password and not second:
        del made.fields["proof"]
        return made
    made.fields["proof"].label = (
        "Your password, or a code" if password and second else "Your password" if password else "A code"
    )
    made.fields["proof"].help_text = (
        ""
        if not second
        else "A code of your app, or a recovery code."
        if password
        else "A code of your app, or a recovery code: this browser has shown the password alone."
        " With a passkey, sign out and in again."
    )
    return made
