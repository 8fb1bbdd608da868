-- A decision that is undone stands in the record, and nothing follows from it any more: the standing is again what the
-- submission before it had made it. What time noted meanwhile (late, missed, moved) stays.

CREATE FUNCTION ledger_is_undone(of_stream text, decision bigint, by_then timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM ledger_entry WHERE stream = of_stream AND id > decision AND kind = 'milestone.undone'
        AND recorded_at <= by_then
        AND (convert_from(envelope, 'UTF8')::jsonb #>> '{body,undoes}')::bigint = decision) $$;

CREATE FUNCTION ledger_undo_standing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body      jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    undone    bigint := (body ->> 'undoes')::bigint;
    submitted ledger_entry;
    bound     jsonb;
BEGIN
    SELECT e.* INTO submitted FROM ledger_entry e WHERE e.stream = NEW.stream AND e.id < undone
        AND e.kind = 'milestone.submitted' AND convert_from(e.envelope, 'UTF8')::jsonb #>> '{body,key}' = body ->> 'key'
        ORDER BY e.seq DESC LIMIT 1;
    SELECT said -> 'facts' INTO bound FROM ledger_entry e JOIN ledger_kind k ON k.name = e.kind AND k.effect IS NOT NULL,
            LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS said) AS b
        WHERE e.stream = NEW.stream AND e.id < undone AND said ->> 'key' = body ->> 'key' AND said ? 'facts'
          AND NOT (e.kind IN ('milestone.verified', 'milestone.rejected')
                   AND ledger_is_undone(e.stream, e.id, NEW.recorded_at))
        ORDER BY e.seq DESC LIMIT 1;
    UPDATE ledger_standing SET effect = 'unmet', status = 'submitted', entry_id = submitted.id, actor = submitted.actor,
            at = submitted.recorded_at, preparer = submitted.actor, valid_until = NULL, facts = coalesce(bound, '{}')
        WHERE stream = NEW.stream AND key = body ->> 'key' AND entry_id = undone AND requirement = 'milestone'
          AND status IN ('verified', 'rejected') AND submitted.id IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is not what was decided last of %', undone, body ->> 'key'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'only_the_last_decision_is_undone';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_8_undoes BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind = 'milestone.undone') EXECUTE FUNCTION ledger_undo_standing();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_8_undoes;

CREATE OR REPLACE VIEW ledger_past.ledger_standing AS
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
          AND NOT (e.kind IN ('milestone.verified', 'milestone.rejected')
                   AND public.ledger_is_undone(e.stream, e.id, ledger_past.ledger_now()))
    ) AS f CROSS JOIN LATERAL (
        SELECT f.due_at, ledger_moment(CASE WHEN f.planned > 0 THEN f.planned_due ELSE f.first_due END) AS first_due_at,
            CASE WHEN f.late > f.planned THEN f.late_at END AS late_at,
            CASE WHEN f.missed > greatest(f.planned, f.moved) THEN f.missed_at END AS missed_at
    ) AS m
    WHERE f.entry_id IS NOT NULL
      AND EXISTS (SELECT FROM public.ledger_stream h WHERE h.id = s.stream AND h.at > ledger_past.ledger_now());
