-- Erasing: the insert of an entry deletes the texts that it names, and nothing else may. One asks, another does it.

CREATE FUNCTION ledger_erase() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body  jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    asked bigint;
BEGIN
    IF NEW.kind = 'erasure.done' THEN
        SELECT actor INTO asked FROM ledger_entry
            WHERE stream = NEW.stream AND seq = 1 AND kind = 'erasure.requested';
        IF asked IS NULL OR asked = NEW.actor OR NEW.actor = 0 THEN
            RAISE EXCEPTION 'an erasure is requested by one person and carried out by another'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'an_erasure_takes_two_people';
        END IF;
    ELSIF NEW.actor <> 0 THEN
        RAISE EXCEPTION 'only the system repeats an erasure'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'the_system_repeats_an_erasure';
    END IF;
    DELETE FROM ledger_private_value
        WHERE id IN (SELECT text::uuid FROM jsonb_array_elements_text(body -> 'values') AS text);
    RETURN NEW;
END $$;

CREATE TRIGGER entry_5_erases BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('erasure.done', 'erasure.repeated')) EXECUTE FUNCTION ledger_erase();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_5_erases;
