-- A move to a newer policy version is drafted by a steward and ordered under three signatures; nothing else lets a deal
-- change its version. Who drafted or signed it may withdraw it, and then it moves nothing more. The functions of sql/deal_trigger.sql ask here.

CREATE OR REPLACE FUNCTION pipeline_stage_after(mapped jsonb, stage text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((SELECT pair ->> 'to' FROM jsonb_array_elements(mapped) AS pair WHERE pair ->> 'from' = stage LIMIT 1), stage) $$;

-- Open stages of the older version whose deals would have no open stage in the newer one.
CREATE OR REPLACE FUNCTION pipeline_stages_without_place(old integer, new integer, mapped jsonb) RETURNS text[]
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT array_agg(was.stage) FROM pipeline_policystage was
    WHERE was.version = old AND was.place < (SELECT max(place) FROM pipeline_policystage WHERE version = old)
      AND NOT EXISTS (SELECT FROM pipeline_policystage now WHERE now.version = new
        AND now.stage = pipeline_stage_after(mapped, was.stage)
        AND now.place < (SELECT max(place) FROM pipeline_policystage WHERE version = new)) $$;

CREATE OR REPLACE FUNCTION pipeline_move_is_withdrawn(of_stream text, move bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM ledger_entry e WHERE e.stream = of_stream AND e.kind = 'move.withdrawn'
        AND (convert_from(e.envelope, 'UTF8')::jsonb #>> '{body,move}')::bigint = move) $$;

CREATE OR REPLACE FUNCTION pipeline_keep_policy_move() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body    jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    drafted jsonb;
    drafter bigint;
    signed  integer;
BEGIN
    IF NEW.kind = 'move.drafted' THEN
        IF NOT EXISTS (SELECT FROM pipeline_seat WHERE person_id = NEW.actor AND role = 'steward'
                AND from_at <= NEW.recorded_at AND (until_at IS NULL OR until_at > NEW.recorded_at)) THEN
            PERFORM pipeline_refuse('a move to a newer policy is drafted by a steward', 'a_move_is_drafted_by_a_steward');
        END IF;
        IF (body ->> 'to')::integer <= (body ->> 'from')::integer OR (SELECT count(*) FROM pipeline_policyversion
                WHERE version IN ((body ->> 'from')::integer, (body ->> 'to')::integer) AND published_at IS NOT NULL) < 2 THEN
            PERFORM pipeline_refuse('deals move from a published version to a newer one', 'a_move_goes_to_a_newer_version');
        END IF;
        IF pipeline_stages_without_place((body ->> 'from')::integer, (body ->> 'to')::integer, body -> 'stages') IS NOT NULL THEN
            PERFORM pipeline_refuse('every open stage has its place in the newer version', 'a_move_leaves_no_stage_without_place');
        END IF;
        RETURN NEW;
    END IF;
    SELECT convert_from(envelope, 'UTF8')::jsonb -> 'body', actor INTO drafted, drafter FROM ledger_entry
        WHERE id = (body ->> 'move')::bigint AND stream = NEW.stream AND kind = 'move.drafted';
    IF pipeline_move_is_withdrawn(NEW.stream, (body ->> 'move')::bigint) THEN
        PERFORM pipeline_refuse('a move that was withdrawn stays withdrawn', 'a_withdrawn_move_stays_withdrawn');
    END IF;
    IF NEW.kind = 'move.withdrawn' THEN
        -- Deals that are being moved are moved first; see pipeline_check_rebinding.
        PERFORM pg_advisory_xact_lock(727018, ((body ->> 'move')::bigint % 2147483648)::integer);
        IF drafted IS NULL OR (NEW.actor <> drafter AND NOT EXISTS (SELECT FROM ledger_entry e
                WHERE e.stream = NEW.stream AND e.kind = 'move.signed' AND e.actor = NEW.actor
                AND convert_from(e.envelope, 'UTF8')::jsonb #>> '{body,move}' = body ->> 'move')) THEN
            PERFORM pipeline_refuse('a move is withdrawn by who drafted or signed it', 'a_move_is_withdrawn_by_its_own');
        END IF;
        RETURN NEW;
    END IF;
    IF drafted IS NULL OR EXISTS (SELECT FROM ledger_entry e, LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb AS said) AS b
            WHERE e.stream = NEW.stream AND e.kind = 'move.ordered' AND b.said #>> '{body,move}' = body ->> 'move') THEN
        PERFORM pipeline_refuse('a signature stands under a move that waits for it', 'a_signature_names_the_move_that_it_signs');
    END IF;
    IF NEW.kind = 'move.signed' THEN
        IF NOT EXISTS (SELECT FROM pipeline_seat WHERE person_id = NEW.actor AND function = body ->> 'function'
                AND from_at <= NEW.recorded_at AND (until_at IS NULL OR until_at > NEW.recorded_at)) THEN
            PERFORM pipeline_refuse(format('person %s does not hold %s', NEW.actor, body ->> 'function'),
                'a_move_is_signed_by_who_holds_the_function');
        END IF;
        IF EXISTS (SELECT FROM ledger_entry e, LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb AS said) AS b
                WHERE e.stream = NEW.stream AND e.kind = 'move.signed' AND b.said #>> '{body,move}' = body ->> 'move'
                AND (e.actor = NEW.actor OR b.said #>> '{body,function}' = body ->> 'function')) THEN
            PERFORM pipeline_refuse('one person signs a move for one function', 'one_person_signs_a_move_for_one_function');
        END IF;
        RETURN NEW;
    END IF;
    SELECT count(DISTINCT e.actor) INTO signed FROM ledger_entry e,
        LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS said) AS b
        WHERE e.stream = NEW.stream AND e.kind = 'move.signed' AND b.said ->> 'move' = body ->> 'move'
          AND b.said ->> 'function' IN ('sales', 'operations', 'finance')
        HAVING count(DISTINCT b.said ->> 'function') = 3;
    IF coalesce(signed, 0) < 3 THEN
        PERFORM pipeline_refuse('a move is ordered under three signatures: sales, operations and finance',
            'a_move_is_ordered_under_three_signatures');
    END IF;
    IF (body - 'move') IS DISTINCT FROM (drafted - 'preview') THEN
        PERFORM pipeline_refuse('what is ordered is what was signed', 'what_is_ordered_is_what_was_signed');
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER entry_3_keeps_moves_of_policy BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('move.drafted', 'move.signed', 'move.ordered', 'move.withdrawn')) EXECUTE FUNCTION pipeline_keep_policy_move();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_3_keeps_moves_of_policy;

-- Refuses a deal that changes its version otherwise than as an ordered move says.
CREATE OR REPLACE FUNCTION pipeline_check_rebinding(was pipeline_dealstate, body jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    after   jsonb := body -> 'after';
    ordered jsonb;
    policy  text;
BEGIN
    SELECT convert_from(envelope, 'UTF8')::jsonb -> 'body', stream INTO ordered, policy FROM ledger_entry
        WHERE id = (body ->> 'ordered')::bigint AND kind = 'move.ordered';
    IF ordered IS NULL OR (ordered ->> 'from')::integer IS DISTINCT FROM was.policy_version
       OR ordered ->> 'to' IS DISTINCT FROM after ->> 'policy_version'
       OR coalesce(ordered ->> 'unit', was.unit) <> was.unit THEN
        PERFORM pipeline_refuse('a deal moves to a newer policy as three functions have ordered it',
            'a_deal_keeps_its_policy');
    END IF;
    PERFORM pg_advisory_xact_lock_shared(727018, ((ordered ->> 'move')::bigint % 2147483648)::integer);
    IF pipeline_move_is_withdrawn(policy, (ordered ->> 'move')::bigint) THEN
        PERFORM pipeline_refuse('a move that was withdrawn moves nothing more', 'a_withdrawn_move_stays_withdrawn');
    END IF;
    IF NOT EXISTS (SELECT FROM pipeline_policystage WHERE version = was.policy_version AND stage = was.stage
            AND place < (SELECT max(place) FROM pipeline_policystage WHERE version = was.policy_version)) THEN
        PERFORM pipeline_refuse('what is booked or closed keeps its policy', 'only_an_open_deal_moves_to_a_newer_policy');
    END IF;
    IF after ->> 'stage' <> pipeline_stage_after(ordered -> 'stages', was.stage) THEN
        PERFORM pipeline_refuse('a move puts a deal into the stage that it names', 'a_move_names_the_stage');
    END IF;
END $$;

-- Open deals by their version, for a move to find.
CREATE INDEX IF NOT EXISTS pipeline_dealstate_open_by_policy ON pipeline_dealstate (policy_version, deal_id)
    WHERE (place IS NULL OR place LIKE 'pipeline/%') AND stage NOT IN ('lost', 'history');
