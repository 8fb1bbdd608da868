"""W1, W4 and D: what people look at all day, and what a quarter is staked on."""

from __future__ import annotations

import itertools
import multiprocessing
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import connection, connections
from django.test import Client

from crm_ledger.bench import pgbench, recording
from crm_ledger.bench.bench import Bench
from crm_ledger.bench.clients import Keeping, Measured, request, together
from crm_ledger.bench.script import Script, Step
from ledger.rules import moments
from pipeline.commands import amending
from pipeline.models import Person

PAUSE = 0.25  # seconds between two entries of who writes meanwhile
_TARGET_D = "p95 < 250 ms at 100,000"
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
    cookie = _cookie("cfo")
    target = "p95 < 100 ms at 100,000"
    pages = ["/booked/", f"/booked/?period={month}"]
    scripts = [_recorded(path, headers=cookie) for path in pages]
    _measure(bench, "W4 booked, page", pages, lambda client: cookie, scripts, target)
    token = {"Authorization": bench.token(person.pk)}
    paths = [f"/api/v1/booked/?period={month}&by=unit,period", "/api/v1/booked/?by=unit,period"]
    scripts = [_recorded(path, headers=token) for path in paths]
    _measure(bench, "W4 booked, API", paths, lambda client: token, scripts, target)


_RAW = """
SELECT place, period, unit, currency, sum(amount) FROM ledger_posting
WHERE book = 'bookings' AND recorded_at <= {moment} GROUP BY place, period, unit, currency
"""
# The moment of the middle entry, so that much is written right before and right after it.
_MIDDLE = """
SELECT recorded_at FROM ledger_entry WHERE id >= (SELECT (min(id) + max(id)) / 2 FROM ledger_entry) ORDER BY id LIMIT 1
"""


def dashboards(bench: Bench) -> None:
    """The dashboard at now and in the middle of the stock's life, the bridge and the forecast, beside the raw sum; with
    nobody writing, and then beside a writer."""
    with connection.cursor() as cursor:
        cursor.execute(_MIDDLE)
        middle = cursor.fetchone()[0]
    cookie = _cookie("cfo")
    pages = {
        "D1 dashboard, now": "/booked/",
        "D1 dashboard, in the past": f"/booked/?{urlencode({'as_of': moments.text(middle)})}",
        "D2 bridge": "/bridge/",
        "D3 forecast": "/forecast/",
    }
    for beside, said in ((nullcontext, ""), (partial(_somebody_writes, bench), ", beside a writer")):
        for name, page in pages.items():
            moment = f"'{middle.isoformat()}'" if "past" in name else "now()"
            raw = Script((Step(_RAW.format(moment=moment)),))
            against = "pgbench, the raw sum over the postings"
            with beside():
                if name.startswith("D1"):
                    asked = [page, *_parts_of(page, cookie)]
                    _measure_whole(bench, f"{name}{said}", asked, cookie, raw, against)
                else:
                    _measure(bench, f"{name}{said}", [page], lambda client: cookie, [raw], _TARGET_D, against)


@contextmanager
def _somebody_writes(bench: Bench) -> Iterator[None]:
    """One process amends a deal every quarter of a second; what it takes counts as the driver's."""
    rep = bench.firm.reps[0]
    open_deals = "SELECT deal_id FROM pipeline_dealstate WHERE owner_id = %s AND stage = %s ORDER BY deal_id LIMIT 500"
    with connection.cursor() as cursor:
        cursor.execute(open_deals, [rep.seat, bench.firm.policy.stages[0].key])
        numbers = [row[0] for row in cursor.fetchall()]

    def write() -> None:
        for nth, number in enumerate(itertools.cycle(numbers)):
            amending.amend(number, {"amount": f"{10_000 + nth}.00"}, by=rep.actor())
            time.sleep(PAUSE)

    connections.close_all()
    writer = multiprocessing.get_context("fork").Process(target=write, daemon=True)
    writer.start()
    try:
        yield
        if not writer.is_alive():
            raise RuntimeError("the writer ended before the reads")
    finally:
        writer.terminate()
        writer.join()


def _parts_of(page: str, cookie: dict[str, str]) -> list[str]:
    """The parts that the page asks for once it is there, at the addresses that it names."""
    said = Client(headers=cookie).get(page, HTTP_HOST="127.0.0.1").content.decode()
    return [unescape(url) for url in re.findall(r'hx-get="([^"]+)" hx-trigger="load,', said)]


def _measure_whole(
    bench: Bench, name: str, asked: list[str], cookie: dict[str, str], raw: Script, against: str
) -> None:
    """The page and its parts, one after the other, as one operation: until the last of the figures has come. Then each
    of these requests alone, all clients on the same one."""
    first, *parts = asked
    sent = [
        request("GET", first, b"", **cookie),
        *(request("GET", url, b"", **cookie, HX_Request="true") for url in parts),
    ]
    bench.warm_up()
    limit, http, *alone = bench.in_turns(
        lambda: pgbench.play(bench.servers, [raw], seconds=bench.seconds),
        partial(_visits, bench, sent),
        *(partial(_visits, bench, [one]) for one in sent),
    )
    what = f"{name}, page and {len(parts)} parts, HTTP"
    bench.say(what, http.rate, "1/s", limit=limit.rate, against=against)
    bench.say_p95_and_cost(what, http)
    for url, one in zip(asked, alone, strict=True):
        bench.say(f"{name}, {urlsplit(url).path} alone p95", one.p95(), "ms", target=_TARGET_D)


def _visits(bench: Bench, sent: list[bytes]) -> Measured:
    """All clients ask for the same, one request after the other, again and again."""

    def prepare(client: int) -> tuple[Callable[[list[bytes]], None], Iterable[list[bytes]]]:
        line = Keeping(bench.web.port)

        def visit(whole: list[bytes]) -> None:
            for one in whole:
                line.send(one, 200)

        return visit, itertools.repeat(sent)

    return together(prepare, bench.seconds)


def _cookie(name: str) -> dict[str, str]:
    browser = Client(HTTP_HOST="127.0.0.1")
    browser.force_login(Person.objects.get(name=name))
    return {"Cookie": "; ".join(f"{key}={morsel.value}" for key, morsel in browser.cookies.items())}


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
    against: str = _AGAINST,
) -> None:
    requests = bench.reading(paths, headers)
    bench.warm_up()
    limit, http = bench.in_turns(
        lambda: pgbench.play(bench.servers, scripts, seconds=bench.seconds), lambda: bench.over_http(requests, 200)
    )
    bench.say(f"{name}, HTTP", http.rate, "1/s", limit=limit.rate, against=against, target=target)
    bench.say_p95_and_cost(f"{name}, HTTP", http)
