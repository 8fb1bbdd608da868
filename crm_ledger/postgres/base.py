"""Django's PostgreSQL, whose health check costs a look at the socket instead of a round trip."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from psycopg2 import Error


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Asks the server only where it has something to say, which on an idle connection is a good-bye."""
        if self.connection is None:
            return False
        try:
            idle = select.poll()
            idle.register(self.connection.fileno(), select.POLLIN)
            if not self.connection.closed and not idle.poll(0):
                return True
        except (Error, OSError):
            return False
        return super().is_usable()
