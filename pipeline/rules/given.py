"""What a person or a file states about a deal → typed values, or every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ledger.rules.money import check_currency, to_minor
from ledger.rules.problems import Fault
from pipeline.rules.deal import DealView, Line
from pipeline.rules.policy import Input, Policy

CORE = frozenset({"amount", "currency", "close_on", "start_on", "account", "lines", "credits", "inputs"})
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


@dataclass(slots=True)
class Given:
    """`values` by field of DealView (inputs in `inputs`), and the faults found on the way."""

    values: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def at(self, now: datetime) -> dict[str, datetime]:
        """When each stated field was given: now. Fields go by the names that policies use."""
        names = {"amount" if name == "amount_minor" else name for name in (*self.values, *self.inputs)}
        return dict.fromkeys(sorted(names), now)


def parse(policy: Policy, stated: Mapping[str, Any], *, currency: str | None = None) -> Given:
    """Types every field of `stated`. `currency` is the deal's own, for an amount that names none."""
    given = Given()
    flat = dict(stated)
    inputs = flat.pop("inputs", None) or {}
    if not isinstance(inputs, Mapping):
        given.faults.append(Fault("/inputs", "FIELD-1", "Inputs are an object of key and value."))
        inputs = {}
    for key in [key for key in flat if key not in CORE]:
        inputs = {**inputs, key: flat.pop(key)}
    _amount(flat, given, currency)
    for name in ("close_on", "start_on"):
        if name in flat:
            _put(given, name, _day(flat[name], f"/{name}"))
    if "account" in flat:
        _put(given, "account", _number(flat["account"], "/account"))
    if "credits" in flat:
        _credits(flat["credits"], given)
    if "lines" in flat:
        _lines(flat["lines"], given)
    for key, value in inputs.items():
        known = policy.inputs.get(key)
        if known is None or key in CORE:
            names = ", ".join(sorted(name for name in policy.inputs if name not in CORE))
            given.faults.append(
                Fault(f"/{key}", "FIELD-2", f"“{key}” is no field of this deal. Its inputs are: {names}.")
            )
            continue
        typed = _typed(known, value)
        if isinstance(typed, Fault):
            given.faults.append(typed)
        else:
            given.inputs[key] = typed
    return given


def order_faults(view: DealView) -> list[Fault]:
    """Faults between fields: dates out of order, lines that do not add up to the amount."""
    faults = []
    if view.close_on and view.start_on and view.start_on < view.close_on:
        faults.append(
            Fault(
                "/start_on",
                "DEAL-DATE-2",
                f"Delivery starts {view.start_on}, before the close on {view.close_on}. "
                f"Choose {view.close_on} or later.",
            )
        )
    total = sum(line.total_minor for line in view.lines)
    if view.lines and view.amount_minor is not None and total != view.amount_minor:
        faults.append(
            Fault("/lines", "DEAL-LINE-1", "The lines do not add up to the amount. Mend a line, or the amount.")
        )
    return faults


def _put(given: Given, name: str, value: Any) -> None:
    if isinstance(value, Fault):
        given.faults.append(value)
    else:
        given.values[name] = value


def _amount(flat: dict[str, Any], given: Given, currency: str | None) -> None:
    amount: Any = flat.get("amount")
    code = flat.get("currency")
    if isinstance(amount, Mapping):
        amount, code = amount.get("amount"), amount.get("currency", code)
    if amount in (None, ""):
        if "amount" in flat:
            given.values["amount_minor"] = None
        if code and code != currency:
            given.faults.append(Fault("/currency", "MONEY-7", "A new currency needs the amount again."))
        return
    code = code or currency
    fault = check_currency(code)
    if fault:
        given.faults.append(fault)
        return
    assert isinstance(code, str)
    minor = to_minor(amount, code)
    if isinstance(minor, Fault):
        given.faults.append(minor)
    else:
        given.values |= {"amount_minor": minor, "currency": code}


def _day(value: Any, pointer: str) -> date | Fault | None:
    if value in (None, ""):
        return None
    if isinstance(value, date):
        day = value
    else:
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            return Fault(pointer, "DATE-1", f"“{value}” is not a day. Write it as 2026-11-30.")
    if not EARLIEST <= day <= LATEST:
        return Fault(pointer, "DATE-2", f"{day} is outside {EARLIEST.year} to {LATEST.year}. Check the year.")
    return day


def _number(value: Any, pointer: str) -> int | Fault | None:
    if value in (None, ""):
        return None
    try:
        if isinstance(value, (bool, float)):
            raise ValueError
        number = int(value)
    except (TypeError, ValueError):
        return Fault(pointer, "FIELD-3", f"“{value}” is not a whole number.")
    if not 0 <= number < 2**53:
        return Fault(pointer, "FIELD-3", f"{number} is out of range.")
    return number


def _credits(rows: Any, given: Given) -> None:
    found = [_number(row, f"/credits/{at}") for at, row in enumerate(rows)] if isinstance(rows, list | tuple) else None
    if found is None:
        if rows is not None:
            given.faults.append(Fault("/credits", "DEAL-CREDIT-2", "Credits are a list of seats."))
        found = []
    given.faults += [seat for seat in found if isinstance(seat, Fault)]
    given.values["credits"] = tuple(seat for seat in found if isinstance(seat, int))


def _lines(rows: Any, given: Given) -> None:
    if not isinstance(rows, Iterable) or isinstance(rows, (str, Mapping)):
        given.faults.append(Fault("/lines", "DEAL-LINE-2", "Lines are a list of product, quantity and price."))
        return
    lines = []
    for at, row in enumerate(rows):
        if isinstance(row, Line):
            lines.append(row)
            continue
        if not isinstance(row, Mapping):
            given.faults.append(Fault(f"/lines/{at}", "DEAL-LINE-2", "A line has product, quantity and price."))
            continue
        found = [_number(row.get(name), f"/lines/{at}/{name}") for name in ("product", "quantity")]
        price = row.get("price")
        stated: Mapping[str, Any] = price if isinstance(price, Mapping) else {"amount": price}
        amount, code = stated.get("amount"), stated.get("currency", given.values.get("currency"))
        minor = check_currency(code, f"/lines/{at}/price") or to_minor(amount, str(code), f"/lines/{at}/price")
        faults = [fault for fault in (*found, minor) if isinstance(fault, Fault)]
        if not faults and (not found[0] or not found[1]):
            faults.append(Fault(f"/lines/{at}", "DEAL-LINE-2", "A line has a product and a quantity above zero."))
        given.faults += faults
        if not faults:
            product, quantity = found
            lines.append(Line(int(str(product)), str(row.get("name", "")), int(str(quantity)), int(str(minor))))
    given.values["lines"] = tuple(lines)


def _typed(known: Input, value: Any) -> Any:
    pointer = f"/{known.key}"
    if value in (None, ""):
        return None
    if known.type == "date":
        return _day(value, pointer)
    if known.type in ("integer", "contact"):
        return _number(value, pointer)
    if known.type in ("decimal", "money"):
        try:
            number = Decimal(str(value)) if not isinstance(value, float) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            return Fault(pointer, "FIELD-3", f"“{value}” is not a number. Write it as text, such as 0.15.")
        return str(number)
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        return Fault(pointer, "FIELD-7", f"{known.name} is text.")
    text = str(value).strip()
    if known.type == "choice" and text not in known.choices:
        return Fault(pointer, "FIELD-5", f"“{text}” is not one of: {', '.join(known.choices)}.")
    if len(text) > 2000:
        return Fault(pointer, "FIELD-6", "At most 2,000 characters. Put the rest into evidence.")
    return text
