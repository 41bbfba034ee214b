"""The database itself keeps what an attempt has learnt, and the gateway's id of an intent (field-notes C.2, C.3 4)."""

from django.db import migrations

SQL = """
-- The states' order is that of rules/settlement.py; a test holds the two to the same.
CREATE FUNCTION attempt_keeps_its_rank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (CASE
        WHEN OLD.state = 'needs_review' THEN NEW.state IN ('succeeded', 'declined', 'canceled')
        WHEN OLD.state = 'succeeded' THEN false
        WHEN OLD.state IN ('declined', 'canceled', 'rejected') THEN NEW.state = 'succeeded'
        WHEN NEW.state = 'needs_review' THEN true
        WHEN OLD.state = 'requires_action' THEN NEW.state IN ('processing', 'succeeded', 'declined', 'canceled')
        WHEN OLD.state = 'processing' THEN NEW.state IN ('succeeded', 'declined', 'canceled')
        WHEN NEW.state = 'submitted' THEN OLD.state = 'created'
        WHEN NEW.state = 'unknown' THEN OLD.state IN ('created', 'submitted')
        ELSE NEW.state <> 'created'
    END) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an attempt that is % never becomes %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER attempt_keeps_its_rank BEFORE UPDATE OF state ON payments_attempt
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION attempt_keeps_its_rank();

CREATE FUNCTION gateway_ref_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the gateway''s id of an intent never changes' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER gateway_ref_is_written_once BEFORE UPDATE OF gateway_ref ON payments_paymentintent
    FOR EACH ROW WHEN (OLD.gateway_ref IS NOT NULL AND NEW.gateway_ref IS DISTINCT FROM OLD.gateway_ref)
    EXECUTE FUNCTION gateway_ref_is_written_once();
"""

UNDO = """
DROP TRIGGER gateway_ref_is_written_once ON payments_paymentintent;
DROP TRIGGER attempt_keeps_its_rank ON payments_attempt;
DROP FUNCTION gateway_ref_is_written_once, attempt_keeps_its_rank;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0001_initial"),
    ]

    operations = [migrations.RunSQL(SQL, UNDO)]
