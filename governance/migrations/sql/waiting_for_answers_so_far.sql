-- What the record already holds of deals with a handshake: as in waiting_so_far.sql, by governance_waits_on.
DELETE FROM governance_waiting WHERE stream IN (SELECT stream FROM ledger_standing WHERE requirement = 'handshake');
INSERT INTO governance_waiting (stream, function, from_entry, deal_id, unit, value_minor, from_at, until_at, until_entry)
WITH step AS MATERIALIZED (
    SELECT e.stream, e.id, e.recorded_at, said ->> 'key' AS key, split_part(e.kind, '.', 1) AS requirement,
        CASE WHEN k.effect IS NOT NULL THEN said ->> 'function' END AS function, -- a miss names who was to offer
        CASE WHEN e.kind = 'milestone.undone' THEN 'submitted' WHEN k.effect IS NOT NULL THEN k.status END AS status,
        CASE WHEN e.kind = 'milestone.undone' THEN 'unmet' ELSE k.effect END AS effect,
        CASE WHEN k.mark = 'missed' THEN true WHEN k.mark = 'moved' OR k.status = 'planned' THEN false END AS missed
    FROM (SELECT DISTINCT stream FROM ledger_standing WHERE requirement = 'handshake') AS shaken
        JOIN ledger_entry e ON e.stream = shaken.stream JOIN ledger_kind k ON k.name = e.kind,
        LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS said OFFSET 0) AS b
    WHERE split_part(e.kind, '.', 1) IN ('milestone', 'handshake')
      AND (k.effect IS NOT NULL OR k.mark IN ('missed', 'moved') OR e.kind = 'milestone.undone')
), counted AS (
    SELECT *, count(status) OVER of_key AS nth_status, count(missed) OVER of_key AS nth_missed,
        coalesce(max(function) OVER (PARTITION BY stream, key), '') AS of_function
    FROM step WINDOW of_key AS (PARTITION BY stream, key ORDER BY id)
), stood AS (
    SELECT stream, id, recorded_at, key, governance_waits_on(
        requirement, first_value(effect) OVER by_status, first_value(status) OVER by_status,
        CASE WHEN first_value(missed) OVER (PARTITION BY stream, key, nth_missed ORDER BY id) THEN recorded_at END,
        of_function) AS waits_on
    FROM counted WINDOW by_status AS (PARTITION BY stream, key, nth_status ORDER BY id)
), turn AS (
    SELECT *, lag(waits_on) OVER (PARTITION BY stream, key ORDER BY id) AS waited_on FROM stood
), moved AS MATERIALIZED (
    SELECT stream, id, recorded_at, sides.function, sides.more
    FROM turn, LATERAL (VALUES (waits_on, 1), (waited_on, -1)) AS sides (function, more)
    WHERE waits_on IS DISTINCT FROM waited_on AND sides.function IS NOT NULL
), place AS ( -- where what waits on a function of a deal, or its unit and value, may change
    SELECT stream, function, id, recorded_at, more FROM moved
    UNION ALL
    SELECT s.stream, f.function, s.from_entry, s.from_at, 0
    FROM (SELECT DISTINCT stream, function FROM moved) AS f JOIN pipeline_stay s ON s.stream = f.stream
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
