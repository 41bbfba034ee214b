"""Settings, Documents: how the organization stands on paper, with a sample to look at."""

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.set_brand import set_brand
from paidthru.documents.queries import Document, present_issuer
from paidthru.documents.rules.samples import sample_invoice
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.document_forms import BrandForm
from paidthru.faces.console.pages import FormPage, RecordPage, Section
from paidthru.faces.console.parts import Action, Fact, Link
from paidthru.faces.console.views.documents import as_pdf
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import OrganizationBrand
from paidthru.organizations.queries import brand_of
from paidthru.organizations.rules.branding import Branding
from paidthru.organizations.rules.logos import refuse_large
from paidthru.wiring import printer

_NONE = "–"


@staff_page("view")
def brand(visit: Visit) -> HttpResponseBase:
    """How documents look now, with a sample."""
    found = brand_of(visit.organization.id)
    actions = [Action("See a sample", visit.url("settings/documents/sample/"), icon="search")]
    if visit.may("set_policy"):
        actions.insert(0, Action("Change", visit.url("settings/documents/change/"), "primary"))
    return visit.page(
        RecordPage(
            title="Documents",
            intro="The letterhead of invoices, credit notes, receipts, statements, notices and reports. What was issued"
            " keeps the one it was issued with.",
            facts=_facts(visit, found),
            actions=tuple(actions),
            sections=(
                Section(
                    "where",
                    "Where documents are",
                    text="Each invoice, credit note, payment and batch can be had as PDF; a statement of account is"
                    f" made on the page of a {visit.words.member}. Behind their own link, {visit.words.members} find"
                    " their invoices and receipts.",
                ),
            ),
            crumbs=(Link("Settings", visit.url("settings/")),),
        ),
        "settings",
    )


def _facts(visit: Visit, found: OrganizationBrand | None) -> tuple[Fact, ...]:
    said = _present(visit, found)
    told = (
        ("Name", said.name),
        ("Address", said.address),
        ("Country", said.country),
        ("Contact", said.contact),
        ("Tax number", said.tax_number),
        ("Legal lines", said.footer),
        ("How to pay", said.payment),
        ("Colours", f"{said.accent} on white, {said.band} behind headings"),
        ("Logo", found.logo.kind.upper() if found and found.logo else ""),
        ("Invoices as data (Factur-X)", "On" if said.electronic else "Off"),
    )
    facts = tuple(Fact(label, ", ".join(value.split("\n")) or _NONE) for label, value in told)
    changed = (Fact("Changed", found.set_at, found.set_by),) if found else ()
    return (*facts, *changed)


@staff_page("view")
def sample(visit: Visit) -> HttpResponseBase:
    """An invoice to nobody, as it would look."""
    sheet = sample_invoice(
        present_issuer(visit.organization),
        on=visit.desk.today,
        at=visit.desk.clock.now(),
        currency=visit.organization.currency,
    )
    return as_pdf(Document("sample.pdf", sheet))


@staff_page("set_policy")
def change(visit: Visit) -> HttpResponseBase:
    """Changes the letterhead: a new version, from now on."""
    found = brand_of(visit.organization.id)
    request, has_logo = visit.request, found is not None and found.logo_id is not None
    said = _present(visit, found)
    if request.method == "POST":
        form = BrandForm(request.POST, request.FILES, has_logo=has_logo)
    else:
        form = BrandForm(
            initial={key: getattr(said, key) for key in Branding.__dataclass_fields__}, has_logo=has_logo
        )
    if form.is_bound:
        try:
            if _saved(visit, form):
                messages.success(request, "Documents that are issued from now on look like this.")
                return redirect(visit.url("settings/documents/"))
        except Refused as refused:
            form.refuse(refused)
    return visit.page(
        FormPage(
            title="How documents look",
            form=form,
            cancel_url=visit.url("settings/documents/"),
            intro="It holds for what is issued from now on.",
            aside=(
                "A logo is looked at before it is taken: it has to be a picture, whatever its file is called.",
                "Colours have to be readable on paper, and on a printer without colours.",
            ),
            crumbs=(
                Link("Settings", visit.url("settings/")),
                Link("Documents", visit.url("settings/documents/")),
            ),
        ),
        "settings",
        422 if form.errors else 200,
    )


def _saved(visit: Visit, form: BrandForm) -> bool:
    """Whether what was posted is kept; else the form says why not. Refused as `set_brand`."""
    if getattr(visit.request, "upload_refused", False):  # it was so large that it wasn't read
        form.is_valid()
        refuse_large(int(visit.request.META.get("CONTENT_LENGTH") or 0))
    if not form.is_valid():
        return False
    file = form.cleaned_data["logo"]
    if file is not None:
        refuse_large(file.size or 0)
    set_brand(
        visit.organization,
        form.said(),
        logo=file.read() if file is not None else None,
        remove_logo=bool(form.cleaned_data.get("remove_logo")),
        printer=printer(),
        actor=visit.actor,
        now=visit.desk.clock.now(),
    )
    return True


def _present(visit: Visit, found: OrganizationBrand | None) -> Branding:
    if found is None:
        return Branding(visit.organization.name)
    return Branding(**{key: getattr(found, key) for key in Branding.__dataclass_fields__})
