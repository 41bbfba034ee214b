"""Write steps of notices, inside somebody's transaction: a mail is written with the event that it tells of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from paidthru.dunning.queries import followed_by_mail, untold
from paidthru.giving.models import Gift, TaxReceipt
from paidthru.giving.queries import gifts_behind
from paidthru.invoicing.models import Invoice
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.membership.operations.billing import Billed
from paidthru.membership.queries import plans_on_invoices
from paidthru.notices.models import RefusedAddress
from paidthru.notices.queries import bills_to_mail, invoice_facts, words_at
from paidthru.notices.rules.catalogue import TEMPLATES, Mail, Template, composed, language_of, standard
from paidthru.notices.rules.sentences import known_in
from paidthru.organizations.models import Organization, User
from paidthru.organizations.queries import accent_of, policies_of
from paidthru.payments.models import Attempt
from paidthru.payments.queries import Collectable
from paidthru.payments.rules.decline_codes import words
from paidthru.payments.rules.retries import REASONS
from paidthru.people.models import BillingContact
from paidthru.ticketing.models import TicketOrder
from paidthru.timeline.models import Message
from paidthru.timeline.operations import Actor, Happening, Places, record_in, write_message, write_messages

#: The kind of mail that each event of a member's money brings.
KIND_OF = {
    "payment_received": "receipt",
    "payment_recorded": "receipt",
    "payment_declined": "payment_failed",
    "payment_returned": "payment_failed",
    "payment_requires_action": "action_required",
    "refund_sent": "refund",
    "refund_recorded": "refund",
    "cancellation_asked": "canceled",
    "membership_canceled": "canceled",
    "membership_downgraded": "downgraded",
}
_OF_GIFTS = ("receipt", "payment_failed")  # what tells how a gift is changed, when its donation is meant
_silent: ContextVar[bool] = ContextVar("unannounced", default=False)


@contextmanager
def unannounced() -> Iterator[None]:
    """Within, `announce` writes no mail, in this thread: what is written anew was told when it happened (C.10)."""
    before = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(before)


def announce(organization_id: UUID, happenings: Iterable[Happening], *, now: datetime) -> None:
    """Writes the mails that events bring (see KIND_OF), in their transaction: one for each subject and kind. Of a retry
    that failed nothing is written where reminders follow on days of their own, and of any where the organization
    decides so (`dunning.on_failure`, A-46)."""
    if _silent.get():
        return
    told = list(happenings)
    unsaid = _unsaid(organization_id, [one.subject_id for one in told if one.verb == "payment_declined"])
    gifts = gifts_behind(one.subject_id for one in told if KIND_OF.get(one.verb) in _OF_GIFTS)
    for one in told:
        kind = KIND_OF.get(one.verb)
        if one.subject_id in unsaid:
            continue
        if kind is not None and one.party_id is not None and isinstance(one.facts, Mapping):
            occasion = f"{kind} {one.subject_id}"
            if one.verb == "cancellation_asked":  # it may be undone, and asked for again
                occasion = f"{kind} {one.subject_id} {now.isoformat()}"
            filling = _filling(one, kind)
            if one.verb == "cancellation_asked":
                filling["ending"] = str(one.subject_id)
            if one.subject_id in gifts:
                filling |= {"gift": str(gifts[one.subject_id]), "manage_as": "gift_manage"}
            tell(organization_id, one.party_id, kind, occasion, filling, now=now)


def _unsaid(organization_id: UUID, attempt_ids: Sequence[UUID]) -> set[UUID]:
    """The failed attempts that nobody is mailed of at once."""
    if not attempt_ids:
        return set()
    policies = policies_of(Organization.objects.get(id=organization_id))
    return followed_by_mail(attempt_ids) | untold(attempt_ids, policies)


def _filling(one: Happening, kind: str) -> dict[str, str]:
    """The facts of a mail out of an event's."""
    facts = dict(one.facts) if isinstance(one.facts, Mapping) else {}
    invoices = [str(number) for number in facts.get("invoices") or () if number is not None]
    filling = {name: str(value) for name, value in facts.items() if isinstance(value, str | int)}
    filling["invoices"] = ", ".join(invoices)
    filling["attempt"] = str(one.subject_id) if one.subject_kind == "attempt" else ""
    if kind == "payment_failed":
        code = str(facts.get("code") or "")
        filling["reason"] = words(code) if code else one.why
    if kind in ("canceled", "downgraded"):
        filling["said_as"] = _said_of_end(one.verb, filling)
    return filling


def _said_of_end(verb: str, filling: Mapping[str, str]) -> str:
    """What a member is told of the end that they, or staff, asked for, by the keys of its sentences."""
    if verb == "cancellation_asked":
        return "end_asked end_then" if filling.get("into") else "end_asked"
    return "end_downgraded" if verb == "membership_downgraded" else "end_canceled"


def tell_of_gift(gift: Gift, kind: str, *, now: datetime) -> None:
    """Mails a donor how their gift stands (`gift_begun`, `gift_paused`, `gift_stopped`), once for each of its dates;
    with the link by which it is changed and stopped."""
    if _silent.get():
        return
    facts = {
        "gift": str(gift.id),
        "amount": plain(gift.amount_minor, gift.currency),
        "currency": gift.currency,
        "on": gift.next_on.isoformat() if gift.next_on else "",
    }
    tell(gift.organization_id, gift.party_id, kind, f"{kind} {gift.id} {gift.made}", facts, now=now)


def tell_of_tickets(order: TicketOrder, *, now: datetime) -> None:
    """Mails whoever bought tickets what lets them in, with the link to them, once an order."""
    if _silent.get():
        return
    codes = order.tickets.order_by("id").values_list("code", flat=True)
    facts = {"order": str(order.id), "event": order.event.name, "tickets": ", ".join(codes)}
    tell(order.organization_id, order.party_id, "tickets", f"tickets {order.id}", facts, now=now)


def tell_of_receipts(receipts: Iterable[TaxReceipt], *, now: datetime) -> None:
    """Mails donors their tax receipts, each once; the receipt itself goes with its mail."""
    if _silent.get():
        return
    for receipt in receipts:
        facts = {
            "number": str(receipt.number),
            "amount": plain(receipt.amount_minor, receipt.currency),
            "currency": receipt.currency,
            "given_on": receipt.given_on.isoformat(),
        }
        key = f"tax_receipt {receipt.id}"
        tell(receipt.organization_id, receipt.party_id, "tax_receipt", key, facts, now=now)


def tell_of_years(organization_id: UUID, donors: Iterable[UUID], year: int, *, now: datetime) -> None:
    """Mails donors what they gave in a calendar year, each once a year; the statement goes with the mail."""
    mails = [(one, f"given_year {one} {year}", {"year": str(year)}) for one in donors]
    if mails and not _silent.get():
        write_messages(organization_id, "given_year", mails, now=now)


def note_sign_in_change(user: User, verb: str, *, actor: Actor, places: Places, **facts: str | int) -> None:
    """Notes that the way in which a user signs in has changed, wherever they work, and mails it to them at once: from
    a live organization, else from one that keeps its mails, and never from a rehearsal's copy. `facts` fill the event
    and the mail, and hold no secret (ASVS 6.3.7)."""
    record_in(places, actor, Happening(verb, "user", user.id, facts={"name": user.name} | facts))
    at = dict(places)
    works_for = Organization.objects.filter(id__in=at, forked_from=None)
    sender = min(works_for, key=lambda one: (one.is_sandbox, one.name, one.id), default=None)
    if sender is None:
        return
    now, said = at[sender.id], f"sign_in_{verb}"
    told = {name: str(value) for name, value in facts.items()}
    told |= {"moment": now.isoformat(), "zone": sender.zone}
    if actor.id != str(user.id):
        said, told["by"] = f"{said} sign_in_by", actor.name
    key = f"sign_in_changed {new_id()}"
    tell_stranger(
        sender.id, "sign_in_changed", key, told | {"said_as": said},
        to=user.email, addressee=user.name, now=now,
    )  # fmt: skip


def tell_stranger(
    organization_id: UUID,
    kind: str,
    key: str,
    facts: Mapping[str, str],
    *,
    to: str,
    addressee: str,
    now: datetime,
) -> None:
    """As `tell`, to somebody who is nobody's party yet."""
    tell(organization_id, None, kind, key, {**facts, "to": to, "addressee": addressee}, now=now)


def tell_billing_contact(
    organization_id: UUID,
    *,
    buyer: str,
    bought: str,
    amount_minor: int,
    currency: str,
    invoice: int | str | None,
    purchase: UUID,
    now: datetime,
) -> None:
    """Tells the billing contact, where there is one, that somebody bought something (G-46): one mail a `purchase` (its
    invoice), by whichever way it is billed and paid."""
    contact = BillingContact.objects.filter(organization_id=organization_id).first()
    if contact is None or _silent.get():
        return
    facts = {
        "buyer": buyer,
        "bought": bought,
        "amount": plain(amount_minor, currency),
        "currency": currency,
        "invoice": str(invoice or ""),
    }
    key = f"billing_contact {purchase}"
    tell(organization_id, contact.party_id, "billing_contact", key, facts, now=now)


def tell_of_purchase(organization_id: UUID, billed: Billed, *, buyer: str, now: datetime) -> None:
    """Tells the billing contact, where there is one, of a term that somebody bought (G-46)."""
    tell_billing_contact(
        organization_id,
        buyer=buyer,
        bought=billed.bought,
        amount_minor=billed.amount_minor,
        currency=billed.currency,
        invoice=billed.label,
        purchase=billed.invoice_id,
        now=now,
    )


def tell_of_invoice(organization_id: UUID, invoice: Invoice, *, now: datetime) -> None:
    """Tells the billing contact, where there is one, of an invoice that somebody is asked to pay (G-46)."""
    tell_billing_contact(
        organization_id,
        buyer=invoice.party.name,
        bought=", ".join(invoice.lines.order_by("position").values_list("description", flat=True))[:200],
        amount_minor=invoice.total_minor,
        currency=invoice.currency,
        invoice=invoice.label,
        purchase=invoice.id,
        now=now,
    )


def tell(
    organization_id: UUID,
    party_id: UUID | None,
    kind: str,
    key: str,
    facts: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Writes a mail to a party, one for each `key` however often it is told. Raises KeyError for facts that its
    template needs and that are missing."""
    missing = TEMPLATES[kind].tokens - known_in(facts)
    if missing:
        raise KeyError(", ".join(sorted(missing)))
    write_message(organization_id, party_id, kind, key, facts, now=now)


def tell_contact_of_payments(organization_id: UUID, attempt_ids: Sequence[UUID], *, now: datetime) -> None:
    """Tells the billing contact of invoices that members paid online by themselves, where that is news: what somebody
    bought and paid in one go has been told with the invoice (G-46)."""
    if _silent.get() or not BillingContact.objects.filter(organization_id=organization_id).exists():
        return
    by_members = Attempt.objects.filter(id__in=attempt_ids, initiator__in=("member", "visitor"))
    by_members = by_members.select_related("party")
    for attempt in by_members.order_by("id"):
        for invoice in Invoice.objects.filter(intents__intent_id=attempt.intent_id).order_by("number"):
            tell_of_invoice(organization_id, invoice, now=now)


def invoice_sent(invoice: Invoice, email: str, why: str = "") -> Happening:
    """What is told of an invoice that was mailed."""
    facts = {"invoice": invoice.named, "email": email}
    return Happening("invoice_sent", "invoice", invoice.id, invoice.party_id, why, facts)


def mail_bills(organization_id: UUID, invoice_ids: Sequence[UUID], *, now: datetime) -> list[Happening]:
    """Mails new bills to who pays them by themselves, each with its pay link; returns what to tell. A bill is mailed
    once: `send_invoice` is for once more."""
    bills = [] if _silent.get() else bills_to_mail(invoice_ids)
    if not bills:
        return []
    facts = invoice_facts(bills)
    mails = [(bill.party_id, f"invoice {bill.id} issued {bill.id}", facts[bill.id]) for bill in bills]
    write_messages(organization_id, "invoice", mails, now=now)
    Invoice.objects.filter(id__in=facts).update(sent_at=now)
    return [invoice_sent(bill, bill.party.email) for bill in bills]


def tell_held_back(organization: Organization, held: Sequence[Collectable], *, now: datetime) -> None:
    """Mails who is on autopay that invoices could not be collected for want of a method that can be charged (C-14), one
    mail an invoice and reason; where the plan decides so (`dunning.on_failure`)."""
    policies = policies_of(organization)
    plans = plans_on_invoices([one.invoice_id for one in held])
    mails: list[tuple[UUID, str, Mapping[str, str]]] = [
        (
            one.party_id,
            f"payment_failed {one.invoice_id} {one.refused}",
            {
                "invoices": one.label or str(one.number),
                "amount": plain(one.balance_minor, one.currency),
                "currency": one.currency,
                "reason": REASONS[one.refused].sentence,
                "attempt": "",
            },
        )
        for one in held
        if policies.within(plan=plans.get(one.invoice_id)).word("dunning.on_failure") == "mail"
    ]
    if mails:
        write_messages(organization.id, "payment_failed", mails, now=now)


def as_sent(
    organization: Organization,
    message: Message,
    facts: Mapping[str, str],
    *,
    name: str,
    to: str,
    wished: str = "",
    unsubscribe: str = "",
) -> Mail:
    """A message of the outbox as the mail that it is, in the language that its reader `wished` or the organization's,
    in the words of its time: those of the day it was written, or of its case (A-52). The organization's own words that
    lack a fact, from an earlier version of ours, give way to the standard ones."""
    language = language_of(organization.locale, message.facts.get("language", wished))
    at = (
        datetime.fromisoformat(message.facts["texts_at"])
        if "texts_at" in message.facts
        else message.written_at
    )
    own = words_at(organization.id, message.kind, language, at)

    def put(template: Template) -> Mail:
        return composed(
            message.kind,
            facts,
            organization=organization.name,
            name=name,
            to=to,
            key=str(message.id),
            template=template,
            language=language,
            locale=organization.locale,
            unsubscribe=unsubscribe,
            accent=accent_of(organization.id),
        )

    try:
        mail = put(own)
    except KeyError:
        mail = put(standard(message.kind, language))
    return replace(mail, subject=f"[Test] {mail.subject}") if "test" in message.facts else mail


def note_refused_address(organization_id: UUID, email: str, why: str, *, now: datetime) -> None:
    """Keeps that an address is refused for good; told again, the last reason counts."""
    RefusedAddress.objects.update_or_create(
        organization_id=organization_id, email=email.strip().lower(), defaults={"why": why[:300], "at": now}
    )
