"""Taxes that lines may bear, their rates, and who bears them: plans, and payers who don't (A-14)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.add_tax import SINCE_EVER, add_tax, add_tax_rate
from paidthru.actions.set_tax_exempt import set_tax_exempt
from paidthru.actions.tax_plan import tax_plan
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import new_key
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.listing import text_in
from paidthru.faces.console.pages import FormPage
from paidthru.faces.console.parts import Action, Column, EmptyState, Link, ListPage, Row
from paidthru.faces.console.row_exports import rows_csv
from paidthru.invoicing.models import Tax
from paidthru.invoicing.queries import rates_of
from paidthru.invoicing.rules.tax import rate_on, read_rate
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Plan
from paidthru.people.models import Party

_INPUT = {"class": "input"}
_DAY = forms.DateInput(attrs=_INPUT | {"type": "date"}, format="%Y-%m-%d")


class RateForm(ActForm):
    """A rate, and the day from which it holds."""

    rate = forms.CharField(
        label="Rate in percent",
        max_length=40,
        help_text="Such as 20 or 8.875.",
        error_messages={"required": "A rate is needed; 0 for none."},
        widget=forms.TextInput(attrs=_INPUT | {"inputmode": "decimal"}),
    )
    from_on = forms.DateField(
        label="From", help_text="Bills of this day and later bear it.", widget=_DAY,
        error_messages={"required": "From which day?"},
    )  # fmt: skip

    @property
    def rate_ppm(self) -> int:
        """Millionths. Refused `tax_rate_invalid`."""
        return read_rate(self.cleaned_data["rate"])


class TaxForm(RateForm):
    """A tax to be added."""

    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="As it stands on invoices: VAT, GST, sales tax.",
        error_messages={"required": "The tax needs a name."},
        widget=forms.TextInput(attrs=_INPUT),
    )
    inclusive = forms.ChoiceField(
        label="Amounts",
        choices=[("no", "The tax comes on top of them"), ("yes", "They have the tax inside")],
        widget=forms.Select(attrs=_INPUT),
    )
    from_on = forms.DateField(label="From", required=False, help_text="Empty: since ever.", widget=_DAY)
    field_order = ("name", "rate", "inclusive", "from_on")


class PlanTaxForm(ActForm):
    """Which tax a plan bears."""

    tax = forms.ChoiceField(label="Tax", required=False, widget=forms.Select(attrs=_INPUT))

    def __init__(self, *args: object, taxes: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["tax"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", "No tax"), *taxes]


class ExemptForm(ActForm):
    """Why somebody bears no tax."""

    why = forms.CharField(
        label="Why no tax is billed",
        max_length=200,
        required=False,
        help_text="A certificate’s number, say. Empty: tax is billed as to everybody.",
        widget=forms.TextInput(attrs=_INPUT),
    )


@staff_page("view")
def tax_list(visit: Visit) -> HttpResponseBase:
    """The taxes with the rate of today and the ones to come."""
    rates, today, locale = rates_of(visit.organization.id), visit.desk.today, visit.organization.locale
    rows = []
    for tax in Tax.objects.filter(organization=visit.organization).order_by("name"):
        present = rate_on(rates[tax.name], today)
        coming = [
            f"{one.percent} from {day_text(one.valid_from, locale)}"
            for one in rates[tax.name]
            if one.valid_from > today
        ]
        plans = Plan.objects.filter(tax=tax).order_by("name").values_list("name", flat=True)
        rows.append(
            Row(
                (
                    tax.name,
                    present.percent if present else None,
                    "inside amounts" if tax.inclusive else "on top of amounts",
                    ", ".join(coming) or None,
                    ", ".join(plans) or None,
                ),
                visit.url(f"settings/taxes/{tax.id}/") if visit.may("set_policy") else None,
            )
        )
    columns = (
        Column("name", "Tax"),
        Column("rate", "Rate today"),
        Column("where", "It comes"),
        Column("coming", "Rates to come", "prose"),
        Column("plans", "Borne by", "prose"),
    )
    if text_in(visit.request, "export") == "csv":
        return rows_csv("taxes", columns, rows)
    add = Action("Add a tax", visit.url("settings/taxes/add/"), "primary")
    return visit.page(
        ListPage(
            title="Taxes",
            columns=columns,
            rows=tuple(rows),
            empty=EmptyState(
                "No tax is billed",
                "Add the taxes that your invoices and plans bear; each line says which.",
                add if visit.may("set_policy") else None,
            ),
            actions=(add,) if visit.may("set_policy") and rows else (),
            export_url="?export=csv",
            noun=("tax", "taxes"),
            crumbs=(Link("Settings", visit.url("settings/")),),
        ),
        "settings",
    )


@staff_page("set_policy")
def add(visit: Visit) -> HttpResponseBase:
    """Adds a tax; pressed twice, the second is refused by name."""
    form = TaxForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            add_tax(
                visit.organization,
                clean["name"],
                rate_ppm=form.rate_ppm,
                inclusive=clean["inclusive"] == "yes",
                actor=visit.actor,
                now=visit.desk.clock.now(),
                from_on=clean["from_on"] or SINCE_EVER,
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{clean['name'].strip()} is there. Let plans and lines bear it.")
            return redirect(visit.url("settings/taxes/"))
    return _form(visit, form, "Add a tax", "Add it")


@staff_page("set_policy")
def rate(visit: Visit, tax_id: UUID) -> HttpResponseBase:
    """Another rate of a tax from a day on; what was billed keeps its own."""
    tax = get_object_or_404(Tax, id=tax_id, organization=visit.organization)
    form = RateForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        try:
            add_tax_rate(
                visit.organization,
                tax.id,
                rate_ppm=form.rate_ppm,
                from_on=form.cleaned_data["from_on"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{tax.name} has its new rate.")
            return redirect(visit.url("settings/taxes/"))
    intro = "; ".join(
        f"{one.percent} from {day_text(one.valid_from, visit.organization.locale)}"
        if one.valid_from > SINCE_EVER
        else one.percent
        for one in rates_of(visit.organization.id)[tax.name]
    )
    return _form(visit, form, f"A new rate of {tax.name}", "Save the rate", f"So far: {intro}.")


@staff_page("set_policy")
def of_plan(visit: Visit, plan_id: UUID) -> HttpResponseBase:
    """Which tax a plan bears, for what is billed from now on."""
    plan = get_object_or_404(Plan, id=plan_id, organization=visit.organization)
    taxes = [
        (str(one.id), one.name)
        for one in Tax.objects.filter(organization=visit.organization).order_by("name")
    ]
    form = PlanTaxForm(
        visit.request.POST or None, initial=new_key() | {"tax": str(plan.tax_id or "")}, taxes=taxes
    )
    if visit.request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["tax"]
        tax_plan(
            visit.organization, plan.id, UUID(chosen) if chosen else None, actor=visit.actor,
            now=visit.desk.clock.now(),
        )  # fmt: skip
        messages.success(visit.request, f"{plan.name} is taxed as you wished, from the next bill on.")
        return redirect(visit.url(f"plans/{plan.id}/"))
    intro = "" if taxes else "No tax is defined yet: add one in the settings, under Taxes."
    return _form(visit, form, f"Tax on {plan.name}", "Save", intro, back=visit.url(f"plans/{plan.id}/"))


@staff_page("set_policy")
def exempt(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Whether somebody bears no tax, and why."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    form = ExemptForm(visit.request.POST or None, initial=new_key() | {"why": party.tax_exempt})
    if visit.request.method == "POST" and form.is_valid():
        try:
            set_tax_exempt(
                visit.organization, party.id, form.cleaned_data["why"], actor=visit.actor,
                now=visit.desk.clock.now(),
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, "It holds for what is billed from now on.")
            return redirect(member_url(visit, party.id))
    return _form(visit, form, f"Tax for {party.name}", "Save", back=member_url(visit, party.id))


def _form(
    visit: Visit, form: ActForm, title: str, label: str, intro: str = "", *, back: str = ""
) -> HttpResponseBase:
    page = FormPage(
        title=title,
        form=form,
        submit_label=label,
        cancel_url=back or visit.url("settings/taxes/"),
        intro=intro,
        crumbs=(Link("Settings", visit.url("settings/")), Link("Taxes", visit.url("settings/taxes/"))),
    )
    return visit.page(page, "settings", 422 if form.errors else 200)
