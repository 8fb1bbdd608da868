"""Every page goes through this door: somebody is logged in, and a refusal becomes a page with the same words."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from ledger import http, words
from ledger.commands import idempotency
from ledger.commands.idempotency import Answer
from ledger.queries.sealed_sums import one_reading
from ledger.rules.problems import Fault, Problem, bad_input
from ledger.web import looking_back

_MARKS = ("csrfmiddlewaretoken", "request_id", "next")
_KEPT = 4_000  # characters of a text that a refusal gives back
View = Callable[..., HttpResponse]
T = TypeVar("T")


def page(view: View) -> View:
    """Log-in first; a Problem is shown with its status. Such a page shows the present and refuses `?as_of=`."""
    return _page(view, looking_back.refuse)


def page_at_any_moment(view: View) -> View:
    """A page that only reads: `?as_of=` shows it as it was known then. Its sums are of one reading of the record."""
    shown = _page(view, looking_back.show)

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return shown(request, *args, **kwargs)
        with one_reading():
            return shown(request, *args, **kwargs)

    run.at_any_moment = True  # type: ignore[attr-defined]
    return run


def _page(view: View, look: Callable[[View, HttpRequest, Any, Any], HttpResponse]) -> View:
    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_login(request)
        try:
            _check_text(request)
            response = look(view, request, args, kwargs)
        except Problem as problem:
            response = refused(request, problem)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.setdefault("Vary", "Cookie, HX-Request")
        return response

    return run


def _check_text(request: HttpRequest) -> None:
    """Refuses NUL, which no browser sends and PostgreSQL cannot keep, wherever it stands in an address or a form."""
    for said in (request.GET, request.POST):
        for name, values in said.lists():
            if "\x00" in name or any("\x00" in value for value in values):
                say = _("Text must not contain the NUL character.")
                raise bad_input([Fault(f"/{name}".replace("\x00", ""), "TEXT-1", say)])


def refused(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A page of its own, for what has no form to go back to."""
    request.at_any_moment = False  # type: ignore[attr-defined]  # what was refused has no other moment to be shown at
    if problem.status == 404:
        return render(request, "404.html", {"request_id": getattr(request, "request_id", "")}, status=404)
    way = back(request)
    told = words.problem(problem, request) | {
        "action_url": way,
        "action_label": _("Go home") if way == "/" else _("Go back"),
    }
    return render(request, "ledger/problem.html", {"problem": told}, status=problem.status)


def act(request: HttpRequest, run: Callable[[], str]) -> HttpResponse:
    """Runs a command once for the request id of the form, then goes where it says.

    A refusal goes back to the page that asked, with its sentence above and the words that were typed.
    """
    try:
        target = once(request, run)
    except Problem as problem:
        if problem.status == 404:
            return refused(request, problem)
        messages.error(request, words.sentence(problem))
        for text in _typed(request):
            messages.info(request, text, extra_tags="typed")
        target = ""
    return go(request, target or back(request))


def _typed(request: HttpRequest) -> list[str]:
    """What somebody wrote in their own words, so that a refusal does not lose it; choices and marks are made anew."""
    said = [value.strip() for name, value in request.POST.items() if name not in _MARKS and isinstance(value, str)]
    return [value[:_KEPT] for value in said if " " in value]


def once(request: HttpRequest, run: Callable[[], str]) -> str:
    """Runs a command once for the hidden request id of its form; the second click gets the first answer.

    `run` says where to go next. Two at the same moment: one waits. What was refused may be sent again.
    """
    key = request.POST.get("request_id", "")[:100] or str(uuid.uuid4())
    fingerprint = hashlib.sha256(request.path.encode()).digest()
    actor = http.actor(request, "web")
    return idempotency.once(actor.person, f"web:{key}", fingerprint, lambda: Answer(303, run())).body


def said_once(request: HttpRequest, make: Callable[[], T]) -> T | None:
    """What a form makes and shows in its own answer, such as a secret; None for the second click: nothing keeps it."""
    made: list[T] = []

    def run() -> str:
        made.append(make())
        return request.path

    once(request, run)
    if not made:
        messages.error(request, _("This form was sent twice. What it made was shown the first time; make another."))
    return made[0] if made else None


def go(request: HttpRequest, target: str) -> HttpResponse:
    """After a write: 303, so that loading again asks nothing twice."""
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response


def back(request: HttpRequest) -> str:
    """The page that the form stood on, when it is ours; else home."""
    for target in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
            return target
    return "/"


def retarget(response: HttpResponse, target: str) -> HttpResponse:
    """A fragment that replaces another part of the page than the one that asked."""
    response["HX-Retarget"], response["HX-Reswap"] = target, "outerHTML"
    return response


def _to_login(request: HttpRequest) -> HttpResponse:
    login = f"{reverse('account_login')}?next={quote(request.get_full_path())}"
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": login})
    return HttpResponseRedirect(login)
