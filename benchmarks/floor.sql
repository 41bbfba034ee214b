-- The floor: the rows of a renewal run, previewed, committed and written, in plain set-based SQL and one transaction.
-- Nobody reads a preview here, nothing is priced, explained or checked: every text and every amount is handed in.
-- Ids are handed out in order, which is what an index likes best.

BEGIN;

INSERT INTO membership_billingrun (id, organization_id, name, billing_type, bill_on, effective_on, autopay_only, state,
    kind, basis_digest, preview_token, candidates, billed, skipped, total_minor, done, first_number, failure,
    created_by, created_at, committed_by, committed_at, finished_at, reviewed_by)
VALUES (%(run)s, %(organization)s, %(name)s, 'renewals', %(bill_on)s, %(effective_on)s, false, 'done', 'staff',
    %(basis_digest)s, gen_random_uuid(), %(members)s, %(billed)s, %(skipped)s, %(total_minor)s, %(members)s, 1, '',
    %(actor)s, %(now)s, %(actor)s, %(now)s, %(now)s, '');

-- The preview: an item for every member.
INSERT INTO membership_runitem (id, organization_id, run_id, seq, membership_id, party_id, reason, detail, start_on,
    end_on, total_minor, ordinal, lines, facts_digest, outcome)
SELECT ('01980000-0001-7000-8000-' || lpad(to_hex(seq), 12, '0'))::uuid, %(organization)s, %(run)s, seq, id, party_id,
    CASE WHEN due THEN '' ELSE 'not_due' END, CASE WHEN due THEN %(detail)s ELSE %(not_due)s END,
    CASE WHEN due THEN %(start_on)s::date END, CASE WHEN due THEN %(end_on)s::date END,
    CASE WHEN due THEN %(price_minor)s ELSE 0 END,
    CASE WHEN due THEN sum(due::int) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) - 1 END,
    CASE WHEN due THEN %(lines)s::jsonb END, digest, ''
FROM (SELECT m.id, m.party_id, m.paid_through < %(effective_on)s AS due,
             row_number() OVER (ORDER BY m.id) - 1 AS seq, {digest} AS digest
      {joins} WHERE m.organization_id = %(organization)s) candidate
ORDER BY seq;

INSERT INTO membership_runchunk (id, organization_id, run_id, first_seq, last_seq, done)
SELECT gen_random_uuid(), %(organization)s, %(run)s, first, least(first + %(slice)s, %(members)s) - 1, true
FROM generate_series(0, %(members)s - 1, %(slice)s) first;

-- The commit: the batch and the numbers.
INSERT INTO ledger_batch (id, organization_id, number, name, kind, dated_on, state, opened_at, reviewed_by, posted_by)
VALUES (%(batch)s, %(organization)s, 1, %(name)s, 'renewal', %(bill_on)s, 'open', %(now)s, '', '');
UPDATE membership_billingrun SET batch_id = %(batch)s WHERE id = %(run)s;
INSERT INTO organizations_series (id, organization_id, name, next_value)
VALUES (gen_random_uuid(), %(organization)s, 'batch', 2),
       (gen_random_uuid(), %(organization)s, 'invoice', %(billed)s + 1);

-- The writing: everything of a bill hangs on its number.
CREATE TEMPORARY TABLE bill ON COMMIT DROP AS
SELECT ordinal + 1 AS number, membership_id, party_id, lpad(to_hex(ordinal + 1), 12, '0') AS tail,
       ('01980000-0002-7000-8000-' || lpad(to_hex(ordinal + 1), 12, '0'))::uuid AS receivable_id,
       ('01980000-0003-7000-8000-' || lpad(to_hex(ordinal + 1), 12, '0'))::uuid AS invoice_id,
       ('01980000-0004-7000-8000-' || lpad(to_hex(ordinal + 1), 12, '0'))::uuid AS journal_id
FROM membership_runitem WHERE run_id = %(run)s AND reason = '' ORDER BY seq;
ANALYZE bill;

INSERT INTO invoicing_receivable (id, organization_id, party_id, kind, source_id, fee_id, period_start, period_end,
    currency, amount_minor, balance_minor, due_on, position, is_primary, voluntary, basis, deferred, income_code, state)
SELECT receivable_id, %(organization)s, party_id, 'dues', membership_id, %(fee)s, %(start_on)s, %(end_on)s, 'USD',
    %(price_minor)s, %(price_minor)s, %(start_on)s, 0, true, false, 'cash', false, 'Income:Dues', 'open' FROM bill;

INSERT INTO invoicing_invoice (id, organization_id, number, label, party_id, batch_id, currency, total_minor, balance_minor,
    state, kind, bill_on, due_on, run_id)
SELECT invoice_id, %(organization)s, number, number::text, party_id, %(batch)s, 'USD', %(price_minor)s, %(price_minor)s, 'sent',
    'membership', %(bill_on)s, %(start_on)s, %(run)s FROM bill;

INSERT INTO invoicing_line (id, organization_id, invoice_id, receivable_id, position, description, quantity,
    unit_amount_minor, amount_minor, derivation)
SELECT ('01980000-0005-7000-8000-' || tail)::uuid, %(organization)s, invoice_id, receivable_id, 0, %(description)s, 1,
    %(price_minor)s, %(price_minor)s, %(derivation)s::jsonb FROM bill;

INSERT INTO invoicing_issueddocument (id, organization_id, kind, party_id, facts)
SELECT invoice_id, %(organization)s, 'invoice', party_id, jsonb_build_object('payer', jsonb_build_object(
    'name', p.name, 'number', p.number, 'address', p.address, 'country', p.country, 'language', p.language),
    'issuer', %(issuer)s::jsonb)
FROM bill JOIN people_party p ON p.id = bill.party_id;

INSERT INTO ledger_journal (id, organization_id, batch_id, currency, effective_on, recorded_at, source_kind, source_id,
    event, text)
SELECT journal_id, %(organization)s, %(batch)s, 'USD', %(bill_on)s, %(now)s, 'invoice', invoice_id, 'issued',
    'Invoice ' || number || ': ' || %(plan_name)s FROM bill;

INSERT INTO ledger_entry (id, organization_id, journal_id, account_id, amount_minor, party_id, invoice_id, receivable_id)
SELECT (side.head || tail)::uuid, %(organization)s, journal_id, side.account::uuid, side.amount_minor, party_id,
    invoice_id, receivable_id
FROM bill, (VALUES ('01980000-0006-7000-8000-', %(debit)s, %(price_minor)s),
                   ('01980000-0007-7000-8000-', %(credit)s, -%(price_minor)s)) side(head, account, amount_minor);

INSERT INTO membership_term (id, organization_id, membership_id, plan_id, start_on, end_on, amount_minor, source, run_id,
    canceled)
SELECT ('01980000-0008-7000-8000-' || tail)::uuid, %(organization)s, membership_id, %(plan)s, %(start_on)s, %(end_on)s,
    %(price_minor)s, 'run', %(run)s, false FROM bill;

UPDATE membership_membership m SET renewed_through = %(end_on)s::date - 1, next_bill_on = %(end_on)s
FROM bill WHERE m.id = bill.membership_id;

INSERT INTO timeline_event (id, organization_id, at, actor_kind, actor, verb, subject_kind, subject_id, party_id, why,
    facts)
SELECT ('01980000-0009-7000-8000-' || tail)::uuid, %(organization)s, %(now)s, %(actor_kind)s, %(actor)s, 'billed',
    'membership', membership_id, party_id, %(why)s,
    jsonb_build_object('invoice', number, 'amount', %(amount)s, 'currency', 'USD', 'plan', %(plan_name)s,
                       'start', %(start_on)s, 'through', %(last_on)s)
FROM bill;
INSERT INTO timeline_event (id, organization_id, at, actor_kind, actor, verb, subject_kind, subject_id, why, facts)
SELECT gen_random_uuid(), %(organization)s, %(now)s, %(actor_kind)s, %(actor)s, verb, 'run', %(run)s, '', '{{}}'
FROM unnest(array['run_started', 'run_committed', 'run_done']) verb;

COMMIT;
