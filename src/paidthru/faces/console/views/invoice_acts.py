"""What staff do with an open invoice: void it, credit it, collect it now (I-34, P-16)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.credit_invoice import credit_invoice, tax_in
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import (
    digest_of,
    first_click,
    in_two_steps,
    money_said,
    new_key,
    told,
)
from paidthru.faces.console.acting_forms import ActForm, WhyForm
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.credit_forms import CreditLinesForm, LeftOfLine
from paidthru.faces.console.pages import Confirm, ConfirmPage, FormPage
from paidthru.faces.console.parts import Fact, Link
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import billed_lines, lines_of
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.organizations.queries import policies_of
from paidthru.payments.queries import active_method, attempts_at, has_open_attempt, label_of
from paidthru.runs.charges import collect_now
from paidthru.runs.charges import void as void_now


def _invoice(visit: Visit, invoice_id: UUID) -> Invoice:
    found = Invoice.objects.select_related("party")
    return get_object_or_404(found, id=invoice_id, organization=visit.organization)


def _open(invoice: Invoice) -> None:
    """Refuses what is not open, before anybody fills in a form."""
    if invoice.state != "sent" or invoice.balance_minor <= 0:
        raise Refused(
            "invoice_closed",
            f"Invoice {invoice.label} asks for nothing any more: it is {invoice.state}.",
            fix="Money that came for it is given back with a refund, on the payment’s page.",
        )


def _untouched(invoice: Invoice) -> None:
    """Refuses to void what was paid or credited in part, before anybody fills in a form."""
    _open(invoice)
    if invoice.balance_minor != invoice.total_minor:
        raise Refused(
            "invoice_part_paid",
            f"Invoice {invoice.label} is paid or credited in part, and can’t be void any more.",
            fix="Credit what is open of it; give back the money with a refund.",
        )


def term_said(invoice: Invoice) -> tuple[str, ...]:
    """What becomes of the term that it billed, if it billed one."""
    if invoice.kind != "membership":
        return ()
    return ("The term that it billed stays and stays unpaid, so that it isn’t billed again by itself.",)


def _crumbs(visit: Visit, invoice: Invoice) -> tuple[Link, ...]:
    return (
        Link(invoice.party.name, member_url(visit, invoice.party_id)),
        Link(f"Invoice {invoice.label}", invoice_url(visit, invoice.id)),
    )


def _facts(invoice: Invoice) -> tuple[Fact, ...]:
    return (
        Fact("Member", invoice.party.name),
        Fact("Invoice", invoice.label),
        Fact("Total", Money(invoice.total_minor, invoice.currency)),
        Fact("Open", Money(invoice.balance_minor, invoice.currency)),
    )


def _under_way(invoice: Invoice) -> tuple[str, ...]:
    """What becomes of a payment that is on its way."""
    if not has_open_attempt(invoice.id):
        return ()
    return (
        "A payment of it is under way. Should it still succeed, its money is kept as the member’s credit.",
    )


@staff_page("credit")
def void(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """An invoice that should not have been: it keeps its number and asks for nothing any more."""
    invoice = _invoice(visit, invoice_id)
    back = invoice_url(visit, invoice.id)
    if visit.request.method != "POST":
        _untouched(invoice)
    form = WhyForm(
        visit.request.POST or None, initial=new_key(), label="Reason", note="It stands in the timeline."
    )
    total = money_said(visit, invoice.total_minor, invoice.currency)

    def entry(form: WhyForm) -> FormPage:
        return FormPage(
            title=f"Void invoice {invoice.label}",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{total} for {invoice.party.name}.",
            aside=(
                "For an invoice that should never have been. It stays, with its number, marked as void.",
                "What was owed but is forgiven is credited instead: the books show the difference.",
            ),
            crumbs=_crumbs(visit, invoice),
        )

    def confirm(form: WhyForm) -> ConfirmPage:
        _untouched(invoice)
        return ConfirmPage(
            title=f"Void invoice {invoice.label}?",
            confirm=Confirm(
                action_url=f"{back}void/",
                label=f"Void invoice {invoice.label}",
                consequences=(
                    f"{invoice.party.name} no longer owes {total}; the income of it is taken back.",
                    *term_said(invoice),
                    *_under_way(invoice),
                ),
                digest=digest_of(invoice.id, invoice.state, invoice.balance_minor),
                cancel_url=back,
                fields=form.again(),
                danger=True,
            ),
            facts=(*_facts(invoice), Fact("Reason", form.cleaned_data["why"])),
            crumbs=_crumbs(visit, invoice),
        )

    def done(form: WhyForm) -> HttpResponseBase:
        clean = form.cleaned_data
        void_now(visit.desk, invoice.id, reason=clean["why"], actor=visit.actor, key=clean["key"])
        messages.success(visit.request, f"Invoice {invoice.label} is void.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")


@staff_page("credit")
def credit(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """A credit note over all that is open of an invoice, or a part (I-34)."""
    invoice = _invoice(visit, invoice_id)
    back = invoice_url(visit, invoice.id)
    if visit.request.method != "POST":
        _open(invoice)
    open_ = money_said(visit, invoice.balance_minor, invoice.currency)
    form = CreditLinesForm(
        visit.request.POST or None,
        initial={"extent": "all"} | new_key(),
        currency=invoice.currency,
        open_minor=invoice.balance_minor,
        open_=open_,
        lines=_left_of_lines(visit, invoice),
    )

    def entry(form: CreditLinesForm) -> FormPage:
        return FormPage(
            title=f"Credit invoice {invoice.label}",
            form=form,
            submit_label="See what it does",
            cancel_url=back,
            intro=f"{open_} of {invoice.party.name}’s invoice is open.",
            aside=(
                "A credit note takes back what is open: what is extra first, the primary fee last.",
                "By line, you say which; the tax of a line goes with it, in proportion.",
                "Money that has come is not touched; give that back with a refund.",
            ),
            crumbs=_crumbs(visit, invoice),
        )

    def confirm(form: CreditLinesForm) -> ConfirmPage:
        _open(invoice)
        amount = form.amount_minor
        said, rest = money_said(visit, amount, invoice.currency), invoice.balance_minor - amount
        after = (
            f"Leaves {money_said(visit, rest, invoice.currency)} to be paid."
            if rest
            else "Nothing is open then: it is not collected any more, and the term counts as paid."
        )
        return ConfirmPage(
            title=f"Credit {said} of invoice {invoice.label}?",
            confirm=Confirm(
                action_url=f"{back}credit/",
                label=f"Credit {said}",
                consequences=(
                    f"Issues a credit note: {invoice.party.name} no longer owes {said}.",
                    *_said_by_line(visit, invoice, form),
                    after,
                    *_under_way(invoice),
                ),
                digest=digest_of(invoice.id, invoice.state, invoice.balance_minor, amount, form.again()),
                cancel_url=back,
                fields=form.again(),
            ),
            facts=(*_facts(invoice), Fact("Reason", form.cleaned_data["reason"])),
            crumbs=_crumbs(visit, invoice),
        )

    def done(form: CreditLinesForm) -> HttpResponseBase:
        by_line = form.by_line
        note = credit_invoice(
            visit.organization,
            invoice.id,
            amount_minor=form.amount_minor if by_line is None else None,
            lines=by_line,
            reason=form.cleaned_data["reason"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
            key=form.cleaned_data["key"],
        )
        said = money_said(visit, note.amount_minor, note.currency)
        messages.success(visit.request, f"Credit note {note.number} over {said} is issued.")
        return redirect(back)

    return in_two_steps(visit, form, entry=entry, confirm=confirm, done=done, after=back, current="members")


def _left_of_lines(visit: Visit, invoice: Invoice) -> list[LeftOfLine]:
    """The lines of which something can be credited, and how much of it is tax."""
    found = []
    for one in billed_lines(lines_of(invoice.id)):
        if not one.open_minor:
            continue
        left = f"{money_said(visit, one.open_minor, invoice.currency)} is left"
        if one.tax is not None and one.tax.receivable.balance_minor:
            tax = money_said(visit, one.tax.receivable.balance_minor, invoice.currency)
            left += f", of it {tax} tax ({one.tax.description})"
        found.append(LeftOfLine(one.line.id, one.line.description, one.open_minor, f"{left}."))
    return found


def _said_by_line(visit: Visit, invoice: Invoice, form: CreditLinesForm) -> tuple[str, ...]:
    """What is credited of which line, with its tax to the cent."""
    by_line = form.by_line
    if by_line is None:
        return ()
    taxes, names = tax_in(invoice.id, by_line), {one.id: one.description for one in lines_of(invoice.id)}

    def said(id_: UUID, amount: int) -> str:
        of = f", of it {money_said(visit, taxes[id_], invoice.currency)} tax" if taxes.get(id_) else ""
        return f"{names[id_]}: {money_said(visit, amount, invoice.currency)}{of}."

    return tuple(said(id_, amount) for id_, amount in by_line.items())


@staff_page("charge")
def collect(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """Collects an invoice now, with the payment method on file; one open payment at a time, whoever asks (P-16)."""
    invoice = _invoice(visit, invoice_id)
    back = invoice_url(visit, invoice.id)
    if visit.request.method == "POST":
        form = ActForm(visit.request.POST)
        if not form.is_valid():
            return redirect(f"{back}collect/")
        try:
            if first_click(visit, form.cleaned_data["key"], f"collect {invoice.id}"):
                collect_now(visit.desk, invoice.id, actor=visit.actor)
        except Refused as refused:
            return told(visit, refused, back)
        say_how_it_went(visit, invoice.id)
        return redirect(back)
    _open(invoice)
    method = active_method(invoice.party_id)
    if method is None:
        raise Refused(
            "no_payment_method",
            f"{invoice.party.name} has no payment method on file.",
            fix="Send the member a link to save one, or record money that came another way.",
        )
    said = money_said(visit, invoice.balance_minor, invoice.currency)
    return visit.page(
        ConfirmPage(
            title=f"Collect {said} now?",
            confirm=Confirm(
                action_url=f"{back}collect/",
                label=f"Collect {said}",
                consequences=(
                    f"Charges {said} to {method.brand} ending in {method.last4}, now.",
                    "A try that is declined counts as one of the invoice’s tries.",
                ),
                cancel_url=back,
                fields=tuple(new_key().items()),
            ),
            facts=_facts(invoice),
            crumbs=_crumbs(visit, invoice),
        ),
        "members",
    )


def say_how_it_went(visit: Visit, invoice_id: UUID) -> None:
    """What became of the last try at an invoice, as a message."""
    attempts = attempts_at(invoice_id)
    if not attempts:
        return
    last = attempts[0]
    said = money_said(visit, last.intent.amount_minor, last.intent.currency)
    if last.state == "succeeded":
        messages.success(visit.request, f"{said} was collected.")
    elif last.state in ("declined", "rejected"):
        messages.error(visit.request, f"{said} was not collected. {last.message}".strip())
    else:
        days = policies_of(visit.organization).number("collect.reconcile_timeout_days")
        label = label_of(last, zone=visit.organization.zone, on=visit.desk.today, timeout_days=days)
        messages.info(visit.request, f"{said} is asked for: {label}. {last.message}".strip())
