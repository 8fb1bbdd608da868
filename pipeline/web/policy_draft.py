"""A policy document, checked: every fault with path, code and fix. A steward may draft what has no errors."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger import http
from ledger.rules.problems import Problem
from ledger.web.door import go, once, page
from pipeline.commands import policies
from pipeline.queries import policies as kept
from pipeline.queries.reading import Reading
from pipeline.rules import policy_document
from pipeline.web import policy as shapes
from pipeline.web import policy_rows, policy_trial
from pipeline.web.reader import reader

MOST_BYTES = 64 * 1024  # what is longer is no policy; the document rules say so


@page
def draft(request: HttpRequest) -> HttpResponse:
    """GET: the form, with `?from=` a version as text and as rows. POST: what a button did to a row, the findings, and
    with `Check it` the trial on today's deals; with `act=draft` the next version, when nothing is wrong.

    The document of the form is the draft: rows are read from it and written back into it."""
    read = reader(request)
    context: dict[str, Any] = {"steward": read.has_role("steward"), "document": "", "checked": False, "from": "",
                               "page_keys": [{"keys": "Alt ↑ ↓", "does": _("Move a row of the draft")}]}  # fmt: skip
    shown = {"open": "", "focus": "", "way": "", "told": "", "full": ""}
    if request.method == "GET":
        context |= _begun(request.GET.get("from", ""), read)
    if request.method == "POST":
        text, shown = policy_rows.acted(_document(request), request.POST)
        context |= {"document": text, "checked": True, **_check(text)}
        if context.get("policy") is not None:
            context["budget"] = shapes.budget(context["policy"])
            context["shut"] = _shut(len(context["errors"]))
            if read.visible is None and ":" not in request.POST.get("act", ""):
                context["trial"] = policy_trial.shape(context["policy"], read)
        if request.POST.get("act") == "draft" and not context["errors"]:
            try:
                return go(request, once(request, lambda: _draft(request, text)))
            except Problem as problem:
                context["errors"] = _faults(problem) or [_fault("/", problem.slug, problem.detail, "")]
    context["rowed"] = any(shown.values())  # the focus stays with the row
    warnings = [one | {"warns": "yes"} for one in context.get("warnings", ())]
    if context["document"]:
        context["rows"] = policy_rows.shape(context["document"], shown, [*context.get("errors", ()), *warnings])
    if context.get("rows"):
        known = context.get("policy") or (kept.version(read.policy) if read.policy else None)
        context["rows"]["full"] = policy_rows.full(context["document"], known, shown)
    status = 422 if context.get("errors") else 200
    return render(request, "pipeline/policy_draft.html", context, status=status)


def _begun(version: str, read: Reading) -> dict[str, Any]:
    """A draft that begins as a version that there is; the one in force where none is named."""
    known = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else read.policy
    row = kept.row(known) if known else None
    if row is None:
        return {}
    return {"document": policy_document.text(kept.detail(row.version).document), "from": f"v{row.version}"}


def _shut(errors: int) -> str:
    return ngettext("shut: %(n)s error.", "shut: %(n)s errors.", errors) % {"n": errors} if errors else ""


def _document(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        return str(request.POST.get("document", ""))
    return file.read(MOST_BYTES).decode("utf-8", "replace")


def _check(text: str) -> dict[str, Any]:
    try:
        policy, report = policies.lint(text)
    except Problem as problem:
        return {"errors": _faults(problem), "warnings": [], "policy": None}
    errors = [_fault(one.path, one.code, one.message, one.fix) for one in report.errors]
    warnings = [_fault(one.path, one.code, one.message, one.fix) for one in report.warnings]
    return {"errors": errors, "warnings": warnings, "policy": policy}


def _faults(problem: Problem) -> list[dict[str, str]]:
    return [_fault(fault.pointer or "/", fault.code, fault.message, "") for fault in problem.faults]


def _fault(path: str, code: str, message: str, fix: str) -> dict[str, str]:
    return {"path": path, "row": policy_rows.anchor(path), "code": code, "message": message, "fix": fix}


def _draft(request: HttpRequest, text: str) -> str:
    drafted = policies.draft(text, by=http.actor(request, "web"))
    told = (
        _("Version %(n)s is drafted. It waits for three signatures.")
        if drafted.fresh
        else _("This is version %(n)s already.")
    )
    messages.success(request, told % {"n": drafted.version})
    return reverse("policy", args=[drafted.version])
