"""A membership is canceled, or goes on after all: what happens then is shown first (C-46, P-17)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.undo_cancellation import undo_cancellation
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, money_said, new_key, told
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.ending_forms import CancelForm
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Fact
from paidthru.faces.console.views.changing import crumbs_of, current_of, party_of, said_day
from paidthru.kernel.errors import Refused
from paidthru.membership.queries import membership_of
from paidthru.membership.queries.ending import CancelPreview, OpenBill, cancel_preview, refuse_over
from paidthru.organizations.queries import policies_of
from paidthru.runs import cancel as cancel_now


@staff_page("renew")
def cancel(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Ends a membership with its cycle, on a day, or at once, as the policies say."""
    party = party_of(visit, party_id)
    back = member_url(visit, party.id)
    try:
        current = membership_of(party.id) if visit.request.method == "POST" else current_of(visit, party)
        if current is None:
            raise Refused("not_a_member", f"{party.name} has no membership.", fix="Add a membership first.")
    except Refused as refused:
        return told(visit, refused, back)
    if current.state == "ending" and visit.request.method != "POST":
        messages.info(visit.request, "It is canceled already.")
        return redirect(back)
    form = CancelForm(visit.request.POST or None, initial=new_key(), today=visit.desk.today)

    def entry(form: CancelForm) -> FormPage:
        return FormPage(
            title="Cancel the membership",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{party.name}, {current.plan.name}.",
            aside=(
                "Nothing is written yet: the next step shows the last day, and what is still owed.",
                "Until it takes effect it can be undone.",
            ),
            crumbs=crumbs_of(visit, party),
        )

    def confirm(form: CancelForm) -> ConfirmPage:
        refuse_over(current)
        preview = cancel_preview(
            current,
            policies_of(visit.organization),
            visit.desk.today,
            wanted=form.cleaned_data["on"],
            by_staff=True,
        )
        said = cancel_said(visit, preview)
        return ConfirmPage(
            title=f"Cancel {current.plan.name} of {party.name}?",
            confirm=Confirm(
                action_url=f"{back}cancel/",
                label="Cancel the membership",
                consequences=said,
                digest=digest_of(current.id, current.state, said),
                cancel_url=back,
                fields=form.again(),
                danger=True,
            ),
            facts=(Fact("Last day", preview.decided.last_day), Fact("Why", form.cleaned_data["why"])),
            crumbs=crumbs_of(visit, party),
        )

    def done(form: CancelForm) -> HttpResponseBase:
        clean = form.cleaned_data
        canceled = cancel_now(
            visit.desk, current.id, on=clean["on"], why=clean["why"], actor=visit.actor, key=clean["key"]
        )
        messages.success(
            visit.request, f"{party.name}’s membership is over from {said_day(visit, canceled.on)} on."
        )
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")


def cancel_said(visit: Visit, preview: CancelPreview) -> tuple[str, ...]:
    """What a cancellation does, in exact sentences."""
    decided = preview.decided
    first = said_day(visit, decided.on)
    said = [
        "The membership ends now."
        if decided.at_once
        else f"It goes on through {said_day(visit, decided.last_day)}; until then this can be undone."
    ]
    if decided.bills_on:
        said.append(f"Terms that begin before {first} are still billed; nothing after that.")
    else:
        said.append("Nothing more is billed or charged by itself, and no failed payment is tried again.")
    said += [f"{_bill(visit, one)} is {_taken(preview)}." for one in preview.withdrawn]
    said += [f"{_bill(visit, one)} stays owed." for one in preview.owed]
    if preview.into:
        said.append(
            f"From {first} on the member is on {preview.into}; what is still owed then is written off."
        )
    return tuple(said)


def _taken(preview: CancelPreview) -> str:
    return "credited" if preview.credits else "taken back"


def _bill(visit: Visit, one: OpenBill) -> str:
    return f"Invoice {one.number}, {money_said(visit, one.balance_minor, one.currency)},"


@staff_page("renew")
def undo(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Lets a membership go on that was canceled: asked first, then done."""
    party = party_of(visit, party_id)
    back = member_url(visit, party.id)
    try:
        current = current_of(visit, party)
        if visit.request.method == "POST":
            undo_cancellation(visit.organization, current.id, actor=visit.actor, now=visit.desk.clock.now())
            messages.success(visit.request, f"{party.name}’s membership goes on.")
            return redirect(back)
    except Refused as refused:
        return told(visit, refused, back)
    page = ConfirmPage(
        title=f"Undo the cancellation of {party.name}?",
        confirm=Confirm(
            action_url=f"{back}undo/",
            label="Undo the cancellation",
            consequences=(
                f"{current.plan.name} goes on.",
                "Nothing is charged now: it bills again on its next renewal date.",
            ),
            digest=digest_of(current.id, current.state),
            cancel_url=back,
        ),
        crumbs=crumbs_of(visit, party),
    )
    return visit.page(page, "members")
