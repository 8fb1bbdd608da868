"""Keeps how long inputs took to answer. A figure about forms and no fact of the business, so no entry and no person."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.db import connection

from ledger.transactions import command

PLACES = 200  # of an input: what is older gives way by lot
_KEEP = """
INSERT INTO pipeline_inputtime (input, place, seconds) SELECT key, place, %s
FROM unnest(%s::text[], %s::smallint[]) AS said (key, place) ORDER BY key
ON CONFLICT (input, place) DO UPDATE SET seconds = EXCLUDED.seconds
"""


@command
def keep(inputs: Iterable[str], seconds: int) -> None:
    """Each of these inputs took so many seconds."""
    keys = sorted(set(inputs))
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, [seconds, keys, [secrets.randbelow(PLACES) for _key in keys]])
