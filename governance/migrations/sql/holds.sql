-- Holds: a stop that a function puts on a deal or on an account until it releases it. What an account is held by, each
-- of its deals follows by an entry of its own, so that a gate reads one stream. Only the insert of an entry writes this.

CREATE TABLE governance_hold (
    id          bigint PRIMARY KEY, -- the entry that placed it
    stream      text COLLATE "C" NOT NULL,
    deal_id     bigint REFERENCES pipeline_deal (id),
    account_id  bigint REFERENCES pipeline_account (id),
    key         text COLLATE "C" NOT NULL,
    function    text NOT NULL,
    reason      text NOT NULL,
    placed_by   bigint NOT NULL,
    placed_at   timestamptz NOT NULL,
    of_hold     bigint, -- the hold of the account that this deal follows
    released_by bigint,
    released_at timestamptz,
    entry_id    bigint NOT NULL,
    CONSTRAINT a_hold_is_on_a_deal_or_on_an_account CHECK ((deal_id IS NULL) <> (account_id IS NULL))
);
CREATE UNIQUE INDEX a_function_has_one_open_hold ON governance_hold (stream, function)
    WHERE released_at IS NULL AND of_hold IS NULL;
CREATE UNIQUE INDEX a_deal_follows_a_hold_once ON governance_hold (of_hold, deal_id) WHERE released_at IS NULL;
CREATE INDEX governance_hold_by_stream ON governance_hold (stream, id DESC);
CREATE INDEX governance_hold_open_on_account ON governance_hold (account_id) WHERE released_at IS NULL;
CREATE INDEX governance_hold_open_on_deal ON governance_hold (deal_id) WHERE released_at IS NULL;
SELECT ledger_guard('governance_hold', false);

-- A seat that may stop or release something, of a function in a unit (any unit for an account).
CREATE FUNCTION governance_may_hold(person bigint, wanted text, in_unit text, roles text[], at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pipeline_seat WHERE person_id = person AND function = wanted AND role = ANY (roles)
        AND (unit IS NULL OR in_unit IS NULL OR unit = in_unit)
        AND from_at <= at AND (until_at IS NULL OR until_at > at)) $$;

CREATE FUNCTION governance_keep_hold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said       jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body       jsonb := said -> 'body';
    people     bigint[] := array_remove(ARRAY[NEW.actor, (said ->> 'on_behalf')::bigint], NULL);
    number     bigint := split_part(NEW.stream, '/', 2)::bigint;
    of_account boolean := NEW.kind IN ('account.held', 'account.released');
    roles      text[] := CASE WHEN of_account THEN ARRAY['lead', 'manager', 'executive']
                         ELSE ARRAY['rep', 'lead', 'manager', 'executive'] END;
    deal       pipeline_dealstate;
    held       governance_hold;
    above      governance_hold;
BEGIN
    IF NOT of_account THEN
        SELECT * INTO deal FROM pipeline_dealstate WHERE deal_id = number;
    END IF;
    IF NEW.kind IN ('hold.placed', 'account.held') THEN
        IF body ->> 'key' IS DISTINCT FROM 'hold-' || NEW.seq OR coalesce(body ->> 'function', '') = ''
                OR NOT of_account AND body ->> 'requirement' IS DISTINCT FROM 'hold' THEN
            PERFORM pipeline_refuse('a hold is named by its place', 'a_hold_is_named_by_its_place');
        END IF;
        IF deal.stage IN ('lost', 'history') THEN
            PERFORM pipeline_refuse('a closed deal is not held', 'a_closed_deal_is_not_held');
        END IF;
        IF body #> '{facts,of}' IS NOT NULL THEN
            SELECT * INTO above FROM governance_hold WHERE id = (body #>> '{facts,of}')::bigint AND released_at IS NULL;
            IF of_account OR above.account_id IS DISTINCT FROM deal.account_id OR above.account_id IS NULL
                    OR (above.function, above.reason) IS DISTINCT FROM (body ->> 'function', body #>> '{facts,reason}') THEN
                PERFORM pipeline_refuse('a deal follows an open hold of its account', 'a_deal_follows_an_open_hold_of_its_account');
            END IF;
        ELSE
            IF coalesce(body #>> '{facts,reason}', '') = '' OR NOT said -> 'private' @> '[{"name": "why"}]' THEN
                PERFORM pipeline_refuse('a hold has its reason', 'a_hold_has_its_reason');
            END IF;
            IF NOT governance_may_hold(NEW.actor, body ->> 'function', deal.unit, roles, NEW.recorded_at) THEN
                PERFORM pipeline_refuse(format('person %s does not hold %s', NEW.actor, body ->> 'function'),
                    'who_places_a_hold_has_the_function');
            END IF;
        END IF;
        INSERT INTO governance_hold (id, stream, deal_id, account_id, key, function, reason, placed_by, placed_at, of_hold,
                entry_id)
            VALUES (NEW.id, NEW.stream, CASE WHEN NOT of_account THEN number END, CASE WHEN of_account THEN number END,
                body ->> 'key', body ->> 'function', body #>> '{facts,reason}', NEW.actor, NEW.recorded_at,
                (body #>> '{facts,of}')::bigint, NEW.id);
        RETURN NEW;
    END IF;

    SELECT * INTO held FROM governance_hold WHERE stream = NEW.stream AND id = (body ->> 'hold')::bigint
        AND key = body ->> 'key' AND released_at IS NULL;
    IF NOT FOUND THEN
        PERFORM pipeline_refuse('no such hold is open', 'a_release_finds_its_hold_open');
    ELSIF held.of_hold IS NOT NULL THEN
        IF EXISTS (SELECT FROM governance_hold WHERE id = held.of_hold AND released_at IS NULL AND account_id = deal.account_id) THEN
            PERFORM pipeline_refuse('a hold of an account is released on the account', 'a_hold_is_released_where_it_was_placed');
        END IF;
    ELSIF NOT governance_may_hold(NEW.actor, held.function, deal.unit, roles, NEW.recorded_at) THEN
        PERFORM pipeline_refuse(format('a hold of %s is released by %s', held.function, held.function),
            'a_hold_is_released_by_its_function');
    ELSIF held.function <> 'sales' AND EXISTS (SELECT FROM pipeline_seat WHERE person_id = ANY (people)
            AND (id = deal.owner_id OR deal.credits @> to_jsonb(id))) THEN
        PERFORM pipeline_refuse('who owns a deal or is paid on it does not release its holds', 'who_gains_does_not_release');
    END IF;
    UPDATE governance_hold SET released_by = NEW.actor, released_at = NEW.recorded_at, entry_id = NEW.id WHERE id = held.id;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_5_keeps_holds BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('hold.placed', 'hold.released', 'account.held', 'account.released'))
    EXECUTE FUNCTION governance_keep_hold();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_5_keeps_holds;

-- The floor of every gate, into booked as well: nothing that is held moves, whatever its decision says.
CREATE FUNCTION governance_stop_at_holds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    number bigint := split_part(NEW.stream, '/', 2)::bigint;
BEGIN
    IF EXISTS (SELECT FROM governance_hold WHERE deal_id = number AND released_at IS NULL)
            OR EXISTS (SELECT FROM governance_hold h JOIN pipeline_dealstate d ON d.account_id = h.account_id
                WHERE d.deal_id = number AND h.released_at IS NULL) THEN
        PERFORM pipeline_refuse('a deal on hold does not advance', 'a_deal_on_hold_does_not_advance');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_7_stops_at_holds BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('deal.advanced', 'booking.recorded')) EXECUTE FUNCTION governance_stop_at_holds();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_7_stops_at_holds;

-- The open holds of an account, which then stays as it is until this transaction ends: who places another one waits.
CREATE FUNCTION governance_holds_of_account(number bigint) RETURNS SETOF governance_hold
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM ledger_stream WHERE id = 'account/' || number FOR SHARE;
    RETURN QUERY SELECT * FROM governance_hold WHERE account_id = number AND released_at IS NULL ORDER BY id;
END $$;
