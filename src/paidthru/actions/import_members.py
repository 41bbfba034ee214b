"""Import members: a roster becomes people and memberships. First the report, then the commit of all good rows or none.

Both read the file in the same way, a slice at a time, into a staging table of their transaction, and compare it there
with what is known; the commit then writes, set by set. Nothing is mailed, billed or charged.

Rows are the same person when their id is the same; a person without an id is found by e-mail and name. A blank cell
changes nothing. Dates of members whom Paidthru bills already are kept: the books know better than an old file.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import connection, transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.copying import copy_rows
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.periods import Interval, Period, Unit
from paidthru.membership.models import Fee, Plan
from paidthru.membership.operations import ExistingMembership, bring_in
from paidthru.membership.queries import plan_facts
from paidthru.membership.rules.existing import Existing, Standing, standing
from paidthru.membership.rules.roster import Fault, Known, Limits, RosterRow, RowFaults, Tally, read_rows, survey
from paidthru.membership.rules.roster_layout import Layout
from paidthru.membership.rules.roster_report import Change, Choices, ImportReport, Plans, settle_plans
from paidthru.membership.rules.terms import effective_interval
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, record

SLICE = 2_000
SHOWN_FAULTS = 10_000
SHOWN_CHANGES = 20
Progress = Callable[[int, int], None]  # rows done, rows in all
_YEARLY = Interval(1, Unit.YEAR)


def preview_import(
    organization: Organization, stream: BinaryIO, choices: Choices | None = None, *, now: datetime,
    file_name: str = "", limits: Limits | None = None, progress: Progress | None = None,
) -> ImportReport:
    """The report of what a commit of the file (binary, seekable) would do now; writes nothing.

    Refused for the file as a whole: what `roster.survey` raises (file_empty, not_csv, one_column, too_many_rows …),
    `level_unknown`, `plan_unknown`, `roster_of_another_organization`.
    """
    with transaction.atomic():
        return _Import(organization, stream, choices or Choices(), now, file_name, limits).report(progress)


def commit_import(
    organization: Organization, stream: BinaryIO, choices: Choices | None = None, *, actor: Actor, now: datetime,
    token: str | None = None, file_name: str = "", limits: Limits | None = None, progress: Progress | None = None,
) -> ImportReport:
    """Takes every good row of the file, in one transaction, and returns the report of what was done.

    `token` is the one of the report that the caller read. Refused besides what `preview_import` refuses:
    `file_changed` (another file than that report's), `plans_unknown` (levels that wait for an answer),
    `nothing_to_import`.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:  # two imports at once: the second sees what the first has written
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{organization.id}:import"])
        work = _Import(organization, stream, choices or Choices(), now, file_name, limits)
        if token is not None and token != work.token:
            raise Refused("file_changed", "The file is not the one whose report was read.", field="file",
                          value=file_name, fix="Read the report of this file first.")
        report = work.report(progress)
        if report.plans_asked:
            levels = ", ".join(f"{one.text} ({one.rows:,} rows)" for one in report.plans_asked)
            raise Refused("plans_unknown", f"These levels are no plans yet: {levels}.", field="plan",
                          value=report.plans_asked[0].text,
                          fix="Create them (--create-plans), or say which of your plans each means"
                              " (--plan 'LEVEL=PLAN').")
        if not report.add + report.change + report.unchanged:
            raise Refused("nothing_to_import", "No row of the file can be taken.", field="file", value=file_name,
                          fix="Read the faults of the report, and correct the file.")
        work.write(report, actor)
        return replace(report, committed=True)


_STAGING = """CREATE TEMPORARY TABLE import_row (
    row integer PRIMARY KEY, external_id text, kind text, name text, given_name text, family_name text,
    organization_name text, email text, phone text, customer_type text, notes text,
    plan_id uuid, plan text, joined_on date, autopay boolean, override_months smallint,
    state text, anchor_on date, term_start date, term_end date, next_bill_on date, cancel_on date, unpaid_since date,
    stops boolean, party_id uuid, term_id uuid, event_id uuid,
    match_id uuid, current_id uuid, twin integer, outcome text NOT NULL DEFAULT '',
    starts boolean NOT NULL DEFAULT false, dates_kept boolean NOT NULL DEFAULT false,
    changes jsonb NOT NULL DEFAULT '{}') ON COMMIT DROP"""
_COLUMNS = ("row", "external_id", "kind", "name", "given_name", "family_name", "organization_name", "email", "phone",
            "customer_type", "notes", "plan_id", "plan", "joined_on", "autopay", "override_months", "state",
            "anchor_on", "term_start", "term_end", "next_bill_on", "cancel_on", "unpaid_since", "stops", "party_id",
            "term_id", "event_id")
_PARTY_FIELDS = ("name", "given_name", "family_name", "organization_name", "email", "phone", "customer_type", "notes")

_BY_ID = """UPDATE import_row s SET match_id = p.id FROM people_party p
    WHERE p.organization_id = %(organization)s AND p.external_id = s.external_id"""
_TWINS = """UPDATE import_row s SET outcome = 'twin', twin = d.first
    FROM (SELECT row, min(row) OVER (PARTITION BY lower(name), lower(email)) AS first
          FROM import_row WHERE external_id IS NULL) d
    WHERE d.row = s.row AND d.first <> s.row"""
# Somebody entered by hand gets the id of the roster; whoever has another id already is another person.
_BY_NAME = """WITH c AS (
        SELECT s.row, p.id, count(*) OVER (PARTITION BY s.row) AS parties, count(*) OVER (PARTITION BY p.id) AS rows
        FROM import_row s
        JOIN people_party p ON p.organization_id = %(organization)s AND lower(p.name) = lower(s.name)
             AND (lower(p.email) = lower(s.email) OR NOT %(has_email)s)
        WHERE s.match_id IS NULL AND s.outcome = ''
          AND (s.external_id IS NULL OR (p.external_id IS NULL AND s.email <> ''))
          AND NOT EXISTS (SELECT 1 FROM import_row t WHERE t.match_id = p.id))
    UPDATE import_row s SET match_id = CASE WHEN c.parties = 1 AND c.rows = 1 THEN c.id END,
        outcome = CASE WHEN c.parties > 1 AND s.external_id IS NULL THEN 'several' ELSE '' END
    FROM c WHERE c.row = s.row"""
_STRANGERS = r"""SELECT count(*), count(*) FILTER (WHERE
        NOT regexp_split_to_array(lower(s.name), '\s+') && regexp_split_to_array(lower(p.name), '\s+')
        AND (s.email = '' OR lower(s.email) <> lower(p.email)))
    FROM import_row s JOIN people_party p ON p.id = s.match_id WHERE s.external_id = p.external_id"""


def _differs(name: str, old: str, new: str, when: str) -> str:
    return f"'{name}', CASE WHEN {when} THEN jsonb_build_array({old}, {new}) END"


_GOES_ON = "s.plan_id IS NOT NULL AND m.id IS NOT NULL AND m.state <> 'ended'"
_STARTS = """(s.plan_id IS NOT NULL AND (m.id IS NULL OR (m.state = 'ended' AND s.state <> 'ended'
    AND s.term_end - 1 > coalesce(m.paid_through, '-infinity'))))"""
_MEMBERSHIP_CHANGES = ", ".join([
    _differs("membership", "NULL", "s.plan", _STARTS),
    _differs("plan", "l.name", "s.plan", f"{_GOES_ON} AND s.plan_id <> m.plan_id"),
    _differs("paid_through", "m.paid_through", "s.term_end - 1",
             f"{_GOES_ON} AND NOT b.ours AND s.term_end IS NOT NULL"
             " AND s.term_end - 1 IS DISTINCT FROM m.paid_through"),
    _differs("joined", "m.joined_on", "s.joined_on",
             f"{_GOES_ON} AND s.joined_on IS NOT NULL AND s.joined_on IS DISTINCT FROM m.joined_on"),
    _differs("autopay", "m.autopay", "s.autopay", f"{_GOES_ON} AND s.autopay <> m.autopay"),
    _differs("state", "m.state", "s.state",
             f"{_GOES_ON} AND s.state IN ('ending', 'ended') AND s.state <> m.state"),
    _differs("next_bill_on", "m.next_bill_on", "NULL",
             f"{_GOES_ON} AND s.stops AND NOT b.ours AND m.next_bill_on IS NOT NULL"),
])
_COMPARE = """UPDATE import_row s SET current_id = m.id, starts = {starts},
        dates_kept = ({goes_on} AND b.ours AND s.term_end - 1 IS DISTINCT FROM m.paid_through
                      AND s.term_end IS NOT NULL),
        changes = jsonb_strip_nulls(jsonb_build_object({changes}))
    FROM people_party p
    LEFT JOIN LATERAL (SELECT * FROM membership_membership m WHERE m.party_id = p.id
                       ORDER BY (m.state <> 'ended') DESC, m.id DESC LIMIT 1) m ON true
    LEFT JOIN membership_plan l ON l.id = m.plan_id
    LEFT JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM membership_term t WHERE t.membership_id = m.id
                                        AND NOT t.canceled AND t.source <> 'import') AS ours) b ON true
    WHERE p.id = s.match_id AND s.outcome = ''"""
_OUTCOME = """UPDATE import_row SET starts = starts OR (match_id IS NULL AND plan_id IS NOT NULL), outcome =
    CASE WHEN match_id IS NULL THEN 'add' WHEN changes = '{}' THEN 'unchanged' ELSE 'change' END WHERE outcome = ''"""

_ADD_PARTIES = """INSERT INTO people_party (id, organization_id, number, external_id, kind, name, given_name,
        family_name, organization_name, email, phone, customer_type, notes, created_at)
    SELECT party_id, %(organization)s, %(first)s + row_number() OVER (ORDER BY row) - 1, external_id, kind, name,
        given_name, family_name, organization_name, email, phone, customer_type, notes, %(now)s
    FROM import_row WHERE outcome = 'add'"""
_CHANGE_PARTIES = """UPDATE people_party p SET external_id = coalesce(s.external_id, p.external_id), {fields}
    FROM import_row s WHERE s.match_id = p.id AND s.outcome = 'change'"""
_CANCEL_TERMS = """UPDATE membership_term t SET canceled = true FROM import_row s
    WHERE t.membership_id = s.current_id AND NOT t.canceled AND s.outcome = 'change' AND s.changes ? 'paid_through'"""
_ADD_TERMS = """INSERT INTO membership_term (id, organization_id, membership_id, plan_id, start_on, end_on,
        amount_minor, source, run_id, paid_on, canceled)
    SELECT term_id, %(organization)s, current_id, plan_id, term_start, term_end, 0, 'import', NULL,
        least(term_start, %(today)s), false
    FROM import_row WHERE outcome = 'change' AND changes ? 'paid_through'"""
_CHANGE_MEMBERSHIPS = """UPDATE membership_membership m SET
        plan_id = s.plan_id, joined_on = coalesce(s.joined_on, m.joined_on), autopay = coalesce(s.autopay, m.autopay),
        override_months = {override},
        anchor_on = CASE WHEN s.changes ? 'paid_through' THEN s.anchor_on ELSE m.anchor_on END,
        renewed_through = CASE WHEN s.changes ? 'paid_through' THEN s.term_end - 1 ELSE m.renewed_through END,
        paid_through = CASE WHEN s.changes ? 'paid_through' THEN s.term_end - 1 ELSE m.paid_through END,
        unpaid_since = CASE WHEN s.changes ? 'paid_through' THEN s.unpaid_since ELSE m.unpaid_since END,
        state = CASE WHEN s.changes ? 'state' THEN s.state
                     WHEN s.changes ? 'paid_through' AND m.state = 'pending' THEN 'active' ELSE m.state END,
        cancel_on = CASE WHEN s.changes ? 'state' THEN s.cancel_on ELSE m.cancel_on END,
        next_bill_on = CASE WHEN s.stops OR n.kind <> 'subscription' THEN NULL
                            WHEN m.state = 'ending' THEN m.next_bill_on
                            WHEN s.changes ? 'paid_through' THEN s.next_bill_on
                            WHEN o.kind <> 'subscription' THEN m.renewed_through + 1
                            ELSE m.next_bill_on END
    FROM import_row s, membership_plan n, membership_plan o
    WHERE s.current_id = m.id AND s.outcome = 'change' AND NOT s.starts AND m.state <> 'ended'
      AND n.id = s.plan_id AND o.id = m.plan_id"""
_PERSON_EVENTS = """INSERT INTO timeline_event (id, organization_id, at, actor_kind, actor, verb, subject_kind,
        subject_id, party_id, why, facts)
    SELECT event_id, %(organization)s, %(now)s, %(actor_kind)s, %(actor)s,
        CASE WHEN outcome = 'add' THEN 'member_imported' ELSE 'member_changed' END, 'party',
        coalesce(match_id, party_id), coalesce(match_id, party_id), %(why)s,
        CASE WHEN outcome = 'add' THEN jsonb_build_object('row', row)
             ELSE jsonb_build_object('row', row, 'changes', changes) END
    FROM import_row WHERE (outcome = 'add' AND NOT starts) OR outcome = 'change' ORDER BY row"""
_STARTING = """SELECT row, coalesce(match_id, party_id), plan_id, plan, joined_on, autopay, override_months, state,
        anchor_on, term_start, term_end, next_bill_on, cancel_on, unpaid_since
    FROM import_row WHERE starts AND outcome IN ('add', 'change') AND row > %(after)s ORDER BY row LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class _PlanOfRow:
    """A plan as a row needs it: known, or to be created with this id."""

    id: UUID
    name: str
    kind: str
    currency: str
    interval: Interval
    override_months: int | None


@dataclass(slots=True)
class _Found:
    """What reading has found, apart from the rows themselves."""

    tally: Tally = field(default_factory=Tally)
    faults: list[Fault] = field(default_factory=list)
    left_out: int = 0
    without_date: int = 0
    balances: int = 0

    def note(self, faults: tuple[Fault, ...]) -> None:
        self.faults += faults[: max(0, SHOWN_FAULTS - len(self.faults))]


class _Import:
    """One reading of one file, inside a transaction."""

    def __init__(
        self, organization: Organization, stream: BinaryIO, choices: Choices, now: datetime, file_name: str,
        limits: Limits | None,
    ) -> None:
        self._organization, self._stream, self._choices = organization, stream, choices
        self._now, self._file, self._limits = now, file_name, limits or Limits()
        self._today = local_date(now, organization.zone)
        self._months = policies_of(organization).number("term.interval_months")
        self._found = _Found()
        self._plans: dict[str, _PlanOfRow] = {}
        self.token = _digest(stream)

    def report(self, progress: Progress | None) -> ImportReport:
        """Reads and compares the whole file."""
        organization, choices = self._organization, self._choices
        seen = survey(self._stream, currency=organization.currency, today=self._today,
                      corrections=choices.corrections, limits=self._limits)
        existing = plan_facts(organization.id).values()
        plans = settle_plans(seen.plans, seen.rows, [plan.name for plan in existing], choices)
        self._plans = {
            plan.name: _PlanOfRow(plan.id, plan.name, plan.kind, plan.currency, plan.interval, plan.override_months)
            for plan in existing
        }
        for text in (*(new.name for new in plans.new), *(one.text for one in plans.unknown if one.offered)):
            self._plans[text] = _PlanOfRow(new_id(), text, "subscription", organization.currency, _YEARLY, None)
        known = Known(organization.currency, self._today, tuple(self._plans), plans.words, choices.status_map)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.import_row")
            cursor.execute(_STAGING)
            self._stage(cursor, seen.layout, known, seen.rows, progress)
            self._compare(cursor, seen.layout)
            return self._made(cursor, seen, plans)

    def _stage(
        self, cursor: Any, layout: Layout, known: Known, rows: int, progress: Progress | None
    ) -> None:
        found = self._found
        slice_: list[tuple[object, ...]] = []
        for read, item in enumerate(read_rows(self._stream, layout, known, self._limits), start=1):
            if isinstance(item, RosterRow) and (fault := self._other_currency(item, layout)):
                item = RowFaults(item.row, item.external_id, (*item.warnings, fault))
            found.note(found.tally.note(item))
            if isinstance(item, RosterRow):
                slice_.append(self._row(item))
            else:
                found.left_out += 1
            if len(slice_) == SLICE:
                copy_rows(cursor, "import_row", _COLUMNS, slice_)
                slice_ = []
            if progress is not None and read % SLICE == 0:
                progress(read, rows)
        copy_rows(cursor, "import_row", _COLUMNS, slice_)
        cursor.execute("ANALYZE import_row")
        if progress is not None:
            progress(rows, rows)

    def _other_currency(self, row: RosterRow, layout: Layout) -> Fault | None:
        plan = self._plans.get(row.plan) if row.plan else None
        if plan is None or row.price_minor is None or plan.currency == self._organization.currency:
            return None
        return Fault(row.row, layout.heading("price"), str(row.price_minor), "currency_mismatch",
                     f"The amount is in {self._organization.currency}, the plan {plan.name} in {plan.currency}.",
                     "Leave the amount out, or choose a plan in the same currency.")

    def _row(self, row: RosterRow) -> tuple[object, ...]:
        plan = self._plans[row.plan] if row.plan else None
        override, stands = None, None
        if plan is not None:
            base, _ = effective_interval(plan.interval, product=plan.override_months, standard=self._months or None)
            interval = row.interval if row.interval and row.interval.months else base
            override = interval.months if interval.months != base.months else None
            stands = standing(Existing(row.joined_on, row.through, row.cycle_started_on, row.status), interval,
                              plan.kind, today=self._today)
            self._found.without_date += stands.term is None and stands.state == "active"
        self._found.balances += bool(row.balance_minor)
        term = stands.term if stands else None
        return (
            row.row, row.external_id, row.kind, row.name, row.given_name, row.family_name, row.organization_name,
            row.email, row.phone, row.customer_type[:60], row.notes, plan.id if plan else None,
            plan.name if plan else None, row.joined_on, row.autopay, override,
            stands.state if stands else None, stands.anchor_on if stands else None, term.start if term else None,
            term.end if term else None, stands.next_bill_on if stands else None, stands.cancel_on if stands else None,
            stands.unpaid_since if stands else None, bool(stands and row.status in ("lapsed", "suspended")) or
            bool(stands and stands.state in ("ending", "ended")), new_id(), new_id(), new_id(),
        )

    def _compare(self, cursor: Any, layout: Layout) -> None:
        values = {"organization": self._organization.id, "has_email": "email" in layout.columns}
        cursor.execute(_BY_ID, values)
        cursor.execute(_TWINS)
        cursor.execute(_BY_NAME, values)
        cursor.execute(_STRANGERS)
        matched, strangers = cursor.fetchone()
        if strangers > 1 and strangers * 2 > matched:
            raise Refused(
                "roster_of_another_organization",
                f"{strangers:,} of the {matched:,} ids that both have belong to other people in this file: it looks"
                f" like the roster of another organization than {self._organization.name}.", field="file",
                value=self._file, fix="Choose the organization that it belongs to. If the club has numbered its"
                " members anew, import without the id column (--map external_id=).",
            )
        parts = [
            _differs(name, f"p.{name}", f"s.{name}", f"s.{name} <> '' AND s.{name} <> p.{name}")
            for name in _PARTY_FIELDS
        ]
        if layout.columns.keys() & {"organization_name", "customer_type"}:
            parts.append(_differs("kind", "p.kind", "s.kind", "s.kind <> p.kind"))
        parts.append(_differs("external_id", "p.external_id", "s.external_id",
                              "s.external_id IS NOT NULL AND p.external_id IS DISTINCT FROM s.external_id"))
        parts.append(_MEMBERSHIP_CHANGES)
        if "interval" in layout.columns:
            parts.append(_differs("months", "m.override_months", "s.override_months",
                                  f"{_GOES_ON} AND s.override_months IS DISTINCT FROM m.override_months"))
        cursor.execute(_COMPARE.format(starts=_STARTS, goes_on=_GOES_ON, changes=", ".join(parts)))
        cursor.execute(_OUTCOME)
        self._has_interval = "interval" in layout.columns

    def _made(self, cursor: Any, seen: Any, plans: Plans) -> ImportReport:
        found, layout = self._found, seen.layout
        cursor.execute("SELECT row, twin, outcome, name, email FROM import_row WHERE outcome IN ('twin', 'several')"
                       " ORDER BY row")
        for row, twin, outcome, name, email in cursor.fetchall():
            fault = _not_told_apart(row, twin, outcome, name, email, layout)
            found.tally.codes[fault.code] += 1
            found.left_out += 1
            found.note((fault,))
        cursor.execute("SELECT outcome, count(*), count(*) FILTER (WHERE dates_kept) FROM import_row GROUP BY outcome")
        counts = {outcome: (count, kept) for outcome, count, kept in cursor.fetchall()}
        cursor.execute("SELECT row, name, changes::text FROM import_row WHERE outcome = 'change' ORDER BY row LIMIT %s",
                       [SHOWN_CHANGES])
        changed = tuple(Change(row, name, _pairs(text)) for row, name, text in cursor.fetchall())
        codes = found.tally.codes
        return ImportReport(
            file=self._file, token=self.token, currency=self._organization.currency, rows=found.tally.rows,
            add=counts.get("add", (0, 0))[0], change=counts.get("change", (0, 0))[0],
            unchanged=counts.get("unchanged", (0, 0))[0], left_out=found.left_out,
            faults=tuple(sorted(found.faults, key=lambda fault: fault.row)), faults_found=codes.total(),
            codes=dict(codes.most_common()), plans_unknown=plans.unknown, plans_new=plans.new,
            statuses_unknown=dict(found.tally.statuses_unknown), assumptions=seen.assumptions,
            columns={name: layout.heading(name) for name in layout.columns}, unmapped=seen.unmapped, changes=changed,
            dates_kept=sum(kept for _, kept in counts.values()), without_date=found.without_date,
            balances=found.balances,
        )

    def write(self, report: ImportReport, actor: Actor) -> None:
        """Writes what the report says."""
        import_id, organization = new_id(), self._organization
        why = f"Import of {self._file or 'a roster'}"[:500]
        values: dict[str, Any] = {
            "organization": organization.id, "now": self._now, "today": self._today, "actor_kind": actor.kind,
            "actor": actor.name, "why": why,
        }
        self._create_plans(report, actor)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a row that doesn't fit fails here, and all with it
            if report.add:
                cursor.execute(_ADD_PARTIES, values | {"first": take_numbers(organization.id, "party", report.add)})
            if report.change:
                fields = ", ".join(f"{name} = CASE WHEN s.changes ? '{name}' THEN s.{name} ELSE p.{name} END"
                                   for name in (*_PARTY_FIELDS, "kind"))
                cursor.execute(_CHANGE_PARTIES.format(fields=fields))
                cursor.execute(_CANCEL_TERMS)
                cursor.execute(_ADD_TERMS, values)
                override = "s.override_months" if self._has_interval else "m.override_months"
                cursor.execute(_CHANGE_MEMBERSHIPS.format(override=override))
            for members in _starting(cursor):
                bring_in(organization.id, members, on=self._today, why=why, actor=actor, now=self._now)
            cursor.execute(_PERSON_EVENTS, values)
        record(organization.id, actor, self._now, [Happening(
            "members_imported", "import", import_id, why=why,
            facts={"file": self._file, "token": self.token, "rows": report.rows, "add": report.add,
                   "change": report.change, "unchanged": report.unchanged, "left_out": report.left_out},
        )])

    def _create_plans(self, report: ImportReport, actor: Actor) -> None:
        for new in report.plans_new:
            plan = Plan.objects.create(
                id=self._plans[new.name].id, organization=self._organization, name=new.name[:100],
                kind="subscription", currency=self._organization.currency, created_at=self._now,
            )
            if new.price_minor is not None:
                Fee.objects.create(organization=self._organization, plan=plan, name=plan.name, is_primary=True,
                                   amount_minor=new.price_minor)
            record(self._organization.id, actor, self._now, [Happening(
                "plan_added", "plan", plan.id, why="It came with a roster", facts={"plan": plan.name},
            )])


def _starting(cursor: Any) -> Iterator[list[ExistingMembership]]:
    """The memberships to be written, a slice at a time, in the order of rows."""
    after = 0
    while True:
        cursor.execute(_STARTING, {"after": after, "limit": SLICE})
        rows = cursor.fetchall()
        if not rows:
            return
        after = rows[-1][0]
        yield [
            ExistingMembership(
                party_id, plan_id, plan, joined_on,
                Standing(state, anchor_on, Period(start, end) if end else None, next_bill_on, cancel_on, unpaid_since),
                bool(autopay), override,
            )
            for _, party_id, plan_id, plan, joined_on, autopay, override, state, anchor_on, start, end, next_bill_on,
            cancel_on, unpaid_since in rows
        ]


def _not_told_apart(row: int, twin: int | None, outcome: str, name: str, email: str, layout: Layout) -> Fault:
    heading = layout.heading("email") if email else layout.heading("full_name")
    if outcome == "twin":
        problem = f"Row {twin} has the same name and e-mail, and no id tells the two apart."
    else:
        problem = "Several members have this name and e-mail, and no id tells which it is."
    return Fault(row, heading, email or name, "member_ambiguous", problem,
                 "Give the members ids in a column of their own, or correct name or e-mail.")


def _pairs(text: str) -> dict[str, tuple[object, object]]:
    return {key: (before, after) for key, (before, after) in json.loads(text).items()}


def _digest(stream: BinaryIO) -> str:
    stream.seek(0)
    digest = hashlib.sha256()
    while piece := stream.read(1 << 18):
        digest.update(piece)
    return digest.hexdigest()
