-- To look back at a moment at which somebody has looked back before: what a seal covers never changes, so what was found
-- then holds unless an entry behind that seal is of the moment or lies among the ids that were all known by it. Then, and
-- where the seal is not of this record or too far behind, all is read anew.
--
-- `size` and `root` name the seal, the rest is what was found up to it: how many entries were known (null without a block)
-- and the newest of them, and what `ledger_look_back` sets. Comes back as what to remember; without a `size`, nothing.
CREATE FUNCTION ledger_look_again(
    at timestamptz, INOUT size bigint, INOUT root bytea, INOUT entries bigint, INOUT head bytea, INOUT whole bigint,
    INOUT newest bigint
) LANGUAGE plpgsql SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    far   record;
    same  boolean := false;
    since bigint := ledger_look_again.size;
BEGIN
    SELECT f.*, s.root AS root INTO far FROM ledger_rolled() f JOIN ledger_seal s ON s.size = f.sealed;
    IF FOUND AND since IS NOT NULL AND far.sealed <= since + 2000 THEN
        same := EXISTS (SELECT FROM ledger_seal s WHERE s.size = since AND s.root = ledger_look_again.root)
            AND NOT EXISTS (
                SELECT FROM (
                    SELECT l.id FROM ledger_entries_of(since, far.sealed) AS l (id)
                    UNION ALL SELECT u.id FROM ledger_unsealed(far.after_xid, far.after_entry, far.above) AS u (id)
                ) AS behind, LATERAL (SELECT h.recorded_at FROM ledger_entry h WHERE h.id = behind.id OFFSET 0) AS e
                WHERE behind.id <= ledger_look_again.whole OR e.recorded_at <= at);
    END IF;
    IF same THEN
        PERFORM set_config('ledger.as_of', at::text, true), set_config('ledger.whole', whole::text, true),
            set_config('ledger.newest', newest::text, true);
        size := far.sealed;
        root := far.root;
        RETURN;
    END IF;
    PERFORM ledger_look_back(at);
    whole := current_setting('ledger.whole')::bigint;
    newest := current_setting('ledger.newest')::bigint;
    SELECT k.entries, k.newest INTO entries, head FROM ledger_known(at) AS k;
    size := NULL;
    root := NULL;
    IF far.sealed IS NOT NULL AND NOT EXISTS (
        SELECT FROM ledger_unsealed(far.after_xid, far.after_entry, far.above) AS u (id), LATERAL (
            SELECT h.recorded_at FROM ledger_entry h WHERE h.id = u.id OFFSET 0) AS e
        WHERE u.id <= whole OR e.recorded_at <= at
    ) THEN
        size := far.sealed;
        root := far.root;
    END IF;
END $$;
