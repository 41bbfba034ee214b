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
from datetime import date, datetime
from typing import Any, BinaryIO
from uuid import UUID

from django.db import connection, transaction

from paidthru.kernel.clock import local_date
from paidthru.kernel.copying import copy_rows
from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.kernel.periods import Interval, Period
from paidthru.membership.models import Fee, Plan
from paidthru.membership.operations import ExistingMembership, bring_in
from paidthru.membership.queries import plan_facts
from paidthru.membership.rules import roster_sql
from paidthru.membership.rules.existing import Existing, Standing, standing
from paidthru.membership.rules.roster import (
    Fault,
    Known,
    Limits,
    RosterRow,
    RowFaults,
    Tally,
    read_rows,
    survey,
)
from paidthru.membership.rules.roster_layout import Layout
from paidthru.membership.rules.roster_prices import costs_of, other_price
from paidthru.membership.rules.roster_report import (
    Change,
    Choices,
    ImportReport,
    Plans,
    interval_every,
    settle_plans,
    usually,
)
from paidthru.membership.rules.roster_sql import staged
from paidthru.membership.rules.settings import PlanFacts
from paidthru.membership.rules.terms import effective_interval
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import take_numbers
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, record

SLICE = 2_000
SHOWN_FAULTS = 10_000
SHOWN_CHANGES = 20
Progress = Callable[[int, int], None]  # rows done, rows in all


def preview_import(
    organization: Organization,
    stream: BinaryIO,
    choices: Choices | None = None,
    *,
    now: datetime,
    file_name: str = "",
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """The report of what a commit of the file (binary, seekable) would do now; writes nothing.

    Refused for the file as a whole: what `roster.survey` raises (file_empty, not_csv, one_column, too_many_rows …),
    `level_unknown`, `plan_unknown`, `roster_of_another_organization`.
    """
    with transaction.atomic():
        return _Import(organization, stream, choices or Choices(), now, file_name, limits).report(progress)


def commit_import(
    organization: Organization,
    stream: BinaryIO,
    choices: Choices | None = None,
    *,
    actor: Actor,
    now: datetime,
    token: str | None = None,
    file_name: str = "",
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Takes every good row of the file, in one transaction, and returns the report of what was done.

    `token` is the one of the report that the caller read. Refused besides what `preview_import` refuses:
    `file_changed` (another file than that report's), `plans_unknown` (levels that wait for an answer),
    `nothing_to_import`.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:  # two imports at once: the second sees what the first has written
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{organization.id}:import"]
            )
        work = _Import(organization, stream, choices or Choices(), now, file_name, limits)
        if token is not None and token != work.token:
            raise Refused(
                "file_changed",
                "The file is not the one whose report was read.",
                field="file",
                value=file_name,
                fix="Read the report of this file first.",
            )
        report = work.report(progress)
        if report.plans_asked:
            levels = ", ".join(f"{one.text} ({one.rows:,} rows)" for one in report.plans_asked)
            raise Refused(
                "plans_unknown",
                f"These levels are no plans yet: {levels}.",
                field="plan",
                value=report.plans_asked[0].text,
                fix="Create them (--create-plans), or say which of your plans each means"
                " (--plan 'LEVEL=PLAN').",
            )
        if not report.add + report.change + report.unchanged:
            raise Refused(
                "nothing_to_import",
                "No row of the file can be taken.",
                field="file",
                value=file_name,
                fix="Read the faults of the report, and correct the file.",
            )
        work.write(report, actor, progress)
        return replace(report, committed=True)


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
        self,
        organization: Organization,
        stream: BinaryIO,
        choices: Choices,
        now: datetime,
        file_name: str,
        limits: Limits | None,
    ) -> None:
        self._organization, self._stream = organization, stream
        self._choices = replace(choices, every=choices.every or usually(organization.preset))
        self._now, self._file, self._limits = now, file_name, limits or Limits()
        self._today = local_date(now, organization.zone)
        self._months = policies_of(organization).number("term.interval_months")
        self._found = _Found()
        self._plans: dict[str, PlanFacts] = {}
        self._costs: dict[str, frozenset[int]] = {}
        self.token = _digest(stream)

    def report(self, progress: Progress | None) -> ImportReport:
        """Reads and compares the whole file."""
        organization, choices = self._organization, self._choices
        seen = survey(
            self._stream,
            currency=organization.currency,
            today=self._today,
            corrections=choices.corrections,
            limits=self._limits,
        )
        existing = plan_facts(organization.id).values()
        plans = settle_plans(seen.plans, seen.rows, [plan.name for plan in existing], choices, seen.prices)
        self._plans = {plan.name: plan for plan in existing}
        for text in (*(new.name for new in plans.new), *(one.text for one in plans.unknown if one.offered)):
            self._plans[text] = _new_plan(text, organization.currency, interval_every(choices.every))
        self._costs = {plan.name: costs_of(plan.fees, self._today) for plan in existing} | {
            new.name: frozenset((new.price_minor,)) for new in plans.new if new.price_minor is not None
        }
        known = Known(organization.currency, self._today, tuple(self._plans), plans.words, choices.status_map)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.import_row")
            cursor.execute(roster_sql.STAGING)
            self._stage(cursor, seen.layout, known, seen.rows, progress)
            self._compare(cursor, seen.layout)
            return self._made(cursor, seen, plans)

    def _stage(self, cursor: Any, layout: Layout, known: Known, rows: int, progress: Progress | None) -> None:
        found = self._found
        slice_: list[tuple[object, ...]] = []
        for read, item in enumerate(read_rows(self._stream, layout, known, self._limits), start=1):
            if isinstance(item, RosterRow) and (fault := self._other_currency(item, layout)):
                item = RowFaults(item.row, item.external_id, (*item.warnings, fault))
            if isinstance(item, RosterRow) and (fault := self._other_price(item, layout)):
                item = replace(item, warnings=(*item.warnings, fault))
            found.note(found.tally.note(item))
            if isinstance(item, RosterRow):
                slice_.append(self._row(item))
            else:
                found.left_out += 1
            if len(slice_) == SLICE:
                copy_rows(cursor, "import_row", roster_sql.COLUMNS, slice_)
                slice_ = []
            if progress is not None and read % SLICE == 0:
                progress(read, rows)
        copy_rows(cursor, "import_row", roster_sql.COLUMNS, slice_)
        cursor.execute("ANALYZE import_row")
        if progress is not None:
            progress(rows, rows)

    def _other_currency(self, row: RosterRow, layout: Layout) -> Fault | None:
        plan = self._plans.get(row.plan) if row.plan else None
        if plan is None or row.price_minor is None or plan.currency == self._organization.currency:
            return None
        return Fault(
            row.row,
            layout.heading("price"),
            str(row.price_minor),
            "currency_mismatch",
            f"The amount is in {self._organization.currency}, the plan {plan.name} in {plan.currency}.",
            "Leave the amount out, or choose a plan in the same currency.",
        )

    def _other_price(self, row: RosterRow, layout: Layout) -> Fault | None:
        if not row.plan or not (costs := self._costs.get(row.plan)):
            return None
        return other_price(
            row, layout.heading("price"), costs, self._plans[row.plan].interval, self._organization.currency
        )

    def _row(self, row: RosterRow) -> tuple[object, ...]:
        plan = self._plans[row.plan] if row.plan else None
        override, stands = None, None
        if plan is not None:
            base, _ = effective_interval(
                plan.interval, product=plan.override_months, standard=self._months or None
            )
            interval = row.interval if row.interval and row.interval.months else base
            override = interval.months if interval.months != base.months else None
            stands = standing(
                Existing(row.joined_on, row.through, row.cycle_started_on, row.status),
                interval,
                plan.kind,
                today=self._today,
            )
            self._found.without_date += stands.term is None and stands.state == "active"
        self._found.balances += bool(row.balance_minor)
        return staged(row, plan.id if plan else None, override, stands, (new_id(), new_id(), new_id()))

    def _compare(self, cursor: Any, layout: Layout) -> None:
        values = {"organization": self._organization.id, "has_email": "email" in layout.columns}
        cursor.execute(roster_sql.BY_ID, values)
        cursor.execute(roster_sql.TWINS)
        cursor.execute(roster_sql.BY_NAME, values)
        cursor.execute(roster_sql.STRANGERS)
        matched, strangers = cursor.fetchone()
        if strangers > 1 and strangers * 2 > matched:
            raise Refused(
                "roster_of_another_organization",
                f"{strangers:,} of the {matched:,} ids that both have belong to other people in this file: it looks"
                f" like the roster of another organization than {self._organization.name}.",
                field="file",
                value=self._file,
                fix="Choose the organization that it belongs to. If the club has numbered its"
                " members anew, import without the id column (--map external_id=).",
            )
        cursor.execute(roster_sql.compare(layout.columns))
        cursor.execute(roster_sql.OUTCOME)

    def _made(self, cursor: Any, seen: Any, plans: Plans) -> ImportReport:
        found, layout = self._found, seen.layout
        cursor.execute(
            "SELECT row, twin, outcome, name, email FROM import_row WHERE outcome IN ('twin', 'several')"
            " ORDER BY row"
        )
        for row, twin, outcome, name, email in cursor.fetchall():
            fault = _not_told_apart(row, twin, outcome, name, email, layout)
            found.tally.codes[fault.code] += 1
            found.left_out += 1
            found.note((fault,))
        cursor.execute(roster_sql.SHARED_EMAILS, {"limit": SHOWN_FAULTS})
        for row, first, name, email, in_all in cursor.fetchall():
            found.tally.codes["email_shared"] = in_all
            found.note((_email_shared(row, first, name, email, layout),))
        cursor.execute(
            "SELECT outcome, count(*), count(*) FILTER (WHERE dates_kept) FROM import_row GROUP BY outcome"
        )
        counts = {outcome: (count, kept) for outcome, count, kept in cursor.fetchall()}
        cursor.execute(
            "SELECT row, name, changes::text FROM import_row WHERE outcome = 'change' ORDER BY row LIMIT %s",
            [SHOWN_CHANGES],
        )
        changed = tuple(Change(row, name, _pairs(text)) for row, name, text in cursor.fetchall())
        codes = found.tally.codes
        return ImportReport(
            file=self._file,
            token=self.token,
            currency=self._organization.currency,
            rows=found.tally.rows,
            add=counts.get("add", (0, 0))[0],
            change=counts.get("change", (0, 0))[0],
            unchanged=counts.get("unchanged", (0, 0))[0],
            left_out=found.left_out,
            faults=tuple(sorted(found.faults, key=lambda fault: fault.row)),
            faults_found=codes.total(),
            codes=dict(codes.most_common()),
            plans_unknown=plans.unknown,
            plans_new=plans.new,
            statuses_unknown=dict(found.tally.statuses_unknown),
            assumptions=seen.assumptions,
            columns={name: layout.heading(name) for name in layout.columns},
            unmapped=seen.unmapped,
            changes=changed,
            dates_kept=sum(kept for _, kept in counts.values()),
            without_date=found.without_date,
            balances=found.balances,
            date_orders=dict(seen.date_orders),
            header_row=layout.header_row,
        )

    def write(self, report: ImportReport, actor: Actor, progress: Progress | None) -> None:
        """Writes what the report says."""
        import_id, organization = new_id(), self._organization
        why = f"Import of {self._file or 'a roster'}"[:500]
        values: dict[str, Any] = {
            "organization": organization.id,
            "now": self._now,
            "today": self._today,
            "actor_kind": actor.kind,
            "actor": actor.name,
            "why": why,
        }
        self._create_plans(report, actor)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what doesn't fit fails here, and all with it
            if report.add:
                cursor.execute(
                    roster_sql.ADD_PARTIES,
                    values | {"first": take_numbers(organization.id, "party", report.add)},
                )
            if report.change:
                cursor.execute(roster_sql.CHANGE_PARTIES)
                cursor.execute(roster_sql.CANCEL_TERMS)
                cursor.execute(roster_sql.ADD_TERMS, values)
                cursor.execute(roster_sql.change_memberships(report.columns))
            written, whole = report.rows, report.rows + report.add + report.change
            for members in _starting(cursor):
                bring_in(organization.id, members, on=self._today, why=why, actor=actor, now=self._now)
                written += len(members)
                if progress is not None:
                    progress(written, whole)
            cursor.execute(roster_sql.PERSON_EVENTS, values)
            if progress is not None:
                progress(whole, whole)
        record(
            organization.id,
            actor,
            self._now,
            [
                Happening(
                    "members_imported",
                    "import",
                    import_id,
                    why=why,
                    facts={
                        "file": self._file,
                        "token": self.token,
                        "rows": report.rows,
                        "add": report.add,
                        "change": report.change,
                        "unchanged": report.unchanged,
                        "left_out": report.left_out,
                    },
                )
            ],
        )

    def _create_plans(self, report: ImportReport, actor: Actor) -> None:
        for new in report.plans_new:
            plan = Plan.objects.create(
                id=self._plans[new.name].id,
                organization=self._organization,
                name=new.name[:100],
                kind="subscription",
                currency=self._organization.currency,
                interval_count=self._plans[new.name].interval.count,
                interval_unit=self._plans[new.name].interval.unit.value,
                created_at=self._now,
            )
            if new.price_minor is not None:
                Fee.objects.create(
                    organization=self._organization,
                    plan=plan,
                    name=plan.name,
                    is_primary=True,
                    amount_minor=new.price_minor,
                )
            record(
                self._organization.id,
                actor,
                self._now,
                [
                    Happening(
                        "plan_added",
                        "plan",
                        plan.id,
                        why="It came with a roster",
                        facts={"plan": plan.name},
                    )
                ],
            )


def _starting(cursor: Any) -> Iterator[list[ExistingMembership]]:
    """The memberships to be written, a slice at a time, in the order of rows."""
    after = 0
    while True:
        cursor.execute(roster_sql.STARTING, {"after": after, "limit": SLICE})
        rows = cursor.fetchall()
        if not rows:
            return
        after = rows[-1][0]
        yield [_member(*row[1:]) for row in rows]


def _member(
    party_id: UUID, plan_id: UUID, plan: str, joined_on: date | None, autopay: bool | None, override: int | None,
    state: str, anchor_on: date, start: date | None, end: date | None, next_bill_on: date | None,
    cancel_on: date | None, unpaid_since: date | None,
) -> ExistingMembership:  # fmt: skip
    term = Period(start, end) if start and end else None
    stands = Standing(state, anchor_on, term, next_bill_on, cancel_on, unpaid_since)
    return ExistingMembership(party_id, plan_id, plan, joined_on, stands, bool(autopay), override)


def _new_plan(name: str, currency: str, interval: Interval) -> PlanFacts:
    """A plan that isn't there yet, without a price."""
    return PlanFacts(new_id(), name, "subscription", currency, interval, None, "", (), "Income:Dues", ())


def _not_told_apart(row: int, twin: int | None, outcome: str, name: str, email: str, layout: Layout) -> Fault:
    heading = layout.heading("email") if email else layout.heading("full_name")
    if outcome == "twin":
        problem = f"Row {twin} has the same name and e-mail, and no id tells the two apart."
    else:
        problem = "Several members have this name and e-mail, and no id tells which it is."
    return Fault(
        row,
        heading,
        email or name,
        "member_ambiguous",
        problem,
        "Give the members ids in a column of their own, or correct name or e-mail.",
    )


def _email_shared(row: int, first: int, name: str, email: str, layout: Layout) -> Fault:
    return Fault(
        row,
        layout.heading("email"),
        email,
        "email_shared",
        f"{name}, in row {first}, has the same e-mail address.",
        "Both are taken, and mails for either go there. Correct it if one of them has an address of their own.",
        "note",
    )


def _pairs(text: str) -> dict[str, tuple[object, object]]:
    return {key: (before, after) for key, (before, after) in json.loads(text).items()}


def _digest(stream: BinaryIO) -> str:
    stream.seek(0)
    digest = hashlib.sha256()
    while piece := stream.read(1 << 18):
        digest.update(piece)
    return digest.hexdigest()
