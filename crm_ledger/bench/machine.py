"""How fast this machine is: what a Django view of one query makes, by which figures of two machines can be compared."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from crm_ledger.bench.bench import Bench
from crm_ledger.bench.clients import request
from crm_ledger.bench.script import Script, Step

_ONE_QUERY = Script((Step("SELECT title, created_at FROM pipeline_deal WHERE id = :deal"),))


def bare_view(bench: Bench) -> None:
    def requests(client: int) -> Iterable[bytes]:
        return itertools.cycle(request("POST", f"/{client * 100 + at}/1") for at in range(1, 100))

    with bench.bare_view(_ONE_QUERY) as port:
        (seen,) = bench.in_turns(lambda: bench.over_http(requests, 201, port=port))
    bench.say("machine, bare Django view of one query", seen.rate, "1/s")
