-- As in plans.sql, with handshakes: either side names another day, for one owes the offer and the other the answer.

CREATE OR REPLACE FUNCTION governance_keep_plans() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_standing s JOIN pipeline_dealstate d ON d.stream = s.stream
            WHERE s.stream = NEW.stream AND s.key = said #>> '{body,key}' AND s.requirement = split_part(NEW.kind, '.', 1)
              AND (pipeline_holds_function(NEW.actor, s.function, d.unit, NEW.recorded_at)
                OR s.requirement = 'handshake' AND pipeline_holds_function(NEW.actor,
                    CASE s.function WHEN 'sales' THEN 'operations' ELSE 'sales' END, d.unit, NEW.recorded_at))) THEN
        PERFORM pipeline_refuse('a plan is moved by the function that owes it', 'a_plan_is_moved_by_its_function');
    END IF;
    IF NOT said -> 'private' @> '[{"name": "note"}]' THEN
        PERFORM pipeline_refuse('a plan moves with its reason', 'a_plan_moves_with_its_reason');
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER entry_4_keeps_plans BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('milestone.replanned', 'handshake.replanned')) EXECUTE FUNCTION governance_keep_plans();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_plans;
