"""Questions to the assessments room."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from paidthru.assessments.models import Assessment, LevyPart
from paidthru.assessments.rules.late_fees import Charge, LateFee, late_fee_of
from paidthru.assessments.rules.splitting import UnitFacts
from paidthru.assessments.rules.transferring import Parted, parted
from paidthru.invoicing.models import Invoice, Line, Receivable
from paidthru.invoicing.queries import ASKING
from paidthru.kernel.periods import Interval, period_containing
from paidthru.kernel.periods import Unit as Every
from paidthru.ledger.models import Entry
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of, policy_set_on
from paidthru.payments.queries import has_open_attempt
from paidthru.people.models import Holding, Unit

OF_A_HOME = ("assessment", "levy", "late_fee")  # kinds of invoices


def units_of(organization_id: UUID) -> list[UnitFacts]:
    """An organization's units, in the order in which they were added."""
    found = Unit.objects.filter(organization_id=organization_id).order_by("id")
    return [UnitFacts(*row) for row in found.values_list("id", "name", "share", "area")]


def owed_by_unit(unit_id: UUID) -> dict[str, int]:
    """What is open of a unit, whoever owes it: minor units by currency."""
    found = Receivable.objects.filter(source_id=unit_id, state="open").values("currency")
    return {
        row["currency"]: row["minor"] for row in found.annotate(minor=Sum("balance_minor")) if row["minor"]
    }


def waiting_of_unit(unit_id: UUID, on: date) -> dict[str, int]:
    """What a unit that nobody owns was assessed and levied by a local date and is billed to its next owner: minor units
    by currency."""
    if Holding.objects.filter(unit=unit_id, role="owner", until_on=None).exists():
        return {}
    waiting: dict[str, int] = {}
    parts = LevyPart.objects.filter(Q(n=1) | Q(due_on__lte=on), unit=unit_id, invoice=None)
    for currency, minor in parts.values_list("levy__currency", "amount_minor"):
        waiting[currency] = waiting.get(currency, 0) + minor
    for one in Assessment.objects.filter(unit=unit_id, next_on__lte=on):
        last = on if one.ends_on is None else min(on, one.ends_on)
        n, _ = period_containing(one.starts_on, interval_of(one), last)
        waiting[one.currency] = waiting.get(one.currency, 0) + (n + 1 - one.made) * one.amount_minor
    return waiting


def owed_by_units(unit_ids: Collection[UUID], *, by: UUID | None = None) -> dict[UUID, dict[str, int]]:
    """As `owed_by_unit`, for many at once; a unit of which nothing is open is left out. With `by` only what that party
    owes of them."""
    open_ = Receivable.objects.filter(source_id__in=unit_ids, state="open")
    if by is not None:
        open_ = open_.filter(party=by)
    found = open_.values("source_id", "currency")
    owed: dict[UUID, dict[str, int]] = {}
    for row in found.annotate(minor=Sum("balance_minor")):
        if row["minor"]:
            owed.setdefault(row["source_id"], {})[row["currency"]] = row["minor"]
    return owed


@dataclass(frozen=True, slots=True)
class Coming:
    """What a unit is billed next: on which local date, how much (minor units), what for."""

    on: date
    amount_minor: int
    currency: str
    name: str


@dataclass(frozen=True, slots=True)
class Home:
    """A unit that somebody owns or rents now: what they owe of it by currency, and what it is billed next."""

    holding: Holding
    owed: Mapping[str, int]
    coming: Coming | None

    @property
    def unit(self) -> Unit:
        """The unit itself."""
        return self.holding.unit


def homes_of(party_id: UUID) -> list[Home]:
    """The units that a party owns or rents now, by name."""
    held = list(
        Holding.objects.filter(party=party_id, until_on=None)
        .select_related("unit")
        .order_by("unit__name", "id")
    )
    ids = {one.unit_id for one in held}
    owed, coming = owed_by_units(ids, by=party_id), coming_of(ids)
    return [Home(one, owed.get(one.unit_id, {}), coming.get(one.unit_id)) for one in held]


def has_homes(party_id: UUID) -> bool:
    """Whether a party owns or rents a unit now, or is still asked to pay for one."""
    asked = Invoice.objects.filter(ASKING, party_id=party_id, kind__in=OF_A_HOME)
    return Holding.objects.filter(party=party_id, until_on=None).exists() or asked.exists()


def coming_of(unit_ids: Collection[UUID]) -> dict[UUID, Coming]:
    """What units are billed next, of assessments and levies; a unit of which nothing comes is left out."""
    found: dict[UUID, Coming] = {}
    parts = LevyPart.objects.filter(unit__in=unit_ids, invoice=None).select_related("levy")
    for part in parts.order_by("-due_on", "-id"):
        found[part.unit_id] = Coming(part.due_on, part.amount_minor, part.levy.currency, part.levy.name)
    regular = Assessment.objects.filter(unit__in=unit_ids, next_on__isnull=False)
    for one in regular.order_by("-next_on", "-id"):
        before = found.get(one.unit_id)
        if one.next_on is not None and (before is None or one.next_on <= before.on):
            found[one.unit_id] = Coming(one.next_on, one.amount_minor, one.currency, one.name)
    return found


def asked_for_homes(party_id: UUID) -> list[Invoice]:
    """The open invoices over what homes owe that a party is asked to pay, what is due first first."""
    found = Invoice.objects.filter(ASKING, party_id=party_id, kind__in=OF_A_HOME)
    return list(found.order_by("due_on", "number"))


def parted_on(unit_id: UUID, on: date) -> list[Parted]:
    """What each of two owners bears of the periods that were billed and in which a unit changes hands on a local date:
    a statement for both, of which nothing is booked."""
    found = []
    for one in Assessment.objects.filter(unit=unit_id, starts_on__lte=on).order_by("id"):
        n, period = period_containing(one.starts_on, interval_of(one), on)
        if n < one.made:
            found.append(parted(one.amount_minor, period, on, one.currency))
    return found


def interval_of(assessment: Assessment) -> Interval:
    """How often an assessment comes."""
    return Interval(assessment.interval_count, Every(assessment.interval_unit))


def balances_of_unit(unit_id: UUID) -> dict[tuple[str, str], int]:
    """What the books say of a unit, by account code and currency, debit positive."""
    billed = Receivable.objects.filter(source_id=unit_id).values("id")
    found = Entry.objects.filter(receivable_id__in=billed).values("account__code", "account__currency")
    return {
        (row["account__code"], row["account__currency"]): int(row["minor"])
        for row in found.annotate(minor=Sum("amount_minor"))
    }


def history_of(unit_id: UUID) -> QuerySet[Receivable]:
    """All that was ever billed to a unit, newest first: it stays when the unit changes hands (A-32)."""
    return Receivable.objects.filter(source_id=unit_id).select_related("party").order_by("-due_on", "-id")


def next_due(organization_id: UUID) -> date | None:
    """The local date of the next period or instalment that is to be billed; a day that has passed means now, as for the
    first instalment of a levy. What waits for an owner is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT min(on_) FROM (
                 SELECT min(a.next_on) AS on_ FROM assessments_assessment a
                 JOIN people_holding h ON h.unit_id = a.unit_id AND h.role = 'owner' AND h.until_on IS NULL
                 WHERE a.organization_id = %(organization)s AND a.next_on IS NOT NULL
                 UNION ALL
                 SELECT min(CASE WHEN p.n = 1 THEN date '1970-01-01' ELSE p.due_on END) FROM assessments_levypart p
                 JOIN people_holding h ON h.unit_id = p.unit_id AND h.role = 'owner' AND h.until_on IS NULL
                 WHERE p.organization_id = %(organization)s AND p.invoice_id IS NULL) due""",
            {"organization": organization_id},
        )
        row = cursor.fetchone()
    return row[0] if row else None


def count_due(organization_id: UUID, on: date) -> int:
    """How many assessments and instalments are to be billed by a local date, of units that somebody owns."""
    held = Exists(Holding.objects.filter(unit=OuterRef("unit"), role="owner", until_on=None))
    regular = Assessment.objects.filter(held, organization_id=organization_id, next_on__lte=on)
    parts = LevyPart.objects.filter(
        held, Q(n=1) | Q(due_on__lte=on), organization_id=organization_id, invoice=None
    )
    return regular.count() + parts.count()


@dataclass(frozen=True, slots=True)
class Late:
    """Something that a unit owes for longer than its grace, with the late fees that it had."""

    receivable: Receivable
    unit: str
    charged: Sequence[Charge]


# What is unpaid and may get a further fee, with the day on which it comes (rules/late_fees.py). What somebody is paying
# just now has none until the answer is known, what staff agreed to wait for is spared.
_LATE = """
    SELECT r.id, (f.first + make_interval(months => greatest(k.after_last, k.from_start)::int))::date AS comes_on
    FROM invoicing_receivable r
    LEFT JOIN (SELECT f.fee_id, count(*) AS n, sum(f.amount_minor) AS minor, max(f.period_start) AS last
               FROM invoicing_receivable f
               WHERE f.organization_id = %(organization)s AND f.kind = 'late_fee' GROUP BY f.fee_id) fees
           ON fees.fee_id = r.id
    CROSS JOIN LATERAL (SELECT r.due_on + %(grace)s + 1 AS first, coalesce(%(since)s::date, r.due_on) AS since) f
    CROSS JOIN LATERAL (
        SELECT (extract(year FROM fees.last) - extract(year FROM f.first)) * 12
               + extract(month FROM fees.last) - extract(month FROM f.first) + 1 AS after_last,
               greatest((extract(year FROM f.since) - extract(year FROM f.first)) * 12
                        + extract(month FROM f.since) - extract(month FROM f.first), 0)::int AS months) t
    CROSS JOIN LATERAL (
        SELECT coalesce(t.after_last, 0) AS after_last, t.months + CASE
               WHEN (f.first + make_interval(months => t.months))::date < f.since THEN 1 ELSE 0 END AS from_start) k
    WHERE r.organization_id = %(organization)s AND r.kind IN ('assessment', 'levy') AND r.state = 'open'
      AND r.currency = %(currency)s AND r.balance_minor > 0 AND NOT r.id = ANY(%(spared)s::uuid[])
      AND CASE WHEN %(cap)s::bigint IS NULL THEN fees.n IS NULL AND k.from_start = 0
          ELSE coalesce(fees.minor, 0) < %(cap)s END
      AND r.id NOT IN (
          SELECT l.receivable_id FROM payments_attempt a
          JOIN payments_intentinvoice h ON h.intent_id = a.intent_id AND h.open
          JOIN invoicing_line l ON l.invoice_id = h.invoice_id
          WHERE a.organization_id = %(organization)s AND l.receivable_id IS NOT NULL
            AND a.state IN ('created', 'submitted', 'unknown', 'processing', 'needs_review'))"""


def late_fee_now(organization: Organization) -> LateFee | None:
    """What an organization charges for what is late, since it decided on that; None where it charges nothing."""
    since = policy_set_on(organization, "late_fee")
    return late_fee_of(policies_of(organization), organization.currency, since)


def _values(organization_id: UUID, currency: str, fee: LateFee, spared: Collection[UUID]) -> dict[str, Any]:
    return {
        "organization": organization_id,
        "currency": currency,
        "grace": fee.grace_days,
        "cap": fee.cap_minor,
        "since": fee.since,
        "spared": list(spared),
    }


def late_by(
    organization_id: UUID, currency: str, fee: LateFee, *, on: date, spared: Collection[UUID], limit: int
) -> list[Late]:
    """What of a currency is to get a late fee by a local date, oldest first, with the late fees charged on each. What
    is `spared` (receivables) and what is being paid just now is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM ({_LATE}) late WHERE comes_on <= %(on)s ORDER BY comes_on, id LIMIT %(limit)s",
            _values(organization_id, currency, fee, spared) | {"on": on, "limit": limit},
        )
        ids = [row[0] for row in cursor.fetchall()]
    found = {
        one.id: one
        for one in Receivable.objects.select_for_update().filter(id__in=ids, state="open").order_by("id")
    }
    units = Unit.objects.in_bulk({one.source_id for one in found.values()})
    charged: dict[UUID, list[Charge]] = {id_: [] for id_ in ids}
    fees = Receivable.objects.filter(source_id__in=units, fee_id__in=ids, kind="late_fee").order_by(
        "period_start"
    )
    for late_id, day, amount_minor in fees.values_list("fee_id", "period_start", "amount_minor"):
        charged[late_id].append(Charge(day, amount_minor))
    return [Late(found[id_], units[found[id_].source_id].name, charged[id_]) for id_ in ids if id_ in found]


def count_late(
    organization_id: UUID, currency: str, fee: LateFee, *, on: date, spared: Collection[UUID]
) -> int:
    """How many late fees are to be charged by a local date; as `late_by`."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM ({_LATE}) late WHERE comes_on <= %(on)s",
            _values(organization_id, currency, fee, spared) | {"on": on},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def next_late_fee(
    organization_id: UUID, currency: str, fee: LateFee, *, spared: Collection[UUID]
) -> date | None:
    """The local date on which the next late fee comes, should nobody pay; a day that has passed means now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT min(comes_on) FROM ({_LATE}) late", _values(organization_id, currency, fee, spared)
        )
        row = cursor.fetchone()
    return row[0] if row else None


def movable(unit_id: UUID, *, but_of: UUID) -> list[UUID]:
    """The open invoices of a unit, of others than a party, of which nothing was paid or is being paid; by number."""
    lines = Line.objects.filter(invoice=OuterRef("pk"))
    found = Invoice.objects.filter(
        Exists(lines.filter(receivable__source_id=unit_id, receivable__state="open")),
        ~Exists(lines.exclude(receivable__source_id=unit_id)),
        kind__in=OF_A_HOME, state="sent", balance_minor=F("total_minor"),
    )  # fmt: skip
    ids = found.exclude(party=but_of).order_by("number").values_list("id", flat=True)
    return [one for one in ids if not has_open_attempt(one)]


def billed_of(levy_id: UUID) -> tuple[int, int, int]:
    """Of how many units the first instalment of a levy is billed, of how many it can't be for nobody owns them, and of
    how many there is one."""
    found = LevyPart.objects.filter(levy=levy_id, n=1)
    owners = Holding.objects.filter(unit=OuterRef("unit"), role="owner", until_on=None)
    waiting = found.filter(invoice=None).exclude(Exists(owners))
    return found.exclude(invoice=None).count(), waiting.count(), found.count()


def unowned(organization_id: UUID) -> QuerySet[Unit]:
    """The units that nobody owns now."""
    return Unit.objects.filter(organization_id=organization_id).exclude(
        Exists(Holding.objects.filter(unit=OuterRef("pk"), role="owner", until_on=None))
    )


def unowned_waiting(organization_id: UUID, on: date) -> int:
    """How many units that nobody owns have assessments or instalments that are due by a local date: those can't be
    billed."""
    due = Assessment.objects.filter(unit=OuterRef("pk"), next_on__lte=on)
    parts = LevyPart.objects.filter(unit=OuterRef("pk"), due_on__lte=on, invoice=None)
    return unowned(organization_id).filter(Exists(due) | Exists(parts)).count()


@dataclass(frozen=True, slots=True)
class HomesStanding:
    """How many homes there are, how many of them owe something, and how many nobody owns."""

    all: int
    owing: int
    unowned: int


def homes_standing(organization_id: UUID) -> HomesStanding:
    """How the homes of an organization stand now."""
    every = Unit.objects.filter(organization_id=organization_id)
    return HomesStanding(every.count(), owing(every).count(), unowned(organization_id).count())


def owing(units: QuerySet[Unit]) -> QuerySet[Unit]:
    """Those of the units of which something is open."""
    open_ = Receivable.objects.filter(source_id=OuterRef("pk"), state="open", balance_minor__gt=0)
    return units.filter(Exists(open_))


def due_of_homes(
    organization_id: UUID, currency: str, start: date, end: date, *, unsettled: bool = False
) -> QuerySet[Receivable]:
    """What homes were asked for and was due on the local dates [start, end), without what was taken back or waived;
    each with what is settled of it in minor units (`settled_minor`), by a payment or by credit; with `unsettled` only
    that of which something isn't."""
    mine = Receivable.objects.filter(organization_id=organization_id, kind__in=OF_A_HOME, currency=currency)
    due = mine.filter(due_on__gte=start, due_on__lt=end).exclude(state__in=("void", "canceled"))
    settled = F("amount_minor") - F("balance_minor") - F("written_off_minor")
    found = due.annotate(settled_minor=settled).order_by("due_on", "id")
    return found.filter(settled_minor__lt=F("amount_minor")) if unsettled else found
