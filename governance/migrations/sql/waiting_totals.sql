-- What waited on functions, and what open deals would have asked of capacity, at a moment: the moves of the entries known
-- by then, summed up by block as postings and stages are (ledger/migrations/sql/balances.sql for the four parts).

-- What the entries of a block added to what waits, less what they took from it.
CREATE TABLE governance_waiting_total (
    level    smallint NOT NULL,
    number   bigint NOT NULL,
    function text NOT NULL,
    unit     text NOT NULL,
    deals    bigint NOT NULL,
    amount   bigint NOT NULL,
    PRIMARY KEY (level, number, function, unit)
);
SELECT ledger_guard('governance_waiting_total', true);

-- What they added from a month on: units a month that are asked from March to May are more in March and less in June.
CREATE TABLE governance_demand_total (
    level  smallint NOT NULL,
    number bigint NOT NULL,
    unit   text NOT NULL,
    stage  text NOT NULL,
    month  date NOT NULL,
    units  bigint NOT NULL,
    PRIMARY KEY (level, number, unit, stage, month)
);
SELECT ledger_guard('governance_demand_total', true);

-- What a deal holds of the pools, found from the deal and from the entry.
CREATE INDEX ledger_posting_of_reservations ON ledger_posting (deal_id, entry_id)
    INCLUDE (place, period, unit, amount) WHERE book = 'capacity' AND deal_id IS NOT NULL;
CREATE INDEX ledger_posting_that_reserves ON ledger_posting (entry_id) WHERE book = 'capacity' AND deal_id IS NOT NULL;

CREATE FUNCTION governance_waiting_moves(entry bigint) RETURNS TABLE (
    recorded_at timestamptz, function text, unit text, deals integer, amount bigint
) LANGUAGE sql STABLE AS $$
    SELECT w.from_at, w.function, w.unit, 1, w.value_minor FROM public.governance_waiting w WHERE w.from_entry = entry
    UNION ALL
    SELECT w.until_at, w.function, w.unit, -1, -w.value_minor FROM public.governance_waiting w WHERE w.until_entry = entry
$$;

-- A deal that is not lost asks for the months of its delivery that it holds nothing of. An entry of the deal changes what
-- it asks for, of the months that were free by then; an entry of a pool changes which are free. In the order of their
-- numbers these moves add up to what is asked for after the last of them, whoever wrote them.
CREATE FUNCTION governance_demand_moves(entry bigint) RETURNS TABLE (
    recorded_at timestamptz, unit text, stage text, month date, units bigint
) LANGUAGE sql STABLE AS $$
    SELECT s.at, s.unit, s.stage, m.month, s.sign * m.sign * s.delivers
    FROM (
        SELECT 1 AS sign, b.from_at AS at, b.deal_id, b.unit, b.stage, b.delivers, b.delivers_from, b.delivers_months
        FROM public.pipeline_stay b WHERE b.from_entry = entry
        UNION ALL
        SELECT -1, e.until_at, e.deal_id, e.unit, e.stage, e.delivers, e.delivers_from, e.delivers_months
        FROM public.pipeline_stay e WHERE e.until_entry = entry
    ) AS s CROSS JOIN LATERAL (
        SELECT s.delivers_from, 1
        UNION ALL
        SELECT (s.delivers_from + s.delivers_months * interval '1 month')::date, -1
        UNION ALL
        SELECT (h.period + ends.months * interval '1 month')::date, ends.sign FROM (
            SELECT p.period FROM public.ledger_posting p
            WHERE p.book = 'capacity' AND p.deal_id = s.deal_id AND p.entry_id < entry AND p.unit = s.unit
              AND p.place IN ('soft-reserved', 'confirmed') AND p.period >= s.delivers_from
              AND p.period < s.delivers_from + s.delivers_months * interval '1 month'
            GROUP BY p.period HAVING sum(p.amount) > 0
        ) AS h CROSS JOIN (VALUES (0, -1), (1, 1)) AS ends (months, sign)
    ) AS m (month, sign)
    WHERE s.delivers IS NOT NULL AND s.stage NOT IN ('lost', 'history')
    UNION ALL
    SELECT r.at, s.unit, s.stage, (r.period + ends.months * interval '1 month')::date, ends.sign * sign(r.amount)::bigint * s.delivers
    FROM (
        SELECT max(p.recorded_at) AS at, p.deal_id, p.unit, p.period, sum(p.amount) AS amount FROM public.ledger_posting p
        WHERE p.book = 'capacity' AND p.deal_id IS NOT NULL AND p.entry_id = entry AND p.place IN ('soft-reserved', 'confirmed')
        GROUP BY p.deal_id, p.unit, p.period HAVING sum(p.amount) <> 0
    ) AS r JOIN public.pipeline_stay s ON s.stream = 'deal/' || r.deal_id AND s.from_entry < entry
        AND (s.until_entry IS NULL OR s.until_entry > entry) AND s.unit = r.unit AND s.stage NOT IN ('lost', 'history')
        AND r.period >= s.delivers_from AND r.period < s.delivers_from + s.delivers_months * interval '1 month'
    CROSS JOIN (VALUES (0, -1), (1, 1)) AS ends (months, sign)
$$;

-- A block is never there without them, whoever adds it.
CREATE FUNCTION governance_sum_block() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO governance_waiting_total
    SELECT NEW.level, NEW.number, moves.function, moves.unit, sum(moves.deals), sum(moves.amount) FROM (
        SELECT m.function, m.unit, m.deals, m.amount FROM ledger_leaf l, governance_waiting_moves(l.entry_id) AS m
        WHERE NEW.level = 0 AND l.idx >= NEW.from_idx AND l.idx < NEW.to_idx
        UNION ALL
        SELECT t.function, t.unit, t.deals, t.amount FROM governance_waiting_total t
        WHERE NEW.level > 0 AND t.level = NEW.level - 1 AND t.number BETWEEN 4 * NEW.number AND 4 * NEW.number + 3
    ) AS moves GROUP BY moves.function, moves.unit HAVING sum(moves.deals) <> 0 OR sum(moves.amount) <> 0;
    INSERT INTO governance_demand_total
    SELECT NEW.level, NEW.number, moves.unit, moves.stage, moves.month, sum(moves.units) FROM (
        SELECT m.unit, m.stage, m.month, m.units FROM ledger_leaf l, governance_demand_moves(l.entry_id) AS m
        WHERE NEW.level = 0 AND l.idx >= NEW.from_idx AND l.idx < NEW.to_idx
        UNION ALL
        SELECT t.unit, t.stage, t.month, t.units FROM governance_demand_total t
        WHERE NEW.level > 0 AND t.level = NEW.level - 1 AND t.number BETWEEN 4 * NEW.number AND 4 * NEW.number + 3
    ) AS moves GROUP BY moves.unit, moves.stage, moves.month HAVING sum(moves.units) <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER block_sums_what_waits AFTER INSERT ON ledger_block FOR EACH ROW EXECUTE FUNCTION governance_sum_block();
ALTER TABLE ledger_block ENABLE ALWAYS TRIGGER block_sums_what_waits;

-- Blocks are forgotten with all that was summed up by them.
CREATE OR REPLACE FUNCTION ledger_forget_totals() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(6077003);
    ALTER TABLE governance_waiting_total DISABLE TRIGGER never_changes;
    ALTER TABLE governance_demand_total DISABLE TRIGGER never_changes;
    ALTER TABLE pipeline_stage_total DISABLE TRIGGER never_changes;
    ALTER TABLE ledger_total DISABLE TRIGGER never_changes;
    ALTER TABLE ledger_block DISABLE TRIGGER never_changes;
    DELETE FROM governance_waiting_total;
    DELETE FROM governance_demand_total;
    DELETE FROM pipeline_stage_total;
    DELETE FROM ledger_total;
    DELETE FROM ledger_block;
    ALTER TABLE ledger_block ENABLE ALWAYS TRIGGER never_changes;
    ALTER TABLE ledger_total ENABLE ALWAYS TRIGGER never_changes;
    ALTER TABLE pipeline_stage_total ENABLE ALWAYS TRIGGER never_changes;
    ALTER TABLE governance_demand_total ENABLE ALWAYS TRIGGER never_changes;
    ALTER TABLE governance_waiting_total ENABLE ALWAYS TRIGGER never_changes;
END $$;

-- Entries known by `moment` that no whole block of that moment covers; OFFSET 0 as in balances.sql. Some that are later
-- are among them.
CREATE FUNCTION governance_loose(moment timestamptz) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(l.id) FROM ledger_rolled() AS far, LATERAL (
        SELECT c.id FROM ledger_blocks_at(moment) b, ledger_entries_of(b.from_idx, b.to_idx) AS c (id) WHERE NOT b.whole
        UNION ALL SELECT s.id FROM ledger_entries_of(far.rolled, far.sealed) AS s (id)
        UNION ALL SELECT u.id FROM ledger_unsealed(far.after_xid, far.after_entry, far.above) AS u (id)
    ) AS l
$$;

-- By function and unit, what waited at `moment`. Before the first block it is read from the rows themselves.
CREATE FUNCTION governance_waiting_at(of_units text[], moment timestamptz) RETURNS TABLE (
    function text, unit text, deals bigint, amount bigint
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    rolled boolean := EXISTS (SELECT FROM ledger_rolled());
    loose  bigint[] := CASE WHEN rolled THEN governance_loose(moment) END;
BEGIN
    RETURN QUERY SELECT moves.function, moves.unit, sum(moves.deals)::bigint, sum(moves.amount)::bigint FROM (
            SELECT t.function, t.unit, t.deals, t.amount FROM ledger_blocks_at(moment) b, LATERAL (
                SELECT * FROM public.governance_waiting_total h WHERE h.level = b.level AND h.number = b.number OFFSET 0
            ) AS t WHERE b.whole AND rolled
            UNION ALL
            SELECT m.function, m.unit, m.deals, m.amount
            FROM unnest(loose) AS e (id), governance_waiting_moves(e.id) AS m WHERE m.recorded_at <= moment
            UNION ALL
            SELECT w.function, w.unit, 1, w.value_minor FROM public.governance_waiting w
            WHERE NOT rolled AND w.from_at <= moment AND (w.until_at IS NULL OR w.until_at > moment)
        ) AS moves
        WHERE of_units IS NULL OR moves.unit = ANY (of_units)
        GROUP BY 1, 2 HAVING sum(moves.deals) <> 0 OR sum(moves.amount) <> 0;
END $$;

-- By unit, stage and month from `first` (included) to `until` (not), what open deals would have asked for at `moment`.
CREATE FUNCTION governance_demand_at(first date, until date, of_units text[], moment timestamptz) RETURNS TABLE (
    unit text, stage text, month date, units bigint
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    rolled boolean := EXISTS (SELECT FROM ledger_rolled());
    loose  bigint[] := CASE WHEN rolled THEN governance_loose(moment) END;
BEGIN
    RETURN QUERY SELECT moved.unit, moved.stage, m.month::date, sum(moved.units)::bigint FROM (
            SELECT moves.unit, moves.stage, greatest(moves.month, first) AS month, sum(moves.units) AS units FROM (
                SELECT t.unit, t.stage, t.month, t.units FROM ledger_blocks_at(moment) b, LATERAL (
                    SELECT * FROM public.governance_demand_total h WHERE h.level = b.level AND h.number = b.number OFFSET 0
                ) AS t WHERE b.whole AND rolled
                UNION ALL
                SELECT d.unit, d.stage, d.month, d.units
                FROM unnest(loose) AS e (id), governance_demand_moves(e.id) AS d WHERE d.recorded_at <= moment
                UNION ALL
                SELECT d.unit, d.stage, d.month, d.units FROM (
                    SELECT s.from_entry FROM public.pipeline_stay s
                    UNION SELECT s.until_entry FROM public.pipeline_stay s
                    UNION SELECT p.entry_id FROM public.ledger_posting p WHERE p.book = 'capacity' AND p.deal_id IS NOT NULL
                ) AS e (id), governance_demand_moves(e.id) AS d WHERE NOT rolled AND d.recorded_at <= moment
            ) AS moves
            WHERE moves.month < until AND (of_units IS NULL OR moves.unit = ANY (of_units))
            GROUP BY 1, 2, 3
        ) AS moved JOIN generate_series(first::timestamp, until::timestamp - interval '1 day', interval '1 month') AS m (month)
            ON moved.month <= m.month::date
        GROUP BY 1, 2, 3 HAVING sum(moved.units) <> 0;
END $$;

-- What is there already: blocks of the first level from their entries, each further one from its parts.
DO $$
BEGIN
    INSERT INTO governance_waiting_total
        SELECT 0, b.number, m.function, m.unit, sum(m.deals), sum(m.amount)
        FROM ledger_block b JOIN ledger_leaf l ON l.idx >= b.from_idx AND l.idx < b.to_idx, governance_waiting_moves(l.entry_id) AS m
        WHERE b.level = 0 GROUP BY 2, 3, 4 HAVING sum(m.deals) <> 0 OR sum(m.amount) <> 0;
    INSERT INTO governance_demand_total
        SELECT 0, b.number, m.unit, m.stage, m.month, sum(m.units)
        FROM ledger_block b JOIN ledger_leaf l ON l.idx >= b.from_idx AND l.idx < b.to_idx, governance_demand_moves(l.entry_id) AS m
        WHERE b.level = 0 GROUP BY 2, 3, 4, 5 HAVING sum(m.units) <> 0;
    FOR above IN 1 .. coalesce((SELECT max(level) FROM ledger_block), 0) LOOP
        INSERT INTO governance_waiting_total
            SELECT b.level, b.number, t.function, t.unit, sum(t.deals), sum(t.amount)
            FROM ledger_block b JOIN governance_waiting_total t ON t.level = above - 1 AND t.number / 4 = b.number
            WHERE b.level = above GROUP BY 1, 2, 3, 4 HAVING sum(t.deals) <> 0 OR sum(t.amount) <> 0;
        INSERT INTO governance_demand_total
            SELECT b.level, b.number, t.unit, t.stage, t.month, sum(t.units)
            FROM ledger_block b JOIN governance_demand_total t ON t.level = above - 1 AND t.number / 4 = b.number
            WHERE b.level = above GROUP BY 1, 2, 3, 4, 5 HAVING sum(t.units) <> 0;
    END LOOP;
END $$;
