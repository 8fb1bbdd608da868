"""The parts of the integrity score in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext as _

from pipeline.rules import integrity as rules
from pipeline.rules import staleness
from pipeline.rules.policy import Policy

PartRow = tuple[str, int, int, Sequence[str]]


def names() -> dict[str, str]:
    return {
        rules.INPUTS: _("Inputs complete, no placeholder"),
        rules.MILESTONES: _("Milestones evidenced and valid"),
        rules.FRESH: _("Facts that gate are fresh"),
        rules.DATES: _("Dates coherent"),
        rules.RECONCILED: _("Reconciled with finance"),
        rules.WAIVERS: _("No open waiver"),
    }


def called(policy: Policy) -> dict[str, str]:
    """Key → name of what a policy asks for."""
    return {**{key: asked.name for key, asked in policy.inputs.items()},
            **{key: asked.name for key, asked in policy.milestones.items()}}  # fmt: skip


def lacking(parts: Iterable[PartRow], called: Mapping[str, str] | None = None) -> list[str]:
    """“Milestones evidenced and valid: 2 of 3 (Credit approved)”, for each part that takes from the score.

    `called`: what the policy of the deal calls its facts and milestones; without it they are named after their keys.
    """
    known, given = names(), called or {}
    told = []
    for name, held, asked, missing in parts:
        if held >= asked:
            continue
        what = ", ".join(given.get(key) or _plain(key) for key in missing)
        count = ": " + _("%(held)s of %(asked)s") % {"held": held, "asked": asked} if asked > 1 else ""
        told.append({
            rules.RECONCILED: _("Not reconciled with finance: a break is open"),
            rules.WAIVERS: _("A waiver is open: %(what)s") % {"what": what},
        }.get(name) or f"{known.get(name, name)}{count} ({what})")  # fmt: skip
    return told


def _plain(key: str) -> str:
    return staleness.LABELS.get(key) or key.replace("_", " ").replace("-", " ").capitalize()
