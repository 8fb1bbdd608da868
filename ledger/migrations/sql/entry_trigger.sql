-- The only door. An insert of bytes extends its stream's chain; every column is read out of those bytes,
-- so a column can never say something else than what was hashed.

CREATE FUNCTION ledger_moment(microseconds text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS
$$ SELECT timestamptz '1970-01-01 00:00:00+00' + microseconds::bigint * interval '1 microsecond' $$;

CREATE FUNCTION ledger_extend_stream() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said   jsonb;
    body   jsonb;
    was    ledger_stream;
BEGIN
    said := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body := said -> 'body';
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

    IF NOT EXISTS (SELECT FROM ledger_kind WHERE name = NEW.kind) THEN
        RAISE EXCEPTION 'the record has no kind %', NEW.kind USING ERRCODE = 'check_violation',
            CONSTRAINT = 'an_entry_is_of_a_known_kind';
    END IF;
    IF NEW.recorded_at NOT BETWEEN ledger_now() - interval '5 seconds' AND ledger_now() + interval '5 seconds' THEN
        RAISE EXCEPTION 'an entry is recorded at the time of the database: % is more than 5 s away', NEW.recorded_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_entry_is_recorded_now';
    END IF;

    SELECT * INTO was FROM ledger_stream WHERE id = NEW.stream FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        IF NEW.seq <> 1 OR said ->> 'prev' IS DISTINCT FROM repeat('0', 64) THEN
            RAISE EXCEPTION '% does not begin with entry %', NEW.stream, NEW.seq USING ERRCODE = 'serialization_failure';
        END IF;
        -- A stream that another transaction begins at this moment: unique_violation, the caller tries again.
        INSERT INTO ledger_stream (id, version, head, at)
            VALUES (NEW.stream, 1, sha256('\x00'::bytea || NEW.envelope), NEW.recorded_at);
    ELSE
        IF NEW.seq <> was.version + 1 OR said ->> 'prev' IS DISTINCT FROM encode(was.head, 'hex') THEN
            RAISE EXCEPTION '% has moved on to entry %', NEW.stream, was.version USING ERRCODE = 'serialization_failure';
        END IF;
        IF NEW.recorded_at <= was.at THEN
            RAISE EXCEPTION 'time runs forward in %', NEW.stream USING ERRCODE = 'check_violation',
                CONSTRAINT = 'time_runs_forward_in_a_stream';
        END IF;
        UPDATE ledger_stream
            SET version = NEW.seq, head = sha256('\x00'::bytea || NEW.envelope), at = NEW.recorded_at
            WHERE id = NEW.stream;
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
            facts = CASE WHEN body ? 'facts' THEN excluded.facts ELSE held.facts END;
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
