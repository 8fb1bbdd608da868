-- A deal as rules see it: state, owner and standings in one row. Moments are microseconds, as in the envelope.

CREATE VIEW pipeline_deal_read AS
SELECT s.*, o.person_id AS owner_person,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(t.key, t.effect, t.status, t.entry_id, t.actor,
            (extract(epoch FROM t.at) * 1000000)::bigint, t.function, t.preparer,
            (extract(epoch FROM t.start_by) * 1000000)::bigint, (extract(epoch FROM t.due_at) * 1000000)::bigint,
            (extract(epoch FROM t.valid_until) * 1000000)::bigint, t.facts)), '[]')
     FROM ledger_standing t WHERE t.stream = s.stream) AS standings,
    (SELECT jsonb_object_agg(p.id, p.value) FROM ledger_private_value p WHERE p.subject = s.stream) AS private
FROM pipeline_dealstate s JOIN pipeline_seat o ON o.id = s.owner_id;
GRANT SELECT ON pipeline_deal_read TO ledger_app;

-- Seats that a person holds at a moment, as [id, function, unit, role].
CREATE FUNCTION pipeline_seats_of(person bigint, moment timestamptz) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_array(id, function, unit, role) ORDER BY id), '[]') FROM pipeline_seat
    WHERE person_id = person AND from_at <= moment AND (until_at IS NULL OR until_at > moment) $$;

-- Lock, then read under a fresh snapshot: everything a gate looks at is an entry of this deal, behind this lock.
CREATE FUNCTION pipeline_lock_deal(number bigint, person bigint)
RETURNS TABLE (head bytea, at timestamptz, now timestamptz, seats jsonb, currency text, timezone text,
    deal pipeline_deal_read)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    held ledger_stream;
BEGIN
    SELECT * INTO held FROM ledger_stream s WHERE s.id = 'deal/' || number FOR NO KEY UPDATE;
    now := ledger_now();
    SELECT o.currency, o.timezone INTO currency, timezone FROM pipeline_organisation o ORDER BY o.id LIMIT 1;
    RETURN QUERY SELECT held.head, held.at, now, pipeline_seats_of(person, now), pipeline_lock_deal.currency,
            pipeline_lock_deal.timezone, r
        FROM pipeline_deal_read r WHERE r.deal_id = number;
END $$;
