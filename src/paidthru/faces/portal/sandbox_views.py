"""The sandbox processor's own pages: a member chooses a test method, or confirms a payment, as at a real processor.

They lie here because the sandbox has no host of its own. No real card is typed and no real money moves.
"""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache

from paidthru.faces.portal.pages import Choice, Fact, Page
from paidthru.faces.portal.showing import shell_of
from paidthru.kernel.money import Money
from paidthru.wiring import sandbox_intent, sandbox_setup

_METHODS = (
    Choice("method", "card:ok", _lazy("A card that pays"), primary=True),
    Choice("method", "card:insufficient_funds", _lazy("A card without enough money")),
    Choice("method", "card:expired", _lazy("A card that has expired")),
    Choice("method", "card:authenticate", _lazy("A card whose bank asks to confirm")),
    Choice("method", "bank:ok", _lazy("A bank account")),
)
_ANSWERS = (
    Choice("answer", "succeeded", _lazy("Confirm the payment"), primary=True),
    Choice("answer", "failed", _lazy("Refuse it")),
)
_ASIDES = (_lazy("This page plays the payment processor. There is no real card and no real money."),)


@never_cache
def save_page(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Choose a test method; it is saved, and the way leads back."""
    setup = sandbox_setup(ref)
    if setup is None:
        raise Http404
    if request.method == "POST":
        chosen = request.POST.get("method", "")
        if chosen not in {choice.value for choice in _METHODS}:
            return _page(request, _("Choose a test method"), _METHODS, 422)
        kind, __, test_code = chosen.partition(":")
        return redirect(setup.complete("bank" if kind == "bank" else "card", test_code))
    return _page(request, _("Choose a test method"), _METHODS)


@never_cache
def confirm_page(request: HttpRequest, ref: str) -> HttpResponseBase:
    """Confirm or refuse a payment, as the payer's bank would ask."""
    intent = sandbox_intent(ref)
    if intent is None:
        raise Http404
    asked = intent.asked()
    facts = (Fact(_("Amount"), Money(asked.amount_minor, asked.currency)),) if asked else ()
    if request.method == "POST":
        answer = request.POST.get("answer", "")
        if answer not in {choice.value for choice in _ANSWERS}:
            return _page(request, _("Confirm the payment"), _ANSWERS, 422, facts)
        return redirect(intent.answer("succeeded" if answer == "succeeded" else "failed"))
    return _page(request, _("Confirm the payment"), _ANSWERS, facts=facts)


def _page(
    request: HttpRequest,
    title: str,
    choices: tuple[Choice, ...],
    status: int = 200,
    facts: tuple[Fact, ...] = (),
) -> HttpResponse:
    page = Page(title, facts=facts, action=request.path, choices=choices, asides=_ASIDES)
    shell = replace(shell_of(request, None), organization=_("The sandbox’s processor"), is_sandbox=True)
    return render(request, "portal/page.html", {"page": page, "shell": shell}, status=status)
