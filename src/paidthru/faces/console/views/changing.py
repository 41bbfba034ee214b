"""Changing a running membership: another plan, the renewal date, set active, dates. What it does is shown first."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.set_active import set_active
from paidthru.actions.set_dates import Dates, set_dates
from paidthru.actions.set_renewal_date import preview_renewal_date, set_renewal_date
from paidthru.actions.switch_plan import SwitchPreview, preview_switch
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, in_two_steps, money_said, new_key, told
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.change_forms import ActiveForm, DatesForm, RenewalDateForm, SwitchForm
from paidthru.faces.console.formats import day_text, instant_text, reader_text
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Fact, Link
from paidthru.faces.console.views.invoice_acts import say_how_it_went
from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership
from paidthru.membership.queries import membership_of, plans_of
from paidthru.membership.queries.changing import open_cycles_shown
from paidthru.payments.queries import active_method, credit_of
from paidthru.people.models import Party
from paidthru.runs import changes


def party_of(visit: Visit, party_id: UUID) -> Party:
    """The person, of this organization."""
    return get_object_or_404(Party, id=party_id, organization=visit.organization)


def crumbs_of(visit: Visit, party: Party) -> tuple[Link, ...]:
    """The way back."""
    return (
        Link(visit.words.titled("members"), visit.url("members/")),
        Link(party.name, member_url(visit, party.id)),
    )


def current_of(visit: Visit, party: Party) -> Membership:
    """The person's membership that goes on. Refused `not_a_member`."""
    found = membership_of(party.id)
    if found is None or found.state == "ended":
        raise Refused(
            "not_a_member", f"{party.name} has no membership.", field="member", fix="Add a membership first."
        )
    return found


View = Callable[[Visit, Party, Membership], HttpResponseBase]


def on_membership(act: str) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """A page about a person's membership that goes on, for roles that allow `act`; where there is none, back to the
    person with the reason."""

    def wrap(view: View) -> Callable[..., HttpResponseBase]:
        @staff_page(act)
        def page(visit: Visit, party_id: UUID) -> HttpResponseBase:
            party = party_of(visit, party_id)
            try:
                current = current_of(visit, party)
            except Refused as refused:
                return told(visit, refused, member_url(visit, party.id))
            return view(visit, party, current)

        return page

    return wrap


def said_day(visit: Visit, on: date) -> str:
    """A date in the reader's way."""
    return day_text(on, visit.organization.locale)


# ---------------------------------------------------------------- another plan


@on_membership("renew")
def switch(visit: Visit, party: Party, current: Membership) -> HttpResponseBase:
    """Another plan for the member: what will be billed, and when, before it is done (X15)."""
    back = member_url(visit, party.id)
    chosen = current.next_plan_id or current.plan_id
    plans = [
        (plan.id, plan.name)
        for plan in plans_of(visit.organization.id)
        if plan.id != chosen
        and (not plan.closed or plan.id == current.plan_id)
        and plan.currency == current.plan.currency
    ]
    form = SwitchForm(visit.request.POST or None, initial=new_key(), plans=plans, plan=visit.words.plan)

    def preview(form: SwitchForm) -> SwitchPreview:
        return preview_switch(
            visit.organization,
            party.id,
            UUID(form.cleaned_data["plan"]),
            actor=visit.actor,
            now=visit.desk.clock.now(),
        )

    def entry(form: SwitchForm) -> FormPage:
        return FormPage(
            title=f"Switch {visit.words.plan}",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{party.name} is on {current.plan.name}.",
            aside=("Nothing is changed yet: the next step shows what will be billed, and when.",),
            crumbs=crumbs_of(visit, party),
        )

    def confirm(form: SwitchForm) -> ConfirmPage:
        found = preview(form)
        said = _said_of_switch(visit, party, current, found)
        return ConfirmPage(
            title=f"Switch {party.name} to {found.plan.name}?",
            confirm=Confirm(
                action_url=f"{back}switch/",
                label=f"Switch to {found.plan.name}",
                consequences=said,
                digest=digest_of(party.id, current.id, found.plan.id, said),
                cancel_url=back,
                fields=form.again(),
            ),
            facts=tuple(Fact("Why", reader_text(text, visit.organization.locale)) for text in _whys(found)),
            crumbs=crumbs_of(visit, party),
        )

    def done(form: SwitchForm) -> HttpResponseBase:
        switched = changes.switch(
            visit.desk,
            party.id,
            UUID(form.cleaned_data["plan"]),
            actor=visit.actor,
            key=form.cleaned_data["key"],
        )
        messages.success(visit.request, f"{party.name}’s {visit.words.plan} is changed.")
        if switched.invoice_id is not None:
            say_how_it_went(visit, switched.invoice_id)
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")


def _whys(found: SwitchPreview) -> tuple[str, ...]:
    return (*(str(line.derivation["text"]) for line in found.lines), *found.counted)


def _said_of_switch(visit: Visit, party: Party, current: Membership, found: SwitchPreview) -> tuple[str, ...]:
    """What the switch does, a sentence each."""
    to, old = found.plan.name, current.plan.name
    if found.when == "undone":
        return (f"{party.name} stays on {old}: the change at the next renewal is taken back.",)
    if found.when == "next_renewal":
        said = [f"{party.name} stays on {old} until the next renewal; nothing is billed before."]
        if found.bills_on is not None:
            said.append(f"The term from {said_day(visit, found.bills_on)} is billed by {to}.")
        else:
            said.append(f"{to} is not billed by itself.")
        return tuple(said)
    if found.when == "at_once":
        said = [f"{party.name} is on {to} from today; nothing is billed for it."]
        if found.plan.kind == "non_recurring":
            said.append("It has no renewal date. To bill it, make a charge from the member’s page.")
        elif found.bills_on is not None:
            said.append(f"It bills on {said_day(visit, found.bills_on)}.")
        elif found.plan.kind == "subscription":
            said.append("There is no renewal date yet: nothing is billed until you set one.")
        return tuple(said)
    return _said_of_now(visit, party, old, found)


def _said_of_now(visit: Visit, party: Party, old: str, found: SwitchPreview) -> tuple[str, ...]:
    currency = found.currency
    said = [f"{old} ends today, and {found.plan.name} begins."]
    if found.unused_minor:
        said.append(
            f"Credits {money_said(visit, found.unused_minor, currency)} for what is paid of {old} and not used."
        )
    else:
        said.append(f"What was paid for {old} is not taken into account.")
    if found.owed_no_more_minor:
        dropped = money_said(visit, found.owed_no_more_minor, currency)
        said.append(f"{dropped} that is unpaid for the days after today is owed no more.")
    if found.period is None:
        return (*said, f"Nothing is billed for {found.plan.name}.")
    through = said_day(visit, found.period.through)
    said.append(
        f"Bills {money_said(visit, found.amount_minor, currency)} today, for the term through {through}."
    )
    current = membership_of(party.id)
    pays = current.paid_by if current else party.id
    used = min(credit_of(pays).get(currency, 0) + found.unused_minor, found.amount_minor)
    if used:
        said.append(f"Uses {money_said(visit, used, currency)} of the credit on account first.")
    method, rest = active_method(pays), found.amount_minor - used
    if rest and method is not None:
        said.append(
            f"Charges {money_said(visit, rest, currency)} to {method.brand} ending in {method.last4}, now."
        )
    elif rest:
        said.append("There is no payment method on file: the invoice stays open.")
    return tuple(said)


# ---------------------------------------------------------------- the renewal date


@on_membership("renew")
def renewal_date(visit: Visit, party: Party, current: Membership) -> HttpResponseBase:
    """The day on which the next term bills: what will be charged, and when, before it is done (P-14)."""
    back, today = member_url(visit, party.id), visit.desk.today
    start = {**new_key(), "renewal_date": current.next_bill_on}
    form = RenewalDateForm(visit.request.POST or None, initial=start, today=today)

    def entry(form: RenewalDateForm) -> FormPage:
        return FormPage(
            title=visit.words.titled("renewal_date"),
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{party.name}, {current.plan.name}.",
            aside=(
                "Nothing is changed yet: the next step shows what will be charged, and when.",
                "A date to come makes sure that nothing is charged before it.",
            ),
            crumbs=crumbs_of(visit, party),
        )

    def confirm(form: RenewalDateForm) -> ConfirmPage:
        to = form.cleaned_data["renewal_date"]
        found = preview_renewal_date(visit.organization, party.id, to, now=visit.desk.clock.now())
        said = [reader_text(text, visit.organization.locale) for text in found.said]
        if found.next is not None:
            amount = money_said(visit, found.next.amount_minor, found.next.currency)
            if found.charged_at is not None:
                at = instant_text(found.charged_at, visit.organization.zone, visit.organization.locale)
                verb = "Bills and charges" if current.autopay else "Bills"
                said.append(f"The date is past. {verb} {amount} at the top of the hour, {at}.")
            else:
                said.append(f"Bills {amount} on {said_day(visit, found.next.on)}, and nothing before.")
        past = to < today
        return ConfirmPage(
            title=f"Set the {visit.words.renewal_date} of {party.name} to {said_day(visit, to)}?",
            confirm=Confirm(
                action_url=f"{back}renewal-date/",
                label=f"Set the {visit.words.renewal_date}",
                consequences=tuple(said),
                digest=digest_of(party.id, to, said),
                cancel_url=back,
                fields=form.again(),
                danger=past,
                acknowledge="I know that the date is past." if past else "",
            ),
            facts=(Fact("Why", reader_text(found.next.why, visit.organization.locale)),)
            if found.next
            else (),
            crumbs=crumbs_of(visit, party),
        )

    def done(form: RenewalDateForm) -> HttpResponseBase:
        set_renewal_date(
            visit.organization,
            party.id,
            form.cleaned_data["renewal_date"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            confirmed=visit.request.POST.get("acknowledge") == "yes",
            why=form.cleaned_data["why"],
            key=form.cleaned_data["key"],
        )
        messages.success(visit.request, f"The {visit.words.renewal_date} of {party.name} is set.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")


# ---------------------------------------------------------------- set active


@on_membership("renew")
def active(visit: Visit, party: Party, current: Membership) -> HttpResponseBase:
    """Sets a member active who failed to pay: nothing more is tried before a renewal date that lies ahead (P-12)."""
    back, today = member_url(visit, party.id), visit.desk.today
    start = {**new_key(), "renewal_date": current.next_bill_on}
    form = ActiveForm(visit.request.POST or None, initial=start, today=today)

    def entry(form: ActiveForm) -> FormPage:
        return FormPage(
            title="Set active",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{party.name}, {current.plan.name}.",
            aside=(
                "Nothing more is tried for the failed cycle, and nothing is charged before the renewal date.",
                "If the member has paid, mark the cycle as paid instead.",
            ),
            crumbs=crumbs_of(visit, party),
        )

    def confirm(form: ActiveForm) -> ConfirmPage:
        to = form.cleaned_data["renewal_date"]
        said = [
            f"{money_said(visit, amount, currency)} that is unpaid of the term from"
            f" {said_day(visit, start)} is asked for no more."
            for start, amount, currency in open_cycles_shown(current.id, today)
        ]
        said.append("Retries that were planned don’t come.")
        if to != current.next_bill_on:
            found = preview_renewal_date(visit.organization, party.id, to, now=visit.desk.clock.now())
            said += [reader_text(text, visit.organization.locale) for text in found.said]
        said.append(f"The next attempt is on {said_day(visit, to)}.")
        return ConfirmPage(
            title=f"Set {party.name} active?",
            confirm=Confirm(
                action_url=f"{back}active/",
                label="Set active",
                consequences=tuple(said),
                digest=digest_of(party.id, to, said),
                cancel_url=back,
                fields=form.again(),
            ),
            crumbs=crumbs_of(visit, party),
        )

    def done(form: ActiveForm) -> HttpResponseBase:
        to = form.cleaned_data["renewal_date"]
        set_active(
            visit.organization,
            party.id,
            actor=visit.actor,
            now=visit.desk.clock.now(),
            renewal_on=to if to != current.next_bill_on else None,
            why=form.cleaned_data["why"],
            key=form.cleaned_data["key"],
        )
        messages.success(visit.request, f"{party.name} is set active.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")


# ---------------------------------------------------------------- dates by hand


@on_membership("renew")
def dates(visit: Visit, party: Party, current: Membership) -> HttpResponseBase:
    """A membership's dates, set by hand with a reason; what was stays on record (C-24)."""
    back = member_url(visit, party.id)
    form = DatesForm(visit.request.POST or None, initial=new_key(), today=visit.desk.today)
    names = {"joined_on": "Joined", "anchor_on": "Anchor", "paid_through": "Paid through"}

    def entry(form: DatesForm) -> FormPage:
        return FormPage(
            title="Set dates",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{party.name}, {current.plan.name}. A field left empty stays as it is.",
            aside=("Nothing is billed by this. The dates as they were stay on record, with the reason.",),
            crumbs=crumbs_of(visit, party),
        )

    def confirm(form: DatesForm) -> ConfirmPage:
        said = []
        for name, title in names.items():
            if to := form.cleaned_data.get(name):
                was = getattr(current, name)
                said.append(
                    f"{title}: {said_day(visit, to)} instead of {said_day(visit, was) if was else 'none'}."
                )
        through = form.cleaned_data.get("paid_through")
        if through and current.plan.kind == "subscription":
            next_on = date.fromordinal(through.toordinal() + 1)
            said.append(f"The next term bills on {said_day(visit, next_on)}.")
        return ConfirmPage(
            title=f"Set the dates of {party.name}?",
            confirm=Confirm(
                action_url=f"{back}dates/",
                label="Set the dates",
                consequences=tuple(said),
                digest=digest_of(party.id, said),
                cancel_url=back,
                fields=form.again(),
            ),
            crumbs=crumbs_of(visit, party),
        )

    def done(form: DatesForm) -> HttpResponseBase:
        clean = form.cleaned_data
        set_dates(
            visit.organization,
            party.id,
            Dates(clean.get("joined_on"), clean.get("anchor_on"), clean.get("paid_through")),
            why=clean["why"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=clean["key"],
        )
        messages.success(visit.request, f"The dates of {party.name} are set.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")
