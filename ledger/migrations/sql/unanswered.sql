-- Whoever is asked by a handshake answers by its day, or it is missed as a milestone is. A refusal is an answer, and what
-- is offered after that day is looked at by people.

ALTER TABLE ledger_standing ALTER COLUMN watch_at SET EXPRESSION AS (
    CASE WHEN effect <> 'unmet' OR status = 'released' OR missed_at IS NOT NULL THEN NULL
         WHEN requirement = 'handshake' THEN CASE WHEN status <> 'refused' AND at < due_at THEN due_at END
         WHEN requirement <> 'milestone' THEN NULL
         WHEN status = 'planned' AND late_at IS NULL AND start_by < due_at THEN start_by
         ELSE due_at END);

-- As in deadlines.sql, with handshakes among what is missed; a mark is noted on its own sort of requirement.
CREATE OR REPLACE FUNCTION ledger_move_standing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body jsonb;
    what ledger_kind;
BEGIN
    SELECT * INTO what FROM ledger_kind WHERE name = NEW.kind;
    IF what.effect IS NULL AND what.mark = '' THEN
        RETURN NEW;
    END IF;
    body := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    -- A milestone is not attested, and no other act than a waiver speaks for another sort of requirement.
    IF coalesce(body ->> 'key', '') = '' OR (split_part(NEW.kind, '.', 1) IN ('milestone', 'attestation', 'approval')
            AND body ->> 'requirement' IS DISTINCT FROM split_part(NEW.kind, '.', 1)) THEN
        RAISE EXCEPTION '% does not speak for a requirement of kind %', NEW.kind, body ->> 'requirement'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_kind_speaks_for_its_own_requirement';
    END IF;
    IF what.mark <> '' THEN
        UPDATE ledger_standing AS held SET
            late_at   = CASE WHEN what.mark = 'late' THEN NEW.recorded_at ELSE held.late_at END,
            missed_at = CASE what.mark WHEN 'missed' THEN NEW.recorded_at WHEN 'moved' THEN NULL ELSE held.missed_at END,
            due_at    = CASE WHEN what.mark = 'moved' THEN ledger_moment(body ->> 'due') ELSE held.due_at END
            WHERE stream = NEW.stream AND key = body ->> 'key' AND effect = 'unmet' AND status <> 'released'
              AND requirement = split_part(NEW.kind, '.', 1) AND CASE what.mark
                WHEN 'late' THEN status = 'planned' AND late_at IS NULL AND missed_at IS NULL AND start_by <= NEW.recorded_at
                WHEN 'missed' THEN missed_at IS NULL AND due_at <= NEW.recorded_at AND due_at = ledger_moment(body ->> 'due')
                    AND (requirement = 'milestone' OR status <> 'refused' AND at < due_at)
                ELSE ledger_moment(body ->> 'due') > NEW.recorded_at END;
        IF NOT FOUND THEN
            RAISE EXCEPTION '% does not follow from the deadline of %', NEW.kind, body ->> 'key'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_deadline_is_noted_once_and_when_it_is_so';
        END IF;
        RETURN NEW;
    END IF;
    INSERT INTO ledger_standing AS held (stream, key, requirement, effect, status, entry_id, actor, at, function,
            preparer, start_by, due_at, valid_until, facts, first_due_at)
        VALUES (NEW.stream, body ->> 'key', body ->> 'requirement', what.effect, what.status, NEW.id, NEW.actor,
            NEW.recorded_at, coalesce(body ->> 'function', ''),
            CASE WHEN what.status = 'submitted' THEN NEW.actor END,
            ledger_moment(body ->> 'start_by'), ledger_moment(body ->> 'due'), ledger_moment(body ->> 'valid_until'),
            coalesce(body -> 'facts', '{}'), ledger_moment(body ->> 'due'))
        ON CONFLICT (stream, key) DO UPDATE SET
            effect = excluded.effect, status = excluded.status, entry_id = excluded.entry_id,
            actor = excluded.actor, at = excluded.at,
            function = coalesce(nullif(excluded.function, ''), held.function),
            preparer = coalesce(excluded.preparer, held.preparer),
            start_by = coalesce(excluded.start_by, held.start_by),
            due_at = coalesce(excluded.due_at, held.due_at),
            valid_until = excluded.valid_until,
            first_due_at = CASE WHEN what.status = 'planned' THEN excluded.due_at ELSE held.first_due_at END,
            late_at = CASE WHEN what.status = 'planned' THEN NULL ELSE held.late_at END,
            missed_at = CASE WHEN what.status = 'planned' THEN NULL ELSE held.missed_at END,
            facts = CASE WHEN body ? 'facts' THEN excluded.facts ELSE held.facts END
            WHERE held.requirement = excluded.requirement AND excluded.function IN ('', held.function);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'requirement % changes neither its kind nor its function', body ->> 'key'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_requirement_keeps_its_kind_and_function';
    END IF;
    RETURN NEW;
END $$;

-- As in undoing.sql, with handshakes among what is watched.
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
