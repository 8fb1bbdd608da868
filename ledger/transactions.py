"""A command opens a transaction; a step requires one. What the database refuses comes out as a Problem."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import Error, connection, transaction

from ledger.rules.problems import Problem, conflict

P = ParamSpec("P")
R = TypeVar("R")


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Runs whole or not at all. Inside another transaction (an idempotent request, a test) it joins it."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with transaction.atomic(savepoint=False):
                return function(*args, **kwargs)
        except Error as error:
            raise refusal(error) from error

    return run


def step(function: Callable[P, R]) -> Callable[P, R]:
    """Part of a command: refuses to run outside a transaction."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if not connection.in_atomic_block:
            raise RuntimeError(f"{function.__name__} is a step: call it inside a command")
        return function(*args, **kwargs)

    return run


def refusal(error: Error) -> Problem | Error:
    """The database's own refusal as a Problem, when it is one of ours; anything else unchanged."""
    cause = error.__cause__
    diag = getattr(cause, "diag", None)
    if diag is None:
        return error
    said = (diag.message_primary or "").strip()
    if getattr(cause, "pgcode", "") in ("40001", "40P01") or diag.constraint_name == "ledger_stream_pkey":
        return conflict("moved-on", "Somebody else acted first", f"{said}. Read it again, then repeat.")
    if getattr(cause, "pgcode", "") == "23505":
        return conflict("exists-already", "There is one already", "Somebody wrote the same just before. Read it again.")
    if getattr(cause, "pgcode", "") in ("23514", "23001") and diag.constraint_name:
        name = diag.constraint_name
        return conflict(name.replace("_", "-"), "Refused by the record", said[:1].upper() + said[1:] + ".")
    return error
