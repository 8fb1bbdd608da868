"""Conditions of policies: CEL expressions over `deal`, `lines`, `approvals` and `today`, compiled once.

Money in `deal.amount` is in major units and compared as a double; exact rules use `deal.amount_minor` and
`deal.value_minor`. Days are ISO strings, so `<` orders them. What is not known is `null`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Any

import cel
from cel import Context

from pipeline.rules import staleness, terms
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy

VARIABLES = frozenset({"deal", "lines", "approvals", "today"})
_NAMES = "amount amount_minor value_minor currency unit stage close_on start_on account discount"
FIELDS = frozenset(_NAMES.split())  # of `deal`, beside every input by key
LONGEST = 500  # characters
MACROS = 3  # all, exists, exists_one, map, filter: bounds the work of one expression
_CALLS = """
size contains startsWith endsWith matches int uint double string bytes bool timestamp duration type dyn has max min
getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear
"""
_FUNCTIONS = frozenset(_CALLS.split())
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_FIELD = re.compile(r"\bdeal\s*\.\s*([A-Za-z_]\w*)")
_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)?")


class Uncompilable(ValueError):
    """The expression can never be judged; the message says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`holds` is None when the expression could not be judged; `trouble` then says why, in a sentence."""

    holds: bool | None
    trouble: str = ""


@lru_cache(maxsize=1024)
def compile(expression: str) -> cel.Program:  # the word of CEL
    """A program that may be run in any thread. Raises Uncompilable."""
    if not expression.strip():
        raise Uncompilable("The expression is empty.")
    if len(expression) > LONGEST:
        raise Uncompilable(f"The expression has {len(expression)} characters; {LONGEST} is the most.")
    bare = _STRING.sub('""', expression)
    bound = _MACRO.findall(bare)
    if len(bound) > MACROS:
        raise Uncompilable(f"The expression walks lists {len(bound)} times; {MACROS} is the most.")
    try:
        program = cel.compile(expression)
    except Exception as error:
        raise Uncompilable(_syntax(error)) from None
    unknown = set(program.variables()) - VARIABLES - set(bound)
    if unknown:
        names = ", ".join(sorted(unknown))
        raise Uncompilable(f"It speaks of {names}; it may speak of approvals, deal, lines and today.")
    strange = {name for name in program.functions() if name.isidentifier() and not name.startswith("_")} - _FUNCTIONS
    if strange:
        raise Uncompilable(f"It calls {', '.join(sorted(strange))}, which does not exist.")
    return program


def fields(expression: str) -> frozenset[str]:
    """The names after `deal.` in an expression: core facts and inputs that it reads."""
    return frozenset(_FIELD.findall(_STRING.sub('""', expression)))


def context(policy: Policy, deal: DealView, *, now: datetime, approvals: Iterable[str] = ()) -> Context | None:
    """What expressions see, built once for one deal; None when a value of the deal cannot be shown to CEL.

    `today` is the day of `now` in the zone that `now` carries.
    """
    try:
        return Context(_variables(policy, deal, now, approvals))
    except Exception:  # the adapter names no exception of its own; an odd value must not break a gate
        return None


def evaluate(expression: str, seen: Context | None, deal: DealView) -> Outcome:
    """Yes, no, or why it could not be told. Never raises."""
    if seen is None:
        return Outcome(None, "The rule cannot be judged: a value of the deal cannot be read.")
    try:
        answer = compile(expression).execute(seen)
    except Uncompilable as error:
        return Outcome(None, f"The rule cannot be judged: {error}")
    except Exception:  # a missing value, a wrong type, an overflow: CEL raises many kinds
        return Outcome(None, _missing(expression, deal))
    if isinstance(answer, bool):
        return Outcome(answer)
    return Outcome(None, "The rule does not answer yes or no. The policy steward mends the expression.")


def always_false(expression: str) -> bool:
    """True for an expression that reads nothing and says no."""
    try:
        program = compile(expression)
        return not program.variables() and program.execute({}) is False
    except Exception:  # what cannot be judged is told elsewhere
        return False


def discount(deal: DealView) -> Decimal | None:
    """1 − amount ÷ list value of the lines, unless an input `discount` says it; None when it cannot be told."""
    given = deal.inputs.get("discount")
    if given is not None:
        return staleness.number(given)
    listed = sum(line.total_minor for line in deal.lines)
    if deal.amount_minor is None or listed <= 0:
        return None
    with localcontext() as exact:
        exact.prec = 28
        return 1 - Decimal(deal.amount_minor) / Decimal(listed)


def _variables(policy: Policy, deal: DealView, now: datetime, approvals: Iterable[str]) -> dict[str, Any]:
    known: dict[str, Any] = {key: deal.fact(key) for key in (*policy.inputs, *deal.inputs)}
    minor = deal.amount_minor
    known |= {
        "amount": None if minor is None else float(Decimal(minor).scaleb(-staleness.minor_digits(deal.currency))),
        "amount_minor": minor,
        "value_minor": deal.value_minor,
        "currency": deal.currency,
        "unit": deal.unit,
        "stage": deal.stage,
        "close_on": deal.close_on,
        "start_on": deal.start_on,
        "account": deal.account,
        "discount": discount(deal),
    }
    lines = [
        {"product": line.product, "name": line.name, "quantity": line.quantity, "price_minor": line.price_minor}
        for line in deal.lines
    ]
    return {
        "deal": {key: _shown(value) for key, value in known.items()},
        "lines": lines,
        "approvals": sorted(approvals),
        "today": now.date().isoformat(),
    }


def _shown(value: Any) -> Any:
    """Numbers stay numbers, decimals as doubles; days and the rest take their plain form."""
    return float(value) if isinstance(value, Decimal | float) else terms.plain(value)


def _missing(expression: str, deal: DealView) -> str:
    absent = sorted(name for name in fields(expression) if name != "discount" and _fact(deal, name) is None)
    if "discount" in fields(expression) and discount(deal) is None:
        absent.append("discount")
    if not absent:
        return "The rule cannot be judged with the values of this deal. The policy steward mends the expression."
    names = [staleness.LABELS.get(name) or name.replace("_", " ").capitalize() for name in absent]
    verb = "is" if len(names) == 1 else "are"
    return f"The rule cannot be judged yet: {' and '.join(names)} {verb} not known."


def _fact(deal: DealView, name: str) -> Any:
    return getattr(deal, name) if name in {"stage", "value_minor"} else deal.fact(name)


def _syntax(error: BaseException) -> str:
    found = re.search(r"<input>:(\d+):(\d+): (?:Syntax error: )?(.*)", str(error))
    if not found:
        return "The expression cannot be read."
    line, column, what = found.groups()
    return f"The expression cannot be read at line {line}, column {column}: {what.split(' expecting ')[0][:120]}."
