-- Waivers: an expiring, counted exception to one requirement, under two signatures of different functions. The table is
-- what the record says of each; only the insert of an entry writes it.

CREATE TABLE governance_waiver (
    id                 bigint PRIMARY KEY, -- the entry that asked for it
    stream             text COLLATE "C" NOT NULL,
    deal_id            bigint NOT NULL REFERENCES pipeline_deal (id),
    key                text COLLATE "C" NOT NULL,
    reason             text NOT NULL,
    unit               text NOT NULL,
    requester          bigint NOT NULL,
    requester_function text NOT NULL,
    requested_at       timestamptz NOT NULL,
    valid_until        timestamptz NOT NULL,
    value_minor        bigint NOT NULL,
    state              text NOT NULL CHECK (state IN ('requested', 'refused', 'granted', 'repaid', 'ended')),
    approver           bigint,
    approver_function  text,
    decided_at         timestamptz,
    closed_at          timestamptz,
    entry_id           bigint NOT NULL
);
CREATE UNIQUE INDEX a_requirement_has_one_open_waiver ON governance_waiver (stream, key) WHERE state IN ('requested', 'granted');
CREATE INDEX governance_waiver_by_deal ON governance_waiver (deal_id, id);
CREATE INDEX governance_waiver_by_team ON governance_waiver (unit, requester_function, decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX governance_waiver_that_waits ON governance_waiver (unit, id) WHERE state = 'requested';
CREATE INDEX governance_waiver_by_end ON governance_waiver (valid_until) WHERE state IN ('requested', 'granted');
SELECT ledger_guard('governance_waiver', false);

CREATE FUNCTION governance_keep_waiver() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said    jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body    jsonb := said -> 'body';
    target  text := substring(body ->> 'key' FROM '^waiver/(.+)$');
    people  bigint[] := array_remove(ARRAY[NEW.actor, (said ->> 'on_behalf')::bigint], NULL);
    deal    pipeline_dealstate;
    held    governance_waiver;
    until   timestamptz := ledger_moment(body ->> 'valid_until');
    near    bigint[];
BEGIN
    SELECT * INTO deal FROM pipeline_dealstate WHERE stream = NEW.stream
        AND deal_id = split_part(NEW.stream, '/', 2)::bigint;
    IF target IS NULL OR body ->> 'requirement' IS DISTINCT FROM 'waiver' THEN
        PERFORM pipeline_refuse('a waiver names the requirement that it excuses', 'a_waiver_names_its_requirement');
    END IF;
    SELECT * INTO held FROM governance_waiver
        WHERE stream = NEW.stream AND key = target AND state IN ('requested', 'granted');

    IF NEW.kind = 'waiver.requested' THEN
        IF NOT EXISTS (SELECT FROM pipeline_gaterequirement WHERE version = deal.policy_version AND key = target
                AND kind <> 'attestation') THEN
            PERFORM pipeline_refuse(format('%s is no requirement that can be waived', target),
                'a_waiver_names_its_requirement');
        END IF;
        IF until IS NULL OR until <= NEW.recorded_at OR until > NEW.recorded_at + interval '14 days' THEN
            PERFORM pipeline_refuse('a waiver ends within 14 days', 'a_waiver_ends_within_14_days');
        END IF;
        IF coalesce(body #>> '{facts,reason}', '') = '' OR NOT said -> 'private' @> '[{"name": "step"}]' THEN
            PERFORM pipeline_refuse('a waiver has a reason and a compensating step', 'a_waiver_has_a_reason_and_a_step');
        END IF;
        IF (body #>> '{facts,value_minor}')::bigint IS DISTINCT FROM coalesce(deal.value_minor, 0) THEN
            PERFORM pipeline_refuse('a waiver counts the value of its deal', 'a_waiver_counts_the_value_of_its_deal');
        END IF;
        IF NOT pipeline_holds_function(NEW.actor, body #>> '{facts,function}', deal.unit, NEW.recorded_at) THEN
            PERFORM pipeline_refuse('who asks for a waiver holds the function in which they ask', 'who_asks_holds_the_function');
        END IF;
        INSERT INTO governance_waiver (id, stream, deal_id, key, reason, unit, requester, requester_function, requested_at,
                valid_until, value_minor, state, entry_id)
            VALUES (NEW.id, NEW.stream, deal.deal_id, target, body #>> '{facts,reason}', deal.unit, NEW.actor,
                body #>> '{facts,function}', NEW.recorded_at, until, (body #>> '{facts,value_minor}')::bigint, 'requested', NEW.id);
        RETURN NEW;
    END IF;

    IF held.id IS NULL OR held.id IS DISTINCT FROM (body #>> '{facts,waiver}')::bigint OR (held.state = 'requested')
            <> (NEW.kind IN ('waiver.granted', 'waiver.refused')) THEN
        PERFORM pipeline_refuse(format('no such waiver of %s is open', target), 'an_act_on_a_waiver_finds_it_open');
    END IF;
    IF NEW.kind IN ('waiver.granted', 'waiver.refused') AND NOT (NEW.kind = 'waiver.refused'
            AND (NEW.actor = held.requester OR NEW.actor = 0 AND held.valid_until <= NEW.recorded_at)) THEN
        SELECT array_agg(person_id) INTO near FROM pipeline_seat WHERE id = deal.owner_id OR deal.credits @> to_jsonb(id);
        IF held.requester = ANY (people) OR body #>> '{facts,function}' IS NOT DISTINCT FROM held.requester_function
                OR people && near OR NOT EXISTS (SELECT FROM pipeline_seat WHERE person_id = NEW.actor
                    AND function = body #>> '{facts,function}' AND role IN ('lead', 'manager', 'executive')
                    AND (unit IS NULL OR unit = deal.unit) AND from_at <= NEW.recorded_at
                    AND (until_at IS NULL OR until_at > NEW.recorded_at)) THEN
            PERFORM pipeline_refuse('a waiver is decided by a lead of another function who does not gain by it',
                'a_waiver_has_two_functions');
        END IF;
        IF held.valid_until <= NEW.recorded_at OR NEW.kind = 'waiver.granted' AND until IS DISTINCT FROM held.valid_until THEN
            PERFORM pipeline_refuse('a waiver is granted as it was asked for', 'a_waiver_is_granted_as_asked');
        END IF;
    ELSIF NEW.kind = 'waiver.ended' AND held.valid_until > NEW.recorded_at THEN
        PERFORM pipeline_refuse('a waiver ends at its end', 'a_waiver_ends_at_its_end');
    ELSIF NEW.kind = 'waiver.repaid' AND EXISTS (SELECT FROM ledger_standing WHERE stream = NEW.stream AND key = target
            AND effect <> 'met') AND EXISTS (SELECT FROM pipeline_gaterequirement WHERE version = deal.policy_version
            AND key = target AND NOT conditional) THEN
        PERFORM pipeline_refuse(format('%s is still owed', target), 'a_waiver_is_repaid_by_meeting_it');
    END IF;
    UPDATE governance_waiver SET entry_id = NEW.id, state = split_part(NEW.kind, '.', 2),
            approver = CASE WHEN NEW.kind IN ('waiver.granted', 'waiver.refused') THEN NEW.actor ELSE approver END,
            approver_function = CASE WHEN NEW.kind IN ('waiver.granted', 'waiver.refused')
                THEN body #>> '{facts,function}' ELSE approver_function END,
            decided_at = CASE WHEN NEW.kind IN ('waiver.granted', 'waiver.refused') THEN NEW.recorded_at ELSE decided_at END,
            closed_at = CASE WHEN NEW.kind <> 'waiver.granted' THEN NEW.recorded_at END
        WHERE id = held.id;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_5_keeps_waivers BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('waiver.requested', 'waiver.refused', 'waiver.granted', 'waiver.repaid', 'waiver.ended'))
    EXECUTE FUNCTION governance_keep_waiver();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_5_keeps_waivers;
