-- Totals of sealed entries, so that a sum need not read every posting. A memory, never a truth: whatever no block
-- covers is read from the postings themselves, and `verify_ledger` holds every block against them.

CREATE INDEX ledger_posting_by_entry ON ledger_posting (entry_id);

-- The leaves [from_idx, to_idx). Four blocks of a level make one of the next; the parts stay, for older moments.
CREATE TABLE ledger_block (
    level       smallint NOT NULL CHECK (level >= 0),
    number      bigint NOT NULL CHECK (number >= 0),
    from_idx    bigint NOT NULL,
    to_idx      bigint NOT NULL,
    first_entry bigint NOT NULL,
    last_entry  bigint NOT NULL,
    earliest    timestamptz NOT NULL,
    latest      timestamptz NOT NULL,
    PRIMARY KEY (level, number),
    CONSTRAINT a_block_covers_leaves CHECK (from_idx < to_idx)
);

CREATE TABLE ledger_total (
    level    smallint NOT NULL,
    number   bigint NOT NULL,
    book     text NOT NULL,
    place    text NOT NULL,
    period   date NOT NULL,
    unit     text NOT NULL,
    cause    text NOT NULL,
    currency text NOT NULL, -- empty where the book counts no money
    amount   bigint NOT NULL,
    postings bigint NOT NULL,
    PRIMARY KEY (level, number, book, place, period, unit, cause, currency)
);

-- Adds at most `most` blocks; a block is full when its leaves and postings together are `size`. Safe to repeat, and on
-- two machines: the second one finds the lock taken and leaves.
CREATE FUNCTION ledger_roll_blocks(size integer, most integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    sealed bigint;
    nth    bigint;
    start  bigint;
    stop   bigint;
    upper  bigint;
    above  integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(6077003) THEN
        RETURN 0;
    END IF;
    SELECT max(s.size) INTO sealed FROM ledger_seal s;
    SELECT b.number + 1, b.to_idx INTO nth, start FROM ledger_block b WHERE b.level = 0 ORDER BY b.number DESC LIMIT 1;
    nth := coalesce(nth, 0);
    start := coalesce(start, 0);
    FOR made IN 0 .. most - 1 LOOP
        SELECT w.idx + 1 INTO stop FROM (
            SELECT l.idx, sum(1 + (SELECT count(*) FROM ledger_posting p WHERE p.entry_id = l.entry_id))
                OVER (ORDER BY l.idx) AS weight
            FROM ledger_leaf l WHERE l.idx >= start AND l.idx < least(sealed, start + size)
        ) AS w WHERE w.weight >= size ORDER BY w.idx LIMIT 1;
        IF NOT FOUND THEN
            RETURN made;
        END IF;
        INSERT INTO ledger_block
            SELECT 0, nth, start, stop, min(e.id), max(e.id), min(e.recorded_at), max(e.recorded_at)
            FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry_id WHERE l.idx >= start AND l.idx < stop;
        INSERT INTO ledger_total
            SELECT 0, nth, p.book, p.place, p.period, p.unit, p.cause, coalesce(p.currency, ''), sum(p.amount), count(*)
            FROM ledger_leaf l JOIN ledger_posting p ON p.entry_id = l.entry_id
            WHERE l.idx >= start AND l.idx < stop
            GROUP BY p.book, p.place, p.period, p.unit, p.cause, coalesce(p.currency, '');
        above := 0;
        upper := nth;
        WHILE upper % 4 = 3 LOOP
            above := above + 1;
            upper := upper / 4;
            INSERT INTO ledger_block
                SELECT above, upper, min(b.from_idx), max(b.to_idx), min(b.first_entry), max(b.last_entry),
                    min(b.earliest), max(b.latest)
                FROM ledger_block b WHERE b.level = above - 1 AND b.number BETWEEN 4 * upper AND 4 * upper + 3;
            INSERT INTO ledger_total
                SELECT above, upper, t.book, t.place, t.period, t.unit, t.cause, t.currency, sum(t.amount),
                    sum(t.postings)
                FROM ledger_total t WHERE t.level = above - 1 AND t.number BETWEEN 4 * upper AND 4 * upper + 3
                GROUP BY t.book, t.place, t.period, t.unit, t.cause, t.currency;
        END LOOP;
        nth := nth + 1;
        start := stop;
    END LOOP;
    RETURN most;
END $$;
REVOKE EXECUTE ON FUNCTION ledger_roll_blocks(integer, integer) FROM PUBLIC;

-- What the application may do: blocks of the one size that reading was measured with.
CREATE FUNCTION ledger_roll() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT ledger_roll_blocks(4096, 16) $$;
REVOKE EXECUTE ON FUNCTION ledger_roll() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger_roll() TO ledger_app;

-- The one way to take blocks away, for the owner alone: all of them, in one transaction that readers do not see half of.
CREATE FUNCTION ledger_forget_totals() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(6077003);
    ALTER TABLE ledger_total DISABLE TRIGGER never_changes;
    ALTER TABLE ledger_block DISABLE TRIGGER never_changes;
    DELETE FROM ledger_total;
    DELETE FROM ledger_block;
    ALTER TABLE ledger_block ENABLE ALWAYS TRIGGER never_changes;
    ALTER TABLE ledger_total ENABLE ALWAYS TRIGGER never_changes;
END $$;
REVOKE EXECUTE ON FUNCTION ledger_forget_totals() FROM PUBLIC;

SELECT ledger_guard('ledger_block', true);
SELECT ledger_guard('ledger_total', true);
