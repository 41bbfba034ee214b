"""Sending an invoice to its payer, and the link by which it is paid: copied, revoked (A-15, A-16)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import add_never_cache_headers

from paidthru.actions.make_pay_link import make_pay_link
from paidthru.actions.revoke_pay_link import revoke_pay_link
from paidthru.actions.send_invoice import refuse_unsendable, send_invoice
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import money_said, new_key, told
from paidthru.faces.console.addresses import invoice_url, member_url
from paidthru.faces.console.pages import Confirm, ConfirmPage, RecordPage, Section
from paidthru.faces.console.parts import Action, Fact, Link
from paidthru.invoicing.models import Invoice
from paidthru.invoicing.queries import open_on_all, pay_link_of, pay_token
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import Money


def link_actions(visit: Visit, invoice: Invoice) -> tuple[Action, ...]:
    """What this person may do to let an invoice be paid by whoever has its link."""
    if not visit.may("send_link") or invoice.number is None:
        return ()
    here, asks = invoice_url(visit, invoice.id), invoice.state == "sent" and invoice.balance_minor > 0
    actions = [Action("Send", f"{here}send/", ask=True)] if asks else []
    if asks or invoice.awaits_reissue:
        actions.append(Action("Copy link", f"{here}link/", method="post"))
    if pay_link_of(invoice.id) is not None:
        actions.append(Action("Revoke link", f"{here}link/revoke/", ask=True))
    return tuple(actions)


@staff_page("send_link")
def send(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """Mails the invoice to its payer; pressed twice, it is one mail, and again later the same document."""
    invoice = _invoice(visit, invoice_id)
    back = invoice_url(visit, invoice.id)
    key = visit.request.POST.get("key", "").replace("\0", "")[:64]
    if visit.request.method == "POST" and key:
        try:
            send_invoice(
                visit.organization,
                invoice.id,
                actor=visit.actor,
                now=visit.desk.clock.now(),
                key=f"send {key}",
            )
        except Refused as refused:
            return told(visit, refused, back)
        kept = (
            " A sandbox’s mail is kept here and leaves for nobody." if visit.organization.is_sandbox else ""
        )
        messages.success(visit.request, f"Invoice {invoice.label} is mailed to {invoice.party.email}.{kept}")
        return redirect(back)
    refuse_unsendable(invoice)
    if not invoice.party.email:
        raise Refused(
            "no_email",
            f"{invoice.party.name} has no e-mail address.",
            fix="Copy the link and hand it over, or add the address first.",
        )
    again = ("It was mailed before; this is the same invoice with the same link.",) if invoice.sent_at else ()
    return visit.page(
        ConfirmPage(
            title=f"Send invoice {invoice.label}?",
            confirm=Confirm(
                action_url=f"{back}send/",
                label=f"Send it to {invoice.party.email}",
                consequences=(
                    f"Mails the invoice to {invoice.party.email}, with a link by which it is paid without signing in.",
                    *again,
                ),
                cancel_url=back,
                fields=tuple(new_key().items()),
            ),
            facts=_facts(visit, invoice),
            crumbs=_crumbs(visit, invoice),
        ),
        "members",
    )


@staff_page("send_link")
def link(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """The invoice's pay link, to be copied and handed over; made when it is first asked for."""
    invoice = _invoice(visit, invoice_id)
    here = f"{invoice_url(visit, invoice.id)}link/"
    if visit.request.method == "POST":
        make_pay_link(visit.organization, invoice.id, actor=visit.actor, now=visit.desk.clock.now())
        return redirect(here)
    standing = pay_link_of(invoice.id)
    if standing is None:
        shown: tuple[Fact, ...] = (Fact("The link", None, "There is none yet, or it was revoked."),)
        actions: tuple[Action, ...] = (Action("Make a link", here, "primary", "post"),)
    else:
        base = visit.desk.public_url or visit.request.build_absolute_uri("/").rstrip("/")
        shown = (
            Fact("The link", f"{base}/pay/{pay_token(standing.id)}/"),
            Fact("Made on", standing.created_at, f"By {standing.created_by}"),
        )
        actions = (Action("Revoke link", f"{here}revoke/", ask=True),)
    section = Section(
        "what",
        "What it does",
        text="Whoever has the link sees this invoice and can pay it, without signing in: the payer, or somebody who"
        " pays for them. It shows nothing else of the member, and what is entered is used for this invoice"
        " alone. It works"
        " until it is revoked; should the invoice be closed, it leads to the one that asks for the same.",
    )
    answer = visit.page(
        RecordPage(
            title=f"Pay link of invoice {invoice.label}",
            facts=(*shown, *_facts(visit, invoice)),
            actions=actions,
            sections=(section,),
            crumbs=_crumbs(visit, invoice),
        ),
        "members",
    )
    add_never_cache_headers(answer)
    return answer


@staff_page("send_link")
def revoke(visit: Visit, invoice_id: UUID) -> HttpResponseBase:
    """Ends the link, wherever it was sent."""
    invoice = _invoice(visit, invoice_id)
    back = invoice_url(visit, invoice.id)
    if visit.request.method == "POST":
        revoke_pay_link(visit.organization, invoice.id, actor=visit.actor, now=visit.desk.clock.now())
        messages.success(visit.request, f"The pay link of invoice {invoice.label} doesn’t work any more.")
        return redirect(back)
    return visit.page(
        ConfirmPage(
            title=f"Revoke the pay link of invoice {invoice.label}?",
            confirm=Confirm(
                action_url=f"{back}link/revoke/",
                label="Revoke link",
                consequences=(
                    "The link that was mailed or copied doesn’t work any more, for anybody.",
                    "A payment that was begun by it is finished. What is owed stays owed.",
                    "Sending the invoice again makes a new link.",
                ),
                cancel_url=back,
                danger=True,
            ),
            facts=_facts(visit, invoice),
            crumbs=_crumbs(visit, invoice),
        ),
        "members",
    )


def _invoice(visit: Visit, invoice_id: UUID) -> Invoice:
    issued = Invoice.objects.select_related("party").filter(number__isnull=False)
    return get_object_or_404(issued, id=invoice_id, organization=visit.organization)


def _facts(visit: Visit, invoice: Invoice) -> tuple[Fact, ...]:
    open_minor = open_on_all([invoice.id]).get(invoice.id, 0)
    return (
        Fact(visit.words.titled("member"), Link(invoice.party.name, member_url(visit, invoice.party_id))),
        Fact(
            "Open",
            Money(open_minor, invoice.currency),
            f"Of {money_said(visit, invoice.total_minor, invoice.currency)}",
        ),
        Fact("Last mailed", invoice.sent_at),
    )


def _crumbs(visit: Visit, invoice: Invoice) -> tuple[Link, ...]:
    return (
        Link(invoice.party.name, member_url(visit, invoice.party_id)),
        Link(f"Invoice {invoice.label}", invoice_url(visit, invoice.id)),
    )
