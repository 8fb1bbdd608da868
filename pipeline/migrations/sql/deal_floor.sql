-- What every state of a deal must hold, whatever kind of entry states it: nobody smuggles a change into an entry
-- that says something else, and postings move exactly what the state moves.

CREATE OR REPLACE FUNCTION pipeline_refuse(sentence text, name text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', sentence USING ERRCODE = 'check_violation', CONSTRAINT = name;
END $$;

-- As ledger/rules/money.py has them; a test compares the two.
CREATE OR REPLACE FUNCTION pipeline_decimals(currency text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3
        WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'VND', 'VUV',
                          'XAF', 'XOF', 'XPF') THEN 0 ELSE 2 END $$;

-- Inputs without what was cleared, lines in one order: as the fingerprint of the terms sees them.
CREATE OR REPLACE FUNCTION pipeline_plain_terms(inputs jsonb, lines jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_array(jsonb_strip_nulls(inputs), (SELECT jsonb_agg(line ORDER BY line)
        FROM jsonb_array_elements(lines) AS line)) $$;

-- `here` and `last` are the places of its stage and of the last one. What must hold of a beginning: deals_begin.sql.
CREATE OR REPLACE FUNCTION pipeline_check_deal(kind text, moment timestamptz, number bigint, was pipeline_dealstate, body jsonb,
    here integer, last integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    after     jsonb := body -> 'after';
    amount    bigint := (after ->> 'amount_minor')::bigint;
    worth     bigint := (after ->> 'value_minor')::bigint;
    closes    date := (after ->> 'close_on')::date;
    starts    date := (after ->> 'start_on')::date;
    spot      text := after ->> 'place';
    month     date := (after ->> 'period')::date;
    inputs    jsonb := coalesce(after -> 'inputs', '{}');
    lines     jsonb := coalesce(after -> 'lines', '[]');
    same      boolean;
    owned     boolean; -- from a sales seat of its unit; asked where the owner may be another
    reporting text;
    today     date;
    event     date;
    this_month date;
    rests     boolean; -- nothing of its value moves
    price     numeric;
    leaves    text;    -- place, month, unit and seat that the value leaves
    enters    text;
    less      bigint;
    due       bigint;
BEGIN
    SELECT o.currency, (moment AT TIME ZONE o.timezone)::date, kind <> 'deal.assigned' OR EXISTS (
            SELECT FROM pipeline_seat s
            WHERE s.id = (after ->> 'owner')::bigint AND s.function = 'sales' AND s.unit = after ->> 'unit')
        INTO reporting, today, owned
        FROM (SELECT 1) AS one LEFT JOIN LATERAL (SELECT * FROM pipeline_organisation ORDER BY id LIMIT 1) AS o ON true;
    reporting := coalesce(reporting, 'USD');
    today := coalesce(today, (moment AT TIME ZONE 'UTC')::date);
    -- A cancellation belongs to the month in which it was true, even where it is learned later.
    event := CASE WHEN kind IN ('deal.lost', 'deal.returned') THEN (body ->> 'on')::date END;
    IF event > today OR event < was.period AND was.place IN ('booked', 'booked-under-waiver') THEN
        PERFORM pipeline_refuse('what is learned late was true between the booking and today',
            'a_late_fact_lies_between_the_booking_and_today');
    END IF;
    this_month := date_trunc('month', coalesce(event, today))::date;

    -- Who may change what.
    same := amount IS NOT DISTINCT FROM was.amount_minor
        AND after ->> 'currency' IS NOT DISTINCT FROM was.currency
        AND closes IS NOT DISTINCT FROM was.close_on AND starts IS NOT DISTINCT FROM was.start_on
        AND (after ->> 'account')::bigint IS NOT DISTINCT FROM was.account_id
        AND (inputs = was.inputs AND lines = was.lines
             OR kind = 'deal.amended' AND pipeline_plain_terms(inputs, lines) = pipeline_plain_terms(was.inputs, was.lines));
    IF kind <> 'deal.amended' AND (NOT same OR coalesce(after -> 'credits', '[]') <> was.credits
            OR coalesce(after -> 'input_at', '{}') <> was.input_at
            OR after ->> 'terms' IS DISTINCT FROM was.terms AND kind <> 'deal.assigned') THEN
        PERFORM pipeline_refuse('terms change only by an amendment', 'terms_change_only_by_an_amendment');
    END IF;
    IF kind <> 'deal.assigned' AND ((after ->> 'owner')::bigint IS DISTINCT FROM was.owner_id
                                    OR after ->> 'unit' IS DISTINCT FROM was.unit) THEN
        PERFORM pipeline_refuse('owner and unit change only by assignment', 'owner_changes_only_by_assignment');
    END IF;
    IF after ->> 'terms' = was.terms AND (NOT same OR after ->> 'unit' <> was.unit) THEN
        PERFORM pipeline_refuse('other terms have another fingerprint', 'other_terms_have_another_fingerprint');
    END IF;
    IF NOT owned THEN
        PERFORM pipeline_refuse('a deal is owned from a sales seat of its unit', 'a_deal_is_owned_from_a_sales_seat_of_its_unit');
    END IF;

    IF kind = 'deal.repriced' AND (here IS NULL OR here = last) THEN
        PERFORM pipeline_refuse('what is booked or closed keeps its rate', 'only_an_open_deal_is_repriced');
    END IF;
    -- What it is worth: its amount, at the rate of the day on which the amount was stated or the deal was booked.
    IF worth IS NULL AND amount IS NOT NULL AND after ->> 'currency' <> reporting AND here IS DISTINCT FROM last THEN
        -- Unpriced: no rate was there when the amount was stated, and nothing but a repricing gives it a value.
        same := CASE WHEN kind = 'deal.repriced' THEN false
            WHEN kind = 'deal.amended'
                AND (amount, after ->> 'currency') IS DISTINCT FROM (was.amount_minor, was.currency)
                THEN NOT EXISTS (SELECT FROM pipeline_fxrate WHERE currency = after ->> 'currency' AND day <= today)
            ELSE was.value_minor IS NULL END;
    ELSIF (worth IS NULL) <> (amount IS NULL OR after ->> 'currency' IS NULL) THEN
        same := false;
    ELSIF worth IS NULL OR after ->> 'currency' = reporting THEN
        same := worth IS NOT DISTINCT FROM amount OR worth IS NULL;
    ELSIF kind IN ('booking.recorded', 'deal.repriced') OR kind = 'deal.amended'
            AND (amount, after ->> 'currency') IS DISTINCT FROM (was.amount_minor, was.currency) THEN
        SELECT rate * power(10::numeric, pipeline_decimals(reporting) - pipeline_decimals(after ->> 'currency')) INTO price
            FROM pipeline_fxrate WHERE currency = after ->> 'currency' AND day <= today ORDER BY day DESC LIMIT 1;
        same := coalesce(abs(worth - amount * price) <= 0.5, false);
    ELSE
        same := worth = was.value_minor;
    END IF;
    IF NOT same THEN
        PERFORM pipeline_refuse('the value of a deal is its amount at the rate of the day', 'a_value_is_its_amount_at_the_rate');
    END IF;

    -- Where its value stands: that follows from its stage. What was booked and changes, changes in the month of this
    -- event: a month that was reported is not touched again.
    rests := (spot, month, worth, after ->> 'unit', (after ->> 'owner')::bigint)
        IS NOT DISTINCT FROM (was.place, was.period, was.value_minor, was.unit, was.owner_id);
    same := CASE
        WHEN here = last THEN coalesce(spot IN ('booked', 'booked-under-waiver') AND (month = this_month OR rests)
            AND (kind = 'booking.recorded' OR spot = was.place), false)
        WHEN here IS NOT NULL THEN
            spot IS NOT DISTINCT FROM CASE WHEN worth IS NOT NULL AND closes IS NOT NULL
                THEN 'pipeline/' || (after ->> 'stage') END
            AND month IS NOT DISTINCT FROM CASE WHEN spot IS NOT NULL THEN date_trunc('month', closes)::date END
        WHEN spot IS NULL THEN month IS NULL AND was.place IS NULL
        WHEN worth IS NULL OR month IS NULL THEN false
        WHEN after ->> 'stage' = 'history' THEN spot = 'unverified-history'
        WHEN kind = 'deal.lost' THEN
            spot = CASE WHEN was.place IN ('booked', 'booked-under-waiver') THEN 'cancelled' ELSE 'lost' END
        ELSE spot = was.place END;
    IF NOT same THEN
        PERFORM pipeline_refuse(format('value at %s in %s does not follow from the stage %s', spot, month, after ->> 'stage'),
            'value_stands_where_its_stage_says');
    END IF;

    leaves := format('%s %s %s %s', was.place, CASE WHEN was.place IN ('booked', 'booked-under-waiver') AND NOT rests
        THEN this_month ELSE was.period END, was.unit, was.owner_id);
    enters := format('%s %s %s %s', spot, month, after ->> 'unit', after ->> 'owner');
    due := CASE WHEN spot IS NULL THEN 0 ELSE worth END;
    less := CASE WHEN was.place IS NULL THEN 0 ELSE was.value_minor END;
    IF EXISTS (
        SELECT FROM (
            -- By the month in which it is true: what lies in a closed one is posted later (ledger/migrations/sql/periods.sql).
            SELECT format('%s %s %s %s', p.place, coalesce(p.relates_to, p.period), p.unit, p.seat) AS at, p.*
            FROM jsonb_to_recordset(body -> 'postings') AS p (book text, place text, period date, unit text, deal bigint,
                seat bigint, amount bigint, currency text, relates_to date)
        ) AS line WHERE book = 'bookings'
        HAVING coalesce(sum(line.amount) FILTER (WHERE at = enters), 0) <> CASE WHEN enters = leaves THEN due - less ELSE due END
            OR coalesce(sum(line.amount) FILTER (WHERE at = leaves), 0) <> CASE WHEN enters = leaves THEN due - less ELSE -less END
            OR bool_or(place <> 'source' AND at NOT IN (leaves, enters) OR deal IS DISTINCT FROM number
                OR line.currency IS DISTINCT FROM reporting)) THEN
        PERFORM pipeline_refuse('the postings are not what the state of the deal moves', 'postings_say_what_the_deal_moves');
    END IF;

    IF kind = 'booking.recorded' THEN
        IF amount IS NULL OR after ->> 'currency' IS NULL OR closes IS NULL OR starts IS NULL THEN
            PERFORM pipeline_refuse('a booking has an amount, a currency, a close and a start',
                'a_booking_has_amount_currency_close_and_start');
        END IF;
        IF (spot = 'booked') = EXISTS (SELECT FROM ledger_standing WHERE stream = was.stream AND effect = 'waived'
                AND (valid_until IS NULL OR valid_until > moment)) THEN
            PERFORM pipeline_refuse('what is waived is booked under waiver, and nothing else is',
                'what_is_waived_is_booked_under_waiver');
        END IF;
    END IF;
END $$;
