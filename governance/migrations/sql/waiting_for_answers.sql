-- A deal waits on a function for an answer, too: a handshake that was offered and is neither accepted nor refused, or one
-- that its day has passed.

-- The function on which a requirement of a deal waits; NULL while it waits on nobody. What is submitted waits for its
-- verifiers and what is offered for its answer; past its day a milestone waits on its function, a handshake that nobody
-- has offered on who offers it. A refusal is an answer. governance/rules/waiting_replay.py says the same.
CREATE FUNCTION governance_waits_on(requirement text, effect text, status text, missed_at timestamptz, function text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN effect IS DISTINCT FROM 'unmet' OR status = 'released' THEN NULL
        WHEN requirement = 'milestone' THEN CASE WHEN status = 'submitted' OR missed_at IS NOT NULL THEN function END
        WHEN requirement <> 'handshake' THEN NULL
        WHEN status = 'offered' THEN function
        WHEN missed_at IS NOT NULL AND status <> 'refused' THEN CASE function WHEN 'sales' THEN 'operations' ELSE 'sales' END
        END
$$;

-- As in waiting.sql, by that.
CREATE OR REPLACE FUNCTION governance_note_waiting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    WITH deal AS MATERIALIZED (
        SELECT d.deal_id, d.entry_id, d.unit, coalesce(d.value_minor, 0) AS value_minor, h.at
        FROM pipeline_dealstate d JOIN ledger_stream h ON h.id = NEW.stream
        WHERE d.deal_id = split_part(NEW.stream, '/', 2)::bigint
    ), waits AS MATERIALIZED (
        SELECT DISTINCT governance_waits_on(t.requirement, t.effect, t.status, t.missed_at, t.function) AS function
        FROM ledger_standing t WHERE t.stream = NEW.stream AND t.effect = 'unmet'
          AND (t.status IN ('submitted', 'offered') OR t.missed_at IS NOT NULL)
          AND governance_waits_on(t.requirement, t.effect, t.status, t.missed_at, t.function) IS NOT NULL
    ), noted AS MATERIALIZED (
        SELECT w.function, w.from_entry, w.unit, w.value_minor FROM governance_waiting w
        WHERE w.stream = NEW.stream AND w.until_entry IS NULL
    ), ended AS (
        UPDATE governance_waiting w SET until_entry = deal.entry_id, until_at = deal.at FROM deal, noted n
        WHERE w.stream = NEW.stream AND w.function = n.function AND w.from_entry = n.from_entry
          AND ((n.unit, n.value_minor) <> (deal.unit, deal.value_minor)
            OR NOT EXISTS (SELECT FROM waits WHERE waits.function = n.function))
    )
    INSERT INTO governance_waiting (stream, function, from_entry, deal_id, unit, value_minor, from_at)
        SELECT NEW.stream, waits.function, deal.entry_id, deal.deal_id, deal.unit, deal.value_minor, deal.at
        FROM deal, waits WHERE NOT EXISTS (SELECT FROM noted n
            WHERE (n.function, n.unit, n.value_minor) = (waits.function, deal.unit, deal.value_minor));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER waiting_moves AFTER UPDATE ON ledger_standing
    FOR EACH ROW WHEN (NEW.requirement IN ('milestone', 'handshake') AND (NEW.status IN ('submitted', 'offered')
        OR OLD.status IN ('submitted', 'offered') OR NEW.missed_at IS NOT NULL OR OLD.missed_at IS NOT NULL))
    EXECUTE FUNCTION governance_note_waiting();
ALTER TABLE ledger_standing ENABLE ALWAYS TRIGGER waiting_moves;

DROP INDEX ledger_standing_that_waits;
CREATE INDEX ledger_standing_that_waits ON ledger_standing (stream)
    WHERE effect = 'unmet' AND (status IN ('submitted', 'offered') OR missed_at IS NOT NULL);
CREATE INDEX ledger_standing_by_answer ON ledger_standing (at)
    WHERE requirement = 'handshake' AND status IN ('offered', 'accepted', 'refused');

-- The median of past slips is of answers that came late, too (ledger/migrations/0014_revenue.py).
DROP INDEX ledger_standing_that_came_late;
CREATE INDEX ledger_standing_that_came_late ON ledger_standing (key, at DESC)
    WHERE requirement IN ('milestone', 'handshake') AND effect = 'met' AND at > first_due_at;
