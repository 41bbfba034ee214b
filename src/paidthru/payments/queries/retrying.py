"""What was tried before, and whether more may be tried: the questions in front of every attempt (field-notes C.8)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db import connection

from paidthru.kernel.clock import local_date
from paidthru.organizations.models import Organization
from paidthru.organizations.rules.policies import SCOPES, Effective, Policies
from paidthru.organizations.rules.slots import Slot, slot_of
from paidthru.payments.models import PaymentMethod
from paidthru.payments.rules.network_rules import CAPS
from paidthru.payments.rules.retries import (
    ExpiredCard,
    Instrument,
    PastAttempt,
    RetryPolicy,
    RetryVerdict,
    retry_allowed,
)
from paidthru.payments.rules.retry_schedule import OnUpdate, RetrySchedule

#: Invoices asked about (a list of ids), each with all documents of its obligation: tries and what staff allowed are
#: counted over them, however many there are (X4).
CHAINS = """SELECT asked.id AS asked, array_prepend(coalesce(i.first_id, i.id), ARRAY(
        SELECT d.id FROM invoicing_invoice d WHERE d.first_id = coalesce(i.first_id, i.id))) AS documents
    FROM unnest(%s::uuid[]) AS asked(id) JOIN invoicing_invoice i ON i.id = asked.id"""

# Money that came and was taken back counts as a failure of its attempt: a debit's return with the bank's code, a lost
# dispute as refused for good. What staff reversed is not tried again by itself.
_HISTORIES = f"""
    SELECT c.asked, o.zone, a.method_fingerprint,
           CASE WHEN back.kind IN ('return', 'dispute') THEN 'returned' WHEN back.kind IS NOT NULL THEN 'reversed'
                ELSE a.state END,
           coalesce(back.opened_at, a.concluded_at, a.submitted_at, a.created_at),
           CASE back.kind WHEN 'return' THEN coalesce(back.code, '') WHEN 'dispute' THEN 'disputed'
                ELSE a.decline_code END,
           t.amount_minor, a.submitted_at, m.exp_year, m.exp_month, m.token, m.kind, m.brand,
           a.advice_code, a.network_advice_code, a.network_decline_code,
           (SELECT count(*) FROM payments_grant g WHERE g.invoice_id = ANY(c.documents)
              AND (g.granted_at, g.id) < (a.created_at, a.id)),
           a.initiator IN ('member', 'staff', 'visitor'), a.initiator = 'visitor'
    FROM ({CHAINS}) c
    JOIN payments_intentinvoice h ON h.invoice_id = ANY(c.documents)
    JOIN payments_attempt a ON a.intent_id = h.intent_id
    JOIN payments_paymentintent t ON t.id = h.intent_id
    JOIN payments_paymentmethod m ON m.id = a.method_id
    JOIN organizations_organization o ON o.id = a.organization_id
    LEFT JOIN LATERAL (
        SELECT v.kind, d.opened_at, d.code FROM payments_payment p
        JOIN payments_reversal v ON v.payment_id = p.id LEFT JOIN payments_dispute d ON d.id = v.dispute_id
        WHERE p.attempt_id = a.id ORDER BY v.id DESC LIMIT 1) back ON a.state = 'succeeded'
    ORDER BY a.created_at, a.n"""


def history(invoice_id: UUID) -> list[PastAttempt]:
    """The attempts ever made at what an invoice asks for, on it or on the documents before it, oldest first."""
    return histories([invoice_id])[invoice_id]


def histories(invoice_ids: Sequence[UUID]) -> dict[UUID, list[PastAttempt]]:
    """As `history`, for many invoices at once, with all that the retry rules look at."""
    found: dict[UUID, list[PastAttempt]] = {id_: [] for id_ in invoice_ids}
    with connection.cursor() as cursor:
        cursor.execute(_HISTORIES, [list(found)])
        rows = cursor.fetchall()
    for id_, zone, fingerprint, state, at, code, amount, sent_at, year, month, token, *rest in rows:
        kind, brand, advice, network_advice, network_decline, allowed_before, by_hand, by_visitor = rest
        found[id_].append(
            PastAttempt(
                fingerprint,
                state,
                at,
                local_date(at, zone),
                code or None,
                amount,
                sent_at,
                (year, month) if year is not None and month is not None else None,
                token,
                kind,
                brand,
                advice,
                network_advice,
                network_decline,
                allowed_before,
                by_hand,
                by_visitor,
            )
        )
    return found


def grants_of(invoice_ids: Iterable[UUID]) -> dict[UUID, list[datetime]]:
    """When staff allowed further tries of what invoices ask for (I-45), on whichever of its documents."""
    found: dict[UUID, list[datetime]] = {id_: [] for id_ in invoice_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT c.asked, g.granted_at FROM ({CHAINS}) c
                JOIN payments_grant g ON g.invoice_id = ANY(c.documents) ORDER BY g.granted_at""",
            [list(found)],
        )
        for id_, at in cursor.fetchall():
            found[id_].append(at)
    return found


def card_failures(
    methods: Iterable[tuple[str, str]], *, since: datetime
) -> dict[tuple[str, str], list[datetime]]:
    """When tries with the same card or account failed after an instant, by gateway and fingerprint: on any invoice of
    any organization, for the networks count them at the merchant's account."""
    found: dict[tuple[str, str], list[datetime]] = {method: [] for method in methods}
    if found:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT t.gateway, a.method_fingerprint, a.concluded_at FROM payments_attempt a
                   JOIN payments_paymentintent t ON t.id = a.intent_id
                   WHERE a.method_fingerprint = ANY(%s) AND a.state IN ('declined', 'rejected')
                     AND a.concluded_at > %s""",
                [[fingerprint for _, fingerprint in found], since],
            )
            for gateway, fingerprint, at in cursor.fetchall():
                if (gateway, fingerprint) in found:
                    found[gateway, fingerprint].append(at)
    return found


def instrument(method: PaymentMethod) -> Instrument:
    """A stored method as the retry rules see it."""
    dated = method.exp_year is not None and method.exp_month is not None
    return Instrument(
        method.fingerprint,
        (method.exp_year or 0, method.exp_month or 0) if dated else None,
        method.token,
        method.kind,
        method.brand,
    )


def retry_policy(
    policies: Policies, *, present: bool = False, max_attempts: int | None = None
) -> RetryPolicy:
    """The organization's policies on trying again; `present` when the payer is there."""
    return RetryPolicy(
        policies.number("collect.max_attempts") if max_attempts is None else max_attempts,
        cast("ExpiredCard", policies.word("collect.expired_card")),
        present,
    )


@dataclass(frozen=True, slots=True)
class Schedules:
    """When payments are tried by themselves: by the policies as they hold for each plan, at each member's own time."""

    policies: Policies
    zone: str

    def of(self, plan_id: UUID | None, member: int) -> RetrySchedule:
        """For the member of that number on a plan."""
        policies = self.policies.within(plan=plan_id)
        return RetrySchedule(
            _offsets(policies),
            cast("OnUpdate", policies.call("collect.on_method_update").name),
            policies.word("collect.submit") == "daily",
            slot_of(policies, self.zone).time_of(member),
            self.zone,
        )

    def kinds(self) -> list[RetrySchedule]:
        """What the organization decides, and what it decides for single plans; the times are those of no member."""
        plans = {plan for key in _SCHEDULING for plan in self.policies.differing(key, "plan")}
        return [self.of(UUID(plan) if plan else None, 0) for plan in ("", *sorted(plans))]

    @property
    def one_slot(self) -> Slot | None:
        """The window in which everybody is charged; None where plans have windows of their own."""
        differing = self.policies.differing("billing.slot", "plan")
        return None if differing else slot_of(self.policies, self.zone)


_SCHEDULING = (
    "collect.offsets",
    "collect.cadence_owner",
    "collect.on_method_update",
    "collect.submit",
)


def _offsets(policies: Policies) -> tuple[int, ...]:
    """`collect.offsets`; once only where somebody else tries again and nobody has set offsets beside that (C-45)."""
    offsets, owner = policies.effective("collect.offsets"), policies.effective("collect.cadence_owner")
    nearer = _nearness(owner) < _nearness(offsets)
    return (0,) if owner.value != "product" and nearer else policies.numbers("collect.offsets")


def _nearness(found: Effective) -> int:
    return SCOPES.index(found.source) if found.source in SCOPES else len(SCOPES)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An invoice that is to be tried with a method of a gateway, for an amount in minor units."""

    invoice_id: UUID
    gateway: str
    method: Instrument
    amount_minor: int


def verdicts(
    organization: Organization,
    wanted: Sequence[Wanted],
    policy: RetryPolicy,
    *,
    now: datetime,
    tried: Mapping[UUID, Sequence[PastAttempt]] | None = None,
    grants: Mapping[UUID, Sequence[datetime]] | None = None,
) -> dict[UUID, RetryVerdict]:
    """Whether each invoice may be tried at `now` (`retry_allowed`, asked with everything). The caller may have the
    histories (`tried`) and the tries that staff allowed (`grants`) already."""
    if not wanted:
        return {}
    ids = [one.invoice_id for one in wanted]
    known = histories(ids) if tried is None else tried
    granted = grants_of(ids) if grants is None else grants
    window = timedelta(days=max(cap.days for cap in CAPS))
    failures = card_failures({(one.gateway, one.method.fingerprint) for one in wanted}, since=now - window)
    on = local_date(now, organization.zone)
    return {
        one.invoice_id: retry_allowed(
            known[one.invoice_id],
            one.method,
            policy,
            now=now,
            on=on,
            amount_minor=one.amount_minor,
            granted=len(granted[one.invoice_id]),
            card_failures=failures[one.gateway, one.method.fingerprint],
        )
        for one in wanted
    }
