-- The postings behind a seal, for who knows what stands under it: of each leaf from `since` to before `until`, and of
-- what no leaf stands for yet, which is summed, since nothing bounds it while no sealer runs. `since` null: nothing.
-- OFFSET 0 as in balances.sql. Of the tables themselves: a moment is an argument here.
CREATE FUNCTION ledger_tail(
    since bigint, until bigint, after_xid xid8, after_entry bigint, above bigint, moment timestamptz
) RETURNS TABLE (
    leaf bigint, at timestamptz, book text, place text, period date, relates_to date, unit text, cause text,
    currency text, amount bigint, postings bigint
-- The plans are the same whatever is asked; making them anew would take longer than reading a short tail.
) LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF since IS NULL THEN
        RETURN;
    END IF;
    IF since < until THEN
        RETURN QUERY SELECT l.idx, p.recorded_at, p.book, p.place, p.period, p.relates_to, p.unit, p.cause,
                coalesce(p.currency, ''), p.amount, 1::bigint
            FROM ledger_leaf l, LATERAL (SELECT * FROM ledger_posting h WHERE h.entry_id = l.entry_id OFFSET 0) AS p
            WHERE l.idx >= since AND l.idx < until;
    END IF;
    RETURN QUERY SELECT NULL::bigint, NULL::timestamptz, p.book, p.place, p.period, p.relates_to, p.unit, p.cause,
            coalesce(p.currency, ''), sum(p.amount)::bigint, count(*)
        FROM ledger_unsealed(after_xid, after_entry, above) AS e (id), LATERAL (
            SELECT * FROM ledger_posting h WHERE h.entry_id = e.id OFFSET 0
        ) AS p WHERE p.recorded_at <= moment
        GROUP BY p.book, p.place, p.period, p.relates_to, p.unit, p.cause, coalesce(p.currency, '');
END $$;

-- The deals that entries behind a seal are about: by their stream or by what they post.
CREATE FUNCTION ledger_touched(since bigint, until bigint, after_xid xid8, after_entry bigint, above bigint)
RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF since IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY WITH behind AS MATERIALIZED (
        SELECT l.id FROM ledger_entries_of(since, until) AS l (id)
        UNION ALL SELECT e.id FROM ledger_unsealed(after_xid, after_entry, above) AS e (id)
    )
    SELECT split_part(e.stream, '/', 2)::bigint FROM behind JOIN ledger_entry e ON e.id = behind.id
        WHERE e.stream LIKE 'deal/%'
    UNION SELECT p.deal_id FROM behind, LATERAL (SELECT * FROM ledger_posting h WHERE h.entry_id = behind.id OFFSET 0) AS p
        WHERE p.deal_id IS NOT NULL;
END $$;
