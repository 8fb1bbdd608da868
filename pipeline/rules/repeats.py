"""The same free text on three or more deals by one person in seven days: junk, whoever let it in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from pipeline.rules.quality import REPEATS_ALLOWED

WITHIN = timedelta(days=7)


class Giving(NamedTuple):
    """One person gave one text on one deal at a moment."""

    person: int
    deal: int
    at: datetime


def too_often(givings: Iterable[Giving]) -> frozenset[int]:
    """The deals on which this text stands as one of too many, all of them given by one person within seven days."""
    by_person: defaultdict[int, list[Giving]] = defaultdict(list)
    for one in givings:
        by_person[one.person].append(one)
    found: set[int] = set()
    for given in by_person.values():
        given.sort(key=lambda one: one.at)
        start = 0
        for end, one in enumerate(given):
            while one.at - given[start].at > WITHIN:
                start += 1
            deals = {other.deal for other in given[start : end + 1]}
            if len(deals) > REPEATS_ALLOWED:
                found |= deals
    return frozenset(found)
