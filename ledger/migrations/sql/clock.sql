-- The product's clock. It runs beside the database's own, and only a demo may move it: forward, never back.

CREATE FUNCTION ledger_now() RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT clock_timestamp() + (SELECT ahead FROM ledger_clock) $$;

CREATE FUNCTION ledger_move_demo_clock(to_moment timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT (SELECT demo FROM ledger_clock) THEN
        RAISE EXCEPTION 'the clock moves only in a demo' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF to_moment < ledger_now() AND EXISTS (SELECT FROM ledger_entry) THEN
        RAISE EXCEPTION 'the clock moves only forward' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE ledger_clock SET ahead = to_moment - clock_timestamp();
    RETURN ledger_now();
END $$;
