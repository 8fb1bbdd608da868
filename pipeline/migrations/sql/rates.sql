-- A rate is the company's: finance publishes it, from a seat that covers every unit; the system itself may too.

CREATE OR REPLACE FUNCTION pipeline_keep_rates() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.actor <> 0 AND NOT EXISTS (SELECT FROM pipeline_seat WHERE person_id = NEW.actor AND function = 'finance'
            AND unit IS NULL AND from_at <= NEW.recorded_at AND (until_at IS NULL OR until_at > NEW.recorded_at)) THEN
        PERFORM pipeline_refuse('a rate is published by finance', 'a_rate_is_published_by_finance');
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER entry_2_keeps_rates BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind = 'rate.published') EXECUTE FUNCTION pipeline_keep_rates();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_2_keeps_rates;
