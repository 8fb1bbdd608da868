-- What was known of a stream that has moved since is folded from its entries once, for all its keys; of one that has not,
-- nothing is folded. Folded key by key, and of every stream before it was asked which had moved, the state of a hundred
-- deals took seconds.
CREATE OR REPLACE VIEW ledger_past.ledger_standing AS
    SELECT s.* FROM public.ledger_standing s
    WHERE EXISTS (SELECT FROM public.ledger_stream h WHERE h.id = s.stream AND h.at <= ledger_past.ledger_now())
UNION ALL
    SELECT s.stream, s.key, s.requirement, f.effect, f.status, f.entry_id, f.actor, f.at, coalesce(f.function, ''),
        f.preparer, f.start_by, m.due_at, f.valid_until, coalesce(f.facts, '{}'), m.first_due_at, m.late_at, m.missed_at,
        CASE WHEN f.effect <> 'unmet' OR f.status = 'released' OR m.missed_at IS NOT NULL THEN NULL
             WHEN s.requirement = 'handshake' THEN CASE WHEN f.status <> 'refused' AND f.at < m.due_at THEN m.due_at END
             WHEN s.requirement <> 'milestone' THEN NULL
             WHEN f.status = 'planned' AND m.late_at IS NULL AND f.start_by < m.due_at THEN f.start_by
             ELSE m.due_at END AS watch_at
    FROM public.ledger_stream h CROSS JOIN LATERAL (
        SELECT said ->> 'key' AS key, (array_agg(k.effect ORDER BY e.seq DESC) FILTER (WHERE k.effect IS NOT NULL))[1] AS effect,
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
        WHERE e.stream = h.id AND e.recorded_at <= ledger_past.ledger_now()
          AND NOT (e.kind IN ('milestone.verified', 'milestone.rejected')
                   AND public.ledger_is_undone(e.stream, e.id, ledger_past.ledger_now()))
        GROUP BY said ->> 'key'
    ) AS f JOIN public.ledger_standing s ON s.stream = h.id AND s.key = f.key CROSS JOIN LATERAL (
        SELECT f.due_at, ledger_moment(CASE WHEN f.planned > 0 THEN f.planned_due ELSE f.first_due END) AS first_due_at,
            CASE WHEN f.late > f.planned THEN f.late_at END AS late_at,
            CASE WHEN f.missed > greatest(f.planned, f.moved) THEN f.missed_at END AS missed_at
    ) AS m
    WHERE f.entry_id IS NOT NULL AND h.at > ledger_past.ledger_now()
      AND EXISTS (SELECT FROM public.ledger_standing o WHERE o.stream = h.id);
