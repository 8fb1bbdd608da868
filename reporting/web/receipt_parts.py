"""The proof beside a number of a page, and the certified files of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from ledger import words
from ledger.web.addresses import reverse
from pipeline.queries.reading import Reading
from reporting.queries.asking import Told
from reporting.rules.periods import Period
from reporting.rules.receipt import Claim, moment
from reporting.web import period_words


def receipt(told: Told, claim: Claim, read: Reading, door: str, *named: str) -> dict[str, Any]:
    """What `components/receipt.html` shows. `door` names the route of the files, which takes `named` and a form."""
    period = told.asked.period
    units = read.visible if read.visible is not None else ()
    return {
        "measure": _("%(measure)s, %(period)s")
        % {"measure": told.measure.title, "period": period_words.called(period)},
        "definition_version": f"v{claim.definition_version}",
        "as_of": words.moment(read.now, read.zone)["text"],  # type: ignore[index]
        "position": words.count(claim.ledger_position),
        "position_url": reverse("ledger-entry", args=[claim.ledger_position]) if claim.ledger_position else "",
        "scope": ", ".join(units) or _("every unit"),
        "currency": claim.currency,
        "deals": words.count(claim.deals),
        "integrity": claim.integrity,
        "tree_head": _head(claim),
        "files": files(period, read, door, *named),
    }


def files(period: Period | None, read: Reading, door: str, *named: str, unit: str = "") -> list[dict[str, str]]:
    """Links to the same number at the same moment."""
    said = {"period": period.name if period else "all", "as_of": moment(read.now), **({"unit": unit} if unit else {})}
    asked = urlencode(said)
    return [
        {"label": label, "url": f"{reverse(door, args=[*named, form])}?{asked}"}
        for form, label in (("csv", "CSV"), ("xlsx", "XLSX"), ("json", _("Signed receipt, JSON")))
    ]


def _head(claim: Claim) -> str:
    if claim.tree_head is None:
        return ""
    return f"{words.count(claim.tree_head['size'])} · {claim.tree_head['root']}"
