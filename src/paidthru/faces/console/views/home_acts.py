"""What staff do with a home: hand it over, autopay, end an assessment, waive a late fee (A-32, A-33)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.end_assessment import end_assessment
from paidthru.actions.switch_home_autopay import switch_home_autopay
from paidthru.assessments.models import Assessment
from paidthru.assessments.queries import owed_by_unit, parted_on
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, key_of, money_said, new_key, told
from paidthru.faces.console.acting_forms import WhyForm
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.home_forms import EndAssessmentForm, TransferForm
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Fact, Link
from paidthru.faces.console.views.homes import home_url
from paidthru.invoicing.models import Receivable
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.organizations.queries import policies_of
from paidthru.people.models import Holding, Unit
from paidthru.people.queries import one_meant
from paidthru.runs.homes import hand_over_home, waive_late_fee

_STAYS = "stay owed by whom they were billed to"


@staff_page("charge")
def transfer(visit: Visit, unit_id: UUID) -> HttpResponseBase:
    """Whose the unit is from a day on, with what each owner bears of the periods in which that day lies."""
    unit = get_object_or_404(Unit, id=unit_id, organization=visit.organization)
    after = home_url(visit, unit.id)
    former = Holding.objects.filter(unit=unit, role="owner", until_on=None).select_related("party").first()

    def said(form: TransferForm) -> ConfirmPage:
        party = one_meant(visit.organization.id, form.cleaned_data["name"])
        on = form.cleaned_data["on"]
        since = day_text(on, visit.organization.locale)
        lines = [
            f"{unit.name} is {party.name}’s from {since} on; what comes due from then on is billed to them."
        ]
        owed = owed_by_unit(unit.id)
        if former is not None:
            follows = (
                policies_of(visit.organization).word("transfer.arrears") == "follow"
                and on <= visit.desk.today
            )
            open_ = "are asked of {to}, but for what is paid in part or being paid" if follows else _STAYS
            lines += [
                f"{money_said(visit, minor, currency)} that are open {open_.format(to=party.name)}."
                for currency, minor in sorted(owed.items())
            ]
            lines += [statement.sentence for statement in parted_on(unit.id, on)]
        return ConfirmPage(
            title=f"Transfer {unit.name}?",
            confirm=Confirm(
                visit.request.path,
                "Transfer it",
                tuple(lines),
                digest=digest_of(unit.id, party.id, on, owed),
                cancel_url=after,
                fields=form.again(),
            ),
            crumbs=(Link("Homes", visit.url("homes/")), Link(unit.name, after)),
        )

    def done(form: TransferForm) -> HttpResponseBase:
        party = one_meant(visit.organization.id, form.cleaned_data["name"])
        hand_over_home(
            visit.desk, unit.id, party.id, on=form.cleaned_data["on"], actor=visit.actor, key=key_of(visit)
        )
        messages.success(visit.request, f"{unit.name} is {party.name}’s.")
        return redirect(after)

    form = TransferForm(visit.request.POST or None, initial=new_key() | {"on": visit.desk.today})
    entry = FormPage(
        title=f"Transfer {unit.name}" if former else f"Name the owner of {unit.name}",
        form=form, submit_label="Continue", cancel_url=after, intro="",
    )  # fmt: skip
    return in_two_steps(
        visit, form, entry=lambda _: entry, confirm=said, done=done, after=after, current="homes"
    )


@staff_page("charge")
def end(visit: Visit, assessment_id: UUID) -> HttpResponseBase:
    """No further period of an assessment is billed after a day."""
    one = get_object_or_404(
        Assessment.objects.select_related("unit"), id=assessment_id, organization=visit.organization
    )
    back = home_url(visit, one.unit_id)
    form = EndAssessmentForm(visit.request.POST or None, initial=new_key() | {"on": visit.desk.today})
    if visit.request.method == "POST" and form.is_valid():
        on = form.cleaned_data["on"]
        end_assessment(visit.organization, one.id, on=on, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"{one.name} of {one.unit.name} ends.")
        return redirect(back)
    page = FormPage(
        title=f"End {one.name} of {one.unit.name}",
        form=form,
        submit_label="End it",
        cancel_url=back,
        intro="",
    )
    return visit.page(page, "homes", 422 if form.errors else 200)


@staff_page("charge")
def autopay(visit: Visit, unit_id: UUID) -> HttpResponseBase:
    """Takes down that the owner agreed to be charged for a home by itself, or doesn't any more."""
    unit = get_object_or_404(Unit, id=unit_id, organization=visit.organization)
    back = home_url(visit, unit.id)
    owner = Holding.objects.filter(unit=unit, role="owner", until_on=None).first()
    if visit.request.method == "POST" and owner is not None:
        try:
            switch_home_autopay(
                visit.organization, unit.id, owner.party_id, on=visit.request.POST.get("on") == "yes",
                actor=visit.actor, now=visit.desk.clock.now(),
            )  # fmt: skip
        except Refused as refused:
            return told(visit, refused, back)
    return redirect(back)


@staff_page("credit")
def waive(visit: Visit, receivable_id: UUID) -> HttpResponseBase:
    """A late fee is not owed any more, for a reason; it doesn't come again for its period (A-33)."""
    fee = get_object_or_404(
        Receivable.objects.select_related("party"), id=receivable_id, organization=visit.organization, kind="late_fee"
    )  # fmt: skip
    unit = get_object_or_404(Unit, id=fee.source_id, organization=visit.organization)
    back, open_ = home_url(visit, unit.id), money_said(visit, fee.balance_minor, fee.currency)
    crumbs = (Link("Homes", visit.url("homes/")), Link(unit.name, back))

    def entry(form: WhyForm) -> FormPage:
        return FormPage(
            title=f"Waive the late fee of {unit.name}", form=form, submit_label="See what it does", cancel_url=back,
            intro=f"{open_} of {fee.party.name}.", crumbs=crumbs,
        )  # fmt: skip

    def confirm(form: WhyForm) -> ConfirmPage:
        facts = (
            Fact("Unit", unit.name), Fact("Owed by", fee.party.name),
            Fact("Open", Money(fee.balance_minor, fee.currency)), Fact("Reason", form.cleaned_data["why"]),
        )  # fmt: skip
        return ConfirmPage(
            title="Waive the late fee?",
            confirm=Confirm(
                visit.request.path,
                "Waive it",
                (
                    f"{fee.party.name} no longer owes {open_}; the income of it is taken back.",
                    "It doesn’t come again for this period. What it was charged for stays owed.",
                ),
                digest=digest_of(fee.id, fee.state, fee.balance_minor),
                cancel_url=back,
                fields=form.again(),
            ),
            facts=facts,
            crumbs=crumbs,
        )

    def done(form: WhyForm) -> HttpResponseBase:
        waive_late_fee(
            visit.desk, fee.id, reason=form.cleaned_data["why"], actor=visit.actor, key=key_of(visit)
        )
        messages.success(visit.request, f"The late fee of {open_} is waived.")
        return redirect(back)

    form = WhyForm(
        visit.request.POST or None, initial=new_key(), label="Reason", note="It stands in the timeline."
    )
    if visit.request.method != "POST" and fee.state != "open":
        return told(visit, Refused("late_fee_closed", "Nothing of this late fee is open any more."), back)
    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="homes")
