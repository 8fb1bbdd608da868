-- Objectives, key results and P&L targets: each in its own stream, each version an entry. The tables hold the newest.

CREATE TABLE governance_objective (
    id         bigint PRIMARY KEY,
    stream     text COLLATE "C" NOT NULL,
    version    integer NOT NULL,
    period     text NOT NULL,
    first      date NOT NULL,
    until      date NOT NULL,
    unit       text REFERENCES pipeline_unit (key),
    owner_seat bigint NOT NULL REFERENCES pipeline_seat (id),
    wording    uuid,
    set_by     bigint NOT NULL,
    set_at     timestamptz NOT NULL,
    state      text NOT NULL CHECK (state IN ('set', 'withdrawn')),
    entry_id   bigint NOT NULL,
    CONSTRAINT an_objective_has_a_period CHECK (first < until)
);
CREATE INDEX governance_objective_by_period ON governance_objective (first, until, id);
CREATE SEQUENCE governance_objective_number;

CREATE TABLE governance_target (
    id           bigint PRIMARY KEY,
    stream       text COLLATE "C" NOT NULL,
    version      integer NOT NULL,
    purpose      text NOT NULL CHECK (purpose IN ('plan', 'key_result')),
    objective_id bigint REFERENCES governance_objective (id),
    measure      text NOT NULL,
    period       text NOT NULL,
    first        date NOT NULL,
    until        date NOT NULL,
    unit         text REFERENCES pipeline_unit (key),
    base         bigint NOT NULL,
    goal         bigint NOT NULL,
    currency     text,
    wording      uuid,
    set_by       bigint NOT NULL,
    set_at       timestamptz NOT NULL,
    state        text NOT NULL CHECK (state IN ('set', 'withdrawn')),
    entry_id     bigint NOT NULL,
    CONSTRAINT a_target_has_a_period CHECK (first < until),
    CONSTRAINT a_target_moves_its_measure CHECK (base <> goal),
    CONSTRAINT a_key_result_belongs_to_an_objective CHECK ((purpose = 'key_result') = (objective_id IS NOT NULL))
);
CREATE INDEX governance_target_by_period ON governance_target (measure, first, until);
CREATE INDEX governance_target_by_objective ON governance_target (objective_id, id);
CREATE UNIQUE INDEX a_measure_has_one_plan_for_a_period_and_a_unit ON governance_target (measure, first, until, coalesce(unit, ''))
    WHERE purpose = 'plan' AND state = 'set';
CREATE SEQUENCE governance_target_number;

CREATE TABLE governance_targetlink (
    stream    text COLLATE "C" NOT NULL,
    target_id bigint NOT NULL REFERENCES governance_target (id),
    deal_id   bigint NOT NULL REFERENCES pipeline_deal (id),
    milestone text NOT NULL,
    amount    bigint NOT NULL CONSTRAINT a_link_has_an_amount CHECK (amount <> 0),
    state     text NOT NULL CHECK (state IN ('linked', 'unlinked')),
    entry_id  bigint NOT NULL,
    PRIMARY KEY (target_id, deal_id, milestone)
);
CREATE INDEX governance_targetlink_by_deal ON governance_targetlink (deal_id);

SELECT ledger_guard('governance_objective', false);
SELECT ledger_guard('governance_target', false);
SELECT ledger_guard('governance_targetlink', false);

CREATE FUNCTION governance_sets(person bigint, purpose text, in_unit text, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pipeline_seat WHERE person_id = person AND (unit IS NULL OR unit = in_unit)
        AND from_at <= at AND (until_at IS NULL OR until_at > at)
        AND CASE purpose WHEN 'plan' THEN function = 'finance' AND role IN ('lead', 'executive') ELSE role = 'executive' END) $$;

CREATE FUNCTION governance_move_target() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said      jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body      jsonb := said -> 'body';
    number    bigint := substring(NEW.stream FROM '^(?:objective|target)/([1-9][0-9]{0,17})$')::bigint;
    objective governance_objective;
    target    governance_target;
    wanted    text := coalesce(body ->> 'purpose', 'objective');
    in_unit   text := body ->> 'unit';
    was       integer;
    of_unit   text;
BEGIN
    IF number IS NULL THEN
        PERFORM pipeline_refuse(format('%s is no stream of a target', NEW.stream), 'a_stream_of_a_target_bears_its_number');
    END IF;
    SELECT * INTO objective FROM governance_objective WHERE stream = NEW.stream;
    SELECT * INTO target FROM governance_target WHERE stream = NEW.stream;
    was := coalesce(objective.version, target.version);

    IF NEW.kind LIKE '%.set' THEN
        IF (body ->> 'version')::integer IS DISTINCT FROM coalesce(was, 0) + 1 THEN
            PERFORM pipeline_refuse('a version follows the one before', 'a_version_of_a_target_follows_the_one_before');
        END IF;
    ELSIF was IS NULL OR 'withdrawn' IN (objective.state, target.state) THEN
        PERFORM pipeline_refuse(format('%s has nothing to change', NEW.kind), 'what_is_not_set_is_not_changed');
    END IF;

    IF NEW.kind IN ('target.linked', 'target.unlinked') THEN
        SELECT unit INTO of_unit FROM pipeline_dealstate WHERE deal_id = (body ->> 'deal')::bigint;
        IF NOT EXISTS (SELECT FROM pipeline_seat WHERE person_id = NEW.actor AND (unit IS NULL OR unit = of_unit)
                AND role IN ('executive', 'manager', 'lead') AND from_at <= NEW.recorded_at
                AND (until_at IS NULL OR until_at > NEW.recorded_at)) THEN
            PERFORM pipeline_refuse('a deal is linked by somebody who leads in its unit', 'a_link_is_made_by_who_leads_in_the_unit');
        END IF;
        INSERT INTO governance_targetlink (stream, target_id, deal_id, milestone, amount, state, entry_id)
            VALUES (NEW.stream, number, (body ->> 'deal')::bigint, body ->> 'milestone', (body ->> 'amount')::bigint,
                split_part(NEW.kind, '.', 2), NEW.id)
            ON CONFLICT (target_id, deal_id, milestone) DO UPDATE SET amount = excluded.amount, state = excluded.state,
                entry_id = excluded.entry_id;
        RETURN NEW;
    END IF;
    IF NEW.kind LIKE '%.withdrawn' THEN
        wanted := coalesce(target.purpose, 'objective');
        in_unit := coalesce(target.unit, objective.unit);
    END IF;
    IF NOT governance_sets(NEW.actor, wanted, in_unit, NEW.recorded_at) THEN
        PERFORM pipeline_refuse('finance sets the plan, and executives set objectives', 'a_target_is_set_by_who_answers_for_it');
    END IF;
    IF NEW.kind = 'objective.set' THEN
        INSERT INTO governance_objective (id, stream, version, period, first, until, unit, owner_seat, wording, set_by, set_at,
                state, entry_id)
            VALUES (number, NEW.stream, (body ->> 'version')::integer, body ->> 'period', (body ->> 'first')::date,
                (body ->> 'until')::date, in_unit, (body ->> 'owner')::bigint,
                (jsonb_path_query_first(said -> 'private', '$[*] ? (@.name == "title").id') #>> '{}')::uuid,
                NEW.actor, NEW.recorded_at, 'set', NEW.id)
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, period = excluded.period, first = excluded.first,
                until = excluded.until, unit = excluded.unit, owner_seat = excluded.owner_seat, wording = excluded.wording,
                set_by = excluded.set_by, set_at = excluded.set_at, state = 'set', entry_id = excluded.entry_id;
    ELSIF NEW.kind = 'target.set' THEN
        INSERT INTO governance_target (id, stream, version, purpose, objective_id, measure, period, first, until, unit, base,
                goal, currency, wording, set_by, set_at, state, entry_id)
            VALUES (number, NEW.stream, (body ->> 'version')::integer, wanted, (body ->> 'objective')::bigint,
                body ->> 'measure', body ->> 'period', (body ->> 'first')::date, (body ->> 'until')::date, in_unit,
                (body ->> 'base')::bigint, (body ->> 'goal')::bigint, body ->> 'currency',
                (jsonb_path_query_first(said -> 'private', '$[*] ? (@.name == "title").id') #>> '{}')::uuid,
                NEW.actor, NEW.recorded_at, 'set', NEW.id)
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, purpose = excluded.purpose,
                objective_id = excluded.objective_id, measure = excluded.measure, period = excluded.period,
                first = excluded.first, until = excluded.until, unit = excluded.unit, base = excluded.base,
                goal = excluded.goal, currency = excluded.currency, wording = excluded.wording, set_by = excluded.set_by,
                set_at = excluded.set_at, state = 'set', entry_id = excluded.entry_id;
    ELSIF NEW.kind = 'objective.withdrawn' THEN
        UPDATE governance_objective SET state = 'withdrawn', entry_id = NEW.id WHERE id = number;
    ELSE
        UPDATE governance_target SET state = 'withdrawn', entry_id = NEW.id WHERE id = number;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_8_moves_targets BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.stream LIKE 'objective/%' OR NEW.stream LIKE 'target/%') EXECUTE FUNCTION governance_move_target();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_8_moves_targets;

-- As they stood at a moment: the newest version by then, withdrawn or not.
CREATE VIEW ledger_past.governance_objective AS
    SELECT o.id, o.stream, (said.body ->> 'version')::integer AS version, said.body ->> 'period' AS period,
        (said.body ->> 'first')::date AS first, (said.body ->> 'until')::date AS until, said.body ->> 'unit' AS unit,
        (said.body ->> 'owner')::bigint AS owner_seat, said.wording, said.actor AS set_by, said.recorded_at AS set_at,
        CASE newest.kind WHEN 'objective.withdrawn' THEN 'withdrawn' ELSE 'set' END AS state, newest.id AS entry_id
    FROM public.governance_objective o CROSS JOIN LATERAL (
        SELECT e.id, e.actor, e.recorded_at, e.said -> 'body' AS body,
            (jsonb_path_query_first(e.said -> 'private', '$[*] ? (@.name == "title").id') #>> '{}')::uuid AS wording
        FROM (SELECT *, convert_from(envelope, 'UTF8')::jsonb AS said FROM public.ledger_entry) AS e
        WHERE e.stream = o.stream AND e.kind = 'objective.set' AND e.recorded_at <= ledger_past.ledger_now()
        ORDER BY e.seq DESC LIMIT 1
    ) AS said CROSS JOIN LATERAL (
        SELECT id, kind FROM public.ledger_entry WHERE stream = o.stream AND recorded_at <= ledger_past.ledger_now()
        ORDER BY seq DESC LIMIT 1
    ) AS newest;

CREATE VIEW ledger_past.governance_target AS
    SELECT t.id, t.stream, (said.body ->> 'version')::integer AS version, said.body ->> 'purpose' AS purpose,
        (said.body ->> 'objective')::bigint AS objective_id, said.body ->> 'measure' AS measure,
        said.body ->> 'period' AS period, (said.body ->> 'first')::date AS first, (said.body ->> 'until')::date AS until,
        said.body ->> 'unit' AS unit, (said.body ->> 'base')::bigint AS base, (said.body ->> 'goal')::bigint AS goal,
        said.body ->> 'currency' AS currency, said.wording, said.actor AS set_by, said.recorded_at AS set_at,
        CASE newest.kind WHEN 'target.withdrawn' THEN 'withdrawn' ELSE 'set' END AS state, newest.id AS entry_id
    FROM public.governance_target t CROSS JOIN LATERAL (
        SELECT e.actor, e.recorded_at, e.said -> 'body' AS body,
            (jsonb_path_query_first(e.said -> 'private', '$[*] ? (@.name == "title").id') #>> '{}')::uuid AS wording
        FROM (SELECT *, convert_from(envelope, 'UTF8')::jsonb AS said FROM public.ledger_entry) AS e
        WHERE e.stream = t.stream AND e.kind = 'target.set' AND e.recorded_at <= ledger_past.ledger_now()
        ORDER BY e.seq DESC LIMIT 1
    ) AS said CROSS JOIN LATERAL (
        SELECT id, kind FROM public.ledger_entry WHERE stream = t.stream AND recorded_at <= ledger_past.ledger_now()
            AND kind IN ('target.set', 'target.withdrawn') ORDER BY seq DESC LIMIT 1
    ) AS newest;

CREATE VIEW ledger_past.governance_targetlink AS
    SELECT l.stream, l.target_id, l.deal_id, l.milestone, (newest.body ->> 'amount')::bigint AS amount,
        split_part(newest.kind, '.', 2) AS state, newest.id AS entry_id
    FROM public.governance_targetlink l CROSS JOIN LATERAL (
        SELECT e.id, e.kind, e.body FROM (
            SELECT *, convert_from(envelope, 'UTF8')::jsonb -> 'body' AS body FROM public.ledger_entry) AS e
        WHERE e.stream = l.stream AND e.kind IN ('target.linked', 'target.unlinked')
            AND e.recorded_at <= ledger_past.ledger_now()
            AND e.body ->> 'deal' = l.deal_id::text AND e.body ->> 'milestone' = l.milestone
        ORDER BY e.seq DESC LIMIT 1
    ) AS newest;
GRANT SELECT ON ledger_past.governance_objective, ledger_past.governance_target, ledger_past.governance_targetlink TO ledger_app;
