-- Evidence is write-once. One thing may still change: an erasure takes name and value away, and leaves the hash.

CREATE FUNCTION governance_evidence_is_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.name = '' AND NEW.value = '' AND to_jsonb(NEW) - 'name' - 'value'
            = to_jsonb(OLD) - 'name' - 'value' AND EXISTS (
        SELECT FROM ledger_entry WHERE xid = pg_current_xact_id() AND kind IN ('erasure.done', 'erasure.repeated')
            AND convert_from(envelope, 'UTF8')::jsonb #> '{body,evidence}' @> to_jsonb(OLD.id)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'the_record_is_only_added_to',
        HINT = 'Write a further entry that reverses the first.';
END $$;

DROP TRIGGER never_changes ON governance_evidence;
CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE ON governance_evidence
    FOR EACH ROW EXECUTE FUNCTION governance_evidence_is_erased();
ALTER TABLE governance_evidence ENABLE ALWAYS TRIGGER never_changes;

CREATE FUNCTION governance_erase_evidence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE governance_evidence SET name = '', value = '' WHERE id IN (SELECT number::bigint FROM
        jsonb_array_elements_text(convert_from(NEW.envelope, 'UTF8')::jsonb #> '{body,evidence}') AS number);
    RETURN NULL;
END $$;

CREATE TRIGGER entry_6_erases_evidence AFTER INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('erasure.done', 'erasure.repeated')) EXECUTE FUNCTION governance_erase_evidence();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_6_erases_evidence;
