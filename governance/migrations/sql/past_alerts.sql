-- Alerts as they stood at a moment: what opened them never changes, the rest follows from their acts by then.

CREATE VIEW ledger_past.governance_alert AS
    SELECT a.id, a.stream, a.about, a.subject, a.milestone_id, a.deal_id, a.key, a.function, a.unit, a.owner_seat,
        a.counterpart, a.missed_at, a.opened_at, a.due_at, a.severity, a.warned_at, a.stake, a.stake_minor, a.currency,
        by_then.state, by_then.rung, by_then.rung_at, by_then.next_at, by_then.cause, by_then.promised_on,
        by_then.acknowledged_by, by_then.acknowledged_at, by_then.explained_by, by_then.explained_at,
        by_then.committed_by, by_then.committed_at, by_then.closed_by, by_then.closed_at, by_then.entry_id
    FROM public.governance_alert a CROSS JOIN LATERAL (
        SELECT
            (array_agg(CASE WHEN kind IN ('alert.opened', 'alert.reopened') THEN 'open' ELSE split_part(kind, '.', 2) END
                ORDER BY seq DESC) FILTER (WHERE kind <> 'alert.escalated'))[1] AS state,
            least(2, count(*) FILTER (WHERE kind IN ('alert.escalated', 'alert.reopened')))::smallint AS rung,
            max(recorded_at) FILTER (WHERE kind IN ('alert.opened', 'alert.escalated', 'alert.reopened')) AS rung_at,
            public.ledger_moment((array_agg(body ->> 'next' ORDER BY seq DESC))[1]) AS next_at,
            (array_agg(body ->> 'cause' ORDER BY seq DESC) FILTER (WHERE kind = 'alert.explained'))[1] AS cause,
            (array_agg((body ->> 'date')::date ORDER BY seq DESC) FILTER (WHERE kind = 'alert.committed'))[1] AS promised_on,
            (array_agg(actor ORDER BY seq DESC) FILTER (WHERE kind = 'alert.acknowledged'))[1] AS acknowledged_by,
            max(recorded_at) FILTER (WHERE kind = 'alert.acknowledged') AS acknowledged_at,
            (array_agg(actor ORDER BY seq DESC) FILTER (WHERE kind = 'alert.explained'))[1] AS explained_by,
            max(recorded_at) FILTER (WHERE kind = 'alert.explained') AS explained_at,
            (array_agg(actor ORDER BY seq DESC) FILTER (WHERE kind = 'alert.committed'))[1] AS committed_by,
            max(recorded_at) FILTER (WHERE kind = 'alert.committed') AS committed_at,
            (array_agg(actor ORDER BY seq DESC) FILTER (WHERE kind = 'alert.closed'))[1] AS closed_by,
            max(recorded_at) FILTER (WHERE kind = 'alert.closed') AS closed_at,
            max(id) AS entry_id
        FROM (SELECT *, convert_from(envelope, 'UTF8')::jsonb -> 'body' AS body FROM public.ledger_entry) AS e
        WHERE e.stream = a.stream AND e.recorded_at <= ledger_past.ledger_now()
    ) AS by_then
    WHERE a.opened_at <= ledger_past.ledger_now();
GRANT SELECT ON ledger_past.governance_alert TO ledger_app;
