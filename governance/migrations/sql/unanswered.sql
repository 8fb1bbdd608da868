-- As in handshakes.sql: one that nobody asks for any more is released, and planned anew when somebody does.

CREATE OR REPLACE FUNCTION governance_keep_handshake() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said   jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body   jsonb := said -> 'body';
    people bigint[] := array_remove(ARRAY[NEW.actor, (said ->> 'on_behalf')::bigint], NULL);
    deal   pipeline_dealstate;
    stands ledger_standing;
    near   bigint[];
BEGIN
    SELECT * INTO deal FROM pipeline_dealstate WHERE stream = NEW.stream
        AND deal_id = split_part(NEW.stream, '/', 2)::bigint;
    -- The standing has not moved yet (trigger 8 comes later).
    SELECT * INTO stands FROM ledger_standing WHERE stream = NEW.stream AND key = body ->> 'key';
    IF NEW.kind = 'handshake.released' THEN
        IF stands.requirement IS DISTINCT FROM 'handshake' OR stands.effect <> 'unmet' OR stands.status = 'released'
            OR deal.stage NOT IN ('lost', 'history') AND EXISTS (SELECT FROM pipeline_gaterequirement
                WHERE version = deal.policy_version AND key = body ->> 'key' AND kind = 'handshake') THEN
            PERFORM pipeline_refuse(format('handshake %s is asked for still', body ->> 'key'),
                'a_handshake_is_released_when_nobody_asks_for_it');
        END IF;
        RETURN NEW;
    END IF;
    IF body ->> 'requirement' IS DISTINCT FROM 'handshake' OR NOT EXISTS (SELECT FROM pipeline_gaterequirement
            WHERE version = deal.policy_version AND key = body ->> 'key' AND kind = 'handshake') THEN
        PERFORM pipeline_refuse(format('%s is no handshake of this policy', body ->> 'key'), 'a_handshake_is_of_its_policy');
    END IF;
    IF NEW.kind = 'handshake.planned' THEN
        IF stands.status <> 'released' THEN
            PERFORM pipeline_refuse('a handshake is planned once', 'a_handshake_is_planned_once');
        END IF;
        RETURN NEW;
    END IF;
    IF stands.key IS NULL OR NOT (CASE NEW.kind
            WHEN 'handshake.offered' THEN stands.status IN ('planned', 'refused', 'withdrawn', 'voided')
            WHEN 'handshake.accepted' THEN stands.status = 'offered'
            WHEN 'handshake.refused' THEN stands.status = 'offered'
            ELSE stands.status = 'accepted' END) THEN
        PERFORM pipeline_refuse(format('handshake %s is %s', body ->> 'key', stands.status), 'a_handshake_takes_one_step');
    END IF;
    IF NEW.kind = 'handshake.offered' THEN
        IF body #>> '{facts,date}' IS NULL OR (body #>> '{facts,by}')::bigint IS DISTINCT FROM NEW.actor
                OR coalesce(body #>> '{facts,offered_by}', stands.function) = stands.function
                OR NOT (pipeline_holds_function(NEW.actor, body #>> '{facts,offered_by}', deal.unit, NEW.recorded_at)
                    OR body #>> '{facts,offered_by}' = 'sales' AND EXISTS (SELECT FROM pipeline_seat
                        WHERE id = deal.owner_id AND person_id = NEW.actor)) THEN
            PERFORM pipeline_refuse('a handshake is offered by another function, with a day', 'a_handshake_is_offered_by_another_function');
        END IF;
    ELSIF NEW.kind IN ('handshake.accepted', 'handshake.refused') THEN
        SELECT array_agg(person_id) INTO near FROM pipeline_seat WHERE id = deal.owner_id OR deal.credits @> to_jsonb(id);
        IF people && near OR stands.actor = ANY (people) THEN
            PERFORM pipeline_refuse('another person answers: not who offered, the owner or who is paid on the deal',
                'a_handshake_is_answered_by_somebody_else');
        END IF;
        IF NOT pipeline_holds_function(NEW.actor, stands.function, deal.unit, NEW.recorded_at) THEN
            PERFORM pipeline_refuse(format('person %s does not hold %s in %s', NEW.actor, stands.function, deal.unit),
                'who_answers_holds_the_function');
        END IF;
    ELSIF NEW.kind = 'handshake.withdrawn' AND NOT pipeline_holds_function(NEW.actor, stands.function, deal.unit, NEW.recorded_at) THEN
        PERFORM pipeline_refuse(format('person %s does not hold %s in %s', NEW.actor, stands.function, deal.unit),
            'who_answers_holds_the_function');
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER entry_4_keeps_handshakes BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('handshake.planned', 'handshake.offered', 'handshake.accepted', 'handshake.refused',
        'handshake.withdrawn', 'handshake.voided', 'handshake.released')) EXECUTE FUNCTION governance_keep_handshake();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_handshakes;

-- As in breaks.sql: done, too, is a handshake that was refused, for it is answered.
CREATE OR REPLACE FUNCTION governance_is_done(held governance_alert) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM governance_milestone m JOIN ledger_standing s ON (s.stream, s.key) = (m.stream, m.key)
            JOIN pipeline_dealstate d ON d.deal_id = m.deal_id
            WHERE m.id = held.milestone_id AND s.effect <> 'met' AND s.status <> 'released'
                AND NOT (s.requirement = 'handshake' AND s.status = 'refused')
                AND d.stage NOT IN ('lost', 'history'))
        AND NOT (held.subject = 'break'
            AND EXISTS (SELECT FROM governance_break b WHERE b.stream = held.about AND b.cleared_at IS NULL)) $$;

