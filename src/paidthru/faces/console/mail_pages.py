"""The mails to a member as a part of their record."""

from uuid import UUID

from paidthru.faces.console.pages import Section
from paidthru.faces.console.parts import Badge, Column, EmptyState, Link, Row, Table, Tone
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


def mails_section(party_id: UUID, limit: int, more: str) -> Section:
    """The mails that the member was sent, the latest first; a sandbox's are kept and leave for nobody."""
    columns = (
        Column("at", "Written", "date"),
        Column("kind", "Mail"),
        Column("state", "State", "badge"),
        Column("sent", "Sent", "date"),
        Column("said", "What was said", "prose"),
    )
    found = reversed(messages_to(party_id))
    rows = [
        Row(
            (
                one.written_at,
                _MAILS.get(one.kind, one.kind.replace("_", " ").capitalize()),
                Badge(*_MAIL_STATES.get(one.state, (one.state.capitalize(), "neutral"))),
                one.sent_at,
                one.last_error or None,
            )
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
