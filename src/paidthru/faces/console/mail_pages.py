"""The mails to a member as a part of their record, and how one is drawn in a frame."""

from uuid import UUID

from django.http import HttpResponse

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.formats import day_text
from paidthru.faces.console.pages import Problem, Section
from paidthru.faces.console.parts import Action, Badge, Column, EmptyState, Link, Row, Table, Tone
from paidthru.notices.queries import declined_by, refused_address
from paidthru.notices.rules.catalogue import Mail
from paidthru.notices.rules.kinds import KINDS, TOPICS
from paidthru.people.models import Party
from paidthru.timeline.models import Message
from paidthru.timeline.queries import messages_to

_MAIL_STATES: dict[str, tuple[str, Tone]] = {
    "waiting": ("Waits to be sent", "info"),
    "sent": ("Sent", "good"),
    "kept": ("Kept here", "neutral"),
    "failed": ("Not sent", "bad"),
    "dropped": ("Left out", "warn"),
}
#: A mail brings its own styles and nothing else: no script, no picture, nothing from elsewhere.
_FRAME = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


def mail_name(one: Message) -> str:
    """What a mail is about."""
    found = KINDS.get(one.kind)
    name = found.title if found else one.kind.replace("_", " ").capitalize()
    return f"{name} (test)" if "test" in one.facts else name


def mail_badge(one: Message) -> Badge:
    """Where a mail stands."""
    return Badge(*_MAIL_STATES.get(one.state, (one.state.capitalize(), "neutral")))


def framed(mail: Mail) -> HttpResponse:
    """A mail's HTML as a page of its own, that may stand in a frame of ours."""
    response = HttpResponse(mail.html, headers={"Content-Security-Policy": _FRAME})
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def mails_section(visit: Visit, party_id: UUID, limit: int, more: str) -> Section:
    """The mails that the member was sent, the latest first; a sandbox's are kept and leave for nobody."""
    columns = (
        Column("kind", "Mail"),
        Column("at", "Written", "date"),
        Column("state", "State", "badge"),
        Column("sent", "Sent", "date"),
        Column("said", "What was said", "prose"),
    )
    here = member_url(visit, party_id)
    rows = [
        Row(
            (mail_name(one), one.written_at, mail_badge(one), one.sent_at, one.last_error or None),
            f"{here}mails/{one.id}/",
        )
        for one in reversed(messages_to(party_id))
    ]
    declined = [name for topic, name in TOPICS.items() if topic in declined_by(party_id)]
    problem, actions = _refused(visit, party_id), list[Action]()
    if visit.may("send_link"):
        actions.append(Action("Mails they want", f"{here}mails/"))
    if problem is not None and visit.may("send_link"):
        email = Party.objects.values_list("email", flat=True).get(id=party_id)
        fields = (("email", email), ("back", f"{here}#mails"))
        actions.append(
            Action("Use the address again", visit.url("settings/mail/trust/"), method="post", fields=fields)
        )
    return Section(
        "mails",
        "Mails",
        Table(
            columns,
            tuple(rows[:limit]),
            "Mails",
            empty=EmptyState("No mail yet.", "What is sent stands here."),
        ),
        text=f"Not wanted: {'; '.join(declined)}." if declined else "",
        actions=tuple(actions),
        problem=problem,
        more=Link("All mails", f"{more}#mails") if len(rows) > limit else None,
    )


def _refused(visit: Visit, party_id: UUID) -> Problem | None:
    """Why no mail goes to the member's address, where a server has refused it."""
    party = Party.objects.get(id=party_id)
    found = refused_address(visit.organization.id, party.email) if party.email else None
    if found is None:
        return None
    on = day_text(found.at.date(), visit.organization.locale)
    return Problem(
        "No mail goes to this address",
        f"{party.email} was refused on {on}: {found.why} Correct the address, or use it again if it works now.",
    )
