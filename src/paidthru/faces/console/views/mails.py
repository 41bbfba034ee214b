"""The outbox: what was written to whom, what became of it, each mail to be read; and who wants which mails."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from paidthru.actions.make_link import LIFETIME_DAYS
from paidthru.actions.open_sign_up import LIFETIME as SIGN_UP_LIFETIME
from paidthru.actions.retry_mail import retry_mail
from paidthru.actions.set_mail_wishes import set_mail_wishes
from paidthru.faces.console.access import Visit, staff_page
from paidthru.faces.console.acting import told
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.listing import csv_of, page_by_key, query_of, streamed_together, text_in
from paidthru.faces.console.mail_pages import framed, mail_badge, mail_name
from paidthru.faces.console.pages import FormPage, RecordPage, Section
from paidthru.faces.console.parts import (
    Action,
    Column,
    EmptyState,
    Fact,
    Link,
    ListPage,
    Row,
    Tab,
    Text,
    with_query,
)
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.notices.operations import as_sent
from paidthru.notices.queries import declined_by
from paidthru.notices.rules.catalogue import Mail
from paidthru.notices.rules.kinds import TOPICS
from paidthru.people.models import Party
from paidthru.timeline.models import Message
from paidthru.wiring import enqueue_work

_SHOWN = {
    "": ("All", Q()),
    "waiting": ("Waiting", Q(state="waiting")),
    "failed": ("Not sent", Q(state__in=("failed", "dropped"))),
}
_COLUMNS = (
    Column("written", "Written", "date", "written_at"),
    Column("kind", "Mail"),
    Column("to", "To", "prose"),
    Column("state", "State", "badge"),
    Column("sent", "Sent", "date"),
    Column("said", "What was said", "prose"),
)
_CSV = ("Written", "Mail", "To", "Address", "State", "Sent", "Tries in vain", "What was said")


@staff_page("view")
def outbox(visit: Visit) -> HttpResponseBase:
    """Every mail, the latest first; those that wait, and those that could not be delivered."""
    query, show = query_of(visit.request), text_in(visit.request, "show")
    show = show if show in _SHOWN else ""
    every = Message.objects.filter(organization=visit.organization)
    if text_in(visit.request, "export") == "csv":
        chosen = every.filter(_SHOWN[show][1])
        return csv_of("mails", _CSV, streamed_together(chosen.order_by("-written_at", "-id"), _lines))
    page, sort = page_by_key(every.filter(_SHOWN[show][1]), visit.request, ["written_at"], "-written_at")
    addressees = _addressees(page.rows)
    rows = tuple(
        Row(
            (
                one.written_at,
                mail_name(one),
                Text(*addressees[one.id]),
                mail_badge(one),
                one.sent_at,
                one.last_error or None,
            ),
            visit.url(f"mails/{one.id}/"),
            tone="bad" if one.state == "failed" else "neutral",
        )
        for one in page.rows
    )
    tabs = tuple(
        Tab(
            title,
            with_query(query, show=key),
            every.filter(which).count() if key else None,
            show == key,
        )
        for key, (title, which) in _SHOWN.items()
    )
    return visit.page(
        ListPage(
            title="Mails",
            intro="A sandbox keeps its mails: they are read here and leave for nobody."
            if visit.organization.is_sandbox
            else "",
            columns=_COLUMNS,
            rows=rows,
            empty=EmptyState(
                "No mail here", "What is written to members stands here, with what became of it."
            ),
            tabs=tabs,
            query=query,
            sort=sort,
            next_url=page.next_url,
            previous_url=page.previous_url,
            noun=("mail", "mails"),
            export_url=with_query(query, export="csv"),
            crumbs=(Link("Settings", visit.url("settings/")), Link("Mail", visit.url("settings/mail/"))),
        ),
        "settings",
    )


def _addressees(found: Sequence[Message]) -> dict[UUID, tuple[str, str]]:
    """Whom each mail is for: name, and the address that it went to or would go to."""
    parties = Party.objects.in_bulk([one.party_id for one in found if one.party_id])
    told = {}
    for one in found:
        party = parties.get(one.party_id) if one.party_id else None
        name = party.name if party else str(one.facts.get("addressee", ""))
        told[one.id] = (name, one.sent_to or (party.email if party else str(one.facts.get("to", ""))))
    return told


def _lines(found: list[Message]) -> Iterator[Sequence[object]]:
    addressees = _addressees(found)
    for one in found:
        yield (one.written_at, mail_name(one), *addressees[one.id], mail_badge(one).label, one.sent_at, one.tries,
               one.last_error)  # fmt: skip


@staff_page("view")
def one_mail(visit: Visit, message_id: UUID) -> HttpResponseBase:
    """A mail as whoever gets it reads it."""
    found = _found(visit, message_id)
    return _page(visit, found, (Link("Mails", visit.url("mails/")),), "settings")


@staff_page("view")
def mail(visit: Visit, party_id: UUID, message_id: UUID) -> HttpResponseBase:
    """The same, come to from the member's record."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    found = _found(visit, message_id)
    if found.party_id != party.id:
        raise Http404
    crumbs = (
        Link("Members", visit.url("members/")),
        Link(party.name, f"{member_url(visit, party.id)}#mails"),
    )
    return _page(visit, found, crumbs, "members")


@staff_page("view")
def shown(visit: Visit, message_id: UUID) -> HttpResponse:
    """Its HTML by itself, for the frame."""
    return framed(_read(visit, _found(visit, message_id)))


@staff_page("send_link")
def retry(visit: Visit, message_id: UUID) -> HttpResponseBase:
    """Tries a mail again that could not be delivered; it has to be posted."""
    found, back = _found(visit, message_id), visit.url(f"mails/{message_id}/")
    if visit.request.method != "POST":
        raise Http404
    try:
        retry_mail(visit.organization, found.id, actor=visit.actor, now=visit.desk.clock.now())
    except Refused as refused:
        return told(visit, refused, back)
    enqueue_work(visit.organization.id)
    messages.success(visit.request, "It is tried again.")
    return redirect(back)


class WishesForm(forms.Form):
    """Which mails a member wants, of those that can be declined."""

    wanted = forms.MultipleChoiceField(
        label="Mails they want",
        required=False,
        choices=list(TOPICS.items()),
        widget=forms.CheckboxSelectMultiple,
    )


@staff_page("send_link")
def wishes(visit: Visit, party_id: UUID) -> HttpResponseBase:
    """Notes which mails a member wants, as they have told (A-53)."""
    party = get_object_or_404(Party, id=party_id, organization=visit.organization)
    back, declined = f"{member_url(visit, party.id)}#mails", declined_by(party.id)
    wanted = [topic for topic in TOPICS if topic not in declined]
    form = WishesForm(
        visit.request.POST if visit.request.method == "POST" else None, initial={"wanted": wanted}
    )
    if visit.request.method == "POST" and form.is_valid():
        given = {topic: topic in form.cleaned_data["wanted"] for topic in TOPICS}
        changed = set_mail_wishes(
            visit.organization, party.id, given, actor=visit.actor, now=visit.desk.clock.now()
        )
        messages.success(visit.request, "Noted." if changed else "Nothing has changed.")
        return redirect(back)
    page = FormPage(
        title=f"Mails to {party.name}",
        form=form,
        cancel_url=back,
        aside=(
            "Receipts, invoices, failed payments, final notices and what ends a membership always come.",
            "Each such mail has a link by which members decline it themselves.",
        ),
        crumbs=(Link("Members", visit.url("members/")), Link(party.name, back)),
    )
    return visit.page(page, "members", 422 if form.errors else 200)


def _found(visit: Visit, message_id: UUID) -> Message:
    return get_object_or_404(Message, id=message_id, organization=visit.organization)


def _read(visit: Visit, found: Message) -> Mail:
    """The mail as it left, or as it would; its link and code are made only when a mail is sent, and secret."""
    lasts = SIGN_UP_LIFETIME if found.kind == "sign_up" else timedelta(days=LIFETIME_DAYS)
    until = local_date(found.written_at + lasts, visit.organization.zone).isoformat()
    party = Party.objects.filter(id=found.party_id).first() if found.party_id else None
    secret = {"link": "(a secret link)", "gift_link": "(a link)", "code": "(a secret code)"}
    facts = {"until": until, **found.facts, **secret}
    return as_sent(
        visit.organization,
        found,
        facts,
        name=party.name if party else str(found.facts.get("addressee", "")),
        to=found.sent_to or (party.email if party else str(found.facts.get("to", ""))),
        wished=party.language if party else "",
        unsubscribe="(a link)" if party else "",
    )


def _page(visit: Visit, found: Message, crumbs: tuple[Link, ...], current: str) -> HttpResponseBase:
    read, here = _read(visit, found), visit.url(f"mails/{found.id}/")
    actions: tuple[Action, ...] = ()
    if found.state in ("failed", "dropped") and visit.may("send_link"):
        actions = (Action("Try it again", f"{here}retry/", method="post"),)
    return visit.page(
        RecordPage(
            title=read.subject,
            kind="Mail",
            badges=(mail_badge(found),),
            facts=(
                Fact("To", read.to or None),
                Fact("About", mail_name(found)),
                Fact("Written", found.written_at),
                Fact("Sent", found.sent_at),
                Fact("Attached", found.facts.get("attached") or None),
                Fact("Next try", found.next_try_at if found.tries else None),
                Fact("What was said", found.last_error or None),
            ),
            actions=actions,
            sections=(
                Section("shown", "As it is shown", frame_url=f"{here}shown/"),
                Section("text", "Text", text=read.text),
            ),
            crumbs=crumbs,
        ),
        current,
    )
