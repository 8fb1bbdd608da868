"""How good forecasts were. Sums are minor units, probabilities and outcomes lie in 0 to 1; all exact, in Decimal.

Optimism and sandbagging cost the same: every error counts by its size, whatever its sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reporting.rules.forecast.shares import Share

ENOUGH = 20  # finished forecasts of one seat, from which its own figures are shown
Pair = tuple[int, int]  # forecast, actual
Said = tuple[Decimal, bool]  # probability, and whether it came so


def wape(pairs: Sequence[Pair]) -> Decimal | None:
    """Σ|F−A| / Σ|A|; None when nothing came."""
    actual = sum(abs(came) for _, came in pairs)
    return Decimal(sum(abs(said - came) for said, came in pairs)) / actual if actual else None


def mape(pairs: Sequence[Pair]) -> Decimal | None:
    """The mean of |F−A| / |A|, over those of which something came."""
    parts = [Decimal(abs(said - came)) / abs(came) for said, came in pairs if came]
    return sum(parts, Decimal(0)) / len(parts) if parts else None


def bias(pairs: Sequence[Pair]) -> Decimal | None:
    """Σ(F−A) / ΣA: above 0 more was said than came."""
    actual = sum(came for _, came in pairs)
    return Decimal(sum(said - came for said, came in pairs)) / actual if actual else None


def brier(said: Sequence[Said]) -> Decimal | None:
    """mean (p−o)²: 0 is perfect, 1 is always wrong."""
    return _mean([(chance - came) ** 2 for chance, came in said])


def base_brier(said: Sequence[Said]) -> Decimal | None:
    """What somebody scores who always says how often it came on the whole."""
    rate = _mean([Decimal(came) for _, came in said])
    return None if rate is None else _mean([(rate - came) ** 2 for _, came in said])


def skill(said: Sequence[Said]) -> Decimal | None:
    """1 − Brier / Brier of the base rate; None where there was nothing to foresee."""
    own, base = brier(said), base_brier(said)
    return 1 - own / base if own is not None and base else None


def shrunk(count: int, figure: Decimal) -> Decimal:
    """n/(n+20) × bias: few forecasts say little about whoever made them."""
    return Decimal(count) / (count + ENOUGH) * figure


def worth(shrunk_bias: Decimal) -> Share:
    """1 / (1 + bias*): what of a statement to believe, going by how such statements came."""
    over, under = max(1 + shrunk_bias, Decimal("0.01")).as_integer_ratio()
    return Share(under, over)


def supported(stated_minor: int, shrunk_bias: Decimal) -> int:
    """stated / (1 + bias*), in minor units."""
    return worth(shrunk_bias).of(stated_minor)


def illusion(stated_minor: int, verified_minor: int) -> int:
    """What is stated and no verified milestone supports."""
    return stated_minor - verified_minor


@dataclass(frozen=True, slots=True)
class Figures:
    """All of them over one set of finished forecasts. `published` are figures of their own; else they are too few."""

    count: int
    wape: Decimal | None
    mape: Decimal | None
    bias: Decimal | None
    brier: Decimal | None
    skill: Decimal | None

    @property
    def published(self) -> bool:
        return self.count >= ENOUGH

    @property
    def shrunk_bias(self) -> Decimal | None:
        return None if self.bias is None else shrunk(self.count, self.bias)

    @property
    def bias_to_use(self) -> Decimal:
        """One's own when enough is known, else shrunk towards none."""
        figure = self.bias if self.published else self.shrunk_bias
        return Decimal(0) if figure is None else figure


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over finished forecasts that say as much as the forecasts themselves: for groups, which name nobody.

    `squares` is Σ(p−o)², `came` how often it came so.
    """

    count: int
    squares: Decimal
    came: int

    @property
    def brier(self) -> Decimal | None:
        return self.squares / self.count if self.count else None

    @property
    def skill(self) -> Decimal | None:
        """The Brier score of the base rate r is r·(1 − r)."""
        rate = Decimal(self.came) / self.count if self.count else Decimal(0)
        base = rate * (1 - rate)
        return 1 - self.brier / base if self.brier is not None and base else None


def of_group(pairs: Sequence[Pair], tally: Tally) -> Figures:
    return Figures(tally.count, wape(pairs), mape(pairs), bias(pairs), tally.brier, tally.skill)


def figures(pairs: Sequence[Pair], said: Sequence[Said]) -> Figures:
    return Figures(len(said), wape(pairs), mape(pairs), bias(pairs), brier(said), skill(said))


def _mean(parts: Sequence[Decimal]) -> Decimal | None:
    return sum(parts, Decimal(0)) / len(parts) if parts else None
