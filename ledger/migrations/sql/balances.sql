-- Sums at a moment: blocks that end before it, and the postings that no such block covers.
-- Everything here is STABLE, so that it reads under the one snapshot of the statement that asks; and of the tables
-- themselves, not of their past: a moment is an argument here.

-- The largest blocks that lie before `moment` (`whole`), and the smallest that it cuts. At most three of a level.
CREATE FUNCTION ledger_blocks_at(moment timestamptz) RETURNS TABLE (
    level smallint, number bigint, from_idx bigint, to_idx bigint, first_entry bigint, last_entry bigint, whole boolean
) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chosen AS (
        SELECT top.* FROM generate_series(0, 15) AS at (level), LATERAL (
            SELECT * FROM public.ledger_block b WHERE b.level = at.level AND b.earliest <= moment
                AND b.number >= 4 * coalesce((SELECT p.number + 1 FROM public.ledger_block p
                    WHERE p.level = at.level + 1 ORDER BY p.number DESC LIMIT 1), 0)
        ) AS top
        UNION ALL
        SELECT part.* FROM chosen c, LATERAL (
            SELECT * FROM public.ledger_block b WHERE b.level = c.level - 1
                AND b.number BETWEEN 4 * c.number AND 4 * c.number + 3 AND b.earliest <= moment OFFSET 0
        ) AS part WHERE c.latest > moment
    )
    SELECT c.level, c.number, c.from_idx, c.to_idx, c.first_entry, c.last_entry, c.latest <= moment
    FROM chosen c WHERE c.latest <= moment OR c.level = 0
$$;

-- How far the blocks go, and the seal that what lies behind it is counted from. No row, and so no use of the blocks,
-- before the first one and in a database cluster that was not adopted: its transaction ids began anew.
CREATE FUNCTION ledger_rolled(
    OUT rolled bigint, OUT sealed bigint, OUT after_xid xid8, OUT after_entry bigint, OUT above bigint
) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    SELECT b.to_idx, s.size, s.last_xid, s.last_entry, s.floor_entry
    FROM (SELECT to_idx FROM public.ledger_block WHERE level = 0 ORDER BY number DESC LIMIT 1) AS b,
        (SELECT * FROM public.ledger_seal ORDER BY size DESC LIMIT 1) AS s
    WHERE s.cluster = (SELECT system_identifier::text FROM pg_control_system())
$$;

-- Entries of some leaves. OFFSET 0 keeps their least and greatest from being looked for along the index of all entries.
CREATE FUNCTION ledger_entries_of(since bigint, until bigint) RETURNS SETOF bigint LANGUAGE sql STABLE AS
$$ SELECT l.entry_id FROM public.ledger_leaf l WHERE l.idx >= since AND l.idx < until OFFSET 0 $$;

-- Entries that no leaf stands for yet. A snapshot sees nothing of later transactions than its own end, except what its
-- own transaction wrote; so the range is short even where an older cluster has used larger ids of transactions.
CREATE FUNCTION ledger_unsealed(after_xid xid8, after_entry bigint, above bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
    SELECT e.id FROM public.ledger_entry e
    WHERE (e.xid, e.id) > (after_xid, after_entry) AND e.id > above
      AND e.xid <= greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned())
    OFFSET 0
$$;

-- Parts of sums: the caller adds up what has the same place, period, unit, cause and currency. OFFSET 0 says by which
-- index a table is read: how few rows lie behind a block or a seal is nothing that the planner could know.
CREATE FUNCTION ledger_balance_parts(
    of_book text, of_places text[], since date, until date, of_units text[], moment timestamptz
) RETURNS TABLE (
    place text, period date, unit text, cause text, currency text, amount bigint, postings bigint
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    far   record;
    piece record;
BEGIN
    SELECT * INTO far FROM ledger_rolled();
    IF NOT FOUND THEN
        RETURN QUERY SELECT p.place, p.period, p.unit, p.cause, coalesce(p.currency, ''), sum(p.amount)::bigint, count(*)
            FROM public.ledger_posting p
            WHERE p.book = of_book AND p.place = ANY (of_places) AND p.period >= since AND p.period < until
              AND p.recorded_at <= moment AND (of_units IS NULL OR p.unit = ANY (of_units))
            GROUP BY 1, 2, 3, 4, 5;
        RETURN;
    END IF;
    RETURN QUERY SELECT t.place, t.period, t.unit, t.cause, t.currency, sum(t.amount)::bigint, sum(t.postings)::bigint
        FROM ledger_blocks_at(moment) b, LATERAL (
            SELECT * FROM public.ledger_total h WHERE h.level = b.level AND h.number = b.number AND h.book = of_book
                AND h.place = ANY (of_places) AND h.period >= since AND h.period < until OFFSET 0
        ) AS t WHERE b.whole AND (of_units IS NULL OR t.unit = ANY (of_units))
        GROUP BY 1, 2, 3, 4, 5;
    -- What a block that `moment` cuts holds before it, and what is sealed behind the last block.
    FOR piece IN
        SELECT b.from_idx, b.to_idx, b.first_entry, b.last_entry FROM ledger_blocks_at(moment) b WHERE NOT b.whole
        UNION ALL
        SELECT far.rolled, far.sealed, min(l.id), max(l.id) FROM ledger_entries_of(far.rolled, far.sealed) AS l (id)
    LOOP
        RETURN QUERY SELECT p.place, p.period, p.unit, p.cause, coalesce(p.currency, ''), sum(p.amount)::bigint, count(*)
            FROM (SELECT * FROM public.ledger_posting h
                WHERE h.entry_id BETWEEN piece.first_entry AND piece.last_entry OFFSET 0) AS p
            WHERE p.entry_id IN (SELECT l.id FROM ledger_entries_of(piece.from_idx, piece.to_idx) AS l (id))
              AND p.book = of_book AND p.place = ANY (of_places) AND p.period >= since AND p.period < until
              AND p.recorded_at <= moment AND (of_units IS NULL OR p.unit = ANY (of_units))
            GROUP BY 1, 2, 3, 4, 5;
    END LOOP;
    RETURN QUERY SELECT p.place, p.period, p.unit, p.cause, coalesce(p.currency, ''), sum(p.amount)::bigint, count(*)
        FROM ledger_unsealed(far.after_xid, far.after_entry, far.above) AS e (id), LATERAL (
            SELECT * FROM public.ledger_posting h WHERE h.entry_id = e.id OFFSET 0
        ) AS p
        WHERE p.book = of_book AND p.place = ANY (of_places) AND p.period >= since AND p.period < until
          AND p.recorded_at <= moment AND (of_units IS NULL OR p.unit = ANY (of_units))
        GROUP BY 1, 2, 3, 4, 5;
END $$;

-- The newest entry that was known at `moment`; null before the first.
CREATE FUNCTION ledger_position_at(moment timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    far    record;
    best   bigint;
    behind bigint;
    newest record;
BEGIN
    SELECT e.id, e.recorded_at INTO newest FROM public.ledger_entry e ORDER BY e.id DESC LIMIT 1;
    IF newest.recorded_at <= moment THEN
        RETURN newest.id;
    END IF;
    SELECT * INTO far FROM ledger_rolled();
    IF NOT FOUND THEN
        RETURN (SELECT e.id FROM public.ledger_entry e WHERE e.recorded_at <= moment ORDER BY e.id DESC LIMIT 1);
    END IF;
    SELECT max(b.last_entry) FILTER (WHERE b.whole), max(b.last_entry) INTO best, behind FROM ledger_blocks_at(moment) b;
    best := greatest(best, (SELECT e.id FROM public.ledger_entry e WHERE e.id > coalesce(best, 0) AND e.id <= behind
        AND e.recorded_at <= moment ORDER BY e.id DESC LIMIT 1));
    -- Behind the last block, whatever is newer than the best so far.
    behind := least((SELECT min(l.id) FROM ledger_entries_of(far.rolled, far.sealed) AS l (id)),
        (SELECT min(e.id) FROM ledger_unsealed(far.after_xid, far.after_entry, far.above) AS e (id)));
    RETURN greatest(best, (SELECT e.id FROM public.ledger_entry e WHERE e.id >= behind AND e.id > coalesce(best, 0)
        AND e.recorded_at <= moment ORDER BY e.id DESC LIMIT 1));
END $$;
