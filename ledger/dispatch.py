"""Runs the reactions table of the composition root, so that the ledger imports nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from ledger.rules.actor import Actor


class Reaction(Protocol):
    """Called in the transaction of the entry, with its locked chain."""

    def __call__(self, entry: Any, chain: Any, *, by: Actor) -> None: ...


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


@cache
def reactions() -> Mapping[str, Sequence[Reaction]]:
    """Kind → functions in the same transaction."""
    table: Mapping[str, Sequence[Reaction]] = import_string(settings.LEDGER_REACTIONS)
    return table


@cache
def asked_ahead() -> Mapping[str, str]:
    """Kind → SQL of one text that a reaction to it will look at, over `%(account)s`. Who is about to write such an
    entry asks it along with what it asks anyway, and hands the text on in the draft; one without it loses only time."""
    table: Mapping[str, str] = import_string(settings.LEDGER_ASKED_AHEAD)
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
