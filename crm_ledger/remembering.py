"""What a web process remembers of deals, read once when it starts."""

from __future__ import annotations

import logging

from django.db import Error, connection

from governance.queries import capacity, heartbeat
from ledger.queries import moment

log = logging.getLogger(__name__)


def ahead() -> None:
    """Reads it all. A database that does not answer yet changes nothing: the first who asks reads it then."""
    try:
        with moment.one_snapshot(), connection.cursor() as cursor:
            # It takes seconds where there are many deals, and whoever came before it was done would wait as long.
            cursor.execute("SET LOCAL statement_timeout = 0")
            capacity.remember()
            heartbeat.remember()
    except Error as why:
        log.warning("nothing was remembered ahead: %s", why)
    finally:
        connection.close()
