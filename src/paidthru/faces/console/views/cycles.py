"""A cycle that counts as paid, and a failed one that is resolved: what it does is shown first (C-37, C-39, X12)."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect

from paidthru.actions.mark_cycle_paid import mark_cycle_paid
from paidthru.actions.set_renewal_date import preview_renewal_date
from paidthru.faces.console.access import Visit
from paidthru.faces.console.acting import digest_of, in_two_steps, money_said, new_key
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.change_forms import COLLECTED, CyclePaidForm, ResolveForm
from paidthru.faces.console.formats import reader_text
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.views.changing import crumbs_of, on_membership, said_day
from paidthru.faces.console.views.invoice_acts import say_how_it_went
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.operations.settling_cycles import MONEY_CAME, REASONS
from paidthru.membership.queries.changing import open_cycles_shown
from paidthru.membership.queries.paying import asked_for
from paidthru.payments.queries import active_method
from paidthru.people.models import Party
from paidthru.runs import changes


@on_membership("record_payment")
def paid(visit: Visit, party: Party, current: Membership) -> HttpResponseBase:
    """Marks the current billing cycle as paid: a box to check, with its warning (C-37, C-39)."""
    back = member_url(visit, party.id)
    form = CyclePaidForm(visit.request.POST or None, initial=new_key())

    def entry(form: CyclePaidForm) -> FormPage:
        return FormPage(
            title="Mark current billing cycle as paid",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{party.name}, {current.plan.name}. {_owed(visit, current)}",
            aside=(
                COLLECTED,
                "Money by check, in cash, at a terminal or by transfer is recorded as a payment.",
                "With the other two reasons what is owed is credited, for no money comes in here.",
                "The next charge comes with the next cycle.",
            ),
            crumbs=crumbs_of(visit, party),
        )

    def confirm(form: CyclePaidForm) -> ConfirmPage:
        said = _said_of_paid(visit, party, current, form.cleaned_data["reason"])
        return ConfirmPage(
            title=f"Mark the cycle of {party.name} as paid?",
            confirm=Confirm(
                action_url=f"{back}paid/",
                label="Mark as paid",
                consequences=said,
                digest=digest_of(party.id, said),
                cancel_url=back,
                fields=form.again(),
                acknowledge=""
                if form.cleaned_data["reason"] not in MONEY_CAME
                else "The funds were actually collected.",
            ),
            text=COLLECTED,
            crumbs=crumbs_of(visit, party),
        )

    def done(form: CyclePaidForm) -> HttpResponseBase:
        mark_cycle_paid(
            visit.organization,
            party.id,
            reason=form.cleaned_data["reason"],
            why=form.cleaned_data["why"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=form.cleaned_data["key"],
        )
        messages.success(visit.request, f"The cycle of {party.name} counts as paid.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")


def _oldest(current: Membership) -> tuple[str, int, str] | None:
    """The first cycle that is owed for: its first day as text, what is owed, the currency."""
    found = open_cycles_shown(current.id, date.max)
    return (found[0][0].isoformat(), found[0][1], found[0][2]) if found else None


def _owed(visit: Visit, current: Membership) -> str:
    oldest = _oldest(current)
    if oldest is None:
        return "Nothing is owed for a cycle now."
    start, amount, currency = oldest
    amount_said = money_said(visit, amount, currency)
    return f"{amount_said} is owed for the cycle from {reader_text(start, visit.organization.locale)}."


def _said_of_paid(visit: Visit, party: Party, current: Membership, reason: str) -> tuple[str, ...]:
    if reason not in MONEY_CAME:
        visit.must("credit")  # nothing comes in: what is owed is given up
    oldest = _oldest(current)
    said: list[str] = []
    if oldest is not None:
        start, amount, currency = oldest
        money = money_said(visit, amount, currency)
        cycle = f"the cycle from {reader_text(start, visit.organization.locale)}"
        if reason in MONEY_CAME:
            said.append(f"Records a payment of {money} for {cycle}: {REASONS[reason].lower()}.")
        else:
            said.append(f"Credits {money} of {cycle}, for no money comes in here: {REASONS[reason].lower()}.")
    elif current.renewed_through is None and current.next_bill_on is not None:
        said.append(f"The first cycle, from {said_day(visit, current.next_bill_on)}, counts as paid.")
    else:
        raise Refused(
            "invoice_paid",
            "No cycle of this member is unpaid.",
            field="reason",
            fix="Record the money as a payment; it stands as credit.",
        )
    said.append("The label becomes Active again, as long as nothing else stands in the way.")
    if current.next_bill_on is not None and current.renewed_through is not None:
        said.append(f"The next charge is on {said_day(visit, current.next_bill_on)}.")
    if active_method(current.paid_by) is None:
        said.append("There is no payment method on file: the next renewal needs one.")
    return tuple(said)


@on_membership("charge")
def resolve(visit: Visit, party: Party, current: Membership) -> HttpResponseBase:
    """Resolves a failed cycle: paid outside, charged now, waived or skipped, with the renewal date in the same act."""
    back = member_url(visit, party.id)
    method = active_method(asked_for(current))
    form = ResolveForm(
        visit.request.POST or None, initial=new_key(), today=visit.desk.today, chargeable=method is not None
    )

    def entry(form: ResolveForm) -> FormPage:
        return FormPage(
            title="Resolve the failed cycle",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{party.name}, {current.plan.name}. {_owed(visit, current)}",
            aside=(
                "One act: nothing can be charged between its parts, and no cycle is charged twice.",
                "A renewal date to come makes sure that nothing is charged before it.",
            ),
            crumbs=crumbs_of(visit, party),
        )

    def confirm(form: ResolveForm) -> ConfirmPage:
        said = _said_of_resolving(visit, party, current, form)
        return ConfirmPage(
            title=f"Resolve the failed cycle of {party.name}?",
            confirm=Confirm(
                action_url=f"{back}resolve/",
                label="Resolve it",
                consequences=said,
                digest=digest_of(party.id, said, method.id if method else None),
                cancel_url=back,
                fields=form.again(),
                acknowledge="The funds were actually collected."
                if form.cleaned_data["way"] == "paid_outside"
                else "",
            ),
            crumbs=crumbs_of(visit, party),
        )

    def done(form: ResolveForm) -> HttpResponseBase:
        clean = form.cleaned_data
        resolved = changes.resolve(
            visit.desk,
            party.id,
            changes.resolution(
                clean["way"], reason=clean["reason"], why=clean["why"], renewal_on=clean["renewal_date"]
            ),
            actor=visit.actor,
            key=clean["key"],
        )
        messages.success(visit.request, f"The failed cycle of {party.name} is resolved.")
        if resolved.invoice_id is not None:
            say_how_it_went(visit, resolved.invoice_id)
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")


def _said_of_resolving(visit: Visit, party: Party, current: Membership, form: ResolveForm) -> tuple[str, ...]:
    oldest, clean = _oldest(current), form.cleaned_data
    if oldest is None:
        raise Refused(
            "invoice_paid",
            "No cycle of this member is unpaid.",
            fix="Nothing has to be resolved; a charge can be made by itself.",
        )
    start, amount, currency = oldest
    money = money_said(visit, amount, currency)
    cycle = f"the cycle from {reader_text(start, visit.organization.locale)}"
    method = active_method(asked_for(current))
    match clean["way"]:
        case "paid_outside":
            said = [f"Records a payment of {money} for {cycle}: {REASONS[clean['reason']].lower()}."]
        case "charge_now":
            to = f"{method.brand} ending in {method.last4}" if method else "the payment method on file"
            said = [f"Charges {money} for {cycle} to {to}, now. A try under way is not doubled."]
        case "waive":
            said = [f"Credits {money}: nothing is owed for {cycle}, which counts as paid."]
        case _:
            said = [f"Asks no more for {money} of {cycle}, which stays unpaid. Planned retries don’t come."]
    to_day = clean["renewal_date"]
    if to_day is not None:
        found = preview_renewal_date(visit.organization, party.id, to_day, now=visit.desk.clock.now())
        said += [
            reader_text(text, visit.organization.locale)
            for text, change in zip(found.said, found.move.changes, strict=False)
            if change.become != "replaced"
        ]
    next_on = to_day or current.next_bill_on
    if next_on is not None:
        said.append(f"The next charge by itself is on {said_day(visit, next_on)}.")
    return tuple(said)
