-- Forecasts: what the owner of a deal said of it, what the record took back, and how its close has moved. Only the
-- insert of an entry writes these tables.

CREATE TABLE reporting_forecast (
    stream       text COLLATE "C" NOT NULL,
    entry_id     bigint NOT NULL,
    deal_id      bigint NOT NULL,
    seat_id      bigint NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('submitted', 'lowered')),
    category     text NOT NULL CHECK (category IN ('omitted', 'pipeline', 'best_case', 'commit')),
    ceiling      text NOT NULL CHECK (ceiling IN ('omitted', 'pipeline', 'best_case', 'commit')),
    probability  numeric(5, 4) NOT NULL CHECK (probability BETWEEN 0 AND 1),
    amount_minor bigint NOT NULL,
    currency     text NOT NULL,
    value_minor  bigint,
    close_on     date NOT NULL,
    period       date NOT NULL,
    unit         text NOT NULL,
    at           timestamptz NOT NULL,
    until_at     timestamptz,
    PRIMARY KEY (stream, entry_id)
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX a_deal_has_one_forecast_at_a_time ON reporting_forecast (deal_id) WHERE until_at IS NULL;
CREATE INDEX reporting_forecast_by_deal ON reporting_forecast (deal_id, at DESC);
CREATE INDEX reporting_forecast_by_seat ON reporting_forecast (seat_id, entry_id DESC);
SELECT ledger_guard('reporting_forecast', false);

CREATE TABLE reporting_push (
    stream   text COLLATE "C" NOT NULL,
    entry_id bigint NOT NULL,
    deal_id  bigint NOT NULL,
    at       timestamptz NOT NULL,
    was_on   date NOT NULL,
    now_on   date NOT NULL,
    boundary boolean NOT NULL,
    stage    text NOT NULL,
    PRIMARY KEY (stream, entry_id)
);
CREATE INDEX reporting_push_by_deal ON reporting_push (deal_id, at);
SELECT ledger_guard('reporting_push', false);

CREATE FUNCTION reporting_category_rank(category text) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT array_position(ARRAY['omitted', 'pipeline', 'best_case', 'commit'], category) $$;

-- The floor of a ceiling: a commit wants every booking milestone verified, or due inside the period with an owner.
CREATE FUNCTION reporting_is_supported(of_deal pipeline_dealstate, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (
        SELECT FROM pipeline_gaterequirement r
        LEFT JOIN ledger_standing t ON t.stream = of_deal.stream AND t.key = r.key
        WHERE r.version = of_deal.policy_version AND r.kind IN ('milestone', 'handshake', 'capacity')
          AND r.stage = (SELECT stage FROM pipeline_policystage WHERE version = of_deal.policy_version
                         ORDER BY place DESC LIMIT 1)
          AND NOT coalesce(t.effect = 'met' AND (t.valid_until IS NULL OR t.valid_until > at)
              OR r.kind <> 'capacity' AND t.effect = 'unmet' AND t.status <> 'released' AND t.function <> ''
                 AND t.due_at > at, false)) $$;

CREATE FUNCTION reporting_note_forecast() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body  jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    was   reporting_forecast;
    deal  pipeline_dealstate;
    owner bigint;
BEGIN
    SELECT * INTO deal FROM pipeline_dealstate WHERE stream = NEW.stream;
    SELECT * INTO was FROM reporting_forecast WHERE deal_id = deal.deal_id AND until_at IS NULL;
    IF reporting_category_rank(body ->> 'category') > reporting_category_rank(body ->> 'ceiling') THEN
        PERFORM pipeline_refuse('a forecast stays at or below its ceiling', 'a_forecast_stays_at_or_below_its_ceiling');
    END IF;
    IF NEW.kind = 'forecast.submitted' THEN
        SELECT person_id INTO owner FROM pipeline_seat WHERE id = deal.owner_id;
        IF NEW.actor IS DISTINCT FROM owner OR (body ->> 'seat')::bigint IS DISTINCT FROM deal.owner_id THEN
            PERFORM pipeline_refuse('a forecast is the word of the deal''s owner', 'a_forecast_is_the_word_of_the_owner');
        END IF;
        IF deal.stage IN ('lost', 'history') OR (body ->> 'amount_minor')::bigint IS DISTINCT FROM deal.amount_minor
           OR body ->> 'currency' IS DISTINCT FROM deal.currency
           OR (body ->> 'close_on')::date IS DISTINCT FROM deal.close_on THEN
            PERFORM pipeline_refuse('a forecast says what its deal says', 'a_forecast_says_what_its_deal_says');
        END IF;
        IF body ->> 'category' = 'commit' AND NOT reporting_is_supported(deal, NEW.recorded_at) THEN
            PERFORM pipeline_refuse('a commit is supported by milestones', 'a_commit_is_supported_by_milestones');
        END IF;
    ELSIF was IS NULL OR reporting_category_rank(body ->> 'category') >= reporting_category_rank(was.category) THEN
        PERFORM pipeline_refuse('only what was said is lowered', 'only_what_was_said_is_lowered');
    END IF;
    UPDATE reporting_forecast SET until_at = NEW.recorded_at WHERE deal_id = deal.deal_id AND until_at IS NULL;
    INSERT INTO reporting_forecast (stream, entry_id, deal_id, seat_id, kind, category, ceiling, probability,
            amount_minor, currency, value_minor, close_on, period, unit, at)
        VALUES (NEW.stream, NEW.id, deal.deal_id, (body ->> 'seat')::bigint, split_part(NEW.kind, '.', 2),
            body ->> 'category', body ->> 'ceiling', (body ->> 'probability')::numeric, (body ->> 'amount_minor')::bigint,
            body ->> 'currency', (body ->> 'value_minor')::bigint, (body ->> 'close_on')::date,
            date_trunc('month', (body ->> 'close_on')::date)::date, body ->> 'unit', NEW.recorded_at);
    RETURN NEW;
END $$;

CREATE TRIGGER entry_7_notes_forecasts BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('forecast.submitted', 'forecast.lowered')) EXECUTE FUNCTION reporting_note_forecast();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_7_notes_forecasts;

-- A close that moves to a later day is a push, whatever moved it. One that was taken away counts from where it stood.
CREATE FUNCTION reporting_note_push() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was date := OLD.close_on;
BEGIN
    IF was IS NULL THEN
        SELECT (convert_from(envelope, 'UTF8')::jsonb #>> '{body,after,close_on}')::date INTO was FROM ledger_entry
            WHERE stream = NEW.stream AND stage IS NOT NULL AND seq < NEW.version
              AND convert_from(envelope, 'UTF8')::jsonb #>> '{body,after,close_on}' IS NOT NULL
            ORDER BY seq DESC LIMIT 1;
    END IF;
    IF NEW.close_on > was THEN
        INSERT INTO reporting_push (stream, entry_id, deal_id, at, was_on, now_on, boundary, stage)
            VALUES (NEW.stream, NEW.entry_id, NEW.deal_id, (SELECT at FROM ledger_stream WHERE id = NEW.stream), was,
                NEW.close_on, date_trunc('month', was) < date_trunc('month', NEW.close_on), NEW.stage);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER pushes_are_noted AFTER UPDATE ON pipeline_dealstate
    FOR EACH ROW WHEN (NEW.close_on IS DISTINCT FROM OLD.close_on AND NEW.close_on IS NOT NULL)
    EXECUTE FUNCTION reporting_note_push();
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER pushes_are_noted;
