"""Mail member links: whoever types an address is mailed the way to the memberships that are known by it (C-42)."""

from datetime import datetime, timedelta

from paidthru.notices.operations import tell
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.models import Message
from paidthru.timeline.operations import Actor, Happening, once, record

KIND = "member_link"
MOST_PEOPLE = 10  # of one address: a household, a small company
PER_HOUR = 3  # mails to one person, whoever asks and from wherever


def mail_member_links(organization: Organization, email: str, *, key: str, now: datetime) -> int:
    """Puts a mail into the outbox for each person with the e-mail address, however it is written, and returns how many;
    its link is made when it is sent. An address that is nobody's is nothing to us: no mail, no event, nothing kept.

    Nobody gets more than `PER_HOUR` of them. The same `key`, one for each form, is done once.
    """
    parties = people_at(organization, email)
    if not parties:
        return 0

    def act() -> dict[str, int]:
        happened = []
        for party in parties:
            lately = Message.objects.filter(
                organization=organization,
                party_id=party.id,
                kind=KIND,
                written_at__gt=now - timedelta(hours=1),
            )
            if lately.count() >= PER_HOUR:
                continue
            tell(organization.id, party.id, KIND, f"{KIND} {party.id} {key}", {}, now=now)
            facts = {"email": party.email}
            happened.append(Happening("link_asked", "party", party.id, party.id, facts=facts))
        record(organization.id, Actor("visitor", "a visitor"), now, happened)
        return {"mails": len(happened)}

    inputs = {"parties": sorted(str(party.id) for party in parties)}
    outcome = once(organization.id, f"member links {key}", "mail_member_links", inputs, now, act)
    return int(outcome["mails"])


def people_at(organization: Organization, email: str) -> list[Party]:
    """Those who are known by an e-mail address, however it is written; not more than `MOST_PEOPLE`."""
    found = Party.objects.filter(organization=organization, email__iexact=email.strip())
    return list(found.exclude(email="").order_by("number")[:MOST_PEOPLE])
