"""Discard a sandbox organization: every row of it, everywhere. A live one is never deleted."""

from functools import partial
from uuid import UUID

from django.db import connection, transaction

from paidthru.kernel.errors import Refused
from paidthru.organizations.models import Organization
from paidthru.organizations.queries import tables_of_organizations
from paidthru.timeline.operations import again_on_conflict

_PATIENCE = "400ms"  # less than PostgreSQL's deadlock_timeout, a second


def discard_sandbox(organization_id: UUID) -> None:
    """Deletes a sandbox organization with all its rows, in one transaction; nothing is left. Refused `not_a_sandbox`.

    Foreign keys are looked at when the transaction ends, so the order doesn't matter. The guards that keep books and
    events from ever being deleted let a sandbox go that is named to them (ledger/migrations/0002_append_only.py).
    Whoever is at work in it is let finish: this gives way before the database would find the two deadlocked and give
    up either.
    """
    again_on_conflict(partial(_discarded, organization_id))


def _discarded(organization_id: UUID) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
        organization = Organization.objects.select_for_update().get(id=organization_id)
        if not organization.is_sandbox:
            raise Refused(
                "not_a_sandbox",
                f"{organization.name} is a live organization; its books are kept.",
                field="org",
                value=organization.slug,
                fix="Only a sandbox can be thrown away.",
            )
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('paidthru.discard', %s, true)", [str(organization_id)])
            for table in tables_of_organizations():
                cursor.execute(f"DELETE FROM {table} WHERE organization_id = %s", [organization_id])
            cursor.execute(
                f"DELETE FROM {Organization._meta.db_table} WHERE id = %s",
                [organization_id],
            )
