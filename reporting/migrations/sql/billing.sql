-- What finance states of a deal: invoices, credit notes and payments. Each number is stated once; the book `billings`
-- moves by these entries alone. Amounts in the deal's currency, values at the rate that its booking froze.

CREATE TABLE reporting_billing (
    sort         text NOT NULL CHECK (sort IN ('invoice', 'credit', 'collection')),
    number       text NOT NULL CHECK (length(number) BETWEEN 1 AND 60),
    stream       text COLLATE "C" NOT NULL,
    deal_id      bigint NOT NULL REFERENCES pipeline_deal (id),
    day          date NOT NULL,
    amount_minor bigint NOT NULL CONSTRAINT what_is_billed_is_more_than_nothing CHECK (amount_minor > 0),
    currency     text NOT NULL,
    value_minor  bigint NOT NULL,
    recorded_at  timestamptz NOT NULL,
    entry_id     bigint NOT NULL,
    CONSTRAINT a_number_is_stated_once PRIMARY KEY (sort, number)
);
CREATE INDEX reporting_billing_by_deal ON reporting_billing (deal_id, entry_id);
SELECT ledger_guard('reporting_billing', false);
CREATE VIEW ledger_past.reporting_billing AS
    SELECT * FROM public.reporting_billing WHERE recorded_at <= ledger_past.ledger_now();
GRANT SELECT ON ledger_past.reporting_billing TO ledger_app;

ALTER TABLE ledger_posting DROP CONSTRAINT ledger_posting_book_check;
ALTER TABLE ledger_posting ADD CONSTRAINT ledger_posting_book_check
    CHECK (book IN ('bookings', 'revenue', 'capacity', 'billings'));

CREATE FUNCTION reporting_keep_billing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    body  jsonb := convert_from(NEW.envelope, 'UTF8')::jsonb -> 'body';
    what  text := CASE NEW.kind WHEN 'invoice.issued' THEN 'invoice' WHEN 'invoice.credited' THEN 'credit' ELSE 'collection' END;
    spot  text := CASE what WHEN 'collection' THEN 'collected' ELSE 'invoiced' END;
    worth bigint := (body ->> 'value_minor')::bigint * CASE what WHEN 'credit' THEN -1 ELSE 1 END;
    deal  pipeline_dealstate;
BEGIN
    SELECT * INTO deal FROM pipeline_dealstate WHERE stream = NEW.stream;
    IF NOT pipeline_holds_function(NEW.actor, 'finance', deal.unit, NEW.recorded_at) THEN
        PERFORM pipeline_refuse(format('person %s does not hold finance in %s', NEW.actor, deal.unit), 'finance_states_what_is_billed');
    END IF;
    IF body ->> 'currency' IS DISTINCT FROM deal.currency THEN
        PERFORM pipeline_refuse('a deal is billed in its own currency', 'a_deal_is_billed_in_its_currency');
    END IF;
    IF (body ->> 'day')::date > (NEW.recorded_at + interval '14 hours')::date THEN
        PERFORM pipeline_refuse('what is billed has happened', 'what_is_billed_has_happened');
    END IF;
    IF EXISTS (SELECT FROM jsonb_to_recordset(coalesce(body -> 'postings', '[]'))
            AS p (book text, place text, period date, relates_to date, deal bigint, amount bigint)
            HAVING coalesce(sum(p.amount) FILTER (WHERE p.place = spot), 0) <> worth
                OR bool_or(p.book <> 'billings' OR p.place NOT IN ('source', spot) OR p.deal IS DISTINCT FROM deal.deal_id
                    OR coalesce(p.relates_to, p.period) <> date_trunc('month', (body ->> 'day')::timestamp)::date)) THEN
        PERFORM pipeline_refuse('the postings are not what was billed', 'postings_say_what_was_billed');
    END IF;
    INSERT INTO reporting_billing (sort, number, stream, deal_id, day, amount_minor, currency, value_minor, recorded_at, entry_id)
        VALUES (what, body ->> 'number', NEW.stream, deal.deal_id, (body ->> 'day')::date, (body ->> 'amount_minor')::bigint,
            body ->> 'currency', (body ->> 'value_minor')::bigint, NEW.recorded_at, NEW.id);
    RETURN NEW;
END $$;
CREATE TRIGGER entry_7_keeps_billing BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind IN ('invoice.issued', 'invoice.credited', 'collection.received'))
    EXECUTE FUNCTION reporting_keep_billing();
ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_7_keeps_billing;

CREATE FUNCTION reporting_check_billing_posting() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM ledger_entry WHERE id = NEW.entry_id
            AND kind IN ('invoice.issued', 'invoice.credited', 'collection.received')) THEN
        PERFORM pipeline_refuse('only what finance states moves billings', 'only_finance_moves_billings');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER billings_move_by_finance BEFORE INSERT ON ledger_posting
    FOR EACH ROW WHEN (NEW.book = 'billings') EXECUTE FUNCTION reporting_check_billing_posting();
ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER billings_move_by_finance;
