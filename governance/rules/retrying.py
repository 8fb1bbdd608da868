"""What follows an attempt to deliver: done, again later, or given up. Three days of trying, then somebody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

PATIENCE = timedelta(days=3)
LONGEST_PAUSE = timedelta(hours=6)
_FIRST = timedelta(seconds=5)
_GROWTH = 5

# Delivered. Trouble: the receiver as a whole does not work. Refused: it works and does not take this message.
# Hopeless: trying again would change nothing. Interrupted: the worker died, so nobody knows.
Result = Literal["delivered", "trouble", "refused", "hopeless", "interrupted"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt found. `status` is the receiver's own answer, of HTTP or SMTP."""

    result: Result
    status: int | None = None
    detail: str = ""
    seconds: float = 0.0
    wait: timedelta | None = None  # the receiver asked for it
    digest: str = ""  # SHA-256 of what was sent


@dataclass(frozen=True, slots=True)
class Verdict:
    """`scope` is who waits until `again`: the whole receiver or this delivery. `again` None: it ends here."""

    scope: Literal["receiver", "delivery"]
    again: datetime | None


def pause(failures: int, luck: float) -> timedelta:
    """After the nth failure: 5 s, 25 s, 2 min, 10 min, 52 min, 4 h, then 6 h, each a fifth more or less by `luck`."""
    seconds = min(_FIRST.total_seconds() * _GROWTH ** (min(failures, 9) - 1), LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=seconds * (0.8 + 0.4 * luck))


def judge(outcome: Outcome, *, now: datetime, failures: int, since: datetime, luck: float) -> Verdict:
    """`failures` counts this one; `since` is when the failing began. `luck` from 0 to 1 spreads retries."""
    scope: Literal["receiver", "delivery"] = "delivery" if outcome.result == "refused" else "receiver"
    if outcome.result == "hopeless" or now - since >= PATIENCE:
        return Verdict(scope, None)
    wait = max(pause(failures, luck), min(outcome.wait or timedelta(), LONGEST_PAUSE))
    return Verdict(scope, now + wait)


def of_http(status: int) -> Result:
    """Any 2xx is taken. A receiver that is gone (410) or sends us elsewhere (3xx) is told to its owner at once."""
    if 200 <= status < 300:
        return "delivered"
    if status == 410 or 300 <= status < 400:
        return "hopeless"
    return "trouble" if status >= 500 or status in (408, 425, 429) else "refused"
