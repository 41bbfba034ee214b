"""Counting what strangers try, so that they have to wait: in the database, where every server process sees the same
and nobody else's tries make it forgotten. Two at once count as two."""

import hashlib

from django.db import connection

from paidthru.organizations.models import Tries

_AT_ONCE = (
    50  # rows that are over and go with one try: more than one try can make, so that they come to an end
)

_COUNT = """
    INSERT INTO organizations_tries AS t (key, count, over_at)
    VALUES (%s, 1, clock_timestamp() + make_interval(secs => %s))
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN t.over_at <= clock_timestamp() THEN 1 ELSE t.count + 1 END,
        over_at = CASE WHEN t.over_at <= clock_timestamp() THEN excluded.over_at ELSE t.over_at END
    RETURNING count"""

_PRUNE = """
    DELETE FROM organizations_tries WHERE key IN (
        SELECT key FROM organizations_tries WHERE over_at <= clock_timestamp()
        ORDER BY over_at LIMIT %s FOR UPDATE SKIP LOCKED)"""


def count_try(what: str, within: int) -> int:
    """Counts one more of `what`; how many that are within so many seconds since the first."""
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, [_AT_ONCE])
        cursor.execute(_COUNT, [_key(what), within])
        return int(cursor.fetchone()[0])


def tries_of(what: str) -> int:
    """How many of `what` count now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count FROM organizations_tries WHERE key = %s AND over_at > clock_timestamp()",
            [_key(what)],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def forget_tries(what: str) -> None:
    """Counts from nothing again."""
    Tries.objects.filter(key=_key(what)).delete()


def _key(what: str) -> str:
    return hashlib.sha256(what.encode(errors="replace")).hexdigest()
