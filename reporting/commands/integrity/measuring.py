"""Measures the integrity of deals after what was sealed, when time alone may have changed it, and, each day, of any
deal that was missed. One process at a time; each batch commits by itself, so a killed run loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from governance.queries import breaks
from ledger.queries import following
from ledger.transactions import command, step
from pipeline.queries import deals, integrity, seats
from reporting.commands.integrity import keeping
from reporting.commands.integrity.keeping import Measured
from reporting.models import IntegrityPlace
from reporting.queries import integrity_state

BATCH = 500
LEAVES = 2_000
MOST = 20  # batches of one run; the next run goes on


def follow() -> int:
    """Takes up the deals whose entries were sealed; returns how many were measured."""
    return _run(_follow)


def sweep() -> int:
    """Measures again what time alone may have changed: a freshness that ends, a close or a due moment that passed."""
    return _run(lambda: _batch(integrity_state.due))


def catch_up() -> int:
    """Every deal whose state is not the one that was measured."""
    return _run(lambda: _batch(integrity_state.missed))


def _run(batch: Callable[[], tuple[int, bool]]) -> int:
    done = 0
    for _turn in range(MOST):
        measured, more = _alone(batch)
        done += measured
        if not more:
            break
    return done


@command
def _alone(batch: Callable[[], tuple[int, bool]]) -> tuple[int, bool]:
    """The second one at the same time leaves."""
    return batch() if integrity_state.alone() else (0, False)


def _follow() -> tuple[int, bool]:
    place, _new = IntegrityPlace.objects.get_or_create(pk=1)
    found = following.sealed(place.leaf, LEAVES)
    if found.at is None:
        return 0, False
    numbers = [int(stream.removeprefix("deal/")) for stream in found.streams if stream.startswith("deal/")]
    moved = set(integrity_state.changed(numbers))
    moved.update(breaks.deals_of(stream for stream in found.streams if stream.startswith("break/")))
    measured = _measure(sorted(moved))
    more = found.next - place.leaf == LEAVES
    place.leaf, place.at = found.next, found.at
    place.save()
    return measured, more


def _batch(which: Callable[[int], list[int]]) -> tuple[int, bool]:
    measured = _measure(which(BATCH))
    return measured, measured == BATCH


@step
def _measure(numbers: Iterable[int]) -> int:
    found = deals.read(numbers)
    apart = breaks.unreconciled(found)
    now = seats.now()
    scores = integrity.of_deals(found, now, unreconciled=apart)
    keeping.keep((Measured(found[number], scores[number]) for number in found), now)
    return len(found)
