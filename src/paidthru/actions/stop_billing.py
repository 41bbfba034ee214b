"""What an automatic run left out is told, and does not come up again every day."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from paidthru.membership.models import BillingRun, RunItem
from paidthru.membership.rules.runs import RUN
from paidthru.timeline.operations import Actor, Happening, record

LOOKED_AT_AGAIN = timedelta(days=28)


def settle_skipped(run_id: UUID, *, on: date, actor: Actor, now: datetime) -> None:
    """Moves the next billing date of members who are paid further, puts off to the day after `on` (local) those whose
    plan has no price; those who have an unpaid term and were billed for as many more as they may wait until money
    comes. It stops for the others, with the reason."""
    with transaction.atomic():
        run = BillingRun.objects.select_for_update().get(id=run_id)
        left_out = list(RunItem.objects.filter(run=run).exclude(reason=""))
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE membership_membership m SET next_bill_on =
                       CASE WHEN i.reason = 'not_due' AND m.paid_through >= m.next_bill_on THEN m.paid_through + 1
                            WHEN i.reason = 'already_billed' THEN m.renewed_through + 1
                            -- What staff can mend is looked at again on the next day.
                            WHEN i.reason = 'no_price' THEN %s + 1
                            WHEN i.reason = 'unpaid_terms' THEN m.next_bill_on END,
                       -- The date stays, and is looked at when money comes (`after_payment`), or after a while.
                       bill_from = CASE WHEN i.reason = 'unpaid_terms' THEN %s ELSE m.bill_from END
                   FROM membership_runitem i
                   WHERE i.run_id = %s AND i.reason <> '' AND m.id = i.membership_id AND m.next_bill_on <= %s""",
                [on, now + LOOKED_AT_AGAIN, run.id, run.effective_on],
            )
        record(
            run.organization_id,
            actor,
            now,
            (
                Happening(
                    "not_billed",
                    "membership",
                    item.membership_id,
                    item.party_id,
                    item.detail,
                    {"reason": item.reason},
                )
                for item in left_out
            ),
        )
        if run.state == "previewed":
            BillingRun.objects.filter(id=run.id).update(state=RUN.next(run.state, "finish"), finished_at=now)
