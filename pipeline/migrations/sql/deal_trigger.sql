-- The floor of the gate. Python evaluates the whole policy and explains; the database never lets less through.

-- A fact that a verification bound and that has moved beyond its tolerance. Erasable texts are not compared here.
CREATE OR REPLACE FUNCTION pipeline_is_stale(facts jsonb, after jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT EXISTS (
        SELECT FROM (
            SELECT bound.key, bound.value AS was, (facts #>> ARRAY['tolerance', bound.key])::numeric AS tolerance,
                CASE WHEN bound.key = 'amount' THEN after -> 'amount_minor' WHEN after ? bound.key THEN after -> bound.key
                    ELSE after #> ARRAY['inputs', bound.key] END AS now
            FROM jsonb_each_text(CASE WHEN jsonb_typeof(facts -> 'facts') = 'object' THEN facts -> 'facts' ELSE '{}' END) AS bound
        ) AS fact
        WHERE jsonb_typeof(now) IS DISTINCT FROM 'object' AND NOT coalesce(CASE WHEN coalesce(tolerance, 0) = 0
            THEN was = now #>> '{}' ELSE abs((now #>> '{}')::numeric - was::numeric) <= tolerance * abs(was::numeric) END, false)
    ) $$;

-- Every requirement of the gate into `stage` must be met, waived or, where the policy allows, not applicable;
-- what rests on a fact of the record must stand there now, fresh, and not by somebody who owns or is paid on the deal.
CREATE OR REPLACE FUNCTION pipeline_check_gate(of_deal pipeline_dealstate, after jsonb, decision jsonb, at timestamptz)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    needed  record;
    said    text;
    stands  ledger_standing;
    near    bigint[];
BEGIN
    IF decision ->> 'policy' IS DISTINCT FROM of_deal.policy_version::text
       OR decision ->> 'from' IS DISTINCT FROM of_deal.stage OR decision ->> 'to' IS DISTINCT FROM after ->> 'stage'
       OR decision -> 'passed' IS DISTINCT FROM 'true'::jsonb THEN
        PERFORM pipeline_refuse('an advance carries the decision of its gate', 'an_advance_carries_its_decision');
    END IF;
    SELECT array_agg(person_id) INTO near FROM pipeline_seat WHERE id = ANY (array_append(
        ARRAY(SELECT credit::bigint FROM jsonb_array_elements_text(of_deal.credits) AS credit), of_deal.owner_id));
    FOR needed IN SELECT * FROM pipeline_gaterequirement
            WHERE version = of_deal.policy_version AND stage = after ->> 'stage' LOOP
        SELECT pair ->> 1 INTO said FROM jsonb_array_elements(decision -> 'results') AS pair
            WHERE pair ->> 0 = needed.key;
        IF said IS NULL OR said NOT IN ('met', 'waived', 'not_applicable')
           OR (said = 'not_applicable' AND NOT needed.conditional) THEN
            PERFORM pipeline_refuse(format('the gate to %s is shut: %s is not met', after ->> 'stage', needed.key),
                'a_deal_advances_only_through_an_open_gate');
        END IF;
        IF said = 'met' AND needed.kind = 'input' THEN
            IF coalesce(after ->> needed.input, CASE WHEN needed.input = 'amount' THEN after ->> 'amount_minor' END,
                        after #>> ARRAY['inputs', needed.input]) IS NULL THEN
                PERFORM pipeline_refuse(format('the gate to %s is shut: %s is missing', after ->> 'stage', needed.input),
                    'a_deal_advances_only_through_an_open_gate');
            END IF;
        ELSIF said = 'waived' OR (said = 'met' AND needed.kind <> 'condition') THEN
            -- A waiver stands beside what it excuses.
            SELECT * INTO stands FROM ledger_standing WHERE stream = of_deal.stream
                AND key = CASE WHEN said = 'waived' THEN 'waiver/' ELSE '' END || needed.key;
            IF NOT FOUND OR stands.effect <> said OR stands.valid_until <= at
               OR (said = 'met' AND ((stands.requirement, stands.function) <> (needed.kind, needed.function)
                   OR needed.function <> 'sales' AND stands.actor = ANY (near)
                   OR needed.kind IN ('milestone', 'approval') AND (stands.actor = ANY (near) OR pipeline_is_stale(stands.facts, after))
                   OR needed.kind = 'attestation' AND (stands.facts ->> 'terms' IS DISTINCT FROM of_deal.terms
                       OR stands.entry_id < of_deal.terms_entry))) THEN
                PERFORM pipeline_refuse(format('the gate to %s is shut: %s does not stand in the record',
                    after ->> 'stage', needed.key), 'a_deal_advances_only_through_an_open_gate');
            END IF;
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION pipeline_move_deal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said   jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body   jsonb := said -> 'body';
    after  jsonb := body -> 'after';
    number bigint := substring(NEW.stream FROM '^deal/([1-9][0-9]{0,17})$')::bigint;
    was    pipeline_dealstate;
    from_place integer;
    to_place   integer;
    last_place integer;
BEGIN
    IF number IS NULL THEN
        PERFORM pipeline_refuse(format('%s is no stream of a deal', NEW.stream), 'a_stream_of_a_deal_bears_its_number');
    END IF;
    SELECT * INTO was FROM pipeline_dealstate WHERE deal_id = number;
    IF NOT FOUND THEN
        PERFORM pipeline_refuse(format('deal %s is not open yet', number), 'a_deal_begins_by_opening');
    END IF;
    IF (NEW.kind LIKE 'deal.%' OR NEW.kind LIKE 'booking.%') <> (coalesce(jsonb_typeof(after), '') = 'object') THEN
        PERFORM pipeline_refuse(format('%s states what a deal becomes, or it should', NEW.kind),
            'only_what_moves_a_deal_states_its_state');
    END IF;
    IF after IS NULL THEN
        IF jsonb_path_exists(body, '$.postings[*] ? (@.book == "bookings")') THEN
            PERFORM pipeline_refuse(format('%s moves no value', NEW.kind), 'postings_say_what_the_deal_moves');
        END IF;
        UPDATE pipeline_dealstate SET version = NEW.seq, entry_id = NEW.id WHERE deal_id = number;
        RETURN NEW;
    END IF;

    SELECT max(place), max(place) FILTER (WHERE stage = after ->> 'stage'), max(place) FILTER (WHERE stage = was.stage)
        INTO last_place, to_place, from_place
        FROM pipeline_policystage WHERE version = (after ->> 'policy_version')::integer;
    IF NEW.kind = 'deal.rebound' THEN
        PERFORM pipeline_check_rebinding(was, body);
    ELSIF (after ->> 'policy_version')::integer IS DISTINCT FROM was.policy_version THEN
        PERFORM pipeline_refuse('a deal keeps the policy that it entered under', 'a_deal_keeps_its_policy');
    END IF;
    IF NEW.kind IN ('deal.advanced', 'booking.recorded') THEN
        IF to_place IS NULL OR from_place IS NULL OR to_place <> from_place + 1
           OR (NEW.kind = 'booking.recorded') <> (to_place = last_place) THEN
            PERFORM pipeline_refuse(format('stages may not be skipped: %s does not follow %s',
                after ->> 'stage', was.stage), 'stages_may_not_be_skipped');
        END IF;
        PERFORM pipeline_check_gate(was, after, body -> 'decision', NEW.recorded_at);
    ELSIF NEW.kind IN ('deal.returned', 'booking.reversed') THEN
        IF to_place IS NULL OR from_place IS NULL OR to_place >= from_place
           OR (NEW.kind = 'booking.reversed' AND (from_place <> last_place OR to_place <> from_place - 1)) THEN
            PERFORM pipeline_refuse('a deal returns to an earlier stage', 'a_deal_returns_to_an_earlier_stage');
        END IF;
    ELSIF NEW.kind = 'deal.lost' THEN
        IF from_place IS NULL OR after ->> 'stage' <> 'lost' OR coalesce(body ->> 'reason', '') = '' THEN
            PERFORM pipeline_refuse('an open deal is lost with a reason', 'a_deal_is_lost_with_a_reason');
        END IF;
    ELSIF NEW.kind = 'deal.reopened' THEN
        IF was.stage NOT IN ('lost', 'history') OR to_place IS DISTINCT FROM 0 THEN
            PERFORM pipeline_refuse('a lost deal re-opens in the first stage', 'a_lost_deal_reopens_in_the_first_stage');
        END IF;
    ELSIF NEW.kind <> 'deal.rebound' AND after ->> 'stage' IS DISTINCT FROM was.stage THEN
        PERFORM pipeline_refuse(format('%s does not move a deal', NEW.kind), 'only_some_kinds_move_a_deal');
    END IF;
    IF NEW.kind IN ('deal.returned', 'deal.reopened') AND NOT said -> 'private' @> '[{"name": "reason"}]' THEN
        PERFORM pipeline_refuse('a step back has its reason', 'a_step_back_has_its_reason');
    END IF;
    PERFORM pipeline_check_deal(NEW.kind, NEW.recorded_at, number, was, body, to_place, last_place);

    UPDATE pipeline_dealstate SET version = NEW.seq, entry_id = NEW.id,
        stage_entered_at = CASE WHEN stage = after ->> 'stage' THEN stage_entered_at ELSE NEW.recorded_at END,
        stage = after ->> 'stage', policy_version = (after ->> 'policy_version')::integer,
        unit = after ->> 'unit', owner_id = (after ->> 'owner')::bigint,
        account_id = (after ->> 'account')::bigint, amount_minor = (after ->> 'amount_minor')::bigint,
        currency = after ->> 'currency', value_minor = (after ->> 'value_minor')::bigint, place = after ->> 'place',
        period = (after ->> 'period')::date, close_on = (after ->> 'close_on')::date,
        start_on = (after ->> 'start_on')::date, terms = after ->> 'terms',
        terms_entry = CASE WHEN terms = after ->> 'terms' THEN terms_entry ELSE NEW.id END,
        inputs = coalesce(after -> 'inputs', '{}'), lines = coalesce(after -> 'lines', '[]'),
        credits = coalesce(after -> 'credits', '[]'), input_at = coalesce(after -> 'input_at', '{}')
        WHERE deal_id = number;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER entry_2_moves_its_deal BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.stream LIKE 'deal/%' AND NEW.kind NOT IN ('deal.opened', 'deal.imported'))
    EXECUTE FUNCTION pipeline_move_deal();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_2_moves_its_deal;

-- A change of a deal's state needs an entry of the same transaction, whoever makes it. A head that we see while its
-- writer is still in progress was moved by ourselves: by this transaction, or by a savepoint of it.
CREATE OR REPLACE FUNCTION pipeline_guard_dealstate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR pg_trigger_depth() < 2 OR NOT EXISTS (
            SELECT FROM ledger_stream WHERE id = NEW.stream AND version = NEW.version
            AND (xmin = pg_current_xact_id()::xid OR pg_xact_status(
                (pg_current_xact_id()::text::bigint & ~4294967295 | xmin::text::bigint)::text::xid8) = 'in progress')) THEN
        RAISE EXCEPTION 'deal % moves only by an entry of the same transaction', coalesce(NEW.deal_id, OLD.deal_id)
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_deal_moves_only_by_an_entry_of_the_same_transaction';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER never_changes BEFORE INSERT OR UPDATE OR DELETE ON pipeline_dealstate
    FOR EACH ROW EXECUTE FUNCTION pipeline_guard_dealstate();
CREATE OR REPLACE TRIGGER never_empties BEFORE TRUNCATE ON pipeline_dealstate
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER never_changes;
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER never_empties;
