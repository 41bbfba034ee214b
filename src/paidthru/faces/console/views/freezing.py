"""The freeze: why nothing live is charged or refunded, what is missing, and a person's release (field-notes C.10)."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.unfreeze import unfreeze
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, new_key
from paidthru.faces.console.acting_forms import ActForm, TextField
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, Problem, RecordPage, Section
from paidthru.faces.console.parts import Action, Badge, Column, Fact, Link, Row, Table
from paidthru.organizations.queries import Freeze, freeze

_KINDS = {
    "restored": "The database was restored from a backup",
    "moved": "The database belongs to another installation",
    "person": "Somebody froze it",
}
_TITLE = "Charging is frozen"


class ReleaseForm(ActForm):
    """Why charging may go on. `moved`: the installation that this database was copied from is gone for good."""

    why = TextField(label="Why charging may go on", missing="Say why in a sentence.")
    moved = forms.BooleanField(
        label="The installation that this database was copied from is gone for good", required=False
    )
    field_order = ("why", "moved")

    def __init__(self, *args: object, moved: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not moved:
            del self.fields["moved"]

    def again(self) -> tuple[tuple[str, str], ...]:
        """What was entered; a box that isn't ticked is left out."""
        return tuple((name, value) for name, value in super().again() if value)


def _freeze(visit: Visit) -> Freeze | None:
    """The freeze that holds for this organization; a sandbox isn't held, and releases nothing."""
    if visit.organization.is_sandbox:
        raise Http404
    return freeze()


@staff_page("view")
def frozen(visit: Visit) -> HttpResponseBase:
    """Since when and why it is frozen, what has been done since, and what is missing before it may go on."""
    found = _freeze(visit)
    if found is None:
        return visit.page(
            RecordPage(
                title="Charging goes on",
                intro="Nothing is frozen: payments and refunds are sent as they fall due.",
                badges=(Badge("Not frozen", "good"),),
            ),
            "home",
        )
    steps = tuple(Row((one,)) for one in found.missing) or (
        Row(("Nothing is missing: read what the replay found, then let charging go on.",)),
    )
    release = Action("Let charging go on", visit.url("freeze/release/"), "primary")
    return visit.page(
        RecordPage(
            title=_TITLE,
            badges=(Badge("Frozen", "bad"),),
            facts=(
                Fact("Since", found.at),
                Fact("How it came", _KINDS.get(found.kind, found.kind)),
                Fact("Why", found.why),
                Fact("The database knows everything until", found.known_until),
            ),
            actions=(release,) if visit.may("unfreeze") and not found.missing else (),
            warning=Problem(
                "Nothing live is charged or refunded",
                "Not by a run, a retry, the portal, staff or the API. What was on its way lands all the same, and is"
                " settled; whatever else is due waits.",
                way_out="Have the processor’s books read through (paidthru replay); then an administrator releases it.",
            ),
            sections=(
                Section(
                    "missing",
                    "Before it may go on",
                    Table((Column("what", "What", "prose"),), steps, "Missing"),
                ),
            ),
        ),
        "home",
    )


@staff_page("unfreeze")
def release(visit: Visit) -> HttpResponseBase:
    """A person who has read what the replay found lets live charging go on, with a reason."""
    found = _freeze(visit)
    back = visit.url("freeze/")
    if found is None:
        messages.info(visit.request, "Charging is not frozen.")
        return redirect(back)
    moved = found.kind == "moved"
    form = ReleaseForm(visit.request.POST or None, initial=new_key(), moved=moved)

    def entry(form: ReleaseForm) -> FormPage:
        return FormPage(
            title="Let charging go on",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=found.why,
            aside=(
                "It holds for the whole installation, not for this organization alone.",
                "Read first what the replay found: money that our books had lost is back in them, or to be placed.",
            ),
            crumbs=(Link(_TITLE, back),),
        )  # fmt: skip

    def confirm(form: ReleaseForm) -> ConfirmPage:
        return ConfirmPage(
            title="Let charging go on?",
            confirm=Confirm(
                action_url=f"{back}release/",
                label="Let charging go on",
                consequences=(
                    "Payments and refunds of every live organization are sent again as they fall due.",
                    "What has fallen due meanwhile is sent next.",
                ),
                digest=digest_of(found.at, found.kind),
                cancel_url=back,
                fields=form.again(),
                danger=True,
            ),
            facts=(
                Fact("Frozen because", found.why),
                Fact("Why it may go on", form.cleaned_data["why"]),
            ),
            crumbs=(Link(_TITLE, back),),
        )

    def done(form: ReleaseForm) -> HttpResponseBase:
        unfreeze(
            why=form.cleaned_data["why"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            moved=bool(form.cleaned_data.get("moved")),
        )
        messages.success(visit.request, "Charging goes on.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="home")
