"""The floor: what the database alone needs for the rows of a renewal run (floor.sql), with the values handed in."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks.seeding import BILL_ON, EFFECTIVE_ON, NOW
from paidthru.actions.preview_run import CHUNK
from paidthru.kernel.ids import new_id
from paidthru.kernel.money import plain
from paidthru.ledger.operations import accounts
from paidthru.membership.models import BillingRun, Membership
from paidthru.membership.queries import running as queries
from paidthru.membership.rules import pricing
from paidthru.membership.rules.renewal import Billed, Skipped, decide
from paidthru.organizations.models import Organization
from paidthru.timeline.operations import Actor

ACTOR = Actor("staff", "Pat Treasurer")
RUN_NAME = "Renewals 2026"
_SQL = Path(__file__).with_name("floor.sql")


def values(organization: Organization) -> dict[str, Any]:
    """What the floor writes: the texts and amounts of one due member and one who is not, by our own rules."""
    run = BillingRun(organization=organization, name=RUN_NAME, bill_on=BILL_ON, effective_on=EFFECTIVE_ON)
    basis = queries.run_basis(organization, run)
    first = queries.candidates_after(organization.id, basis, after=None, limit=10)
    decisions = [decide(one.candidate, basis.rules) for one in first]
    due = next(one for one in decisions if isinstance(one, Billed))
    not_due = next(one for one in decisions if isinstance(one, Skipped))
    (line,) = due.lines
    plan = basis.plans[first[0].candidate.plan_id]
    members = Membership.objects.filter(organization=organization)
    billed = members.filter(paid_through__lt=EFFECTIVE_ON).count()
    chart = accounts(organization.id, organization.currency)
    return {
        "organization": organization.id, "run": new_id(), "batch": new_id(), "plan": plan.id, "fee": line.fee_id,
        "name": RUN_NAME, "plan_name": plan.name, "actor": ACTOR.name, "actor_kind": ACTOR.kind, "now": NOW,
        "bill_on": BILL_ON, "effective_on": EFFECTIVE_ON, "start_on": due.start, "end_on": due.end,
        "last_on": due.end - timedelta(days=1), "basis_digest": basis.digest, "members": members.count(),
        "billed": billed, "skipped": members.count() - billed, "price_minor": due.total_minor,
        "total_minor": billed * due.total_minor, "amount": plain(due.total_minor, organization.currency),
        "detail": due.detail, "not_due": not_due.detail, "why": f"Run “{RUN_NAME}”: {due.detail}",
        "description": line.description, "lines": json.dumps([pricing.priced_line(line)]),
        "derivation": json.dumps(line.derivation), "debit": chart["Memo billed"], "credit": chart["Memo contra"],
        "slice": CHUNK, "issuer": json.dumps({"name": organization.name, "locale": organization.locale,
                                              "zone": organization.zone, "sandbox": organization.is_sandbox}),
    }  # fmt: skip


def statements(organization: Organization) -> str:
    """floor.sql, with the digest of a member's facts as the preview takes it: a stored value like any other."""
    run = BillingRun(organization=organization, name=RUN_NAME, bill_on=BILL_ON, effective_on=EFFECTIVE_ON)
    told = _SQL.read_text().format(digest=queries._FACTS_DIGEST, joins=queries._JOINS)
    return queries._asked(told, queries.run_basis(organization, run))


def write(statement: str, given: dict[str, Any]) -> None:
    """Executes the floor."""
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
