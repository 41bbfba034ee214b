"""Small words that several pages of the portal need: intervals, states of a membership, topics of mails, why a payment
failed; in the language that is spoken now."""

from django.utils.translation import gettext, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _lazy

from paidthru.faces.portal.languages import language
from paidthru.kernel.periods import Interval, Unit
from paidthru.notices.rules.catalogue import why_in
from paidthru.payments.models import Attempt
from paidthru.payments.rules.decline_codes import words

#: The words of `membership.rules.status.LABELS`, which a preset has chosen; they are looked up by themselves.
_STATES = (
    pgettext_lazy("membership", "Active"),
    pgettext_lazy("membership", "Past Due"),
    pgettext_lazy("membership", "Pending"),
    pgettext_lazy("membership", "Lapsed"),
    pgettext_lazy("membership", "Canceled"),
    pgettext_lazy("membership", "Inactive"),
    pgettext_lazy("membership", "Delinquent"),
    pgettext_lazy("membership", "Pending Cancellation"),
)
#: Those of `notices.rules.kinds.TOPICS`, and the same inside a sentence.
_TOPICS = {
    "renewals": (
        _lazy("Notices before a renewal, and before a card expires"),
        _lazy("notices before a renewal, and before a card expires"),
    ),
    "reminders": (
        _lazy("The first reminders of what is unpaid"),
        _lazy("the first reminders of what is unpaid"),
    ),
}


def state(label: str) -> str:
    """What a membership is called in its state."""
    return pgettext("membership", label)


def topic(key: str, *, within: bool = False) -> str:
    """A topic of mails, as a heading or `within` a sentence."""
    return str(_TOPICS[key][within])


def every(interval: Interval) -> str:
    """How often: `every month`, `every 3 months`."""
    n = interval.count
    found = {
        Unit.DAY: ngettext("every day", "every {count} days", n),
        Unit.WEEK: ngettext("every week", "every {count} weeks", n),
        Unit.MONTH: ngettext("every month", "every {count} months", n),
        Unit.QUARTER: ngettext("every quarter", "every {count} quarters", n),
        Unit.YEAR: ngettext("every year", "every {count} years", n),
    }
    return found[interval.unit].format(count=n)


def once_for(interval: Interval) -> str:
    """Once, for how long: of what is paid ahead and does not come again."""
    n = interval.count
    found = {
        Unit.DAY: ngettext("once, for one day", "once, for {count} days", n),
        Unit.WEEK: ngettext("once, for one week", "once, for {count} weeks", n),
        Unit.MONTH: ngettext("once, for one month", "once, for {count} months", n),
        Unit.QUARTER: ngettext("once, for one quarter", "once, for {count} quarters", n),
        Unit.YEAR: ngettext("once, for one year", "once, for {count} years", n),
    }
    return found[interval.unit].format(count=n)


def lasting(interval: Interval) -> str:
    """How long: `1 month`, `3 months`."""
    n = interval.count
    found = {
        Unit.DAY: ngettext("{count} day", "{count} days", n),
        Unit.WEEK: ngettext("{count} week", "{count} weeks", n),
        Unit.MONTH: ngettext("{count} month", "{count} months", n),
        Unit.QUARTER: ngettext("{count} quarter", "{count} quarters", n),
        Unit.YEAR: ngettext("{count} year", "{count} years", n),
    }
    return found[interval.unit].format(count=n)


def why_failed(attempt: Attempt) -> str:
    """Why a payment did not go through, as the mails about it say it; "" where nobody knows."""
    why = words(attempt.decline_code) if attempt.decline_code else attempt.message
    return why_in(why, language()) if why else ""


def autopay_choice(name: str, *, on: bool) -> tuple[str, str]:
    """What switches somebody's consent for a home or member, where it is `on` or not: the value, and the label."""
    if on:
        return "off", gettext("Don’t charge me by itself for {name}").format(name=name)
    return "on", gettext("Charge me by itself for {name}").format(name=name)
