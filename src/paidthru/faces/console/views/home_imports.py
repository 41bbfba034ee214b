"""A list of homes is taken in: the file, the report of what it would do, then all its good rows or none (A-29)."""

from collections.abc import Iterator, Sequence

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.import_units import UnitReport, import_units, preview_units
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.forms import UploadForm
from paidthru.faces.console.listing import csv_of
from paidthru.faces.console.pages import Confirm, Fault, FormPage, ImportReportPage
from paidthru.faces.console.parts import Action, Link
from paidthru.faces.console.run_pages import many
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.kernel.formats import decimal_text
from paidthru.wiring import Kept, uploads

LARGEST = 32 * 1024 * 1024
FAULTS_A_PAGE = 50
_FAULTS = ("row", "severity", "field", "value", "problem", "fix", "code")
_ASIDE = (
    "A CSV file with a row for each home; only Unit is needed. Owners are found by name, e-mail, number or id.",
    "Its columns are Unit, Share, Area, Address, Owner, E-mail, Since (2026-12-31) and Tenant.",
    "First comes a report: what it adds and changes, and each fault with its way out. Nothing is billed.",
    "The same file again changes nothing; a blank cell changes nothing either.",
)


class UnitsForm(UploadForm):
    """A list of homes to be taken in."""

    add_owners = forms.BooleanField(
        label="Add owners who aren’t known yet",
        required=False,
        help_text="By the name and e-mail address in the file. Otherwise their rows are left out.",
    )

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.fields["file"].label = "List of homes"


@staff_page("charge")
def upload(visit: Visit) -> HttpResponseBase:
    """The form for a file; one that can't be read is refused at once."""
    posted = visit.request.method == "POST"
    form = UnitsForm(visit.request.POST, visit.request.FILES) if posted else UnitsForm()
    if posted and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            if file.size > LARGEST:
                raise Refused(
                    "file_too_large", "The file is larger than 32 MB.", field="file", fix="Split it into several."
                )  # fmt: skip
            kept = uploads().keep(
                file.chunks(),
                organization_id=visit.organization.id,
                user_id=visit.user.id,
                file_name=file.name or "homes.csv",
                now=SystemClock().now(),
            )
            kept.note(state="homes", add_owners=form.cleaned_data["add_owners"])
            try:
                _report(visit, kept)
            except Refused:
                kept.discard()
                raise
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect(visit.url(f"homes/import/{kept.token}/"))
    page = FormPage(
        "Import homes", form, "Read the file", visit.url("homes/import/"), visit.url("homes/"), aside=_ASIDE
    )
    return visit.page(page, "homes", 422 if form.errors else 200)


def _upload(visit: Visit, token: str) -> Kept:
    kept = uploads().find(token, organization_id=visit.organization.id, user_id=visit.user.id)
    if kept is None or kept.notes()["state"] not in ("homes", "homes taken"):
        raise Http404
    return kept


def _report(visit: Visit, kept: Kept) -> UnitReport:
    with kept.open() as stream:
        return preview_units(
            visit.organization, stream, add_owners=bool(kept.notes().get("add_owners")), now=visit.desk.clock.now()
        )  # fmt: skip


@staff_page("charge")
def report(visit: Visit, token: str) -> HttpResponseBase:
    """What the file would do; posted with the token of what was read, it is done, once."""
    kept = _upload(visit, token)
    done = kept.notes()["state"] == "homes taken"
    if done:
        messages.info(visit.request, "This list is taken in already; nothing was done twice.")
        return redirect(visit.url("homes/"))
    status = 200
    if visit.request.method == "POST":
        try:
            with kept.open() as stream:
                taken = import_units(
                    visit.organization,
                    stream,
                    add_owners=bool(kept.notes().get("add_owners")),
                    token=visit.request.POST.get("digest", "").replace("\0", "")[:64] or "unread",
                    actor=visit.actor,
                    now=visit.desk.clock.now(),
                )
        except Refused as refused:
            messages.warning(visit.request, f"{refused.message} {refused.fix or ''}".strip())
            status = 409
        else:
            kept.note(state="homes taken")
            messages.success(
                visit.request, f"{many(visit, taken.add + taken.change, 'home is', 'homes are')} taken in."
            )
            return redirect(visit.url("homes/"))
    return visit.page(_page(visit, kept, _report(visit, kept)), "homes", status)


def _page(visit: Visit, kept: Kept, said: UnitReport) -> ImportReportPage:
    here = visit.url(f"homes/import/{kept.token}/")
    start = visit.request.GET.get("from", "0")
    first = min(int(start), len(said.faults)) if start.isdecimal() and len(start) < 9 else 0
    last = first + FAULTS_A_PAGE
    counts = (("adds", said.add), ("changes", said.change))
    done = " and ".join(f"{verb} {many(visit, one, 'home', 'homes')}" for verb, one in counts if one)
    lines = [f"{done[:1].upper()}{done[1:]}."]
    if said.owners_new:
        lines.append(f"Adds {many(visit, said.owners_new, 'owner', 'owners')} to the people.")
    for field, (least, most) in said.spans.items():
        times = (
            f"; kept times {scale:,}, of which the proportion counts"
            if (scale := said.scales[field]) > 1
            else ""
        )
        smallest, largest = (decimal_text(one, visit.organization.locale) for one in (least, most))
        lines.append(f"The column {said.columns[field]} is read as {smallest} to {largest}{times}.")
    if said.left_out:
        lines.append(f"Leaves out {many(visit, said.left_out, 'row', 'rows')}, for the faults above.")
    lines.append("Nothing is billed.")
    confirm = Confirm(here, "Import them", tuple(lines), digest=said.token)
    if not said.add + said.change:
        confirm = Confirm(here, "", ("No row adds or changes anything.",))
    return ImportReportPage(
        title=f"Report on {kept.file_name}",
        rows=said.rows,
        add=said.add,
        change=said.change,
        unchanged=said.unchanged,
        faulty=said.left_out,
        faults=tuple(
            Fault(one.row, one.field, one.value, one.problem, one.fix, "error" if one.is_error else "note")
            for one in said.faults[first:last]
        ),
        fault_total=len(said.faults),
        header_row=said.header_row,
        faults_url=f"{here}faults.csv",
        next_url=f"?from={last}" if last < len(said.faults) else None,
        previous_url=f"?from={max(0, first - FAULTS_A_PAGE)}" if first else None,
        confirm=confirm,
        intro="Nothing has been written yet. Read what would happen; then import the good rows.",
        actions=(Action("Another file", visit.url("homes/import/")),),
        crumbs=(Link("Homes", visit.url("homes/")),),
    )


@staff_page("charge")
def faults_csv(visit: Visit, token: str) -> HttpResponseBase:
    """The faults of the report as a file."""
    found = _report(visit, _upload(visit, token)).as_dict()["faults"]

    def lines() -> Iterator[Sequence[object]]:
        for fault in found:
            yield tuple(fault[name] for name in _FAULTS)

    return csv_of("faults", _FAULTS, lines())
