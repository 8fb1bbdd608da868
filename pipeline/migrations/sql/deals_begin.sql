-- Deals begin together: what one statement opens is judged and written at once, whatever its number. What must hold of
-- a beginning stands here, what must hold of every later state in deal_floor.sql.

CREATE OR REPLACE FUNCTION pipeline_begin_deals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    reporting text;
    zone      text;
    in_force  integer;
    last      integer;
    why       text[]; -- the first refusal: sentence and name
BEGIN
    IF NOT EXISTS (SELECT FROM fresh WHERE kind IN ('deal.opened', 'deal.imported')) THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(o.currency, 'USD'), coalesce(o.timezone, 'UTC'), v.version,
            (SELECT max(place) FROM pipeline_policystage s WHERE s.version = v.version)
        INTO reporting, zone, in_force, last
        FROM (SELECT max(version) AS version FROM pipeline_policyversion WHERE published_at IS NOT NULL) AS v
        LEFT JOIN LATERAL (SELECT * FROM pipeline_organisation ORDER BY id LIMIT 1) AS o ON true;
    WITH stated AS MATERIALIZED (
        SELECT e.id, e.seq, e.kind, e.stream, e.recorded_at, e.effective_at,
            convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS body,
            substring(e.stream FROM '^deal/([1-9][0-9]{0,17})$')::bigint AS number,
            (e.recorded_at AT TIME ZONE zone)::date AS today
        FROM fresh e WHERE e.kind IN ('deal.opened', 'deal.imported')
    ), begun AS MATERIALIZED (
        SELECT e.*, a.*, s.place AS here, o.id IS NOT NULL AS owned, was.open
        FROM stated e
        CROSS JOIN LATERAL jsonb_to_record(
            CASE WHEN jsonb_typeof(body -> 'after') = 'object' THEN body -> 'after' END
        ) AS a (stage text, policy_version integer, unit text, owner bigint, account bigint, amount_minor bigint,
            currency text, value_minor bigint, place text, period date, close_on date, start_on date, terms text, inputs jsonb,
            lines jsonb, credits jsonb, input_at jsonb)
        LEFT JOIN pipeline_policystage s ON s.version = in_force AND s.stage = a.stage
        LEFT JOIN pipeline_seat o ON o.id = a.owner AND o.function = 'sales' AND o.unit = a.unit
        LEFT JOIN LATERAL (SELECT true AS open FROM pipeline_dealstate WHERE deal_id = e.number LIMIT 1) AS was ON true
    ), judged AS MATERIALIZED (
        SELECT id, CASE
            WHEN number IS NULL THEN ARRAY[stream || ' is no stream of a deal', 'a_stream_of_a_deal_bears_its_number']
            WHEN open THEN ARRAY[format('deal %s is open already', number), 'a_deal_is_opened_once']
            WHEN jsonb_typeof(body -> 'after') IS DISTINCT FROM 'object' THEN
                ARRAY[kind || ' states what a deal becomes, or it should', 'only_what_moves_a_deal_states_its_state']
            WHEN policy_version IS DISTINCT FROM in_force THEN
                ARRAY['a deal opens under the policy in force', 'a_deal_opens_under_the_policy_in_force']
            WHEN here IS DISTINCT FROM 0 AND NOT (kind = 'deal.imported' AND stage = 'history') THEN
                ARRAY['a deal opens in the first stage', 'a_deal_opens_in_the_first_stage']
            WHEN NOT owned THEN
                ARRAY['a deal is owned from a sales seat of its unit', 'a_deal_is_owned_from_a_sales_seat_of_its_unit']
            -- What it is worth: its amount, at the rate of the day; unpriced where there is none, and only there.
            WHEN NOT CASE
                WHEN amount_minor IS NULL OR currency IS NULL THEN value_minor IS NULL
                WHEN currency = reporting THEN value_minor IS NOT DISTINCT FROM amount_minor
                ELSE coalesce((
                    SELECT coalesce(abs(value_minor - amount_minor * rate
                        * power(10::numeric, pipeline_decimals(reporting) - pipeline_decimals(begun.currency))) <= 0.5, false)
                    FROM pipeline_fxrate r WHERE r.currency = begun.currency AND day <= today
                    ORDER BY day DESC LIMIT 1), value_minor IS NULL)
                END THEN
                ARRAY['the value of a deal is its amount at the rate of the day', 'a_value_is_its_amount_at_the_rate']
            -- Where its value stands: that follows from its stage.
            WHEN NOT CASE
                WHEN here = last THEN false
                WHEN here IS NOT NULL THEN
                    place IS NOT DISTINCT FROM CASE WHEN value_minor IS NOT NULL AND close_on IS NOT NULL
                        THEN 'pipeline/' || stage END
                    AND period IS NOT DISTINCT FROM CASE WHEN place IS NOT NULL THEN date_trunc('month', close_on)::date END
                WHEN place IS NULL THEN period IS NULL
                ELSE value_minor IS NOT NULL AND period IS NOT NULL AND place = 'unverified-history' END THEN
                ARRAY[format('value at %s in %s does not follow from the stage %s', place, period, stage),
                    'value_stands_where_its_stage_says']
            -- By the month in which it is true: what lies in a closed one is posted later.
            WHEN EXISTS (
                SELECT FROM (
                    SELECT (p.place, coalesce(p.relates_to, p.period), p.unit, p.seat)
                        = (begun.place, begun.period, begun.unit, begun.owner) AS there, p.*
                    FROM jsonb_to_recordset(body -> 'postings') AS p (book text, place text, period date,
                        unit text, deal bigint, seat bigint, amount bigint, currency text, relates_to date)
                ) AS line WHERE book = 'bookings'
                HAVING coalesce(sum(line.amount) FILTER (WHERE there), 0)
                        <> CASE WHEN begun.place IS NULL THEN 0 ELSE value_minor END
                    OR bool_or(line.place <> 'source' AND there IS NOT TRUE OR line.deal IS DISTINCT FROM number
                        OR line.currency IS DISTINCT FROM reporting)) THEN
                ARRAY['the postings are not what the state of the deal moves', 'postings_say_what_the_deal_moves']
            END AS refused
        FROM begun
    ), written AS (
        INSERT INTO pipeline_dealstate (deal_id, stream, version, entry_id, stage, stage_entered_at, opened_at,
                policy_version, unit, owner_id, account_id, amount_minor, currency, value_minor, place, period, close_on,
                start_on, terms, terms_entry, inputs, lines, credits, input_at)
            SELECT number, stream, seq, id, stage, recorded_at, effective_at, policy_version, unit, owner, account,
                amount_minor, currency, value_minor, place, period, close_on, start_on, terms, id, coalesce(inputs, '{}'),
                coalesce(lines, '[]'), coalesce(credits, '[]'), coalesce(input_at, '{}')
            FROM begun WHERE NOT EXISTS (SELECT FROM judged WHERE refused IS NOT NULL)
    )
    SELECT refused INTO why FROM judged WHERE refused IS NOT NULL ORDER BY id LIMIT 1;
    IF why IS NOT NULL THEN
        PERFORM pipeline_refuse(why[1], why[2]);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER entry_8_begins_deals AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION pipeline_begin_deals();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_8_begins_deals;
