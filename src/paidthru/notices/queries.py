"""Questions to the notices room."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.core import signing
from django.db import connection
from django.db.models import Max

from paidthru.invoicing.models import Invoice, Line
from paidthru.invoicing.queries import OF_LINE, open_on_all
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.notices.models import OptOut, RefusedAddress, TemplateText
from paidthru.notices.rules.catalogue import Template, standard
from paidthru.notices.rules.kinds import KINDS, TOPICS
from paidthru.people.models import Party
from paidthru.timeline.models import Message

OF_CASES = tuple(kind for kind, one in KINDS.items() if one.of_case)
_SALT = "paidthru.notices.decline"


def invoice_facts(invoices: Iterable[Invoice]) -> dict[UUID, dict[str, str]]:
    """What fills the mails of invoices, by invoice: the lines as they are billed, and what is open of them now."""
    asked = {invoice.id: invoice for invoice in invoices}
    lines: dict[UUID, list[str]] = {id_: [] for id_ in asked}
    for line in Line.objects.filter(invoice__in=asked).order_by("position", "id"):
        currency = asked[line.invoice_id].currency
        lines[line.invoice_id].append(f"{line.description}: {plain(line.amount_minor, currency)} {currency}")
    open_minor = open_on_all(list(asked))
    return {
        id_: {
            "invoice": invoice.label,
            "pays": str(id_),
            "amount": plain(open_minor.get(id_, 0), invoice.currency),
            "currency": invoice.currency,
            "due": invoice.due_on.isoformat(),
            "lines": "\n".join(
                [*lines[id_], f"Total: {plain(invoice.total_minor, invoice.currency)} {invoice.currency}"]
            ),
        }
        for id_, invoice in asked.items()
    }


def bills_to_mail(invoice_ids: Sequence[UUID]) -> list[Invoice]:
    """Of new bills, those that their payers pay by themselves and can be mailed: of memberships and homes not on
    autopay, to somebody with an address, with something owed; by number."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT i.id FROM invoicing_invoice i JOIN people_party p ON p.id = i.party_id AND p.email <> ''
               WHERE i.id = ANY(%s) AND i.state = 'sent' AND i.sent_at IS NULL AND EXISTS (
                   SELECT 1 FROM invoicing_line l {OF_LINE.format(line="l")}
                   LEFT JOIN membership_membership m ON m.id = r.source_id
                   LEFT JOIN people_holding h ON h.unit_id = r.source_id AND h.party_id = i.party_id
                        AND h.role = 'owner' AND h.until_on IS NULL
                   WHERE l.invoice_id = i.id AND r.state = 'open' AND NOT r.voluntary AND r.balance_minor > 0
                     AND NOT coalesce(m.autopay AND coalesce(m.payer_id, m.party_id) = i.party_id, h.autopay,
                                      false))""",
            [list(invoice_ids)],
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Invoice.objects.filter(id__in=ids).select_related("party").order_by("number"))


def words_at(organization_id: UUID, kind: str, language: str, at: datetime) -> Template:
    """The words of a kind of mail as they were at an instant: the organization's own, else the standard ones."""
    found = version_at(organization_id, kind, language, at)
    if found is None or not found.body:
        return standard(kind, language)
    return Template(found.subject, found.body, standard(kind, language).button)


def version_at(organization_id: UUID, kind: str, language: str, at: datetime) -> TemplateText | None:
    """The version of an organization's own words that counted at an instant."""
    found = TemplateText.objects.filter(organization_id=organization_id, kind=kind, language=language)
    return found.filter(made_at__lte=at).order_by("-number").first()


def versions(organization_id: UUID, kind: str, language: str) -> list[TemplateText]:
    """An organization's own words of a kind, the newest first."""
    found = TemplateText.objects.filter(organization_id=organization_id, kind=kind, language=language)
    return list(found.order_by("-number"))


def newest_texts(organization_id: UUID, language: str) -> dict[str, TemplateText]:
    """The newest version of each kind that has any."""
    found = TemplateText.objects.filter(organization_id=organization_id, language=language)
    return {one.kind: one for one in found.order_by("kind", "-number").distinct("kind")}


def texts_of_cases_changed_at(organization_id: UUID) -> datetime | None:
    """When the words of the ladder's mails were last changed (A-52)."""
    found = TemplateText.objects.filter(organization_id=organization_id, kind__in=OF_CASES)
    at: datetime | None = found.aggregate(at=Max("made_at"))["at"]
    return at


def declined_by(party_id: UUID) -> frozenset[str]:
    """The topics that a party declines."""
    return frozenset(OptOut.objects.filter(party_id=party_id).values_list("topic", flat=True))


def who_declined(party_ids: Collection[UUID], topic: str) -> frozenset[UUID]:
    """Of parties, those who decline a topic."""
    found = OptOut.objects.filter(party_id__in=party_ids, topic=topic)
    return frozenset(found.values_list("party_id", flat=True))


def declines(party_id: UUID | None, kind: str) -> bool:
    """Whether a party declines the mails of a kind; nobody can decline what they need."""
    topic = KINDS[kind].topic
    return bool(topic and party_id and OptOut.objects.filter(party_id=party_id, topic=topic).exists())


def was_told_of_end(party_id: UUID, membership_id: UUID) -> bool:
    """Whether the mail of the last cancellation that somebody asked for has left (in a sandbox: would have)."""
    mails = Message.objects.filter(party_id=party_id, kind="canceled", facts__ending=str(membership_id))
    last = mails.order_by("-id").first()
    return last is not None and last.state in ("sent", "kept")


def refused_address(organization_id: UUID, email: str) -> RefusedAddress | None:
    """What is known of an address that mail servers refuse."""
    return RefusedAddress.objects.filter(organization_id=organization_id, email=email.strip().lower()).first()


def refused_addresses(organization_id: UUID, *, limit: int) -> list[RefusedAddress]:
    """The addresses that mail servers refuse, the latest first."""
    return list(RefusedAddress.objects.filter(organization_id=organization_id).order_by("-at", "id")[:limit])


def decline_token(party_id: UUID, topic: str) -> str:
    """What stands in a mail's address by which its topic is declined: signed, good for nothing else, and for as long
    as the mail may lie in a box."""
    return signing.dumps([party_id.hex, topic], salt=_SALT)


def declined_in(token: str) -> tuple[Party, str]:
    """Whose wish about which topic a token is. Refused `link_unknown` for one that we didn't make."""
    try:
        id_, topic = signing.loads(token.replace("\0", ""), salt=_SALT)
        party = Party.objects.select_related("organization").filter(id=UUID(hex=id_)).first()
    except (signing.BadSignature, ValueError, TypeError):
        party, topic = None, ""
    if party is None or topic not in TOPICS:
        raise Refused(
            "link_unknown", "There is no such link.", fix="Look whether the whole address was copied."
        )
    return party, topic
