-- The proof of an attempt stays as it is, but for the receiver's words: those may hold a person, and are erased with them.
CREATE FUNCTION governance_keep_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.detail = '' AND to_jsonb(NEW) - 'detail' = to_jsonb(OLD) - 'detail' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'an_attempt_stays_but_for_words_that_are_erased';
END $$;

DROP TRIGGER never_changes ON governance_attempt;
CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE ON governance_attempt
    FOR EACH ROW EXECUTE FUNCTION governance_keep_attempt();
ALTER TABLE governance_attempt ENABLE ALWAYS TRIGGER never_changes;
