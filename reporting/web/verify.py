"""/verify/: anybody drops a file or a receipt and reads what became of it. No log-in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ledger.api.throttling import StrangerThrottle
from ledger.rules.money import text_of
from pipeline.queries import seats
from reporting.exports import receipts
from reporting.queries.verdicts import ALTERED, CURRENT, NOT_OURS, REDEFINED, SUPERSEDED, Verdict
from reporting.rules.certified_files import MOST_BYTES
from reporting.rules.receipt import certified


class VerifyForm(forms.Form):
    """A file, or a receipt as text."""

    use_required_attribute = False
    file = forms.FileField(
        label=gettext_lazy("File"), required=False, allow_empty_file=True,
        help_text=gettext_lazy("A certified CSV or XLSX as you got it, or a receipt as JSON; up to 8 MiB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.json,.txt"}),
    )  # fmt: skip
    receipt = forms.CharField(
        label=gettext_lazy("Or the receipt"), required=False, max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        file = said.get("file")
        if file is not None and (file.size or 0) > MOST_BYTES:
            self.add_error("file", _("The file is larger than 8 MiB. Send the receipt at its end alone. [VERIFY-2]"))
        if file is None and not said.get("receipt") and not self.errors:
            self.add_error("file", _("Choose a file, or paste a receipt. [VERIFY-3]"))
        return said


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Nothing is kept, and nothing is asked of the record before a signature stands."""
    if request.method == "POST" and not StrangerThrottle().allow_request(request, None):  # type: ignore[arg-type]
        return render(request, "429.html", status=429)
    form = VerifyForm(request.POST, request.FILES) if request.method == "POST" else VerifyForm()
    result = None
    if request.method == "POST" and form.is_valid():
        now, file = seats.now(), form.cleaned_data["file"]
        given = file.read() if file else form.cleaned_data["receipt"].encode()
        result = _result(receipts.judged(given, now=now, name=str(file.name if file else "receipt")[-200:]))
    context = {"form": form, "result": result, "keys_url": reverse("ledger-keys")}
    response = render(request, "reporting/verify.html", context, status=422 if form.errors else 200)
    response.headers["Cache-Control"] = "private, no-store"
    return response


_STATES = {CURRENT: "met", SUPERSEDED: "stale", ALTERED: "rejected", NOT_OURS: "unknown"}


def _result(found: Verdict) -> dict[str, Any]:
    titles = {
        CURRENT: _("Genuine and current"), SUPERSEDED: _("Genuine, superseded"),
        ALTERED: _("Altered"), NOT_OURS: _("Not ours"),
    }  # fmt: skip
    told: dict[str, Any] = {
        "state": _STATES[found.verdict], "title": titles[found.verdict], "sentence": _sentence(found), "why": found.why,
    }  # fmt: skip
    if found.receipt is not None and found.verdict in (CURRENT, SUPERSEDED):
        claim = found.receipt.claim
        told["pairs"] = [
            (_("Measure"), claim.measure), (_("Value as signed"), _amount(claim.value, claim.currency)),
            (_("The same question now"), _amount(found.now, claim.currency) if found.now else "–"),
            (_("As of"), claim.as_of), (_("Scope"), _scope(claim.scope)),
            (_("Definition"), f"v{claim.definition_version}"), (_("Ledger position"), f"#{claim.ledger_position:,}"),
            (_("Integrity"), "–" if claim.integrity is None else str(claim.integrity)),
            (_("Signed by"), found.receipt.key), ("SHA-256", found.receipt.digest),
        ]  # fmt: skip
        told["not_certified"] = not certified(claim.integrity)
        told["rewritten"] = found.in_tree is False
        told["not_reproduced"] = bool(found.then) and found.then != claim.value
    row = found.difference
    if row is not None:
        told["rows"] = [(_("Found"), _cells(row.found)), (_("Signed"), _cells(row.expected))]
    return told


def _sentence(found: Verdict) -> str:
    if found.verdict == CURRENT:
        return _("We signed this, and the same question has the same answer now.")
    if found.verdict == SUPERSEDED and found.why == REDEFINED and found.receipt:
        return _("We signed this. Its definition has changed since: by today's it is %(value)s now.") % {
            "value": _amount(found.now, found.receipt.claim.currency)
        }
    if found.verdict == SUPERSEDED:
        return _("We signed this. What is known has changed since: it is %(value)s now.") % {
            "value": _amount(found.now, found.receipt.claim.currency) if found.receipt and found.now else "–"
        }
    if found.verdict == NOT_OURS:
        return _("There is no receipt of this record in it, so it proves nothing.")
    if found.difference is None:
        return _("The receipt was changed after we had signed it.")
    if found.difference.row:
        return _("Row %(row)s is the first that is not as we signed it.") % {"row": found.difference.row}
    return _("The rows are not those that we signed.")


def _amount(value: str, currency: str) -> str:
    return text_of(value, currency)


def _scope(scope: Any) -> str:
    units = ", ".join(scope.get("units") or ()) or _("every unit")
    return f"{scope.get('period') or _('all time')} · {units}"


def _cells(cells: Any) -> str:
    return " · ".join("" if cell is None else str(cell) for cell in cells) if cells else "–"
