-- As in entry_trigger.sql, each step of it immutable, so that PostgreSQL reads a call of it as part of the question; adding
-- to a timestamptz is not.
CREATE OR REPLACE FUNCTION ledger_moment(microseconds text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS
$$ SELECT (timestamp '1970-01-01 00:00:00' + microseconds::bigint * interval '1 microsecond') AT TIME ZONE 'UTC' $$;
