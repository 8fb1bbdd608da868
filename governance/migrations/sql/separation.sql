-- Separation of duties, for everyone: the verifier is not the owner, not the preparer, not an uploader, not paid on
-- the deal, and holds the function in that unit at that moment. A delegate inherits the principal's conflicts.

CREATE FUNCTION governance_check_duties() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said    jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body    jsonb := said -> 'body';
    people  bigint[] := array_remove(ARRAY[NEW.actor, (said ->> 'on_behalf')::bigint], NULL);
    deal    pipeline_dealstate;
    stands  ledger_standing;
    paid    bigint[];
BEGIN
    SELECT * INTO deal FROM pipeline_dealstate WHERE stream = NEW.stream
        AND deal_id = split_part(NEW.stream, '/', 2)::bigint;
    SELECT array_agg(person_id) INTO paid FROM pipeline_seat
        WHERE id = deal.owner_id OR deal.credits @> to_jsonb(id);
    IF NEW.kind = 'attestation.given' THEN
        IF NOT pipeline_holds_function(NEW.actor, body ->> 'function', deal.unit, NEW.recorded_at) THEN
            PERFORM pipeline_refuse(format('person %s does not hold %s in %s', NEW.actor, body ->> 'function', deal.unit),
                'who_attests_holds_the_function');
        END IF;
        IF body ->> 'function' <> 'sales' AND people && paid THEN
            PERFORM pipeline_refuse('who owns a deal or is paid on it attests for sales only', 'who_is_paid_does_not_attest');
        END IF;
        IF EXISTS (SELECT FROM ledger_standing WHERE stream = NEW.stream AND requirement = 'attestation'
                AND status = 'given' AND actor = ANY (people) AND key <> body ->> 'key' AND facts ->> 'terms' = deal.terms) THEN
            PERFORM pipeline_refuse('one person attests for one function', 'one_person_attests_for_one_function');
        END IF;
        IF body #>> '{facts,terms}' IS DISTINCT FROM deal.terms THEN
            PERFORM pipeline_refuse('an attestation stands under the present terms', 'an_attestation_names_the_present_terms');
        END IF;
        RETURN NEW;
    END IF;

    IF NEW.kind = 'approval.given' THEN
        IF people && paid OR NOT EXISTS (
                SELECT FROM pipeline_policyversion v, jsonb_array_elements(v.document -> 'stages') AS s (stage),
                    jsonb_array_elements(s.stage -> 'gate') AS r (said)
                JOIN pipeline_seat seat ON seat.role = r.said ->> 'role' AND seat.person_id = NEW.actor
                    AND (seat.unit IS NULL OR seat.unit = deal.unit) AND seat.from_at <= NEW.recorded_at
                    AND (seat.until_at IS NULL OR seat.until_at > NEW.recorded_at)
                WHERE v.version = deal.policy_version AND r.said ->> 'key' = body ->> 'key'
                    AND r.said ->> 'kind' = 'approval' AND r.said ->> 'role' = body #>> '{facts,role}') THEN
            PERFORM pipeline_refuse('an approval is given in the role that the policy names, by somebody not paid on the deal',
                'who_approves_holds_the_role');
        END IF;
        RETURN NEW;
    END IF;

    -- The standing has not moved yet (trigger 8 comes later): `stands` is what is being decided upon.
    SELECT * INTO stands FROM ledger_standing WHERE stream = NEW.stream AND key = body ->> 'key';
    IF NOT FOUND OR stands.status <> 'submitted' THEN
        PERFORM pipeline_refuse(format('milestone %s is not submitted', body ->> 'key'), 'only_what_is_submitted_is_judged');
    END IF;
    IF people && paid OR EXISTS (
            SELECT FROM ledger_entry e, LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb AS said) AS b
            WHERE e.stream = NEW.stream AND (e.id = stands.entry_id OR e.kind = 'evidence.added')
            AND (e.id = stands.entry_id OR b.said #>> '{body,key}' = body ->> 'key') AND (e.actor = ANY (people) OR (b.said ->> 'on_behalf')::bigint = ANY (people))) THEN
        PERFORM pipeline_refuse('another person verifies: not the owner, the preparer, an uploader or who is paid on the deal',
            'verification_is_by_somebody_else');
    END IF;
    IF NOT pipeline_holds_function(NEW.actor, stands.function, deal.unit, NEW.recorded_at) THEN
        PERFORM pipeline_refuse(format('person %s does not hold %s in %s', NEW.actor, stands.function, deal.unit),
            'who_verifies_holds_the_function');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_4_keeps_duties_apart BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('milestone.verified', 'milestone.rejected', 'attestation.given',
        'approval.given'))
    EXECUTE FUNCTION governance_check_duties();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_duties_apart;
