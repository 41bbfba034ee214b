"""The books are append-only, balance, and take nothing where they are closed: the database itself sees to it (field-notes D.1)."""

from django.db import migrations

SQL = """
ALTER TABLE ledger_journal ADD COLUMN written_in xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A sandbox organization may be thrown away whole (actions/discard_sandbox); nothing else is ever deleted.
    IF TG_OP = 'DELETE' AND current_setting('paidthru.discard', true) = OLD.organization_id::text
       AND EXISTS (SELECT 1 FROM organizations_organization WHERE id = OLD.organization_id AND mode = 'sandbox') THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER journal_never_changes BEFORE UPDATE OR DELETE ON ledger_journal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entry_never_changes BEFORE UPDATE OR DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recognition_never_changes BEFORE UPDATE OR DELETE ON ledger_recognition
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_never_changes BEFORE UPDATE OR DELETE ON timeline_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- At commit every new journal has two entries or more, sums to zero, and stays in one organization and currency.
CREATE FUNCTION journal_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE total numeric; n bigint; at_home boolean;
BEGIN
    -- The account is looked up for each entry: as a join, a planner without statistics may begin with the accounts and
    -- go through all their entries, for every journal.
    SELECT sum(e.amount_minor), count(*),
           bool_and(e.organization_id = NEW.organization_id
                    AND (SELECT a.organization_id = NEW.organization_id AND a.currency = NEW.currency
                         FROM ledger_account a WHERE a.id = e.account_id))
      INTO total, n, at_home
      FROM ledger_entry e WHERE e.journal_id = NEW.id;
    IF n < 2 OR total <> 0 OR NOT at_home THEN
        RAISE EXCEPTION 'journal % does not balance: % entries, sum %, one organization and currency: %',
            NEW.id, n, total, at_home USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER journal_balances AFTER INSERT ON ledger_journal
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_balances();

-- Entries come in the transaction of their journal and never later. (Entries whose journal is not there yet are
-- covered: the journal's own check and the foreign key run at commit.)
CREATE FUNCTION entry_comes_with_its_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added JOIN ledger_journal j ON j.id = added.journal_id
               WHERE j.written_in <> pg_current_xact_id()) THEN
        RAISE EXCEPTION 'entries can not be added to a journal that is written' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_comes_with_its_journal AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION entry_comes_with_its_journal();

-- A posted batch is sealed: it takes no further journal and never reopens (I-17).
CREATE FUNCTION journal_needs_an_open_batch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added JOIN ledger_batch b ON b.id = added.batch_id WHERE b.state = 'posted') THEN
        RAISE EXCEPTION 'a posted batch takes no further journal' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER journal_needs_an_open_batch AFTER INSERT ON ledger_journal
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION journal_needs_an_open_batch();
CREATE FUNCTION posted_batch_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'posted' THEN
        RAISE EXCEPTION 'a posted batch never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER posted_batch_stays BEFORE UPDATE ON ledger_batch
    FOR EACH ROW EXECUTE FUNCTION posted_batch_stays();

CREATE FUNCTION journal_needs_an_open_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added JOIN ledger_closedperiod p ON p.organization_id = added.organization_id
               WHERE p.state <> 'reopened' AND added.effective_on <= p.closed_through) THEN
        RAISE EXCEPTION 'a closed period takes no further journal' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER journal_needs_an_open_period AFTER INSERT ON ledger_journal
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION journal_needs_an_open_period();

-- What was closed, by whom and when, stays; a closing that was opened stays as it is.
CREATE FUNCTION closing_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'reopened' OR (NEW.organization_id, NEW.closed_through, NEW.closed_at, NEW.closed_by)
       IS DISTINCT FROM (OLD.organization_id, OLD.closed_through, OLD.closed_at, OLD.closed_by) THEN
        RAISE EXCEPTION 'a closing never changes, it is opened again' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER closing_stays BEFORE UPDATE ON ledger_closedperiod
    FOR EACH ROW EXECUTE FUNCTION closing_stays();
CREATE TRIGGER closing_is_never_deleted BEFORE DELETE ON ledger_closedperiod
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER export_never_changes BEFORE UPDATE OR DELETE ON ledger_bookexport
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exported_batch_never_changes BEFORE UPDATE OR DELETE ON ledger_exportedbatch
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

UNDO = """
DROP TRIGGER exported_batch_never_changes ON ledger_exportedbatch;
DROP TRIGGER export_never_changes ON ledger_bookexport;
DROP TRIGGER closing_is_never_deleted ON ledger_closedperiod;
DROP TRIGGER closing_stays ON ledger_closedperiod;
DROP TRIGGER journal_needs_an_open_period ON ledger_journal;
DROP FUNCTION closing_stays, journal_needs_an_open_period;

DROP TRIGGER posted_batch_stays ON ledger_batch;
DROP TRIGGER journal_needs_an_open_batch ON ledger_journal;
DROP TRIGGER entry_comes_with_its_journal ON ledger_entry;
DROP TRIGGER journal_balances ON ledger_journal;
DROP TRIGGER event_never_changes ON timeline_event;
DROP TRIGGER recognition_never_changes ON ledger_recognition;
DROP TRIGGER entry_never_changes ON ledger_entry;
DROP TRIGGER journal_never_changes ON ledger_journal;
DROP FUNCTION posted_batch_stays, journal_needs_an_open_batch, entry_comes_with_its_journal, journal_balances,
    refuse_change;
ALTER TABLE ledger_journal DROP COLUMN written_in;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0001_initial"),
        ("timeline", "0001_initial"),
    ]

    operations = [migrations.RunSQL(SQL, UNDO)]
