-- What one person foretold is theirs: they share it with their coach, and every look of somebody else is on record.

CREATE TABLE reporting_sharing (
    stream    text COLLATE "C" PRIMARY KEY,
    person_id bigint NOT NULL,
    coach_id  bigint,
    given_at  timestamptz,
    noted_at  timestamptz,
    entry_id  bigint NOT NULL
);
SELECT ledger_guard('reporting_sharing', false);
CREATE TABLE reporting_look (
    stream    text COLLATE "C" NOT NULL,
    entry_id  bigint NOT NULL,
    person_id bigint NOT NULL,
    looker_id bigint NOT NULL,
    purpose   text NOT NULL CHECK (purpose IN ('coach', 'alert', 'audit')),
    about     text NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (stream, entry_id)
);
CREATE INDEX reporting_look_by_person ON reporting_look (person_id, entry_id DESC);
SELECT ledger_guard('reporting_look', false);

CREATE FUNCTION reporting_keep_sharing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body   jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    person bigint := substring(NEW.stream FROM '^sharing/([1-9][0-9]{0,17})$')::bigint;
    held   reporting_sharing;
BEGIN
    SELECT * INTO held FROM reporting_sharing WHERE stream = NEW.stream;
    IF person IS NULL OR NEW.kind IN ('sharing.given', 'sharing.ended') AND NEW.actor <> person THEN
        PERFORM pipeline_refuse('only a person shares what they foretold', 'only_a_person_shares_their_own');
    END IF;
    IF NEW.kind = 'sharing.looked' THEN
        IF NEW.actor = person OR NOT coalesce(CASE body ->> 'purpose'
                WHEN 'coach' THEN held.coach_id = NEW.actor
                WHEN 'audit' THEN held.noted_at IS NOT NULL AND EXISTS (SELECT FROM pipeline_seat s
                    WHERE s.person_id = NEW.actor AND s.role = 'auditor' AND s.from_at <= NEW.recorded_at
                      AND (s.until_at IS NULL OR s.until_at > NEW.recorded_at))
                WHEN 'alert' THEN EXISTS (SELECT FROM governance_alert a JOIN pipeline_seat s ON s.id = a.owner_seat
                    WHERE a.stream = 'alert/' || (body ->> 'about') AND a.state <> 'closed' AND s.person_id = person)
                END, false) THEN
            PERFORM pipeline_refuse('a look has a purpose that stands', 'a_look_has_a_purpose_that_stands');
        END IF;
        INSERT INTO reporting_look (stream, entry_id, person_id, looker_id, purpose, about, at)
            VALUES (NEW.stream, NEW.id, person, NEW.actor, body ->> 'purpose', body ->> 'about', NEW.recorded_at);
        RETURN NEW;
    END IF;
    INSERT INTO reporting_sharing (stream, person_id, coach_id, given_at, noted_at, entry_id)
        VALUES (NEW.stream, person, (body ->> 'coach')::bigint,
            CASE NEW.kind WHEN 'sharing.given' THEN NEW.recorded_at END,
            CASE NEW.kind WHEN 'sharing.noted' THEN NEW.recorded_at END, NEW.id)
        ON CONFLICT (stream) DO UPDATE SET entry_id = NEW.id,
            coach_id = CASE NEW.kind WHEN 'sharing.noted' THEN reporting_sharing.coach_id ELSE excluded.coach_id END,
            given_at = CASE NEW.kind WHEN 'sharing.noted' THEN reporting_sharing.given_at ELSE excluded.given_at END,
            noted_at = coalesce(excluded.noted_at, reporting_sharing.noted_at);
    RETURN NEW;
END $$;
CREATE TRIGGER entry_7_keeps_sharing BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.stream LIKE 'sharing/%') EXECUTE FUNCTION reporting_keep_sharing();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_7_keeps_sharing;

-- Sharing is of today: who may look is never read from the past. The log is as it was known.
CREATE VIEW ledger_past.reporting_sharing AS SELECT * FROM public.reporting_sharing;
CREATE VIEW ledger_past.reporting_look AS
    SELECT * FROM public.reporting_look WHERE at <= (SELECT ledger_past.ledger_now());
GRANT SELECT ON ledger_past.reporting_sharing, ledger_past.reporting_look TO ledger_app;
