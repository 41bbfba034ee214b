"""Before a mail leaves: whether what it says is still so, whether it is wanted, and at which hours it may go."""

from datetime import datetime, time, timedelta
from uuid import UUID

from paidthru.actions.follow_up.telling import fillings
from paidthru.actions.notify_ahead import facts_now
from paidthru.dunning.models import Case
from paidthru.dunning.queries import is_closed
from paidthru.invoicing.models import Invoice
from paidthru.kernel.clock import local_date, local_instant
from paidthru.membership.models import Membership
from paidthru.notices.mailer import MailRefused
from paidthru.notices.operations import note_refused_address
from paidthru.notices.queries import declines, invoice_facts
from paidthru.notices.rules.kinds import KINDS
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.models import Message
from paidthru.timeline.operations import SCHEDULE, Happening, record

_DAY = timedelta(days=1)


def still_so(organization: Organization, message: Message, *, now: datetime) -> dict[str, str] | str:
    """The facts of a mail as they are by now, or why it is not to leave any more: settled, not owed, canceled, moved,
    or declined meanwhile."""
    facts: dict[str, str] = dict(message.facts)
    if declines(message.party_id, message.kind):
        return "The member doesn't want mails like this one."
    if "membership" in facts and KINDS[message.kind].topic == "renewals":
        present = facts_now(organization, message.kind, facts)
        return "It was no longer so when it could leave." if present is None else facts | present
    if "ending" in facts and not _ends(UUID(facts["ending"])):
        return "The cancellation was undone before this mail could leave."
    if "pays" in facts:
        return _invoice_now(UUID(facts["pays"]), facts)
    if _paid(organization, message.kind, facts):
        return "It was paid before this mail could leave."
    if "case" not in facts:
        return facts
    case_id = UUID(facts["case"])
    if is_closed(case_id):
        return "It was settled before this mail could leave."
    if Case.objects.filter(id=case_id, state="open").exists():  # what its end says stays as it was
        filling = fillings([case_id], today=local_date(now, organization.zone))[case_id]
        if filling.owed_minor <= 0:
            return "Nothing was owed any more when this mail could leave."
        return facts | filling.facts
    return facts


def _ends(membership_id: UUID) -> bool:
    return Membership.objects.filter(id=membership_id, state__in=("ending", "ended")).exists()


def _invoice_now(invoice_id: UUID, facts: dict[str, str]) -> dict[str, str] | str:
    invoice = Invoice.objects.get(id=invoice_id)
    if invoice.state != "sent" or invoice.balance_minor <= 0:
        return "Nothing was open on the invoice any more when this mail could leave."
    return facts | invoice_facts([invoice])[invoice.id]


def _paid(organization: Organization, kind: str, facts: dict[str, str]) -> bool:
    """Whether all that a mail asks to pay has been paid."""
    if kind not in ("invoice", "payment_failed", "action_required"):
        return False
    asked = facts.get("invoices") or facts.get("invoice", "")
    numbers = [int(one) for one in asked.split(", ") if one.isdecimal()]
    found = Invoice.objects.filter(organization=organization, number__in=numbers)
    return bool(numbers) and not found.exclude(state="paid").exists()


def opens_at(organization: Organization, kind: str, *, now: datetime) -> datetime | None:
    """From when a mail of a kind may leave, where that isn't now (`mail.hours`)."""
    hours = policies_of(organization).call("mail.hours")
    if hours.name != "between" or KINDS[kind].at_once:
        return None
    first, last = (time.fromisoformat(str(one)) for one in hours.args)
    today = local_date(now, organization.zone)
    opens, closes = (local_instant(today, hour, organization.zone) for hour in (first, last))
    if opens <= now <= closes:
        return None
    return opens if now < opens else local_instant(today + _DAY, first, organization.zone)


def note_refusal(
    organization: Organization, message: Message, to: str, refused: MailRefused, *, now: datetime
) -> None:
    """Marks an address that was refused for good, and tells it where the member's story is told."""
    if not refused.address:
        return
    note_refused_address(organization.id, to, str(refused), now=now)
    if message.party_id is not None:
        facts = {"email": to}
        happening = Happening(
            "mail_refused", "party", message.party_id, message.party_id, str(refused), facts
        )
        record(organization.id, SCHEDULE, now, [happening])
