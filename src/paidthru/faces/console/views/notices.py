"""Renewal notices of a run: read what they say, then send them, once to each (G-45)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.send_renewal_notices import send_renewal_notices
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import told
from paidthru.faces.console.addresses import run_url
from paidthru.faces.console.formats import reader_text
from paidthru.faces.console.pages import Confirm, ConfirmPage
from paidthru.faces.console.parts import Fact, Link
from paidthru.faces.console.run_pages import many
from paidthru.invoicing.models import Invoice
from paidthru.kernel.errors import Refused
from paidthru.membership.models import BillingRun
from paidthru.membership.queries.renewal_notices import renewal_notices
from paidthru.membership.rules.renewal_notice import said
from paidthru.organizations.queries import policies_of


@staff_page("renew")
def send(visit: Visit, run_id: UUID) -> HttpResponseBase:
    """How many notices a run's would be, and one of them to read; posted, they are sent."""
    run = get_object_or_404(BillingRun, id=run_id, organization=visit.organization)
    back = run_url(visit, run.id)
    found = Invoice.objects.filter(
        organization=visit.organization, run_id=run.id, state="sent", balance_minor__gt=0
    )
    unreached = found.filter(party__email="").count()
    have = many(visit, unreached, f"{visit.words.member} has", f"{visit.words.members} have")
    reached = many(visit, found.count() - unreached, visit.words.member, visit.words.members)
    without = f"{have} no e-mail address: print the notice from their invoice, and send it by post."
    if visit.request.method == "POST":
        try:
            sent = send_renewal_notices(
                visit.organization, run.id, actor=visit.actor, now=visit.desk.clock.now()
            )
        except Refused as refused:
            return told(visit, refused, back)
        sent_ = many(visit, sent - unreached, "renewal notice is", "renewal notices are")
        messages.success(visit.request, f"{sent_} sent; nobody gets a second one.")
        if unreached:
            messages.warning(visit.request, without)
        return redirect(back)
    first = list(found.order_by("number")[:1])
    shown = [said(one) for one in renewal_notices(first, policies_of(visit.organization))]
    page = ConfirmPage(
        title=f"Send the renewal notices of “{run.name}”?",
        confirm=Confirm(
            action_url=run_url(visit, run.id, "notices/"),
            label="Send the notices" if first else "",
            consequences=(
                f"Mails {reached} what is due of the invoices that are open.",
                *((without,) if unreached else ()),
                "Who had a notice of this run already gets no second one.",
            ),
            cancel_url=back,
        ),
        facts=tuple(
            Fact("The first of them", reader_text("; ".join(text.splitlines()), visit.organization.locale))
            for text in shown
        ),
        crumbs=(Link("Logs", visit.url("renewals/")), Link(run.name, back)),
    )
    return visit.page(page, "logs")
