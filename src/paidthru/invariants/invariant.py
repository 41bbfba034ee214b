"""What an invariant is."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Violation:
    """A row that breaks an invariant: the invariant's name, the row as a person would call it, and what is wrong."""

    invariant: str
    subject: str
    what: str


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that holds at every moment, and the query of the rows for which it doesn't.

    `sql` takes %(organization)s and returns (subject, what), both texts, amounts in minor units. `needs` names a table
    that is not always installed; without it there is nothing to break. Rows are joined along single indexed columns
    first, then summed and picked: with sums or constants in the join, a planner whose statistics are from before the
    last run compares each row with all others.
    """

    name: str
    sentence: str
    sql: str
    needs: str = ""

    def violations(self, organization_id: UUID, *, limit: int = SHOWN) -> list[Violation]:
        """The first `limit` rows of the organization that break it."""
        with connection.cursor() as cursor:
            if self.needs:
                cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [self.needs])
                row = cursor.fetchone()
                if not (row and row[0]):
                    return []
            cursor.execute(
                f"SELECT found.subject, found.what FROM ({self.sql}) AS found (subject, what) LIMIT %(limit)s",
                {"organization": organization_id, "limit": limit},
            )
            return [Violation(self.name, subject, what) for subject, what in cursor.fetchall()]
