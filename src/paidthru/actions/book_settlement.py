"""Book settlement: what moved the balance that a gateway holds for us, each movement once (D.4, D.6 nr 5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.ids import new_id
from paidthru.ledger.operations import JournalDraft, open_batch, write_journals
from paidthru.ledger.rules.postings import Draft
from paidthru.ledger.rules.settlement import POSTED_ELSEWHERE, balance_line, exchanged
from paidthru.organizations.models import Organization
from paidthru.payments.gateway import GatewayBalanceLine
from paidthru.timeline.operations import Actor, Happening, record


@dataclass(frozen=True, slots=True)
class Booked:
    """What was new: balance lines, of them those that the books took (fees, payouts, unknown), and the payouts."""

    lines: int
    journals: int
    payouts: tuple[str, ...]


def book_settlement(
    organization: Organization,
    lines: Sequence[GatewayBalanceLine],
    *,
    gateway: str,
    actor: Actor,
    now: datetime,
) -> Booked:
    """Writes lines of a gateway's balance, with a journal for what is booked nowhere else, in one transaction.

    A line that is known is left as it is, but for the payout that it left with. Each journal is dated on the local date
    of the movement, in that day's batch of processor fees and payouts.
    """
    with transaction.atomic():
        new = _insert(organization, lines, gateway)
        drafts: dict[tuple[object, str], list[JournalDraft]] = {}
        for id_, line in new:
            on = local_date(line.at, organization.zone)
            for event, currency, entries in _entries(line):
                draft = JournalDraft("balance_line", id_, event, on, _text(line), entries)
                drafts.setdefault((on, currency), []).append(draft)
        for (_, currency), found in sorted(drafts.items(), key=str):
            batch = open_batch(organization.id, "settlement", found[0].effective_on, now=now)
            write_journals(organization.id, batch.id, currency, found, now=now)
        booked = Booked(
            len(new),
            sum(len(found) for found in drafts.values()),
            tuple(line.source_ref or line.ref for _, line in new if line.kind == "payout"),
        )
        if new:
            facts = {"lines": booked.lines, "payouts": len(booked.payouts), "gateway": gateway}
            happening = Happening("settlement_booked", "organization", organization.id, facts=facts)
            record(organization.id, actor, now, [happening])
    return booked


def _entries(line: GatewayBalanceLine) -> Iterator[tuple[str, str, tuple[Draft, ...]]]:
    """The journals of a line: their event, currency and entries. Only what our own rows post can have been charged in
    another currency than it settled in."""
    if booked := balance_line(line.kind, line.amount_minor, line.fee_minor):
        yield "settled", line.currency, booked
    if line.charged_minor and line.kind in POSTED_ELSEWHERE:
        given, taken = exchanged(line.charged_minor, line.amount_minor)
        yield "exchanged from", line.charged_currency, given
        yield "exchanged into", line.currency, taken


def _insert(
    organization: Organization, lines: Sequence[GatewayBalanceLine], gateway: str
) -> list[tuple[UUID, GatewayBalanceLine]]:
    """The lines that were not known, with their new ids, in order of time."""
    by_ref = {line.ref: line for line in lines}
    ids = {ref: new_id() for ref in sorted(by_ref, key=lambda ref: (by_ref[ref].at, ref))}
    each = [by_ref[ref] for ref in ids]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO payments_balanceline (id, organization_id, gateway, gateway_ref, kind, currency,
                   amount_minor, fee_minor, source_ref, payout_ref, occurred_at, occurred_on, charged_currency,
                   charged_minor, exchange_rate)
               SELECT id, %s, %s, ref, kind, currency, amount, fee, source, payout, at, day, charged_in, charged, rate
               FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::text[],
                           %s::text[], %s::timestamptz[], %s::date[], %s::text[], %s::bigint[], %s::numeric[])
                    AS line(id, ref, kind, currency, amount, fee, source, payout, at, day, charged_in, charged, rate)
               ON CONFLICT (gateway, gateway_ref) DO UPDATE SET payout_ref = EXCLUDED.payout_ref
               WHERE payments_balanceline.payout_ref = '' AND EXCLUDED.payout_ref <> ''
                 AND payments_balanceline.organization_id = EXCLUDED.organization_id
               RETURNING gateway_ref, xmax = 0""",
            [
                organization.id,
                gateway,
                list(ids.values()),
                list(ids),
                [line.kind[:16] for line in each],
                [line.currency for line in each],
                [line.amount_minor for line in each],
                [line.fee_minor for line in each],
                [line.source_ref for line in each],
                [line.payout_ref for line in each],
                [line.at for line in each],
                [local_date(line.at, organization.zone) for line in each],
                [line.charged_currency for line in each],
                [line.charged_minor for line in each],
                [line.exchange_rate for line in each],
            ],
        )
        new = {ref for ref, is_new in cursor.fetchall() if is_new}
    return [(ids[ref], by_ref[ref]) for ref in ids if ref in new]


def _text(line: GatewayBalanceLine) -> str:
    what = {
        "payout": "Payout to the bank",
        "payout_failed": "Payout that came back",
        "fee": "Fee of the processor",
        "dispute": "Fee of a dispute",
        "dispute_won": "Fee of a dispute",
        "other": "Movement at the processor that nobody could place",
    }
    return f"{what.get(line.kind, 'Fee of a payment')}, {line.source_ref or line.ref}"
