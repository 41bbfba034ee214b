"""Many copies of everything that members have, in a statement a table.

What the engine itself has made of a few members is copied, row by row, for as many others: a copy has ids, references
and numbers of its own, everything that belongs to all (plans, runs, batches, accounts) stays one. So a page finds what
it would find after years, in proportions that the engine made.
"""

from hashlib import md5
from typing import Any

from django.apps import apps
from django.db import connection, models

#: What an organization has once, however many members it has.
SHARED = {
    "assessments_levy", "giving_campaign", "giving_giftaidclaim", "invoicing_numberstretch", "invoicing_tax",
    "invoicing_taxrate", "ledger_account", "ledger_batch", "ledger_bookexport", "ledger_closedperiod",
    "ledger_exportedbatch", "membership_billingcycle", "membership_billingrun", "membership_fee",
    "membership_joinlink", "membership_plan", "membership_pricechange", "membership_proratetable",
    "membership_runchunk", "notices_templatetext", "payments_gatewayaccount", "payments_throttle",
    "sandbox_sandboxpayout", "ticketing_ticketedevent", "timeline_auditseal", "timeline_inboxcount",
    "visits_visitprice",
}  # fmt: skip
_ROOMS = (
    "organizations",
    "procrastinate",
    "auth",
    "contenttypes",
    "sessions",
)  # of the installation, or shared
#: Texts that name a row here or at the processor; the copy's name another.
_NAMING = (
    "ref",
    "token",
    "key",
    "fingerprint",
    "token_hash",
    "idempotency_key",
    "message_key",
    "method_token",
)
_STEPS = "dunning_step"  # its `key` is a step of the ladder
_KEPT = "kept_ids"
_UUID = "'^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'"

Shapes = dict[str, list[tuple[str, str]]]


def clone(organization_id: Any, copies: int) -> int:
    """Makes so many copies more of each row that a member of the organization has; returns how many rows that were.

    It is for a database that is thrown away: constraints and triggers don't look at what is written here.
    """
    shapes = _shapes()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        cursor.execute("SET work_mem = '256MB'; SET maintenance_work_mem = '256MB'")
        _note_ids(cursor, shapes)
        written = sum(_cloned(cursor, table, shapes[table], organization_id, copies) for table in shapes)
        for table, column in (("organizations_series", "next_value"),):
            cursor.execute(
                f"UPDATE {table} SET {column} = ({column} - 1) * %s + 1 WHERE organization_id = %s",
                [copies + 1, organization_id],
            )
        cursor.execute(
            """UPDATE membership_billingrun SET candidates = candidates * %(n)s, billed = billed * %(n)s,
                   skipped = skipped * %(n)s, done = done * %(n)s, total_minor = total_minor * %(n)s
               WHERE organization_id = %(organization)s""",
            {"n": copies + 1, "organization": organization_id},
        )
        cursor.execute("SET session_replication_role = origin; RESET synchronous_commit; RESET work_mem")
        cursor.execute("VACUUM (ANALYZE)")
    return written


def _shapes() -> Shapes:
    """The columns of each table that is copied, with their types."""
    tables = {
        one._meta.db_table
        for one in apps.get_models()
        if one._meta.app_label not in _ROOMS
        and one._meta.db_table not in SHARED
        and any(field.column == "organization_id" for field in one._meta.local_fields)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_attribute a
               JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname = ANY(%s) AND c.relkind = 'r' AND a.attnum > 0
                   AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY c.relname, a.attnum""",
            [sorted(tables)],
        )
        shapes: Shapes = {}
        for table, column, type_ in cursor.fetchall():
            shapes.setdefault(table, []).append((column, type_))
    return shapes


def _note_ids(cursor: Any, shapes: Shapes) -> None:
    """Whatever has an id and is not copied."""
    cursor.execute(f"DROP TABLE IF EXISTS {_KEPT}; CREATE TEMPORARY TABLE {_KEPT} (id uuid)")
    for one in apps.get_models():
        if one._meta.db_table not in shapes and isinstance(one._meta.pk, models.UUIDField):
            cursor.execute(f"INSERT INTO {_KEPT} SELECT {one._meta.pk.column} FROM {one._meta.db_table}")
    cursor.execute(f"ANALYZE {_KEPT}")


def _cloned(
    cursor: Any, table: str, columns: list[tuple[str, str]], organization_id: Any, copies: int
) -> int:
    columns = [one for one in columns if one != ("id", "bigint")]  # counted by the database itself
    unique, steps = [name for name in _numbered(cursor, table) if name in dict(columns)], {}
    for column in unique:
        cursor.execute(
            f"SELECT coalesce(max({column}) - least(min({column}), 1) + 1, 0) FROM {table} WHERE organization_id = %s",
            [organization_id],
        )
        steps[column] = cursor.fetchone()[0]
    values = ", ".join(_value(table, column, type_, steps) for column, type_ in columns)
    names = ", ".join(f'"{column}"' for column, _ in columns)
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} t, generate_series(1, %s) k"
        " WHERE t.organization_id = %s ORDER BY k",
        [copies, organization_id],
    )
    return int(cursor.rowcount)


def _numbered(cursor: Any, table: str) -> list[str]:
    """Whole numbers that may stand in a table once."""
    cursor.execute(
        """SELECT DISTINCT a.attname FROM pg_index i JOIN pg_attribute a
               ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
           WHERE i.indrelid = %s::regclass AND i.indisunique AND a.atttypid IN ('int4'::regtype, 'int8'::regtype)
               AND NOT EXISTS (SELECT FROM pg_attribute u WHERE u.attrelid = i.indrelid AND u.attnum = ANY(i.indkey)
                   AND u.atttypid = 'uuid'::regtype AND u.attname NOT IN ('organization_id', 'run_id'))""",
        [table],
    )
    return [name for (name,) in cursor.fetchall()]


def _value(table: str, column: str, type_: str, steps: dict[str, int]) -> str:
    name = f't."{column}"'
    if type_ == "uuid":
        return (
            f"CASE WHEN {name} IN (SELECT id FROM {_KEPT}) THEN {name} ELSE {_copy_of(f'{name}::text')} END"
        )
    if column in steps:
        return f"{name} + k * {steps[column]}"
    if column == "label":
        step = steps.get("number", 0)
        return f"CASE WHEN {name} = t.number::text THEN (t.number + k * {step})::text ELSE {_named(name)} END"
    if table == "people_party" and column in ("name", "family_name", "organization_name", "external_id"):
        return f"CASE WHEN {name} = '' THEN '' ELSE {name} || k END"
    if (table, column) == ("people_party", "email"):
        return f"CASE WHEN {name} = '' THEN '' ELSE k || {name} END"
    if (table, column) == ("ticketing_ticket", "code"):
        return "upper(left(md5(t.id::text || '/' || k), 12))"
    if (table, column) in (("people_unit", "name"), ("membership_discount", "code")):
        return _named(name)
    if type_ in ("text", "character varying") and _is_name(table, column):
        return (
            f"CASE WHEN {name} IN (SELECT id::text FROM {_KEPT}) THEN {name}"
            f" WHEN {name} ~ {_UUID} THEN ({_copy_of(name)})::text ELSE {_named(name)} END"
        )
    return name


def _is_name(table: str, column: str) -> bool:
    if column == "payout_ref" or (table == _STEPS and column == "key"):
        return False
    return column in _NAMING or column.endswith(("_ref", "_id"))


def copied(id_: object, k: int) -> str:
    """The id that the k-th copy of a row has."""
    digest = md5(f"{id_}/{k}".encode(), usedforsecurity=False).hexdigest()
    return f"{str(id_)[:19]}8{digest[:3]}-{digest[-12:]}"


def not_shared(id_: Any) -> bool:
    """Whether a copy has its own for the thing of this id."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT NOT EXISTS (SELECT FROM {_KEPT} WHERE id = %s)", [id_])
        return bool(cursor.fetchone()[0])


def _copy_of(text: str) -> str:
    """An id of the same moment, told from the others by a digest."""
    digest = f"md5({text} || '/' || k)"
    return f"(left({text}, 19) || '8' || left({digest}, 3) || '-' || right({digest}, 12))::uuid"


def _named(name: str) -> str:
    return f"CASE WHEN {name} = '' THEN '' ELSE {name} || '~' || k END"
