"""Questions to the dunning room."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import cast
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from paidthru.dunning.models import UNTRIED, Case, Pause, Step
from paidthru.dunning.rules import ladder as rules
from paidthru.dunning.rules.ladder import End, Ladder
from paidthru.organizations.rules.policies import Effective, Policies
from paidthru.payments.queries.retrying import Schedules

#: An attempt whose outcome is not known: until it is, nobody can say that something is unpaid. One that waits for the
#: payer's confirmation is no such: they are reminded.
UNDER_WAY = ("created", "submitted", "unknown", "processing", "needs_review")
#: `receivable` is the alias of the receivable in the query around it.
IN_FLIGHT = f"""EXISTS (
    SELECT 1 FROM invoicing_line fl JOIN payments_intentinvoice fh ON fh.invoice_id = fl.invoice_id AND fh.open
    JOIN payments_attempt fa ON fa.intent_id = fh.intent_id
         AND fa.state IN {UNDER_WAY}
    WHERE fl.receivable_id = {{receivable}}.id)"""


def cases_of(organization_id: UUID) -> QuerySet[Case]:
    """An organization's cases."""
    return Case.objects.filter(organization_id=organization_id)


#: A payment failed, could not be made or was taken back; anything else is only not paid by its due date (A-44).
FAILED = ~Q(why="missed") | ~Q(tries_seen__in=UNTRIED)
#: Only due and not paid: nothing was tried, and the ladder that it has neither writes nor ends anything. Whoever sends
#: checks is here every year; nobody has to decide about them.
_QUIET_ENDS = ("staff_queue", "stay_past_due")
_LEFT_ALONE = Q(why="missed", tries_seen__in=UNTRIED, ladder__end__in=_QUIET_ENDS, ladder__mail_days=[])
#: Somebody has to decide: what could be done by itself was done.
NEEDS_A_PERSON = Q(state="open", for_staff=True) & ~_LEFT_ALONE


def open_counts(organization_id: UUID) -> tuple[int, int]:
    """How many open cases have a payment that failed (A-44), and how many are only not paid by their due date."""
    found = (
        cases_of(organization_id)
        .filter(state="open")
        .aggregate(failed=Count("id", filter=FAILED), all=Count("id"))
    )
    return found["failed"], found["all"] - found["failed"]


def needs_a_person(case: Case) -> bool:
    """As NEEDS_A_PERSON, of one case."""
    silent = case.ladder["end"] in _QUIET_ENDS and not case.ladder["mail_days"]
    return (
        case.state == "open"
        and case.for_staff
        and not (case.why == "missed" and case.tries_seen in UNTRIED and silent)
    )


def open_cases_of_party(party_id: UUID) -> list[Case]:
    """A party's open cases, the oldest first."""
    return list(Case.objects.filter(party_id=party_id, state="open").order_by("opened_on", "id"))


def next_look(organization_id: UUID) -> date | None:
    """The local date on which the calendar next asks for a look at a case; not at one whose attempt is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT c.next_on FROM dunning_case c JOIN invoicing_receivable r ON r.id = c.receivable_id
                CROSS JOIN LATERAL (SELECT {IN_FLIGHT.format(receivable="r")} AS under_way) flight
                WHERE c.organization_id = %s AND c.state = 'open' AND c.next_on IS NOT NULL AND NOT flight.under_way
                ORDER BY c.next_on LIMIT 1""",
            [organization_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def standing_still(organization_id: UUID, on: date) -> frozenset[UUID]:
    """The invoices that are not collected by themselves on a date: their case is paused, or an arrangement is kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT l.invoice_id FROM dunning_pause p JOIN dunning_case c ON c.id = p.case_id
               JOIN invoicing_line l ON l.receivable_id = c.receivable_id
               WHERE p.organization_id = %(organization)s AND p.ended = '' AND c.state = 'open'
                 AND p.from_on <= %(on)s AND p.until_on > %(on)s""",
            {"organization": organization_id, "on": on},
        )
        return frozenset(row[0] for row in cursor.fetchall())


def waited_for(organization_id: UUID, on: date) -> frozenset[UUID]:
    """The receivables that staff agreed to wait for on a date: their case is paused, or an arrangement is kept."""
    paused = Pause.objects.filter(
        organization_id=organization_id, ended="", case__state="open", from_on__lte=on, until_on__gt=on
    )
    return frozenset(paused.values_list("case__receivable_id", flat=True))


def followed_by_mail(attempt_ids: Collection[UUID]) -> set[UUID]:
    """Of the attempts that were made by themselves, those about something whose open case writes mails of its own: the
    member has been told of the failure, and hears of it on the ladder's days (A-46)."""
    if not attempt_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.id FROM payments_attempt a WHERE a.id = ANY(%s) AND a.initiator NOT IN ('member', 'staff')
                 AND EXISTS (SELECT 1 FROM payments_intentinvoice h JOIN invoicing_line l ON l.invoice_id = h.invoice_id
                             JOIN dunning_case c ON c.receivable_id = l.receivable_id AND c.state = 'open'
                             WHERE h.intent_id = a.intent_id AND c.ladder->'mail_days' <> '[]'::jsonb)""",
            [list(attempt_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def untold(attempt_ids: Collection[UUID], policies: Policies) -> set[UUID]:
    """Of the attempts that were made by themselves at dues and assessments, those whose failure isn't mailed
    (`dunning.on_failure`)."""
    if policies.word("dunning.on_failure") == "mail" and not policies.differing("dunning.on_failure", "plan"):
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT a.id, m.plan_id FROM payments_attempt a
               JOIN payments_intentinvoice h ON h.intent_id = a.intent_id
               JOIN invoicing_line l ON l.invoice_id = h.invoice_id
               JOIN invoicing_receivable r ON r.id = l.receivable_id
               LEFT JOIN membership_membership m ON m.id = r.source_id
               WHERE a.id = ANY(%s) AND a.initiator NOT IN ('member', 'staff', 'visitor')
                 AND (m.id IS NOT NULL OR r.kind IN ('assessment', 'levy', 'late_fee'))""",
            [list(attempt_ids)],
        )
        rows = cursor.fetchall()
    return {id_ for id_, plan in rows if policies.within(plan=plan).word("dunning.on_failure") == "silent"}


def is_closed(case_id: UUID) -> bool:
    """Whether a case was closed, other than by its own end: then its mails are no longer sent."""
    ends = ("lapsed", "downgraded", "canceled")
    return Case.objects.filter(id=case_id, state="closed").exclude(closed_because__in=ends).exists()


def done_of(case_ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    """The keys of the steps that were done, withheld or skipped, by case."""
    found: dict[UUID, set[str]] = {id_: set() for id_ in case_ids}
    for id_, key in Step.objects.filter(case__in=found).values_list("case_id", "key"):
        found[id_].add(key)
    return found


def pauses_of(case_ids: Iterable[UUID]) -> dict[UUID, list[Pause]]:
    """The pauses of cases, in their order, each with its parts."""
    found: dict[UUID, list[Pause]] = {id_: [] for id_ in case_ids}
    for pause in Pause.objects.filter(case__in=found).prefetch_related("parts").order_by("from_on", "id"):
        found[pause.case_id].append(pause)
    return found


def facts_of(cases: Sequence[Case]) -> dict[UUID, rules.Facts]:
    """Where cases stand by what is stored in this room: enough for the next step that has a day of its own."""
    done, pauses = done_of(case.id for case in cases), pauses_of(case.id for case in cases)
    return {
        case.id: rules.Facts(
            case.opened_on,
            frozenset(done[case.id]),
            tuple(rules.Pause(one.from_on, one.until_on) for one in pauses[case.id]),
        )
        for case in cases
    }


def present_pause(case_id: UUID) -> Pause | None:
    """The pause or arrangement that is not over yet."""
    return Pause.objects.filter(case_id=case_id, ended="").first()


def searched(name: str) -> Q:
    """The cases of members whose name holds a text."""
    return Q(party__name__icontains=name) if name else Q()


def due_since(organization_id: UUID, *, by: date) -> tuple[int, date | None]:
    """How many cases should have been looked at by a local date, and since when the first of them; not those whose
    attempt is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*), min(c.next_on)
                FROM dunning_case c JOIN invoicing_receivable r ON r.id = c.receivable_id
                WHERE c.organization_id = %s AND c.state = 'open' AND c.next_on <= %s
                  AND NOT {IN_FLIGHT.format(receivable="r")}""",
            [organization_id, by],
        )
        count, first = cursor.fetchone()
    return int(count), first


def ladder_of(
    policies: Policies, zone: str, *, membership_id: UUID, plan_id: UUID | None, party_id: UUID
) -> Ladder:
    """What a case of a membership (or, without a plan, of a home) goes through by the present policies. A plan whose
    failed payments somebody else looks after (`collect.cadence_owner` set on the plan) is left alone, save for what is
    set on it too (X5)."""
    within = policies.within(subscription=membership_id, plan=plan_id, customer=party_id)
    left_alone = is_elsewhere(policies, plan_id)

    def holds(key: str) -> bool:
        return not left_alone or _is_near(within.effective(key))

    at = within.call("status.past_due_at")
    past_due = {"first_failure": 0, "never": None}.get(at.name, _number(at.args))
    end = within.call("collect.on_exhausted")
    # What a home owes ends nothing: it has no plan.
    ends = holds("collect.on_exhausted") and (plan_id is not None or end.name == "staff_queue")
    return Ladder(
        within.numbers("dunning.mail_days") if holds("dunning.mail_days") else (),
        past_due,
        cast("End", end.name) if ends else "stay_past_due",
        _number(end.args) if ends else 0,
        sum(Schedules(policies, zone).of(plan_id, 0).offsets),
    )


def is_elsewhere(policies: Policies, plan_id: UUID | None) -> bool:
    """Whether somebody else looks after a plan's failed payments: `collect.cadence_owner` says so on the plan."""
    owner = policies.within(plan=plan_id).effective("collect.cadence_owner")
    return owner.source == "plan" and owner.value != "product"


def _is_near(found: Effective) -> bool:
    return found.source in ("subscription", "plan")


def _number(args: tuple[object, ...]) -> int:
    return args[0] if args and isinstance(args[0], int) else 0


def figures_of(case_ids: Collection[UUID]) -> dict[UUID, tuple[int, str, int]]:
    """What is owed now of each case's term (minor units, currency), and how many tries have ended."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.id, (SELECT coalesce(sum(o.balance_minor), 0)::bigint FROM invoicing_receivable o
                             WHERE o.source_id = r.source_id AND o.period_start = r.period_start
                               AND o.state = 'open' AND NOT o.voluntary), r.currency,
                   (SELECT count(*) FROM invoicing_line l JOIN payments_intentinvoice h ON h.invoice_id = l.invoice_id
                    JOIN payments_attempt a ON a.intent_id = h.intent_id AND a.concluded_at IS NOT NULL
                    WHERE l.receivable_id = r.id)
               FROM dunning_case c JOIN invoicing_receivable r ON r.id = c.receivable_id WHERE c.id = ANY(%s)""",
            [list(case_ids)],
        )
        return {id_: (int(owed), currency, int(tries)) for id_, owed, currency, tries in cursor.fetchall()}


def under_way(case_ids: Collection[UUID]) -> set[UUID]:
    """The cases of which an attempt is under way: nobody knows yet whether they are unpaid."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT c.id FROM dunning_case c JOIN invoicing_receivable r ON r.id = c.receivable_id
                WHERE c.id = ANY(%s) AND {IN_FLIGHT.format(receivable="r")}""",
            [list(case_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def steps_of(case_id: UUID) -> list[Step]:
    """What was done about a case, in order."""
    return list(Step.objects.filter(case_id=case_id).order_by("done_at", "id"))
