"""The tables: are they the ones this version of Paidthru expects?"""

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from paidthru.config import binaries
from paidthru.kernel.clock import SystemClock
from paidthru.kernel.errors import Refused

MOST_SKEW_SECONDS = 30
LOCK = 0x9A1D  # an advisory lock's number: of two processes that start together one migrates, the other waits


def reach() -> None:
    """Make sure that the database answers and is one we run on.

    Raises Refused('database_unreachable') or Refused('postgresql_too_old').
    """
    try:
        connection.ensure_connection()
    except OperationalError as failed:
        raise Refused(
            "database_unreachable",
            f"The database does not answer: {str(failed).strip().splitlines()[0]}",
            fix="See that it runs and that DATABASE_URL is right.",
        ) from failed
    with connection.cursor() as cursor:
        version = cursor.connection.info.server_version // 10_000
    if version < binaries.OLDEST:
        raise Refused(
            "postgresql_too_old",
            f"The database is PostgreSQL {version}; Paidthru needs {binaries.OLDEST} or newer.",
            fix="Move the database to a newer PostgreSQL, or unset DATABASE_URL to use the embedded one.",
        )


def bring_up_to_date() -> bool:
    """Apply what migrations are missing; true when there were any. A current database costs one query.

    Raises Refused('database_newer') when a newer Paidthru has already changed the tables.
    """
    executor = MigrationExecutor(connection)
    ours = executor.loader.migrated_apps
    strange = [key for key in executor.loader.applied_migrations if key[0] in ours]
    newer = sorted(set(strange) - set(executor.loader.disk_migrations))
    if newer:
        raise Refused(
            "database_newer",
            f"The database was used by a newer Paidthru (it has {'.'.join(newer[0])}).",
            fix="Install that version again; going back is only possible from a backup made before it.",
        )
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return True


def doubts() -> list[str]:
    """Why nothing live is to be charged with this database: it may forget what it confirmed (B-62), or its clock and
    ours disagree, so that deadlines mean nothing (B-66)."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('fsync') = 'off', current_setting('synchronous_commit') = 'off',"
            " abs(extract(epoch FROM clock_timestamp() - %s)) > %s",
            [SystemClock().now(), MOST_SKEW_SECONDS],
        )
        fsync, synchronous, skewed = cursor.fetchone()
    for name, is_off in (("fsync", fsync), ("synchronous_commit", synchronous)):
        if is_off:
            found.append(f"the database's {name} is off, so a crash may lose what it has confirmed.")
    if skewed:
        found.append("the database's clock and this machine's are more than 30 seconds apart.")
    return found
