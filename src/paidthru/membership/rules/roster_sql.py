"""What an import compares and writes, as SQL over its staging table: one statement for all rows.

`import_row` lives as long as the import's transaction. Every row of the file that can be taken is in it, with where its
membership would stand; the statements find who it is, what it changes (`changes`, field → [before, after]) and what
becomes of it (`outcome`). Texts only: actions/import_members.py runs them.
"""

from collections.abc import Collection
from uuid import UUID

from paidthru.membership.rules.existing import Standing
from paidthru.membership.rules.roster_items import RosterRow

STAGING = """CREATE TEMPORARY TABLE import_row (
    row integer PRIMARY KEY, external_id text, kind text, name text, given_name text, family_name text,
    organization_name text, email text, phone text, customer_type text, notes text,
    address text, country text, language text,
    plan_id uuid, plan text, joined_on date, autopay boolean, override_months smallint,
    state text, anchor_on date, term_start date, term_end date, next_bill_on date, cancel_on date, unpaid_since date,
    stops boolean, party_id uuid, term_id uuid, event_id uuid,
    match_id uuid, current_id uuid, twin integer, outcome text NOT NULL DEFAULT '',
    starts boolean NOT NULL DEFAULT false, dates_kept boolean NOT NULL DEFAULT false,
    changes jsonb NOT NULL DEFAULT '{}') ON COMMIT DROP"""
COLUMNS = (
    "row", "external_id", "kind", "name", "given_name", "family_name", "organization_name", "email", "phone",
    "customer_type", "notes", "address", "country", "language",
    "plan_id", "plan", "joined_on", "autopay", "override_months", "state", "anchor_on",
    "term_start", "term_end", "next_bill_on", "cancel_on", "unpaid_since", "stops", "party_id", "term_id", "event_id",
)  # fmt: skip
_PARTY_FIELDS = (
    "name",
    "given_name",
    "family_name",
    "organization_name",
    "email",
    "phone",
    "customer_type",
    "notes",
    "address",
    "country",
    "language",
)

BY_ID = """UPDATE import_row s SET match_id = p.id FROM people_party p
    WHERE p.organization_id = %(organization)s AND p.external_id = s.external_id"""
TWINS = """UPDATE import_row s SET outcome = 'twin', twin = d.first
    FROM (SELECT row, min(row) OVER (PARTITION BY lower(name), lower(email)) AS first
          FROM import_row WHERE external_id IS NULL) d
    WHERE d.row = s.row AND d.first <> s.row"""
# Two people, one address: often right, sometimes copied one row too far.
SHARED_EMAILS = """SELECT row, first, first_name, email, count(*) OVER () FROM (
        SELECT row, name, email, outcome, first_value(row) OVER same AS first, first_value(name) OVER same AS first_name
        FROM import_row WHERE email <> '' AND outcome NOT IN ('twin', 'several')
        WINDOW same AS (PARTITION BY lower(email) ORDER BY row)) d
    WHERE row <> first AND lower(name) <> lower(first_name) ORDER BY row LIMIT %(limit)s"""
# Somebody entered by hand gets the id of the roster; whoever has another id already is another person.
BY_NAME = """WITH c AS (
        SELECT s.row, p.id, count(*) OVER (PARTITION BY s.row) AS parties, count(*) OVER (PARTITION BY p.id) AS rows
        FROM import_row s
        JOIN people_party p ON p.organization_id = %(organization)s AND lower(p.name) = lower(s.name)
             AND (lower(p.email) = lower(s.email) OR NOT %(has_email)s)
        WHERE s.match_id IS NULL AND s.outcome = ''
          AND (s.external_id IS NULL OR (p.external_id IS NULL AND s.email <> ''))
          AND NOT EXISTS (SELECT 1 FROM import_row t WHERE t.match_id = p.id))
    UPDATE import_row s SET match_id = CASE WHEN c.parties = 1 AND c.rows = 1 THEN c.id END,
        outcome = CASE WHEN c.parties > 1 AND s.external_id IS NULL THEN 'several' ELSE '' END
    FROM c WHERE c.row = s.row"""
STRANGERS = r"""SELECT count(*), count(*) FILTER (WHERE
        NOT regexp_split_to_array(lower(s.name), '\s+') && regexp_split_to_array(lower(p.name), '\s+')
        AND (s.email = '' OR lower(s.email) <> lower(p.email)))
    FROM import_row s JOIN people_party p ON p.id = s.match_id WHERE s.external_id = p.external_id"""


def _differs(name: str, old: str, new: str, when: str) -> str:
    return f"'{name}', CASE WHEN {when} THEN jsonb_build_array({old}, {new}) END"


_GOES_ON = "s.plan_id IS NOT NULL AND m.id IS NOT NULL AND m.state <> 'ended'"
_STARTS = """(s.plan_id IS NOT NULL AND (m.id IS NULL OR (m.state = 'ended' AND s.state <> 'ended'
    AND s.term_end - 1 > coalesce(m.paid_through, '-infinity'))))"""
_MEMBERSHIP_CHANGES = ", ".join(
    [
        _differs("membership", "NULL", "s.plan", _STARTS),
        _differs("plan", "l.name", "s.plan", f"{_GOES_ON} AND s.plan_id <> m.plan_id"),
        _differs(
            "paid_through",
            "m.paid_through",
            "s.term_end - 1",
            f"{_GOES_ON} AND NOT b.ours AND s.term_end IS NOT NULL"
            " AND s.term_end - 1 IS DISTINCT FROM m.paid_through",
        ),
        _differs(
            "joined",
            "m.joined_on",
            "s.joined_on",
            f"{_GOES_ON} AND s.joined_on IS NOT NULL AND s.joined_on IS DISTINCT FROM m.joined_on",
        ),
        _differs("autopay", "m.autopay", "s.autopay", f"{_GOES_ON} AND s.autopay <> m.autopay"),
        _differs(
            "state",
            "m.state",
            "s.state",
            f"{_GOES_ON} AND s.state IN ('ending', 'ended') AND s.state <> m.state",
        ),
        _differs(
            "next_bill_on",
            "m.next_bill_on",
            "NULL",
            f"{_GOES_ON} AND s.stops AND NOT b.ours AND m.next_bill_on IS NOT NULL",
        ),
    ]
)
_COMPARE = """UPDATE import_row s SET current_id = m.id, starts = {starts},
        dates_kept = ({goes_on} AND b.ours AND s.term_end - 1 IS DISTINCT FROM m.paid_through
                      AND s.term_end IS NOT NULL),
        changes = jsonb_strip_nulls(jsonb_build_object({changes}))
    FROM people_party p
    LEFT JOIN LATERAL (SELECT * FROM membership_membership m WHERE m.party_id = p.id
                       ORDER BY (m.state <> 'ended') DESC, m.id DESC LIMIT 1) m ON true
    LEFT JOIN membership_plan l ON l.id = m.plan_id
    LEFT JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM membership_term t WHERE t.membership_id = m.id
                                        AND NOT t.canceled AND t.source <> 'import') AS ours) b ON true
    WHERE p.id = s.match_id AND s.outcome = ''"""
OUTCOME = """UPDATE import_row SET starts = starts OR (match_id IS NULL AND plan_id IS NOT NULL), outcome =
    CASE WHEN match_id IS NULL THEN 'add' WHEN changes = '{}' THEN 'unchanged' ELSE 'change' END WHERE outcome = ''"""

ADD_PARTIES = """INSERT INTO people_party (id, organization_id, number, external_id, kind, name, given_name,
        family_name, organization_name, email, phone, customer_type, notes, address, country, language,
        created_at)
    SELECT party_id, %(organization)s, %(first)s + row_number() OVER (ORDER BY row) - 1, external_id, kind, name,
        given_name, family_name, organization_name, email, phone, customer_type, notes, address, country, language,
        %(now)s
    FROM import_row WHERE outcome = 'add'"""
_FIELDS = ", ".join(
    f"{name} = CASE WHEN s.changes ? '{name}' THEN s.{name} ELSE p.{name} END"
    for name in (*_PARTY_FIELDS, "kind")
)
CHANGE_PARTIES = f"""UPDATE people_party p SET external_id = coalesce(s.external_id, p.external_id), {_FIELDS}
    FROM import_row s WHERE s.match_id = p.id AND s.outcome = 'change'"""
CANCEL_TERMS = """UPDATE membership_term t SET canceled = true FROM import_row s
    WHERE t.membership_id = s.current_id AND NOT t.canceled AND s.outcome = 'change' AND s.changes ? 'paid_through'"""
ADD_TERMS = """INSERT INTO membership_term (id, organization_id, membership_id, plan_id, start_on, end_on,
        amount_minor, source, run_id, paid_on, canceled)
    SELECT term_id, %(organization)s, current_id, plan_id, term_start, term_end, 0, 'import', NULL,
        least(term_start, %(today)s), false
    FROM import_row WHERE outcome = 'change' AND changes ? 'paid_through'"""
_CHANGE_MEMBERSHIPS = """UPDATE membership_membership m SET
        plan_id = s.plan_id, joined_on = coalesce(s.joined_on, m.joined_on),
        autopay = coalesce(s.autopay, m.autopay) AND NOT (s.changes ? 'state' AND s.state = 'ended'),
        next_plan_id = CASE WHEN s.changes ? 'state' AND s.state = 'ended' THEN NULL ELSE m.next_plan_id END,
        override_months = {override},
        anchor_on = CASE WHEN s.changes ? 'paid_through' THEN s.anchor_on ELSE m.anchor_on END,
        renewed_through = CASE WHEN s.changes ? 'paid_through' THEN s.term_end - 1 ELSE m.renewed_through END,
        paid_through = CASE WHEN s.changes ? 'paid_through' THEN s.term_end - 1 ELSE m.paid_through END,
        unpaid_since = CASE WHEN s.changes ? 'paid_through' THEN s.unpaid_since ELSE m.unpaid_since END,
        state = CASE WHEN s.changes ? 'state' THEN s.state
                     WHEN s.changes ? 'paid_through' AND m.state = 'pending' THEN 'active' ELSE m.state END,
        cancel_on = CASE WHEN s.changes ? 'state' OR (s.changes ? 'paid_through' AND s.state = 'ending')
                         THEN s.cancel_on ELSE m.cancel_on END,
        ended_on = CASE WHEN s.changes ? 'state' AND s.state = 'ended' THEN s.cancel_on END,
        ended_because = CASE WHEN s.changes ? 'state' AND s.state = 'ended' THEN 'canceled' ELSE '' END,
        next_bill_on = CASE WHEN s.stops OR n.kind <> 'subscription' THEN NULL
                            WHEN m.state = 'ending' THEN m.next_bill_on
                            WHEN s.changes ? 'paid_through' THEN s.next_bill_on
                            WHEN o.kind <> 'subscription' THEN m.renewed_through + 1
                            ELSE m.next_bill_on END
    FROM import_row s, membership_plan n, membership_plan o
    WHERE s.current_id = m.id AND s.outcome = 'change' AND NOT s.starts AND m.state <> 'ended'
      AND n.id = s.plan_id AND o.id = m.plan_id"""
PERSON_EVENTS = """INSERT INTO timeline_event (id, organization_id, at, actor_kind, actor, verb, subject_kind,
        subject_id, party_id, why, facts)
    SELECT event_id, %(organization)s, %(now)s, %(actor_kind)s, %(actor)s,
        CASE WHEN outcome = 'add' THEN 'member_imported' ELSE 'member_changed' END, 'party',
        coalesce(match_id, party_id), coalesce(match_id, party_id), %(why)s,
        CASE WHEN outcome = 'add' THEN jsonb_build_object('row', row)
             ELSE jsonb_build_object('row', row, 'changes', changes) END
    FROM import_row WHERE (outcome = 'add' AND NOT starts) OR outcome = 'change' ORDER BY row"""
STARTING = """SELECT row, coalesce(match_id, party_id), plan_id, plan, joined_on, autopay, override_months, state,
        anchor_on, term_start, term_end, next_bill_on, cancel_on, unpaid_since
    FROM import_row WHERE starts AND outcome IN ('add', 'change') AND row > %(after)s ORDER BY row LIMIT %(limit)s"""


def compare(columns: Collection[str]) -> str:
    """What each row changes. `columns` are the fields that the file has; a blank cell changes nothing."""
    parts = [
        _differs(name, f"p.{name}", f"s.{name}", f"s.{name} <> '' AND s.{name} <> p.{name}")
        for name in _PARTY_FIELDS
    ]
    given = "s.external_id IS NOT NULL AND p.external_id IS DISTINCT FROM s.external_id"
    parts += [_differs("external_id", "p.external_id", "s.external_id", given), _MEMBERSHIP_CHANGES]
    if "organization_name" in columns or "customer_type" in columns:
        parts.append(_differs("kind", "p.kind", "s.kind", "s.kind <> p.kind"))
    if "interval" in columns:
        other = f"{_GOES_ON} AND s.override_months IS DISTINCT FROM m.override_months"
        parts.append(_differs("months", "m.override_months", "s.override_months", other))
    return _COMPARE.format(starts=_STARTS, goes_on=_GOES_ON, changes=", ".join(parts))


def change_memberships(columns: Collection[str]) -> str:
    """Changes the memberships that go on."""
    override = "s.override_months" if "interval" in columns else "m.override_months"
    return _CHANGE_MEMBERSHIPS.format(override=override)


def staged(
    row: RosterRow,
    plan_id: UUID | None,
    override: int | None,
    stands: Standing | None,
    ids: tuple[UUID, UUID, UUID],
) -> tuple[object, ...]:
    """A row's values in the order of `COLUMNS`. `ids` are for its party, term and event, should it need them."""
    membership: tuple[object, ...] = (None,) * 8
    if stands is not None:
        start, end = (stands.term.start, stands.term.end) if stands.term else (None, None)
        stops = row.status in ("lapsed", "suspended") or stands.state in ("ending", "ended")
        membership = (
            stands.state, stands.anchor_on, start, end, stands.next_bill_on, stands.cancel_on, stands.unpaid_since,
            stops,
        )  # fmt: skip
    return (
        row.row, row.external_id, row.kind, row.name, row.given_name, row.family_name, row.organization_name, row.email,
        row.phone, row.customer_type[:60], row.notes, row.address, row.country, row.language,
        plan_id, row.plan, row.joined_on, row.autopay, override,
        *membership, *ids,
    )  # fmt: skip
