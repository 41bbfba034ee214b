"""Set mail wishes: which mails somebody wants, of those that can be declined (A-53)."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.notices.models import OptOut
from paidthru.notices.rules.kinds import TOPICS
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


def set_mail_wishes(
    organization: Organization, party_id: UUID, wanted: Mapping[str, bool], *, actor: Actor, now: datetime
) -> int:
    """Notes for each topic that is given whether its mails are wanted; returns how many wishes changed. A second time
    it changes nothing. What waits to be sent is looked at again when it is. Refused `member_unknown`,
    `topic_unknown`."""
    unknown = wanted.keys() - TOPICS.keys()
    if unknown:
        raise Refused(
            "topic_unknown",
            "There are no such mails.",
            field="topic",
            value=", ".join(sorted(unknown)),
            fix=f"Choose among {', '.join(TOPICS)}.",
        )
    with transaction.atomic():
        party = Party.objects.select_for_update().filter(id=party_id, organization=organization).first()
        if party is None:
            raise Refused(
                "member_unknown", "There is no such member.", field="member", fix="Look them up again."
            )
        declined = {one.topic: one for one in OptOut.objects.filter(party=party)}
        happenings = []
        for topic, wants in wanted.items():
            if wants == (topic not in declined):
                continue
            if wants:
                declined[topic].delete()
            else:
                OptOut.objects.create(
                    organization=organization, party=party, topic=topic, since=now, by=actor.name[:200]
                )
            verb = "mail_wanted" if wants else "mail_declined"
            facts = {"mails": TOPICS[topic], "topic": topic}
            happenings.append(Happening(verb, "party", party.id, party.id, facts=facts))
        record(organization.id, actor, now, happenings)
    return len(happenings)
