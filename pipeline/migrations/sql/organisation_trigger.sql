-- Seats, rates and policy versions: rows that decide who may do what, so only entries write them.

CREATE FUNCTION pipeline_holds_function(person bigint, wanted text, in_unit text, at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pipeline_seat
        WHERE person_id = person AND function = wanted AND (unit IS NULL OR unit = in_unit)
          AND from_at <= at AND (until_at IS NULL OR until_at > at)) $$;

CREATE FUNCTION pipeline_write_organisation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body   jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    number bigint;
    signed integer;
BEGIN
    IF NEW.kind = 'seat.filled' THEN
        number := split_part(NEW.stream, '/', 2)::bigint;
        INSERT INTO pipeline_seat (id, person_id, function, unit, role, from_at, reports_to, entry_id)
            VALUES (number, (body ->> 'person')::bigint, body ->> 'function', body ->> 'unit', body ->> 'role',
                NEW.effective_at, (body ->> 'reports_to')::bigint, NEW.id);
    ELSIF NEW.kind = 'seat.ended' THEN
        number := split_part(NEW.stream, '/', 2)::bigint;
        UPDATE pipeline_seat SET until_at = NEW.effective_at WHERE id = number AND until_at IS NULL;
        IF NOT FOUND THEN
            PERFORM pipeline_refuse(format('seat %s is not filled', number), 'only_a_filled_seat_ends');
        END IF;
    ELSIF NEW.kind = 'rate.published' THEN
        INSERT INTO pipeline_fxrate (currency, day, rate, entry_id)
            VALUES (body ->> 'currency', (body ->> 'day')::date, (body ->> 'rate')::numeric, NEW.id)
            ON CONFLICT (currency, day) DO UPDATE SET rate = excluded.rate, entry_id = excluded.entry_id;
    ELSIF NEW.kind = 'policy.drafted' THEN
        INSERT INTO pipeline_policyversion (version, name, hash, document, drafted_at, drafted_by)
            VALUES ((body ->> 'version')::integer, body #>> '{document,name}', body ->> 'hash', body -> 'document',
                NEW.recorded_at, NEW.actor);
    ELSIF NEW.kind = 'policy.signed' THEN
        IF NOT EXISTS (SELECT FROM pipeline_policyversion
                WHERE version = (body ->> 'version')::integer AND hash = body ->> 'hash' AND published_at IS NULL) THEN
            PERFORM pipeline_refuse('a signature stands under the hash of a draft', 'a_signature_names_what_it_signs');
        END IF;
        IF NOT EXISTS (SELECT FROM pipeline_seat WHERE person_id = NEW.actor AND function = body ->> 'function'
                AND from_at <= NEW.recorded_at AND (until_at IS NULL OR until_at > NEW.recorded_at)) THEN
            PERFORM pipeline_refuse(format('person %s does not hold %s', NEW.actor, body ->> 'function'),
                'a_policy_is_signed_by_who_holds_the_function');
        END IF;
        IF EXISTS (SELECT FROM ledger_entry e,
                LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS said) AS b
                WHERE e.stream = NEW.stream AND e.kind = 'policy.signed' AND e.actor = NEW.actor AND e.seq < NEW.seq
                  AND b.said ->> 'version' = body ->> 'version') THEN
            PERFORM pipeline_refuse('one person signs a policy for one function', 'one_person_signs_for_one_function');
        END IF;
    ELSIF NEW.kind = 'policy.published' THEN
        SELECT count(DISTINCT e.actor) INTO signed FROM ledger_entry e,
            LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS said) AS b
            WHERE e.stream = NEW.stream AND e.kind = 'policy.signed' AND b.said ->> 'hash' = body ->> 'hash'
              AND b.said ->> 'version' = body ->> 'version' AND b.said ->> 'function' IN ('sales', 'operations', 'finance')
            HAVING count(DISTINCT b.said ->> 'function') = 3;
        IF coalesce(signed, 0) < 3 THEN
            PERFORM pipeline_refuse('a policy is published under three signatures: sales, operations and finance',
                'a_policy_is_published_under_three_signatures');
        END IF;
        UPDATE pipeline_policyversion SET published_at = NEW.recorded_at
            WHERE version = (body ->> 'version')::integer AND hash = body ->> 'hash' AND published_at IS NULL;
        INSERT INTO pipeline_policystage (version, place, stage)
            SELECT v.version, s.place - 1, s.stage ->> 'key'
            FROM pipeline_policyversion v, jsonb_array_elements(v.document -> 'stages') WITH ORDINALITY AS s (stage, place)
            WHERE v.version = (body ->> 'version')::integer;
        INSERT INTO pipeline_gaterequirement (version, stage, key, kind, input, function, conditional)
            SELECT v.version, s.stage ->> 'key', r.said ->> 'key', r.said ->> 'kind', r.said ->> 'key',
                -- What stands under a milestone's key belongs to the function that its template names.
                coalesce(CASE WHEN r.said ->> 'kind' IN ('milestone', 'handshake') THEN (SELECT m ->> 'owner_function'
                        FROM jsonb_array_elements(v.document -> 'milestones') AS m WHERE m ->> 'key' = r.said ->> 'key') END,
                    nullif(r.said ->> 'function', ''), r.said ->> 'owner_function', ''),
                coalesce(r.said ->> 'applies_when', '') <> '' OR r.said ? 'above_minor'
            FROM pipeline_policyversion v, jsonb_array_elements(v.document -> 'stages') AS s (stage),
                jsonb_array_elements(s.stage -> 'gate') AS r (said)
            WHERE v.version = (body ->> 'version')::integer;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_3_writes_the_organisation BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('seat.filled', 'seat.ended', 'rate.published', 'policy.drafted', 'policy.signed',
        'policy.published'))
    EXECUTE FUNCTION pipeline_write_organisation();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_3_writes_the_organisation;
