-- Forecasts as they stood 90, 60 and 30 days before a period and at its start, and what managers made of them. The rows of
-- a snapshot are those of reporting_forecast, which only grows; its digest says that they are still the same.

CREATE TABLE reporting_lock (
    stream   text COLLATE "C" NOT NULL,
    horizon  integer NOT NULL CHECK (horizon IN (0, 30, 60, 90)),
    period   date NOT NULL,
    entry_id bigint NOT NULL,
    taken_of timestamptz NOT NULL,
    deals    bigint NOT NULL,
    digest   text NOT NULL,
    sums     jsonb NOT NULL,
    PRIMARY KEY (stream, horizon)
);
CREATE INDEX reporting_lock_by_period ON reporting_lock (period, horizon);
SELECT ledger_guard('reporting_lock', false);

CREATE TABLE reporting_call (
    stream          text COLLATE "C" NOT NULL,
    entry_id        bigint NOT NULL,
    period          date NOT NULL,
    unit            text NOT NULL,
    seat_id         bigint NOT NULL,
    week            date NOT NULL,
    commit_minor    bigint NOT NULL,
    best_case_minor bigint NOT NULL,
    rolled_up       jsonb NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (stream, entry_id)
);
CREATE INDEX reporting_call_by_period ON reporting_call (period, unit, entry_id DESC);
SELECT ledger_guard('reporting_call', false);

-- What was in force of a period at a moment, one line a deal in the order of deals.
CREATE FUNCTION reporting_locked(of_period date, moment timestamptz) RETURNS TABLE (deals bigint, digest text)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(format('%s %s %s %s %s', deal_id, seat_id, category,
        probability, coalesce(value_minor::text, '-')), E'\n' ORDER BY deal_id), ''), 'UTF8')), 'hex')
    FROM reporting_forecast WHERE period = of_period AND at <= moment AND (until_at IS NULL OR until_at > moment) $$;

CREATE FUNCTION reporting_keep_lock() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body   jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    of     date := to_date(substring(NEW.stream FROM '^forecast/([0-9]{4}-[0-9]{2})$'), 'YYYY-MM');
    moment timestamptz := ledger_moment(body ->> 'taken_of');
    found  record;
BEGIN
    IF of IS NULL THEN
        PERFORM pipeline_refuse(format('%s is no stream of a month', NEW.stream), 'a_stream_of_forecasts_bears_its_month');
    END IF;
    IF NEW.kind = 'snapshot.locked' THEN
        SELECT * INTO found FROM reporting_locked(of, moment);
        IF moment > NEW.recorded_at OR found.digest IS DISTINCT FROM body ->> 'digest'
           OR found.deals IS DISTINCT FROM (body ->> 'deals')::bigint THEN
            PERFORM pipeline_refuse('a snapshot keeps what stood at its moment', 'a_snapshot_keeps_what_stood_at_its_moment');
        END IF;
        INSERT INTO reporting_lock (stream, horizon, period, entry_id, taken_of, deals, digest, sums)
            VALUES (NEW.stream, (body ->> 'horizon')::integer, of, NEW.id, moment, found.deals, found.digest, body -> 'sums');
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT FROM pipeline_seat s WHERE s.id = (body ->> 'seat')::bigint AND s.person_id = NEW.actor
            AND s.function = 'sales' AND s.role = 'manager' AND (s.unit IS NULL OR s.unit = body ->> 'unit')
            AND s.from_at <= NEW.recorded_at AND (s.until_at IS NULL OR s.until_at > NEW.recorded_at)) THEN
        PERFORM pipeline_refuse('a roll-up is judged by the sales manager of its unit',
            'a_roll_up_is_judged_by_its_manager');
    END IF;
    INSERT INTO reporting_call (stream, entry_id, period, unit, seat_id, week, commit_minor, best_case_minor, rolled_up, at)
        VALUES (NEW.stream, NEW.id, of, body ->> 'unit', (body ->> 'seat')::bigint, (body ->> 'week')::date,
            (body ->> 'commit_minor')::bigint, (body ->> 'best_case_minor')::bigint, body -> 'rolled_up', NEW.recorded_at);
    RETURN NEW;
END $$;
CREATE TRIGGER entry_7_keeps_locks BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.stream LIKE 'forecast/%') EXECUTE FUNCTION reporting_keep_lock();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_7_keeps_locks;
