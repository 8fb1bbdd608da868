"""Which input of a policy is used least: what is dropped when an eleventh is wanted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from pipeline.rules.policy_lint import UNUSED_DAYS, Usage


class Use(NamedTuple):
    """An input at its place in the document, and in words how it is used."""

    at: int
    key: str
    why: str


def least_used(keys: Sequence[str], gating: Collection[str], usage: Mapping[str, Usage]) -> list[Use]:
    """The least used first: what nothing has used for long, what shuts no gate, then by the share of its answers that
    say nothing. Of those alike the last of the document. `gating`: the inputs that can shut a gate."""

    def order(at: int) -> tuple[bool, bool, int, int]:
        key = keys[at]
        used = usage.get(key, Usage())
        empty = max(used.placeholder_share, used.same_value_share)
        return used.unused_days < UNUSED_DAYS, key in gating, -round(empty * 100), -at

    return [
        Use(at, keys[at], _why(keys[at], gating, usage.get(keys[at]))) for at in sorted(range(len(keys)), key=order)
    ]


def _why(key: str, gating: Collection[str], used: Usage | None) -> str:
    said = ["shuts a gate" if key in gating else "shuts no gate"]
    if used is None:
        said.append("too few answers to say more")
    else:
        if used.unused_days >= UNUSED_DAYS:
            said.insert(0, f"used by nothing for {used.unused_days} days")
        said += [
            f"{share * 100:.0f} % {what}"
            for share, what in ((used.placeholder_share, "placeholders"), (used.same_value_share, "the same value"))
            if share
        ]
    return ", ".join(said)
