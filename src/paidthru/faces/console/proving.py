"""Showing again who one is, before changing how one signs in (ASVS 7.5.1): the password, or a code."""

from typing import TypeVar

from django import forms
from django.utils.datastructures import MultiValueDict

from paidthru.actions.pass_second_factor import pass_second_factor
from paidthru.faces.console.access import Visit
from paidthru.faces.console.doorkeeper import MINUTES, must_wait_for_code, was_right_code, was_wrong_code
from paidthru.faces.console.entering import is_strong
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
        if _by_password(visit) and user.check_password(typed):
            was_right_code(user)
            return True
        try:
            pass_second_factor(
                user, typed, vault(), actor=visit.actor, now=SystemClock().now(), places=places_of(user)
            )
        except Refused:
            was_wrong_code(user)
            self.add_error("proof", "That is wrong.")
            return False
        was_right_code(user)
        return True


F = TypeVar("F", bound=ProofForm)


def _by_password(visit: Visit) -> bool:
    """Whether the password shows enough: where there is a second factor, only in a browser that came in by it. Else
    whoever has found out the password could take the second factor away."""
    strong = is_strong(visit.request) or not has_second_factor(visit.user)
    return visit.user.has_usable_password() and strong


def proof_form(visit: Visit, data: "MultiValueDict[str, str] | None", form: type[F]) -> F:
    """The form, which asks for what this user has to show in this browser."""
    made = form(data)
    password, second = _by_password(visit), has_second_factor(visit.user)
    if not password and not second:
        del made.fields["proof"]
        return made
    made.fields["proof"].label = (
        "Your password, or a code" if password and second else "Your password" if password else "A code"
    )
    made.fields["proof"].help_text = "A code of your app, or a recovery code." if second else ""
    return made
