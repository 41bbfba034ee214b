-- The floor of an import: the rows of a clean roster of one level, from the temporary table that COPY has filled.

INSERT INTO people_party (id, organization_id, number, external_id, kind, name, given_name, family_name,
    organization_name, email, phone, customer_type, notes, created_at)
SELECT ('01980000-0001-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(organization)s, n, id, 'person',
    given || ' ' || family, given, family, '', email, phone, '', '', %(now)s
FROM roster ORDER BY n;

INSERT INTO membership_membership (id, organization_id, party_id, plan_id, state, joined_on, anchor_on, autopay,
    renewed_through, paid_through, next_bill_on, created_at)
SELECT ('01980000-0002-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(organization)s,
    ('01980000-0001-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(plan)s, 'active', since, since, false,
    through, through, through + 1, %(now)s
FROM roster ORDER BY n;

INSERT INTO membership_term (id, organization_id, membership_id, plan_id, start_on, end_on, amount_minor, source,
    paid_on, canceled)
SELECT ('01980000-0003-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(organization)s,
    ('01980000-0002-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(plan)s, (through + 1 - interval '1 year')::date,
    through + 1, 0, 'import', least((through + 1 - interval '1 year')::date, %(on)s), false
FROM roster ORDER BY n;

INSERT INTO timeline_event (id, organization_id, at, actor_kind, actor, verb, subject_kind, subject_id, party_id, why,
    facts)
SELECT ('01980000-0004-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(organization)s, %(now)s, %(actor_kind)s,
    %(actor)s, 'brought_in', 'membership', ('01980000-0002-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
    ('01980000-0001-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(why)s,
    jsonb_build_object('plan', level, 'joined', since, 'paid_through', through)
FROM roster ORDER BY n;
INSERT INTO timeline_event (id, organization_id, at, actor_kind, actor, verb, subject_kind, subject_id, why, facts)
SELECT gen_random_uuid(), %(organization)s, %(now)s, %(actor_kind)s, %(actor)s, 'members_imported', 'import',
    gen_random_uuid(), %(why)s, '{}';

INSERT INTO organizations_series (id, organization_id, name, next_value)
SELECT gen_random_uuid(), %(organization)s, 'party', count(*) + 1 FROM roster;
