"""Invoices that staff write: new ones, drafts that are changed, sent or discarded (A-10 to A-17)."""

from collections.abc import Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.change_draft import change_draft
from paidthru.actions.discard_draft import discard_draft
from paidthru.actions.write_invoice import Payer, Recurrence
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import digest_of, key_of, money_said, new_key, told
from paidthru.faces.console.addresses import invoice_url
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.invoice_forms import (
    HeaderForm,
    LineForm,
    WrittenForm,
    line_forms,
    typed_lines,
)
from paidthru.faces.console.lines_page import EditedLine, LinesPage
from paidthru.faces.console.pages import Confirm, ConfirmPage
from paidthru.faces.console.parts import Fact, Link
from paidthru.invoicing.models import Invoice, Tax
from paidthru.invoicing.operations.reckoning import Reckoned
from paidthru.invoicing.rules.recurring import upcoming
from paidthru.invoicing.rules.writing import INCOME, restored
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money
from paidthru.ledger.queries import accounts_of
from paidthru.membership.models import Plan
from paidthru.organizations.queries import rates_by
from paidthru.people.models import Party
from paidthru.people.queries import one_meant
from paidthru.runs.invoices import bill, reckon, send
from paidthru.timeline.queries import was_done

_SHOWN = 3  # further dates of a recurring invoice


@staff_page("charge")
def new(visit: Visit) -> HttpResponseBase:
    """A new invoice: kept as a draft, or sent after what it does was read."""
    posted = visit.request.POST if visit.request.method == "POST" else None
    data: Mapping[str, Any] = posted if posted is not None else _blank(visit)
    do, form = str(data.get("do", "")), _bound(visit, data, None)
    if posted is None or do not in ("draft", "send"):
        return _shown(visit, form, None)
    if was_done(visit.organization.id, key_of(visit)):
        messages.info(visit.request, "That was done already; nothing was done twice.")
        return redirect(visit.url("invoices/"))
    if not form.is_valid():
        return _shown(visit, form, None, checked=True)
    try:
        if do == "send":
            page = _confirm(visit, form)
            if posted.get("digest") != page.confirm.digest:
                return visit.page(page, "invoices")
        invoice = _write(visit, form, as_draft=do == "draft")
    except Refused as refused:
        form.refuse(refused)
        return _shown(visit, form, None, checked=True)
    said = money_said(visit, invoice.total_minor, invoice.currency)
    if invoice.number:
        messages.success(visit.request, f"Invoice {invoice.label} over {said} is issued.")
    else:
        messages.success(visit.request, f"A draft over {said} is kept. Nobody is asked for anything yet.")
    return redirect(invoice_url(visit, invoice.id))


@staff_page("charge")
def edit(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """A draft: its lines and due date, until it is sent."""
    draft = _draft(visit, invoice_id)
    posted = visit.request.POST if visit.request.method == "POST" else None
    data: Mapping[str, Any] = posted if posted is not None else _typed(draft)
    form = _bound(visit, data, draft)
    if posted is None or data.get("do") != "draft":
        return _shown(visit, form, draft)
    if not form.is_valid():
        return _shown(visit, form, draft, checked=True)
    try:
        change_draft(
            visit.organization,
            draft.id,
            form.written,
            due_on=form.header.cleaned_data["due_on"],
            actor=visit.actor,
            now=visit.desk.clock.now(),
        )
    except Refused as refused:
        form.refuse(refused)
        return _shown(visit, form, draft, checked=True)
    messages.success(visit.request, "The draft is changed.")
    return redirect(invoice_url(visit, draft.id))


@staff_page("charge")
def issue(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """Sends a draft: it gets its number and is owed from today."""
    found = _invoice(visit, invoice_id)
    back = invoice_url(visit, found.id)
    if visit.request.method == "POST":
        try:
            sent = send(visit.desk, found.id, actor=visit.actor, key=key_of(visit))
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(visit.request, f"Invoice {sent.label} is issued.")
        return redirect(back)
    draft = _draft(visit, invoice_id)
    said = money_said(visit, draft.total_minor, draft.currency)
    return visit.page(
        ConfirmPage(
            title="Send this draft?",
            confirm=Confirm(
                action_url=f"{back}issue/",
                label=f"Send the invoice over {said}",
                consequences=(
                    f"{draft.party.name} owes {said} from today; it gets its number and is not changed any more.",
                    mailed_said(draft.party.email),
                ),
                cancel_url=back,
                fields=tuple(new_key().items()),
            ),
            crumbs=_crumbs(visit),
        ),
        "invoices",
    )


@staff_page("charge")
def discard(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """Discards a draft: it never gets a number."""
    found = _invoice(visit, invoice_id)
    back = invoice_url(visit, found.id)
    if visit.request.method == "POST":
        try:
            discard_draft(visit.organization, found.id, actor=visit.actor, now=visit.desk.clock.now())
        except Refused as refused:
            return told(visit, refused, back)
        messages.success(visit.request, "The draft is discarded.")
        return redirect(visit.url("invoices/"))
    draft = _draft(visit, invoice_id)
    return visit.page(
        ConfirmPage(
            title="Discard this draft?",
            confirm=Confirm(
                action_url=f"{back}discard/",
                label="Discard the draft",
                consequences=(f"{draft.party.name} is not asked for anything; no number is used up.",),
                cancel_url=back,
                danger=True,
            ),
            crumbs=_crumbs(visit),
        ),
        "invoices",
    )


def _invoice(visit: Visit, invoice_id: UUID) -> Invoice:
    found = Invoice.objects.select_related("party")
    return get_object_or_404(found, id=invoice_id, organization=visit.organization)


def _draft(visit: Visit, invoice_id: UUID) -> Invoice:
    found = _invoice(visit, invoice_id)
    if found.state != "draft":
        raise Refused(
            "invoice_not_draft",
            f"Invoice {found.label} is issued and can’t be changed." if found.number else "It is discarded.",
            field="invoice",
            fix="Credit it, or void it and write another one.",
        )
    return found


def _crumbs(visit: Visit) -> tuple[Link, ...]:
    return (Link("Invoices", visit.url("invoices/")),)


def mailed_said(email: str) -> str:
    """Whether an invoice that is issued is mailed, and to whom."""
    if email:
        return f"It is mailed to {email}, with a link by which it is paid."
    return "There is no e-mail address: nothing is mailed. Copy its pay link, or print it."


def _blank(visit: Visit) -> dict[str, str]:
    """What the form begins with: `?member=` names whom it is for."""
    try:
        asked = UUID(visit.request.GET.get("member", ""))
        party = Party.objects.filter(id=asked, organization=visit.organization).first()
    except ValueError:
        party = None
    typed = {"due_on": visit.desk.today.isoformat(), "currency": visit.organization.currency}
    return typed_lines((), "") | typed | new_key() | ({"payer": f"#{party.number}"} if party else {})


def _typed(draft: Invoice) -> dict[str, str]:
    lines = restored(draft.written or ())
    return typed_lines(lines, draft.currency) | new_key() | {"due_on": draft.due_on.isoformat()}


def _bound(visit: Visit, data: Mapping[str, Any], draft: Invoice | None) -> WrittenForm:
    organization = visit.organization
    of_plans = Plan.objects.filter(organization=organization).values_list("currency", flat=True)
    others = {*of_plans, *rates_by(organization.id, visit.desk.today)} - {organization.currency}
    currencies = [organization.currency, *sorted(others)]
    currency = draft.currency if draft else str(data.get("currency") or currencies[0])
    accounts = {one.code for one in accounts_of(organization.id) if one.code.startswith("Income:")} | {INCOME}
    taxes = list(
        Tax.objects.filter(organization=organization).order_by("name").values_list("name", flat=True)
    )

    def header(posted: Mapping[str, Any] | None) -> HeaderForm:
        return HeaderForm(
            posted,
            initial=dict(data.items()),
            member=visit.words.member,
            currencies=currencies,
            find=lambda text: one_meant(organization.id, text),
            today=draft.bill_on if draft else visit.desk.today,
            of_draft=draft is not None,
        )

    def line(typed: Mapping[str, Any], prefix: str) -> LineForm:
        return LineForm(
            typed,
            prefix=prefix,
            currency=currency
            if currency in {*currencies, draft.currency if draft else ""}
            else currencies[0],
            taxes=taxes,
            accounts=[(INCOME, INCOME), *((code, code) for code in sorted(accounts - {INCOME}))],
        )

    finished = str(data.get("do", "")) in ("draft", "send")
    bound = {"currency": currencies[0]} | {name: data.get(name, "") for name in data}
    bound["currency"] = bound["currency"] or currencies[0]
    return WrittenForm(header(bound if finished else None), line_forms(data, line))


def _write(visit: Visit, form: WrittenForm, *, as_draft: bool) -> Invoice:
    clean, every = form.header.cleaned_data, form.header.every
    known = clean["payer"]
    return bill(
        visit.desk,
        Payer(known.id) if known else Payer(None, clean["name"], clean["email"]),
        form.written,
        actor=visit.actor,
        currency=clean["currency"] or visit.organization.currency,
        due_on=clean["due_on"],
        as_draft=as_draft,
        recurrence=Recurrence(every, clean["until"]) if every else None,
        key=clean["key"],
    )


def _reckoned(visit: Visit, form: WrittenForm, draft: Invoice | None) -> tuple[Reckoned | None, str]:
    """What the lines come to, as far as they can be read, and in which currency."""
    currency = draft.currency if draft else str(form.lines[0].currency if form.lines else "")
    filled = [line for line in form.lines if not line.is_empty]
    if not filled or not all(line.is_valid() for line in filled):
        return None, currency
    party = draft.party if draft else None
    header = form.header
    if draft is None:
        typed = str(header.initial.get("payer", ""))
        try:
            party = one_meant(visit.organization.id, typed) if typed else None
        except Refused:
            party = None
    try:
        lines = [line.line for line in filled]
        return reckon(visit.desk, party, lines, currency=currency, on=visit.desk.today), currency
    except Refused:
        return None, currency


def _shown(
    visit: Visit, form: WrittenForm, draft: Invoice | None, *, checked: bool = False
) -> HttpResponseBase:
    found, currency = _reckoned(visit, form, draft)
    sums = iter(found.lines if found else ())
    edited = []
    for number, line in enumerate(form.lines, start=1):
        one = None if line.is_empty else next(sums, None)
        edited.append(
            EditedLine(line, number)
            if one is None
            else EditedLine(
                line, number, Money(one.net_minor, currency), one.tax, Money(one.tax_minor, currency)
            )
        )
    page = LinesPage(
        title="Change a draft" if draft else "New invoice",
        form=form.header,
        lines=tuple(edited),
        totals=_totals(found, currency),
        notes=_coming(visit, form) if draft is None else (),
        cancel_url=invoice_url(visit, draft.id) if draft else visit.url("invoices/"),
        intro=f"For {draft.party.name}." if draft else "",
        draft_label="Save the draft" if draft else "Save as draft",
        send_label="" if draft else "See what is sent",
        checked=checked,
        crumbs=_crumbs(visit),
    )
    return visit.page(page, "invoices", 422 if checked else 200)


def _totals(found: Reckoned | None, currency: str) -> tuple[Fact, ...]:
    if found is None:
        return (Fact("Total", None, "As soon as the lines can be read."),)
    return (
        *((Fact("Without tax", Money(found.net_minor, currency)),) if found.taxes else ()),
        *(Fact(one.tax, Money(one.tax_minor, currency)) for one in found.taxes),
        Fact("Total", Money(found.total_minor, currency)),
    )


def _coming(visit: Visit, form: WrittenForm) -> tuple[str, ...]:
    """The next dates of one that comes again."""
    header = form.header
    clean = header.cleaned_data if header.is_bound else {}
    often = str(clean.get("often") or header.initial.get("often") or "")
    every = header.interval(often)
    if every is None:
        return ()
    until = clean.get("until") if header.is_bound else None
    days = [
        day_text(on, visit.organization.locale)
        for on in islice(upcoming(visit.desk.today, every, 1, until), _SHOWN)
    ]
    if not days:
        return ("No further one comes before its end.",)
    return (f"The next ones come on {', '.join(days)}{'' if until and len(days) < _SHOWN else ' …'}",)


def _confirm(visit: Visit, form: WrittenForm) -> ConfirmPage:
    clean, here = form.header.cleaned_data, visit.url("invoices/new/")
    known: Party | None = clean["payer"]
    currency = clean["currency"] or visit.organization.currency
    found = reckon(visit.desk, known, form.written, currency=currency, on=visit.desk.today)
    said = money_said(visit, found.total_minor, currency)
    name, email = (known.name, known.email) if known else (clean["name"], clean["email"])
    again = form.again()
    return ConfirmPage(
        title=f"Send an invoice over {said}?",
        confirm=Confirm(
            action_url=here,
            label=f"Send the invoice over {said}",
            consequences=(
                f"{name} owes {said} from today, due on {day_text(clean['due_on'], visit.organization.locale)}.",
                mailed_said(email),
                *_coming(visit, form),
            ),
            digest=digest_of(again, found.total_minor),
            cancel_url=here,
            fields=(*again, ("do", "send")),
        ),
        facts=_totals(found, currency),
        crumbs=_crumbs(visit),
    )
