-- How deals stood: one row for each while in which a deal stood alike, by stage, unit, owner, expected close, value and
-- what it would deliver. What was so at a moment is then found by an index, and not folded deal by deal.

CREATE TABLE pipeline_stay (
    stream          text COLLATE "C" NOT NULL,
    from_entry      bigint NOT NULL,
    deal_id         bigint NOT NULL,
    stage           text NOT NULL,
    unit            text NOT NULL,
    owner_id        bigint NOT NULL,
    close_on        date,
    value_minor     bigint,
    entered_at      timestamptz NOT NULL, -- the stage
    delivers        bigint, -- units a month; empty, as the two below, while the deal does not say all three
    delivers_from   date, -- the first of a month
    delivers_months integer,
    from_at         timestamptz NOT NULL,
    until_at        timestamptz,
    until_entry     bigint,
    PRIMARY KEY (stream, from_entry)
) WITH (fillfactor = 85);

-- What a deal asks for: units a month, from a month on, for so many months.
CREATE FUNCTION pipeline_delivers(inputs jsonb, start_on date) RETURNS TABLE (units bigint, first date, months integer)
LANGUAGE sql IMMUTABLE AS $$
    SELECT said.units, date_trunc('month', start_on::timestamp)::date, said.months
    FROM (SELECT CASE jsonb_typeof(inputs -> 'delivery_units') WHEN 'number'
                THEN (inputs ->> 'delivery_units')::numeric::bigint END AS units,
            CASE jsonb_typeof(inputs -> 'delivery_months') WHEN 'number'
                THEN least((inputs ->> 'delivery_months')::numeric, 120)::integer END AS months) AS said
    WHERE said.units > 0 AND said.months > 0 AND start_on IS NOT NULL $$;

CREATE FUNCTION pipeline_note_stay() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asks   record;
    moment timestamptz;
BEGIN
    SELECT units, first, months INTO asks FROM pipeline_delivers(NEW.inputs, NEW.start_on);
    UPDATE pipeline_stay SET until_entry = NEW.entry_id, until_at = (SELECT at FROM ledger_stream WHERE id = NEW.stream)
        WHERE stream = NEW.stream AND until_entry IS NULL
          AND (stage, unit, owner_id, close_on, value_minor, delivers, delivers_from, delivers_months) IS DISTINCT FROM
            (NEW.stage, NEW.unit, NEW.owner_id, NEW.close_on, NEW.value_minor, asks.units, asks.first, asks.months)
        RETURNING until_at INTO moment;
    IF FOUND THEN
        INSERT INTO pipeline_stay (stream, from_entry, deal_id, stage, unit, owner_id, close_on, value_minor, entered_at,
                delivers, delivers_from, delivers_months, from_at)
            VALUES (NEW.stream, NEW.entry_id, NEW.deal_id, NEW.stage, NEW.unit, NEW.owner_id, NEW.close_on, NEW.value_minor,
                NEW.stage_entered_at, asks.units, asks.first, asks.months, moment);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stays_are_noted AFTER UPDATE ON pipeline_dealstate FOR EACH ROW WHEN (NEW.stage IS DISTINCT FROM OLD.stage
        OR NEW.unit IS DISTINCT FROM OLD.unit OR NEW.owner_id IS DISTINCT FROM OLD.owner_id
        OR NEW.close_on IS DISTINCT FROM OLD.close_on OR NEW.value_minor IS DISTINCT FROM OLD.value_minor
        OR NEW.start_on IS DISTINCT FROM OLD.start_on OR NEW.inputs IS DISTINCT FROM OLD.inputs)
    EXECUTE FUNCTION pipeline_note_stay();
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER stays_are_noted;

CREATE FUNCTION pipeline_note_first_stays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO pipeline_stay (stream, from_entry, deal_id, stage, unit, owner_id, close_on, value_minor, entered_at,
            delivers, delivers_from, delivers_months, from_at)
        SELECT f.stream, f.entry_id, f.deal_id, f.stage, f.unit, f.owner_id, f.close_on, f.value_minor, f.stage_entered_at,
            d.units, d.first, d.months, f.stage_entered_at
        FROM fresh f LEFT JOIN LATERAL pipeline_delivers(f.inputs, f.start_on) AS d ON true;
    RETURN NULL;
END $$;
CREATE TRIGGER first_stays_are_noted AFTER INSERT ON pipeline_dealstate REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION pipeline_note_first_stays();
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER first_stays_are_noted;

CREATE VIEW ledger_past.pipeline_stay AS
    SELECT stream, from_entry, deal_id, stage, unit, owner_id, close_on, value_minor, entered_at, delivers, delivers_from,
        delivers_months, from_at,
        CASE WHEN until_at <= (SELECT ledger_past.ledger_now()) THEN until_at END AS until_at,
        CASE WHEN until_at <= (SELECT ledger_past.ledger_now()) THEN until_entry END AS until_entry
    FROM public.pipeline_stay WHERE from_at <= (SELECT ledger_past.ledger_now());
GRANT SELECT ON ledger_past.pipeline_stay TO ledger_app;
