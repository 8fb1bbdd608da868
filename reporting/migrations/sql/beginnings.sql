-- Passages once more: those of deals that begin are written once a statement, and a move reads its moment from the state.

CREATE OR REPLACE FUNCTION reporting_note_passage() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE reporting_passage SET left_at = NEW.stage_entered_at, to_stage = NEW.stage, left_entry = NEW.entry_id
        WHERE stream = NEW.stream AND left_at IS NULL;
    INSERT INTO reporting_passage (stream, entry_id, deal_id, stage, unit, close_on, entered_at)
        VALUES (NEW.stream, NEW.entry_id, NEW.deal_id, NEW.stage, NEW.unit, NEW.close_on, NEW.stage_entered_at);
    RETURN NULL;
END $$;

CREATE FUNCTION reporting_note_beginnings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO reporting_passage (stream, entry_id, deal_id, stage, unit, close_on, entered_at)
        SELECT stream, entry_id, deal_id, stage, unit, close_on, stage_entered_at FROM fresh;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER beginnings_are_noted AFTER INSERT ON pipeline_dealstate REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION reporting_note_beginnings();
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER beginnings_are_noted;
