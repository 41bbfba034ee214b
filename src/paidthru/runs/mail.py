"""Mail: what waits in the outbox is sent, with no transaction open; money never waits for it."""

from datetime import datetime, timedelta
from uuid import UUID

from paidthru.actions.make_link import make_link
from paidthru.actions.open_sign_up import open_sign_up
from paidthru.dunning.queries import is_closed
from paidthru.kernel.clock import local_date
from paidthru.notices.mailer import MailRefused, MailUnsent
from paidthru.notices.rules.catalogue import TEMPLATES, composed
from paidthru.people.models import Party
from paidthru.runs.desk import Desk
from paidthru.timeline.models import Message
from paidthru.timeline.operations import SCHEDULE
from paidthru.timeline.queries import messages_waiting

TRIES = 12
PURPOSES = {"welcome": "member"}  # what a mail's link is for, where it isn't to save a way to pay
_WAIT = timedelta(minutes=2)


def send_mail(desk: Desk) -> int:
    """Sends what waits; returns how many mails left. A sandbox's mail is kept in the outbox and leaves for nobody.

    A mail that was handed over is marked at once; should we be killed between the two, it is sent again: a second
    mail is better than none. What isn't taken is tried again, ever later, a day long.
    """
    sent = 0
    for message in messages_waiting(desk.organization.id, due_by=desk.clock.now()):
        sent += _send(desk, message)
    return sent


def _send(desk: Desk, message: Message) -> bool:
    now = desk.clock.now()
    name, to = _addressee(message)
    if desk.mailer is None:
        return _note(message, state="kept", next_try_at=None)
    if "case" in message.facts and is_closed(UUID(message.facts["case"])):
        why = "It was settled before this mail could leave."
        return _note(message, state="dropped", last_error=why, next_try_at=None)
    if not to:
        return _note(message, state="dropped", last_error="There is no e-mail address.", next_try_at=None)
    mail = composed(
        message.kind,
        {**message.facts, **_link(desk, message)},
        organization=desk.organization.name,
        name=name,
        to=to,
        key=str(message.id),
    )
    try:
        desk.mailer.send(mail, sender=desk.organization.name)
    except MailRefused as refused:
        return _note(message, state="failed", last_error=str(refused)[:300], next_try_at=None)
    except MailUnsent as unsent:
        tries = message.tries + 1
        if tries >= TRIES:
            return _note(message, state="failed", last_error=str(unsent)[:300], tries=tries, next_try_at=None)
        later = now + _WAIT * 2 ** min(tries, 8)
        return _note(message, state="waiting", last_error=str(unsent)[:300], tries=tries, next_try_at=later)
    _note(message, state="sent", sent_at=now, next_try_at=None)
    return True


def _addressee(message: Message) -> tuple[str, str]:
    """Whom a mail is for: their name and e-mail address."""
    if message.party_id is None:
        return message.facts["addressee"], message.facts["to"]
    party = Party.objects.get(id=message.party_id)
    return party.name, party.email


def _link(desk: Desk, message: Message) -> dict[str, str]:
    """The secret link of a mail that has one: made now, so that its token is nowhere but in the mail."""
    if not TEMPLATES[message.kind].has_link:
        return {}
    if message.party_id is None:
        token, ends = open_sign_up(UUID(message.facts["sign_up"]), now=desk.clock.now())
        day = local_date(ends, desk.organization.zone).isoformat()
        return {"link": f"{desk.public_url}/join/on/{token}/", "until": day}
    attempt_id = UUID(message.facts["attempt"]) if message.kind == "action_required" else None
    link, token = make_link(
        desk.organization,
        message.party_id,
        purpose="confirm" if attempt_id else PURPOSES.get(message.kind, "method"),
        actor=SCHEDULE,
        now=desk.clock.now(),
        attempt_id=attempt_id,
    )
    until = local_date(link.expires_at, desk.organization.zone).isoformat()
    return {"link": f"{desk.public_url}/m/{token}/", "until": until}


def _note(message: Message, **values: str | int | datetime | None) -> bool:
    Message.objects.filter(id=message.id, state="waiting").update(**values)
    return False
