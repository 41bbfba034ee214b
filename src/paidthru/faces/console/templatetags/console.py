"""`{% load console %}`: money, day, instant, period, through, count, said, badge, icon and `show` (any of them).

Pure display. The reader's locale is `shell.locale`, else the active language; the zone is `shell.zone`.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext

from paidthru.faces.console import formats
from paidthru.faces.console.parts import Action, Badge, Link, Text, Value
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Period

register = template.Library()

LONGEST_CELL = 80
"""Characters of a text that a table or a title shows; the record page's facts show all of it."""

FOREMOST, AT_MOST = 4, 6
"""Of more than `AT_MOST` actions the first four stand beside the title."""

_NOTHING = (
    '<span class="nothing"><span aria-hidden="true">&ndash;</span><span class="sr-only">{}</span></span>'
)


@register.simple_tag(takes_context=True)
def show(context: Context, value: Value, longest: int = LONGEST_CELL) -> SafeString:
    """Any value of a cell, fact or figure, by its type; nothing is shown as a dash."""
    match value:
        case None | "":
            return format_html(_NOTHING, gettext("none"))
        case Money():
            return money(context, value.amount_minor, value.currency)
        case Badge():
            return badge(value.label, value.tone)
        case Link() | Text():
            return _worded(value, longest)
        case Period():
            return period(context, value)
        case datetime():
            return instant(context, value)
        case date():
            return day(context, value)
        case bool():
            return format_html("<span>{}</span>", "Yes" if value else "No")
        case int():
            return format_html('<span class="number">{}</span>', count(context, value))
        case _:
            return format_html("<bdi>{}</bdi>", _clipped(value, longest))


@register.simple_tag(takes_context=True)
def row_link(context: Context, value: Value, href: str, longest: int = LONGEST_CELL) -> SafeString:
    """The first cell of a row as the way to its record; a second line stays outside of the link."""
    note: SafeString | str = ""
    if isinstance(value, Text):
        note = (
            format_html('<span class="note">{}</span>', _clipped(value.note, longest)) if value.note else ""
        )
        value = value.text
    return format_html('<a href="{}" data-row-link>{}</a>{}', href, show(context, value, longest), note)


@register.simple_tag(takes_context=True)
def money(context: Context, amount_minor: int, currency: str) -> SafeString:
    """Minor units of a currency, in tabular figures."""
    text = formats.money_text(Money(amount_minor, currency), _locale(context))
    return format_html('<span class="money{}">{}</span>', " is-negative" if amount_minor < 0 else "", text)


@register.simple_tag(takes_context=True)
def day(context: Context, on: date, style: str = "medium") -> SafeString:
    """A business date; `style` "full" adds the weekday."""
    text = formats.day_text(on, _locale(context), style)
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), text)


@register.simple_tag(takes_context=True)
def instant(context: Context, at: datetime) -> SafeString:
    """An aware instant, on the organization's clock; the machine-readable one stays UTC."""
    zone = getattr(context.get("shell"), "zone", "") or "UTC"
    text = formats.instant_text(at, zone, _locale(context))
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), zone, text)


@register.simple_tag(takes_context=True)
def period(context: Context, value: Period) -> SafeString:
    """First and last day of a half-open period."""
    return format_html('<span class="period">{}</span>', formats.period_text(value, _locale(context)))


@register.simple_tag(takes_context=True)
def through(context: Context, end: Period | date) -> SafeString:
    """The last day of a period, given the period or its exclusive end.

    A `*_through` column already is a last day: show it with `day`.
    """
    return day(context, end.through if isinstance(end, Period) else end - timedelta(days=1))


@register.simple_tag(takes_context=True)
def count(context: Context, number: int) -> str:
    """A count with the reader's grouping."""
    return formats.number_text(number, _locale(context))


@register.simple_tag(takes_context=True)
def said(context: Context, sentence: object, longest: int = 600) -> str:
    """A sentence that a rule wrote, with its dates and amounts in the reader's way."""
    return _clipped(formats.reader_text(str(sentence), _locale(context)), longest)


@register.simple_tag
def badge(label: str, tone: str = "neutral") -> SafeString:
    """A status in words with a tone: neutral, good, info, warn or bad. The words carry the meaning."""
    return format_html('<span class="badge is-{}">{}</span>', tone, label)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite; decoration, so the text beside it or an aria-label must say it all."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("console/icons.svg"),
        name,
    )


@register.filter
def foremost(actions: Sequence[Action]) -> Sequence[Action]:
    """The actions that stand beside the title: all where they are few, else the first four."""
    return actions if len(actions) <= AT_MOST else actions[:FOREMOST]


@register.filter
def others(actions: Sequence[Action]) -> Sequence[Action]:
    """The actions that open under "More"."""
    return () if len(actions) <= AT_MOST else actions[FOREMOST:]


@register.filter
def clip(text: object, longest: int = LONGEST_CELL) -> str:
    """A text cut to what a title or a table can bear, with an ellipsis."""
    return _clipped(text, longest)


def _worded(value: Link | Text, longest: int) -> SafeString:
    text = _clipped(value.label if isinstance(value, Link) else value.text, longest)
    shown = format_html("<bdi>{}</bdi>", text)
    if isinstance(value, Link):
        shown = format_html('<a href="{}">{}</a>', value.href, shown)
    note = format_html('<span class="note">{}</span>', _clipped(value.note, longest)) if value.note else ""
    return format_html("{}{}", shown, note)


def _clipped(text: object, longest: int) -> str:
    whole = str(text)  # the truncator looks up its ellipsis before it counts, in each cell
    return whole if len(whole) <= longest else Truncator(whole).chars(longest)


def _locale(context: Context) -> str:
    shell: Any = context.get("shell")
    return getattr(shell, "locale", "") or get_language() or "en"
