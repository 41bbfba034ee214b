"""Tax receipts: the list, one with its PDF, and what staff do about it; a year's statement of a donor (A-25)."""

from functools import partial
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.mail_given_year import mail_given_year
from paidthru.actions.replace_tax_receipt import replace_tax_receipt
from paidthru.actions.void_tax_receipt import void_tax_receipt
from paidthru.documents.queries import given_year_document, tax_receipt_document
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, first_click, in_two_steps, key_of, new_key
from paidthru.faces.console.acting_forms import ActForm, WhyForm
from paidthru.faces.console.listed import listed
from paidthru.faces.console.listing import text_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, RecordPage
from paidthru.faces.console.parts import (
    Action,
    Choice,
    EmptyState,
    Fact,
    Figure,
    Filter,
    Link,
    ListPage,
)
from paidthru.faces.console.pledge_pages import (
    RECEIPTS,
    donor_link,
    receipt_badge,
    receipt_rows,
    receipt_url,
)
from paidthru.faces.console.sentences import moments
from paidthru.faces.console.views.documents import as_pdf
from paidthru.faces.console.views.gifts import giving_tabs
from paidthru.giving.models import TaxReceipt
from paidthru.giving.queries import all_receipts_of, donors_in, receipts_in, receipts_like
from paidthru.giving.rules.receipts import rule_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.organizations.queries import brand_of
from paidthru.people.models import Party
from paidthru.people.queries import whose
from paidthru.timeline.models import Event

_ACTS = {
    "void": (
        "Void",
        "Void it",
        "It isn’t valid any more, and none takes its place until you issue one. What was given stays.",
    ),
    "replace": (
        "Replace",
        "Issue another one",
        "Another one with the name, address and letterhead of today takes its place, numbered anew. It is mailed.",
    ),
}
_NO_COUNTRY = (
    "The letterhead names no country, so receipts don’t say what its tax law asks for. Enter it under Settings,"
    " Documents; receipts from then on say it, and older ones can be replaced."
)


@staff_page("view")
def receipt_list(visit: Visit) -> HttpResponseBase:
    """The tax receipts by number, the newest first."""
    request = visit.request
    text, state, year = text_in(request, "q"), text_in(request, "state"), text_in(request, "year")
    found = all_receipts_of(visit.organization.id).filter(whose(visit.organization.id, text))
    if state in ("issued", "void"):
        found = found.filter(state=state)
    if year.isascii() and year.isdigit() and len(year) == 4:
        found = found.filter(given_on__year=int(year))
    mail = Action("Mail a year’s statements", visit.url("tax-receipts/year/"))
    brand = brand_of(visit.organization.id)
    this_year = visit.desk.today.year
    return listed(
        visit,
        found,
        partial(receipt_rows, visit),
        ListPage(
            title="Tax receipts",
            columns=RECEIPTS,
            rows=(),
            empty=EmptyState(
                "No tax receipts",
                "They are issued by themselves when a gift is paid, where the settings say so.",
            ),
            filters=(
                Filter("q", "Name, e-mail or number", "search", text),
                Filter(
                    "year",
                    "Given in",
                    "choice",
                    year,
                    (
                        Choice("", "All years"),
                        *(Choice(str(one), str(one)) for one in range(this_year, this_year - 8, -1)),
                    ),
                ),
                Filter(
                    "state",
                    "State",
                    "choice",
                    state,
                    (Choice("", "Valid and void"), Choice("issued", "Valid"), Choice("void", "Void")),
                ),
            ),
            tabs=giving_tabs(visit, "receipts"),
            intro="" if brand is not None and brand.country else _NO_COUNTRY,
            actions=(mail,) if visit.may("charge") else (),
            noun=("tax receipt", "tax receipts"),
        ),
        current="donations",
        sorts=["number"],
        default="-number",
        file="tax-receipts",
    )


@staff_page("view")
def one_receipt(visit: Visit, receipt_id: UUID) -> HttpResponseBase:
    """A tax receipt: what it says, by which rule, and what became of it."""
    one = _found(visit, receipt_id)
    here, acts = receipt_url(visit, one.id), list[Action]()
    newest = receipts_like(one).latest("number")
    if visit.may("charge"):
        acts += [Action("Void", f"{here}void/")] if one.state == "issued" else []
        acts += [Action("Replace", f"{here}replace/")] if newest == one else []
    year = one.given_on.year
    acts += [
        Action(f"All of {year} (PDF)", visit.url(f"members/{one.party_id}/given/{year}/")),
        Action("Duplicate (PDF)", f"{here}pdf/?duplicate=1"),
        Action("PDF", f"{here}pdf/", "primary"),
    ]
    rule = rule_of(one.country, one.given_on)
    happened = Event.objects.filter(organization=visit.organization, subject_id=one.id).order_by("-id")
    return visit.page(
        RecordPage(
            title=one.donor,
            kind="Tax receipt",
            number=str(one.number),
            badges=(receipt_badge(one),),
            figures=(
                Figure("Amount", Money(one.amount_minor, one.currency)),
                Figure("Eligible", Money(one.amount_minor - one.advantage_minor, one.currency)),
            ),
            facts=(
                Fact("Donor", donor_link(visit, one.party)),
                Fact("Address", one.address or None),
                Fact("Given on", one.given_on),
                Fact("Issued on", one.issued_on),
                Fact(
                    "Replaces",
                    Link(str(one.replaces.number), receipt_url(visit, one.replaces.id))
                    if one.replaces
                    else None,
                ),
                Fact(
                    "Replaced by",
                    Link(str(newest.number), receipt_url(visit, newest.id)) if newest != one else None,
                ),
                Fact("It says", one.statement or None),
                Fact("By the rule of", f"{one.country}: {rule.source}" if rule else None),
            ),
            actions=tuple(acts),
            timeline=moments(happened[:50], visit.organization.locale),
            crumbs=(Link("Tax receipts", visit.url("tax-receipts/")),),
        ),
        "donations",
    )


@staff_page("view")
def pdf(visit: Visit, receipt_id: UUID) -> HttpResponseBase:
    """The receipt as it was issued; a duplicate is marked as one."""
    duplicate = bool(visit.request.GET.get("duplicate"))
    return as_pdf(tax_receipt_document(visit.organization, _found(visit, receipt_id), duplicate=duplicate))


@staff_page("view")
def given_year(visit: Visit, party_id: UUID, year: int) -> HttpResponseBase:
    """What a donor gave in a calendar year, by their valid receipts."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    found = list(receipts_in(visit.organization.id, year, party.id)) if 1 <= year <= 9999 else []
    if not found:
        raise Http404
    desk = visit.desk
    return as_pdf(
        given_year_document(visit.organization, party, year, found, today=desk.today, now=desk.clock.now())
    )


class YearForm(ActForm):
    """A year that is over."""

    year = forms.IntegerField(
        label="Year", min_value=1, max_value=9999, widget=forms.NumberInput(attrs={"class": "input"})
    )


@staff_page("charge")
def mail_year(visit: Visit) -> HttpResponseBase:
    """Mails every donor what they gave in a year, each once; to how many is shown first."""
    here, back = visit.url("tax-receipts/year/"), visit.url("tax-receipts/")
    today = visit.desk.today
    form = YearForm(visit.request.POST or None, initial=new_key() | {"year": today.year - 1})

    def confirm(form: YearForm) -> ConfirmPage:
        year = form.cleaned_data["year"]
        donors = donors_in(visit.organization.id, year) if year < today.year else []
        return ConfirmPage(
            title=f"Mail what was given in {year}?",
            confirm=Confirm(
                action_url=here,
                label=f"Mail {len(donors)} donors" if donors else "",
                consequences=(
                    f"{len(donors)} donors are mailed a statement of {year} as PDF, which lists their valid receipts.",
                    "Who has no address, or was mailed it before, isn’t mailed.",
                )
                if year < today.year
                else (f"{year} is not over: a statement would not be of all of it.",),
                digest=digest_of(year, [str(one) for one in donors]),
                cancel_url=back,
                fields=form.again(),
            ),
        )

    def done(form: YearForm) -> HttpResponseBase:
        year, now = form.cleaned_data["year"], visit.desk.clock.now()
        if first_click(visit, key_of(visit), "mail_given_year"):
            told = mail_given_year(visit.organization, year, actor=visit.actor, now=now)
            messages.success(visit.request, f"{len(told)} donors are mailed what they gave in {year}.")
        return redirect(back)

    return in_two_steps(
        visit,
        form,
        entry=lambda form: FormPage(
            title="Mail a year’s statements",
            form=form,
            submit_label="See to whom",
            cancel_url=back,
            intro="Each donor is mailed what they gave in the year, once.",
        ),
        confirm=confirm,
        done=done,
        after=back,
        current="donations",
    )


@staff_page("charge")
def act_on(visit: Visit, receipt_id: UUID, act: str) -> HttpResponseBase:
    """Voids a receipt or puts another one in its place, with a reason. Posted twice it is done once."""
    one = _found(visit, receipt_id)
    title, button, intro = _ACTS[act]
    form = WhyForm(visit.request.POST or None, initial=new_key())
    if visit.request.method == "POST" and form.is_valid():
        why, now = form.cleaned_data["why"], visit.desk.clock.now()
        try:
            if act == "void":
                void_tax_receipt(visit.organization, one.id, reason=why, actor=visit.actor, now=now)
                messages.success(visit.request, f"Tax receipt {one.number} is void.")
                return redirect(receipt_url(visit, one.id))
            made = replace_tax_receipt(
                visit.organization, one.id, reason=why, actor=visit.actor, now=now, key=key_of(visit)
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            messages.success(visit.request, f"Tax receipt {made.number} takes the place of {one.number}.")
            return redirect(receipt_url(visit, made.id))
    page = FormPage(
        title=f"{title} tax receipt {one.number}?",
        form=form,
        submit_label=button,
        cancel_url=receipt_url(visit, one.id),
        intro=intro,
        crumbs=(Link("Tax receipts", visit.url("tax-receipts/")),),
    )
    return visit.page(page, "donations", 422 if form.errors else 200)


def _found(visit: Visit, receipt_id: UUID) -> TaxReceipt:
    known = TaxReceipt.objects.select_related("party", "replaces")
    return get_object_or_404(known, id=receipt_id, organization=visit.organization)
