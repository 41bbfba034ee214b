"""Homes: the list, one with its owners and all that was ever billed to it, assessing, transferring (A-29 to A-32)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.add_unit import add_unit
from paidthru.actions.assess import assess, assess_units
from paidthru.assessments.models import Assessment
from paidthru.assessments.queries import (
    history_of,
    interval_of,
    owed_by_unit,
    owed_by_units,
    owing,
    units_of,
    unowned,
    waiting_of_unit,
)
from paidthru.assessments.rules.splitting import Method, shares_of
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, key_of, money_said, new_key
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.home_forms import AssessForm, UnitForm
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Badge,
    Choice,
    Column,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
    Row,
    Table,
    Value,
)
from paidthru.faces.console.sentences import moments
from paidthru.invoicing.models import Line, Receivable
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.people.models import Holding, Unit
from paidthru.people.queries import one_meant
from paidthru.timeline.models import Event

_SHOWN = 100  # rows of what was billed to a unit
_COLUMNS = (
    Column("name", "Unit", sort_key="name"),
    Column("owner", "Owner"),
    Column("share", "Share", "number"),
    Column("area", "Area", "number"),
    Column("owes", "Owes", "money"),
    Column("next", "Next assessment", "date"),
)
_SHOWS = (("", "All"), ("owing", "Owing something"), ("unowned", "Owned by nobody"))
_STATES: Mapping[str, Badge] = {
    "open": Badge("Open", "warn"),
    "settled": Badge("Paid", "good"),
    "written_off": Badge("Written off", "neutral"),
    "void": Badge("Waived", "neutral"),
    "canceled": Badge("Taken back", "neutral"),
}


def home_url(visit: Visit, unit_id: UUID) -> str:
    """A unit's record."""
    return visit.url(f"homes/{unit_id}/")


@staff_page("view")
def home_list(visit: Visit) -> HttpResponseBase:
    """The units by name, with who owns them and what is open of them."""
    text, show = text_in(visit.request, "q"), text_in(visit.request, "show")
    found = Unit.objects.filter(organization=visit.organization)
    if show == "unowned":
        found = unowned(visit.organization.id)
    elif show == "owing":
        found = owing(found)
    if text:
        found = found.filter(name__icontains=text) | found.filter(
            holdings__role="owner", holdings__until_on=None, holdings__party__name__icontains=text
        )
        found = Unit.objects.filter(id__in=found.values("id"))
    add = Action("Add a unit", visit.url("homes/new/"), "primary", icon="plus")
    bring_in = Action("Import", visit.url("homes/import/"), icon="upload")
    acts = (
        Action("Levy", visit.url("homes/levies/new/")),
        Action("Assess all", visit.url("homes/assess/")),
        bring_in,
        add,
    )
    may = visit.may("charge")
    return listed(
        visit,
        found.order_by("name", "id"),
        lambda part: _rows(visit, part),
        ListPage(
            title="Homes",
            columns=_COLUMNS,
            rows=(),
            empty=EmptyState(
                "No unit is called so" if text else "No such home" if show else "No homes yet",
                "A home, a lot or a flat owes its assessments, whoever owns it.",
                add if may and not (text or show) else None,
            ),
            filters=(
                Filter("q", "Unit or owner", "search", text),
                Filter("show", "Which", "choice", show, tuple(Choice(*one) for one in _SHOWS)),
            ),
            actions=() if not may else acts if text or show or found.exists() else (bring_in,),
            noun=("unit", "units"),
        ),
        current="homes",
        sorts=["name"],
        default="name",
        file="homes",
    )


def _rows(visit: Visit, units: Sequence[Unit]) -> tuple[Row, ...]:
    ids = [unit.id for unit in units]
    owners = {
        one.unit_id: one.party
        for one in Holding.objects.filter(unit__in=ids, role="owner", until_on=None).select_related("party")
    }
    owed = owed_by_units(ids)
    due: dict[UUID, Value] = {}
    for one in Assessment.objects.filter(unit__in=ids, next_on__isnull=False).order_by("-next_on"):
        due[one.unit_id] = one.next_on
    return tuple(
        Row(
            (
                unit.name,
                owners[unit.id].name if unit.id in owners else Badge("Nobody", "warn"),
                unit.share,
                unit.area or None,
                _first_of(owed.get(unit.id, {}), visit),
                due.get(unit.id),
            ),
            home_url(visit, unit.id),
        )
        for unit in units
    )


def _first_of(owed: Mapping[str, int], visit: Visit) -> Money:
    """What is open in the organization's currency, or in the only other one."""
    currency = visit.organization.currency
    if currency not in owed and len(owed) == 1:
        (currency,) = owed
    return Money(owed.get(currency, 0), currency)


def _happened(unit: Unit) -> QuerySet[Event]:
    """What happened to a home, and to the invoices of its late fees; read by subject, wherever in the log it stands."""
    fees = Line.objects.filter(receivable__source_id=unit.id, receivable__kind="late_fee")
    about = [unit.id, *fees.values_list("invoice_id", flat=True)]
    found = Event.objects.filter(organization_id=unit.organization_id, subject_id__in=about)
    told = Q(subject_id=unit.id) | Q(verb__in=("invoice_voided", "invoice_credited"))
    return found.filter(told).order_by("-id")


@staff_page("view")
def one_home(visit: Visit, unit_id: UUID) -> HttpResponseBase:
    """A unit: who owns it and did before, what it is assessed, all that was billed to it, whoever owed that."""
    unit = get_object_or_404(Unit, id=unit_id, organization=visit.organization)
    holdings = list(Holding.objects.filter(unit=unit).select_related("party").order_by("-from_on", "-id"))
    owner = next((one for one in holdings if one.role == "owner" and one.until_on is None), None)
    acts: tuple[Action, ...] = ()
    if visit.may("charge"):
        acts = (
            *_autopay(visit, unit, owner),
            Action("Transfer" if owner else "Name its owner", f"{home_url(visit, unit.id)}transfer/"),
            Action("Assess", f"{home_url(visit, unit.id)}assess/", "primary"),
        )
    happened = _happened(unit)
    return visit.page(
        RecordPage(
            title=unit.name,
            kind="Unit",
            badges=() if owner else (Badge("Nobody owns it", "warn"),),
            figures=(
                *(
                    Figure("Owes", Money(minor, currency), tone="warn")
                    for currency, minor in sorted(owed_by_unit(unit.id).items())
                ),
                *(
                    Figure("Waits for an owner", Money(minor, currency))
                    for currency, minor in sorted(waiting_of_unit(unit.id, visit.desk.today).items())
                ),
            ),
            facts=(
                Fact("Owner", Link(owner.party.name, member_url(visit, owner.party_id)) if owner else None),
                Fact("Autopay", ("On" if owner.autopay else "Off") if owner else None),
                Fact("Share", unit.share),
                Fact("Area", unit.area or None),
                Fact("Address", unit.address or None),
            ),
            actions=acts,
            sections=(_assessments(visit, unit), _billed(visit, unit), _owners(visit, holdings)),
            timeline=moments(happened[:50], visit.organization.locale),
            crumbs=(Link("Homes", visit.url("homes/")),),
        ),
        "homes",
    )


def _autopay(visit: Visit, unit: Unit, owner: Holding | None) -> tuple[Action, ...]:
    if owner is None:
        return ()
    label, on = ("Take off AutoPay", "no") if owner.autopay else ("Enroll in AutoPay", "yes")
    return (Action(label, f"{home_url(visit, unit.id)}autopay/", method="post", fields=(("on", on),)),)


def _assessments(visit: Visit, unit: Unit) -> Section:
    may = visit.may("charge")
    rows = tuple(
        Row(
            (
                one.name,
                Money(one.amount_minor, one.currency),
                f"every {interval_of(one).unit}",
                one.next_on,
                one.ends_on,
                Link("End", visit.url(f"homes/assessments/{one.id}/end/")) if may and one.next_on else None,
            )
        )
        for one in Assessment.objects.filter(unit=unit).order_by("-next_on", "-id")
    )
    columns = (
        Column("name", "Assessment"), Column("amount", "Amount", "money"), Column("every", "How often"),
        Column("next", "Next on", "date"), Column("until", "Until", "date"), Column("act", ""),
    )  # fmt: skip
    empty = EmptyState("It is not assessed.", "What it owes every month, quarter or year stands here.")
    return Section("assessments", "Assessments", Table(columns, rows, empty=empty))


def _billed(visit: Visit, unit: Unit) -> Section:
    receivables: list[Receivable] = list(history_of(unit.id)[:_SHOWN])
    lines = {
        line.receivable_id: line
        for line in Line.objects.filter(receivable__in=receivables).select_related("invoice").order_by("id")
    }
    rows = []
    open_fees = {one.id for one in receivables if one.kind == "late_fee" and one.state == "open"}
    waivable = open_fees if visit.may("credit") else set[UUID]()
    for one in receivables:
        line = lines.get(one.id)
        waive = Link("Waive", visit.url(f"homes/late-fees/{one.id}/waive/")) if one.id in waivable else None
        rows.append(
            Row(
                (
                    line.description if line else one.kind,
                    one.party.name,
                    one.due_on,
                    Money(one.amount_minor, one.currency),
                    Money(one.balance_minor, one.currency),
                    _STATES.get(one.state, Badge(one.state.capitalize())),
                    *((waive,) if waivable else ()),
                ),
                invoice_url(visit, line.invoice_id) if line else "",
            )
        )
    columns = (
        Column("what", "What"), Column("who", "Billed to"), Column("due", "Due", "date"),
        Column("amount", "Amount", "money"), Column("open", "Open", "money"), Column("state", "State", "badge"),
        *((Column("act", ""),) if waivable else ()),
    )  # fmt: skip
    empty = EmptyState("Nothing was billed yet.", "It stays here when the unit changes hands.")
    return Section("billed", "Billed to this unit", Table(columns, tuple(rows), empty=empty))


def _owners(visit: Visit, holdings: Sequence[Holding]) -> Section:
    rows = tuple(
        Row(
            (one.party.name, one.role.capitalize(), one.from_on, one.until_on),
            member_url(visit, one.party_id),
        )
        for one in holdings
    )
    columns = (
        Column("who", "Who"), Column("role", "Role"), Column("from", "From", "date"), Column("until", "Until", "date"),
    )  # fmt: skip
    empty = EmptyState("Nobody yet.", "Who owns it is billed for it.")
    return Section("owners", "Owners over time", Table(columns, rows, empty=empty))


@staff_page("charge")
def new(visit: Visit) -> HttpResponseBase:
    """Adds a unit; of one name there is one."""
    form = UnitForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            owner = one_meant(visit.organization.id, clean["owner"]).id if clean["owner"].strip() else None
            unit = add_unit(
                visit.organization,
                clean["name"],
                share=clean["share"],
                area=clean["area"],
                address=clean["address"],
                owner_id=owner,
                owned_from=clean["since"],
                actor=visit.actor,
                now=visit.desk.clock.now(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"{unit.name} is there.")
            return redirect(home_url(visit, unit.id))
    page = FormPage(
        title="Add a unit", form=form, submit_label="Add it", cancel_url=visit.url("homes/"), intro=""
    )
    return visit.page(page, "homes", 422 if form.errors else 200)


@staff_page("charge")
def assess_one(visit: Visit, unit_id: UUID) -> HttpResponseBase:
    """An amount that a unit owes from a day on, again and again."""
    unit = get_object_or_404(Unit, id=unit_id, organization=visit.organization)
    currency = visit.organization.currency
    after = home_url(visit, unit.id)

    def said(form: AssessForm) -> ConfirmPage:
        clean = form.cleaned_data
        amount = money_said(visit, clean["amount"], currency)
        first = day_text(clean["starts_on"], visit.organization.locale)
        past = _past(visit, form)
        return ConfirmPage(
            title=f"Assess {unit.name}?",
            confirm=Confirm(
                visit.request.path,
                "Assess it",
                (f"{unit.name} owes {amount} every {form.interval().unit} from {first} on.", *past),
                digest=digest_of(unit.id, sorted(clean.items())),
                cancel_url=after,
                fields=form.again(),
            ),
            crumbs=(Link("Homes", visit.url("homes/")), Link(unit.name, after)),
        )

    def done(form: AssessForm) -> HttpResponseBase:
        clean = form.cleaned_data
        assess(
            visit.organization, unit.id, name=clean["name"], amount_minor=clean["amount"], every=form.interval(),
            starts_on=clean["starts_on"], ends_on=clean["ends_on"], fund=clean["fund"], actor=visit.actor,
            now=visit.desk.clock.now(), key=key_of(visit),
        )  # fmt: skip
        messages.success(visit.request, f"{unit.name} is assessed.")
        return redirect(after)

    form = AssessForm(
        visit.request.POST or None,
        initial=new_key() | {"starts_on": visit.desk.today},
        currency=currency,
        split=False,
    )
    return in_two_steps(
        visit, form, entry=lambda form: _entry(visit, form, f"Assess {unit.name}", after), confirm=said, done=done,
        after=after, current="homes",
    )  # fmt: skip


@staff_page("charge")
def assess_all(visit: Visit) -> HttpResponseBase:
    """All units at once: each the same amount, or its part of a budget."""
    currency, after = visit.organization.currency, visit.url("homes/")

    def amounts(form: AssessForm) -> list[tuple[UUID, str, int]]:
        units, clean = units_of(visit.organization.id), form.cleaned_data
        if clean["split"] == "each":
            return [(unit.id, unit.name, clean["amount"]) for unit in units]
        method: Method = clean["split"].removeprefix("split_")
        shares = shares_of(clean["amount"], units, method, currency)
        return [(one.unit_id, one.name, one.amount_minor) for one in shares if one.amount_minor]

    def said(form: AssessForm) -> ConfirmPage:
        parts = amounts(form)
        if not parts:
            raise Refused(
                "levy_without_units", "There is no unit yet.", field="name", fix="Add the units first."
            )
        total = money_said(visit, sum(minor for _, _, minor in parts), currency)
        first = day_text(form.cleaned_data["starts_on"], visit.organization.locale)
        each = [f"{name}: {money_said(visit, minor, currency)}" for _, name, minor in parts]
        shown = tuple(each[:20]) + ((f"and {len(each) - 20} further units",) if len(each) > 20 else ())
        return ConfirmPage(
            title=f"Assess {len(parts)} units?",
            confirm=Confirm(
                visit.request.path,
                "Assess them",
                (
                    f"{len(parts)} units owe {total} in all, every {form.interval().unit}, from {first} on.",
                    *_past(visit, form),
                    *shown,
                ),
                digest=digest_of(parts, sorted(form.cleaned_data.items())),
                cancel_url=after,
                fields=form.again(),
            ),
            crumbs=(Link("Homes", after),),
        )

    def done(form: AssessForm) -> HttpResponseBase:
        clean, parts = form.cleaned_data, amounts(form)
        assess_units(
            visit.organization, [(unit_id, minor) for unit_id, _, minor in parts], name=clean["name"],
            every=form.interval(), starts_on=clean["starts_on"], ends_on=clean["ends_on"], fund=clean["fund"],
            actor=visit.actor, now=visit.desk.clock.now(), key=key_of(visit),
        )  # fmt: skip
        messages.success(visit.request, f"{len(parts)} units are assessed.")
        return redirect(after)

    form = AssessForm(
        visit.request.POST or None,
        initial=new_key() | {"starts_on": visit.desk.today},
        currency=currency,
        split=True,
    )
    return in_two_steps(
        visit, form, entry=lambda form: _entry(visit, form, "Assess all units", after), confirm=said, done=done,
        after=after, current="homes",
    )  # fmt: skip


def _past(visit: Visit, form: AssessForm) -> tuple[str, ...]:
    """What a beginning in the past brings at once."""
    if form.cleaned_data["starts_on"] >= visit.desk.today:
        return ()
    return ("Periods that have begun already are billed at once, and due today.",)


def _entry(visit: Visit, form: AssessForm, title: str, back: str) -> FormPage:
    return FormPage(title=title, form=form, submit_label="Continue", cancel_url=back, intro="")
