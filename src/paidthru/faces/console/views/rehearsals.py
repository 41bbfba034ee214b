"""Rehearsals: the next months played in a copy, by the present policies and by others, and compared."""

from collections.abc import Iterator
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.rehearse import Luck, rehearse
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import new_key
from paidthru.faces.console.acting_forms import ActForm
from paidthru.faces.console.impact_pages import asked_changes
from paidthru.faces.console.listed import listed
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Action, Column, EmptyState, Link, ListPage, Row, badge_of
from paidthru.faces.console.rehearsal_pages import (
    PARTED,
    SHOWN,
    courses_of,
    is_under_way,
    parting_row,
    progress_page,
    rehearsal_page,
    rehearsal_url,
)
from paidthru.faces.console.row_exports import rows_csv
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Rehearsal
from paidthru.organizations.rules.policies import CATALOGUE, Value, known_policy, parse, shown
from paidthru.organizations.rules.rehearsing import state_of_all
from paidthru.runs.rehearsed import luck_seen, partings
from paidthru.runs.rehearsing import throw_away
from paidthru.wiring import enqueue_course

_INPUT = {"class": "input", "autocomplete": "off"}
_AT_ONCE = 1_000
_BY_HAND = "To choose one from a form instead, open it in Settings, choose its value, and rehearse a year from there."
_TITLES = {one.title.casefold(): one.name for one in CATALOGUE.values()}
_EXPLAINED = (
    "A rehearsal plays the next months in a copy, with the same work that bills, charges and reminds here.",
    "No mail leaves, no money moves, and nothing here changes.",
    "With other policies it is played twice, and both courses are put side by side.",
)


class ShareField(forms.DecimalField):
    """A share in per cent with one decimal; cleaned, of a thousand."""

    def __init__(self, label: str, help_text: str = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            min_value=0,
            max_value=100,
            decimal_places=1,
            widget=forms.TextInput(attrs=_INPUT | {"inputmode": "decimal"}),
        )

    def clean(self, value: object) -> int:
        """The share of a thousand."""
        return int(super().clean(value) * 10)


class RehearsalForm(ActForm):
    """What is played, and how payments go."""

    name = forms.CharField(label="Name", max_length=100, widget=forms.TextInput(attrs=_INPUT))
    months = forms.IntegerField(
        label="Months", min_value=1, max_value=24, widget=forms.NumberInput(attrs=_INPUT)
    )
    changes = forms.CharField(
        label="Policies to compare with",
        required=False,
        widget=forms.Textarea(attrs=_INPUT | {"rows": 4, "spellcheck": "false"}),
        help_text="One a line, by its title or its name in Settings: “collect.max_attempts = 2”;"
        " “collect.max_attempts =” takes it as not set here. Leave it all empty to play the present ones alone.",
    )
    declined = ShareField("Charges that fail for want of money, %")
    lost = ShareField("Cards and accounts closed in a year, %")
    by_hand = ShareField(
        label="Invoices paid by hand in the end, %", help_text="Of those that nobody collects."
    )
    by_hand_days = forms.IntegerField(
        label="Days after they are due", min_value=0, max_value=365, widget=forms.NumberInput(attrs=_INPUT)
    )

    def clean_changes(self) -> dict[str, Value | None]:
        """The policies by their keys."""
        found: dict[str, Value | None] = {}
        for line in self.cleaned_data["changes"].splitlines():
            if not line.strip():
                continue
            key, equals, text = (part.strip() for part in line.partition("="))
            if not equals:
                raise forms.ValidationError(f"“{line.strip()[:80]}” has no “=”. Write it as “key = value”.")
            try:
                name = _TITLES.get(key.casefold()) or known_policy(key).name
                found[name] = parse(name, text) if text else None
            except Refused as refused:
                raise forms.ValidationError(f"{refused.message} {refused.fix or ''}") from refused
        return found


@staff_page("view")
def rehearsals(visit: Visit) -> HttpResponseBase:
    """The rehearsals, the newest first."""

    def rows(found: "list[Rehearsal]") -> list[Row]:
        return [
            Row(
                (
                    one.name,
                    one.begins_at,
                    one.months,
                    "; ".join(one.changes) or "none",
                    badge_of(state_of_all([course.state for course in courses_of(one)])),
                    one.asked_by,
                ),
                rehearsal_url(visit, one),
            )
            for one in found
        ]

    add = Action("Rehearse", visit.url("rehearsals/new/"), "primary", icon="plus")
    return listed(
        visit,
        Rehearsal.objects.filter(organization=visit.organization).prefetch_related("courses"),
        rows,  # type: ignore[arg-type]
        ListPage(
            title="Rehearsals",
            columns=(
                Column("name", "Name"),
                Column("begins", "From", "date"),
                Column("months", "Months", "number"),
                Column("changes", "Policies changed", "prose"),
                Column("state", "State", "badge"),
                Column("by", "Asked for by"),
            ),
            rows=(),
            empty=EmptyState("Nothing was rehearsed yet.", " ".join(_EXPLAINED)),
            noun=("rehearsal", "rehearsals"),
        ),
        current="rehearsals",
        sorts=("id",),
        default="-id",
        add=add if visit.may("rehearse") else None,
    )


@staff_page("rehearse")
def new(visit: Visit) -> HttpResponseBase:
    """What is to be played; asked for, a worker plays it."""
    luck = luck_seen(visit.desk)
    asked = asked_changes(visit)
    initial = new_key() | {
        "name": "With other policies" if asked else "The next months",
        "months": 12,
        "changes": "\n".join(
            f"{key} = {'' if value is None else shown(value)}".rstrip() for key, value in asked.items()
        ),
        "declined": luck.declined / 10,
        "lost": luck.lost / 10,
        "by_hand": luck.by_hand / 10,
        "by_hand_days": luck.by_hand_days,
    }
    form = RehearsalForm(visit.request.POST or None, initial=initial)
    if visit.request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        chosen = Luck(clean["declined"], clean["lost"], clean["by_hand"], clean["by_hand_days"])
        try:
            with transaction.atomic():
                made = rehearse(
                    visit.organization, name=clean["name"], months=clean["months"], changes=clean["changes"],
                    luck=chosen, actor=visit.actor, now=visit.desk.clock.now(), key=clean["key"],
                )  # fmt: skip
                for course in courses_of(made):
                    enqueue_course(course.id)
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(rehearsal_url(visit, made))
    back = visit.url("rehearsals/")
    page = FormPage(
        title="Rehearse the next months",
        form=form,
        submit_label="Play it",
        cancel_url=back,
        aside=(
            *_EXPLAINED,
            _BY_HAND,
            "The shares are what the last twelve months say, where they say enough.",
        ),
        crumbs=(Link("Rehearsals", back),),
    )
    return visit.page(page, "rehearsals", 422 if form.errors else 200)


def _found(visit: Visit, rehearsal_id: UUID) -> Rehearsal:
    found = (
        Rehearsal.objects.filter(id=rehearsal_id, organization=visit.organization)
        .select_related("organization")
        .first()
    )
    if found is None:
        raise Http404
    return found


@staff_page("view")
def rehearsal(visit: Visit, rehearsal_id: UUID) -> HttpResponseBase:
    """How far it is, or what came of it."""
    found = _found(visit, rehearsal_id)
    courses = courses_of(found)
    if is_under_way(courses) or visit.request.GET.get("progress"):
        page = progress_page(visit, found, courses)
        if visit.request.htmx:  # type: ignore[attr-defined]
            return visit.part("console/parts/progress.html", page)
        if is_under_way(courses):
            return visit.page(page, "rehearsals")
    return visit.page(rehearsal_page(visit, found, courses), "rehearsals")


@staff_page("view")
def members(visit: Visit, rehearsal_id: UUID) -> HttpResponseBase:
    """Everybody for whom the two courses differ."""
    found = _found(visit, rehearsal_id)
    if "export" in visit.request.GET:
        return rows_csv("for-whom-it-differs", PARTED, _everybody(visit, found))
    raw = visit.request.GET.get("from", "0")
    offset = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 8 else 0
    parted, total = partings(found, limit=SHOWN * 2, offset=offset)
    if offset and not parted:  # past the end
        return redirect(f"{rehearsal_url(visit, found)}members/")
    way = f"{rehearsal_url(visit, found)}members/"
    page = ListPage(
        title="For whom it differs",
        columns=PARTED,
        rows=tuple(parting_row(visit, one) for one in parted),
        empty=EmptyState("It makes no difference to anybody, or the copies were thrown away."),
        total=total,
        next_url=f"{way}?from={offset + SHOWN * 2}" if offset + SHOWN * 2 < total else None,
        previous_url=f"{way}?from={max(0, offset - SHOWN * 2)}" if offset else None,
        noun=("member", "members"),
        export_url="?export=csv",
        crumbs=(Link("Rehearsals", visit.url("rehearsals/")), Link(found.name, rehearsal_url(visit, found))),
    )
    return visit.page(page, "rehearsals")


def _everybody(visit: Visit, found: Rehearsal) -> Iterator[Row]:
    """All for whom the two courses differ, a thousand at a time."""
    offset, total = 0, 1
    while offset < total:
        parted, total = partings(found, limit=_AT_ONCE, offset=offset)
        yield from (parting_row(visit, one) for one in parted)
        offset += _AT_ONCE


@staff_page("rehearse")
def discard(visit: Visit, rehearsal_id: UUID) -> HttpResponseBase:
    """Throws the copies of a rehearsal away; its figures stay."""
    found = _found(visit, rehearsal_id)
    way = rehearsal_url(visit, found)
    if visit.request.method == "POST":
        throw_away(visit.organization, found.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, "Its copies are gone; what came of it in figures stays.")
        return redirect(way)
    confirm = Confirm(
        f"{way}discard/",
        "Throw it away",
        ("The copies of the organization that it made are deleted.", "Its figures stay."),
        cancel_url=way,
        danger=True,
    )
    return visit.page(ConfirmPage("Throw this rehearsal away?", confirm), "rehearsals")
