-- Lock first, then read: one call, a fresh snapshot for what comes after the lock.

CREATE FUNCTION ledger_lock(of_stream text, OUT version integer, OUT head bytea, OUT at timestamptz, OUT now timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    SELECT s.version, s.head, s.at INTO version, head, at FROM ledger_stream s WHERE id = of_stream FOR NO KEY UPDATE;
    now := ledger_now();
END $$;

-- Claims up to `most` waiting deliveries for 30 s. Two relays never take the same row.
CREATE FUNCTION ledger_claim_outbox(most integer) RETURNS SETOF ledger_outbox
LANGUAGE sql VOLATILE AS $$
    UPDATE ledger_outbox o SET available_at = clock_timestamp() + interval '30 seconds', attempts = o.attempts + 1
    FROM (SELECT id FROM ledger_outbox WHERE available_at <= clock_timestamp()
          ORDER BY available_at LIMIT most FOR UPDATE SKIP LOCKED) due
    WHERE o.id = due.id RETURNING o.* $$;
