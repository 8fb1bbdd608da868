-- The floor of a ceiling: a commit wants every booking milestone verified, or due inside the period with an owner, and
-- nobody who holds the deal.

CREATE OR REPLACE FUNCTION reporting_is_supported(of_deal pipeline_dealstate, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM ledger_standing WHERE stream = of_deal.stream AND requirement = 'hold'
        AND effect = 'unmet')
    AND NOT EXISTS (
        SELECT FROM pipeline_gaterequirement r
        LEFT JOIN ledger_standing t ON t.stream = of_deal.stream AND t.key = r.key
        WHERE r.version = of_deal.policy_version AND r.kind IN ('milestone', 'handshake', 'capacity')
          AND r.stage = (SELECT stage FROM pipeline_policystage WHERE version = of_deal.policy_version
                         ORDER BY place DESC LIMIT 1)
          AND NOT coalesce(t.effect = 'met' AND (t.valid_until IS NULL OR t.valid_until > at)
              OR r.kind <> 'capacity' AND t.effect = 'unmet' AND t.status <> 'released' AND t.function <> ''
                 AND t.due_at > at, false)) $$;
