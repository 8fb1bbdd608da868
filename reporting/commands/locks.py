"""Keeps forecasts as they stood 90, 60 and 30 days before a month and at its start. Safe twice, and late: what stood at
a moment is the same whenever it is asked."""

from __future__ import annotations

import logging
from datetime import date

from django.db import Error

from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import SYSTEM
from ledger.rules.problems import Problem
from ledger.transactions import command
from pipeline.queries import organisation, seats
from reporting.queries import locks as query
from reporting.rules.forecast import locks, months

log = logging.getLogger(__name__)


@command
def keep(period: date, horizon: int) -> bool:
    """Writes `snapshot.locked`; False when it is kept already."""
    chain = lock(months.stream_of(period))
    if (period, horizon) in query.kept():
        return False
    at = locks.moment(period, horizon, organisation.zone())
    found = query.at(period, at)
    body = {"horizon": horizon, "taken_of": at, "deals": found.deals, "digest": found.digest, "sums": found.sums}
    append(chain, Draft("snapshot.locked", body), by=SYSTEM)
    return True


def sweep() -> int:
    """Keeps every snapshot whose moment has come; one that fails holds no other up."""
    since = query.began()
    if since is None:
        return 0
    done = 0
    for period, horizon in locks.due(seats.now(), organisation.zone(), query.kept(), since):
        try:
            done += keep(period, horizon)
        except (Problem, Error) as error:  # the next sweep tries again
            log.error("forecasts of %s could not be locked: %s", period, error)
    return done
