-- The same checks in fewer statements: each one that a trigger executes costs more than what it looks at.

CREATE OR REPLACE FUNCTION ledger_extend_stream() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    bytes  text := convert_from(NEW.envelope, 'UTF8');
    said   jsonb;
    body   jsonb;
    place  text;
    was    ledger_stream;
    now    timestamptz;
BEGIN
    IF NOT bytes IS JSON OBJECT WITH UNIQUE KEYS THEN
        RAISE EXCEPTION 'an envelope is one JSON object that repeats no key' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'an_envelope_is_one_object_that_repeats_no_key';
    END IF;
    said := bytes::jsonb;
    body := said -> 'body';
    -- What the offline verifier would call malformed is refused here. The order of keys is left to it.
    IF NOT said ?& ledger_envelope_fields() OR said - ledger_envelope_fields() <> '{}' OR said -> 'v' <> '1'
       OR jsonb_typeof(said -> 'seq') <> 'number' OR jsonb_typeof(said -> 'at') <> 'number'
       OR jsonb_typeof(said -> 'effective') <> 'number' OR jsonb_typeof(said -> 'actor') <> 'number'
       OR jsonb_typeof(said -> 'on_behalf') NOT IN ('number', 'null') OR jsonb_typeof(body) <> 'object'
       OR jsonb_typeof(said -> 'private') <> 'array' OR jsonb_typeof(said -> 'evidence') <> 'array'
       OR coalesce(said ->> 'channel', '') NOT IN ('web', 'api', 'import', 'bulk', 'admin', 'task', 'shell') THEN
        RAISE EXCEPTION 'an envelope has exactly its fields' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'an_envelope_has_exactly_its_fields';
    END IF;
    IF bytes ~ ledger_inexact() AND regexp_replace(bytes, '"([^"\\]|\\.)*"', '', 'g') ~ ledger_inexact() THEN
        RAISE EXCEPTION 'an envelope holds whole numbers within 2^53 only' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'an_envelope_holds_whole_numbers_only';
    END IF;
    NEW.xid          := pg_current_xact_id();
    NEW.stream       := said ->> 'stream';
    NEW.seq          := (said ->> 'seq')::integer;
    NEW.kind         := said ->> 'kind';
    NEW.actor        := (said ->> 'actor')::bigint;
    -- As ledger_moment has it, which is called from here with the weight of a statement of its own.
    NEW.recorded_at  := timestamptz '1970-01-01 00:00:00+00' + (said ->> 'at')::bigint * interval '1 microsecond';
    NEW.effective_at := timestamptz '1970-01-01 00:00:00+00' + (said ->> 'effective')::bigint * interval '1 microsecond';
    NEW.stage        := body #>> '{after,stage}';
    NEW.amount_minor := (body #>> '{after,amount_minor}')::bigint;
    NEW.currency     := body #>> '{after,currency}';
    NEW.owner        := (body #>> '{after,owner}')::bigint;

    -- The clock is that of ledger_now().
    SELECT kind.stream, clock_timestamp() + clock.ahead INTO place, now
        FROM ledger_clock clock LEFT JOIN ledger_kind kind ON kind.name = NEW.kind;
    IF place IS NULL THEN
        RAISE EXCEPTION 'the record has no kind %', NEW.kind USING ERRCODE = 'check_violation',
            CONSTRAINT = 'an_entry_is_of_a_known_kind';
    END IF;
    IF split_part(NEW.stream, '/', 1) IS DISTINCT FROM place THEN
        RAISE EXCEPTION '% does not stand in the stream %', NEW.kind, NEW.stream USING ERRCODE = 'check_violation',
            CONSTRAINT = 'a_kind_stands_in_its_stream';
    END IF;
    IF now IS NULL OR NEW.recorded_at NOT BETWEEN now - interval '5 seconds' AND now + interval '5 seconds' THEN
        RAISE EXCEPTION 'an entry is recorded at the time of the database: % is more than 5 s away', NEW.recorded_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_entry_is_recorded_now';
    END IF;

    -- The lock is the chain is the version: one statement takes the lock, extends the chain and refuses a fork.
    IF NEW.seq > 1 THEN
        UPDATE ledger_stream SET version = NEW.seq, head = sha256('\x00'::bytea || NEW.envelope), at = NEW.recorded_at
            WHERE id = NEW.stream AND version = NEW.seq - 1 AND encode(head, 'hex') = said ->> 'prev'
              AND at < NEW.recorded_at;
        IF FOUND THEN
            RETURN NEW;
        END IF;
    ELSIF said ->> 'prev' = repeat('0', 64) THEN
        -- A stream that another transaction begins at this moment: waits for that one, then has moved on.
        INSERT INTO ledger_stream (id, version, head, at)
            VALUES (NEW.stream, NEW.seq, sha256('\x00'::bytea || NEW.envelope), NEW.recorded_at) ON CONFLICT (id) DO NOTHING;
        IF FOUND THEN
            RETURN NEW;
        END IF;
    END IF;
    SELECT * INTO was FROM ledger_stream WHERE id = NEW.stream FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% does not begin with entry %', NEW.stream, NEW.seq USING ERRCODE = 'serialization_failure';
    ELSIF NEW.seq = was.version + 1 AND said ->> 'prev' = encode(was.head, 'hex') AND NEW.recorded_at <= was.at THEN
        RAISE EXCEPTION 'time runs forward in %', NEW.stream USING ERRCODE = 'check_violation',
            CONSTRAINT = 'time_runs_forward_in_a_stream';
    END IF;
    RAISE EXCEPTION '% has moved on to entry %', NEW.stream, was.version USING ERRCODE = 'serialization_failure';
END $$;

CREATE OR REPLACE FUNCTION ledger_write_postings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    postings jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb #> '{body,postings}';
    crooked  text;
    months   date[]; -- that may be closed
    carried  boolean;
BEGIN
    IF postings IS NULL OR jsonb_array_length(postings) = 0 THEN
        RETURN NULL;
    END IF;
    IF split_part(NEW.stream, '/', 1) <> 'deal' AND jsonb_path_exists(postings, '$[*] ? (@.book == "bookings")') THEN
        RAISE EXCEPTION 'only entries of a deal move value' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'only_a_deal_moves_value';
    END IF;
    SELECT line ->> 'book' INTO crooked FROM jsonb_array_elements(postings) AS line
        GROUP BY line ->> 'book', line ->> 'currency' HAVING sum((line ->> 'amount')::bigint) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the postings of an entry in book % do not sum to zero', crooked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'postings_sum_to_zero';
    END IF;
    WITH written AS (
        INSERT INTO ledger_posting (entry_id, recorded_at, book, place, period, unit, deal_id, seat_id, amount, currency,
                cause, relates_to)
            SELECT NEW.id, NEW.recorded_at, p.book, p.place, p.period, p.unit, p.deal, p.seat, p.amount, p.currency,
                p.cause, p.relates_to
            FROM jsonb_to_recordset(postings) AS p (book text, place text, period date, unit text, deal bigint,
                seat bigint, amount bigint, currency text, cause text, relates_to date)
            RETURNING period, relates_to, book
    )
    SELECT array_agg(DISTINCT period), bool_or(relates_to IS NOT NULL) INTO months, carried FROM written
        WHERE book <> 'capacity' AND (period <= NEW.recorded_at::date + 1 OR relates_to IS NOT NULL);
    IF months IS NULL THEN
        RETURN NULL;
    END IF;
    -- First the locks, then the look: whoever closed one of these months meanwhile has committed, or waits for us.
    PERFORM pg_advisory_xact_lock_shared(727017, ledger_period_key(m)) FROM unnest(months) AS m;
    IF carried OR EXISTS (SELECT FROM ledger_period p WHERE p.month = ANY (months) AND p.closed_at IS NOT NULL) THEN
        PERFORM ledger_check_periods(postings, NEW.recorded_at);
    END IF;
    RETURN NULL;
END $$;
