-- The closing of a period: prepared after its end, signed under its figures by three people, closed by a second person
-- of finance. A closed period is restated, never opened again; each snapshot stays.

CREATE TABLE reporting_snapshot (
    month     date NOT NULL,
    version   integer NOT NULL CONSTRAINT a_snapshot_follows_the_one_before CHECK (version > 0),
    figures   jsonb NOT NULL,
    sha256    text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    tree_size bigint NOT NULL,
    at        timestamptz NOT NULL,
    entry_id  bigint NOT NULL,
    PRIMARY KEY (month, version)
);
SELECT ledger_guard('reporting_snapshot', false);
CREATE VIEW ledger_past.reporting_snapshot AS
    SELECT * FROM public.reporting_snapshot WHERE at <= ledger_past.ledger_now();
GRANT SELECT ON ledger_past.reporting_snapshot TO ledger_app;
-- Alerts of a month, by the moment of what they are about.
CREATE INDEX governance_alert_by_miss ON governance_alert (missed_at, id);

-- A period is the company's: who signs for a function holds it in every unit.
CREATE FUNCTION reporting_speaks_for(person bigint, wanted text, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pipeline_seat WHERE person_id = person AND function = wanted AND unit IS NULL
        AND from_at <= moment AND (until_at IS NULL OR until_at > moment)) $$;

CREATE FUNCTION reporting_move_period() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said   jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb;
    body   jsonb := said -> 'body';
    spot   text := substring(NEW.stream FROM '^period/([0-9]{4}-(0[1-9]|1[0-2]))$');
    digest text := body ->> 'sha256';
    signs  text := body ->> 'function';
    people bigint[] := array_remove(ARRAY[NEW.actor, (said ->> 'on_behalf')::bigint], NULL);
    held   ledger_period;
    zone   text;
    first  date;
BEGIN
    IF spot IS NULL THEN
        PERFORM pipeline_refuse(format('%s is no stream of a month', NEW.stream), 'a_stream_of_a_period_bears_its_month');
    END IF;
    first := (spot || '-01')::date;
    SELECT timezone INTO zone FROM pipeline_organisation ORDER BY id LIMIT 1;
    zone := coalesce(zone, 'UTC');
    SELECT * INTO held FROM ledger_period WHERE month = first;
    IF coalesce(digest, '') !~ '^[0-9a-f]{64}$' THEN
        PERFORM pipeline_refuse('what is done to a period names its figures', 'an_act_on_a_period_names_its_figures');
    END IF;
    IF NEW.kind IN ('period.prepared', 'period.signed', 'period.closed') AND held.state = 'closed' THEN
        PERFORM pipeline_refuse(format('%s is closed; it is restated, not closed again', spot), 'a_period_is_closed_once');
    ELSIF NEW.kind IN ('period.signed', 'period.closed') AND held.state IS DISTINCT FROM 'soft-closed' THEN
        PERFORM pipeline_refuse(format('%s was not prepared', spot), 'a_period_is_prepared_before_it_is_closed');
    ELSIF NEW.kind IN ('restatement.signed', 'period.restated') AND held.state IS DISTINCT FROM 'closed' THEN
        PERFORM pipeline_refuse(format('%s is not closed', spot), 'only_a_closed_period_is_restated');
    END IF;

    IF NEW.kind = 'period.prepared' THEN
        IF (NEW.recorded_at AT TIME ZONE zone)::date < first + interval '1 month' THEN
            PERFORM pipeline_refuse(format('%s has not ended', spot), 'a_period_is_prepared_after_its_end');
        END IF;
        IF NOT reporting_speaks_for(NEW.actor, 'finance', NEW.recorded_at) THEN
            PERFORM pipeline_refuse('finance prepares a period', 'a_period_is_prepared_by_finance');
        END IF;
        INSERT INTO ledger_period (month, stream, state, prepared_by, prepared_at, figures, entry_id)
            VALUES (first, NEW.stream, 'soft-closed', NEW.actor, NEW.recorded_at, digest, NEW.id)
            ON CONFLICT (month) DO UPDATE SET prepared_by = excluded.prepared_by, prepared_at = excluded.prepared_at,
                figures = excluded.figures, signatures = '{}', entry_id = excluded.entry_id;
    ELSIF NEW.kind = 'period.signed' THEN
        IF digest <> held.figures THEN
            PERFORM pipeline_refuse('these are not the figures that were prepared', 'a_signature_names_the_prepared_figures');
        END IF;
        IF signs NOT IN ('sales', 'operations', 'finance') OR NOT reporting_speaks_for(NEW.actor, signs, NEW.recorded_at) THEN
            PERFORM pipeline_refuse(format('person %s does not speak for %s', NEW.actor, signs), 'a_period_is_signed_by_who_holds_the_function');
        END IF;
        IF held.signatures ? signs OR EXISTS (SELECT FROM jsonb_each(held.signatures) AS s WHERE s.value::bigint = ANY (people)) THEN
            PERFORM pipeline_refuse('one person signs a period for one function', 'one_person_signs_a_period_for_one_function');
        END IF;
        IF signs = 'finance' AND held.prepared_by = ANY (people) THEN
            PERFORM pipeline_refuse('who prepared a period does not sign it for finance', 'the_preparer_does_not_sign_for_finance');
        END IF;
        UPDATE ledger_period SET signatures = signatures || jsonb_build_object(signs, NEW.actor), entry_id = NEW.id
            WHERE month = first;
    ELSIF NEW.kind = 'period.closed' THEN
        IF digest <> held.figures THEN
            PERFORM pipeline_refuse('the figures moved since they were signed', 'a_period_is_closed_under_its_signed_figures');
        END IF;
        IF NOT held.signatures ?& ARRAY['sales', 'operations', 'finance'] THEN
            PERFORM pipeline_refuse('a period is closed under three signatures', 'a_period_is_closed_under_three_signatures');
        END IF;
        IF held.prepared_by = ANY (people) OR NOT reporting_speaks_for(NEW.actor, 'finance', NEW.recorded_at) THEN
            PERFORM pipeline_refuse('a second person of finance closes a period', 'a_period_is_closed_by_a_second_person_of_finance');
        END IF;
        IF EXISTS (SELECT FROM governance_alert WHERE state IN ('open', 'acknowledged')
                AND missed_at >= first::timestamp AT TIME ZONE zone
                AND missed_at < (first + interval '1 month') AT TIME ZONE zone) THEN
            PERFORM pipeline_refuse(format('an alert of %s is not explained', spot), 'a_period_is_closed_when_its_alerts_are_explained');
        END IF;
        PERFORM ledger_lock_period(first);
        UPDATE ledger_period SET state = 'closed', closed_by = NEW.actor, closed_at = NEW.recorded_at, version = 1,
            entry_id = NEW.id WHERE month = first;
    ELSIF NEW.kind = 'restatement.signed' THEN
        IF signs NOT IN ('sales', 'operations', 'finance') OR NOT reporting_speaks_for(NEW.actor, signs, NEW.recorded_at) THEN
            PERFORM pipeline_refuse(format('person %s does not speak for %s', NEW.actor, signs), 'a_period_is_signed_by_who_holds_the_function');
        END IF;
        IF digest IS DISTINCT FROM held.restated_figures THEN
            held.restating := '{}';  -- other figures: every signature is given anew
        END IF;
        IF held.restating ? signs OR EXISTS (SELECT FROM jsonb_each(held.restating) AS s WHERE s.value::bigint = ANY (people)) THEN
            PERFORM pipeline_refuse('one person signs a restatement for one function', 'one_person_signs_a_period_for_one_function');
        END IF;
        UPDATE ledger_period SET restated_figures = digest, restating = held.restating || jsonb_build_object(signs, NEW.actor),
            entry_id = NEW.id WHERE month = first;
    ELSE
        IF digest IS DISTINCT FROM held.restated_figures OR NOT held.restating ? 'finance'
           OR (SELECT count(*) FROM jsonb_object_keys(held.restating)) < 2 THEN
            PERFORM pipeline_refuse('a restatement is signed by finance and one other function', 'a_restatement_is_signed_by_finance_and_another');
        END IF;
        UPDATE ledger_period SET version = version + 1, restated_figures = NULL, restating = '{}', entry_id = NEW.id
            WHERE month = first;
    END IF;
    IF NEW.kind IN ('period.closed', 'period.restated') THEN
        INSERT INTO reporting_snapshot (month, version, figures, sha256, tree_size, at, entry_id)
            VALUES (first, held.version + 1, body -> 'figures', digest, (body ->> 'tree_size')::bigint, NEW.recorded_at, NEW.id);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER entry_7_moves_its_period BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.stream LIKE 'period/%') EXECUTE FUNCTION reporting_move_period();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_7_moves_its_period;
