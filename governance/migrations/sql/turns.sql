-- Whose turn it is at what was submitted: of the verifier to whom it was handed over, or of who was asked a question. An
-- open question stops the clock of the verifier, never the due moment that the milestone owes. One row a submission,
-- written by entries only; a submission that nobody asked about or handed over has none.

CREATE TABLE governance_turn (
    stream     text COLLATE "C" NOT NULL,
    submission bigint NOT NULL, -- the entry that the standing rests on while it is submitted
    key        text COLLATE "C" NOT NULL,
    deal_id    bigint NOT NULL REFERENCES pipeline_deal (id),
    handed_to  bigint,
    question   bigint, -- the open one
    asked_by   bigint,
    asked_of   bigint,
    asked_at   timestamptz,
    stopped_us bigint NOT NULL, -- for how long answered questions have stopped the clock
    entry_id   bigint NOT NULL,
    PRIMARY KEY (stream, submission),
    CONSTRAINT a_question_is_asked_by_and_of_somebody CHECK ((question IS NULL) = (asked_by IS NULL)
        AND (question IS NULL) = (asked_of IS NULL) AND (question IS NULL) = (asked_at IS NULL))
);
CREATE INDEX governance_turn_by_asked ON governance_turn (asked_of) WHERE question IS NOT NULL;
SELECT ledger_guard('governance_turn', false);

-- What builds on a decision of a key: everything later but steps of other keys, what time notes, and refusals.
CREATE FUNCTION governance_builds_on(kind text, of_key text, decided text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT NOT (kind IN ('milestone.missed', 'milestone.started_late', 'variance.recorded', 'gate.refused', 'wording.changed',
            'forecast.lowered')
        OR coalesce(of_key, '') <> decided AND split_part(kind, '.', 1) IN ('milestone', 'evidence', 'handshake')) $$;

CREATE FUNCTION governance_keep_turn() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said    jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body    jsonb := said -> 'body';
    person  bigint := (body ->> 'to')::bigint;
    deal    pipeline_dealstate;
    stands  ledger_standing;
    held    governance_turn;
    decided ledger_entry;
BEGIN
    SELECT * INTO deal FROM pipeline_dealstate WHERE stream = NEW.stream
        AND deal_id = split_part(NEW.stream, '/', 2)::bigint;
    -- The standing has not moved yet (trigger 8 comes later).
    SELECT * INTO stands FROM ledger_standing WHERE stream = NEW.stream AND key = body ->> 'key' AND requirement = 'milestone';
    IF NEW.kind = 'milestone.undone' THEN
        SELECT * INTO decided FROM ledger_entry WHERE id = stands.entry_id AND id = (body ->> 'undoes')::bigint
            AND kind IN ('milestone.verified', 'milestone.rejected');
        IF decided.actor IS DISTINCT FROM NEW.actor OR said ->> 'on_behalf' IS NOT NULL THEN
            PERFORM pipeline_refuse('a decision is undone by who took it', 'a_decision_is_undone_by_who_took_it');
        END IF;
        IF EXISTS (SELECT FROM ledger_entry e WHERE e.stream = NEW.stream AND e.seq > decided.seq AND governance_builds_on(
                e.kind, convert_from(e.envelope, 'UTF8')::jsonb #>> '{body,key}', stands.key)) THEN
            PERFORM pipeline_refuse('somebody has built on this decision', 'a_decision_is_undone_while_nobody_has_built_on_it');
        END IF;
        RETURN NEW;
    END IF;
    IF stands.status IS DISTINCT FROM 'submitted' OR (body ->> 'submission')::bigint IS DISTINCT FROM stands.entry_id THEN
        PERFORM pipeline_refuse(format('milestone %s is not submitted', body ->> 'key'), 'a_turn_is_of_what_is_submitted');
    END IF;
    SELECT * INTO held FROM governance_turn WHERE stream = NEW.stream AND submission = stands.entry_id;
    IF (NEW.kind = 'milestone.asked') <> (held.question IS NULL) AND NEW.kind <> 'milestone.handed_over' THEN
        PERFORM pipeline_refuse('one question at a time is asked, and answered', 'one_question_is_open_at_a_time');
    END IF;
    IF NEW.kind = 'milestone.asked' THEN
        -- That whoever asks could verify is kept by entry_4_keeps_askers_apart.
        IF person IS DISTINCT FROM stands.preparer OR NOT said -> 'private' @> '[{"name": "question"}]' THEN
            PERFORM pipeline_refuse('a question has its words and goes to who submitted', 'a_question_goes_to_who_submitted');
        END IF;
    ELSIF NEW.kind = 'milestone.answered' THEN
        IF NEW.actor <> held.asked_of OR NOT said -> 'private' @> '[{"name": "answer"}]' THEN
            PERFORM pipeline_refuse('a question is answered, in words, by who was asked', 'a_question_is_answered_by_who_was_asked');
        END IF;
    ELSIF NOT pipeline_holds_function(NEW.actor, stands.function, deal.unit, NEW.recorded_at) THEN
        PERFORM pipeline_refuse(format('person %s does not hold %s in %s', NEW.actor, stands.function, deal.unit),
            'a_turn_is_moved_by_its_function');
    ELSIF NEW.kind = 'milestone.handed_over' AND person IS NOT NULL AND (
            NOT pipeline_holds_function(person, stands.function, deal.unit, NEW.recorded_at) OR person = stands.preparer
            OR EXISTS (SELECT FROM pipeline_seat WHERE person_id = person AND (id = deal.owner_id OR deal.credits @> to_jsonb(id)))
            OR EXISTS (SELECT FROM ledger_entry e, LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb AS said) AS b
                WHERE e.stream = NEW.stream AND e.kind = 'evidence.added' AND b.said #>> '{body,key}' = stands.key
                  AND (e.actor = person OR (b.said ->> 'on_behalf')::bigint = person))) THEN
        PERFORM pipeline_refuse('it is handed over to somebody who may verify it', 'it_is_handed_over_to_who_may_verify');
    END IF;

    INSERT INTO governance_turn AS t (stream, submission, key, deal_id, handed_to, question, asked_by, asked_of, asked_at,
            stopped_us, entry_id)
        VALUES (NEW.stream, stands.entry_id, stands.key, deal.deal_id,
            CASE WHEN NEW.kind = 'milestone.handed_over' THEN person ELSE held.handed_to END,
            CASE NEW.kind WHEN 'milestone.asked' THEN NEW.id WHEN 'milestone.handed_over' THEN held.question END,
            CASE NEW.kind WHEN 'milestone.asked' THEN NEW.actor WHEN 'milestone.handed_over' THEN held.asked_by END,
            CASE NEW.kind WHEN 'milestone.asked' THEN person WHEN 'milestone.handed_over' THEN held.asked_of END,
            CASE NEW.kind WHEN 'milestone.asked' THEN NEW.recorded_at WHEN 'milestone.handed_over' THEN held.asked_at END,
            coalesce(held.stopped_us, 0) + CASE WHEN NEW.kind = 'milestone.answered'
                THEN (extract(epoch FROM NEW.recorded_at - held.asked_at) * 1000000)::bigint ELSE 0 END,
            NEW.id)
        ON CONFLICT (stream, submission) DO UPDATE SET handed_to = excluded.handed_to, question = excluded.question,
            asked_by = excluded.asked_by, asked_of = excluded.asked_of, asked_at = excluded.asked_at,
            stopped_us = excluded.stopped_us, entry_id = excluded.entry_id;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_4_keeps_turns BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('milestone.asked', 'milestone.answered', 'milestone.unasked', 'milestone.handed_over',
        'milestone.undone')) EXECUTE FUNCTION governance_keep_turn();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_turns;

-- Whoever asks could verify: the same duties.
CREATE TRIGGER entry_4_keeps_askers_apart BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind = 'milestone.asked') EXECUTE FUNCTION governance_check_duties();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_askers_apart;

-- As they stood at a moment: folded from the entries of each submission.
CREATE VIEW ledger_past.governance_turn AS
    SELECT t.stream, t.submission, t.key, t.deal_id, f.handed_to, CASE WHEN f.open THEN f.question END AS question,
        CASE WHEN f.open THEN f.asked_by END AS asked_by, CASE WHEN f.open THEN f.asked_of END AS asked_of,
        CASE WHEN f.open THEN f.asked_at END AS asked_at, coalesce(f.stopped_us, 0)::bigint AS stopped_us, f.entry_id
    FROM public.governance_turn t CROSS JOIN LATERAL (
        SELECT max(id) AS entry_id,
            (array_agg((body ->> 'to')::bigint ORDER BY seq DESC) FILTER (WHERE kind = 'milestone.handed_over'))[1] AS handed_to,
            (array_agg(kind ORDER BY seq DESC) FILTER (WHERE kind <> 'milestone.handed_over'))[1] = 'milestone.asked' AS open,
            max(id) FILTER (WHERE kind = 'milestone.asked') AS question,
            (array_agg(actor ORDER BY seq DESC) FILTER (WHERE kind = 'milestone.asked'))[1] AS asked_by,
            (array_agg((body ->> 'to')::bigint ORDER BY seq DESC) FILTER (WHERE kind = 'milestone.asked'))[1] AS asked_of,
            max(recorded_at) FILTER (WHERE kind = 'milestone.asked') AS asked_at,
            sum((extract(epoch FROM recorded_at - asked) * 1000000)::bigint) FILTER (WHERE kind = 'milestone.answered')
                AS stopped_us
        FROM (
            SELECT e.id, e.seq, e.kind, e.actor, e.recorded_at, said AS body,
                lag(e.recorded_at) OVER (PARTITION BY e.kind = 'milestone.handed_over' ORDER BY e.seq) AS asked
            FROM public.ledger_entry e, LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS said) AS b
            WHERE e.stream = t.stream AND e.recorded_at <= ledger_past.ledger_now() AND e.id > t.submission
              AND e.kind IN ('milestone.asked', 'milestone.answered', 'milestone.unasked', 'milestone.handed_over')
              AND (said ->> 'submission')::bigint = t.submission
        ) AS step
    ) AS f WHERE f.entry_id IS NOT NULL;
GRANT SELECT ON ledger_past.governance_turn TO ledger_app;
