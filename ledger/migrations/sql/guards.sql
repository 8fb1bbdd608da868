-- Refusals that hold for everybody, the owner of the tables included, and under session_replication_role too.

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'the_record_is_only_added_to',
        HINT = 'Write a further entry that reverses the first.';
END $$;

-- Tables that only the insert of an entry may write: a trigger of an entry runs at depth 1, their own guard at 2.
CREATE FUNCTION ledger_only_by_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 OR TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '% on % is refused: only the insert of an entry moves it', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'state_moves_only_by_an_entry';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ledger_guard(guarded text, append_only boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF append_only THEN
        EXECUTE format('CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE ON %I
            FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()', guarded);
    ELSE
        EXECUTE format('CREATE TRIGGER never_changes BEFORE INSERT OR UPDATE OR DELETE ON %I
            FOR EACH ROW EXECUTE FUNCTION ledger_only_by_entry()', guarded);
    END IF;
    EXECUTE format('CREATE TRIGGER never_empties BEFORE TRUNCATE ON %I
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()', guarded);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER never_changes', guarded);
    EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER never_empties', guarded);
END $$;
REVOKE EXECUTE ON FUNCTION ledger_guard(text, boolean) FROM PUBLIC;

SELECT ledger_guard('ledger_entry', true);
SELECT ledger_guard('ledger_posting', false);
SELECT ledger_guard('ledger_stream', false);
SELECT ledger_guard('ledger_standing', false);
