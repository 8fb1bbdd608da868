-- A promise of capacity is broken when its day has passed and what is forecast goes over the ceiling still. Forecasts are
-- known above, so the entry says what was seen, and that is held to itself here.

CREATE FUNCTION governance_goes_over(held governance_alert, seen jsonb) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT held.subject = 'capacity' AND coalesce(seen ->> 'month' = split_part(held.about, '/', 3) || '-01'
        AND (seen ->> 'over')::bigint > 0
        AND (seen ->> 'taken')::bigint + (seen ->> 'projected')::bigint - (seen ->> 'limit')::bigint
            = (seen ->> 'over')::bigint, false) $$;

-- As in breaks.sql, with promises of capacity among what the clock finds broken.
CREATE OR REPLACE FUNCTION governance_move_alert() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said   jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body   jsonb := said -> 'body';
    people bigint[] := array_remove(ARRAY[NEW.actor, (said ->> 'on_behalf')::bigint], NULL);
    number bigint := substring(NEW.stream FROM '^alert/([1-9][0-9]{0,17})$')::bigint;
    held   governance_alert;
    next   timestamptz := ledger_moment(body ->> 'next');
    follows text := CASE NEW.kind WHEN 'alert.acknowledged' THEN 'open' WHEN 'alert.explained' THEN 'acknowledged'
        WHEN 'alert.committed' THEN 'explained' WHEN 'alert.reopened' THEN 'committed' END;
    kept   boolean;
BEGIN
    IF number IS NULL THEN
        PERFORM pipeline_refuse(format('%s is no stream of an alert', NEW.stream), 'a_stream_of_an_alert_bears_its_number');
    END IF;
    IF NEW.kind = 'alert.opened' THEN
        IF body ->> 'subject' = 'milestone' AND NOT EXISTS (SELECT FROM governance_milestone m
                JOIN ledger_standing s ON (s.stream, s.key) = (m.stream, m.key)
                WHERE m.id = (body ->> 'milestone')::bigint AND m.key = body ->> 'key'
                  AND m.deal_id = (body ->> 'deal')::bigint AND s.missed_at IS NOT NULL
                  AND s.due_at = ledger_moment(body ->> 'missed')) THEN
            PERFORM pipeline_refuse('an alert is about something that was missed', 'an_alert_is_about_what_was_missed');
        END IF;
        IF body ->> 'subject' = 'break' AND NOT EXISTS (SELECT FROM governance_break b WHERE b.stream = body ->> 'about'
                AND b.cleared_at IS NULL AND (b.deal_id, b.sort) = ((body ->> 'deal')::bigint, body ->> 'key')) THEN
            PERFORM pipeline_refuse('an alert of a break is about one that is open', 'an_alert_is_about_a_break_that_is_open');
        END IF;
        INSERT INTO governance_alert (id, stream, about, subject, milestone_id, deal_id, key, function, unit, owner_seat,
                counterpart, missed_at, opened_at, due_at, severity, warned_at, stake, stake_minor, currency, state, rung,
                rung_at, next_at, entry_id)
            VALUES (number, NEW.stream, body ->> 'about', body ->> 'subject', (body ->> 'milestone')::bigint,
                (body ->> 'deal')::bigint, body ->> 'key', body ->> 'function', body ->> 'unit', (body ->> 'owner')::bigint,
                body ->> 'counterpart', ledger_moment(body ->> 'missed'), NEW.recorded_at, ledger_moment(body ->> 'due'),
                body ->> 'severity', ledger_moment(body ->> 'warned'), body -> 'stake', (body ->> 'stake_minor')::bigint,
                body ->> 'currency', 'open', 0, NEW.recorded_at, next, NEW.id);
        RETURN NEW;
    END IF;

    SELECT * INTO held FROM governance_alert WHERE id = number;
    IF NOT FOUND OR held.state = 'closed' OR follows IS NOT NULL AND held.state <> follows
            AND NOT (NEW.kind = 'alert.reopened' AND held.state = 'explained')
            OR NEW.kind = 'alert.closed' AND held.state NOT IN ('explained', 'committed') THEN
        PERFORM pipeline_refuse(format('%s does not follow %s', NEW.kind, coalesce(held.state, 'nothing')),
            'an_alert_is_answered_in_order');
    END IF;
    kept := governance_is_done(held);

    IF NEW.kind IN ('alert.acknowledged', 'alert.explained', 'alert.committed') THEN
        IF NOT pipeline_holds_function(NEW.actor, held.function, held.unit, NEW.recorded_at) THEN
            PERFORM pipeline_refuse(format('an alert of %s is answered by who holds it in %s', held.function, held.unit),
                'an_alert_is_answered_by_its_function');
        END IF;
        IF NEW.kind = 'alert.explained' AND (coalesce(body ->> 'cause', '') = '' OR NOT said -> 'private' @> '[{"name": "what"}]') THEN
            PERFORM pipeline_refuse('an explanation has its cause and says what happened', 'an_explanation_has_its_cause');
        END IF;
        IF NEW.kind = 'alert.committed' AND (next IS NULL OR next <= NEW.recorded_at OR body ->> 'date' IS NULL
                OR NOT said -> 'private' @> '[{"name": "plan"}]') THEN
            PERFORM pipeline_refuse('a promise has a plan and a date to come', 'a_promise_has_a_plan_and_a_date');
        END IF;
    ELSIF NEW.kind = 'alert.closed' OR NEW.kind = 'alert.reopened' AND NEW.actor <> 0 THEN
        IF people && ARRAY[held.acknowledged_by, held.explained_by, held.committed_by,
                (SELECT person_id FROM pipeline_seat WHERE id = held.owner_seat)]
           OR NOT (pipeline_holds_function(NEW.actor, held.function, held.unit, NEW.recorded_at)
                OR pipeline_holds_function(NEW.actor, held.counterpart, held.unit, NEW.recorded_at)) THEN
            PERFORM pipeline_refuse('an alert is verified by somebody who neither owns nor answered it',
                'an_alert_is_verified_by_somebody_else');
        END IF;
        IF NEW.kind = 'alert.closed' AND NOT kept THEN
            PERFORM pipeline_refuse('what was missed is still owed', 'an_alert_closes_when_what_was_missed_is_done');
        END IF;
    ELSIF NEW.kind = 'alert.reopened' AND (held.next_at IS NULL OR held.next_at > NEW.recorded_at OR kept)
            AND NOT (held.next_at <= NEW.recorded_at AND governance_goes_over(held, body -> 'capacity')) THEN
        PERFORM pipeline_refuse('no promise was broken', 'an_alert_reopens_when_its_promise_is_broken');
    ELSIF NEW.kind = 'alert.escalated' AND (held.next_at IS NULL OR held.next_at > NEW.recorded_at OR held.rung = 2
            OR held.state = 'committed') THEN
        PERFORM pipeline_refuse('it is not time to climb', 'an_alert_climbs_when_its_time_has_come');
    END IF;

    UPDATE governance_alert SET entry_id = NEW.id, next_at = next,
            state = CASE NEW.kind WHEN 'alert.escalated' THEN state WHEN 'alert.reopened' THEN 'open'
                ELSE split_part(NEW.kind, '.', 2) END,
            rung = CASE WHEN NEW.kind IN ('alert.escalated', 'alert.reopened') THEN least(2, rung + 1) ELSE rung END,
            rung_at = CASE WHEN NEW.kind IN ('alert.escalated', 'alert.reopened') THEN NEW.recorded_at ELSE rung_at END,
            cause = CASE WHEN NEW.kind = 'alert.explained' THEN body ->> 'cause' ELSE cause END,
            promised_on = CASE WHEN NEW.kind = 'alert.committed' THEN (body ->> 'date')::date ELSE promised_on END,
            acknowledged_by = CASE WHEN NEW.kind = 'alert.acknowledged' THEN NEW.actor ELSE acknowledged_by END,
            acknowledged_at = CASE WHEN NEW.kind = 'alert.acknowledged' THEN NEW.recorded_at ELSE acknowledged_at END,
            explained_by = CASE WHEN NEW.kind = 'alert.explained' THEN NEW.actor ELSE explained_by END,
            explained_at = CASE WHEN NEW.kind = 'alert.explained' THEN NEW.recorded_at ELSE explained_at END,
            committed_by = CASE WHEN NEW.kind = 'alert.committed' THEN NEW.actor ELSE committed_by END,
            committed_at = CASE WHEN NEW.kind = 'alert.committed' THEN NEW.recorded_at ELSE committed_at END,
            closed_by = CASE WHEN NEW.kind = 'alert.closed' THEN NEW.actor END,
            closed_at = CASE WHEN NEW.kind = 'alert.closed' THEN NEW.recorded_at END
        WHERE id = number;
    RETURN NEW;
END $$;
