-- Periods: fiscal months that were prepared for closing, or closed. A month without a row is open. Value that moves in a
-- closed month is posted to the first open one and says which month it relates to: `period` is what was reported,
-- `coalesce(relates_to, period)` is what is known now. The book of capacity counts units, not money: it has no closing.

CREATE TABLE ledger_period (
    month            date PRIMARY KEY CONSTRAINT a_period_is_a_month CHECK (extract(day FROM month) = 1),
    stream           text COLLATE "C" NOT NULL UNIQUE,
    state            text NOT NULL CHECK (state IN ('soft-closed', 'closed')),
    prepared_by      bigint NOT NULL,
    prepared_at      timestamptz NOT NULL,
    figures          text NOT NULL, -- SHA-256 of what was prepared: the signatures stand under it
    signatures       jsonb NOT NULL DEFAULT '{}',
    closed_by        bigint,
    closed_at        timestamptz,
    version          integer NOT NULL DEFAULT 0, -- of the newest snapshot
    restated_figures text,
    restating        jsonb NOT NULL DEFAULT '{}', -- signatures under figures to come
    entry_id         bigint NOT NULL,
    CONSTRAINT a_closed_period_says_who_closed_it_and_when CHECK (
        (state = 'closed') = (closed_at IS NOT NULL AND closed_by IS NOT NULL AND version > 0))
);
SELECT ledger_guard('ledger_period', false);

ALTER TABLE ledger_posting ADD COLUMN relates_to date
    CONSTRAINT a_posting_relates_to_an_earlier_month CHECK (relates_to < period AND extract(day FROM relates_to) = 1);
-- The difference between what was reported and what is known: few rows, and looked for by either month.
CREATE INDEX ledger_posting_that_relates ON ledger_posting (book, relates_to, period) WHERE relates_to IS NOT NULL;
CREATE OR REPLACE VIEW ledger_past.ledger_posting AS
    SELECT * FROM public.ledger_posting WHERE recorded_at <= ledger_past.ledger_now();

-- The first month from this one on that was not closed by then.
CREATE FUNCTION ledger_open_month(of_month date, moment timestamptz) RETURNS date
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    found date := of_month;
BEGIN
    WHILE EXISTS (SELECT FROM ledger_period WHERE month = found AND closed_at <= moment) LOOP
        found := found + interval '1 month';
    END LOOP;
    RETURN found;
END $$;

-- Whoever closes a month waits for everybody who is posting to it, and whoever posts to it meanwhile waits for the close.
CREATE FUNCTION ledger_period_key(of_month date) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT (extract(year FROM of_month) * 12 + extract(month FROM of_month))::integer $$;
CREATE FUNCTION ledger_lock_period(of_month date) RETURNS void LANGUAGE sql VOLATILE AS
$$ SELECT pg_advisory_xact_lock(727017, ledger_period_key(of_month)) $$;

CREATE FUNCTION ledger_check_periods(postings jsonb, moment timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
DECLARE
    line record;
    shut timestamptz;
BEGIN
    FOR line IN SELECT DISTINCT p.period, p.relates_to
            FROM jsonb_to_recordset(postings) AS p (book text, period date, relates_to date)
            WHERE p.book <> 'capacity' AND (p.period <= moment::date + 1 OR p.relates_to IS NOT NULL) ORDER BY 1, 2 LOOP
        PERFORM pg_advisory_xact_lock_shared(727017, ledger_period_key(line.period));
        SELECT closed_at INTO shut FROM ledger_period WHERE month = line.period;
        IF shut > moment THEN
            RAISE EXCEPTION '% was closed meanwhile', to_char(line.period, 'YYYY-MM') USING ERRCODE = 'serialization_failure';
        ELSIF shut IS NOT NULL THEN
            RAISE EXCEPTION '% is closed: post to the first open month and say what it relates to', to_char(line.period, 'YYYY-MM')
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_closed_period_takes_no_postings';
        END IF;
        IF line.relates_to IS NOT NULL AND (line.period <> ledger_open_month(line.relates_to, moment)) THEN
            RAISE EXCEPTION 'what relates to % belongs to %', to_char(line.relates_to, 'YYYY-MM'),
                to_char(ledger_open_month(line.relates_to, moment), 'YYYY-MM') USING ERRCODE = 'check_violation',
                CONSTRAINT = 'a_late_posting_goes_to_the_first_open_month';
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION ledger_write_postings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    postings jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb #> '{body,postings}';
    crooked  text;
BEGIN
    IF postings IS NULL OR jsonb_array_length(postings) = 0 THEN
        RETURN NULL;
    END IF;
    IF split_part(NEW.stream, '/', 1) <> 'deal' AND jsonb_path_exists(postings, '$[*] ? (@.book == "bookings")') THEN
        RAISE EXCEPTION 'only entries of a deal move value' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'only_a_deal_moves_value';
    END IF;
    SELECT line ->> 'book' INTO crooked FROM jsonb_array_elements(postings) AS line
        GROUP BY line ->> 'book', line ->> 'currency' HAVING sum((line ->> 'amount')::bigint) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the postings of an entry in book % do not sum to zero', crooked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'postings_sum_to_zero';
    END IF;
    PERFORM ledger_check_periods(postings, NEW.recorded_at);
    INSERT INTO ledger_posting (entry_id, recorded_at, book, place, period, unit, deal_id, seat_id, amount, currency, cause,
            relates_to)
        SELECT NEW.id, NEW.recorded_at, p.book, p.place, p.period, p.unit, p.deal, p.seat, p.amount, p.currency, p.cause,
            p.relates_to
        FROM jsonb_to_recordset(postings) AS p (book text, place text, period date, unit text, deal bigint, seat bigint,
            amount bigint, currency text, cause text, relates_to date);
    RETURN NULL;
END $$;

CREATE VIEW ledger_past.ledger_period_act AS
    SELECT stream, seq, kind, actor, recorded_at, convert_from(envelope, 'UTF8')::jsonb -> 'body' AS said
    FROM public.ledger_entry WHERE stream >= 'period/' AND stream < 'period0' AND recorded_at <= ledger_past.ledger_now();
-- As it stood at a moment: what was prepared last by then, the signatures since, and the closing.
CREATE VIEW ledger_past.ledger_period AS
    SELECT p.month, p.stream,
        CASE WHEN closed.seq IS NULL THEN 'soft-closed' ELSE 'closed' END AS state,
        prepared.actor AS prepared_by, prepared.recorded_at AS prepared_at, prepared.said ->> 'sha256' AS figures,
        (SELECT coalesce(jsonb_object_agg(s.said ->> 'function', s.actor), '{}') FROM ledger_past.ledger_period_act s
            WHERE s.stream = p.stream AND s.kind = 'period.signed' AND s.seq > prepared.seq) AS signatures,
        closed.actor AS closed_by, closed.recorded_at AS closed_at,
        (SELECT count(*) FROM ledger_past.ledger_period_act v WHERE v.stream = p.stream
            AND v.kind IN ('period.closed', 'period.restated'))::integer AS version,
        again.figures AS restated_figures,
        (SELECT coalesce(jsonb_object_agg(s.said ->> 'function', s.actor), '{}') FROM ledger_past.ledger_period_act s
            WHERE s.stream = p.stream AND s.kind = 'restatement.signed' AND s.seq > again.since) AS restating,
        (SELECT max(e.id) FROM public.ledger_entry e WHERE e.stream = p.stream
            AND e.recorded_at <= ledger_past.ledger_now()) AS entry_id
    FROM public.ledger_period p
    CROSS JOIN LATERAL (SELECT * FROM ledger_past.ledger_period_act a WHERE a.stream = p.stream
        AND a.kind = 'period.prepared' ORDER BY a.seq DESC LIMIT 1) AS prepared
    LEFT JOIN LATERAL (SELECT * FROM ledger_past.ledger_period_act a WHERE a.stream = p.stream
        AND a.kind = 'period.closed' LIMIT 1) AS closed ON true
    CROSS JOIN LATERAL (
        SELECT last.figures, coalesce(max(a.seq) FILTER (WHERE a.kind <> 'restatement.signed'
            OR a.said ->> 'sha256' <> last.figures), 0) AS since
        FROM (SELECT (SELECT CASE a.kind WHEN 'restatement.signed' THEN a.said ->> 'sha256' END
            FROM ledger_past.ledger_period_act a WHERE a.stream = p.stream ORDER BY a.seq DESC LIMIT 1) AS figures) AS last,
            ledger_past.ledger_period_act a WHERE a.stream = p.stream GROUP BY last.figures
    ) AS again;
GRANT SELECT ON ledger_past.ledger_period_act, ledger_past.ledger_period TO ledger_app;
