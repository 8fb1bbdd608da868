-- Value that waits on functions: one row for each while in which a deal waited on one, with its unit and value. What waited
-- at a moment is then a sum over the blocks (ledger/migrations/sql/totals.sql), and not folded deal by deal.

CREATE TABLE governance_waiting (
    stream      text COLLATE "C" NOT NULL,
    function    text NOT NULL,
    from_entry  bigint NOT NULL,
    deal_id     bigint NOT NULL,
    unit        text NOT NULL,
    value_minor bigint NOT NULL, -- in the reporting currency; 0 for a deal without a value
    from_at     timestamptz NOT NULL,
    until_at    timestamptz,
    until_entry bigint,
    PRIMARY KEY (stream, function, from_entry)
) WITH (fillfactor = 85);

-- After a standing or the value of its deal has moved: what waits now, beside what was noted. Standings are of this entry
-- already, and so is the state of the deal, which names it (entry_2_moves_its_deal).
CREATE FUNCTION governance_note_waiting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    WITH deal AS MATERIALIZED (
        SELECT d.deal_id, d.entry_id, d.unit, coalesce(d.value_minor, 0) AS value_minor, h.at
        FROM pipeline_dealstate d JOIN ledger_stream h ON h.id = NEW.stream
        WHERE d.deal_id = split_part(NEW.stream, '/', 2)::bigint
    ), waits AS MATERIALIZED (
        SELECT DISTINCT t.function FROM ledger_standing t
        WHERE t.stream = NEW.stream AND t.requirement = 'milestone' AND t.effect = 'unmet'
          AND (t.status = 'submitted' OR t.missed_at IS NOT NULL) AND t.status <> 'released'
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
CREATE TRIGGER waiting_begins AFTER INSERT ON ledger_standing
    FOR EACH ROW WHEN (NEW.requirement = 'milestone' AND NEW.status = 'submitted') EXECUTE FUNCTION governance_note_waiting();
CREATE TRIGGER waiting_moves AFTER UPDATE ON ledger_standing
    FOR EACH ROW WHEN (NEW.requirement = 'milestone' AND (NEW.status = 'submitted' OR OLD.status = 'submitted'
        OR NEW.missed_at IS NOT NULL OR OLD.missed_at IS NOT NULL)) EXECUTE FUNCTION governance_note_waiting();
CREATE TRIGGER waiting_follows_its_deal AFTER UPDATE ON pipeline_dealstate
    FOR EACH ROW WHEN (NEW.value_minor IS DISTINCT FROM OLD.value_minor OR NEW.unit IS DISTINCT FROM OLD.unit)
    EXECUTE FUNCTION governance_note_waiting();
ALTER TABLE ledger_standing ENABLE ALWAYS TRIGGER waiting_begins;
ALTER TABLE ledger_standing ENABLE ALWAYS TRIGGER waiting_moves;
ALTER TABLE pipeline_dealstate ENABLE ALWAYS TRIGGER waiting_follows_its_deal;

CREATE VIEW ledger_past.governance_waiting AS
    SELECT stream, function, from_entry, deal_id, unit, value_minor, from_at,
        CASE WHEN until_at <= (SELECT ledger_past.ledger_now()) THEN until_at END AS until_at,
        CASE WHEN until_at <= (SELECT ledger_past.ledger_now()) THEN until_entry END AS until_entry
    FROM public.governance_waiting WHERE from_at <= (SELECT ledger_past.ledger_now());
GRANT SELECT ON ledger_past.governance_waiting TO ledger_app;
