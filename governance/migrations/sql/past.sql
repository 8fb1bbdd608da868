-- Evidence and what people have looked at, as it was at a moment; see ledger/migrations/sql/past.sql.

CREATE VIEW ledger_past.governance_evidence AS
    SELECT p.* FROM public.governance_evidence p JOIN public.governance_milestone m ON m.id = p.milestone_id
    WHERE EXISTS (SELECT FROM public.ledger_entry e WHERE e.stream = m.stream AND e.kind = 'evidence.added'
        AND e.recorded_at <= ledger_past.ledger_now()
        AND (convert_from(e.envelope, 'UTF8')::jsonb #>> '{body,evidence_id}')::bigint = p.id);

CREATE VIEW ledger_past.governance_evidenceopening AS
    SELECT * FROM public.governance_evidenceopening WHERE opened_at <= ledger_past.ledger_now();

CREATE VIEW ledger_past.governance_notice AS
    SELECT id, person_id, subject, rung, interrupts, entry_id, deal_id, sentence, link, at,
        CASE WHEN read_at <= ledger_past.ledger_now() THEN read_at END AS read_at,
        CASE WHEN planned_at <= ledger_past.ledger_now() THEN planned_at END AS planned_at
    FROM public.governance_notice WHERE at <= ledger_past.ledger_now();

-- What was asked for never changes; where it stood is the last act on it by then.
CREATE VIEW ledger_past.governance_waiver AS
    SELECT w.id, w.stream, w.deal_id, w.key, w.reason, w.unit, w.requester, w.requester_function, w.requested_at,
        w.valid_until, w.value_minor, split_part(e.kind, '.', 2) AS state,
        CASE WHEN w.decided_at <= ledger_past.ledger_now() THEN w.approver END AS approver,
        CASE WHEN w.decided_at <= ledger_past.ledger_now() THEN w.approver_function END AS approver_function,
        CASE WHEN w.decided_at <= ledger_past.ledger_now() THEN w.decided_at END AS decided_at,
        CASE WHEN w.closed_at <= ledger_past.ledger_now() THEN w.closed_at END AS closed_at, e.id AS entry_id
    FROM public.governance_waiver w CROSS JOIN LATERAL (
        SELECT id, kind FROM public.ledger_entry
        WHERE stream = w.stream AND kind LIKE 'waiver.%' AND recorded_at <= ledger_past.ledger_now() AND (id = w.id
            OR (convert_from(envelope, 'UTF8')::jsonb #>> '{body,facts,waiver}')::bigint = w.id)
        ORDER BY seq DESC LIMIT 1
    ) AS e;

GRANT SELECT ON ALL TABLES IN SCHEMA ledger_past TO ledger_app;
