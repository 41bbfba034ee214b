"""Terms are made longer or shorter, given up or replaced; the membership's dates follow them."""

from datetime import date
from uuid import UUID

from django.db import connection

from paidthru.membership.models import Fee, Membership, Term


def end_term(term: Term, on: date) -> None:
    """Lets a term end on another day (the first that it doesn't cover), and what was billed for it with it."""
    Term.objects.filter(id=term.id).update(end_on=on)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE invoicing_receivable r SET period_end = %s FROM {Fee._meta.db_table} f
                WHERE r.source_id = %s AND r.period_start = %s AND r.state <> 'canceled'
                  AND f.id = r.fee_id AND f.plan_id = %s""",
            [on, term.membership_id, term.start_on, term.plan_id],
        )


def begin_trial(membership: Membership, start: date, until: date, *, on: date) -> None:
    """Writes the trial of a membership [start, until): a term that costs nothing and counts as paid from the local date
    `on`. The first term that is billed starts when it is over."""
    Term.objects.create(
        organization=membership.organization,
        membership=membership,
        plan_id=membership.plan_id,
        start_on=start,
        end_on=until,
        amount_minor=0,
        source="trial",
        paid_on=on,
    )
    Membership.objects.filter(id=membership.id).update(trial_until=until, next_bill_on=until)
    recount(membership)


def cancel_term(term: Term) -> None:
    """A term that is no more: another takes its place, or its days are gone."""
    Term.objects.filter(id=term.id).update(canceled=True)


def recount(membership: Membership) -> Membership:
    """Sets renewed-through and paid-through to what the terms say, and returns the membership anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE membership_membership m SET renewed_through = t.billed, paid_through = t.paid
               FROM (SELECT max(end_on) - 1 AS billed, max(end_on) FILTER (WHERE paid_on IS NOT NULL) - 1 AS paid
                     FROM membership_term WHERE membership_id = %(id)s AND NOT canceled) t
               WHERE m.id = %(id)s""",
            {"id": membership.id},
        )
    return Membership.objects.select_related("plan", "organization").get(id=membership.id)


def clear_unpaid(membership: Membership, on: date) -> None:
    """The arrears are over once nothing is owed that was due by the local date."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE membership_membership m SET unpaid_since = NULL WHERE m.id = %s AND NOT EXISTS (
                   SELECT 1 FROM invoicing_receivable r WHERE r.source_id = m.id AND r.state = 'open'
                     AND NOT r.voluntary AND r.due_on <= %s)""",
            [membership.id, on],
        )


def take_up_next_plans(organization_id: UUID, *, on: date) -> list[tuple[UUID, UUID, str]]:
    """Puts memberships on the plan chosen for their next renewal once its term has begun, or the last one is over;
    returns (membership, party, plan's name) of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE membership_membership m SET plan_id = m.next_plan_id, next_plan_id = NULL
               FROM membership_plan p
               WHERE m.organization_id = %(organization)s AND m.next_plan_id IS NOT NULL AND p.id = m.next_plan_id
                 AND m.state <> 'ended'
                 AND (m.renewed_through IS NULL OR m.renewed_through < %(on)s OR EXISTS (
                      SELECT 1 FROM membership_term t WHERE t.membership_id = m.id AND NOT t.canceled
                        AND t.plan_id = m.next_plan_id AND t.start_on <= %(on)s))
               RETURNING m.id, m.party_id, p.name""",
            {"organization": organization_id, "on": on},
        )
        return [(id_, party_id, name) for id_, party_id, name in cursor.fetchall()]
