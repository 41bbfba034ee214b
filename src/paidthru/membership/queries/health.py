"""How dues stand: of the terms that ended in a period, whose membership went on (A-42)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

DEFINITION = (
    "Of the memberships whose paid term ended in these days, those whose next term is paid today. A membership counts"
    " once, with its last such term; trials don’t count."
)


@dataclass(frozen=True, slots=True)
class Renewed:
    """`due`: the memberships whose paid term ended in a period; `renewed`: those of them whose next term is paid."""

    due: int
    renewed: int

    @property
    def percent(self) -> int | None:
        """The renewal rate in whole per cent, rounded down: 100 is everybody. None where nobody was due."""
        return self.renewed * 100 // self.due if self.due else None


def renewed_between(organization_id: UUID, start: date, end: date) -> Renewed:
    """The renewals of the local dates [start, end): a term's end is the day on which the next one begins."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*), count(*) FILTER (WHERE EXISTS (
                   SELECT 1 FROM membership_term n
                   WHERE n.membership_id = due.membership_id AND n.start_on >= due.end_on
                     AND n.paid_on IS NOT NULL AND NOT n.canceled))
               FROM (SELECT t.membership_id, max(t.end_on) AS end_on FROM membership_term t
                     WHERE t.organization_id = %s AND t.end_on >= %s AND t.end_on < %s
                       AND t.paid_on IS NOT NULL AND NOT t.canceled AND t.source <> 'trial'
                     GROUP BY 1) due""",
            [organization_id, start, end],
        )
        due, renewed = cursor.fetchone()
    return Renewed(int(due), int(renewed))
