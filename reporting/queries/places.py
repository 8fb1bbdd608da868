"""Which places a book has ever had. A stage of a policy long gone is still one of them."""

from __future__ import annotations

from ledger.queries import prepared

# From place to place along the index, so it costs as many probes as there are places.
_PLACES = """
WITH RECURSIVE known AS (
    (SELECT place FROM ledger_posting WHERE book = %(book)s ORDER BY place LIMIT 1)
    UNION ALL
    SELECT (SELECT p.place FROM ledger_posting p WHERE p.book = %(book)s AND p.place > known.place
            ORDER BY p.place LIMIT 1)
    FROM known WHERE known.place IS NOT NULL
) SELECT place FROM known WHERE place IS NOT NULL
"""


def known(book: str) -> tuple[str, ...]:
    return tuple(place for (place,) in prepared.rows(_PLACES, {"book": book}))
