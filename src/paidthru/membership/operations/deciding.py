"""What an organization decides is written: for itself, a member, a plan or one membership, now or on a later day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Model

from paidthru.kernel.errors import Refused
from paidthru.membership.models import Membership, Plan
from paidthru.membership.queries.deciding import COLUMNS, decided
from paidthru.organizations.models import Organization, PolicyChange
from paidthru.organizations.operations import write_policies
from paidthru.organizations.rules.conflicts import refuse_new
from paidthru.organizations.rules.policies import CATALOGUE, Policies, Value, checked, shown
from paidthru.people.models import Party
from paidthru.timeline.operations import Actor, Happening

_WHERE = {"customer": "one member", "plan": "one plan", "subscription": "one membership"}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where policies are set: `kind` is organization, customer, plan or subscription, `id` is its party, plan or
    membership."""

    kind: str = "organization"
    id: UUID | None = None


WHOLE = Scope()


def decide(
    organization: Organization,
    values: Mapping[str, Value | None],
    scope: Scope,
    *,
    actor: Actor,
    now: datetime,
    why: str = "",
) -> list[Happening]:
    """Writes policies at a scope, None removing what is set there, and returns what to tell: each with what it was
    before and where that came from.

    Refused: as `checked`, `policy_conflict`, `policy_scope`.
    """
    before, party_id = decided(organization, membership_id=_membership(scope)), _party(organization, scope)
    after = considered(organization, before, values, scope)
    columns = {key: value for key, value in values.items() if (scope.kind, key) in COLUMNS}
    rest = {key: value for key, value in values.items() if key not in columns}
    write_policies(organization, rest, actor=actor.name, now=now, scope=scope.kind, scope_id=scope.id)
    for key, value in columns.items():
        _write_column(scope, key, value)
    return [
        _told(organization, scope, party_id, key, value, before, after, why) for key, value in values.items()
    ]


def plan_change(
    organization: Organization,
    values: Mapping[str, Value | None],
    scope: Scope,
    *,
    on: date,
    actor: Actor,
    now: datetime,
) -> list[Happening]:
    """Notes policies that are to change on a later local date, and returns what to tell. Refused as `decide`."""
    party_id = _party(organization, scope)
    considered(organization, decided(organization, membership_id=_membership(scope)), values, scope)
    PolicyChange.objects.create(
        organization=organization,
        scope=scope.kind,
        scope_id=scope.id,
        values=dict(values),
        comes_on=on,
        asked_by=actor.name,
        asked_at=now,
    )
    facts = {"policy": ", ".join(values), "value": ", ".join(_shown(value) for value in values.values())}
    return [
        Happening(
            "policy_planned",
            _subject(scope),
            scope.id or organization.id,
            party_id,
            facts={**facts, "on": on.isoformat()},
        )
    ]


def make_planned(change: PolicyChange, *, actor: Actor, now: datetime) -> list[Happening]:
    """Makes a planned change whose day has come, inside the caller's transaction. Refused as `decide`."""
    happenings = decide(
        change.organization,
        change.values,
        Scope(change.scope, change.scope_id),
        actor=actor,
        now=now,
        why=f"Planned by {change.asked_by} for {change.comes_on}.",
    )
    PolicyChange.objects.filter(id=change.id).update(outcome=PolicyChange.Outcome.MADE, ended_at=now)
    return happenings


def considered(
    organization: Organization, before: Policies, values: Mapping[str, Value | None], scope: Scope
) -> Policies:
    """The policies as they would be with values at a scope, nothing written. Refused as `decide`."""
    for key, value in values.items():
        if value is not None:
            checked(key, value)
        if key not in CATALOGUE:
            checked(key, "")
        if scope.kind not in CATALOGUE[key].scopes:
            where = _WHERE.get(scope.kind, scope.kind)
            raise Refused(
                "policy_scope",
                f"{key} can’t be set for {where}.",
                field=key,
                value=_shown(value),
                fix=f"It is set for: {', '.join(CATALOGUE[key].scopes)}.",
            )
        if scope.kind == "plan" and key == "proration.join" and value == "table":
            _refuse_without_table(scope)
    after = before.changed(values, scope=scope.kind, scope_id=scope.id)
    refuse_new(before, after, scope=scope.kind, scope_id=scope.id)
    _refuse_without_default(organization, values)
    return after


def _write_column(scope: Scope, key: str, value: Value | None) -> None:
    table = Plan if scope.kind == "plan" else Membership
    empty: Value | None = "" if key == "proration.join" else None
    kept = empty if value is None or value == 0 else value
    table.objects.filter(id__in=[scope.id]).update(**{COLUMNS[scope.kind, key]: kept})


def _refuse_without_default(organization: Organization, values: Mapping[str, Value | None]) -> None:
    """A move to the default plan needs one (P-20), once the organization has plans."""
    moved = [key for key in ("collect.on_exhausted", "cancel.then") if values.get(key) == "downgrade"]
    plans = Plan.objects.filter(organization=organization)
    if moved and plans.exists() and not plans.filter(is_default=True).exists():
        raise Refused(
            "policy_conflict",
            "There is no default plan to move members to.",
            field=moved[0],
            value="downgrade",
            fix="Make one plan the default first: it costs nothing and everybody falls back to it. (P-20)",
        )


def _refuse_without_table(scope: Scope) -> None:
    if not Plan.objects.filter(id__in=[scope.id], prorate_table__isnull=False).exists():
        raise Refused(
            "prorate_table_unknown",
            "This plan has no prorate table.",
            field="proration.join",
            value="table",
            fix="Define a table and give it to the plan first. (G-38)",
        )


def _membership(scope: Scope) -> UUID | None:
    return scope.id if scope.kind == "subscription" else None


def _party(organization: Organization, scope: Scope) -> UUID | None:
    """The member a scope is about; refuses one of another organization as if it didn't exist."""
    own: dict[str, type[Model]] = {"customer": Party, "plan": Plan, "subscription": Membership}
    if scope.kind == "organization":
        return None
    found = own[scope.kind]._default_manager.get(id=scope.id, organization=organization)
    if isinstance(found, Membership):
        return found.party_id
    return scope.id if scope.kind == "customer" else None


def _subject(scope: Scope) -> str:
    return {"customer": "party", "subscription": "membership"}.get(scope.kind, scope.kind)


def _shown(value: Value | None) -> str:
    return "" if value is None else shown(value)


def _told(
    organization: Organization,
    scope: Scope,
    party_id: UUID | None,
    key: str,
    value: Value | None,
    before: Policies,
    after: Policies,
    why: str,
) -> Happening:
    bound = {} if scope.kind == "organization" else {scope.kind: str(scope.id)}
    was, is_ = before.effective(key, **bound), after.effective(key, **bound)
    facts = {"policy": key, "value": shown(is_.value), "before": shown(was.value), "source": was.source}
    if value is None:
        facts["now_from"] = is_.source
    return Happening(
        "policy_set" if value is not None else "policy_unset",
        _subject(scope),
        scope.id or organization.id,
        party_id,
        why,
        facts,
    )
