"""Questions to the people room."""

from uuid import UUID

from django.db.models import Q

from paidthru.people.models import Party


def party_named(organization_id: UUID, name: str) -> Party | None:
    """The party of exactly that name; of several the one that came first."""
    return Party.objects.filter(organization_id=organization_id, name=name).order_by("number").first()


def found_by(text: str, of: str = "") -> Q:
    """The parties that a text finds: each of its words is in the name, or it is a part of the e-mail address, or the
    member's number or id in the roster. `of` is the way to the party, such as `party__`."""
    words = text.split()
    if not words:
        return Q()
    named = Q()
    for word in words:
        named &= Q(**{f"{of}name__icontains": word})
    found = (
        named | Q(**{f"{of}email__icontains": text.strip()}) | Q(**{f"{of}external_id__iexact": text.strip()})
    )
    digits = text.strip().removeprefix("#")
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        found |= Q(**{f"{of}number": int(digits)})
    return found
