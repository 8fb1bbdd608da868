-- Capacity by unit and month: what there is, what may be promised, and who holds how much of it. A pool is a stream of
-- its own (`capacity/<unit>/<yyyy-mm>`), so whoever changes it holds its head; the ceiling is refused here, last.

CREATE TABLE governance_expansion (
    id          bigint PRIMARY KEY,
    unit        text NOT NULL REFERENCES pipeline_unit (key),
    units       bigint NOT NULL CONSTRAINT an_expansion_adds_units CHECK (units > 0),
    ordered_on  date NOT NULL,
    lead_days   integer NOT NULL CHECK (lead_days BETWEEN 0 AND 3660),
    counts_from date NOT NULL,
    state       text NOT NULL CHECK (state IN ('ordered', 'verified', 'withdrawn')),
    ordered_by  bigint NOT NULL,
    ordered_at  timestamptz NOT NULL,
    verified_by bigint,
    verified_at timestamptz,
    entry_id    bigint NOT NULL
);
CREATE INDEX governance_expansion_by_unit ON governance_expansion (unit, counts_from);
CREATE SEQUENCE governance_expansion_number;

CREATE TABLE governance_capacitymonth (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream    text COLLATE "C" NOT NULL UNIQUE,
    unit      text NOT NULL REFERENCES pipeline_unit (key),
    month     date NOT NULL CHECK (extract(day FROM month) = 1),
    base      bigint NOT NULL CHECK (base >= 0),
    expanded  bigint NOT NULL CHECK (expanded >= 0),
    ceiling   numeric NOT NULL,
    promised  bigint NOT NULL, -- the most that may be promised: ceiling × (base + expanded), whole units
    soft      bigint NOT NULL DEFAULT 0 CONSTRAINT a_pool_gives_back_no_more_than_it_gave CHECK (soft >= 0 AND confirmed >= 0),
    confirmed bigint NOT NULL DEFAULT 0,
    entry_id  bigint NOT NULL,
    CONSTRAINT a_unit_has_one_pool_a_month UNIQUE (unit, month)
) WITH (fillfactor = 70);

CREATE TABLE governance_reservation (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    deal_id  bigint NOT NULL,
    unit     text NOT NULL,
    month    date NOT NULL,
    units    bigint NOT NULL CHECK (units > 0),
    state    text NOT NULL CHECK (state IN ('soft', 'confirmed')),
    entry_id bigint NOT NULL,
    CONSTRAINT a_deal_reserves_a_month_once UNIQUE (deal_id, unit, month)
) WITH (fillfactor = 80);
CREATE INDEX governance_reservation_by_month ON governance_reservation (unit, month, deal_id);

SELECT ledger_guard('governance_expansion', false);
SELECT ledger_guard('governance_capacitymonth', false);

-- A released reservation leaves its row: history is in the entries. So this guard lets an entry delete, and nobody else.
CREATE FUNCTION governance_reserve_by_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '% on % is refused: only the insert of an entry moves it', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'state_moves_only_by_an_entry';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER never_changes BEFORE INSERT OR UPDATE OR DELETE ON governance_reservation
    FOR EACH ROW EXECUTE FUNCTION governance_reserve_by_entry();
CREATE TRIGGER never_empties BEFORE TRUNCATE ON governance_reservation
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
ALTER TABLE governance_reservation ENABLE ALWAYS TRIGGER never_changes;
ALTER TABLE governance_reservation ENABLE ALWAYS TRIGGER never_empties;

-- What verified expansions add to a month.
CREATE FUNCTION governance_expanded(in_unit text, in_month date) RETURNS bigint
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(sum(units), 0)::bigint FROM governance_expansion
    WHERE unit = in_unit AND state = 'verified' AND counts_from <= in_month $$;

-- The share of capacity that may be promised, by the policy in force.
CREATE FUNCTION governance_ceiling() RETURNS numeric
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce((SELECT (t ->> 'value')::numeric FROM (SELECT document FROM pipeline_policyversion
            WHERE published_at IS NOT NULL ORDER BY version DESC LIMIT 1) AS p,
            jsonb_array_elements(coalesce(p.document -> 'thresholds', '[]')) AS t WHERE t ->> 'key' = 'capacity-ceiling'), 0.95) $$;

-- Locks pools in the order of their months, those that do not exist yet included, and then reads them and what they
-- should have. Everybody who reserves comes through here, so nobody waits for another in a circle.
CREATE FUNCTION governance_lock_pools(in_unit text, months date[])
RETURNS TABLE (month date, version integer, head bytea, at timestamptz, now timestamptz, base bigint, expanded bigint,
    ceiling numeric, soft bigint, confirmed bigint, base_now bigint, expanded_now bigint, ceiling_now numeric)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    one  date;
    name text;
BEGIN
    FOR one IN SELECT DISTINCT m FROM unnest(months) AS m ORDER BY m LOOP
        name := 'capacity/' || in_unit || '/' || to_char(one, 'YYYY-MM');
        IF NOT EXISTS (SELECT FROM ledger_stream s WHERE s.id = name) THEN
            PERFORM pg_advisory_xact_lock(hashtextextended(name, 0));
        END IF;
        PERFORM ledger_lock(name);
    END LOOP;
    RETURN QUERY SELECT m.month, s.version, s.head, s.at, ledger_now(), p.base, p.expanded, p.ceiling, p.soft, p.confirmed,
            u.capacity_base::bigint, governance_expanded(in_unit, m.month), governance_ceiling()
        FROM (SELECT DISTINCT d AS month FROM unnest(months) AS d) AS m
        JOIN pipeline_unit u ON u.key = in_unit
        LEFT JOIN ledger_stream s ON s.id = 'capacity/' || in_unit || '/' || to_char(m.month, 'YYYY-MM')
        LEFT JOIN governance_capacitymonth p ON p.unit = in_unit AND p.month = m.month
        ORDER BY m.month;
END $$;

-- How a deal's delivery months are reserved: 'confirmed' when all are, 'soft' when all are at least that, else nothing.
CREATE FUNCTION governance_reserved(of_deal pipeline_dealstate) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN bool_and(r.units = said.units) IS NOT TRUE OR bool_or(r.deal_id IS NULL) THEN NULL
        WHEN bool_and(r.state = 'confirmed') THEN 'confirmed' ELSE 'soft' END
    FROM (SELECT CASE jsonb_typeof(of_deal.inputs -> 'delivery_units') WHEN 'number'
                THEN (of_deal.inputs ->> 'delivery_units')::bigint END AS units,
            CASE jsonb_typeof(of_deal.inputs -> 'delivery_months') WHEN 'number'
                THEN least((of_deal.inputs ->> 'delivery_months')::bigint, 1200)::integer END AS months,
            date_trunc('month', of_deal.start_on::timestamp) AS first) AS said,
        LATERAL generate_series(said.first, said.first + (said.months - 1) * interval '1 month', interval '1 month') AS m (month)
        LEFT JOIN governance_reservation r ON r.deal_id = of_deal.deal_id AND r.unit = of_deal.unit AND r.month = m.month::date $$;

CREATE FUNCTION governance_move_capacity() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body    jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    parts   text[] := regexp_match(NEW.stream, '^capacity/([a-z0-9_-]{1,40})/([0-9]{4}-[0-9]{2})$');
    in_month date;
    pool    governance_capacitymonth;
    held    governance_reservation;
    has     bigint;  -- units that the pool has
    number  bigint := (body ->> 'deal')::bigint;
    asked   bigint := (body ->> 'units')::bigint;
    was     text := coalesce(body ->> 'was', '');
    becomes text := coalesce(body ->> 'now', '');
    leaves  text;
    enters  text;
BEGIN
    IF parts IS NULL THEN
        PERFORM pipeline_refuse(format('%s is no pool of a unit and a month', NEW.stream), 'a_pool_is_of_a_unit_and_a_month');
    END IF;
    in_month := (parts[2] || '-01')::date;
    SELECT * INTO pool FROM governance_capacitymonth WHERE stream = NEW.stream;

    IF NEW.kind IN ('capacity.opened', 'capacity.restated') THEN
        IF (NEW.kind = 'capacity.opened') <> (pool.id IS NULL) THEN
            PERFORM pipeline_refuse('a pool is opened once', 'a_pool_is_opened_once');
        END IF;
        has := (body ->> 'base')::bigint + (body ->> 'expanded')::bigint;
        IF (body ->> 'base')::bigint IS DISTINCT FROM (SELECT capacity_base FROM pipeline_unit WHERE key = parts[1])
           OR (body ->> 'expanded')::bigint IS DISTINCT FROM governance_expanded(parts[1], in_month)
           OR (body ->> 'ceiling')::numeric IS DISTINCT FROM governance_ceiling()
           OR (body ->> 'promised')::bigint IS DISTINCT FROM floor(has * (body ->> 'ceiling')::numeric) THEN
            PERFORM pipeline_refuse('a pool has its base and its verified expansions, and promises its ceiling',
                'a_pool_has_its_base_and_its_verified_expansions');
        END IF;
        INSERT INTO governance_capacitymonth (stream, unit, month, base, expanded, ceiling, promised, entry_id)
            VALUES (NEW.stream, parts[1], in_month, (body ->> 'base')::bigint, (body ->> 'expanded')::bigint,
                (body ->> 'ceiling')::numeric, (body ->> 'promised')::bigint, NEW.id)
            ON CONFLICT (unit, month) DO UPDATE SET base = excluded.base, expanded = excluded.expanded,
                ceiling = excluded.ceiling, promised = excluded.promised, entry_id = excluded.entry_id;
        asked := has - coalesce(pool.base + pool.expanded, 0);
        leaves := 'source';
        enters := 'available';
        number := NULL;
    ELSE
        IF pool.id IS NULL THEN
            PERFORM pipeline_refuse(format('%s is not open yet', NEW.stream), 'a_pool_begins_by_opening');
        END IF;
        SELECT * INTO held FROM governance_reservation WHERE deal_id = number AND unit = parts[1] AND month = in_month;
        IF (was, becomes) NOT IN (('none', 'soft'), ('none', 'confirmed'), ('soft', 'confirmed'), ('confirmed', 'soft'),
                ('soft', 'none'), ('confirmed', 'none')) OR was <> coalesce(held.state, 'none')
           OR NEW.kind <> (CASE WHEN was = 'none' THEN 'capacity.reserved' WHEN becomes = 'none' THEN 'capacity.released'
                WHEN becomes = 'confirmed' THEN 'capacity.confirmed' ELSE 'capacity.softened' END)
           OR coalesce(asked, 0) <= 0 OR asked <> coalesce(held.units, asked) THEN
            PERFORM pipeline_refuse('an entry of a pool says what was reserved and what is', 'an_entry_of_a_pool_says_what_was_and_is');
        END IF;
        IF was = 'none' THEN
            IF NOT EXISTS (SELECT FROM pipeline_dealstate d WHERE d.deal_id = number AND d.unit = parts[1]
                    AND d.stage NOT IN ('lost', 'history')) THEN
                PERFORM pipeline_refuse('capacity is reserved for an open deal of its unit', 'capacity_is_reserved_for_an_open_deal_of_its_unit');
            END IF;
            IF pool.soft + pool.confirmed + asked > pool.promised THEN
                PERFORM pipeline_refuse(format('%s %s promises at most %s of %s units: %s are taken and %s were asked for',
                    parts[1], parts[2], pool.promised, pool.base + pool.expanded, pool.soft + pool.confirmed, asked),
                    'a_month_promises_no_more_than_its_ceiling');
            END IF;
        END IF;
        UPDATE governance_capacitymonth SET entry_id = NEW.id,
            soft = soft + CASE WHEN becomes = 'soft' THEN asked ELSE 0 END - CASE WHEN was = 'soft' THEN asked ELSE 0 END,
            confirmed = confirmed + CASE WHEN becomes = 'confirmed' THEN asked ELSE 0 END
                - CASE WHEN was = 'confirmed' THEN asked ELSE 0 END
            WHERE id = pool.id;
        IF becomes = 'none' THEN
            DELETE FROM governance_reservation WHERE id = held.id;
        ELSE
            INSERT INTO governance_reservation (deal_id, unit, month, units, state, entry_id)
                VALUES (number, parts[1], in_month, asked, becomes, NEW.id)
                ON CONFLICT (deal_id, unit, month) DO UPDATE SET state = excluded.state, entry_id = excluded.entry_id;
        END IF;
        leaves := CASE was WHEN 'none' THEN 'available' WHEN 'soft' THEN 'soft-reserved' ELSE was END;
        enters := CASE becomes WHEN 'none' THEN 'available' WHEN 'soft' THEN 'soft-reserved' ELSE becomes END;
    END IF;

    IF EXISTS (SELECT FROM jsonb_to_recordset(coalesce(body -> 'postings', '[]'))
            AS p (book text, place text, period date, unit text, deal bigint, amount bigint, currency text)
            HAVING coalesce(sum(p.amount) FILTER (WHERE p.place = leaves), 0) <> -asked
                OR coalesce(sum(p.amount) FILTER (WHERE p.place = enters), 0) <> asked
                OR bool_or(p.book <> 'capacity' OR p.place NOT IN (leaves, enters) OR p.period <> in_month OR p.unit <> parts[1]
                    OR p.deal IS DISTINCT FROM number OR p.currency IS NOT NULL)) THEN
        PERFORM pipeline_refuse('the postings are not what the pool moves', 'postings_say_what_the_pool_moves');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_5_moves_its_pool BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.stream LIKE 'capacity/%') EXECUTE FUNCTION governance_move_capacity();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_5_moves_its_pool;

-- No other entry moves capacity.
CREATE FUNCTION governance_check_capacity_posting() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_entry WHERE id = NEW.entry_id AND stream LIKE 'capacity/%') THEN
        PERFORM pipeline_refuse('only entries of a pool move capacity', 'only_a_pool_moves_capacity');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER capacity_moves_by_a_pool BEFORE INSERT ON ledger_posting
    FOR EACH ROW WHEN (NEW.book = 'capacity') EXECUTE FUNCTION governance_check_capacity_posting();
ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER capacity_moves_by_a_pool;

-- Who orders an expansion does not verify it; it counts from the first month that begins after order and lead time.
CREATE FUNCTION governance_move_expansion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said    jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body    jsonb := said -> 'body';
    number  bigint := substring(NEW.stream FROM '^expansion/([1-9][0-9]{0,17})$')::bigint;
    people  bigint[] := array_remove(ARRAY[NEW.actor, (said ->> 'on_behalf')::bigint], NULL);
    was     governance_expansion;
    ordered date := (body ->> 'ordered_on')::date;
    ready   date;
BEGIN
    SELECT * INTO was FROM governance_expansion WHERE id = number;
    IF number IS NULL OR (NEW.kind = 'expansion.ordered') <> (was.id IS NULL) THEN
        PERFORM pipeline_refuse('an expansion is ordered once, under its number', 'an_expansion_is_ordered_once');
    END IF;
    IF NEW.kind = 'expansion.ordered' THEN
        IF NOT pipeline_holds_function(NEW.actor, 'operations', body ->> 'unit', NEW.recorded_at) THEN
            PERFORM pipeline_refuse(format('person %s does not hold operations in %s', NEW.actor, body ->> 'unit'),
                'who_orders_an_expansion_holds_operations');
        END IF;
        IF ordered > (NEW.recorded_at AT TIME ZONE 'UTC')::date + 1 THEN
            PERFORM pipeline_refuse('an expansion that is not ordered yet is no order', 'an_order_is_not_of_tomorrow');
        END IF;
        ready := ordered + (body ->> 'lead_days')::integer;
        ready := date_trunc('month', ready - 1)::date;
        INSERT INTO governance_expansion (id, unit, units, ordered_on, lead_days, counts_from, state, ordered_by, ordered_at, entry_id)
            VALUES (number, body ->> 'unit', (body ->> 'units')::bigint, ordered, (body ->> 'lead_days')::integer,
                (ready + interval '1 month')::date, 'ordered', NEW.actor, NEW.recorded_at, NEW.id);
    ELSIF NEW.kind = 'expansion.verified' THEN
        IF was.state <> 'ordered' THEN
            PERFORM pipeline_refuse(format('expansion %s is %s', number, was.state), 'only_what_is_ordered_is_verified');
        END IF;
        IF was.ordered_by = ANY (people) OR EXISTS (SELECT FROM ledger_entry e WHERE e.stream = NEW.stream AND e.seq = 1
                AND (convert_from(e.envelope, 'UTF8')::jsonb ->> 'on_behalf')::bigint = ANY (people)) THEN
            PERFORM pipeline_refuse('somebody else than who ordered it verifies an expansion', 'an_expansion_is_verified_by_somebody_else');
        END IF;
        IF NOT pipeline_holds_function(NEW.actor, 'operations', was.unit, NEW.recorded_at)
           AND NOT pipeline_holds_function(NEW.actor, 'finance', was.unit, NEW.recorded_at) THEN
            PERFORM pipeline_refuse('operations or finance verifies an expansion', 'who_verifies_an_expansion_holds_operations_or_finance');
        END IF;
        UPDATE governance_expansion SET state = 'verified', verified_by = NEW.actor, verified_at = NEW.recorded_at,
            entry_id = NEW.id WHERE id = number;
    ELSE
        IF was.state = 'withdrawn' OR NOT pipeline_holds_function(NEW.actor, 'operations', was.unit, NEW.recorded_at) THEN
            PERFORM pipeline_refuse('operations withdraws an expansion, once', 'operations_withdraws_an_expansion_once');
        END IF;
        UPDATE governance_expansion SET state = 'withdrawn', entry_id = NEW.id WHERE id = number;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_5_moves_its_expansion BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.stream LIKE 'expansion/%') EXECUTE FUNCTION governance_move_expansion();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_5_moves_its_expansion;

-- What a deal says of its capacity is what the pools hold for it; and nothing is booked on capacity that is not there.
CREATE FUNCTION governance_check_reservation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said  jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body  jsonb := said -> 'body';
    deal  pipeline_dealstate;
    holds text;
    near  bigint[];
BEGIN
    SELECT * INTO deal FROM pipeline_dealstate WHERE deal_id = split_part(NEW.stream, '/', 2)::bigint;
    holds := governance_reserved(deal);
    IF NEW.kind = 'booking.recorded' THEN
        IF holds IS NULL AND EXISTS (
                SELECT FROM pipeline_gaterequirement q, jsonb_array_elements(body #> '{decision,results}') AS pair
                WHERE q.version = deal.policy_version AND q.stage = deal.stage AND q.kind = 'capacity'
                    AND pair ->> 0 = q.key AND pair ->> 1 = 'met') THEN
            PERFORM pipeline_refuse('a booking has capacity in every delivery month', 'a_booking_has_capacity_in_every_delivery_month');
        END IF;
        RETURN NEW;
    END IF;
    IF body ->> 'requirement' IS DISTINCT FROM 'capacity' THEN
        PERFORM pipeline_refuse(format('%s speaks for capacity', NEW.kind), 'a_reservation_speaks_for_capacity');
    END IF;
    IF NEW.kind IN ('reservation.made', 'reservation.softened') AND holds IS NULL
       OR NEW.kind = 'reservation.confirmed' AND holds IS DISTINCT FROM 'confirmed' THEN
        PERFORM pipeline_refuse('a reservation covers every delivery month', 'a_reservation_covers_every_delivery_month');
    END IF;
    IF NEW.kind IN ('reservation.released', 'reservation.expired', 'reservation.refused')
       AND EXISTS (SELECT FROM governance_reservation WHERE deal_id = deal.deal_id) THEN
        PERFORM pipeline_refuse('what is released holds nothing any more', 'what_is_released_holds_nothing');
    END IF;
    IF NEW.kind = 'reservation.confirmed' THEN
        -- By operations, or by the booking itself, which keeps what was held for it.
        SELECT array_agg(person_id) INTO near FROM pipeline_seat WHERE id = deal.owner_id OR deal.credits @> to_jsonb(id);
        IF NEW.actor = 0 AND coalesce(deal.place, '') NOT IN ('booked', 'booked-under-waiver') OR NEW.actor <> 0 AND (
                NOT pipeline_holds_function(NEW.actor, 'operations', deal.unit, NEW.recorded_at)
                OR ARRAY[NEW.actor, (said ->> 'on_behalf')::bigint] && near) THEN
            PERFORM pipeline_refuse('capacity is confirmed by operations, by somebody who gains nothing by the deal',
                'capacity_is_confirmed_by_operations');
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_5_keeps_its_reservation BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('booking.recorded', 'reservation.made', 'reservation.confirmed', 'reservation.softened',
        'reservation.released', 'reservation.expired', 'reservation.refused'))
    EXECUTE FUNCTION governance_check_reservation();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_5_keeps_its_reservation;
