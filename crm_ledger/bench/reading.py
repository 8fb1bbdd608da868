"""W1 and W4: what people look at all day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from crm_ledger.bench import pgbench, recording
from crm_ledger.bench.bench import Bench
from crm_ledger.bench.script import Script
from pipeline.models import Person

_AGAINST = "pgbench, the statements of the same requests"


def list_deals(bench: Bench) -> None:
    """Fifty deals of a stage, as the reps of two units see them."""
    paths = [f"/api/v1/deals/?stage={stage.key}&limit=50" for stage in bench.firm.policy.stages]
    tokens = [{"Authorization": bench.token(rep.person)} for rep in bench.firm.reps]
    scripts = [_recorded(path, headers=headers) for path in paths for headers in tokens[:2]]
    _measure(bench, "W1 list of 50", paths, lambda client: tokens[client], scripts, "≥ 300/s, p95 < 60 ms at 100,000")


def booked(bench: Bench) -> None:
    """The page and the number behind it, of the whole company."""
    person = Person.objects.get(name="cfo")
    month = bench.firm.today.strftime("%Y-%m")
    browser = Client(HTTP_HOST="127.0.0.1")
    browser.force_login(person)
    cookie = {"Cookie": "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())}
    target = "p95 < 100 ms at 100,000"
    pages = ["/booked/", f"/booked/?period={month}"]
    scripts = [_recorded(path, headers=cookie) for path in pages]
    _measure(bench, "W4 booked, page", pages, lambda client: cookie, scripts, target)
    token = {"Authorization": bench.token(person.pk)}
    paths = [f"/api/v1/booked/?period={month}&by=unit,period", "/api/v1/booked/?by=unit,period"]
    scripts = [_recorded(path, headers=token) for path in paths]
    _measure(bench, "W4 booked, API", paths, lambda client: token, scripts, target)


def _recorded(path: str, headers: dict[str, str]) -> Script:
    """The second request: the first one marks the token as used and fills what the process keeps."""

    def visit() -> None:
        answer = Client(headers=headers).get(path, HTTP_HOST="127.0.0.1")
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}: {answer.content[:500]!r}")

    visit()
    return recording.reading(visit)


def _measure(
    bench: Bench,
    name: str,
    paths: list[str],
    headers: Callable[[int], dict[str, Any]],
    scripts: list[Script],
    target: str,
) -> None:
    requests = bench.reading(paths, headers)
    bench.warm_up()
    limit, http = bench.in_turns(
        lambda: pgbench.play(bench.servers, scripts, seconds=bench.seconds), lambda: bench.over_http(requests, 200)
    )
    bench.say(f"{name}, HTTP", http.rate, "1/s", limit=limit.rate, against=_AGAINST, target=target)
    bench.say_p95_and_cost(f"{name}, HTTP", http)
