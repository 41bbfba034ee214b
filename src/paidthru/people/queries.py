"""Questions to the people room."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from paidthru.kernel.errors import Refused
from paidthru.people.models import Belonging, Holding, Party, Unit
from paidthru.people.rules.belonging import Stay


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


_FEW = 500


def whose(organization_id: UUID, text: str, of: str = "party") -> Q:
    """The rows of whom a text finds, `of` being their key to the party. Few are named by their ids, so that an index
    leads to their rows, however many others there are."""
    if not text.split():
        return Q()
    ids = Party.objects.filter(found_by(text), organization_id=organization_id).values_list("id", flat=True)
    few = list(ids[: _FEW + 1])
    return Q(**{f"{of}_id__in": few if len(few) <= _FEW else ids})


def one_meant(organization_id: UUID, text: str) -> Party:
    """Whoever is meant by an exact name, an id in the roster, an e-mail address or a number (`12`; `#12` is nothing
    else). Refused: `member_unknown`, `which_member`."""
    text = text.strip()
    digits = text.removeprefix("#")
    meant = Q(name__iexact=text) | Q(external_id__iexact=text) | Q(email__iexact=text)
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
            fix="Give the exact name, the e-mail address, the id in the roster, or the number. Somebody new"
            " is added first: Members, then Add contact.",
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


def meant_by(organization_id: UUID, texts: Collection[str]) -> dict[str, list[UUID]]:
    """As `one_meant`, for many at once: whoever each text can mean, by number; nobody where a text is left out."""
    wanted: dict[tuple[str, str], list[str]] = {}
    for text in texts:
        digits = text.removeprefix("#")
        is_number = digits.isascii() and digits.isdigit() and len(digits) < 19
        keys = [("number", str(int(digits)))] if is_number else []
        if not (keys and text.startswith("#")):
            keys += [("name", text), ("external_id", text.lower()), ("email", text.lower())]
        for key in keys:
            wanted.setdefault(key, []).append(text)
    found: dict[str, list[UUID]] = {}
    everybody = Party.objects.filter(organization_id=organization_id).order_by("number")
    for id_, number, name, external_id, email in everybody.values_list(
        "id", "number", "name", "external_id", "email"
    ).iterator():
        keys = [("number", str(number)), ("name", name), ("email", email.lower())]
        for text in {
            one
            for key in [*keys, ("external_id", (external_id or "").lower())]
            for one in wanted.get(key, ())
        }:
            found.setdefault(text, []).append(id_)
    return found


def is_exempt(party_id: UUID) -> bool:
    """Whether no tax is billed to a party."""
    return Party.objects.filter(id=party_id).exclude(tax_exempt="").exists()


def stays_in(group_id: UUID) -> tuple[Stay, ...]:
    """Everybody's time in a household or company, past and to come, in the order in which they began."""
    found = Belonging.objects.filter(group_id=group_id).order_by("from_on", "id")
    return tuple(Stay(one.id, one.party_id, one.from_on, one.until_on) for one in found)


def belongings_of(organization_id: UUID, *, on: date | None = None) -> QuerySet[Belonging]:
    """Who belongs to what, with both parties at hand, by group and then by beginning; on a local day, or ever."""
    found = Belonging.objects.filter(organization_id=organization_id).select_related("party", "group")
    if on is not None:
        found = found.filter(from_on__lte=on).filter(Q(until_on=None) | Q(until_on__gt=on))
    return found.order_by("group__name", "group_id", "from_on", "id")


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


def payers_of(unit_ids: Collection[UUID], on: date) -> dict[UUID, UUID]:
    """Who owned units on a local date, or owns them now where nobody did: parties by unit; a unit that nobody owns is
    left out."""
    found: dict[UUID, UUID] = {}
    owners = Holding.objects.filter(unit__in=set(unit_ids), role="owner")
    then = Q(from_on__lte=on) & (Q(until_on=None) | Q(until_on__gt=on))
    for holdings in (owners.filter(until_on=None), owners.filter(then).order_by("from_on", "id")):
        found |= dict(holdings.values_list("unit_id", "party_id"))
    return found
