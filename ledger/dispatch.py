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
