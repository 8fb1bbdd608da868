-- What each channel of publication says of itself. The sealer writes it, everybody in the house may see it.
CREATE TABLE ledger_channel (
    name   text PRIMARY KEY,
    pause  interval NOT NULL DEFAULT '0',
    active boolean NOT NULL DEFAULT true,
    fault  text NOT NULL DEFAULT '',
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE ON ledger_channel TO ledger_sealer;
