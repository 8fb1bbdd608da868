-- Handshakes: offered by one function, answered by another. Whoever answers holds the function that is asked, did not
-- offer, does not own the deal and is not paid on it.

CREATE FUNCTION governance_keep_handshake() RETURNS trigger
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
    IF body ->> 'requirement' IS DISTINCT FROM 'handshake' OR NOT EXISTS (SELECT FROM pipeline_gaterequirement
            WHERE version = deal.policy_version AND key = body ->> 'key' AND kind = 'handshake') THEN
        PERFORM pipeline_refuse(format('%s is no handshake of this policy', body ->> 'key'), 'a_handshake_is_of_its_policy');
    END IF;
    -- The standing has not moved yet (trigger 8 comes later).
    SELECT * INTO stands FROM ledger_standing WHERE stream = NEW.stream AND key = body ->> 'key';
    IF NEW.kind = 'handshake.planned' THEN
        IF stands.key IS NOT NULL THEN
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

CREATE TRIGGER entry_4_keeps_handshakes BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('handshake.planned', 'handshake.offered', 'handshake.accepted', 'handshake.refused',
        'handshake.withdrawn', 'handshake.voided')) EXECUTE FUNCTION governance_keep_handshake();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_handshakes;
