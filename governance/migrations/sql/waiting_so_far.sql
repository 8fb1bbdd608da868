-- What the record already holds: each key folded from its entries as entry_8 folds it, then each function of a deal.
INSERT INTO governance_waiting (stream, function, from_entry, deal_id, unit, value_minor, from_at, until_at, until_entry)
WITH step AS MATERIALIZED (
    SELECT e.stream, e.id, e.recorded_at, said ->> 'key' AS key, coalesce(said ->> 'function', '') AS function,
        CASE WHEN e.kind = 'milestone.undone' THEN 'submitted' ELSE CASE WHEN k.effect IS NOT NULL THEN k.status END END AS status,
        CASE WHEN e.kind = 'milestone.undone' THEN 'unmet' ELSE k.effect END AS effect,
        CASE WHEN k.mark = 'missed' THEN true WHEN k.mark = 'moved' OR k.status = 'planned' THEN false END AS missed
    FROM ledger_entry e JOIN ledger_kind k ON k.name = e.kind,
        LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS said OFFSET 0) AS b
    WHERE e.kind LIKE 'milestone.%' AND (k.effect IS NOT NULL OR k.mark IN ('missed', 'moved') OR e.kind = 'milestone.undone')
), counted AS (
    SELECT *, count(status) OVER of_key AS nth_status, count(missed) OVER of_key AS nth_missed,
        max(function) OVER (PARTITION BY stream, key) AS of_function
    FROM step WINDOW of_key AS (PARTITION BY stream, key ORDER BY id)
), stood AS (
    SELECT stream, id, recorded_at, key, of_function,
        first_value(effect) OVER by_status = 'unmet' AND first_value(status) OVER by_status <> 'released'
            AND (first_value(status) OVER by_status = 'submitted'
                OR coalesce(first_value(missed) OVER (PARTITION BY stream, key, nth_missed ORDER BY id), false)) AS waits
    FROM counted WINDOW by_status AS (PARTITION BY stream, key, nth_status ORDER BY id)
), moved AS MATERIALIZED (
    SELECT stream, id, recorded_at, of_function AS function,
        coalesce(waits, false)::integer - coalesce(lag(waits) OVER (PARTITION BY stream, key ORDER BY id), false)::integer AS more
    FROM stood
), place AS ( -- where what waits on a function of a deal, or its unit and value, may change
    SELECT stream, function, id, recorded_at, more FROM moved WHERE more <> 0
    UNION ALL
    SELECT s.stream, f.function, s.from_entry, s.from_at, 0
    FROM (SELECT DISTINCT stream, function FROM moved WHERE more <> 0) AS f JOIN pipeline_stay s ON s.stream = f.stream
), told AS (
    SELECT p.stream, p.function, p.id, p.recorded_at, sum(p.more) OVER (PARTITION BY p.stream, p.function ORDER BY p.id) > 0 AS waits,
        s.deal_id, s.unit, coalesce(s.value_minor, 0) AS value_minor
    FROM place p JOIN LATERAL (SELECT t.deal_id, t.unit, t.value_minor FROM pipeline_stay t
        WHERE t.stream = p.stream AND t.from_entry <= p.id ORDER BY t.from_entry DESC LIMIT 1) AS s ON true
), turned AS (
    SELECT *, row(waits, unit, value_minor) IS DISTINCT FROM lag(row(waits, unit, value_minor)) OVER of_function AS turns
    FROM told WINDOW of_function AS (PARTITION BY stream, function ORDER BY id)
)
SELECT stream, function, id, deal_id, unit, value_minor, recorded_at, until_at, until_entry FROM (
    SELECT *, lead(recorded_at) OVER lives AS until_at, lead(id) OVER lives AS until_entry
    FROM turned WHERE turns WINDOW lives AS (PARTITION BY stream, function ORDER BY id)
) AS life WHERE waits;
