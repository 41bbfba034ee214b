"""What a switch or a cancellation does, in exact sentences, before a member confirms it (C-41, P-28)."""

import hashlib

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from paidthru.actions.switch_plan import SwitchPreview
from paidthru.faces.portal.reworded import reworded
from paidthru.faces.portal.showing import amount_said, called
from paidthru.membership.queries.ending import CancelPreview
from paidthru.payments.models import MemberLink
from paidthru.payments.queries import active_method


def switching(link: MemberLink, preview: SwitchPreview) -> tuple[str, ...]:
    """What a switch does, in sentences."""
    name = preview.plan.name

    def said(amount_minor: int) -> str:
        return amount_said(amount_minor, preview.currency)

    if preview.when == "undone":
        return (_("You stay on {name}: the switch that you had chosen is taken back.").format(name=name),)
    if preview.when == "next_renewal":
        then = _("You are on {name} from your next renewal on.").format(name=name)
        if preview.bills_on:
            day = preview.bills_on.isoformat()
            then = _("You are on {name} from your next renewal on, on {day}.").format(name=name, day=day)
        return then, _("Nothing is charged now.")
    found = [_("You are on {name} at once.").format(name=name)]
    if preview.period is not None:
        through = preview.period.through.isoformat()
        found.append(
            _("{amount} is billed now, for {start} to {through}.").format(
                amount=said(preview.amount_minor), start=preview.period.start.isoformat(), through=through
            )
        )
        found += [reworded(str(line.derivation["text"])) for line in preview.lines]
    if preview.unused_minor:
        found.append(
            _("{amount} of what you had paid is credited to you.").format(amount=said(preview.unused_minor))
        )
    elif preview.amount_minor:
        found.append(_("What you had paid before is not taken into account."))
    if preview.owed_no_more_minor:
        found.append(
            _("{amount} of what is unpaid is not owed any more.").format(
                amount=said(preview.owed_no_more_minor)
            )
        )
    method = active_method(link.party_id)
    if preview.amount_minor:
        found.append(
            _("It is charged to {method}, now.").format(method=called(method))
            if method
            else _("You have no payment method on file: save one afterwards, and pay there.")
        )
    return tuple(found)


def ending(preview: CancelPreview) -> tuple[str, ...]:
    """What canceling does, in sentences."""
    decided, sentences = preview.decided, list[str]()
    if decided.at_once:
        sentences.append(_("Your membership ends today."))
    else:
        last = decided.last_day.isoformat()
        sentences.append(
            _("Your membership goes on through {day} and ends then. Until then you can undo this.").format(
                day=last
            )
        )
    sentences.append(_("Nothing is charged for the time after."))
    sentences += [
        _("Invoice {number}, {amount}, is taken back.").format(
            number=one.number, amount=amount_said(one.balance_minor, one.currency)
        )
        for one in preview.withdrawn
    ]
    sentences += [
        _("What is open stays owed: invoice {number}, {amount}.").format(
            number=one.number, amount=amount_said(one.balance_minor, one.currency)
        )
        for one in preview.owed
    ]
    if preview.into:
        sentences.append(_("Afterwards you are on {into}.").format(into=preview.into))
    return tuple(sentences)


def stands_for(preview: CancelPreview) -> str:
    """Stands for what was read of canceling, in whichever language."""
    with translation.override(settings.LANGUAGE_CODE):
        return hashlib.sha256("\n".join(ending(preview)).encode()).hexdigest()[:16]


def switch_label(preview: SwitchPreview) -> str:
    """What the button of a switch says."""
    if preview.when == "now" and preview.amount_minor:
        return _("Switch and pay {amount}").format(amount=amount_said(preview.amount_minor, preview.currency))
    return _("Switch")


def digest_of(preview: SwitchPreview) -> str:
    """Stands for what was read of a switch."""
    return f"{preview.when} {preview.amount_minor} {preview.unused_minor} {preview.bills_on}".replace(
        " ", "-"
    )
