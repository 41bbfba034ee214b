"""The mails to a member as a part of their record."""

from uuid import UUID

from paidthru.faces.console.access import Visit
from paidthru.faces.console.addresses import member_url
from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Badge, Column, EmptyState, Link, Row, Table, Tone
from paidthru.timeline.models import Message
from paidthru.timeline.queries import messages_to

_MAILS = {
    "receipt": "Receipt",
    "payment_failed": "Your payment did not go through",
    "action_required": "Please confirm your payment",
    "method_link": "Your payment method",
    "refund": "Refund",
}
_MAIL_STATES: dict[str, tuple[str, Tone]] = {
    "waiting": ("Waits to be sent", "info"),
    "sent": ("Sent", "good"),
    "kept": ("Kept here", "neutral"),
    "failed": ("Not sent", "bad"),
    "dropped": ("No address", "warn"),
}


def mail_name(one: Message) -> str:
    """What a mail is about."""
    return _MAILS.get(one.kind, one.kind.replace("_", " ").capitalize())


def mail_badge(one: Message) -> Badge:
    """Where a mail stands."""
    return Badge(*_MAIL_STATES.get(one.state, (one.state.capitalize(), "neutral")))


def mails_section(visit: Visit, party_id: UUID, limit: int, more: str) -> Section:
    """The mails that the member was sent, the latest first; a sandbox's are kept and leave for nobody."""
    columns = (
        Column("kind", "Mail"),
        Column("at", "Written", "date"),
        Column("state", "State", "badge"),
        Column("sent", "Sent", "date"),
        Column("said", "What was said", "prose"),
    )
    found = reversed(messages_to(party_id))

    def read(one: Message) -> str | None:
        return f"{member_url(visit, party_id)}mails/{one.id}/" if visit.organization.is_sandbox else None

    rows = [
        Row(
            (
                mail_name(one),
                one.written_at,
                mail_badge(one),
                one.sent_at,
                one.last_error or None,
            ),
            read(one),
        )
        for one in found
    ]
    return Section(
        "mails",
        "Mails",
        Table(
            columns,
            tuple(rows[:limit]),
            "Mails",
            empty=EmptyState("No mail yet.", "What is sent stands here."),
        ),
        more=Link("All mails", f"{more}#mails") if len(rows) > limit else None,
    )
