"""Settings: the examples beside the policies: a list with what came of telling them, an editor, and telling them."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.dateparse import parse_date

from paidthru.actions.keep_preset_examples import keep_preset_examples
from paidthru.actions.remove_example import remove_example
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.impact_pages import (
    asked_changes,
    asked_place,
    changes_query,
    impact_head,
    impact_page,
)
from paidthru.faces.console.late import late
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, RecordPage, Section
from paidthru.faces.console.parts import Action, Badge, Column, EmptyState, Link, Row, Table, Text
from paidthru.faces.stories.examples import change_policies, save_example, tell_kept, try_change
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import PolicyExample
from paidthru.organizations.queries import example_texts, offered_templates, told_examples
from paidthru.organizations.rules.examples import MOST_SIGNS, Draft
from paidthru.organizations.rules.policies import Value, shown

HOME = "settings/examples/"
_STATES: Mapping[str, Badge] = {
    "holds": Badge("Holds", "good"),
    "fails": Badge("Does not hold", "bad"),
    "not_told": Badge("Not checked since a change", "warn"),
}
_FORM_OF_IT = (
    "An example tells of your own organization: plans and members, then dates with what happens.",
    "What you expect stands behind an equals sign.",
    "It is told in a throw-away organization with your policies, its own clock and no real money.",
    "Nothing here is touched, and no mail is sent.",
    "A policy line in it holds for the example alone.",
)
_TEXTAREA = {"class": "input mono", "rows": 24, "spellcheck": "false", "wrap": "off"}
_TOGETHER = "Change the examples too"
_NEW = """story: What you expect, in a few words

plan Regular: 100 every year
member Ann: plan Regular, next renewal 2026-03-01, by card

2026-03-01
  = Ann is Active
"""


class ExampleForm(forms.Form):
    """An example's text. What is wrong with it is said with its line."""

    text = forms.CharField(
        label="Example",
        max_length=MOST_SIGNS,
        strip=False,
        error_messages={"required": "Write what you expect."},
        widget=forms.Textarea(attrs=_TEXTAREA),
    )

    def refuse(self, refused: Refused) -> None:
        """Shows a refusal at the text."""
        self.add_error("text", f"{refused.message} {refused.fix or ''}".strip())


@staff_page("view")
def example_list(visit: Visit) -> HttpResponseBase:
    """The examples, each with the line that does not hold, and those that the preset offers."""
    may = visit.may("set_policy")
    rows = tuple(
        Row(
            (Text(one.row.name, _failing(one.row)), _STATES[one.state], one.row.source, one.row.told_at),
            visit.url(f"{HOME}{one.row.id}/"),
            tone="bad" if one.state == "fails" else "neutral",
        )
        for one in told_examples(visit.organization)
    )
    offered = tuple(
        Row((one.name, ", ".join(f"{key} = {value}" for key, value in one.needs) or "—"))
        for one in offered_templates(visit.organization)
    )
    examples = Table(
        (Column("example", "Example", "prose"), Column("state", "", "badge"), Column("source", "From"),
         Column("told", "Last checked", "date")),
        rows,
        "Examples",
        empty=EmptyState("No examples yet", "Without them any change of policy is let through."),
    )  # fmt: skip
    offers = Table(
        (Column("example", "Example", "prose"), Column("needs", "Comes with", "prose")), offered, "Offered"
    )
    actions = (
        Action("Check them now", visit.url(f"{HOME}run/"), "primary", "post"),
        Action("Add an example", visit.url(f"{HOME}add/")),
        *((Action("Add the preset’s", visit.url(f"{HOME}preset/"), method="post"),) if offered else ()),
    )
    return visit.page(
        RecordPage(
            title="Examples",
            intro="What you expect of your policies. A change that breaks one of these is refused, until the example "
            "is changed with it.",
            actions=actions if may else (),
            sections=(
                Section("examples", "Kept", examples),
                *((Section("offered", "Offered by the preset", offers),) if offered else ()),
            ),
            crumbs=(Link("Settings", visit.url("settings/")),),
        ),
        "settings",
    )


def _failing(row: PolicyExample) -> str:
    return "; ".join(
        f"line {fault['line']}, {fault['text']}: {', '.join(' '.join(one.split()) for one in fault['what'])}"
        for fault in row.failing
    )


@staff_page("set_policy")
def run(visit: Visit) -> HttpResponseBase:
    """Tells the examples with the policies as they are."""
    if visit.request.method == "POST":
        failing = tell_kept(visit.organization, now=visit.desk.clock.now())
        if failing:
            for one in failing:
                messages.error(visit.request, f"“{one.name}” does not hold: {one.sentence()}.")
        else:
            messages.success(visit.request, "Every example holds.")
    return redirect(visit.url(HOME))


@staff_page("set_policy")
def add_preset(visit: Visit) -> HttpResponseBase:
    """Keeps the preset's examples of what is decided, and tells them."""
    if visit.request.method == "POST":
        now = visit.desk.clock.now()
        added = keep_preset_examples(visit.organization, actor=visit.actor, now=now)
        tell_kept(visit.organization, now=now)
        if added:
            messages.success(visit.request, f"Added: {'; '.join(added)}.")
        else:
            messages.warning(visit.request, "The others come with policies that are not set here.")
    return redirect(visit.url(HOME))


@staff_page("set_policy")
def add(visit: Visit) -> HttpResponseBase:
    """Writes a new example."""
    return _edit(visit, None)


@staff_page("set_policy")
def edit(visit: Visit, example_id: UUID) -> HttpResponseBase:
    """Changes an example; it may be one that doesn't hold."""
    return _edit(visit, _example(visit, example_id))


def _edit(visit: Visit, row: PolicyExample | None) -> HttpResponseBase:
    form = ExampleForm(visit.request.POST or None, initial={"text": row.text if row else _NEW})
    if visit.request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"].replace("\r\n", "\n")
        try:
            draft = Draft(text, replaces=row.name if row else "")
            kept = save_example(visit.organization, draft, actor=visit.actor, now=visit.desk.clock.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            if kept.failing:
                messages.warning(visit.request, f"Kept. It does not hold as things are: {_failing(kept)}.")
            else:
                messages.success(visit.request, f"“{kept.name}” holds, and is kept.")
            return redirect(visit.url(f"{HOME}{kept.id}/" if kept.failing else HOME))
    crumbs = (Link("Settings", visit.url("settings/")), Link("Examples", visit.url(HOME)))
    return visit.page(
        FormPage(
            title=row.name if row else "New example",
            form=form,
            submit_label="Save and tell it",
            cancel_url=visit.url(HOME),
            intro=f"It does not hold: {_failing(row)}." if row and row.failing else "",
            aside=_FORM_OF_IT,
            crumbs=crumbs,
        ),
        "settings",
        422 if form.errors else 200,
    )


@staff_page("view")
def example(visit: Visit, example_id: UUID) -> HttpResponseBase:
    """An example's text."""
    row = _example(visit, example_id)
    here = f"{HOME}{row.id}/"
    actions = (
        Action("Edit", visit.url(f"{here}edit/"), "primary"),
        Action("Remove", visit.url(f"{here}remove/"), "danger", ask=True),
    )
    state = next(one.state for one in told_examples(visit.organization) if one.row.id == row.id)
    return visit.page(
        RecordPage(
            title=row.name,
            kind="Example",
            badges=(_STATES[state],),
            intro=f"It does not hold: {_failing(row)}." if row.failing else "",
            actions=actions if visit.may("set_policy") else (),
            sections=(Section("text", "Text", _numbered(row)),),
            crumbs=(Link("Settings", visit.url("settings/")), Link("Examples", visit.url(HOME))),
        ),
        "settings",
    )


def _numbered(row: PolicyExample) -> Table:
    """The text, a numbered line a row; the line that doesn't hold says what came."""
    wrong = {
        fault["line"]: "; ".join(" ".join(one.split()) for one in fault["what"]) for fault in row.failing
    }
    return Table(
        (Column("line", "", "number"), Column("text", "Line", "code"), Column("found", "", "prose")),
        tuple(
            # the indent is part of a story's form
            Row((n, line.replace("  ", "\u2003"), wrong.get(n, "")), tone="bad" if n in wrong else "neutral")
            for n, line in enumerate(row.text.splitlines(), start=1)
        ),
        row.name,
    )


@staff_page("set_policy")
def remove(visit: Visit, example_id: UUID) -> HttpResponseBase:
    """Takes an example away, after the question."""
    row = _example(visit, example_id)
    if visit.request.method == "POST":
        remove_example(visit.organization, row.name, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"“{row.name}” is removed.")
        return redirect(visit.url(HOME))
    return visit.page(
        ConfirmPage(
            title=f"Remove “{row.name}”?",
            confirm=Confirm(
                action_url=visit.url(f"{HOME}{row.id}/remove/"),
                label="Remove",
                consequences=(
                    "Policies may change without it.",
                    "Its text stays in the history.",
                ),
                cancel_url=visit.url(HOME),
                danger=True,
            ),
            crumbs=(Link("Settings", visit.url("settings/")), Link("Examples", visit.url(HOME))),
        ),
        "settings",
    )


def _example(visit: Visit, example_id: UUID) -> PolicyExample:
    found = PolicyExample.objects.filter(id=example_id, organization=visit.organization).first()
    if found is None:
        raise Http404
    return found


class TogetherForm(forms.Form):
    """Examples that a change of policy breaks, to be changed with it."""

    def __init__(self, *args: object, broken: Sequence[tuple[str, str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for n, (name, text, why) in enumerate(broken):
            self.fields[f"replaces_{n}"] = forms.CharField(widget=forms.HiddenInput, initial=name)
            self.fields[f"text_{n}"] = forms.CharField(
                label=name,
                max_length=MOST_SIGNS,
                strip=False,
                initial=text,
                help_text=f"With the change: {why}.",
                widget=forms.Textarea(attrs=_TEXTAREA),
            )

    def drafts(self) -> list[Draft]:
        """The examples as they were changed. Refused as `Draft`."""
        return [
            Draft(
                text.replace("\r\n", "\n"),
                replaces=self.cleaned_data["replaces_" + field.removeprefix("text_")],
            )
            for field, text in self.cleaned_data.items()
            if field.startswith("text_")
        ]


def together_url(visit: Visit, changes: Mapping[str, Value | None], on: date | None = None) -> str:
    """Where examples are changed together with policies that break them."""
    later = f"&on={on.isoformat()}" if on else ""
    return visit.url(f"{HOME}together/?{changes_query(changes)}{later}")


@staff_page("set_policy")
def together(visit: Visit) -> HttpResponseBase:
    """Changes policies and the examples that they break in one act: both, or neither."""
    changes, later = asked_changes(visit), visit.request.GET.get("on", "")
    crumbs = (Link("Settings", visit.url("settings/")), Link("Examples", visit.url(HOME)))
    if visit.request.method == "GET":
        head = RecordPage(title=_TOGETHER, crumbs=crumbs)
        if waiting := late(visit, head, "settings", saying="Telling each example with the change…"):
            return waiting
    on = parse_date(later) if later else None
    trial = try_change(visit.organization, changes)
    texts = example_texts(visit.organization.id)
    broken = [(one.name, texts[one.name], one.sentence()) for one in trial.verdict.broken]
    form = TogetherForm(visit.request.POST or None, broken=broken)
    if visit.request.method == "POST" and form.is_valid():
        try:
            change_policies(visit.organization, changes, actor=visit.actor, now=visit.desk.clock.now(),
                            drafts=form.drafts(), on=on)  # fmt: skip
        except Refused as refused:
            form.add_error(None, f"{refused.message} {refused.fix or ''}".strip())
        else:
            names = ", ".join(f"“{name}”" for name, _, _ in broken)
            messages.success(
                visit.request, f"Changed {', '.join(changes)}" + (f", and {names}." if names else ".")
            )
            return redirect(visit.url("settings/"))
    listed = ", ".join(
        f"{key} = {'the preset’s' if value is None else shown(value)}" for key, value in changes.items()
    )
    return visit.page(
        FormPage(
            title=_TOGETHER,
            form=form,
            submit_label="Change both",
            action_url=together_url(visit, changes, on),
            cancel_url=visit.url("settings/"),
            intro=f"{listed} would break what is expected below. Nothing is changed yet.",
            aside=("The policy and the examples are saved together, or not at all.", *_FORM_OF_IT[1:]),
            crumbs=crumbs,
        ),
        "settings",
        422 if form.errors else 200,
    )


@staff_page("set_policy")
def impact(visit: Visit) -> HttpResponseBase:
    """What a change of policy would alter in the next 30 days, member by member."""
    changes = asked_changes(visit)
    place, head = asked_place(visit, changes), impact_head(visit)
    if waiting := late(
        visit, head, "settings", saying="Going through every membership, as it is and with the change…"
    ):
        return waiting
    return visit.page(impact_page(visit, changes, place), "settings")
