"""Runs the reactions table of the composition root, so that the ledger imports nobody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from ledger.rules.actor import Actor


class Reaction(Protocol):
    """Called in the transaction of the entry, with its locked chain."""

    def __call__(self, entry: Any, chain: Any, *, by: Actor) -> None: ...


# Streams → those of them that a reaction has anything to do for.
Concerned = Callable[[Sequence[str]], Collection[str]]
_concerned: dict[Reaction, Concerned] = {}


def asks_once(concerned: Concerned) -> Callable[[Reaction], Reaction]:
    """Marks a reaction that mostly finds nothing to do: of many entries of one statement it is asked together."""

    def mark(reaction: Reaction) -> Reaction:
        _concerned[reaction] = concerned
        return reaction

    return mark


class Gathering(Protocol):
    """Called once for all entries of one statement that it reacts to, each with its locked chain, after what reacts to
    single ones."""

    def __call__(self, entries: Sequence[tuple[Any, Any]], *, by: Actor) -> None: ...


_gathering: dict[Any, Gathering] = {}


def takes_many(reaction: Gathering) -> Gathering:
    """Marks a reaction that does for many entries what it would do for each, in as many statements as for one."""
    _gathering[reaction] = reaction
    return reaction


def gathering(reaction: Reaction) -> Gathering | None:
    """The same reaction when it is called once for many; None when it is called for each."""
    return _gathering.get(reaction)


class Together:
    """The entries of one statement, stream by kind. A reaction that asks once does so when it is first due."""

    def __init__(self, entries: Sequence[tuple[str, str]]) -> None:
        self._streams: dict[str, list[str]] = {}
        for kind, stream in entries:
            self._streams.setdefault(kind, []).append(stream)
        self._found: dict[tuple[Reaction, str], Collection[str]] = {}

    def concern(self, reaction: Reaction, kind: str, stream: str) -> bool:
        asked, streams = _concerned.get(reaction), self._streams[kind]
        if asked is None or len(streams) == 1:
            return True
        if (reaction, kind) not in self._found:
            self._found[reaction, kind] = asked(streams)
        return stream in self._found[reaction, kind]


@cache
def reactions() -> Mapping[str, Sequence[Reaction]]:
    """Kind → functions in the same transaction."""
    table: Mapping[str, Sequence[Reaction]] = import_string(settings.LEDGER_REACTIONS)
    return table


@cache
def zone() -> Callable[[], str]:
    """The zone in which people write moments without one."""
    found: Callable[[], str] = import_string(settings.LEDGER_ZONE)
    return found


@cache
def topics() -> Mapping[str, Sequence[str]]:
    """Kind → topics that leave through the outbox after commit."""
    table: Mapping[str, Sequence[str]] = import_string(settings.LEDGER_AFTER_COMMIT)
    return table


@cache
def handlers() -> Mapping[str, Any]:
    """Topic → the function that the worker calls with the entry's id."""
    table: Mapping[str, Any] = import_string(settings.LEDGER_HANDLERS)
    return table
