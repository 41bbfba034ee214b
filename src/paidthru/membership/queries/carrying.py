"""What a run asks about the earlier terms of a membership: what is left of them, and how long that has been."""

from paidthru.membership.rules.carrying import Carries, carries
from paidthru.organizations.rules.policies import Policies

# Not what something is collecting at the moment: its answer is waited for; nor what another payer was asked for.
_CARRIED = """(SELECT jsonb_agg(jsonb_build_object(
        'id', r.id, 'fee', r.fee_id, 'amount', r.amount_minor, 'balance', r.balance_minor, 'start', r.period_start,
        'end', r.period_end, 'number',
        CASE WHEN d.label IN ('', d.number::text) THEN to_jsonb(d.number) ELSE to_jsonb(d.label) END)
        ORDER BY r.period_start, r.position, r.id)
    FROM invoicing_receivable r
    JOIN LATERAL (SELECT i.id, i.number, i.label FROM invoicing_line l JOIN invoicing_invoice i ON i.id = l.invoice_id
                  WHERE l.receivable_id = r.id AND (i.state = 'sent' OR i.awaits_reissue)
                  ORDER BY i.number DESC LIMIT 1) d ON true
    WHERE r.source_id = m.id AND r.state = 'open' AND NOT r.voluntary AND r.basis = 'cash'
      AND r.party_id = coalesce(m.payer_id, m.party_id)
      AND NOT EXISTS (SELECT 1 FROM payments_intentinvoice h WHERE h.invoice_id = d.id AND h.open))::text"""

_LEFT: dict[Carries, str] = {
    "nobody": "NULL::text",
    "by_hand": f"CASE WHEN NOT m.autopay THEN {_CARRIED} END",
    "everybody": _CARRIED,
}

# How many terms were billed after the first that is unpaid.
_FURTHER = """(SELECT count(*) FROM membership_term t
    WHERE t.membership_id = m.id AND NOT t.canceled AND t.start_on > (
        SELECT min(r.period_start) FROM invoicing_receivable r
        WHERE r.source_id = m.id AND r.state = 'open' AND r.is_primary))"""


def counts_unpaid_terms(policies: Policies) -> bool:
    """Whether anybody is billed for only so many more terms while one is unpaid (`collect.on_exhausted`)."""
    key = "collect.on_exhausted"
    values = [policies.call(key).name]
    for scope in ("subscription", "plan", "customer"):
        ids = policies.differing(key, scope)
        values += [policies.within(**{scope: id_}).call(key).name for id_ in ids]
    return "keep_invoicing" in values


def earlier_terms(policies: Policies) -> str:
    """SQL of two facts of a membership `m`: what is carried on to its next bill (JSON text, or null), and how many
    terms were billed after the first unpaid one (null where it doesn't matter)."""
    further = _FURTHER if counts_unpaid_terms(policies) else "NULL::bigint"
    return f"{_LEFT[carries(policies)]}, {further}"
