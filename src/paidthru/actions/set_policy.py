"""Set policies of an organization, a member, a plan or a membership; what excludes each other is refused with the
reason (G-01, G-06 to G-09, G-12, G-35)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from paidthru.invoicing.operations import refuse_renumbering
from paidthru.kernel.clock import local_date
from paidthru.kernel.errors import Refused
from paidthru.membership.operations.deciding import Scope, decide, plan_change
from paidthru.organizations.models import Organization
from paidthru.organizations.operations import keep_examples, refuse_untold
from paidthru.organizations.queries import example_texts, policies_of
from paidthru.organizations.rules.examples import Draft, Verdict, basis_of, refuse_unproven
from paidthru.organizations.rules.policies import Value
from paidthru.timeline.operations import Actor, Happening, once, record


def set_policy(
    organization: Organization,
    values: Mapping[str, Value | None],
    *,
    actor: Actor,
    now: datetime,
    customer_id: UUID | None = None,
    plan_id: UUID | None = None,
    membership_id: UUID | None = None,
    on: date | None = None,
    verdict: Verdict | None = None,
    examples: Sequence[Draft] = (),
    key: str | None = None,
) -> None:
    """Sets policies together, all of them or none, and notes what each was before and where that came from; None
    removes what is set there, so that the next level decides.

    With `customer_id`, `plan_id` or `membership_id` they hold for that one alone, before the organization's (G-07 to
    G-09). With `on`, a later local date, they come into force by themselves when it begins. Nothing that is billed
    already changes. `verdict` is what came of telling the organization's examples with the change
    (`faces.stories.examples`), `examples` are those that are changed or added together with it. With the same
    `key` it is done once.
    Refused: `policy_unknown`, `policy_value_invalid`, `policy_conflict`, `policy_scope`, `past_date`,
    `numbering_in_use`, `policy_example_broken`, `policy_examples_unrun`, and as `keep_examples`.
    """
    scope = _scope(customer_id, plan_id, membership_id)
    if on is not None and on <= local_date(now, organization.zone):
        raise Refused(
            "past_date",
            f"{on} has come already.",
            field="on",
            value=on.isoformat(),
            fix="Give a later date, or none to change it now. What is billed keeps what it was billed with.",
        )

    def act() -> dict[str, Any]:
        happenings: list[Happening] = []
        refuse_renumbering(organization, values, today=local_date(now, organization.zone), on=on)
        if scope.kind == "organization":
            for kept in keep_examples(organization, examples, source=actor.name, now=now):
                facts = {"example": kept.name, "because": ", ".join(values)}
                happenings.append(Happening("example_kept", "organization", organization.id, facts=facts))
        if on is None:
            happenings += decide(organization, values, scope, actor=actor, now=now)
            if scope.kind == "organization":
                refuse_untold(organization, verdict)
        else:
            happenings += plan_change(organization, values, scope, on=on, actor=actor, now=now)
            texts = example_texts(organization.id)
            if scope.kind == "organization" and texts:
                refuse_unproven(basis_of(policies_of(organization).changed(values), texts), verdict)
        record(organization.id, actor, now, happenings)
        return {}

    inputs = {"values": dict(values), "scope": scope.kind, "id": scope.id, "on": on}
    once(organization.id, key, "set_policy", inputs, now, act)


def _scope(customer_id: UUID | None, plan_id: UUID | None, membership_id: UUID | None) -> Scope:
    given = {"customer": customer_id, "plan": plan_id, "subscription": membership_id}
    return next((Scope(kind, id_) for kind, id_ in given.items() if id_ is not None), Scope())
