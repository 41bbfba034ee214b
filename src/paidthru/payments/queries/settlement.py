"""What a gateway holds for us and pays out, as its balance lines tell it (D.6 nr 5)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection

from paidthru.kernel.money import Money, plain
from paidthru.payments.models import BalanceLine, Stray


@dataclass(frozen=True, slots=True)
class Payout:
    """Money that left the gateway for the bank (minor units). `lines_minor` is what the lines say that left with it,
    fees taken off; `unknown` how many of them our books don't know, or know otherwise."""

    ref: str
    currency: str
    on: date
    amount_minor: int
    failed: bool
    lines: int
    lines_minor: int
    unknown: int

    @property
    def difference_minor(self) -> int:
        """What the lines don't account for."""
        return self.amount_minor - self.lines_minor

    @property
    def reconciled(self) -> bool:
        """Whether every cent of it is accounted for by a line that our books know."""
        return self.difference_minor == 0 and self.unknown == 0


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """A line that left with a payout (minor units, signed as it moved the gateway's balance) and what our books say of
    it: `what` is "" when they say the same. `charged` is what was converted into it, if it was, at the gateway's
    `exchange_rate`."""

    ref: str
    kind: str
    source_ref: str
    on: date
    amount_minor: int
    fee_minor: int
    what: str
    charged: Money | None
    exchange_rate: Decimal | None


# What our own rows say of a line; a fee, a payout or another movement is booked by the line itself. A dispute that was
# settled for another amount than it was opened with still has its own lines, so only its being there counts.
#: What the gateway says of the thing itself, in the currency in which it was charged.
_TOLD = "coalesce(l.charged_minor, l.amount_minor)"
_OURS = f"""
    CASE WHEN l.kind = 'charge' THEN coalesce(
             (SELECT p.amount_minor FROM payments_payment p
              WHERE p.gateway = l.gateway AND p.gateway_ref = l.source_ref AND p.organization_id = l.organization_id),
             (SELECT s.amount_minor FROM payments_stray s
              WHERE s.gateway = l.gateway AND s.gateway_ref = l.source_ref AND s.kind = 'charge'))
         WHEN l.kind IN ('refund', 'refund_failed') THEN
             CASE WHEN l.kind = 'refund' THEN -1 ELSE 1 END * coalesce(
             (SELECT r.amount_minor FROM payments_refund r
              WHERE r.gateway_ref = l.source_ref AND r.organization_id = l.organization_id),
             (SELECT s.amount_minor FROM payments_stray s
              WHERE s.gateway = l.gateway AND s.gateway_ref = l.source_ref AND s.kind = 'refund'))
         WHEN l.kind IN ('dispute', 'dispute_won') THEN
             CASE WHEN EXISTS (SELECT 1 FROM payments_dispute d
                               WHERE d.gateway = l.gateway AND d.gateway_ref = l.source_ref)
                    OR EXISTS (SELECT 1 FROM payments_stray s
                               WHERE s.gateway = l.gateway AND s.gateway_ref = l.source_ref AND s.kind = 'dispute')
                  THEN {_TOLD} END
         ELSE {_TOLD} END"""


def payouts(organization_id: UUID, *, limit: int = 200) -> list[Payout]:
    """The payouts, newest first, each set against the lines that left with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT o.ref, o.currency, o.occurred_on, o.amount, o.failed, count(l.id),
                       coalesce(sum(l.amount_minor - l.fee_minor), 0),
                       count(l.id) FILTER (WHERE {_OURS} IS DISTINCT FROM {_TOLD})
                FROM (SELECT coalesce(nullif(p.source_ref, ''), p.gateway_ref) AS ref, p.gateway, p.currency,
                             p.occurred_on, p.fee_minor - p.amount_minor AS amount, p.id,
                             EXISTS (SELECT 1 FROM payments_balanceline f
                                     WHERE f.organization_id = p.organization_id AND f.kind = 'payout_failed'
                                       AND f.source_ref = p.source_ref AND f.source_ref <> '') AS failed
                      FROM payments_balanceline p
                      WHERE p.organization_id = %(organization)s AND p.kind = 'payout'
                      ORDER BY p.occurred_at DESC, p.id DESC LIMIT %(limit)s) o
                LEFT JOIN payments_balanceline l ON l.organization_id = %(organization)s AND l.payout_ref = o.ref
                     AND l.gateway = o.gateway AND l.currency = o.currency AND l.kind NOT IN ('payout', 'payout_failed')
                GROUP BY o.ref, o.currency, o.occurred_on, o.amount, o.failed, o.id
                ORDER BY o.occurred_on DESC, o.id DESC""",
            {"organization": organization_id, "limit": limit},
        )
        return [
            Payout(ref, currency, on, int(amount), failed, lines, int(total), unknown)
            for ref, currency, on, amount, failed, lines, total, unknown in cursor.fetchall()
        ]


def payout_lines(organization_id: UUID, payout_ref: str) -> list[PayoutLine]:
    """The lines that left with a payout, in order of time, those that differ from our books with what differs."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT l.gateway_ref, l.kind, l.source_ref, l.occurred_on, l.amount_minor, l.fee_minor, {_OURS},
                       l.currency, l.charged_minor, l.charged_currency, l.exchange_rate
                FROM payments_balanceline l
                WHERE l.organization_id = %s AND l.payout_ref = %s AND l.kind NOT IN ('payout', 'payout_failed')
                ORDER BY l.occurred_at, l.id""",
            [organization_id, payout_ref],
        )
        return [
            PayoutLine(
                ref,
                kind,
                source,
                on,
                amount,
                fee,
                _differs(kind, amount if charged is None else charged, ours, charged_in or currency),
                None if charged is None else Money(charged, charged_in),
                rate,
            )
            for ref, kind, source, on, amount, fee, ours, currency, charged, charged_in, rate in cursor.fetchall()
        ]


def _differs(kind: str, amount_minor: int, ours_minor: int | None, currency: str) -> str:
    if ours_minor is None:
        return f"Our books know no such {kind.replace('_', ' ')}."
    if ours_minor == amount_minor:
        return ""
    ours, theirs = plain(ours_minor, currency), plain(amount_minor, currency)
    return f"Our books say {ours} {currency}, the processor {theirs} {currency}."


def held_by_gateways(organization_id: UUID) -> dict[str, int]:
    """What gateways hold for us by currency, as their lines tell it (minor units): what Clearing is to say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, sum(amount_minor - fee_minor) FROM payments_balanceline"
            " WHERE organization_id = %s GROUP BY 1",
            [organization_id],
        )
        return {currency: int(amount) for currency, amount in cursor.fetchall()}


def open_strays(organization_id: UUID) -> list[Stray]:
    """The money that waits to be placed by a person, oldest first."""
    return list(
        Stray.objects.filter(organization_id=organization_id, state="open").order_by("occurred_at", "id")
    )


def lines_of(organization_id: UUID, source_ref: str) -> list[BalanceLine]:
    """The lines of a charge, refund, dispute or payout, in order of time."""
    found = BalanceLine.objects.filter(organization_id=organization_id, source_ref=source_ref)
    return list(found.order_by("occurred_at", "id"))
