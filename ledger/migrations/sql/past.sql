-- The past. The schema `ledger_past` holds, for each protected table, a view of the same name and columns that shows
-- what was known at a moment. A reader looks back by setting the moment and searching this schema first
-- (ledger/queries/moment.py): every query of the product then reads the past, unchanged.

CREATE SCHEMA ledger_past;
GRANT USAGE ON SCHEMA ledger_past TO ledger_app;

-- The first id that was recorded after a moment, but for entries written within seconds of each other, whose numbers
-- and moments may cross. Ids may have gaps; the search needs no index on time.
CREATE FUNCTION ledger_first_after(moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    low    bigint := 0;
    high   bigint := coalesce((SELECT max(id) FROM ledger_entry), 0) + 1;
    middle bigint;
    seen   bigint;
    at     timestamptz;
BEGIN
    WHILE low < high LOOP
        middle := (low + high) / 2;
        SELECT id, recorded_at INTO seen, at FROM ledger_entry WHERE id >= middle ORDER BY id LIMIT 1;
        IF seen IS NULL OR at > moment THEN
            high := middle;
        ELSE
            low := seen + 1;
        END IF;
    END LOOP;
    RETURN low;
END $$;

-- Sets the moment for the rest of a transaction. `whole`: up to this id every entry was known; `newest`: the last known.
CREATE FUNCTION ledger_look_back(moment timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    low    bigint := ledger_first_after(moment - interval '30 seconds');
    high   bigint := ledger_first_after(moment + interval '30 seconds');
    whole  bigint;
    newest bigint;
BEGIN
    SELECT coalesce(min(id) FILTER (WHERE recorded_at > moment), high) - 1, max(id) FILTER (WHERE recorded_at <= moment)
        INTO whole, newest FROM ledger_entry WHERE id >= low AND id < high;
    newest := coalesce(newest, (SELECT max(id) FROM ledger_entry WHERE id < low), 0);
    PERFORM set_config('ledger.as_of', moment::text, true), set_config('ledger.whole', whole::text, true),
        set_config('ledger.newest', newest::text, true);
END $$;

CREATE FUNCTION ledger_past.ledger_now() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT current_setting('ledger.as_of')::timestamptz $$;
CREATE FUNCTION ledger_past.whole() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT current_setting('ledger.whole')::bigint $$;
CREATE FUNCTION ledger_past.newest() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT current_setting('ledger.newest')::bigint $$;

CREATE VIEW ledger_past.ledger_entry AS
    SELECT * FROM public.ledger_entry WHERE recorded_at <= ledger_past.ledger_now() AND id <= ledger_past.newest();

CREATE VIEW ledger_past.ledger_posting AS
    SELECT * FROM public.ledger_posting WHERE recorded_at <= ledger_past.ledger_now();

CREATE VIEW ledger_past.ledger_stream AS
    SELECT s.id, e.seq AS version, e.hash AS head, e.recorded_at AS at
    FROM public.ledger_stream s CROSS JOIN LATERAL (
        SELECT seq, hash, recorded_at FROM public.ledger_entry
        WHERE stream = s.id AND recorded_at <= ledger_past.ledger_now() ORDER BY seq DESC LIMIT 1
    ) AS e;

-- What stands in a stream that has not moved since stands as it stands. The rest is folded from its entries, as
-- entry_8 folds them (deadlines.sql): a mark notes a deadline and leaves the last word to the act before it.
CREATE VIEW ledger_past.ledger_standing AS
    SELECT s.* FROM public.ledger_standing s
    WHERE EXISTS (SELECT FROM public.ledger_stream h WHERE h.id = s.stream AND h.at <= ledger_past.ledger_now())
UNION ALL
    SELECT s.stream, s.key, s.requirement, f.effect, f.status, f.entry_id, f.actor, f.at, coalesce(f.function, ''),
        f.preparer, f.start_by, m.due_at, f.valid_until, coalesce(f.facts, '{}'), m.first_due_at, m.late_at, m.missed_at,
        CASE WHEN s.requirement <> 'milestone' OR f.effect <> 'unmet' OR f.status = 'released' OR m.missed_at IS NOT NULL
             THEN NULL WHEN f.status = 'planned' AND m.late_at IS NULL AND f.start_by < m.due_at THEN f.start_by
             ELSE m.due_at END AS watch_at
    FROM public.ledger_standing s CROSS JOIN LATERAL (
        SELECT (array_agg(k.effect ORDER BY e.seq DESC) FILTER (WHERE k.effect IS NOT NULL))[1] AS effect,
            (array_agg(k.status ORDER BY e.seq DESC) FILTER (WHERE k.effect IS NOT NULL))[1] AS status,
            (array_agg(e.id ORDER BY e.seq DESC) FILTER (WHERE k.effect IS NOT NULL))[1] AS entry_id,
            (array_agg(e.actor ORDER BY e.seq DESC) FILTER (WHERE k.effect IS NOT NULL))[1] AS actor,
            max(e.recorded_at) FILTER (WHERE k.effect IS NOT NULL) AS at,
            (array_agg(said ->> 'function' ORDER BY e.seq DESC) FILTER (WHERE k.effect IS NOT NULL
                AND said ->> 'function' <> ''))[1] AS function,
            (array_agg(e.actor ORDER BY e.seq DESC) FILTER (WHERE k.status = 'submitted'))[1] AS preparer,
            ledger_moment((array_agg(said ->> 'start_by' ORDER BY e.seq DESC) FILTER (WHERE k.effect IS NOT NULL
                AND said ->> 'start_by' IS NOT NULL))[1]) AS start_by,
            ledger_moment((array_agg(said ->> 'due' ORDER BY e.seq DESC) FILTER (WHERE said ->> 'due' IS NOT NULL
                AND (k.effect IS NOT NULL OR k.mark = 'moved')))[1]) AS due_at,
            ledger_moment((array_agg(said ->> 'valid_until' ORDER BY e.seq DESC) FILTER (WHERE k.effect IS NOT NULL))[1])
                AS valid_until,
            (array_agg(said -> 'facts' ORDER BY e.seq DESC) FILTER (WHERE k.effect IS NOT NULL AND said ? 'facts'))[1] AS facts,
            (array_agg(said ->> 'due' ORDER BY e.seq) FILTER (WHERE k.effect IS NOT NULL))[1] AS first_due,
            (array_agg(said ->> 'due' ORDER BY e.seq DESC) FILTER (WHERE k.status = 'planned'))[1] AS planned_due,
            coalesce(max(e.seq) FILTER (WHERE k.status = 'planned'), 0) AS planned,
            coalesce(max(e.seq) FILTER (WHERE k.mark = 'moved'), 0) AS moved,
            max(e.seq) FILTER (WHERE k.mark = 'late') AS late, max(e.seq) FILTER (WHERE k.mark = 'missed') AS missed,
            max(e.recorded_at) FILTER (WHERE k.mark = 'late') AS late_at,
            max(e.recorded_at) FILTER (WHERE k.mark = 'missed') AS missed_at
        FROM public.ledger_entry e JOIN public.ledger_kind k ON k.name = e.kind AND (k.effect IS NOT NULL OR k.mark <> ''),
            LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS said) AS body
        WHERE e.stream = s.stream AND e.recorded_at <= ledger_past.ledger_now() AND said ->> 'key' = s.key
    ) AS f CROSS JOIN LATERAL (
        SELECT f.due_at, ledger_moment(CASE WHEN f.planned > 0 THEN f.planned_due ELSE f.first_due END) AS first_due_at,
            CASE WHEN f.late > f.planned THEN f.late_at END AS late_at,
            CASE WHEN f.missed > greatest(f.planned, f.moved) THEN f.missed_at END AS missed_at
    ) AS m
    WHERE f.entry_id IS NOT NULL
      AND EXISTS (SELECT FROM public.ledger_stream h WHERE h.id = s.stream AND h.at > ledger_past.ledger_now());

GRANT SELECT ON ALL TABLES IN SCHEMA ledger_past TO ledger_app;
