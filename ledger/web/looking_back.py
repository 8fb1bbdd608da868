"""`?as_of=` of a page: read once, here; the page is rendered as it was known then, and its links stay there."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, get_urlconf, resolve

from ledger import dispatch
from ledger.queries import moment
from ledger.rules import moments
from ledger.rules.problems import Problem

_LINK = re.compile(r'\b(href|hx-get)="((?:/|\?)[^"]*)"(?! data-now)')
_FORM = re.compile(r'<form (?![^>]*data-now)[^>]*method="get"[^>]*>')


def refuse(view: Callable[..., HttpResponse], request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
    if request.GET.get(moments.NAME):
        raise moments.no_past() if request.method in ("GET", "HEAD") else moments.no_act()
    return view(request, *args, **kwargs)


def show(view: Callable[..., HttpResponse], request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
    """The page now, or at the moment of its address; another way to write the moment leads to the one way."""
    request.at_any_moment = True  # type: ignore[attr-defined]
    said = request.GET.get(moments.NAME)
    if not said:
        return view(request, *args, **kwargs)
    if request.method not in ("GET", "HEAD"):
        raise moments.no_act()
    at = moments.parse(said, dispatch.zone()())
    moment.check(at)
    if said != moments.text(at):
        kept = [(name, value) for name, value in request.GET.items() if name != moments.NAME]
        return HttpResponseRedirect(f"{request.path}?{urlencode([*kept, (moments.NAME, moments.text(at))])}")
    try:
        with moment.known_at(at):
            response = view(request, *args, **kwargs)
    except Problem:
        request.at_any_moment = False  # type: ignore[attr-defined]  # the page that tells of it is of now
        raise
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.content = stay(response.content.decode(), request.path, moments.text(at)).encode()
    return response


def stay(page: str, path: str, at: str) -> str:
    """Links and search forms of a page keep its moment, where they lead to a page that has a past."""

    def link(found: re.Match[str]) -> str:
        parts = urlsplit(unescape(found[2]))
        said = parse_qsl(parts.query, keep_blank_values=True)
        if not _has_past(parts.path or path, get_urlconf() or settings.ROOT_URLCONF) or any(
            name == moments.NAME for name, _ in said
        ):
            return found[0]
        query = urlencode([*said, (moments.NAME, at)])
        url = f"{parts.path}?{query}" + (f"#{parts.fragment}" if parts.fragment else "")
        return f'{found[1]}="{escape(url)}"'

    def form(found: re.Match[str]) -> str:
        return f'{found[0]}<input type="hidden" name="{moments.NAME}" value="{at}">'

    return _FORM.sub(form, _LINK.sub(link, page))


@lru_cache(maxsize=2000)
def _has_past(path: str, routes: str) -> bool:
    """Asked of each link of a page; the answer changes with the routes of the product only."""
    try:
        return getattr(resolve(path, routes).func, "at_any_moment", False)
    except Resolver404:
        return False
