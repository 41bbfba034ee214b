"""Unfreeze: a person who has read what the replay found lets live charging go on (field-notes C.10)."""

from datetime import datetime

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Install, Organization
from paidthru.organizations.queries import missing_to_unfreeze
from paidthru.payments.models import Throttle
from paidthru.payments.operations.throttle import reopen
from paidthru.timeline.operations import Actor, Happening, record


def unfreeze(*, why: str, actor: Actor, now: datetime, moved: bool = False) -> Install:
    """Releases live charging and refunding in the whole installation. Who may is the caller's to ask (`unfreeze`).

    `moved`: the person says that the installation which this database was copied from is gone for good; needed where
    the freeze is about that, for two that charge the same invoices charge twice (B-64). Refused: `reason_missing`,
    `not_frozen`, `not_replayed` (with what is missing), `other_installation`.
    """
    why = why.strip()
    if not why:
        raise Refused(
            "reason_missing", "Charging goes on for a reason.", field="why", fix="Say why in a sentence."
        )
    with transaction.atomic():
        row = Install.objects.select_for_update().filter(frozen_at__isnull=False).first()
        if row is None:
            raise Refused("not_frozen", "Charging is not frozen.", fix="There is nothing to release.")
        missing = missing_to_unfreeze(row)
        if missing:
            raise Refused(
                "not_replayed",
                " ".join(missing),
                fix="Run `paidthru replay`, read what it found, then come back.",
            )
        if row.frozen_kind == "moved" and not moved:
            raise Refused(
                "other_installation",
                "This database belongs to another installation. Should that one still run, both would charge.",
                field="moved",
                fix="Say that it is gone for good (--moved), or leave this copy frozen.",
            )
        was = row.frozen_why
        row.frozen_at, row.frozen_kind, row.frozen_why, row.known_until = None, "", "", None
        row.save(update_fields=["frozen_at", "frozen_kind", "frozen_why", "known_until"])
        for organization in Organization.objects.filter(mode=Organization.Mode.LIVE):
            happening = Happening(
                "billing_unfrozen", "organization", organization.id, None, why, {"was": was}
            )
            record(organization.id, actor, now, [happening])
        held = Throttle.objects.filter(closed_code="billing_frozen").order_by("organization_id", "gateway")
        for organization_id, gateway in held.values_list("organization_id", "gateway"):
            reopen(organization_id, gateway, actor=actor, now=now)
    return row
