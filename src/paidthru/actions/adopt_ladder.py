"""Adopt the ladder: open cases go on by today's policies instead of those that they opened with (A-52)."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from paidthru.dunning.models import Case
from paidthru.dunning.operations import look_anew, texts_at
from paidthru.dunning.queries import ladder_of
from paidthru.dunning.rules.ladder import differs, ladder_from
from paidthru.membership.models import Membership
from paidthru.notices.queries import texts_of_cases_changed_at
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import policies_of
from paidthru.timeline.operations import Actor, Happening, record


def adopt_ladder(
    organization: Organization,
    *,
    actor: Actor,
    now: datetime,
    case_ids: Collection[UUID] | None = None,
) -> int:
    """Gives open cases (those named, or all) the ladder of today's policies and today's words; returns how many had
    others. Steps that were done stay done, by their place: a first reminder is not sent twice. A second time it changes
    nothing."""
    policies, changed_at = policies_of(organization), texts_of_cases_changed_at(organization.id)
    with transaction.atomic():
        found = (
            Case.objects.select_for_update().filter(organization=organization, state="open").order_by("id")
        )
        cases = list(found if case_ids is None else found.filter(id__in=case_ids))
        memberships = Membership.objects.filter(id__in=[case.membership_id for case in cases])
        plans = dict(memberships.values_list("id", "plan_id"))
        happenings = []
        for case in cases:
            present = ladder_of(
                policies,
                organization.zone,
                membership_id=case.membership_id,
                plan_id=plans[case.membership_id],
                party_id=case.party_id,
            )
            words_differ = changed_at is not None and texts_at(case) < changed_at
            if not differs(ladder_from(case.ladder), present) and not words_differ:
                continue
            case.ladder = present.stored() | {"texts_at": now.isoformat()}
            case.save(update_fields=["ladder"])
            look_anew(case)
            happenings.append(
                Happening("ladder_adopted", "case", case.id, case.party_id, facts={"ladder": case.ladder})
            )
        record(organization.id, actor, now, happenings)
        return len(happenings)
