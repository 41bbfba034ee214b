"""A sandbox's mails, read in the console: they leave for nobody, so this is where they are seen."""

from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404

from paidthru.actions.make_link import LIFETIME_DAYS
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.mail_pages import mail_badge, mail_name
from paidthru.faces.console.pages import RecordPage, Section
from paidthru.faces.console.parts import Fact, Link
from paidthru.kernel.clock import local_date
from paidthru.notices.rules.catalogue import composed
from paidthru.people.models import Party
from paidthru.timeline.models import Message


@staff_page("view")
def mail(visit: Visit, party_id: UUID, message_id: UUID) -> HttpResponseBase:
    """Subject and text of a mail as the member would get it; its link is made only when a mail is sent, and secret."""
    if not visit.organization.is_sandbox:
        raise Http404
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    found = get_object_or_404(Message, id=message_id, party_id=party.id, organization=visit.organization)
    until = local_date(found.written_at, visit.organization.zone) + timedelta(days=LIFETIME_DAYS)
    shown = composed(
        found.kind,
        {**found.facts, "link": "(a secret link)", "until": until.isoformat()},
        organization=visit.organization.name,
        name=party.name,
        to=party.email,
        key=str(found.id),
    )
    return visit.page(
        RecordPage(
            title=shown.subject,
            kind="Mail",
            badges=(mail_badge(found),),
            facts=(
                Fact("To", shown.to or None),
                Fact("About", mail_name(found)),
                Fact("Written", found.written_at),
                Fact("Sent", found.sent_at),
            ),
            sections=(Section("text", "Text", text=shown.text),),
            crumbs=(
                Link("Members", visit.url("members/")),
                Link(party.name, f"{member_url(visit, party.id)}#mails"),
            ),
        ),
        "members",
    )
