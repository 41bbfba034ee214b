"""Questions to the people room."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q

from paidthru.kernel.errors import Refused
from paidthru.people.models import Holding, Party, Unit


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


def one_meant(organization_id: UUID, text: str) -> Party:
    """Whoever is meant by an exact name, an id in the roster, an e-mail address or a number (`12`; `#12` is nothing
    else). Refused: `member_unknown`, `which_member`."""
    text = text.strip()
    digits = text.removeprefix("#")
    meant = Q(name=text) | Q(external_id__iexact=text) | Q(email__iexact=text)
    if digits.isascii() and digits.isdigit() and len(digits) < 19:
        numbered = Q(number=int(digits))
        meant = numbered if text.startswith("#") else meant | numbered
    found = list(Party.objects.filter(meant, organization_id=organization_id).order_by("number")[:5])
    if not found:
        raise Refused(
            "member_unknown",
            f"There is nobody called “{text}”.",
            field="contact",
            value=text,
            fix="Give the exact name, the e-mail address, the id in the roster, or the number.",
        )
    if len(found) > 1:
        raise Refused(
            "which_member",
            f"“{text}” can be {', '.join(f'{one.name} (#{one.number})' for one in found)}.",
            field="contact",
            value=text,
            fix=f"Give the number, such as #{found[0].number}.",
        )
    return found[0]


def is_exempt(party_id: UUID) -> bool:
    """Whether no tax is billed to a party."""
    return Party.objects.filter(id=party_id).exclude(tax_exempt="").exists()


def unit_named(organization_id: UUID, name: str) -> Unit:
    """The unit of that name, however it is capitalized. Refused `unit_unknown`."""
    found = Unit.objects.filter(organization_id=organization_id, name__iexact=name.strip()).first()
    if found is None:
        raise Refused(
            "unit_unknown",
            f"There is no unit called “{name}”.",
            field="unit",
            value=name,
            fix="Look it up in the list of units, or add it.",
        )
    return found


def payers_of(asked: Sequence[tuple[UUID, date]]) -> list[UUID]:
    """Who owned each unit on its local date, or owns it now where nobody did: parties, in the order asked. Units that
    nobody owns are not to be asked for (KeyError)."""
    holdings: dict[UUID, list[Holding]] = {}
    for one in Holding.objects.filter(unit__in={id_ for id_, _ in asked}, role="owner").order_by(
        "from_on", "id"
    ):
        holdings.setdefault(one.unit_id, []).append(one)

    def payer(unit_id: UUID, on: date) -> UUID:
        then = [
            one for one in holdings[unit_id]
            if one.from_on <= on and (one.until_on is None or one.until_on > on)
        ]  # fmt: skip
        return (then or holdings[unit_id])[-1].party_id

    return [payer(id_, on) for id_, on in asked]
