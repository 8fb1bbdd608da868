-- The tree over all entries: leaves, tiles, signed heads. Only added to, and only by the sealer.

CREATE TABLE ledger_leaf (
    idx      bigint PRIMARY KEY CHECK (idx >= 0),
    entry_id bigint NOT NULL CONSTRAINT an_entry_is_one_leaf UNIQUE,
    hash     bytea NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE TABLE ledger_tile (
    level  smallint NOT NULL CHECK (level >= 0),
    idx    bigint NOT NULL CHECK (idx >= 0),
    hashes bytea NOT NULL CONSTRAINT a_tile_is_complete CHECK (octet_length(hashes) = 8192),
    root   bytea NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (level, idx)
);
ALTER TABLE ledger_tile ALTER hashes SET STORAGE EXTERNAL; -- hashes do not compress

-- (last_xid, last_entry) is the place in commit order that this seal covers. Transaction ids begin anew in a new
-- cluster, so its identifier is kept beside them, and entries up to `floor_entry` are covered whatever their xid.
CREATE TABLE ledger_seal (
    size        bigint PRIMARY KEY CHECK (size > 0),
    root        bytea NOT NULL CHECK (octet_length(root) = 32),
    last_xid    xid8 NOT NULL,
    last_entry  bigint NOT NULL,
    floor_entry bigint NOT NULL DEFAULT 0,
    cluster     text NOT NULL,
    note        text NOT NULL,
    at          timestamptz NOT NULL
);

CREATE TABLE ledger_publication (
    channel text NOT NULL,
    size    bigint NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (channel, size)
);

CREATE FUNCTION ledger_extend_tree() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.size <= (SELECT max(size) FROM ledger_seal) THEN
        RAISE EXCEPTION 'a seal of % leaves does not extend the tree', NEW.size
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_seal_extends_the_tree';
    END IF;
    IF NEW.size IS DISTINCT FROM (SELECT max(idx) + 1 FROM ledger_leaf) THEN
        RAISE EXCEPTION 'a seal of % leaves covers every leaf', NEW.size
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_seal_covers_every_leaf';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER seal_extends_the_tree BEFORE INSERT ON ledger_seal FOR EACH ROW EXECUTE FUNCTION ledger_extend_tree();
ALTER TABLE ledger_seal ENABLE ALWAYS TRIGGER seal_extends_the_tree;

SELECT ledger_guard('ledger_leaf', true);
SELECT ledger_guard('ledger_tile', true);
SELECT ledger_guard('ledger_seal', true);
SELECT ledger_guard('ledger_publication', true);

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_sealer') THEN
        RAISE EXCEPTION 'the database role ledger_sealer is missing'
            USING HINT = 'make run and crm_ledger.local.deploy create it; see README.md.';
    END IF;
END $$;
GRANT SELECT ON ledger_entry, ledger_leaf, ledger_tile, ledger_seal, ledger_publication TO ledger_sealer;
GRANT INSERT ON ledger_leaf, ledger_tile, ledger_seal, ledger_publication TO ledger_sealer;
GRANT SELECT ON ledger_leaf, ledger_tile, ledger_seal, ledger_publication TO ledger_app;
