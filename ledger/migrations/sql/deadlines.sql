-- Deadlines: what the record notes on a key besides its state, and the moment at which somebody must look again.

ALTER TABLE ledger_kind ADD COLUMN mark text NOT NULL DEFAULT '' CHECK (mark IN ('', 'late', 'missed', 'moved'));

ALTER TABLE ledger_standing DISABLE TRIGGER never_changes;
ALTER TABLE ledger_standing ADD COLUMN first_due_at timestamptz, ADD COLUMN late_at timestamptz,
    ADD COLUMN missed_at timestamptz;
UPDATE ledger_standing SET first_due_at = due_at;
ALTER TABLE ledger_standing ENABLE ALWAYS TRIGGER never_changes;
-- The next moment at which time alone makes something true of an open milestone; empty when nothing is awaited.
ALTER TABLE ledger_standing ADD COLUMN watch_at timestamptz GENERATED ALWAYS AS (
    CASE WHEN requirement <> 'milestone' OR effect <> 'unmet' OR status = 'released' OR missed_at IS NOT NULL THEN NULL
         WHEN status = 'planned' AND late_at IS NULL AND start_by < due_at THEN start_by
         ELSE due_at END) STORED;
CREATE INDEX ledger_standing_by_watch ON ledger_standing (watch_at) WHERE watch_at IS NOT NULL;

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
              AND CASE what.mark
                WHEN 'late' THEN status = 'planned' AND late_at IS NULL AND missed_at IS NULL AND start_by <= NEW.recorded_at
                WHEN 'missed' THEN missed_at IS NULL AND due_at <= NEW.recorded_at AND due_at = ledger_moment(body ->> 'due')
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
