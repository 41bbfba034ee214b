"""Note a sweep: what reading a gateway through has found goes into the timeline, and where the next one begins."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from paidthru.organizations.models import Install, Organization
from paidthru.organizations.operations import set_mark, skip_numbers
from paidthru.organizations.queries import missing_to_unfreeze
from paidthru.organizations.rules.freezing import REPLAY
from paidthru.timeline.operations import Actor, Happening, record


def note_sweep(
    organization: Organization,
    *,
    marks: Mapping[str, datetime],
    facts: Mapping[str, Any] | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Writes how far a sweep has got; with `facts`, also what it found."""
    with transaction.atomic():
        for name, at in marks.items():
            set_mark(organization.id, name, at)
        if facts is not None:
            happening = Happening("gateway_swept", "organization", organization.id, facts=dict(facts))
            record(organization.id, actor, now, [happening])


def note_replay(
    organization: Organization,
    *,
    began: datetime | None,
    marks: Mapping[str, datetime],
    last_invoice: int,
    facts: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> int:
    """Writes that a gateway was read through after a restore, since `began` (database time), None when it could not be
    to its end; returns how many invoice numbers, up to `last_invoice`, were lost: they get their gap, with the reason,
    and are never given again (field-notes C.10)."""
    with transaction.atomic():
        lost = skip_numbers(organization.id, "invoice", last_invoice, "Lost in a restore from a backup.")
        for name, at in marks.items():
            set_mark(organization.id, name, at)
        row = Install.objects.select_for_update().first()
        if began is not None:
            set_mark(organization.id, REPLAY, began)
            if row is not None and not missing_to_unfreeze(row):
                row.replayed_at = began
                row.save(update_fields=["replayed_at"])
        told = {**facts, "lost_numbers": lost}
        happening = Happening("gateway_replayed", "organization", organization.id, facts=told)
        record(organization.id, actor, now, [happening])
    return lost
