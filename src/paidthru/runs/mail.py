"""Mail: what waits in the outbox is sent, with no transaction open; money never waits for it."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from paidthru.actions.mail_member_links import KIND as LINK_ASKED
from paidthru.actions.make_link import make_link
from paidthru.actions.make_pay_link import make_pay_link
from paidthru.actions.open_sign_up import open_sign_up
from paidthru.giving.queries import gift_token
from paidthru.invoicing.queries import pay_token
from paidthru.kernel.clock import local_date
from paidthru.notices.mailer import MailRefused, MailUnsent
from paidthru.notices.operations import as_sent
from paidthru.notices.queries import decline_token, refused_address
from paidthru.notices.rules.catalogue import TEMPLATES, language_of
from paidthru.notices.rules.kinds import KINDS, PLACEHOLDERS, SAMPLE_LINK
from paidthru.payments.queries.links import sign_in_code
from paidthru.people.models import Party
from paidthru.runs.desk import Desk
from paidthru.runs.mail_checks import note_refusal, opens_at, still_so
from paidthru.runs.mail_papers import papers
from paidthru.ticketing.queries import order_token
from paidthru.timeline.models import Message
from paidthru.timeline.operations import SCHEDULE
from paidthru.timeline.queries import messages_waiting

TRIES = 12
#: What a mail's link is for, where it isn't to save a way to pay.
PURPOSES = {"welcome": "member", "member_link": "member", "renewal_ahead": "member"}
_WAIT = timedelta(minutes=2)
ENOUGH = 3  # mails in a row that nobody takes: the carrier is away, and each one more would wait for it


def send_mail(desk: Desk) -> int:
    """Sends what waits; returns how many mails left. A sandbox's mail is kept in the outbox and leaves for nobody.

    Whether it is still so, and still wanted, is looked at again before. A mail that was handed over is marked at once;
    should we be killed between the two, it is sent again: a second mail is better than none. What isn't taken is tried
    again, ever later, a day long; where nothing is taken at all, the rest waits for the next round.
    """
    sent, in_vain = 0, 0
    for message in messages_waiting(desk.organization.id, due_by=desk.clock.now()):
        outcome = _send(desk, message)
        sent += outcome == "sent"
        in_vain = in_vain + 1 if outcome == "unsent" else 0
        if in_vain >= ENOUGH:
            break
    return sent


def _send(desk: Desk, message: Message) -> str:
    now, organization = desk.clock.now(), desk.organization
    facts = still_so(organization, message, now=now)
    if isinstance(facts, str):
        return _note(message, "dropped", last_error=facts, next_try_at=None)
    name, to, wished = _addressee(message)
    facts = facts | {"language": facts.get("language") or language_of(organization.locale, wished)}
    if desk.mailer is None:
        return _note(message, "kept", facts=facts, next_try_at=None)
    if not to:
        return _note(message, "dropped", last_error="There is no e-mail address.", next_try_at=None)
    if refused := refused_address(organization.id, to):
        why = f"{to} was refused on {refused.at.date().isoformat()}: {refused.why}"
        return _note(message, "dropped", last_error=why[:300], next_try_at=None)
    if (opens := opens_at(organization, message.kind, now=now)) is not None:
        return _note(message, "waiting", next_try_at=opens)
    decline = ""
    if message.party_id is not None and (topic := KINDS[message.kind].topic):
        decline = f"{desk.public_url}/mails/{decline_token(message.party_id, topic)}/"
    links = _link(desk, message)
    mail = as_sent(organization, message, facts | links, name=name, to=to, wished=wished, unsubscribe=decline)
    if "until" in links:
        facts = facts | {"until": links["until"]}
    attached, lacking = papers(desk, message)
    mail = replace(mail, attachments=attached)
    if attached:
        facts = facts | {"attached": ", ".join(one.file_name for one in attached)}
    try:
        desk.mailer.send(mail, sender=organization.name)
    except MailRefused as refusal:
        note_refusal(organization, message, to, refusal, now=now)
        return _note(message, "failed", last_error=str(refusal)[:300], sent_to=to, next_try_at=None)
    except MailUnsent as unsent:
        tries, why = message.tries + 1, str(unsent)[:300]
        if tries >= TRIES:
            return _note(message, "failed", last_error=why, tries=tries, next_try_at=None)
        later = now + _WAIT * 2 ** min(tries, 8)
        _note(message, "waiting", last_error=why, tries=tries, next_try_at=later)
        return "unsent"
    return _note(message, "sent", sent_at=now, sent_to=to, facts=facts, last_error=lacking, next_try_at=None)


def _addressee(message: Message) -> tuple[str, str, str]:
    """Whom a mail is for: their name, e-mail address, and the language that they wish."""
    if message.party_id is None:
        return message.facts["addressee"], message.facts["to"], ""
    party = Party.objects.get(id=message.party_id)
    return party.name, party.email, party.language


def _link(desk: Desk, message: Message) -> dict[str, str]:
    """The secret link of a mail that has one: made now, so that its token is nowhere but in the mail."""
    if not TEMPLATES[message.kind].has_link and "gift" not in message.facts:
        return {}
    if (
        "test" in message.facts
    ):  # to staff, who see what a member would: there is nobody whose link it could be
        return {"link": SAMPLE_LINK, "code": PLACEHOLDERS["code"][1]}
    if "gift" in message.facts:  # the link of a gift, the same in each mail; it is good for that gift alone
        url = f"{desk.public_url}/gift/{gift_token(UUID(message.facts['gift']))}/"
        return {"link": url, "gift_link": url}
    if "order" in message.facts:
        return {"link": f"{desk.public_url}/tickets/of/{order_token(UUID(message.facts['order']))}/"}
    if message.party_id is None:
        token, ends = open_sign_up(UUID(message.facts["sign_up"]), now=desk.clock.now())
        day = local_date(ends, desk.organization.zone).isoformat()
        return {"link": f"{desk.public_url}/join/on/{token}/", "until": day}
    if "pays" in message.facts:  # the link of an invoice, the same in each mail
        pays = make_pay_link(
            desk.organization, UUID(message.facts["pays"]), actor=SCHEDULE, now=desk.clock.now()
        )
        return {"link": f"{desk.public_url}/pay/{pay_token(pays.id)}/"}
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
    found = {"link": f"{desk.public_url}/m/{token}/", "until": until}
    if message.kind == LINK_ASKED:
        asked_with = message.key.split(" ", 2)[2]
        found["code"] = sign_in_code(desk.organization.id, link.party.email, asked_with)
    return found


def _note(message: Message, state: str, **values: str | int | datetime | dict[str, str] | None) -> str:
    Message.objects.filter(id=message.id, state="waiting").update(state=state, **values)
    return state
