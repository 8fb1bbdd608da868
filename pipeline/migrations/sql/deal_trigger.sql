-- The floor of the gate. Python evaluates the whole policy and explains; the database never lets less through.

CREATE FUNCTION pipeline_refuse(sentence text, name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation', CONSTRAINT = name;
END $$;

-- Every requirement of the gate into `stage` must be met, waived or, where the policy allows, not applicable;
-- what rests on a fact of the record must stand there now.
CREATE FUNCTION pipeline_check_gate(of_deal pipeline_dealstate, after jsonb, decision jsonb, at timestamptz)
RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    needed  record;
    said    text;
    stands  ledger_standing;
BEGIN
    IF decision ->> 'policy' IS DISTINCT FROM of_deal.policy_version::text
       OR decision ->> 'to' IS DISTINCT FROM after ->> 'stage' THEN
        PERFORM pipeline_refuse('an advance carries the decision of its gate', 'an_advance_carries_its_decision');
    END IF;
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
            SELECT * INTO stands FROM ledger_standing WHERE stream = of_deal.stream AND key = needed.key;
            IF NOT FOUND OR stands.effect <> said OR stands.valid_until <= at
               OR (said = 'met' AND (stands.requirement, stands.function) <> (needed.kind, needed.function))
               OR (needed.kind = 'attestation' AND said = 'met' AND stands.facts ->> 'terms' <> of_deal.terms) THEN
                PERFORM pipeline_refuse(format('the gate to %s is shut: %s does not stand in the record',
                    after ->> 'stage', needed.key), 'a_deal_advances_only_through_an_open_gate');
            END IF;
        END IF;
    END LOOP;
END $$;

CREATE FUNCTION pipeline_move_deal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body   jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    after  jsonb := body -> 'after';
    number bigint := split_part(NEW.stream, '/', 2)::bigint;
    was    pipeline_dealstate;
    from_place integer;
    to_place   integer;
    last_place integer;
BEGIN
    SELECT * INTO was FROM pipeline_dealstate WHERE deal_id = number;
    IF NOT FOUND THEN
        IF NEW.kind NOT IN ('deal.opened', 'deal.imported') THEN
            PERFORM pipeline_refuse(format('deal %s is not open yet', number), 'a_deal_begins_by_opening');
        END IF;
    ELSIF NEW.kind IN ('deal.opened', 'deal.imported') THEN
        PERFORM pipeline_refuse(format('deal %s is open already', number), 'a_deal_is_opened_once');
    END IF;
    IF after IS NULL THEN
        UPDATE pipeline_dealstate SET version = NEW.seq, entry_id = NEW.id WHERE deal_id = number;
        RETURN NEW;
    END IF;

    IF NEW.kind IN ('deal.opened', 'deal.imported') THEN
        PERFORM FROM pipeline_policyversion v JOIN pipeline_policystage s USING (version)
            WHERE v.version = (after ->> 'policy_version')::integer AND v.published_at IS NOT NULL
              AND (s.stage = after ->> 'stage' AND s.place = 0
                   OR NEW.kind = 'deal.imported' AND after ->> 'stage' = 'history' AND s.place = 0);
        IF NOT FOUND THEN
            PERFORM pipeline_refuse('a deal opens in the first stage of a published policy',
                'a_deal_opens_in_the_first_stage');
        END IF;
    ELSE
        IF (after ->> 'policy_version')::integer IS DISTINCT FROM was.policy_version THEN
            PERFORM pipeline_refuse('a deal keeps the policy that it entered under', 'a_deal_keeps_its_policy');
        END IF;
        SELECT place INTO from_place FROM pipeline_policystage WHERE version = was.policy_version AND stage = was.stage;
        SELECT place INTO to_place FROM pipeline_policystage
            WHERE version = was.policy_version AND stage = after ->> 'stage';
        SELECT max(place) INTO last_place FROM pipeline_policystage WHERE version = was.policy_version;
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
        ELSIF after ->> 'stage' IS DISTINCT FROM was.stage THEN
            PERFORM pipeline_refuse(format('%s does not move a deal', NEW.kind), 'only_some_kinds_move_a_deal');
        END IF;
        IF NEW.kind NOT IN ('deal.amended', 'deal.imported') AND (
               (after ->> 'amount_minor')::bigint IS DISTINCT FROM was.amount_minor
            OR after ->> 'currency' IS DISTINCT FROM was.currency
            OR (after ->> 'close_on')::date IS DISTINCT FROM was.close_on
            OR after ->> 'terms' IS DISTINCT FROM was.terms AND NEW.kind <> 'deal.assigned') THEN
            PERFORM pipeline_refuse('terms change only by an amendment', 'terms_change_only_by_an_amendment');
        END IF;
        IF NEW.kind <> 'deal.assigned' AND ((after ->> 'owner')::bigint IS DISTINCT FROM was.owner_id
                                            OR after ->> 'unit' IS DISTINCT FROM was.unit) THEN
            PERFORM pipeline_refuse('owner and unit change only by assignment', 'owner_changes_only_by_assignment');
        END IF;
    END IF;

    INSERT INTO pipeline_dealstate (deal_id, stream, version, entry_id, stage, stage_entered_at, opened_at,
            policy_version, unit, owner_id, account_id, amount_minor, currency, value_minor, place, period, close_on,
            start_on, terms, inputs, lines, credits, input_at)
        VALUES (number, NEW.stream, NEW.seq, NEW.id, after ->> 'stage', NEW.recorded_at, NEW.effective_at,
            (after ->> 'policy_version')::integer, after ->> 'unit', (after ->> 'owner')::bigint,
            (after ->> 'account')::bigint, (after ->> 'amount_minor')::bigint, after ->> 'currency',
            (after ->> 'value_minor')::bigint, after ->> 'place', (after ->> 'period')::date,
            (after ->> 'close_on')::date, (after ->> 'start_on')::date, after ->> 'terms',
            coalesce(after -> 'inputs', '{}'), coalesce(after -> 'lines', '[]'), coalesce(after -> 'credits', '[]'),
            coalesce(after -> 'input_at', '{}'))
        ON CONFLICT (deal_id) DO UPDATE SET version = excluded.version, entry_id = excluded.entry_id,
            stage_entered_at = CASE WHEN pipeline_dealstate.stage = excluded.stage
                THEN pipeline_dealstate.stage_entered_at ELSE excluded.stage_entered_at END,
            stage = excluded.stage, unit = excluded.unit, owner_id = excluded.owner_id,
            account_id = excluded.account_id, amount_minor = excluded.amount_minor, currency = excluded.currency,
            value_minor = excluded.value_minor, place = excluded.place, period = excluded.period,
            close_on = excluded.close_on, start_on = excluded.start_on, terms = excluded.terms,
            inputs = excluded.inputs, lines = excluded.lines, credits = excluded.credits, input_at = excluded.input_at;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_2_moves_its_deal BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.stream LIKE 'deal/%') EXECUTE FUNCTION pipeline_move_deal();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_2_moves_its_deal;

-- A change of a deal's state needs an entry of the same transaction, whoever makes it. A head that we see while its
-- writer is still in progress was moved by ourselves: by this transaction, or by a savepoint of it.
CREATE FUNCTION pipeline_guard_dealstate() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER never_changes BEFORE INSERT OR UPDATE OR DELETE ON pipeline_dealstate
    FOR EACH ROW EXECUTE FUNCTION pipeline_guard_dealstate();
CREATE TRIGGER never_empties BEFORE TRUNCATE ON pipeline_dealstate
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER never_changes;
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER never_empties;
