-- A month is not closed while promise, plan and books part beyond what the policy in force allows at a closing.

CREATE OR REPLACE FUNCTION reporting_count_breaks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    spot    text := substring(NEW.stream FROM '^period/([0-9]{4}-(0[1-9]|1[0-2]))$');
    apart   numeric;
    allowed numeric;
BEGIN
    IF spot IS NULL THEN
        RETURN NEW;  -- reporting_move_period refuses it
    END IF;
    SELECT coalesce(sum(amount_minor), 0) INTO apart FROM governance_break
        WHERE cleared_at IS NULL AND month < (spot || '-01')::date + interval '1 month';
    SELECT trunc((said ->> 'value')::numeric) INTO allowed FROM (SELECT document FROM pipeline_policyversion
            WHERE published_at <= NEW.recorded_at ORDER BY version DESC LIMIT 1) AS newest,
        jsonb_array_elements(newest.document -> 'thresholds') AS said WHERE said ->> 'key' = 'breaks-at-close';
    IF apart > coalesce(allowed, 0) THEN
        PERFORM pipeline_refuse(format('promise, plan and books of %s do not agree', spot),
            'a_period_is_closed_when_its_breaks_are_mended');
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER entry_6_counts_breaks BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind = 'period.closed') EXECUTE FUNCTION reporting_count_breaks();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_6_counts_breaks;
