"""Levies: the list, a new one as a proposal that is read first, and one with the proof of its split (A-31)."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.levy import Split, split_levy
from paidthru.assessments.models import Levy, LevyPart
from paidthru.assessments.queries import billed_of
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, key_of, money_said, new_key
from paidthru.faces.console.addresses import invoice_url
from paidthru.faces.console.formats import day_text, reader_text
from paidthru.faces.console.home_forms import METHODS, LevyForm
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Column,
    EmptyState,
    Fact,
    Figure,
    Link,
    ListPage,
    Row,
    Table,
    Value,
)
from paidthru.faces.console.row_exports import rows_csv
from paidthru.faces.console.run_pages import many
from paidthru.kernel.money import Money
from paidthru.kernel.periods import Unit as Every
from paidthru.people.models import Unit
from paidthru.runs.homes import levy_now

_METHODS = dict(METHODS)
_LISTED = 200  # units, and instalments, that the page lists; the CSV has all
_SHOWN = 60  # units of a proposal that are read one by one; the sums say the rest
_COLUMNS = (
    Column("name", "For"),
    Column("amount", "Amount", "money"),
    Column("method", "Split"),
    Column("units", "Units", "number"),
    Column("due", "Due", "date"),
    Column("instalments", "Instalments", "number"),
)
_SHARES = (
    Column("unit", "Unit"),
    Column("weight", "Weight", "number"),
    Column("amount", "Bears", "money"),
    Column("why", "Why", "prose"),
)
_INSTALMENTS = (
    Column("unit", "Unit"),
    Column("n", "Instalment", "number"),
    Column("due", "Due", "date"),
    Column("amount", "Amount", "money"),
    Column("invoice", "Invoice"),
)
_PARTS = (
    Column("unit", "Unit"),
    Column("weight", "Weight", "number"),
    Column("n", "Instalment", "number"),
    Column("due", "Due", "date"),
    Column("amount", "Amount", "money"),
    Column("why", "Why"),
    Column("invoice", "Invoice"),
)


@staff_page("view")
def levy_list(visit: Visit) -> HttpResponseBase:
    """The levies, the newest first."""
    add = Action("Levy", visit.url("homes/levies/new/"), "primary", icon="plus")
    return listed(
        visit,
        Levy.objects.filter(organization=visit.organization).order_by("-levied_at", "-id"),
        lambda part: _rows(visit, part),
        ListPage(
            title="Levies",
            columns=_COLUMNS,
            rows=(),
            empty=EmptyState(
                "No levies yet",
                "An amount that is raised once, such as for a roof, and split over all units.",
            ),
            noun=("levy", "levies"),
            crumbs=(Link("Homes", visit.url("homes/")),),
        ),
        current="levies",
        sorts=["levied_at"],
        default="-levied_at",
        file="levies",
        add=add if visit.may("charge") else None,
    )


def _rows(visit: Visit, levies: Sequence[Levy]) -> tuple[Row, ...]:
    firsts = LevyPart.objects.filter(levy__in=levies, n=1).values("levy_id").annotate(units=Count("id"))
    units = {row["levy_id"]: row["units"] for row in firsts}
    return tuple(
        Row(
            (
                one.name,
                Money(one.amount_minor, one.currency),
                _METHODS[one.method],
                units.get(one.id, 0),
                one.due_on,
                one.instalments,
            ),
            visit.url(f"homes/levies/{one.id}/"),
        )
        for one in levies
    )


@staff_page("view")
def one_levy(visit: Visit, levy_id: UUID) -> HttpResponseBase:
    """A levy: each unit's share with its proof, which sum to the amount; printed as it is."""
    one = get_object_or_404(Levy, id=levy_id, organization=visit.organization)
    found = LevyPart.objects.filter(levy=one).select_related("unit", "invoice").order_by("unit__name", "n")
    if text_in(visit.request, "export") == "csv":
        return rows_csv("levy", _PARTS, (Row(_cells(visit, part, one)) for part in found))
    units = Unit.objects.filter(levy_parts__levy=one, levy_parts__n=1).order_by("name", "id")
    shown = list(units.values_list("id", flat=True)[:_LISTED])
    billed, ownerless, units_in_all = billed_of(one.id)
    parts = list(found.filter(unit__in=shown))
    return visit.page(
        RecordPage(
            title=one.name,
            kind="Levy",
            figures=(
                Figure("Raised", Money(one.amount_minor, one.currency)),
                Figure("Homes billed", billed, f"of {units_in_all:,}"),
                *(
                    (Figure("Wait for an owner", ownerless, "nobody can be billed", tone="bad"),)
                    if ownerless
                    else ()
                ),
            ),
            facts=(
                Fact("Split", _METHODS[one.method]),
                Fact("Due", one.due_on),
                Fact("Instalments", one.instalments),
                Fact("Fund", one.fund or None),
                Fact("Levied", one.levied_at, one.levied_by),
            ),
            sections=(_shares(visit, one, parts), _invoices(visit, one, parts)),
            printable=True,
            export_url="?export=csv",
            crumbs=(Link("Homes", visit.url("homes/")), Link("Levies", visit.url("homes/levies/"))),
        ),
        "levies",
    )


def _still_to_bill(visit: Visit, one: Levy) -> str:
    """What of a levy's first instalment isn't billed yet, and what it waits for; "" when all of it is."""
    billed, ownerless, units = billed_of(one.id)
    found = []
    if ownerless:
        verb = "wait" if ownerless > 1 else "waits"
        found.append(f"{many(visit, ownerless, 'home', 'homes')} {verb} for an owner: say who owns them.")
    if billed + ownerless < units:
        found.append(f"{billed:,} of {units:,} homes so far; the worker goes on with the others.")
    return " ".join(found)


def _shares(visit: Visit, one: Levy, parts: Sequence[LevyPart]) -> Section:
    """The proof: each unit's share of the whole, in a row of its own; they sum to it."""
    units: dict[UUID, list[LevyPart]] = {}
    for part in parts:
        units.setdefault(part.unit_id, []).append(part)
    rows = tuple(
        Row(
            (
                of[0].unit.name,
                of[0].weight,
                Money(sum(part.amount_minor for part in of), one.currency),
                reader_text(_proof(of[0]), visit.organization.locale),
            ),
            visit.url(f"homes/{of[0].unit_id}/"),
        )
        for of in units.values()
    )
    every = LevyPart.objects.filter(levy=one)
    whole = every.filter(n=1).aggregate(units=Count("id"), weight=Sum("weight"))
    total = Money(every.aggregate(minor=Sum("amount_minor"))["minor"] or 0, one.currency)
    sums = Row((f"All {whole['units']} units", whole["weight"], total, None))
    more = Link(f"All {whole['units']} as CSV", "?export=csv") if whole["units"] > len(rows) else None
    return Section("parts", "What each unit bears", Table(_SHARES, rows, foot=sums), more=more)


def _proof(part: LevyPart) -> str:
    """The sentence of the unit's share, without that of the instalment."""
    return str(part.derivation["text"]).partition("; ")[0]


def _invoices(visit: Visit, one: Levy, parts: Sequence[LevyPart]) -> Section:
    rows = tuple(
        Row(
            (
                part.unit.name,
                part.n,
                part.due_on,
                Money(part.amount_minor, one.currency),
                _asked(visit, part),
            ),
            invoice_url(visit, part.invoice.id) if part.invoice else "",
        )
        for part in parts[:_LISTED]
    )
    more = Link("All of them as CSV", "?export=csv") if len(parts) > len(rows) else None
    return Section("invoices", "Instalments and invoices", Table(_INSTALMENTS, rows), more=more)


def _cells(visit: Visit, part: LevyPart, one: Levy) -> tuple[Value, ...]:
    return (
        part.unit.name,
        part.weight,
        part.n,
        part.due_on,
        Money(part.amount_minor, one.currency),
        str(part.derivation["text"]),
        _asked(visit, part),
    )


def _asked(visit: Visit, part: LevyPart) -> str:
    """The number of the invoice, or what it waits for."""
    if part.invoice is not None:
        return part.invoice.label
    return "when it is due" if part.n > 1 and part.due_on > visit.desk.today else "when somebody owns it"


@staff_page("charge")
def new(visit: Visit) -> HttpResponseBase:
    """What is raised, then what each unit would bear of it, then it is levied, once."""
    currency, after = visit.organization.currency, visit.url("homes/levies/")

    def split(form: LevyForm) -> Split:
        clean = form.cleaned_data
        return split_levy(
            visit.organization, amount_minor=clean["amount"], currency=currency, method=clean["method"],
            due_on=clean["due_on"], instalments=clean["instalments"], every=Every(clean["every"]),
        )  # fmt: skip

    def said(form: LevyForm) -> ConfirmPage:
        parts, clean = split(form), form.cleaned_data
        amount = money_said(visit, clean["amount"], currency)
        due = day_text(clean["due_on"], visit.organization.locale)
        lines = [
            f"{amount} are levied on {len(parts)} units, {_METHODS[clean['method']].lower()}, due {due}."
        ]
        if clean["instalments"] > 1:
            lines.append(
                f"In {clean['instalments']} instalments, the first on that day; the last takes the remainder."
            )
        locale = visit.organization.locale
        lines += [f"{share.name}: {reader_text(share.sentence, locale)}" for share, _ in parts[:_SHOWN]]
        if len(parts) > _SHOWN:
            lines.append(f"And {len(parts) - _SHOWN} further units; all of them sum to {amount}.")
        return ConfirmPage(
            title=f"Levy {amount}?",
            confirm=Confirm(
                visit.request.path,
                "Levy it",
                tuple(lines),
                digest=digest_of(
                    *[(share.unit_id, share.amount_minor) for share, _ in parts], sorted(clean.items())
                ),
                cancel_url=after,
                fields=form.again(),
            ),
            crumbs=(Link("Homes", visit.url("homes/")), Link("Levies", after)),
        )

    def done(form: LevyForm) -> HttpResponseBase:
        clean = form.cleaned_data
        one = levy_now(
            visit.desk, name=clean["name"], amount_minor=clean["amount"], method=clean["method"],
            due_on=clean["due_on"], instalments=clean["instalments"], every=Every(clean["every"]), fund=clean["fund"],
            whole=False, actor=visit.actor, key=key_of(visit),
        )  # fmt: skip
        messages.success(
            visit.request,
            f"It is levied, and what is due first is billed. {_still_to_bill(visit, one)}".rstrip(),
        )
        return redirect(visit.url(f"homes/levies/{one.id}/"))

    form = LevyForm(
        visit.request.POST or None, initial=new_key() | {"due_on": visit.desk.today}, currency=currency
    )
    entry = FormPage(
        title="Levy", form=form, submit_label="Continue", cancel_url=after,
        intro="Raised once and split over all units to the cent. You see what each bears before anything is billed.",
    )  # fmt: skip
    return in_two_steps(
        visit, form, entry=lambda _: entry, confirm=said, done=done, after=after, current="levies"
    )
