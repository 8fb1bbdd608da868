-- Claims up to `most` waiting deliveries. The lease is 30 s at first and doubles with each attempt up to an hour: what a
-- lost message needs comes back soon, and what no handler can take does not come back every 30 s for ever.
CREATE OR REPLACE FUNCTION ledger_claim_outbox(most integer) RETURNS SETOF ledger_outbox
LANGUAGE sql VOLATILE AS $$
    UPDATE ledger_outbox o SET attempts = o.attempts + 1,
        available_at = clock_timestamp() + interval '30 seconds' * power(2, least(o.attempts, 7)) * (0.9 + random() / 5)
    FROM (SELECT id FROM ledger_outbox WHERE available_at <= clock_timestamp()
          ORDER BY available_at LIMIT most FOR UPDATE SKIP LOCKED) due
    WHERE o.id = due.id RETURNING o.* $$;
