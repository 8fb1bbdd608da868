-- Protected state: one row a deal, a seat, a policy version, a rate. Only the insert of an entry writes here.

CREATE TABLE pipeline_seat (
    id         bigint PRIMARY KEY,
    person_id  bigint NOT NULL REFERENCES pipeline_person (id),
    function   text NOT NULL REFERENCES pipeline_businessfunction (key),
    unit       text REFERENCES pipeline_unit (key),
    role       text NOT NULL CHECK (role IN ('rep', 'manager', 'lead', 'executive', 'steward', 'auditor', 'admin')),
    from_at    timestamptz NOT NULL,
    until_at   timestamptz,
    reports_to bigint REFERENCES pipeline_seat (id),
    entry_id   bigint NOT NULL
);
CREATE INDEX pipeline_seat_by_person ON pipeline_seat (person_id);
CREATE INDEX pipeline_seat_by_function ON pipeline_seat (function, unit);
CREATE SEQUENCE pipeline_seat_number;

CREATE TABLE pipeline_fxrate (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    currency text NOT NULL,
    day      date NOT NULL,
    rate     numeric(18, 8) NOT NULL CHECK (rate > 0),
    entry_id bigint NOT NULL,
    CONSTRAINT a_currency_has_one_rate_a_day UNIQUE (currency, day)
);

CREATE TABLE pipeline_policyversion (
    version      integer PRIMARY KEY,
    name         text NOT NULL,
    hash         text NOT NULL,
    document     jsonb NOT NULL,
    drafted_at   timestamptz NOT NULL,
    drafted_by   bigint NOT NULL,
    published_at timestamptz
);
CREATE TABLE pipeline_policystage (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  integer NOT NULL REFERENCES pipeline_policyversion (version),
    place    integer NOT NULL,
    stage    text NOT NULL,
    CONSTRAINT a_policy_names_a_stage_once UNIQUE (version, stage)
);
CREATE TABLE pipeline_gaterequirement (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version     integer NOT NULL REFERENCES pipeline_policyversion (version),
    stage       text NOT NULL,
    key         text NOT NULL,
    kind        text NOT NULL,
    input       text NOT NULL DEFAULT '',
    function    text NOT NULL DEFAULT '',
    conditional boolean NOT NULL,
    CONSTRAINT a_gate_names_a_requirement_once UNIQUE (version, stage, key)
);

CREATE TABLE pipeline_dealstate (
    deal_id          bigint PRIMARY KEY REFERENCES pipeline_deal (id),
    stream           text COLLATE "C" NOT NULL,
    version          integer NOT NULL,
    entry_id         bigint NOT NULL,
    stage            text NOT NULL,
    stage_entered_at timestamptz NOT NULL,
    opened_at        timestamptz NOT NULL,
    policy_version   integer NOT NULL REFERENCES pipeline_policyversion (version),
    unit             text NOT NULL REFERENCES pipeline_unit (key),
    owner_id         bigint NOT NULL REFERENCES pipeline_seat (id),
    account_id       bigint REFERENCES pipeline_account (id),
    amount_minor     bigint CONSTRAINT an_amount_is_not_negative CHECK (amount_minor >= 0),
    currency         text CHECK (length(currency) = 3),
    value_minor      bigint,
    place            text,
    period           date,
    close_on         date,
    start_on         date,
    terms            text NOT NULL,
    terms_entry      bigint NOT NULL, -- since which these terms stand: what was signed before it is void
    inputs           jsonb NOT NULL DEFAULT '{}',
    lines            jsonb NOT NULL DEFAULT '[]',
    credits          jsonb NOT NULL DEFAULT '[]',
    input_at         jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 75);
CREATE INDEX pipeline_dealstate_by_stage ON pipeline_dealstate (stage, deal_id DESC);
CREATE INDEX pipeline_dealstate_by_unit ON pipeline_dealstate (unit, stage, deal_id DESC);
CREATE INDEX pipeline_dealstate_by_owner ON pipeline_dealstate (owner_id, deal_id DESC);
CREATE INDEX pipeline_dealstate_by_account ON pipeline_dealstate (account_id, deal_id DESC);

SELECT ledger_guard('pipeline_seat', false);
SELECT ledger_guard('pipeline_fxrate', false);
SELECT ledger_guard('pipeline_policyversion', false);
SELECT ledger_guard('pipeline_policystage', false);
SELECT ledger_guard('pipeline_gaterequirement', false);
