-- What the record already holds: every entry that states a deal, in order, wherever it differs from the one before.
INSERT INTO pipeline_stay (stream, from_entry, deal_id, stage, unit, owner_id, close_on, value_minor, entered_at, delivers,
    delivers_from, delivers_months, from_at, until_at, until_entry)
SELECT stream, id, split_part(stream, '/', 2)::bigint, stage, unit, owner, close_on, value_minor, entered_at, units, first,
    months, recorded_at, lead(recorded_at) OVER lives, lead(id) OVER lives
FROM (
    SELECT *, row(stage, unit, owner, close_on, value_minor, units, first, months) IS DISTINCT FROM lag(
            row(stage, unit, owner, close_on, value_minor, units, first, months)) OVER (PARTITION BY stream ORDER BY seq) AS moved,
        min(recorded_at) OVER (PARTITION BY stream, visit) AS entered_at
    FROM (
        SELECT said.*, d.*, count(*) FILTER (WHERE before IS DISTINCT FROM stage) OVER (PARTITION BY stream ORDER BY seq)
                AS visit
        FROM (
            SELECT e.stream, e.id, e.seq, e.stage, e.owner, e.recorded_at, after ->> 'unit' AS unit,
                (after ->> 'close_on')::date AS close_on, (after ->> 'value_minor')::bigint AS value_minor,
                (after ->> 'start_on')::date AS start_on, coalesce(after -> 'inputs', '{}') AS inputs,
                lag(e.stage) OVER (PARTITION BY e.stream ORDER BY e.seq) AS before
            FROM ledger_entry e, LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb #> '{body,after}' AS after OFFSET 0) AS a
            WHERE e.stage IS NOT NULL AND e.stream >= 'deal/' AND e.stream < 'deal0'
        ) AS said LEFT JOIN LATERAL pipeline_delivers(said.inputs, said.start_on) AS d ON true
    ) AS visits
) AS states
WHERE moved
WINDOW lives AS (PARTITION BY stream ORDER BY seq);
