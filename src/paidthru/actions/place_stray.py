"""Place a stray: a person says whose the money is that a gateway holds for nobody, or that it is no member's."""

from datetime import datetime
from uuid import UUID

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.ledger.models import Account
from paidthru.ledger.operations import JournalDraft, open_batch, write_journals
from paidthru.ledger.rules.settlement import kept
from paidthru.membership.operations import after_payment, restart_late_terms
from paidthru.membership.operations.receiving import told_of_dates
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.payments.models import Payment, Stray
from paidthru.payments.operations import Money, book, place
from paidthru.payments.operations.strays import put_down, take_out
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening, once, record


def place_stray(
    organization: Organization,
    stray_id: UUID,
    *,
    party_id: UUID | None,
    why: str,
    actor: Actor,
    now: datetime,
    income_code: str = "",
    key: str | None = None,
) -> Payment | None:
    """Says what money in suspense is, once.

    With a party it becomes their payment, received when the gateway took it: it pays what they owe, oldest first, and
    the rest is credit. Without one it is none of the members': with an `income_code` it goes to that income account,
    else it stays in suspense until it leaves the gateway. Refused: `stray_unknown`, `stray_placed`, `reason_missing`,
    `member_unknown`, `account_unknown`, `not_a_charge` (a refund or dispute has no payer to be found).
    """
    why = why.strip()
    if not why:
        raise Refused(
            "reason_missing",
            "Say how you know whose money this is.",
            field="why",
            fix="A sentence is enough.",
        )

    def act() -> dict[str, str]:
        stray = _waiting(organization, stray_id)
        facts = {"amount": plain(stray.amount_minor, stray.currency), "currency": stray.currency}
        happenings: list[Happening] = []
        payment = None
        if party_id is not None:
            payment = _received(organization, stray, party_id, actor, now, happenings)
            facts["payment"] = str(payment.number)
        elif income_code:
            _income(organization, stray, income_code, now)
            facts["account"] = income_code
        if payment is None:
            put_down(stray, by=actor.name)
        about = Happening("stray_placed", "stray", stray.id, party_id, why, facts)
        record(organization.id, actor, now, [about, *happenings])
        return {"payment": str(payment.id) if payment else ""}

    inputs = {"stray": stray_id, "party": party_id, "income": income_code}
    outcome = once(organization.id, key, "place_stray", inputs, now, act)
    return Payment.objects.get(id=outcome["payment"]) if outcome["payment"] else None


def _waiting(organization: Organization, stray_id: UUID) -> Stray:
    stray = Stray.objects.select_for_update().filter(id=stray_id, organization=organization).first()
    if stray is None:
        raise Refused(
            "stray_unknown",
            "There is no such money in suspense.",
            field="stray",
            value=stray_id,
            fix="Choose one of the list.",
        )
    if stray.state != "open":
        raise Refused(
            "stray_placed",
            f"{stray.placed_by} has placed this money already.",
            field="stray",
            fix="Look at the payment that it became, or at the timeline.",
        )
    return stray


def _received(
    organization: Organization,
    stray: Stray,
    party_id: UUID,
    actor: Actor,
    now: datetime,
    happenings: list[Happening],
) -> Payment:
    """The member's payment, as if it had been known from the start; the money comes out of suspense for it."""
    if stray.kind != "charge":
        raise Refused(
            "not_a_charge",
            f"A {stray.kind} that nobody could place can't become a payment.",
            field="stray",
            fix="Place the payment that it is of; the sweep then finds it.",
        )
    party = (
        Party.objects.select_for_update(no_key=True).filter(id=party_id, organization=organization).first()
    )
    if party is None:
        raise Refused(
            "member_unknown",
            "There is no such member.",
            field="member",
            value=party_id,
            fix="Choose one of the organization's members.",
        )
    take_out(organization, stray, by=actor.name, now=now)
    on = local_date(stray.occurred_at, organization.zone)
    money = Money(
        party_id=party.id,
        amount_minor=stray.amount_minor,
        currency=stray.currency,
        means="card",
        taken_at=stray.occurred_at,
        received_on=on,
        gateway=stray.gateway,
        gateway_ref=stray.gateway_ref,
    )
    placed = place(organization.id, money)
    policies = policies_of(organization)
    happenings += restart_late_terms(placed.source_ids, policies, on=on)
    moved = after_payment(placed.source_ids, policies, on=on)
    batch = open_batch(organization.id, "receipts", on, now=now)
    payment = book(organization.id, batch.id, money, placed, now=now)
    happenings += told_of_dates(moved, f"Payment {payment.number}")
    put_down(stray, by=actor.name, payment_id=payment.id)
    return payment


def _income(organization: Organization, stray: Stray, code: str, now: datetime) -> None:
    """It is the organization's, though no member's: Dr Suspense / Cr the income account."""
    known = Account.objects.filter(
        organization=organization, code=code, currency=stray.currency, kind="income"
    )
    if stray.kind != "charge" or not known.exists():
        raise Refused(
            "account_unknown",
            f"“{code}” is no income account in {stray.currency}.",
            field="income_code",
            value=code,
            fix="Choose one of the chart of accounts, such as Income:Other.",
        )
    on = local_date(now, organization.zone)
    batch = open_batch(organization.id, "settlement", on, now=now)
    text = f"Money that is no member's, {stray.gateway_ref}"
    draft = JournalDraft("stray", stray.id, "kept", on, text, kept(stray.amount_minor, code))
    write_journals(organization.id, batch.id, stray.currency, [draft], now=now)
