-- The pipeline at a moment: how many deals stand in each stage of each unit, and what they come to. As with sums over
-- postings, sealed entries are summed up by block (ledger/migrations/sql/totals.sql), and only what no block covers is
-- read entry by entry.

-- What the entries of a block put into a stage, less what they took from it.
CREATE TABLE pipeline_stage_total (
    level    smallint NOT NULL,
    number   bigint NOT NULL,
    stage    text NOT NULL,
    unit     text NOT NULL,
    currency text NOT NULL, -- empty where a deal has none
    deals    bigint NOT NULL,
    amount   bigint NOT NULL, -- minor units of the currency
    PRIMARY KEY (level, number, stage, unit, currency)
);
SELECT ledger_guard('pipeline_stage_total', true);

-- An entry that states a stage puts its deal there, and takes it from where the one before it in the stream had put it.
-- Inside a stream moments grow, so whatever was known at a moment adds up to the last state by then. A deal stands in
-- the unit of the seat that owns it; nothing of the envelope is read.
CREATE FUNCTION pipeline_stage_moves(entry bigint) RETURNS TABLE (
    recorded_at timestamptz, stage text, unit text, currency text, deals integer, amount bigint
) LANGUAGE sql STABLE AS $$
    SELECT e.recorded_at, s.stage, coalesce(o.unit, ''), coalesce(s.currency, ''), s.sign,
        s.sign * coalesce(s.amount_minor, 0)
    FROM public.ledger_entry e CROSS JOIN LATERAL (
        SELECT 1 AS sign, e.stage, e.amount_minor, e.currency, e.owner
        UNION ALL (
            SELECT -1, p.stage, p.amount_minor, p.currency, p.owner FROM public.ledger_entry p
            WHERE p.stream = e.stream AND p.recorded_at < e.recorded_at AND p.stage IS NOT NULL
            ORDER BY p.recorded_at DESC LIMIT 1
        )
    ) AS s LEFT JOIN public.pipeline_seat o ON o.id = s.owner
    WHERE e.id = entry AND e.stage IS NOT NULL
$$;

-- A block is never there without its stages, whoever adds it.
CREATE FUNCTION pipeline_sum_stages() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO pipeline_stage_total
    SELECT NEW.level, NEW.number, moves.stage, moves.unit, moves.currency, sum(moves.deals), sum(moves.amount) FROM (
        SELECT m.stage, m.unit, m.currency, m.deals, m.amount
        FROM ledger_leaf l, pipeline_stage_moves(l.entry_id) AS m
        WHERE NEW.level = 0 AND l.idx >= NEW.from_idx AND l.idx < NEW.to_idx
        UNION ALL
        SELECT t.stage, t.unit, t.currency, t.deals, t.amount FROM pipeline_stage_total t
        WHERE NEW.level > 0 AND t.level = NEW.level - 1 AND t.number BETWEEN 4 * NEW.number AND 4 * NEW.number + 3
    ) AS moves GROUP BY moves.stage, moves.unit, moves.currency HAVING sum(moves.deals) <> 0 OR sum(moves.amount) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER block_sums_its_stages AFTER INSERT ON ledger_block FOR EACH ROW EXECUTE FUNCTION pipeline_sum_stages();
ALTER TABLE ledger_block ENABLE ALWAYS TRIGGER block_sums_its_stages;

-- Blocks are forgotten with all that was summed up by them.
CREATE OR REPLACE FUNCTION ledger_forget_totals() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(6077003);
    ALTER TABLE pipeline_stage_total DISABLE TRIGGER never_changes;
    ALTER TABLE ledger_total DISABLE TRIGGER never_changes;
    ALTER TABLE ledger_block DISABLE TRIGGER never_changes;
    DELETE FROM pipeline_stage_total;
    DELETE FROM ledger_total;
    DELETE FROM ledger_block;
    ALTER TABLE ledger_block ENABLE ALWAYS TRIGGER never_changes;
    ALTER TABLE ledger_total ENABLE ALWAYS TRIGGER never_changes;
    ALTER TABLE pipeline_stage_total ENABLE ALWAYS TRIGGER never_changes;
END $$;

-- Deals by stage, unit and currency as they were known at `moment`; see balances.sql for the four parts.
CREATE FUNCTION pipeline_stages_at(of_units text[], moment timestamptz) RETURNS TABLE (
    stage text, unit text, currency text, deals bigint, amount bigint
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    far    record;
    rolled boolean;
    loose  bigint[]; -- entries that no block covers
BEGIN
    SELECT * INTO far FROM ledger_rolled();
    rolled := FOUND;
    IF NOT rolled THEN
        SELECT array_agg(e.id) INTO loose FROM public.ledger_entry e
            WHERE e.stage IS NOT NULL AND e.recorded_at <= moment;
    ELSE
        SELECT array_agg(l.id) INTO loose FROM (
            SELECT c.id FROM ledger_blocks_at(moment) b, ledger_entries_of(b.from_idx, b.to_idx) AS c (id)
                WHERE NOT b.whole
            UNION ALL SELECT s.id FROM ledger_entries_of(far.rolled, far.sealed) AS s (id)
            UNION ALL SELECT u.id FROM ledger_unsealed(far.after_xid, far.after_entry, far.above) AS u (id)
        ) AS l;
    END IF;
    RETURN QUERY SELECT moves.stage, moves.unit, moves.currency, sum(moves.deals)::bigint, sum(moves.amount)::bigint
        FROM (
            SELECT t.stage, t.unit, t.currency, t.deals, t.amount
            FROM ledger_blocks_at(moment) b, LATERAL (
                SELECT * FROM public.pipeline_stage_total h WHERE h.level = b.level AND h.number = b.number OFFSET 0
            ) AS t WHERE b.whole AND rolled
            UNION ALL
            SELECT m.stage, m.unit, m.currency, m.deals, m.amount
            FROM unnest(loose) AS e (id), pipeline_stage_moves(e.id) AS m WHERE m.recorded_at <= moment
        ) AS moves
        WHERE of_units IS NULL OR moves.unit = ANY (of_units)
        GROUP BY 1, 2, 3 HAVING sum(moves.deals) <> 0 OR sum(moves.amount) <> 0;
END $$;

-- Blocks that were there before have no stages: all are rolled anew.
SELECT ledger_forget_totals();
