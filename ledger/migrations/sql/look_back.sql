-- To look back at a moment at which much was written, by the blocks: the 30 seconds to either side of it may hold tens of
-- thousands of entries, and all of them were read in every request.

-- The first id of the blocks that hold something later than a moment; null where no block does.
CREATE FUNCTION ledger_first_later(moment timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chosen AS (
        SELECT top.* FROM generate_series(0, 15) AS at (level), LATERAL (
            SELECT * FROM public.ledger_block b WHERE b.level = at.level AND b.latest > moment
                AND b.number >= 4 * coalesce((SELECT p.number + 1 FROM public.ledger_block p
                    WHERE p.level = at.level + 1 ORDER BY p.number DESC LIMIT 1), 0)
        ) AS top
        UNION ALL
        SELECT part.* FROM chosen c, LATERAL (
            SELECT * FROM public.ledger_block b WHERE b.level = c.level - 1
                AND b.number BETWEEN 4 * c.number AND 4 * c.number + 3 AND b.latest > moment OFFSET 0
        ) AS part WHERE c.earliest <= moment
    )
    SELECT min(c.first_entry) FROM chosen c WHERE c.earliest > moment OR c.level = 0
$$;

CREATE OR REPLACE FUNCTION ledger_look_back(moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    low    bigint := ledger_first_after(moment - interval '30 seconds');
    high   bigint := ledger_first_after(moment + interval '30 seconds');
    later  bigint := low;  -- no id before it is later than the moment
    far    record;
    whole  bigint;
BEGIN
    SELECT * INTO far FROM ledger_rolled();
    IF FOUND THEN
        later := greatest(low, least(ledger_first_later(moment),
            (SELECT min(l.id) FROM ledger_entries_of(far.rolled, far.sealed) AS l (id)),
            (SELECT min(e.id) FROM ledger_unsealed(far.after_xid, far.after_entry, far.above) AS e (id))));
    END IF;
    whole := coalesce((SELECT e.id FROM ledger_entry e WHERE e.id >= later AND e.id < high AND e.recorded_at > moment
        ORDER BY e.id LIMIT 1), high) - 1;
    PERFORM set_config('ledger.as_of', moment::text, true), set_config('ledger.whole', whole::text, true),
        set_config('ledger.newest', coalesce(ledger_position_at(moment), 0)::text, true);
END $$;
