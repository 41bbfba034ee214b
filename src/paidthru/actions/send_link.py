"""Send a link: a member is mailed a secret address at which they save a way to pay, on the processor's page (C-15)."""

from datetime import datetime
from uuid import UUID

from paidthru.kernel.errors import Refused
from paidthru.notices.operations import tell
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, once, record

KIND = "method_link"


def send_link(organization: Organization, party_id: UUID, *, actor: Actor, now: datetime, key: str) -> None:
    """Puts the mail into the outbox; its link is made when it is sent, so that the secret is nowhere but in the mail.
    The same `key`, one for each click, is one mail. Refused `member_unknown`, `no_email`."""

    def act() -> dict[str, str]:
        party = Party.objects.filter(id=party_id, organization=organization).first()
        if party is None:
            raise Refused(
                "member_unknown", "There is no such member.", field="member", fix="Look them up again."
            )
        if not party.email:
            raise Refused(
                "no_email",
                f"{party.name} has no e-mail address.",
                field="member",
                value=party.name,
                fix="Make a link and hand it over, or add the address first.",
            )
        tell(organization.id, party.id, KIND, f"{KIND} {key}", {}, now=now)
        facts = {"email": party.email}
        record(
            organization.id, actor, now, [Happening("link_sent", "party", party.id, party.id, facts=facts)]
        )
        return {"party": str(party.id)}

    once(organization.id, key, "send_link", {"party": party_id}, now, act)
