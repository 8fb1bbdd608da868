-- Touchpoints: what any function logs on an account, and the health that follows. Only the insert of an entry writes
-- either; the kinds are written here, as governance/rules/touchpoint.py has them.

CREATE TABLE governance_touchpointkind (
    kind     text PRIMARY KEY,
    weight   integer NOT NULL CHECK (weight BETWEEN 1 AND 100),
    function text NOT NULL
);
INSERT INTO governance_touchpointkind (kind, weight, function) VALUES
    ('billing-error', 15, 'finance'), ('late-payment', 10, 'finance'), ('defect', 20, 'operations'),
    ('late-delivery', 20, 'operations'), ('delayed-hire', 10, 'operations'), ('complaint', 15, 'sales'),
    ('contact-lost', 10, 'sales'), ('contract-dispute', 25, 'legal');
SELECT ledger_guard('governance_touchpointkind', true);

CREATE TABLE governance_touchpoint (
    id         bigint PRIMARY KEY, -- the entry that logged it
    stream     text COLLATE "C" NOT NULL,
    account_id bigint NOT NULL REFERENCES pipeline_account (id),
    kind       text NOT NULL,
    weight     integer NOT NULL,
    function   text NOT NULL,
    logged_by  bigint NOT NULL,
    logged_as  text NOT NULL,
    logged_at  timestamptz NOT NULL,
    settled_by bigint,
    settled_at timestamptz,
    entry_id   bigint NOT NULL
);
CREATE INDEX governance_touchpoint_by_account ON governance_touchpoint (account_id, id DESC);
CREATE INDEX governance_touchpoint_open ON governance_touchpoint (account_id) WHERE settled_at IS NULL;
SELECT ledger_guard('governance_touchpoint', false);

CREATE TABLE governance_accounthealth (
    account_id bigint PRIMARY KEY REFERENCES pipeline_account (id),
    stream     text COLLATE "C" NOT NULL,
    score      integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    open       integer NOT NULL,
    entry_id   bigint NOT NULL
);
SELECT ledger_guard('governance_accounthealth', false);

CREATE FUNCTION governance_keep_touchpoint() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said    jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body    jsonb := said -> 'body';
    account bigint := split_part(NEW.stream, '/', 2)::bigint;
    works   text[] := ARRAY['rep', 'lead', 'manager', 'executive'];
    held    governance_touchpoint;
BEGIN
    IF NEW.kind = 'touchpoint.logged' THEN
        IF NOT EXISTS (SELECT FROM governance_touchpointkind WHERE kind = body ->> 'touchpoint_kind'
                AND weight = (body ->> 'weight')::integer AND function = body ->> 'concerns') THEN
            PERFORM pipeline_refuse('a touchpoint is of a known kind and weight', 'a_touchpoint_is_of_a_known_kind');
        END IF;
        IF NOT said -> 'private' @> '[{"name": "what"}]' THEN
            PERFORM pipeline_refuse('a touchpoint says what happened', 'a_touchpoint_says_what_happened');
        END IF;
        IF NOT governance_may_hold(NEW.actor, body ->> 'function', NULL, works, NEW.recorded_at) THEN
            PERFORM pipeline_refuse(format('person %s does not hold %s', NEW.actor, body ->> 'function'),
                'who_logs_has_the_function');
        END IF;
        INSERT INTO governance_touchpoint (id, stream, account_id, kind, weight, function, logged_by, logged_as, logged_at,
                entry_id)
            VALUES (NEW.id, NEW.stream, account, body ->> 'touchpoint_kind', (body ->> 'weight')::integer, body ->> 'concerns',
                NEW.actor, body ->> 'function', NEW.recorded_at, NEW.id);
    ELSE
        SELECT * INTO held FROM governance_touchpoint WHERE stream = NEW.stream AND id = (body ->> 'touchpoint')::bigint
            AND settled_at IS NULL;
        IF NOT FOUND THEN
            PERFORM pipeline_refuse('no such touchpoint is open', 'a_settlement_finds_its_touchpoint_open');
        ELSIF NOT governance_may_hold(NEW.actor, held.function, NULL, works, NEW.recorded_at)
                AND NOT governance_may_hold(NEW.actor, held.logged_as, NULL, works, NEW.recorded_at) THEN
            PERFORM pipeline_refuse('a touchpoint is settled by whose work it concerns, or by who logged it',
                'a_touchpoint_is_settled_by_its_function');
        END IF;
        UPDATE governance_touchpoint SET settled_by = NEW.actor, settled_at = NEW.recorded_at, entry_id = NEW.id
            WHERE id = held.id;
    END IF;
    INSERT INTO governance_accounthealth (account_id, stream, score, open, entry_id)
        SELECT account, NEW.stream, greatest(0, 100 - coalesce(sum(weight), 0)), count(*), NEW.id
            FROM governance_touchpoint WHERE account_id = account AND settled_at IS NULL
        ON CONFLICT (account_id) DO UPDATE SET score = excluded.score, open = excluded.open, entry_id = excluded.entry_id;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_5_keeps_touchpoints BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('touchpoint.logged', 'touchpoint.settled')) EXECUTE FUNCTION governance_keep_touchpoint();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_5_keeps_touchpoints;
