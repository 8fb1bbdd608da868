-- The postings of all entries of one statement are judged and written at once: an entry costs its lines, not a statement
-- of its own.

CREATE OR REPLACE FUNCTION ledger_write_postings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    crooked text;
    stray   boolean;
    months  date[]; -- that may be closed
    carried boolean;
BEGIN
    WITH line AS MATERIALIZED (
        SELECT e.id AS entry, e.recorded_at AS at, e.stream, p.*
        FROM fresh e, jsonb_to_recordset(convert_from(e.envelope, 'UTF8')::jsonb #> '{body,postings}') AS p (book text,
            place text, period date, unit text, deal bigint, seat bigint, amount bigint, currency text, cause text,
            relates_to date)
    ), judged AS MATERIALIZED (
        SELECT min(book) FILTER (WHERE total <> 0) AS crooked,
            bool_or(book = 'bookings' AND stream NOT LIKE 'deal/%') AS stray,
            array_agg(DISTINCT period) FILTER (WHERE book <> 'capacity'
                AND (period <= at::date + 1 OR relates_to IS NOT NULL)) AS months,
            bool_or(relates_to IS NOT NULL) FILTER (WHERE book <> 'capacity') AS carried
        FROM (SELECT *, sum(amount) OVER (PARTITION BY entry, book, currency) AS total FROM line) AS line
    ), written AS (
        INSERT INTO ledger_posting (entry_id, recorded_at, book, place, period, unit, deal_id, seat_id, amount, currency,
                cause, relates_to)
            SELECT entry, at, book, place, period, unit, deal, seat, amount, currency, cause, relates_to
            FROM line WHERE (SELECT j.crooked IS NULL AND j.stray IS NOT TRUE FROM judged j)
    )
    SELECT j.crooked, j.stray, j.months, j.carried INTO crooked, stray, months, carried FROM judged j;
    IF stray THEN
        RAISE EXCEPTION 'only entries of a deal move value' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'only_a_deal_moves_value';
    END IF;
    IF crooked IS NOT NULL THEN
        RAISE EXCEPTION 'the postings of an entry in book % do not sum to zero', crooked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'postings_sum_to_zero';
    END IF;
    IF months IS NULL THEN
        RETURN NULL;
    END IF;
    -- First the locks, then the look: whoever closed one of these months meanwhile has committed, or waits for us.
    PERFORM pg_advisory_xact_lock_shared(727017, ledger_period_key(m)) FROM unnest(months) AS m;
    IF carried OR EXISTS (SELECT FROM ledger_period p WHERE p.month = ANY (months) AND p.closed_at IS NOT NULL) THEN
        PERFORM ledger_check_periods(convert_from(envelope, 'UTF8')::jsonb #> '{body,postings}', recorded_at) FROM fresh;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER entry_9_writes_its_postings AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_write_postings();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_9_writes_its_postings;

-- What moves a deal meets no requirement, so nobody need look.
ALTER TABLE ledger_kind ADD CONSTRAINT what_moves_a_deal_meets_no_requirement
    CHECK (effect IS NULL OR name NOT LIKE 'deal.%');
CREATE OR REPLACE TRIGGER entry_8_moves_its_standing BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind NOT LIKE 'deal.%') EXECUTE FUNCTION ledger_move_standing();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_8_moves_its_standing;
