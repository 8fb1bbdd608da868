-- Two free texts are the same whatever their width, case, spacing and invisible marks. The door and the measure of
-- integrity both compare by this function, and the index holds what it answers: one definition for all three.

CREATE FUNCTION ledger_same_text(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(btrim(regexp_replace(regexp_replace(normalize(said, NFKC),
        '[\u0001-\u0008\u000E-\u001F\u007F\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF]', '', 'g'), '\s+', ' ', 'g'))) $$;

DROP INDEX ledger_private_value_by_text;
CREATE INDEX ledger_private_value_by_text ON ledger_private_value (md5(ledger_same_text(value)));
