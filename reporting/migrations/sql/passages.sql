-- How deals pass through stages: one row a visit, with the close that was expected on entering. Cohorts, cycle times and
-- what deals still slip are read here. A forecast ends when its deal is booked or lost.

CREATE TABLE reporting_passage (
    stream     text COLLATE "C" NOT NULL,
    entry_id   bigint NOT NULL,
    deal_id    bigint NOT NULL,
    stage      text NOT NULL,
    unit       text NOT NULL,
    close_on   date,
    entered_at timestamptz NOT NULL,
    left_at    timestamptz,
    to_stage   text,
    left_entry bigint,
    PRIMARY KEY (stream, entry_id)
) WITH (fillfactor = 85);
CREATE INDEX reporting_passage_by_stage ON reporting_passage (stage, entered_at) INCLUDE (deal_id, unit, left_at, to_stage);
CREATE INDEX reporting_passage_by_deal ON reporting_passage (deal_id, entered_at);
CREATE INDEX reporting_forecast_by_period ON reporting_forecast (period, at);
CREATE INDEX reporting_forecast_in_force ON reporting_forecast (deal_id) INCLUDE (category, probability)
    WHERE until_at IS NULL AND category <> 'pipeline';

CREATE FUNCTION reporting_note_passage() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moment timestamptz;
BEGIN
    SELECT at INTO moment FROM ledger_stream WHERE id = NEW.stream;
    IF TG_OP = 'UPDATE' THEN
        UPDATE reporting_passage SET left_at = moment, to_stage = NEW.stage, left_entry = NEW.entry_id
            WHERE stream = NEW.stream AND left_at IS NULL;
    END IF;
    INSERT INTO reporting_passage (stream, entry_id, deal_id, stage, unit, close_on, entered_at)
        VALUES (NEW.stream, NEW.entry_id, NEW.deal_id, NEW.stage, NEW.unit, NEW.close_on, moment);
    RETURN NULL;
END $$;
CREATE TRIGGER passages_are_noted AFTER UPDATE ON pipeline_dealstate
    FOR EACH ROW WHEN (NEW.stage IS DISTINCT FROM OLD.stage) EXECUTE FUNCTION reporting_note_passage();
CREATE TRIGGER beginnings_are_noted AFTER INSERT ON pipeline_dealstate
    FOR EACH ROW EXECUTE FUNCTION reporting_note_passage();
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER passages_are_noted;
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER beginnings_are_noted;

CREATE FUNCTION reporting_end_forecast() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE reporting_forecast SET until_at = NEW.recorded_at
        WHERE deal_id = substring(NEW.stream FROM '^deal/([0-9]+)$')::bigint AND until_at IS NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER entry_7_ends_forecasts BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('booking.recorded', 'deal.lost')) EXECUTE FUNCTION reporting_end_forecast();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_7_ends_forecasts;

-- What the record already holds: every entry that states a deal, in order.
INSERT INTO reporting_passage (stream, entry_id, deal_id, stage, unit, close_on, entered_at, left_at, to_stage, left_entry)
SELECT stream, id, split_part(stream, '/', 2)::bigint, stage, after ->> 'unit', (after ->> 'close_on')::date, recorded_at,
    lead(recorded_at) OVER visits, lead(stage) OVER visits, lead(id) OVER visits
FROM (SELECT *, lag(stage) OVER (PARTITION BY stream ORDER BY seq) AS before,
        convert_from(envelope, 'UTF8')::jsonb #> '{body,after}' AS after
      FROM ledger_entry WHERE stage IS NOT NULL AND stream LIKE 'deal/%') AS said
WHERE before IS DISTINCT FROM stage
WINDOW visits AS (PARTITION BY stream ORDER BY seq);
SELECT ledger_guard('reporting_passage', false);

ALTER TABLE reporting_push DISABLE TRIGGER never_changes;
INSERT INTO reporting_push (stream, entry_id, deal_id, at, was_on, now_on, boundary, stage)
SELECT stream, id, split_part(stream, '/', 2)::bigint, recorded_at, was_on, now_on,
    date_trunc('month', was_on) < date_trunc('month', now_on), stage
FROM (SELECT *, lag(now_on) OVER (PARTITION BY stream ORDER BY seq) AS was_on
      FROM (SELECT stream, id, seq, recorded_at, stage,
                (convert_from(envelope, 'UTF8')::jsonb #>> '{body,after,close_on}')::date AS now_on
            FROM ledger_entry WHERE stage IS NOT NULL AND stream LIKE 'deal/%') AS said
      WHERE now_on IS NOT NULL) AS moved
WHERE now_on > was_on ON CONFLICT DO NOTHING;
ALTER TABLE reporting_push ENABLE ALWAYS TRIGGER never_changes;
