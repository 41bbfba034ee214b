"""Exchange rates: entered by day with their source, and the equivalents that reports give by them (A-38)."""

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.set_exchange_rate import set_exchange_rate
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import new_key
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.listing import PAGE, csv_of, onward_pages, text_in
from paidthru.faces.console.pages import FormPage
from paidthru.faces.console.parts import Action, Column, EmptyState, Link, ListPage, Row
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import ExchangeRate
from paidthru.organizations.rules.rates import plain_rate, read_exchange_rate

_INPUT = {"class": "input"}
_COLUMNS = (
    Column("currency", "Currency"),
    Column("on", "From", "date"),
    Column("rate", "One is worth", "number"),
    Column("source", "Source", "prose"),
    Column("by", "Entered by"),
)


class ExchangeRateForm(ActForm):
    """What one unit of a currency is worth from a day on."""

    currency = forms.CharField(
        label="Currency",
        max_length=3,
        help_text="Three letters, such as EUR.",
        error_messages={"required": "Which currency?"},
        widget=forms.TextInput(attrs=_INPUT),
    )
    rate = forms.CharField(
        label="What one is worth",
        max_length=40,
        error_messages={"required": "What is it worth?"},
        widget=forms.TextInput(attrs=_INPUT | {"inputmode": "decimal"}),
    )
    on = forms.DateField(
        label="From",
        help_text="It holds until a later day has one.",
        error_messages={"required": "From which day?"},
        widget=forms.DateInput(attrs=_INPUT | {"type": "date"}, format="%Y-%m-%d"),
    )
    source = forms.CharField(
        label="Where the figure is from",
        max_length=120,
        help_text="A central bank, say. Reports name it.",
        error_messages={"required": "Where is the figure from?"},
        widget=forms.TextInput(attrs=_INPUT),
    )


@staff_page("view")
def rate_list(visit: Visit) -> HttpResponseBase:
    """Every rate, the newest first."""
    found = ExchangeRate.objects.filter(organization=visit.organization).order_by("-valid_on", "currency")
    if text_in(visit.request, "export") == "csv":
        lines = (
            (one.currency, one.valid_on, plain_rate(one.rate), visit.organization.currency, one.source, one.entered_by)
            for one in found.iterator()
        )  # fmt: skip
        return csv_of("exchange-rates", ("currency", "from", "rate", "into", "source", "entered by"), lines)
    after = text_in(visit.request, "after")
    start = int(after) if after.isdecimal() and len(after) < 9 else 0
    shown = list(found[start : start + PAGE + 1])
    place = str(start + PAGE) if len(shown) > PAGE else None
    next_url, previous_url = onward_pages(visit.request, place)
    add = Action("Enter a rate", visit.url("settings/rates/add/"), "primary")
    may = visit.may("set_policy")
    return visit.page(
        ListPage(
            title="Exchange rates",
            intro=f"What other currencies are worth in {visit.organization.currency}. Reports give equivalents by them;"
            " what is billed, paid and booked stays in its own currency.",
            columns=_COLUMNS,
            rows=tuple(
                Row((one.currency, one.valid_on, plain_rate(one.rate), one.source, one.entered_by))
                for one in shown[:PAGE]
            ),
            empty=EmptyState(
                "No rate is entered",
                "Enter what the currencies that you bill are worth, and reports sum them up beside each for itself.",
                add if may else None,
            ),
            actions=(add,) if may and shown else (),
            next_url=next_url,
            previous_url=previous_url,
            export_url="?export=csv" if shown else None,
            noun=("rate", "rates"),
            crumbs=(Link("Settings", visit.url("settings/")),),
        ),
        "settings",
    )


@staff_page("set_policy")
def add(visit: Visit) -> HttpResponseBase:
    """Enters a rate; pressed twice, it is there once."""
    form = ExchangeRateForm(visit.request.POST or None, initial=new_key() | {"on": visit.desk.today})
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            row = set_exchange_rate(
                visit.organization,
                clean["currency"],
                rate=read_exchange_rate(clean["rate"]),
                valid_on=clean["on"],
                source=clean["source"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            worth = f"{plain_rate(row.rate)} {visit.organization.currency}"
            messages.success(visit.request, f"One {row.currency} is worth {worth} from then on.")
            return redirect(visit.url("settings/rates/"))
    page = FormPage(
        title="Enter an exchange rate",
        form=form,
        submit_label="Enter it",
        cancel_url=visit.url("settings/rates/"),
        intro=f"In {visit.organization.currency}, for one unit of the other currency.",
        crumbs=(
            Link("Settings", visit.url("settings/")),
            Link("Exchange rates", visit.url("settings/rates/")),
        ),
    )
    return visit.page(page, "settings", 422 if form.errors else 200)
