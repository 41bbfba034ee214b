"""Freeze: nothing live is charged or refunded by this installation until somebody releases it."""

from datetime import datetime

from django.db import transaction

from paidthru.kernel.errors import Refused
from paidthru.kernel.ids import new_id
from paidthru.organizations.models import Install, Organization
from paidthru.organizations.operations import freeze_install
from paidthru.timeline.operations import Actor, Happening, record


def freeze(*, why: str, actor: Actor, now: datetime) -> Install:
    """Stops live charging and refunding in the whole installation, with a reason that staff read.

    What is on its way lands all the same, and is settled. Refused: `reason_missing`, `already_frozen`.
    """
    why = why.strip()
    if not why:
        raise Refused(
            "reason_missing",
            "A freeze needs a reason: staff read it wherever something can't be charged.",
            field="why",
            fix="Say why in a sentence.",
        )
    with transaction.atomic():
        row = Install.objects.select_for_update().first()
        if row is None:
            row = Install.objects.create(fingerprint=new_id(), epoch=1)
        if row.frozen_at is not None:
            raise Refused(
                "already_frozen",
                f"Charging is frozen already: {row.frozen_why}",
                fix="Nothing more is needed; `paidthru replay` and `paidthru unfreeze` end it.",
            )
        freeze_install(row, "person", why, known_until=None)
        for organization in Organization.objects.filter(mode=Organization.Mode.LIVE):
            happening = Happening("billing_frozen", "organization", organization.id, why=why)
            record(organization.id, actor, now, [happening])
    return row
