"""Declare Gift Aid, and withdraw it: whether tax is claimed back on what somebody gives (A-25)."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from paidthru.giving.models import GiftAidDeclaration
from paidthru.giving.queries.gift_aid import words_to_declare
from paidthru.giving.rules.gift_aid import checked_from, checked_postcode
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, record


def declare_gift_aid(
    organization: Organization,
    party_id: UUID,
    *,
    address: str,
    postcode: str,
    from_on: date | None = None,
    channel: Literal["portal", "public", "staff"] = "staff",
    actor: Actor,
    now: datetime,
) -> GiftAidDeclaration:
    """Keeps a donor's declaration for what they give from a local date on (today, unless said), with their home address
    and the words. One in force is withdrawn as the new one begins; what it covers already changes nothing.

    Refused `member_unknown`, `not_in_this_country` (the letterhead's isn't GB), `address_missing`,
    `postcode_invalid` and `past_date`.
    """
    today = local_date(now, organization.zone)
    from_on, address, postcode = from_on or today, address.strip(), postcode.strip().upper()
    said = words_to_declare(organization.id, from_on)
    if not said:
        raise Refused(
            "not_in_this_country",
            "Gift Aid is claimed by charities in the United Kingdom.",
            fix="Name GB as the country of the letterhead, under Settings, Documents, if that is where you are.",
        )
    for field, given in (("address", address), ("postcode", postcode)):
        if not given:
            raise Refused(
                "address_missing",
                f"A declaration needs the donor’s home {field}.",
                field=field,
                fix="Enter it.",
            )
    postcode = checked_postcode(postcode)
    checked_from(from_on, today)
    with transaction.atomic():
        found = Party.objects.select_for_update(no_key=True).filter(id=party_id, organization=organization)
        party = found.first()
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="member", fix="Look them up again."
            )
        before = GiftAidDeclaration.objects.filter(party=party, until_on=None).first()
        if before is not None:
            same = (before.address, before.postcode, before.donor) == (address, postcode, party.name)
            if same and before.from_on <= from_on:
                return before
            before.until_on = max(from_on, before.from_on)
            before.save(update_fields=["until_on"])
        made = GiftAidDeclaration.objects.create(
            organization=organization, party=party, donor=party.name, address=address, postcode=postcode,
            from_on=from_on, statement=said, channel=channel, made_at=now,
        )  # fmt: skip
        facts = {"from": from_on.isoformat()}
        record(
            organization.id,
            actor,
            now,
            [Happening("gift_aid_declared", "party", party.id, party.id, facts=facts)],
        )
        return made


def withdraw_gift_aid(
    organization: Organization, party_id: UUID, *, actor: Actor, now: datetime
) -> GiftAidDeclaration:
    """Ends a donor's declaration: what they give from today on isn't claimed on. Refused `nothing_declared`."""
    with transaction.atomic():
        found = GiftAidDeclaration.objects.select_for_update().filter(
            organization=organization, party=party_id, until_on=None
        )
        declaration = found.first()
        if declaration is None:
            raise Refused("nothing_declared", "There is no Gift Aid declaration to withdraw.", field="member")
        declaration.until_on = max(local_date(now, organization.zone), declaration.from_on)
        declaration.save(update_fields=["until_on"])
        facts = {"until": declaration.until_on.isoformat()}
        told = Happening(
            "gift_aid_withdrawn", "party", declaration.party_id, declaration.party_id, facts=facts
        )
        record(organization.id, actor, now, [told])
        return declaration
