"""The sandbox's disputes and returns, and the account's balance, seen through the port."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from paidthru.adapters.sandbox import books
from paidthru.adapters.sandbox.account import PAGE, SandboxAccount
from paidthru.adapters.sandbox.behaviour import SILENCES
from paidthru.adapters.sandbox.models import SandboxDispute, SandboxScript
from paidthru.payments.gateway import (
    DisputeStatus,
    GatewayAccountFacts,
    GatewayBalanceLine,
    GatewayDispute,
    GatewayRejected,
)

# A line of its own for every movement. A payout takes with it what moved before it, and after the one before.
_LINES = """
    SELECT 'bt_' || ref AS ref, 'charge' AS kind, amount_minor AS amount, fee_minor AS fee, currency, ref AS source,
           taken_at AS at, intent_id AS intent, customer_ref
    FROM sandbox_sandboxcharge WHERE organization_id = %(account)s
    UNION ALL
    SELECT 'bt_' || r.ref, 'refund', -r.amount_minor, 0, r.currency, r.ref, r.created_at, r.intent_id, i.customer_ref
    FROM sandbox_sandboxrefund r JOIN sandbox_sandboxintent i ON i.ref = r.intent_id
    WHERE r.organization_id = %(account)s
    UNION ALL
    SELECT 'bf_' || r.ref, 'refund_failed', r.amount_minor, 0, r.currency, r.ref, r.changed_at, r.intent_id,
           i.customer_ref
    FROM sandbox_sandboxrefund r JOIN sandbox_sandboxintent i ON i.ref = r.intent_id
    WHERE r.organization_id = %(account)s AND r.status IN ('failed', 'canceled')
    UNION ALL
    SELECT 'bt_' || d.ref, 'dispute', -d.amount_minor, d.fee_minor, d.currency, d.ref, d.opened_at, d.intent_id,
           i.customer_ref
    FROM sandbox_sandboxdispute d JOIN sandbox_sandboxintent i ON i.ref = d.intent_id
    WHERE d.organization_id = %(account)s
    UNION ALL
    SELECT 'bw_' || d.ref, 'dispute_won', d.amount_minor, 0, d.currency, d.ref, d.ended_at, d.intent_id, i.customer_ref
    FROM sandbox_sandboxdispute d JOIN sandbox_sandboxintent i ON i.ref = d.intent_id
    WHERE d.organization_id = %(account)s AND d.status = 'won'
    UNION ALL
    SELECT 'bt_' || ref, 'payout', -amount_minor, 0, currency, ref, paid_at, '', ''
    FROM sandbox_sandboxpayout WHERE organization_id = %(account)s"""

_SHOWN = f"""
    SELECT l.ref, l.kind, l.amount, l.fee, l.currency, l.source, l.at, l.intent,
           CASE WHEN l.kind = 'payout' THEN l.source ELSE coalesce(
               (SELECT p.ref FROM sandbox_sandboxpayout p
                WHERE p.organization_id = %(account)s AND p.currency = l.currency AND p.paid_at > l.at
                ORDER BY p.paid_at LIMIT 1), '') END
    FROM ({_LINES}) l
    WHERE l.at >= %(since)s AND (%(after)s::text IS NULL OR (l.at, l.ref) > (%(after_at)s, %(after)s))
      AND NOT EXISTS (SELECT 1 FROM sandbox_sandboxscript s WHERE s.organization_id = %(account)s
                      AND s.customer_ref = l.customer_ref AND s.behaviour = ANY(%(silences)s))
    ORDER BY l.at, l.ref LIMIT %(page)s"""

#: What of an account's balance no payout has taken yet, for one of the processor's own sums.
HELD = f"""
    SELECT coalesce(sum(l.amount - l.fee), 0) FROM ({_LINES}) l
    WHERE l.currency = %(currency)s AND l.at < %(at)s AND l.kind <> 'payout' AND NOT EXISTS (
        SELECT 1 FROM sandbox_sandboxpayout p
        WHERE p.organization_id = %(account)s AND p.currency = l.currency AND p.paid_at > l.at)"""


class SandboxDisputes(SandboxAccount):
    """What was taken back from the account, what its balance did, and the account itself."""

    def fetch_dispute(self, ref: str) -> GatewayDispute:
        """See the port. Raises `GatewayUnknown` while it is silent toward the customer."""
        with books.own_transaction():
            found = SandboxDispute.objects.select_related("intent").filter(
                organization_id=self._account, ref=ref
            )
            dispute = found.first()
            if dispute is None:
                raise GatewayRejected(f"No such dispute: {ref}.", code="no_such_dispute")
            self._be_silent(dispute.intent.customer_ref)
        return shown(dispute)

    def list_disputes(self, since: datetime) -> Iterator[GatewayDispute]:
        """See the port. Those of customers toward whom it is silent are left out until it has answered."""
        silent = SandboxScript.objects.filter(
            organization_id=self._account, behaviour__in=[behaviour.value for behaviour in SILENCES]
        )
        found = (
            SandboxDispute.objects.select_related("intent")
            .filter(organization_id=self._account, opened_at__gte=since)
            .exclude(intent__customer_ref__in=silent.values("customer_ref"))
        )
        with books.own_transaction():
            page = list(found.order_by("opened_at", "ref"))
        yield from (shown(dispute) for dispute in page)

    def list_balance(self, since: datetime) -> Iterator[GatewayBalanceLine]:
        """See the port. Lines of customers toward whom it is silent are left out until it has answered."""
        after: GatewayBalanceLine | None = None
        while True:
            page = self._lines(since, after)
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1]

    def describe_account(self) -> GatewayAccountFacts:
        """See the port. It takes every currency, so it names none."""
        return GatewayAccountFacts(
            ref=str(self._account), name="Sandbox", country="", currency="", livemode=False, may_charge=True
        )

    def _lines(self, since: datetime, after: GatewayBalanceLine | None) -> list[GatewayBalanceLine]:
        with books.own_transaction(), connection.cursor() as cursor:
            if after is None:
                books.ripen(self._account, self._now())
            cursor.execute(
                _SHOWN,
                {
                    "account": self._account,
                    "since": since,
                    "after": after.ref if after else None,
                    "after_at": after.at if after else None,
                    "silences": [behaviour.value for behaviour in SILENCES],
                    "page": PAGE,
                },
            )
            return [
                GatewayBalanceLine(ref, kind, int(amount), int(fee), currency, source, at, payout, intent)
                for ref, kind, amount, fee, currency, source, at, intent, payout in cursor.fetchall()
            ]


def shown(dispute: SandboxDispute) -> GatewayDispute:
    """The dispute as the port shows it."""
    return GatewayDispute(
        ref=dispute.ref,
        intent_ref=dispute.intent_id,
        charge_ref=dispute.intent.charge_ref,
        amount_minor=dispute.amount_minor,
        currency=dispute.currency,
        status=DisputeStatus(dispute.status),
        is_return=dispute.is_return,
        code=dispute.code,
        livemode=False,
        at=dispute.opened_at,
        ended_at=dispute.ended_at,
        fee_minor=dispute.fee_minor,
    )
