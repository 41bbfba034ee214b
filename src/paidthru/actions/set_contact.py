"""Correct how somebody is called and reached, and where documents go. Issued documents keep what they were issued
with."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.documents.rules.words import LANGUAGES
from paidthru.kernel.errors import Refused
from paidthru.kernel.texts import checked_email, checked_name
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.branding import checked_country, checked_lines
from paidthru.people.models import Party
from paidthru.people.operations import refuse_taken_id
from paidthru.timeline.operations import Actor, Happening, record

_NAMES = {"external_id": "roster id", "email": "e-mail"}
_SHOWN = ("name", "email", "phone", "external_id")  # what these were stands in the timeline


@dataclass(frozen=True, slots=True)
class Contact:
    """How somebody is called and reached; "" is none, and for `language` the organization's own. `address` are postal
    lines, `country` two letters, `external_id` the id in the organization's roster."""

    name: str
    email: str = ""
    phone: str = ""
    external_id: str = ""
    address: str = ""
    country: str = ""
    language: str = ""


def contact_of(party: Party) -> Contact:
    """What is known of somebody."""
    return Contact(
        party.name,
        party.email,
        party.phone,
        party.external_id or "",
        party.address,
        party.country,
        party.language,
    )


def fingerprint(contact: Contact) -> str:
    """What stands for exactly this."""
    return hashlib.sha256(json.dumps(asdict(contact)).encode()).hexdigest()


def set_contact(
    organization: Organization,
    party_id: UUID,
    contact: Contact,
    *,
    read: str = "",
    actor: Actor,
    now: datetime,
) -> Party:
    """What is known of a party, as a whole; said again, nothing happens. `read` is the
    `fingerprint` of what whoever says it has read, "" where they have not.

    The mails that are on their way go where they were addressed; a code to sign in goes to the new address from now on.
    Refused `member_unknown`, `contact_changed` (it is no longer what was read), `language_unknown`,
    `external_id_taken`, and as `checked_name`, `checked_email`, `checked_lines`, `checked_country`."""
    said = asdict(_checked(contact))
    with transaction.atomic():
        party = (
            Party.objects.select_for_update(no_key=True)
            .filter(id=party_id, organization=organization)
            .first()
        )
        if party is None:
            raise Refused(
                "member_unknown", "There is no such person.", field="member", fix="Look them up again."
            )
        if read and fingerprint(contact_of(party)) != read and asdict(contact_of(party)) != said:
            raise Refused(
                "contact_changed",
                "Somebody has changed this since you opened it.",
                fix="Nothing was saved. Open it again, and change what is left to be changed.",
            )
        before = asdict(contact_of(party))
        changed = [key for key, value in said.items() if before[key] != value]
        if not changed:
            return party
        if "external_id" in changed:
            refuse_taken_id(organization.id, said["external_id"])
        for key in changed:
            setattr(party, key, said[key])
        party.external_id = party.external_id or None
        if "name" in changed:  # its parts came with a roster, and are no longer those of this name
            party.given_name = party.family_name = ""
        party.save(update_fields=[*changed, "given_name", "family_name"])
        facts = {"changed": [_told(key, before[key], said[key]) for key in changed]}
        record(
            organization.id, actor, now, [Happening("contact_set", "party", party.id, party.id, facts=facts)]
        )
    return party


def _checked(contact: Contact) -> Contact:
    language = contact.language.strip().lower()
    if language and language not in LANGUAGES:
        raise Refused(
            "language_unknown",
            f"Documents can't be written in “{contact.language.strip()[:20]}”.",
            field="language",
            value=contact.language.strip()[:20],
            fix=f"Choose one of: {', '.join(LANGUAGES)}; or none, for the organization's own.",
        )
    return Contact(
        name=checked_name(contact.name, field="name", most=450),
        email=checked_email(contact.email) if contact.email.strip() else "",
        phone=_line(contact.phone, "phone", 60),
        external_id=_line(contact.external_id, "external_id", 100),
        address=checked_lines(contact.address, field="address"),
        country=checked_country(contact.country),
        language=language,
    )


def _line(text: str, field: str, most: int) -> str:
    return checked_name(text, field=field, most=most) if text.strip() else ""


def _told(key: str, before: str, after: str) -> str:
    """One change in words: `e-mail from ann@example.org to ann@example.com`."""
    name = _NAMES.get(key, key)
    return f"{name} from {before or 'none'} to {after or 'none'}" if key in _SHOWN else name
