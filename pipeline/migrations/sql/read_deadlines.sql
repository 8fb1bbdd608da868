-- The same view with what the record notes on deadlines.

CREATE OR REPLACE VIEW pipeline_deal_read AS
SELECT s.*, o.person_id AS owner_person,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(t.key, t.effect, t.status, t.entry_id, t.actor,
            (extract(epoch FROM t.at) * 1000000)::bigint, t.function, t.preparer,
            (extract(epoch FROM t.start_by) * 1000000)::bigint, (extract(epoch FROM t.due_at) * 1000000)::bigint,
            (extract(epoch FROM t.valid_until) * 1000000)::bigint, t.facts,
            (extract(epoch FROM t.first_due_at) * 1000000)::bigint, (extract(epoch FROM t.late_at) * 1000000)::bigint,
            (extract(epoch FROM t.missed_at) * 1000000)::bigint)), '[]')
     FROM ledger_standing t WHERE t.stream = s.stream) AS standings,
    (SELECT jsonb_object_agg(p.id, p.value) FROM ledger_private_value p WHERE p.subject = s.stream) AS private
FROM pipeline_dealstate s JOIN pipeline_seat o ON o.id = s.owner_id;
