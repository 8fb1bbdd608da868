-- Blocks of a quarter of the size. What a sum at a moment reads entry by entry is at most one block that the moment cuts
-- and one that is not full yet; that is where its time goes. Blocks that are there keep their size and stay right.
CREATE OR REPLACE FUNCTION ledger_roll() RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT ledger_roll_blocks(1024, 64) $$;
