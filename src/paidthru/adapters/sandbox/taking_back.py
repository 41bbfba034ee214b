"""The desk's levers over money that is taken back: returns, disputes and their decision, fees and payouts."""

from typing import Literal
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from paidthru.adapters.sandbox import books, events
from paidthru.adapters.sandbox.disputes import HELD
from paidthru.adapters.sandbox.models import SandboxCharge, SandboxDispute, SandboxPayout, SandboxRefund
from paidthru.kernel.clock import Clock
from paidthru.kernel.errors import Refused
from paidthru.payments.gateway import DisputeStatus, GatewayEvent


class TakingBack:
    """The part of the desk that takes money back. Each lever gives the event that the processor sends of it."""

    _account: UUID
    _clock: Clock

    def return_payment(
        self, charge_ref: str, code: str, *, amount_minor: int | None = None, fee_minor: int = 0
    ) -> GatewayEvent:
        """The payer's bank returns a debit, with its return code: final at once. Refused as `dispute`."""
        return self._take(charge_ref, code, amount_minor, fee_minor, is_return=True)

    def dispute(
        self,
        charge_ref: str,
        code: str = "fraudulent",
        *,
        amount_minor: int | None = None,
        fee_minor: int = 0,
    ) -> GatewayEvent:
        """The cardholder disputes a charge: all that is left of it, unless an amount is given (minor units).

        Of a charge that was refunded nothing is left, and all of it can be disputed still: the two crossed. Refused:
        `charge_unknown`, `taken_back_already`, `amount_invalid`.
        """
        return self._take(charge_ref, code, amount_minor, fee_minor, is_return=False)

    def decide(self, dispute_ref: str, verdict: Literal["won", "lost"]) -> GatewayEvent:
        """A dispute ends, seen from the account's side: won, the money is back; lost, it stays away. Refused
        `dispute_unknown`, and `dispute_decided` when it was decided so before; one that was lost can be won yet."""
        now = self._clock.now()
        with books.own_transaction():
            dispute = (
                SandboxDispute.objects.select_for_update(of=("self",))
                .select_related("intent")
                .filter(organization_id=self._account, ref=dispute_ref)
                .first()
            )
            if dispute is None:
                raise Refused(
                    "dispute_unknown", f"The sandbox knows no dispute {dispute_ref}.", value=dispute_ref
                )
            if dispute.status in (verdict, DisputeStatus.WON.value):
                raise Refused(
                    "dispute_decided",
                    f"The dispute {dispute_ref} is {dispute.status} already.",
                    value=dispute_ref,
                    fix="A dispute is decided once; one that was lost can be won in a second round.",
                )
            dispute.status, dispute.ended_at = verdict, now
            dispute.save(update_fields=["status", "ended_at"])
            told = books.note(dispute.intent, f"dispute_{verdict}", now, dispute=dispute.ref)
        return events.event_numbered(told)

    def dispute_of(self, charge_ref: str) -> str:
        """The latest dispute of a charge. Refused `dispute_unknown`."""
        found = SandboxDispute.objects.filter(
            organization_id=self._account, intent__charge_ref=charge_ref, is_return=False
        ).order_by("-opened_at", "-ref")
        dispute = found.first()
        if dispute is None:
            raise Refused(
                "dispute_unknown",
                f"Nobody has disputed {charge_ref}.",
                value=charge_ref,
                fix="Let the gateway dispute the payment first.",
            )
        return dispute.ref

    def set_fee(self, charge_ref: str, fee_minor: int) -> None:
        """What the processor keeps of a charge (minor units). Refused `charge_unknown`."""
        with books.own_transaction():
            charge = self._charge(charge_ref)
            SandboxCharge.objects.filter(ref=charge.ref).update(fee_minor=fee_minor)

    def pay_out(self, currency: str) -> GatewayEvent:
        """Sends on to the account's bank what moved before now and no payout has taken. Refused
        `nothing_to_pay_out`."""
        now = self._clock.now()
        with books.own_transaction():
            books.ripen(self._account, now)
            with connection.cursor() as cursor:
                cursor.execute(HELD, {"account": self._account, "currency": currency, "at": now})
                row = cursor.fetchone()
            held_minor = int(row[0])
            if held_minor <= 0:
                raise Refused(
                    "nothing_to_pay_out",
                    f"The sandbox holds nothing in {currency} from before now.",
                    value=currency,
                    fix="A payout takes what moved before its own instant: move the clock on.",
                )
            payout = SandboxPayout.objects.create(
                ref=books.new_ref("po"),
                organization_id=self._account,
                amount_minor=held_minor,
                currency=currency,
                paid_at=now,
            )
        return events.payout_event(payout)

    def latest_event(self) -> GatewayEvent | None:
        """The last event that the processor sent about an intent, a refund or a dispute."""
        return events.latest(self._account)

    def _charge(self, charge_ref: str) -> SandboxCharge:
        found = (
            SandboxCharge.objects.select_for_update(of=("self",))
            .select_related("intent")
            .filter(organization_id=self._account, ref=charge_ref)
            .first()
        )
        if found is None:
            raise Refused(
                "charge_unknown",
                f"The sandbox knows no charge {charge_ref}.",
                value=charge_ref,
                fix="Only money that the sandbox took can be taken back by it.",
            )
        return found

    def _take(
        self, charge_ref: str, code: str, amount_minor: int | None, fee_minor: int, *, is_return: bool
    ) -> GatewayEvent:
        now = self._clock.now()
        with books.own_transaction():
            charge = self._charge(charge_ref)
            taken = SandboxDispute.objects.filter(intent=charge.intent).exclude(status=DisputeStatus.WON)
            left_minor = charge.amount_minor - (taken.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
            if left_minor <= 0:
                raise Refused(
                    "taken_back_already",
                    f"All of {charge_ref} was taken back already.",
                    value=charge_ref,
                    fix="A charge is returned or disputed once.",
                )
            given = SandboxRefund.objects.filter(intent=charge.intent, status__in=["pending", "succeeded"])
            unrefunded_minor = left_minor - (given.aggregate(sum=Sum("amount_minor"))["sum"] or 0)
            wanted_minor = (
                amount_minor if amount_minor is not None else max(unrefunded_minor, 0) or left_minor
            )
            if not 0 < wanted_minor <= left_minor:
                raise Refused(
                    "amount_invalid",
                    f"The sandbox can take back at most {left_minor} of {charge_ref}.",
                    value=wanted_minor,
                    fix="Take back what is left, or less.",
                )
            dispute = SandboxDispute.objects.create(
                ref=books.new_ref("dp"),
                organization_id=self._account,
                intent=charge.intent,
                amount_minor=wanted_minor,
                currency=charge.currency,
                status=(DisputeStatus.LOST if is_return else DisputeStatus.OPEN).value,
                is_return=is_return,
                code=code,
                opened_at=now,
                ended_at=now if is_return else None,
                fee_minor=fee_minor,
            )
            told = books.note(
                charge.intent, "returned" if is_return else "disputed", now, dispute=dispute.ref, code=code
            )
        return events.event_numbered(told)
