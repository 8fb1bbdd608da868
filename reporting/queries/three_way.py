"""What sales promised, operations planned and finance has in its books, for many deals in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection

from governance.rules.breaks import Facts, Judged

# Months are those in which it is true. `first` is the first day of the month that has not ended.
_READ = """
WITH lines AS MATERIALIZED (
    SELECT deal_id, book, place, coalesce(relates_to, period) AS month, sum(amount)::bigint AS amount
    FROM ledger_posting
    WHERE deal_id = ANY (%(deals)s) AND book IN ('bookings', 'billings', 'revenue') GROUP BY 1, 2, 3, 4
), sums AS (
    SELECT deal_id, coalesce(sum(amount) FILTER (WHERE place IN ('booked', 'booked-under-waiver')), 0)::bigint AS sold,
        coalesce(sum(amount) FILTER (WHERE place = 'invoiced'), 0)::bigint AS invoiced,
        coalesce(sum(amount) FILTER (WHERE place = 'collected'), 0)::bigint AS collected,
        max(month) FILTER (WHERE place = 'invoiced') AS invoiced_in,
        max(month) FILTER (WHERE place = 'collected') AS collected_in
    FROM lines WHERE book <> 'revenue' GROUP BY deal_id
), months AS (
    SELECT deal_id, month, coalesce(sum(sum(amount) FILTER (WHERE place = 'baseline')) OVER ended, 0) AS promised,
        coalesce(sum(sum(amount) FILTER (WHERE place IN ('expected', 'recognised'))) OVER ended, 0) AS planned
    FROM lines WHERE book = 'revenue' AND month < %(first)s GROUP BY deal_id, month
    WINDOW ended AS (PARTITION BY deal_id ORDER BY month)
), ended AS (
    SELECT m.deal_id, (array_agg(promised ORDER BY month DESC))[1]::bigint AS promised,
        (array_agg(planned ORDER BY month DESC))[1]::bigint AS planned,
        min(month) FILTER (WHERE promised - planned > %(tolerance)s) AS late_in,
        min(month) FILTER (WHERE planned - coalesce(s.invoiced, 0) > %(tolerance)s) AS unbilled_in
    FROM months m LEFT JOIN sums s USING (deal_id) GROUP BY m.deal_id
), planned AS (
    SELECT deal_id, month, sum(amount) AS amount FROM lines
    WHERE book = 'revenue' AND place IN ('expected', 'recognised') GROUP BY deal_id, month HAVING sum(amount) > 0
), held AS (
    SELECT r.deal_id, count(*) AS many, (SELECT min(month) FROM planned p WHERE p.deal_id = r.deal_id) AS starts
    FROM governance_reservation r WHERE r.deal_id = ANY (%(deals)s) AND r.state = 'confirmed' GROUP BY r.deal_id
), bare AS (
    SELECT p.deal_id, sum(p.amount)::bigint AS uncovered, min(p.month) AS bare_in
    FROM planned p JOIN held h USING (deal_id)
    WHERE p.month >= %(first)s AND p.month < h.starts + h.many * interval '1 month' AND NOT EXISTS (
        SELECT FROM governance_reservation r WHERE (r.deal_id, r.month, r.state) = (p.deal_id, p.month, 'confirmed'))
    GROUP BY p.deal_id
)
SELECT d.id, d.title, s.unit, coalesce(sums.sold, 0), coalesce(ended.promised, 0), coalesce(ended.planned, 0),
    coalesce(sums.invoiced, 0), coalesce(sums.collected, 0), coalesce(bare.uncovered, 0),
    ended.late_in IS NOT NULL AND coalesce((
        SELECT jsonb_path_exists(convert_from(e.envelope, 'UTF8')::jsonb, '$.body.causes[*] ? (@.estimate == true)')
        FROM reporting_revenue r JOIN ledger_entry e ON e.id = r.entry_id WHERE r.deal_id = d.id), false),
    bill.effect IS NULL OR bill.effect = 'met' OR bill.due_at IS NULL OR bill.due_at <= ledger_now(),
    coalesce(bill.effect = 'met', false), coalesce(paid.effect = 'met', false),
    ended.late_in, bare.bare_in, ended.unbilled_in, sums.invoiced_in, sums.collected_in,
    date_trunc('month', bill.at)::date, date_trunc('month', paid.at)::date
FROM pipeline_deal d JOIN pipeline_dealstate s ON s.deal_id = d.id
LEFT JOIN sums ON sums.deal_id = d.id LEFT JOIN ended ON ended.deal_id = d.id LEFT JOIN bare ON bare.deal_id = d.id
LEFT JOIN ledger_standing bill ON (bill.stream, bill.key) = (s.stream, 'invoiced')
LEFT JOIN ledger_standing paid ON (paid.stream, paid.key) = (s.stream, 'collected')
WHERE d.id = ANY (%(deals)s) ORDER BY d.id
"""
# Deals that were booked once, or of which finance has stated anything.
_NEXT = """
SELECT deal_id FROM (
    (SELECT deal_id FROM reporting_revenue WHERE deal_id > %(after)s ORDER BY deal_id LIMIT %(most)s)
    UNION (SELECT DISTINCT deal_id FROM reporting_billing WHERE deal_id > %(after)s ORDER BY deal_id LIMIT %(most)s)
) AS either ORDER BY deal_id LIMIT %(most)s
"""
_SORTS = (
    "late-plan", "without-capacity", "unbilled", "overbilled", "overcollected", "claimed-invoice", "claimed-payment",
)  # fmt: skip


def read(deals: Iterable[int], today: date, tolerance: int) -> list[Judged]:
    """The facts of each of these deals on a day, and the month in which each break would begin."""
    first = today.replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"deals": list(deals), "first": first, "tolerance": tolerance})
        return [_judged(row, first) for row in cursor.fetchall()]


def _judged(row: Sequence[Any], otherwise: date) -> Judged:
    deal, title, unit, *said = row
    facts, months = said[:10], said[10:]
    return Judged(
        deal, title, unit, Facts(*facts), {sort: at or otherwise for sort, at in zip(_SORTS, months, strict=True)}
    )


def following(after: int, most: int) -> list[int]:
    """The next deals that are reconciled, by number."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"after": after, "most": most})
        return [row[0] for row in cursor.fetchall()]
