-- What the record says last of the revenue of a deal, and on which day time alone makes something else of it. Only the
-- insert of an entry writes it.

CREATE TABLE reporting_revenue (
    stream    text COLLATE "C" PRIMARY KEY,
    deal_id   bigint NOT NULL UNIQUE REFERENCES pipeline_deal (id),
    state     text NOT NULL CHECK (state IN ('scheduled', 'unbooked', 'cancelled')),
    through   date,
    look_on   date,
    agreed_id bigint NOT NULL, -- the entry that said what was agreed
    entry_id  bigint NOT NULL  -- the newest one
);
CREATE INDEX reporting_revenue_by_look ON reporting_revenue (look_on, deal_id) WHERE look_on IS NOT NULL;
SELECT ledger_guard('reporting_revenue', false);

CREATE FUNCTION reporting_keep_revenue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body   jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    agreed bigint := NEW.id;
    -- The latest day that has begun anywhere on earth.
    today  date := ((NEW.recorded_at AT TIME ZONE 'UTC') + interval '14 hours')::date;
BEGIN
    IF EXISTS (SELECT FROM jsonb_array_elements(coalesce(body -> 'postings', '[]')) AS line
            WHERE line ->> 'place' = 'recognised' AND (line ->> 'period')::date > today) THEN
        PERFORM pipeline_refuse('revenue is recognised when its days have passed', 'revenue_is_recognised_when_delivered');
    END IF;
    IF NEW.kind <> 'revenue.scheduled' THEN
        SELECT agreed_id INTO agreed FROM reporting_revenue WHERE stream = NEW.stream;
    END IF;
    IF agreed IS NULL THEN
        PERFORM pipeline_refuse('revenue varies from what was agreed', 'revenue_varies_from_what_was_agreed');
    END IF;
    INSERT INTO reporting_revenue (stream, deal_id, state, through, look_on, agreed_id, entry_id)
        VALUES (NEW.stream, split_part(NEW.stream, '/', 2)::bigint, body ->> 'state', (body ->> 'through')::date,
            (body ->> 'look_on')::date, agreed, NEW.id)
        ON CONFLICT (stream) DO UPDATE SET state = excluded.state, through = excluded.through, look_on = excluded.look_on,
            agreed_id = excluded.agreed_id, entry_id = excluded.entry_id;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_7_keeps_revenue BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('revenue.scheduled', 'revenue.recognised', 'variance.recorded'))
    EXECUTE FUNCTION reporting_keep_revenue();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_7_keeps_revenue;

CREATE VIEW ledger_past.reporting_revenue AS
    SELECT r.stream, r.deal_id, said.body ->> 'state' AS state, (said.body ->> 'through')::date AS through,
        (said.body ->> 'look_on')::date AS look_on, agreed.id AS agreed_id, said.id AS entry_id
    FROM public.reporting_revenue r
    CROSS JOIN LATERAL (
        SELECT id, convert_from(envelope, 'UTF8')::jsonb -> 'body' AS body FROM public.ledger_entry
        WHERE stream = r.stream AND kind IN ('revenue.scheduled', 'revenue.recognised', 'variance.recorded')
            AND recorded_at <= ledger_past.ledger_now() ORDER BY seq DESC LIMIT 1
    ) AS said
    CROSS JOIN LATERAL (
        SELECT id FROM public.ledger_entry WHERE stream = r.stream AND kind = 'revenue.scheduled'
            AND recorded_at <= ledger_past.ledger_now() ORDER BY seq DESC LIMIT 1
    ) AS agreed;
GRANT SELECT ON ledger_past.reporting_revenue TO ledger_app;
