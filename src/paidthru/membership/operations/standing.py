"""What money does to a membership: paid-through moves, goes back, begins anew."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from paidthru.membership.models import Membership
from paidthru.membership.queries import interval_of_membership
from paidthru.membership.rules.settings import any_restarts, late_payment
from paidthru.membership.rules.terms import term_after_late_payment
from paidthru.organizations.rules.policies import Policies
from paidthru.timeline.operations import Happening

# A term is paid by policy: its primary fee (I-19, G-15), or everything on it that is owed (G-13). A no-charge item
# counts as paid from the start, or, with paid_through.complimentary = payment, with the rest of its term (G-14).
_TERM_IS_PAID = """NOT EXISTS (
    SELECT 1 FROM invoicing_receivable r
    WHERE r.source_id = t.membership_id AND r.period_start = t.start_on AND NOT r.voluntary
      AND r.state IN ('open', 'void', 'written_off')
      AND (r.is_primary OR %(everything)s
           OR (%(with_payment)s AND EXISTS (
                   SELECT 1 FROM invoicing_receivable z WHERE z.source_id = t.membership_id AND z.is_primary
                     AND z.period_start = t.start_on AND z.amount_minor = 0))))"""


_PAID = ("paid_through.on", "paid_through.complimentary")


def _counts_as_paid(policies: Policies) -> dict[str, bool]:
    return {
        "everything": policies.word("paid_through.on") == "paid",
        "with_payment": policies.word("paid_through.complimentary") == "payment",
    }


def by_plan(
    policies: Policies, membership_ids: Sequence[UUID], *keys: str
) -> Iterator[tuple[Policies, list[UUID]]]:
    """Memberships in groups that decide alike on the policies `keys`, each with what holds for it: those of plans that
    decide for themselves apart, the others together."""
    own = {plan for key in keys for plan in policies.differing(key, "plan")}
    if not own:
        yield policies, list(membership_ids)
        return
    plans = dict(Membership.objects.filter(id__in=membership_ids).values_list("id", "plan_id"))
    apart = {id_: str(plan) for id_, plan in plans.items() if str(plan) in own}
    if rest := [id_ for id_ in membership_ids if id_ not in apart]:
        yield policies, rest
    for plan in sorted(set(apart.values())):
        yield policies.within(plan=plan), [id_ for id_ in membership_ids if apart.get(id_) == plan]


def after_payment(
    membership_ids: Sequence[UUID], policies: Policies, *, on: date
) -> list[tuple[UUID, date | None, date | None]]:
    """Moves paid-through for what is now paid, and returns (membership, before, after) for those that moved.

    Paid-through is the end of the last fully paid term, even when an earlier one is unpaid. The first payment makes
    a pending membership active (A-07); with nothing due left open, the arrears are over.
    """
    return [
        moved
        for asked, ids in by_plan(policies, membership_ids, *_PAID)
        for moved in _after_payment(ids, asked, on=on)
    ]


def _after_payment(
    membership_ids: Sequence[UUID], policies: Policies, *, on: date
) -> list[tuple[UUID, date | None, date | None]]:
    values: dict[str, Any] = {"ids": list(membership_ids), "on": on, **_counts_as_paid(policies)}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE membership_term t SET paid_on = %(on)s
                WHERE t.membership_id = ANY(%(ids)s) AND t.paid_on IS NULL AND NOT t.canceled AND {_TERM_IS_PAID}""",
            values,
        )
        cursor.execute(
            """WITH before AS (SELECT id, paid_through FROM membership_membership WHERE id = ANY(%(ids)s) FOR UPDATE)
               UPDATE membership_membership m SET paid_through = greatest(m.paid_through, p.through),
                   state = CASE WHEN m.state = 'pending' AND p.through IS NOT NULL THEN 'active' ELSE m.state END,
                   bill_from = CASE WHEN m.bill_from <= %(on)s::date + 1 THEN m.bill_from END,
                   unpaid_since = CASE WHEN EXISTS (
                       SELECT 1 FROM invoicing_receivable r WHERE r.source_id = m.id AND r.state = 'open'
                         AND NOT r.voluntary AND r.due_on <= %(on)s) THEN m.unpaid_since END
               FROM before LEFT JOIN LATERAL (
                   SELECT max(t.end_on) - 1 AS through FROM membership_term t
                   WHERE t.membership_id = before.id AND t.paid_on IS NOT NULL AND NOT t.canceled) p ON true
               WHERE m.id = before.id RETURNING m.id, before.paid_through, m.paid_through""",
            values,
        )
        return [(id_, old, new) for id_, old, new in cursor.fetchall() if old != new]


def after_reversal(
    owed_again: Collection[tuple[UUID, date]], policies: Policies, *, on: date, late_by: Collection[UUID]
) -> list[tuple[UUID, date | None, date | None]]:
    """What follows for memberships whose dues are owed again; returns (membership, before, after) for those whose
    paid-through moved.

    `owed_again` are memberships and the first days of their terms. A term that the policy no longer counts as paid
    loses that, and paid-through goes back to the last one that is (`reversal.paid_through`): never below what was
    brought in, marked paid or paid by other money; and not at all where billing alone moves it (G-16). `late_by` are
    the memberships that failed to pay with it: unpaid since the local date `on`, unless they were already.
    """
    moved: list[tuple[UUID, date | None, date | None]] = []
    for asked, ids in by_plan(policies, [id_ for id_, _ in owed_again], "reversal.paid_through", *_PAID):
        moved += _after_reversal([one for one in owed_again if one[0] in set(ids)], asked)
    mark_unpaid(list(late_by), on=on)
    return moved


def _after_reversal(
    owed_again: Collection[tuple[UUID, date]], policies: Policies
) -> list[tuple[UUID, date | None, date | None]]:
    moved: list[tuple[UUID, date | None, date | None]] = []
    if policies.word("reversal.paid_through") == "roll_back" and policies.word("paid_through.on") != "billed":
        values: dict[str, Any] = {
            "ids": [id_ for id_, _ in owed_again],
            "starts": [start for _, start in owed_again],
            **_counts_as_paid(policies),
        }
        with connection.cursor() as cursor:
            cursor.execute(
                f"""UPDATE membership_term t SET paid_on = NULL
                    FROM (SELECT DISTINCT * FROM unnest(%(ids)s::uuid[], %(starts)s::date[]) AS x (id, start_on)) b
                    WHERE t.membership_id = b.id AND t.start_on = b.start_on AND t.paid_on IS NOT NULL
                      AND NOT t.canceled AND t.source IN ('join', 'renewal', 'run', 'switch')
                      AND NOT ({_TERM_IS_PAID})""",
                values,
            )
            cursor.execute(
                """WITH before AS (SELECT id, paid_through FROM membership_membership WHERE id = ANY(%(ids)s)
                                   ORDER BY id FOR UPDATE)
                   UPDATE membership_membership m SET paid_through = p.through
                   FROM before LEFT JOIN LATERAL (
                       SELECT max(t.end_on) - 1 AS through FROM membership_term t
                       WHERE t.membership_id = before.id AND t.paid_on IS NOT NULL AND NOT t.canceled) p ON true
                   WHERE m.id = before.id RETURNING m.id, before.paid_through, m.paid_through""",
                values,
            )
            moved = [(id_, old, new) for id_, old, new in cursor.fetchall() if old != new]
    return moved


def stop_autopay(party_id: UUID) -> list[UUID]:
    """Takes the memberships that a party pays for off autopay, because its bank may not be debited again (B-47);
    returns those that were on it."""
    pays = Q(payer=party_id) | Q(payer=None, party=party_id)
    on_it = Membership.objects.select_for_update().filter(pays, autopay=True)
    ids = list(on_it.exclude(state="ended").order_by("id").values_list("id", flat=True))
    Membership.objects.filter(id__in=ids).update(autopay=False)
    return ids


def restart_late_terms(membership_ids: Sequence[UUID], policies: Policies, *, on: date) -> list[Happening]:
    """Lets renewed terms that were paid late begin again (G-31), before `after_payment` counts them as paid; returns
    what to tell. The next terms follow from the new one. What was booked with accrual, and a term that another
    follows already, stay."""
    if not any_restarts(policies) or not membership_ids:
        return []
    return [
        happening
        for asked, ids in by_plan(policies, membership_ids, *_PAID)
        for happening in _restart_late_terms(ids, asked, on=on)
    ]


def _restart_late_terms(membership_ids: Sequence[UUID], policies: Policies, *, on: date) -> list[Happening]:
    values: dict[str, Any] = {"ids": list(membership_ids), "on": on, **_counts_as_paid(policies)}
    told = []
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT t.id, t.membership_id, t.start_on, t.end_on FROM membership_term t
                WHERE t.membership_id = ANY(%(ids)s) AND t.paid_on IS NULL AND NOT t.canceled
                  AND t.source IN ('run', 'renewal') AND t.start_on < %(on)s AND {_TERM_IS_PAID}
                  AND NOT EXISTS (SELECT 1 FROM membership_term n WHERE n.membership_id = t.membership_id
                                  AND NOT n.canceled AND n.start_on > t.start_on)
                  AND NOT EXISTS (SELECT 1 FROM invoicing_receivable r WHERE r.source_id = t.membership_id
                                  AND r.period_start = t.start_on AND r.basis <> 'cash')
                ORDER BY t.membership_id FOR UPDATE""",
            values,
        )
        for term_id, membership_id, start, end in cursor.fetchall():
            membership = Membership.objects.select_for_update().get(id=membership_id)
            own = policies.within(
                subscription=membership.id, plan=membership.plan_id, customer=membership.party_id
            )
            late = late_payment(own)
            if late is None:
                continue
            term = term_after_late_payment(late, start, on, interval_of_membership(membership, policies))
            if term is None:
                continue
            cursor.execute(
                "UPDATE membership_term SET start_on = %s, end_on = %s WHERE id = %s",
                [term.start, term.end, term_id],
            )
            cursor.execute(
                "UPDATE invoicing_receivable SET period_start = %s, period_end = %s"
                " WHERE source_id = %s AND period_start = %s AND state <> 'canceled'",
                [term.start, term.end, membership_id, start],
            )
            Membership.objects.filter(id=membership_id).update(
                anchor_on=term.start,
                renewed_through=term.through,
                next_bill_on=term.end if membership.next_bill_on else None,
            )
            told.append(
                Happening(
                    "term_restarted",
                    "membership",
                    membership_id,
                    membership.party_id,
                    f"Paid on {on}, too late for the term from {start}.",
                    {
                        "from": start.isoformat(),
                        "through": (end - timedelta(days=1)).isoformat(),
                        "new_from": term.start.isoformat(),
                        "new_through": term.through.isoformat(),
                    },
                )
            )
    return told


def mark_unpaid(membership_ids: Sequence[UUID], *, on: date) -> None:
    """Notes the first failure of memberships that had none open: it makes the label Past Due, by policy (C-31)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE membership_membership SET unpaid_since = %s WHERE id = ANY(%s) AND unpaid_since IS NULL",
            [on, list(membership_ids)],
        )
