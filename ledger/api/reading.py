"""Reads what a request states: every value typed, the unknown refused, all faults at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ledger.rules.problems import Fault, bad_input

_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")


class Reader:
    """A body or a query. Take each field by its type, then call `done`, which raises every fault together."""

    def __init__(self, given: Any, what: str = "body") -> None:
        if not isinstance(given, Mapping):
            raise bad_input([Fault("", "ASK-0", "The body is a JSON object of names and values.")])
        self._given, self._what = given, what
        self._known: set[str] = set()
        self.faults: list[Fault] = []

    def done(self) -> None:
        unknown = [name for name in self._given if name not in self._known]
        takes = ", ".join(sorted(self._known)) or "nothing"
        for name in unknown:
            self.fault(str(name), "ASK-1", f"“{str(name)[:80]}” is unknown here. This {self._what} takes: {takes}.")
        if self.faults:
            raise bad_input(self.faults)

    def rest(self) -> dict[str, Any]:
        """What has not been taken, for a rule that reads it itself."""
        left = {name: value for name, value in self._given.items() if name not in self._known}
        self._known |= set(left)
        return left

    def fault(self, name: str, code: str, message: str) -> None:
        self.faults.append(Fault("/" + name.replace("~", "~0").replace("/", "~1"), code, message))

    def value(self, name: str, required: bool = False) -> Any:
        self._known.add(name)
        found = self._given.get(name)
        if required and found in (None, ""):
            self.fault(name, "ASK-2", f"“{name}” is missing.")
        return found

    def text(self, name: str, *, required: bool = False, most: int = 2000) -> str:
        found = self.value(name, required)
        if found in (None, ""):
            return ""
        if not isinstance(found, str) or "\x00" in found:
            self.fault(name, "ASK-3", f"“{name}” is text.")
            return ""
        if len(found) > most:
            self.fault(name, "ASK-4", f"“{name}” has at most {most} characters; this has {len(found)}.")
            return ""
        return found

    def email(self, name: str) -> str:
        found = self.text(name, most=254)
        if found:
            try:
                validate_email(found)
            except ValidationError:
                self.fault(name, "ASK-5", f"“{found}” is no e-mail address.")
        return found

    def choice(self, name: str, choices: Iterable[str], *, required: bool = False) -> str:
        found, known = self.text(name, required=required, most=100), list(choices)
        if found and found not in known:
            self.fault(name, "ASK-6", f"“{found}” is not one of: {', '.join(known)}.")
            return ""
        return found

    def number(self, name: str, *, required: bool = False, least: int = 0, most: int = 2**53 - 1) -> int | None:
        found = self.value(name, required)
        if found in (None, ""):
            return None
        plain = isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 20
        number = int(found) if plain or (isinstance(found, int) and not isinstance(found, bool)) else None
        if number is None or not least <= number <= most:
            self.fault(name, "ASK-7", f"“{name}” is a whole number from {least} to {most}.")
            return None
        return number

    def decimal(self, name: str) -> Decimal | None:
        found = self.text(name, most=40)
        if not found:
            return None
        try:
            number = Decimal(found)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number.adjusted()) > 20:
            self.fault(name, "ASK-8", f"“{found}” is no amount. Write digits and a point, such as 2500.00.")
            return None
        return number

    def flag(self, name: str) -> bool | None:
        found = self.value(name)
        if found in (None, ""):
            return None
        if isinstance(found, bool):
            return found
        if not isinstance(found, str) or found.lower() not in _YES + _NO:
            self.fault(name, "ASK-9", f"“{name}” is true or false.")
            return None
        return found.lower() in _YES

    def day(self, name: str) -> date | None:
        found = self.text(name, most=40)
        if not found:
            return None
        try:
            return date.fromisoformat(found)
        except ValueError:
            self.fault(name, "ASK-10", f"“{found}” is not a day. Write it as 2026-11-30.")
            return None

    def moment(self, name: str) -> datetime | None:
        found = self.text(name, most=60)
        if not found:
            return None
        try:
            # An unescaped + of an address arrives as a space.
            at = datetime.fromisoformat(found[:11] + found[11:].replace(" ", "+"))
            if at.tzinfo is None or not 1900 < at.year < 9000:
                raise ValueError
            return at.astimezone(UTC)
        except ValueError:
            self.fault(name, "ASK-11", f"“{found}” is not a moment. Write it as 2026-11-30T17:00:00Z.")
            return None
