"""How a person does something about money: a form, then what it will do in exact sentences, then it is done, once."""

import hashlib
import json
from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru.faces.console.access import Visit
from paidthru.faces.console.acting_forms import ActForm, worded
from paidthru.faces.console.formats import money_text
from paidthru.faces.console.pages import ConfirmPage, FormPage
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import Money
from paidthru.timeline.operations import once
from paidthru.timeline.queries import was_done

F = TypeVar("F", bound=ActForm)


def digest_of(*read: object) -> str:
    """What stands for exactly what a person has read."""
    return hashlib.sha256(json.dumps(read, default=str).encode()).hexdigest()


def new_key() -> dict[str, str]:
    """A form's key: what is done under it is done once."""
    return {"key": str(new_id())}


def money_said(visit: Visit, amount_minor: int, currency: str) -> str:
    """An amount in the reader's way."""
    return money_text(Money(amount_minor, currency), visit.organization.locale)


def in_two_steps(
    visit: Visit,
    form: F,
    *,
    entry: Callable[[F], FormPage],
    confirm: Callable[[F], ConfirmPage],
    done: Callable[[F], HttpResponseBase],
    after: str,
    current: str,
) -> HttpResponseBase:
    """The form; posted, the confirm page, which posts to the same address; confirmed, the act.

    What was typed is kept. If what was read has changed since, it is shown again and nothing is done; confirmed a
    second time, it leads to `after`. A refusal is shown above the form.
    """
    if visit.request.method != "POST":
        return visit.page(entry(form), current)
    digest = visit.request.POST.get("digest")
    if digest is not None and _was_done(visit):
        messages.info(visit.request, "That was done already; nothing was done twice.")
        return redirect(after)
    if not form.is_valid():
        return visit.page(entry(form), current, 422)
    try:
        page = confirm(form)
        if digest is None:
            return visit.page(page, current)
        if digest != page.confirm.digest:
            messages.warning(visit.request, "This has changed since you read it. Please read it again.")
            return visit.page(page, current, 409)
        return done(form)
    except Refused as refused:
        form.refuse(refused)
        return visit.page(entry(form), current, 409)


def key_of(visit: Visit) -> str:
    """The key of the form that was posted; one of its own where that was left out."""
    return visit.request.POST.get("key", "").replace("\0", "")[:64] or str(new_id())


def _was_done(visit: Visit) -> bool:
    key = key_of(visit)
    return any(was_done(visit.organization.id, each) for each in (key, f"click:{key}"))


def first_click(visit: Visit, key: str, what: str) -> bool:
    """Whether this is the first time that a confirmation is posted: for acts that call the gateway and keep no key of
    their own. Once taken, a key stays taken, whatever becomes of the act."""
    first = False

    def act() -> dict[str, str]:
        nonlocal first
        first = True
        return {"what": what}

    inputs = {"what": what}
    once(visit.organization.id, f"click:{key[:64]}", "click", inputs, visit.desk.clock.now(), act)
    return first


def told(visit: Visit, refused: Refused, back: str) -> HttpResponseBase:
    """Back to where the person came from, with what was refused and the way out."""
    messages.error(visit.request, worded(refused))
    return redirect(back)
