-- Which entries were known at a moment, told by how many they are and by the newest of them. Entries are never taken
-- away, so of one moment (or of now) the same count is the same entries, and whatever was read from them is still true.
-- No row before the first block, where counting would read them all. See balances.sql for the four parts; OFFSET 0 as there.
CREATE FUNCTION ledger_known(moment timestamptz, OUT entries bigint, OUT newest bytea) RETURNS SETOF record
LANGUAGE plpgsql STABLE AS $$
DECLARE
    far record;
BEGIN
    SELECT * INTO far FROM ledger_rolled();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF moment IS NULL THEN
        SELECT far.sealed + count(*) INTO entries FROM ledger_unsealed(far.after_xid, far.after_entry, far.above);
        SELECT e.hash INTO newest FROM public.ledger_entry e ORDER BY e.id DESC LIMIT 1;
    ELSE
        SELECT sum(CASE WHEN b.whole THEN b.to_idx - b.from_idx ELSE (
                SELECT count(*) FROM ledger_entries_of(b.from_idx, b.to_idx) AS l (id), LATERAL (
                    SELECT h.recorded_at FROM public.ledger_entry h WHERE h.id = l.id OFFSET 0) AS e
                WHERE e.recorded_at <= moment) END)
            INTO entries FROM ledger_blocks_at(moment) b;
        SELECT coalesce(entries, 0) + count(*) INTO entries FROM (
            SELECT s.id FROM ledger_entries_of(far.rolled, far.sealed) AS s (id)
            UNION ALL SELECT u.id FROM ledger_unsealed(far.after_xid, far.after_entry, far.above) AS u (id)
        ) AS l, LATERAL (SELECT h.recorded_at FROM public.ledger_entry h WHERE h.id = l.id OFFSET 0) AS e
        WHERE e.recorded_at <= moment;
        SELECT e.hash INTO newest FROM public.ledger_entry e WHERE e.id = ledger_position_at(moment);
    END IF;
    RETURN NEXT;
END $$;
