"""Does a verification still speak of this deal? What it bound is compared with what is true now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any

from ledger.rules.money import DECIMALS
from pipeline.rules import terms
from pipeline.rules.deal import DealView

LABELS = {
    "amount": "Amount",
    "amount_minor": "Amount",
    "currency": "Currency",
    "close_on": "Close date",
    "start_on": "Start date",
    "unit": "Unit",
    "account": "Account",
    "owner": "Owner",
    "terms": "Terms",
}
_MONEY = {"amount", "amount_minor"}
_PRECISION = 60


@dataclass(frozen=True, slots=True)
class Change:
    """One bound fact that moved. `share` and `tolerance` are shares (0.08 is 8 %); `share` None when not numeric."""

    fact: str
    was: Any
    now: Any
    share: Decimal | None
    tolerance: Decimal
    currency: str = ""

    def sentence(self, label: str = "") -> str:
        """“Amount went from 250,000.00 to 270,000.00 (+8.0 %, tolerance 5 %)”, without a full stop."""
        name = label or LABELS.get(self.fact) or self.fact.replace("_", " ").capitalize()
        if self.now is None and self.was is None:
            return f"{name} is not known, so nothing was checked"
        if self.now is None:
            return f"{name} was {self._shown(self.was)} and is not known any more"
        if self.was is None:
            return f"{name} was not known and is now {self._shown(self.now)}"
        return f"{name} went from {self._shown(self.was)} to {self._shown(self.now)}{self._bracket()}"

    def _bracket(self) -> str:
        if self.share is None:
            return ""
        with localcontext() as context:
            context.prec = _PRECISION
            moved = f"{self.share * 100:+,.1f}".replace("-", "−")
            return f" ({moved} %, tolerance {terms.decimal_text(self.tolerance * 100)} %)"

    def _shown(self, value: Any) -> str:
        amount = number(value)
        if amount is None:
            return str(terms.plain(value))[:60]
        with localcontext() as context:
            context.prec = _PRECISION
            if self.fact in _MONEY:
                digits = minor_digits(self.currency)
                return f"{amount.scaleb(-digits):,.{digits}f}".replace("-", "−")
            return f"{amount:,f}".replace("-", "−")


def stale(bound: Mapping[str, Any], deal: DealView) -> Change | None:
    """The first bound fact, by name, that moved beyond its tolerance; None while the verification stands.

    `bound` is `{"facts": {name: value}, "tolerance": {name: "0.05"}}`, money in minor units, days as ISO strings.
    The change is measured against the bound value; exactly at the tolerance is still the same. A fact without
    tolerance must be equal. A fact that is not known binds nothing, so it counts as moved. Never raises.
    """
    facts, tolerances = bound.get("facts"), bound.get("tolerance")
    if not isinstance(facts, Mapping):
        return None
    for name in sorted(facts, key=str):
        allowed = number(tolerances.get(name)) if isinstance(tolerances, Mapping) else None
        tolerance = max(allowed or Decimal(0), Decimal(0))
        change = _change(str(name), facts[name], deal.fact(str(name)), tolerance, deal.currency or "")
        if change is not None:
            return change
    return None


def minor_digits(currency: str | None) -> int:
    """How many decimals a currency has (ISO 4217): JPY 0, TND 3; 2 when it is not known."""
    return DECIMALS.get(currency or "", 2)


def _change(name: str, was: Any, now: Any, tolerance: Decimal, currency: str) -> Change | None:
    if was is None or now is None:
        return Change(name, was, now, None, tolerance, currency)
    old, new = number(was), number(now)
    texts = isinstance(was, str) and isinstance(now, str) and not tolerance
    if old is None or new is None or texts:
        return None if terms.plain(was) == terms.plain(now) else Change(name, was, now, None, tolerance, currency)
    with localcontext() as context:
        context.prec = _PRECISION
        moved = new - old
        if abs(moved) <= tolerance * abs(old):
            return None
        return Change(name, was, now, moved / abs(old) if old else None, tolerance, currency)


def number(value: Any) -> Decimal | None:
    """An exact number of a sane size, or None. Floats and booleans are no numbers here."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    if isinstance(value, str) and len(value) > 40:
        return None
    try:
        amount = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    sane = amount.is_finite() and -20 <= amount.adjusted() <= 30 and len(amount.as_tuple().digits) <= 30
    return amount if sane else None
