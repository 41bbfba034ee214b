"""Charging a member now, and the secret link by which they save a way to pay; staff have no card field (C-15, P-25)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import add_never_cache_headers

from paidthru.actions.make_link import LIFETIME_DAYS, make_link
from paidthru.actions.send_link import send_link
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import (
    digest_of,
    first_click,
    in_two_steps,
    money_said,
    new_key,
    told,
)
from paidthru.faces.console.acting_forms import ChargeForm
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.badges import method_text
from paidthru.faces.console.listing import id_in
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage, Problem, RecordPage, Section
from paidthru.faces.console.parts import Action, Fact, Link
from paidthru.faces.console.views.invoice_acts import say_how_it_went
from paidthru.kernel.errors import Refused
from paidthru.payments.models import Attempt, PaymentMethod
from paidthru.payments.queries import active_method, credit_of
from paidthru.people.models import Party
from paidthru.runs.charges import charge_now
from paidthru.runs.methods import forget_method
from paidthru.timeline.queries import was_done


def _party(visit: Visit, party_id: UUID) -> Party:
    return get_object_or_404(Party, id=party_id, organization=visit.organization)


def _crumbs(visit: Visit, party: Party) -> tuple[Link, ...]:
    return (
        Link(visit.words.titled("members"), visit.url("members/")),
        Link(party.name, member_url(visit, party.id)),
    )


@staff_page("charge")
def charge(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """An amount for something, billed and collected at once with the way to pay on file (P-25)."""
    party = _party(visit, party_id)
    back, method = member_url(visit, party.id), active_method(party.id)
    if method is None:
        refused = Refused(
            "no_payment_method",
            f"{party.name} has no payment method on file.",
            fix="Send them a link to save one; staff never enter card or bank details."
            if visit.takes_cards
            else "Connect a payment processor first (Settings, Payments); then send them a link to save one.",
        )
        return told(visit, refused, f"{back}link/" if visit.may("send_link") and visit.takes_cards else back)
    currency = visit.organization.currency
    form = ChargeForm(visit.request.POST or None, initial=new_key(), currency=currency)

    def entry(form: ChargeForm) -> FormPage:
        return FormPage(
            title="Charge now",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{party.name}, {method.brand} ending in {method.last4}.",
            aside=(
                "Nothing is charged yet: the next step shows exactly what will be.",
                "The invoice stays open if the payment does not succeed.",
                "Card and bank details are never entered here; members enter their own.",
            ),
            crumbs=_crumbs(visit, party),
        )

    def confirm(form: ChargeForm) -> ConfirmPage:
        return _confirm_charge(visit, party, method, form)

    def done(form: ChargeForm) -> HttpResponseBase:
        return _charged(visit, party, form)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")


def _confirm_charge(visit: Visit, party: Party, method: PaymentMethod, form: ChargeForm) -> ConfirmPage:
    currency, amount = visit.organization.currency, form.cleaned_data["amount"]
    said, credit = money_said(visit, amount, currency), credit_of(party.id).get(currency, 0)
    used = min(credit, amount)
    sentences = [f"Issues an invoice over {said}: {form.cleaned_data['purpose']}."]
    if used:
        sentences.append(f"Uses {money_said(visit, used, currency)} of the member’s credit first.")
    if amount > used:
        rest = money_said(visit, amount - used, currency)
        sentences.append(f"Charges {rest} to {method.brand} ending in {method.last4}, now.")
    return ConfirmPage(
        title=f"Charge {party.name} {said}?",
        confirm=Confirm(
            action_url=f"{member_url(visit, party.id)}charge/",
            label=f"Charge {said}",
            consequences=tuple(sentences),
            digest=digest_of(party.id, amount, form.cleaned_data["purpose"], method.id, used),
            cancel_url=member_url(visit, party.id),
            fields=form.again(),
        ),
        crumbs=_crumbs(visit, party),
    )


def _charged(visit: Visit, party: Party, form: ChargeForm) -> HttpResponseBase:
    clean, back = form.cleaned_data, member_url(visit, party.id)
    if not first_click(visit, clean["key"], f"charge {party.id}"):
        messages.info(visit.request, "That was done already; nothing was done twice.")
        return redirect(back)
    try:
        invoice = charge_now(
            visit.desk,
            party.id,
            amount_minor=clean["amount"],
            currency=visit.organization.currency,
            purpose=clean["purpose"],
            actor=visit.actor,
            key=clean["key"],
        )
    except Refused as refused:
        if not was_done(visit.organization.id, clean["key"]):
            return told(visit, refused, back)
        messages.warning(
            visit.request,
            "The invoice is issued, but it could not be collected. It can be, from its own page.",
        )
        return told(visit, refused, back)
    say_how_it_went(visit, invoice.id)
    return redirect(invoice_url(visit, invoice.id))


# ---------------------------------------------------------------- the link


def refuse_offline(visit: Visit) -> None:
    """Refuses to send anybody to a processor that isn't there."""
    if not visit.takes_cards:
        raise Refused(
            "processor_not_connected",
            "No payment processor is connected, so a member could not save a card or a bank account yet.",
            fix="Connect a processor first, in Settings, Payments; then send the link.",
        )


@staff_page("send_link")
def link(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """A secret link for the member: mailed, or shown once to be handed over; with `?attempt=`, to confirm a payment."""
    party = _party(visit, party_id)
    refuse_offline(visit)
    attempt = _attempt(visit, party)
    tail = f"?attempt={attempt.id}" if attempt else ""
    here, key = f"{member_url(visit, party.id)}link/{tail}", tuple(new_key().items())
    mail = Action(
        f"Mail it to {party.email}", f"{member_url(visit, party.id)}link/mail/", "primary", "post", fields=key
    )
    make = Action("Make a link to hand over", here, "secondary", "post")
    purpose = (
        "confirm their payment"
        if attempt
        else f"save a card or a bank account, and see and pay what they owe, and their {visit.words.membership}"
    )
    section = Section(
        "what",
        "What the member does with it",
        text=f"The link opens a page on which {party.name} can {purpose}, without signing in. What they type is seen by"
        f" the payment processor only: staff never enter card or bank details, and never see them. It works for"
        f" {LIFETIME_DAYS} days.",
    )
    shown: tuple[Fact, ...] = ()
    warning = None
    if visit.request.method == "POST":
        made, token = make_link(
            visit.organization,
            party.id,
            purpose="confirm" if attempt else "method",
            actor=visit.actor,
            now=visit.desk.clock.now(),
            attempt_id=attempt.id if attempt else None,
        )
        base = visit.desk.public_url or visit.request.build_absolute_uri("/").rstrip("/")
        shown = (
            Fact(
                "The link",
                f"{base}/m/{token}/",
                "Copy it now: it is not shown again, and nobody can look it up.",
            ),
            Fact("Works until", made.expires_at),
        )
    elif not party.email and not attempt:
        warning = Problem(
            "There is no e-mail address",
            f"{party.name} can’t be mailed.",
            way_out="Make a link and hand it over.",
        )
    answer = visit.page(
        RecordPage(
            title="Link to confirm a payment" if attempt else "Secure link to their own pages",
            intro=f"For {party.name}.",
            facts=shown or (Fact("On file now", method_text(active_method(party.id))),),
            actions=(*((mail,) if party.email and not attempt else ()), make),
            warning=warning,
            sections=(section,),
            crumbs=_crumbs(visit, party),
        ),
        "members",
    )
    add_never_cache_headers(answer)
    return answer


def _attempt(visit: Visit, party: Party) -> Attempt | None:
    wanted = id_in(visit.request, "attempt")
    if wanted is None:
        return None
    return get_object_or_404(
        Attempt, id=wanted, party=party, organization=visit.organization, state="requires_action"
    )


@staff_page("send_link")
def mail_link(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Mails the member a link to save a way to pay; pressed twice, it is one mail."""
    party = _party(visit, party_id)
    back = member_url(visit, party.id)
    key = visit.request.POST.get("key", "").replace("\0", "")[:64]
    if visit.request.method != "POST" or not key:
        return redirect(f"{back}link/")
    refuse_offline(visit)
    try:
        send_link(visit.organization, party.id, actor=visit.actor, now=visit.desk.clock.now(), key=key)
    except Refused as refused:
        return told(visit, refused, f"{back}link/")
    kept = (
        " A sandbox’s mail is kept here and leaves for nobody: make a link to open it yourself."
        if visit.organization.is_sandbox
        else ""
    )
    messages.success(visit.request, f"A link is mailed to {party.email}.{kept}")
    return redirect(f"{back}#mails")


# ---------------------------------------------------------------- taken off file


@staff_page("charge")
def remove_method(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Takes the member's way to pay off file, here and at the processor; what was read is what is removed."""
    party = _party(visit, party_id)
    back, method = member_url(visit, party.id), active_method(party.id)
    if method is None:
        messages.info(visit.request, f"{party.name} has no payment method on file.")
        return redirect(back)
    called, digest = f"{method.brand} ending in {method.last4}", digest_of(method.id)
    if visit.request.method == "POST" and visit.request.POST.get("digest") == digest:
        try:
            forget_method(visit.desk, party.id, actor=visit.actor)
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(visit.request, f"{called} is removed.")
        return redirect(back)
    return visit.page(
        ConfirmPage(
            title=f"Remove the payment method of {party.name}?",
            confirm=Confirm(
                action_url=f"{back}method/remove/",
                label=f"Remove {called}",
                consequences=(
                    f"Takes {called} off file, here and at the processor. It can’t be brought back.",
                    "Nothing is charged by itself until the member saves another one.",
                    "A payment that is under way is finished; what is owed stays owed.",
                ),
                digest=digest,
                cancel_url=back,
                danger=True,
            ),
            crumbs=_crumbs(visit, party),
        ),
        "members",
    )
