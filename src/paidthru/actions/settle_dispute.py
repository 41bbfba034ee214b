"""Settle a dispute: what a gateway says of a payment that was taken back becomes rows and books, once (C.9, D.4).

One function for disputes and for late returns, for event, sweep and replay: idempotent, and whatever is told in
whichever order, the end is the same (B-44, B-48).
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.kernel.money import plain
from paidthru.ledger.rules.postings import CLEARING, DISPUTES
from paidthru.membership.operations import after_payment, after_reversal, stop_autopay
from paidthru.membership.operations.receiving import told_of_dates
from paidthru.notices.operations import announce
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.organizations.rules.policies import Policies
from paidthru.payments.gateway import DisputeStatus, GatewayDispute
from paidthru.payments.models import Dispute, Payment, PaymentMethod, Reversal
from paidthru.payments.operations.money_back import (
    TakenBack,
    Taking,
    book_dispute,
    changed_amount,
    recount,
    reinstate,
    take_back,
)
from paidthru.payments.operations.refunds import Moment, hold_payment
from paidthru.payments.rules.disputes import (
    DisputeState,
    Position,
    Standing,
    ends_mandate,
    is_news,
    next_state,
    position,
    words_of,
)
from paidthru.people.operations import end_consents
from paidthru.timeline.operations import Actor, Happening, record


@dataclass(frozen=True, slots=True)
class SettledDispute:
    """Where a dispute or return stands after it was told. `changed`: something was booked. `recovery` is the number of
    the invoice that asks the member for what went out twice (B-20)."""

    dispute_id: UUID
    payment_id: UUID
    state: str
    changed: bool
    recovery: int | None = None


def settle_dispute(
    organization: Organization, answer: GatewayDispute, *, actor: Actor, now: datetime
) -> SettledDispute:
    """Writes what a dispute or return, fetched from the gateway, means for its payment. A second time it changes
    nothing.

    A dispute that is open holds its amount in Disputes; won, it is back; lost, or returned by the bank, what the
    payment had paid is owed again. Its fee is booked with the line of the gateway's balance (`book_settlement`), and
    only told here. Refused: `payment_unknown` as long as the payment isn't known here, and
    `dispute_mismatch` for one about other money than the payment's; both leave everything as it was.
    """
    with transaction.atomic():
        payment = hold_payment(organization.id, _payment_of(organization.id, answer))
        _refuse_mismatch(payment, answer)
        told = _Telling(
            organization=organization,
            policies=policies_of(organization),
            payment=payment,
            answer=answer,
            actor=actor,
            at=Moment(organization, local_date(now, organization.zone), now),
        )
        return told.settle()


def _payment_of(organization_id: UUID, answer: GatewayDispute) -> UUID:
    refs = [ref for ref in (answer.charge_ref, answer.intent_ref) if ref]
    found = Payment.objects.filter(
        Q(gateway_ref__in=refs) | Q(attempt__intent__gateway_ref__in=refs), organization_id=organization_id
    ).exclude(gateway="offline")
    ids = list(found.order_by("number").values_list("id", flat=True)[:1])
    if not ids:
        raise Refused(
            "payment_unknown",
            "The processor speaks of a payment that isn't known here.",
            field="payment",
            value=answer.charge_ref or answer.intent_ref,
            fix="It is looked at again; if the payment doesn't turn up, it is kept as a stray.",
        )
    return ids[0]


def _refuse_mismatch(payment: Payment, answer: GatewayDispute) -> None:
    """Refuses word about other money than the payment's: a person's matter, never booked (B-35, B-37)."""
    live = payment.attempt.intent.livemode if payment.attempt_id and payment.attempt else answer.livemode
    if answer.currency != payment.currency or answer.amount_minor <= 0 or answer.livemode != live:
        raise Refused(
            "dispute_mismatch",
            f"The processor's dispute {answer.ref} is about another amount, currency or mode than payment"
            f" {payment.number}.",
            field="dispute",
            value=answer.ref,
            fix="Compare it with the processor's own pages.",
        )


def _sum(rows: "QuerySet[Dispute] | QuerySet[Reversal]") -> int:
    return rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0


@dataclass(slots=True)
class _Telling:
    """A dispute that is told, its payment held."""

    organization: Organization
    policies: Policies
    payment: Payment
    answer: GatewayDispute
    actor: Actor
    at: Moment

    def settle(self) -> SettledDispute:
        """Brings the dispute to where the gateway says it is."""
        payment, answer = self.payment, self.answer
        found = (
            Dispute.objects.select_for_update()
            .filter(gateway=payment.gateway, gateway_ref=answer.ref)
            .first()
        )
        told = Standing(answer.status.value, answer.amount_minor, answer.ended_at)
        happenings: list[Happening] = []
        if found is not None:
            known = Standing(found.state, found.amount_minor, found.closed_at)
            before = position(known)
            if not is_news(known, told):
                return SettledDispute(found.id, payment.id, found.state, changed=False)
            dispute = found
        else:
            dispute, before = self.opened(happenings)
        after = position(told)
        known_minor = self.reversed_by_staff(dispute, after, found is None)
        if known_minor:
            before = Position(gone_minor=known_minor)
        dispute.state = next_state(dispute.state, told.state)
        dispute.amount_minor, dispute.closed_at = told.amount_minor, told.ended_at
        if dispute.state != DisputeState.OPEN and dispute.closed_at is None:
            dispute.closed_at = self.at.now
        Dispute.objects.filter(id=dispute.id).update(
            state=dispute.state,
            amount_minor=dispute.amount_minor,
            closed_at=dispute.closed_at,
            code=answer.code[:60],
        )
        taken = self.move(dispute, before, after, happenings, known_minor=known_minor)
        recount(payment)
        if ends_mandate(answer.code) and dispute.kind == "return":
            happenings += self.end_mandate()
        record(self.organization.id, self.actor, self.at.now, happenings)
        if taken is not None and taken.invoices:  # what was only credit, nobody has to pay again
            announce(self.organization.id, happenings, now=self.at.now)
        recovery = taken.recovery if taken is not None else None
        return SettledDispute(dispute.id, payment.id, dispute.state, changed=True, recovery=recovery)

    def opened(self, happenings: list[Happening]) -> tuple[Dispute, Position]:
        """A dispute that is new here, written as it was opened; and where its money is then. A return that is final
        takes the money without ever holding it."""
        answer = self.answer
        dispute = Dispute.objects.create(
            organization_id=self.organization.id,
            payment_id=self.payment.id,
            party_id=self.payment.party_id,
            gateway=self.payment.gateway,
            gateway_ref=answer.ref,
            kind="return" if answer.is_return else "dispute",
            currency=answer.currency,
            amount_minor=answer.amount_minor,
            state=DisputeState.OPEN.value,
            code=answer.code[:60],
            opened_at=answer.at,
            opened_on=local_date(answer.at, self.organization.zone),
        )
        if answer.is_return and answer.status is not DisputeStatus.OPEN:
            return dispute, Position()
        book_dispute(self.payment, dispute, "opened", answer.amount_minor, self.at)
        happenings.append(self.happening("payment_disputed", dispute, answer.amount_minor))
        return dispute, Position(held_minor=answer.amount_minor)

    def reversed_by_staff(self, dispute: Dispute, after: Position, is_new: bool) -> int:
        """How much of a debit (minor units) staff had taken back before the bank's word of its return came: the same
        money, which is not taken twice. What earlier returns found reversed counts no more."""
        if not (is_new and dispute.kind == "return" and self.answer.status is DisputeStatus.LOST):
            return 0
        reversals = Reversal.objects.filter(payment_id=self.payment.id)
        by_staff = reversals.filter(kind="reversal")
        earlier = Dispute.objects.filter(payment_id=self.payment.id, kind="return", state="lost")
        returned_minor = _sum(earlier.exclude(id=dispute.id)) + _sum(reversals.filter(kind="reinstated"))
        matched_minor = max(returned_minor - _sum(reversals.filter(kind="return")), 0)
        known_minor = min(max(_sum(by_staff) - matched_minor, 0), after.gone_minor)
        if known_minor and known_minor == after.gone_minor:  # otherwise the rest has a reversal of its own
            first = by_staff.filter(dispute=None).order_by("id").values_list("id", flat=True)[:1]
            Reversal.objects.filter(id__in=list(first)).update(dispute_id=dispute.id)
        return known_minor

    def move(
        self,
        dispute: Dispute,
        before: Position,
        after: Position,
        happenings: list[Happening],
        *,
        known_minor: int,
    ) -> TakenBack | None:
        """Books the way from one position of the money to the other, and what follows for memberships."""
        if known_minor:
            happenings.append(self.happening("return_matched", dispute, known_minor))
        held, gone = before.held_minor, before.gone_minor
        wanted_minor = after.held_minor + after.gone_minor
        if held and wanted_minor and held != wanted_minor:
            book_dispute(self.payment, dispute, changed_amount(), wanted_minor - held, self.at)
            held = wanted_minor
        if held and dispute.state == DisputeState.WON:
            book_dispute(self.payment, dispute, "won", -held, self.at)
            happenings.append(self.happening("dispute_won", dispute, held))
        elif after.gone_minor > gone:
            return self.take(dispute, after.gone_minor - gone, DISPUTES if held else CLEARING, happenings)
        elif gone > after.gone_minor:
            self.give_again(dispute, gone - after.gone_minor, happenings)
        return None

    def take(
        self, dispute: Dispute, amount_minor: int, account: str, happenings: list[Happening]
    ) -> TakenBack:
        """The money is gone: what it paid is owed again, and dunning runs from the day of the notice."""
        again = Reversal.objects.filter(dispute_id=dispute.id).exists()
        taking = Taking(
            dispute.kind, account, words_of(dispute.code), self.actor.name, None if again else dispute.id
        )
        taken = take_back(self.payment, amount_minor, taking, self.at)
        verb = "payment_returned" if dispute.kind == "return" else "dispute_lost"
        happenings.append(self.happening(verb, dispute, amount_minor, taken.invoices))
        happenings += taken.happenings
        terms = [(one.source_id, one.period_start) for one in taken.owed if not one.voluntary]
        moved = after_reversal(terms, self.policies, on=self.at.on, late_by={id_ for id_, _ in terms})
        happenings += self.moved(moved)
        return taken

    def give_again(self, dispute: Dispute, amount_minor: int, happenings: list[Happening]) -> None:
        """Money that was lost is back."""
        taking = Taking("reinstated", CLEARING, words_of(dispute.code), self.actor.name, dispute.id)
        given = reinstate(self.payment, amount_minor, taking, self.at)
        happenings.append(self.happening("dispute_won", dispute, amount_minor))
        happenings += self.moved(after_payment(given.source_ids, self.policies, on=self.at.on))

    def end_mandate(self) -> list[Happening]:
        """The payer says that the debit was not authorized: this account is not debited again, and autopay is off
        until there is a new authorization (B-44, B-47)."""
        attempt = self.payment.attempt
        if attempt is None:
            return []
        why = words_of(self.answer.code)
        method = PaymentMethod.objects.select_for_update().get(id=attempt.method_id)
        if method.state in ("revoked", "removed"):
            return []
        was_active = method.state == "active"
        PaymentMethod.objects.filter(id=method.id).update(state="revoked")
        facts = {"kind": method.kind, "brand": method.brand, "last4": method.last4}
        told = [Happening("method_revoked", "method", method.id, method.party_id, why, facts)]
        if was_active:  # a newer method has an authorization of its own
            told += _autopay_off(method.party_id, why)
        return told

    def happening(
        self, verb: str, dispute: Dispute, amount_minor: int, invoices: tuple[int | str, ...] = ()
    ) -> Happening:
        """The event of what was told."""
        facts: dict[str, object] = {
            "payment": self.payment.number,
            "amount": plain(amount_minor, dispute.currency),
            "currency": dispute.currency,
            "code": dispute.code,
            "invoices": list(invoices),
        }
        if self.answer.fee_minor:
            facts["dispute_fee"] = plain(self.answer.fee_minor, dispute.currency)
        return Happening(
            verb, "payment", self.payment.id, self.payment.party_id, words_of(dispute.code), facts
        )

    def moved(self, moved: list[tuple[UUID, date | None, date | None]]) -> list[Happening]:
        """The events of memberships whose paid-through moved."""
        return told_of_dates(moved, f"Payment {self.payment.number}")


def _autopay_off(party_id: UUID, why: str) -> list[Happening]:
    """Takes off autopay what a party pays for: memberships, homes, and what else they owe."""
    own, units = end_consents(party_id)
    told = [Happening("autopay_off", "membership", id_, party_id, why) for id_ in stop_autopay(party_id)]
    told += [
        Happening("home_autopay_off", "unit", unit.id, party_id, why, {"unit": unit.name}) for unit in units
    ]
    return [*told, Happening("autopay_off", "party", party_id, party_id, why)] if own else told
