"""The parts of the integrity score in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from pipeline.rules import integrity as rules

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


def lacking(parts: Iterable[PartRow]) -> list[str]:
    """“Milestones evidenced and valid: 2 of 3 (credit-approved)”, for each part that takes from the score."""
    known = names()
    told = []
    for name, held, asked, missing in parts:
        if held < asked:
            count = f" {held} / {asked}" if asked > 1 else ""
            what = ", ".join(key.replace("_", " ") for key in missing)
            told.append(f"{known.get(name, name)}:{count} ({what})")
    return told
