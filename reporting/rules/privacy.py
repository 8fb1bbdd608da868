"""Groups that are large enough to hide a person, and pairs of questions that would show one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

SMALLEST = 5  # seats
PURPOSES = ("own", "coach", "alert", "audit")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Group:
    """Teams that are shown as one, and the seats of all of them."""

    names: tuple[str, ...]
    seats: frozenset[int]


def merged(teams: Mapping[str, Collection[int]], smallest: int = SMALLEST) -> tuple[Group, ...]:
    """Every team with at least `smallest` seats by itself; the smaller ones together, and with the smallest of the
    others while that is too few. Nothing when all of them together are too few.

    The seats of the groups are those of the teams, each in exactly one group.
    """
    sized = sorted((len(set(seats)), name) for name, seats in teams.items() if seats)
    large = [name for size, name in sized if size >= smallest]
    small = [name for size, name in sized if size < smallest]
    while small and len(_seats(teams, small)) < smallest and large:
        small.append(large.pop(0))
    if small and len(_seats(teams, small)) < smallest:
        return ()
    groups = [Group((name,), _seats(teams, [name])) for name in large]
    if small:
        groups.append(Group(tuple(sorted(small)), _seats(teams, small)))
    return tuple(sorted(groups, key=lambda group: group.names))


def too_near(asked: Collection[int], before: Sequence[Collection[int]], smallest: int = SMALLEST) -> bool:
    """True when the seats of a question, beside those of one that was answered before, single out fewer than
    `smallest`: the one taken from the other would show them. The same seats again tell nothing new."""
    wanted = frozenset(asked)
    for other in map(frozenset, before):
        for rest in (wanted - other, other - wanted):
            if rest and len(rest) < smallest:
                return True
    return False


def apart(spoken: Mapping[K, Collection[int]], order: Sequence[K], smallest: int = SMALLEST) -> tuple[K, ...]:
    """Of several counts of one thing, such as a month at several horizons, those that may be shown beside each other:
    taken in `order`, each with enough seats and near to none that is shown. It asks for no memory of who asked what:
    the answer is the same for everybody, so two people together learn no more than one."""
    shown: list[K] = []
    for key in order:
        seats = spoken.get(key, ())
        if len(set(seats)) >= smallest and not too_near(seats, [spoken[other] for other in shown], smallest):
            shown.append(key)
    return tuple(shown)


def _seats(teams: Mapping[str, Collection[int]], names: Sequence[str]) -> frozenset[int]:
    return frozenset(seat for name in names for seat in teams[name])
