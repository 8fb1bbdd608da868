-- The only door. An insert of bytes extends its stream's chain; every column is read out of those bytes,
-- so a column can never say something else than what was hashed.

CREATE FUNCTION ledger_moment(microseconds text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS
$$ SELECT timestamptz '1970-01-01 00:00:00+00' + microseconds::bigint * interval '1 microsecond' $$;

CREATE FUNCTION ledger_envelope_fields() RETURNS text[] LANGUAGE sql IMMUTABLE AS
$$ SELECT ARRAY['v', 'stream', 'seq', 'prev', 'kind', 'at', 'effective', 'actor', 'on_behalf', 'channel', 'policy',
                'request', 'body', 'evidence', 'private'] $$;

-- A number with a point or an exponent, or one too long for 2^53; also inside texts, which are then looked at again.
CREATE FUNCTION ledger_inexact() RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT '[:,\[]\s*-?[0-9]+[.eE]|[:,\[]\s*-?[0-9]{17}' $$;

CREATE FUNCTION ledger_extend_stream() RETURNS trigger
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
    NEW.recorded_at  := ledger_moment(said ->> 'at');
    NEW.effective_at := ledger_moment(said ->> 'effective');
    NEW.stage        := body #>> '{after,stage}';
    NEW.amount_minor := (body #>> '{after,amount_minor}')::bigint;
    NEW.currency     := body #>> '{after,currency}';
    NEW.owner        := (body #>> '{after,owner}')::bigint;

    SELECT stream INTO place FROM ledger_kind WHERE name = NEW.kind;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the record has no kind %', NEW.kind USING ERRCODE = 'check_violation',
            CONSTRAINT = 'an_entry_is_of_a_known_kind';
    END IF;
    IF split_part(NEW.stream, '/', 1) IS DISTINCT FROM place THEN
        RAISE EXCEPTION '% does not stand in the stream %', NEW.kind, NEW.stream USING ERRCODE = 'check_violation',
            CONSTRAINT = 'a_kind_stands_in_its_stream';
    END IF;
    now := ledger_now();
    IF NEW.recorded_at NOT BETWEEN now - interval '5 seconds' AND now + interval '5 seconds' THEN
        RAISE EXCEPTION 'an entry is recorded at the time of the database: % is more than 5 s away', NEW.recorded_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_entry_is_recorded_now';
    END IF;

    -- The lock is the chain is the version: one update takes the lock, extends the chain and refuses a fork.
    IF NEW.seq > 1 THEN
        UPDATE ledger_stream SET version = NEW.seq, head = sha256('\x00'::bytea || NEW.envelope), at = NEW.recorded_at
            WHERE id = NEW.stream AND version = NEW.seq - 1 AND encode(head, 'hex') = said ->> 'prev'
              AND at < NEW.recorded_at;
        IF FOUND THEN
            RETURN NEW;
        END IF;
    END IF;
    SELECT * INTO was FROM ledger_stream WHERE id = NEW.stream FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        IF NEW.seq <> 1 OR said ->> 'prev' IS DISTINCT FROM repeat('0', 64) THEN
            RAISE EXCEPTION '% does not begin with entry %', NEW.stream, NEW.seq USING ERRCODE = 'serialization_failure';
        END IF;
        -- A stream that another transaction begins at this moment: unique_violation, the caller tries again.
        INSERT INTO ledger_stream (id, version, head, at)
            VALUES (NEW.stream, 1, sha256('\x00'::bytea || NEW.envelope), NEW.recorded_at);
    ELSIF NEW.seq = was.version + 1 AND said ->> 'prev' = encode(was.head, 'hex') AND NEW.recorded_at <= was.at THEN
        RAISE EXCEPTION 'time runs forward in %', NEW.stream USING ERRCODE = 'check_violation',
            CONSTRAINT = 'time_runs_forward_in_a_stream';
    ELSE
        RAISE EXCEPTION '% has moved on to entry %', NEW.stream, was.version USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ledger_move_standing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body jsonb;
    what ledger_kind;
BEGIN
    SELECT * INTO what FROM ledger_kind WHERE name = NEW.kind;
    IF what.effect IS NULL THEN
        RETURN NEW;
    END IF;
    body := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    -- A milestone is not attested, and no other act than a waiver speaks for another sort of requirement.
    IF coalesce(body ->> 'key', '') = '' OR (split_part(NEW.kind, '.', 1) IN ('milestone', 'attestation', 'approval')
            AND body ->> 'requirement' IS DISTINCT FROM split_part(NEW.kind, '.', 1)) THEN
        RAISE EXCEPTION '% does not speak for a requirement of kind %', NEW.kind, body ->> 'requirement'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_kind_speaks_for_its_own_requirement';
    END IF;
    INSERT INTO ledger_standing AS held (stream, key, requirement, effect, status, entry_id, actor, at, function,
            preparer, start_by, due_at, valid_until, facts)
        VALUES (NEW.stream, body ->> 'key', body ->> 'requirement', what.effect, what.status, NEW.id, NEW.actor,
            NEW.recorded_at, coalesce(body ->> 'function', ''),
            CASE WHEN what.status = 'submitted' THEN NEW.actor END,
            ledger_moment(body ->> 'start_by'), ledger_moment(body ->> 'due'), ledger_moment(body ->> 'valid_until'),
            coalesce(body -> 'facts', '{}'))
        ON CONFLICT (stream, key) DO UPDATE SET
            effect = excluded.effect, status = excluded.status, entry_id = excluded.entry_id,
            actor = excluded.actor, at = excluded.at,
            function = coalesce(nullif(excluded.function, ''), held.function),
            preparer = coalesce(excluded.preparer, held.preparer),
            start_by = coalesce(excluded.start_by, held.start_by),
            due_at = coalesce(excluded.due_at, held.due_at),
            valid_until = excluded.valid_until,
            facts = CASE WHEN body ? 'facts' THEN excluded.facts ELSE held.facts END
            WHERE held.requirement = excluded.requirement AND excluded.function IN ('', held.function);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'requirement % changes neither its kind nor its function', body ->> 'key'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_requirement_keeps_its_kind_and_function';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ledger_write_postings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    postings jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb #> '{body,postings}';
    crooked  text;
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
    INSERT INTO ledger_posting (entry_id, recorded_at, book, place, period, unit, deal_id, seat_id, amount, currency, cause)
        SELECT NEW.id, NEW.recorded_at, p.book, p.place, p.period, p.unit, p.deal, p.seat, p.amount, p.currency, p.cause
        FROM jsonb_to_recordset(postings) AS p(book text, place text, period date, unit text, deal bigint, seat bigint,
            amount bigint, currency text, cause text);
    RETURN NULL;
END $$;

-- Triggers fire in the order of their names: the chain first, then the floors of the apps above, which still see
-- the standing as it was judged, then the standing, then (after the row is there) its postings.
CREATE TRIGGER entry_1_extends_its_stream BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_extend_stream();
CREATE TRIGGER entry_8_moves_its_standing BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_move_standing();
CREATE TRIGGER entry_9_writes_its_postings AFTER INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_write_postings();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_1_extends_its_stream;
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_8_moves_its_standing;
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_9_writes_its_postings;
