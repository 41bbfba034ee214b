"""How dues stand: of the terms that ended in a period, whose membership went on (A-42)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery

from paidthru.membership.models import Membership, Term

DEFINITION = (
    "Of the memberships whose paid term had its last day in these days, those whose next term is paid today. A"
    " membership counts once, with its last such term; trials don’t count."
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
    """The renewals of the terms whose last day is one of the local dates [start, end)."""
    return renewed_in(organization_id, [(start, end)])[0]


def renewed_in(organization_id: UUID, spans: Sequence[tuple[date, date]]) -> list[Renewed]:
    """As `renewed_between`, of several spans in one pass over the paid terms (index `term_paid`). Whose latest paid
    term begins on or after the end of the last one that ended in a span, renewed."""
    ended = ", ".join(
        f"max(end_on) FILTER (WHERE source <> 'trial' AND end_on > %s AND end_on <= %s) AS ended{n}"
        for n in range(len(spans))
    )
    counts = ", ".join(
        f"count(ended{n}), count(*) FILTER (WHERE latest >= ended{n})" for n in range(len(spans))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {counts} FROM (
                    SELECT max(start_on) AS latest, {ended} FROM membership_term
                    WHERE organization_id = %s AND paid_on IS NOT NULL AND NOT canceled GROUP BY membership_id
                ) of_membership""",
            [*(day for span in spans for day in span), organization_id],
        )
        row = cursor.fetchone()
    return [Renewed(int(row[2 * n]), int(row[2 * n + 1])) for n in range(len(spans))]


def ended_in(organization_id: UUID, start: date, end: date) -> QuerySet[Membership]:
    """The memberships behind `renewed_between`, each with the first day after its term of those days
    (`ended`) and whether it `renewed`, by name."""
    paid = Term.objects.filter(membership=OuterRef("pk"), paid_on__isnull=False, canceled=False)
    in_span = paid.exclude(source="trial").filter(end_on__gt=start, end_on__lte=end)
    found = Membership.objects.filter(organization_id=organization_id).annotate(
        ended=Subquery(in_span.order_by("-end_on").values("end_on")[:1]),
        latest=Subquery(paid.order_by("-start_on").values("start_on")[:1]),
        name=F("party__name"),
    )
    return (
        found.filter(ended__isnull=False)
        .annotate(renewed=ExpressionWrapper(Q(latest__gte=F("ended")), output_field=BooleanField()))
        .order_by("name", "id")
    )
