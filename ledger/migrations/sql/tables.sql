-- Tables of the record. The application role never gets more than models' `app_grants` says.

CREATE TABLE ledger_kind (
    name   text PRIMARY KEY,
    effect text CHECK (effect IN ('met', 'unmet', 'waived')),
    status text NOT NULL DEFAULT '',
    stream text NOT NULL
);

CREATE TABLE ledger_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    ahead    interval NOT NULL DEFAULT '0',
    demo     boolean NOT NULL DEFAULT false
);
INSERT INTO ledger_clock DEFAULT VALUES;

CREATE TABLE ledger_stream (
    id      text COLLATE "C" PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    head    bytea NOT NULL CHECK (octet_length(head) = 32),
    at      timestamptz NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE ledger_entry (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    xid          xid8 NOT NULL DEFAULT pg_current_xact_id(),
    stream       text COLLATE "C" NOT NULL,
    seq          integer NOT NULL CHECK (seq > 0),
    kind         text NOT NULL,
    actor        bigint NOT NULL,
    recorded_at  timestamptz NOT NULL,
    effective_at timestamptz NOT NULL,
    stage        text,
    amount_minor bigint,
    currency     text,
    owner        bigint,
    envelope     bytea NOT NULL CONSTRAINT an_envelope_is_at_most_32_kib CHECK (octet_length(envelope) <= 32768),
    hash         bytea NOT NULL GENERATED ALWAYS AS (sha256('\x00'::bytea || envelope)) STORED,
    CONSTRAINT a_stream_has_one_entry_at_each_place UNIQUE (stream, seq)
);
CREATE INDEX ledger_entry_in_commit_order ON ledger_entry (xid, id);
CREATE INDEX ledger_entry_by_time ON ledger_entry USING brin (recorded_at);

-- No foreign key to the entry: the trigger writes both, and history must never be able to cascade.
CREATE TABLE ledger_posting (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id    bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    book        text NOT NULL CHECK (book IN ('bookings', 'revenue', 'capacity')),
    place       text NOT NULL,
    period      date NOT NULL CONSTRAINT a_period_starts_on_the_first CHECK (extract(day FROM period) = 1),
    unit        text NOT NULL,
    deal_id     bigint,
    seat_id     bigint,
    amount      bigint NOT NULL,
    currency    text,
    cause       text NOT NULL
);
CREATE INDEX ledger_posting_by_place ON ledger_posting (book, place, period, recorded_at)
    INCLUDE (unit, amount, cause);
CREATE INDEX ledger_posting_by_deal ON ledger_posting (deal_id, id);

CREATE TABLE ledger_standing (
    stream      text COLLATE "C" NOT NULL,
    key         text COLLATE "C" NOT NULL,
    requirement text NOT NULL,
    effect      text NOT NULL CHECK (effect IN ('met', 'unmet', 'waived')),
    status      text NOT NULL,
    entry_id    bigint NOT NULL,
    actor       bigint NOT NULL,
    at          timestamptz NOT NULL,
    function    text NOT NULL DEFAULT '',
    preparer    bigint,
    start_by    timestamptz,
    due_at      timestamptz,
    valid_until timestamptz,
    facts       jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (stream, key)
) WITH (fillfactor = 80);
CREATE INDEX ledger_standing_by_work ON ledger_standing (function, status, due_at) WHERE requirement = 'milestone';
CREATE INDEX ledger_standing_by_expiry ON ledger_standing (valid_until) WHERE effect <> 'unmet' AND valid_until IS NOT NULL;

CREATE TABLE ledger_private_value (
    id      uuid PRIMARY KEY,
    subject text COLLATE "C" NOT NULL,
    salt    bytea NOT NULL CHECK (octet_length(salt) = 32),
    value   text NOT NULL
);
CREATE INDEX ledger_private_value_by_subject ON ledger_private_value (subject);
CREATE INDEX ledger_private_value_by_text ON ledger_private_value (md5(lower(value)));

CREATE TABLE ledger_outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id     bigint NOT NULL,
    topic        text NOT NULL,
    available_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts     integer NOT NULL DEFAULT 0
);
CREATE INDEX ledger_outbox_by_time ON ledger_outbox (available_at);

CREATE TABLE ledger_handled (
    entry_id bigint NOT NULL,
    handler  text NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (entry_id, handler)
);

CREATE TABLE ledger_idempotency (
    principal   bigint NOT NULL,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,
    status      integer,
    headers     jsonb NOT NULL DEFAULT '{}',
    body        text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (principal, key)
);
CREATE INDEX ledger_idempotency_by_age ON ledger_idempotency (created_at);
