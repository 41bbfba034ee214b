"""Import: upload a roster, correct how it is read, read the report, take it in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRefresh

from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.forms import UploadForm
from paidthru.faces.console.import_pages import (
    mapping_page,
    progress_page,
    report_page,
    said_in,
    survey_of,
)
from paidthru.faces.console.listing import csv_of
from paidthru.faces.console.pages import FormPage, Problem, problem_of
from paidthru.faces.console.parts import Action
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused
from paidthru.wiring import Kept, enqueue_import, read_upload, uploads

AT_ONCE = 5_000  # rows that a request reads itself; more are a worker's
LARGEST = 512 * 1024 * 1024
_ASIDE = (
    (
        "Any CSV file will do, as it was exported: with comma or semicolon, from any product. The columns are "
        "guessed, and you correct the guess."
    ),
    (
        "First comes a report: whom it adds, whom it changes, and every faulty row with its way out. Nothing is "
        "written before you say so, and nothing is billed, mailed or charged."
    ),
    "The same file again changes nothing; a newer one updates the members it knows by their id.",
)


@staff_page("import")
def upload(visit: Visit) -> HttpResponseBase:
    """The form for a file; a file that is none of ours is refused at once."""
    posted = visit.request.method == "POST"
    form = UploadForm(visit.request.POST, visit.request.FILES) if posted else UploadForm()
    if posted and form.is_valid():
        try:
            return redirect(visit.url(f"import/{_kept(visit, form.cleaned_data['file']).token}/"))
        except Refused as refused:
            form.refuse(refused)
    page = FormPage(
        "Import members", form, "Read the file", visit.url("import/"), visit.url("members/"), aside=_ASIDE
    )
    return visit.page(page, "import", 422 if form.errors else 200)


def _kept(visit: Visit, file: "UploadedFile[Any]") -> Kept:
    if file.size is not None and file.size > LARGEST:
        raise Refused(
            "file_too_large",
            "The file is larger than 512 MB.",
            field="file",
            value=file.name,
            fix="Export the members in several files.",
        )
    kept = uploads().keep(
        file.chunks(),
        organization_id=visit.organization.id,
        user_id=visit.user.id,
        file_name=file.name or "roster.csv",
        now=SystemClock().now(),
    )
    try:
        survey_of(visit, kept, {})
    except Refused as refused:
        if refused.code not in (
            "columns_unknown",
            "headers_repeated",
        ):  # those are corrected on the next page
            kept.discard()
            raise
    return kept


def _upload(visit: Visit, token: str) -> Kept:
    """The person's own upload; whoever else's, or one that is gone, is not there."""
    kept = uploads().find(token, organization_id=visit.organization.id, user_id=visit.user.id)
    if kept is None:
        raise Http404
    return kept


@staff_page("import")
def mapping(visit: Visit, token: str) -> HttpResponseBase:
    """Which column is which, and what the levels of the file become; posted, the file is checked."""
    kept = _upload(visit, token)
    notes = kept.notes()
    if notes["state"] in ("checking", "taking", "taken"):
        return redirect(visit.url(f"import/{token}/report/"))
    if visit.request.method != "POST":
        return visit.page(mapping_page(visit, kept, notes.get("choices", {})), "import")
    try:
        choices, again = said_in(visit, kept, visit.request.POST)
    except Refused as refused:
        page = mapping_page(
            visit,
            kept,
            notes.get("choices", {}),
            problem_of(refused, "Please look at this again"),
            visit.request.POST,
        )
        return visit.page(page, "import", 422)
    kept.note(choices=choices, report=None, state="new", problem=None)
    if again:
        messages.info(visit.request, again)
        return redirect(visit.url(f"import/{token}/"))
    _read(visit, kept)
    return redirect(visit.url(f"import/{token}/report/"))


def _read(visit: Visit, kept: Kept, token: str = "") -> None:
    """Reads the file here or by a worker: into its report, or with the token of the report into the books."""
    rows = int(kept.notes().get("rows") or 0)
    if rows > AT_ONCE:
        kept.note(state="taking" if token else "checking", done=0, total=rows)
        with transaction.atomic():
            enqueue_import(visit.organization.id, kept.token, token=token, actor_name=visit.actor.name)
    else:
        read_upload(visit.organization, kept, actor=visit.actor, token=token or None)


@staff_page("import")
def report(visit: Visit, token: str) -> HttpResponseBase:
    """Where the import stands: its progress, its report, what was refused, or what was taken in."""
    kept = _upload(visit, token)
    notes = kept.notes()
    state = notes["state"]
    if state in ("checking", "taking"):
        page = progress_page(visit, kept, notes)
        if visit.request.headers.get("HX-Request"):
            return visit.part("console/parts/progress.html", page)
        return visit.page(page, "import")
    if visit.request.headers.get("HX-Request"):
        return HttpResponseClientRefresh()
    if state == "new":
        return redirect(visit.url(f"import/{token}/"))
    if state == "refused":
        return visit.page(_refused(visit, kept, notes["problem"] or {}), "import", 409)
    return visit.page(report_page(visit, kept, notes), "import")


def _refused(visit: Visit, kept: Kept, said: Mapping[str, Any]) -> Problem:
    refused = Refused(
        said.get("code", "import_failed"),
        said.get("message", ""),
        said.get("field"),
        said.get("row"),
        said.get("value"),
        said.get("fix") or "Nothing was written. Look at the columns again, or upload another file.",
    )
    return problem_of(
        refused,
        "The file was not imported",
        (
            Action("Look at the columns again", visit.url(f"import/{kept.token}/"), "primary"),
            Action("Kept another file", visit.url("import/")),
        ),
    )


@staff_page("import")
def take(visit: Visit, token: str) -> HttpResponseBase:
    """Takes in every good row of the file whose report was read; a second time it changes nothing."""
    kept = _upload(visit, token)
    notes = kept.notes()
    if visit.request.method == "POST" and notes["state"] == "checked":
        digest = visit.request.POST.get("digest", "")
        if not digest or digest != notes["report"]["token"]:
            raise Refused(
                "report_not_read",
                "The page did not say which report you read.",
                field="digest",
                fix="Open the report again, and import from there.",
            )
        _read(visit, kept, digest)
    return redirect(visit.url(f"import/{token}/report/"))


@staff_page("import")
def discard(visit: Visit, token: str) -> HttpResponseBase:
    """Throws an upload away."""
    kept = _upload(visit, token)
    if visit.request.method == "POST":
        kept.discard()
        messages.info(visit.request, f"{kept.file_name} was thrown away; nothing was imported.")
        return redirect(visit.url("import/"))
    return redirect(visit.url(f"import/{token}/"))


_FAULTS = ("row", "severity", "field", "value", "problem", "fix", "code")


@staff_page("import")
def faults_csv(visit: Visit, token: str) -> HttpResponseBase:
    """The faults of the report as a file."""
    found = (_upload(visit, token).notes().get("report") or {}).get("faults", [])

    def lines() -> Iterator[Sequence[object]]:
        for fault in found:
            yield tuple(fault[name] for name in _FAULTS)

    return csv_of("faults", _FAULTS, lines())
