"""W3: a deal with all its facts is opened."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from crm_ledger.bench import pgbench, recording, stock
from crm_ledger.bench.bench import Bench
from crm_ledger.bench.clients import Measured, request, together
from pipeline.commands import opening


class Opening:
    def __init__(self, bench: Bench) -> None:
        self.bench, self.firm = bench, bench.firm
        self.round = stock.count()  # a kept stock knows the texts of an earlier run
        self.script = recording.create(bench.firm, bench.firm.stated(random.Random()))

    def run(self) -> None:
        bench = self.bench
        limit, command, http = bench.in_turns(self._pgbench, self._command, self._http)
        against = "pgbench, the same statements"
        bench.say("create, pgbench", limit.rate, "1/s")
        bench.say("W3 create, command", command.rate, "1/s", limit=limit.rate, against=against)
        bench.say("W3 create, HTTP", http.rate, "1/s", limit=limit.rate, against=against, target="≥ 200/s at 100,000")
        bench.say_p95_and_cost("W3 create, HTTP", http)

    def _pgbench(self) -> Measured:
        return pgbench.play(self.bench.servers, [self.script], seconds=self.bench.seconds)

    def _facts(self, client: int) -> Iterator[Mapping[str, Any]]:
        """Every client says something new each time, in every round."""
        self_round = (self.round, client)
        chance = random.Random(hash(self_round))
        while True:
            yield self.firm.stated(chance)

    def _command(self) -> Measured:
        self.round += 1

        def prepare(client: int) -> tuple[Callable[[Mapping[str, Any]], Any], Iterable[Mapping[str, Any]]]:
            by = self.firm.reps[client].actor()
            return lambda stated: opening.open_deal("Packing line", stated, by=by), self._facts(client)

        return together(prepare, self.bench.seconds)

    def _http(self) -> Measured:
        self.round += 1
        tokens = [self.bench.token(rep.person) for rep in self.firm.reps]

        def requests(client: int) -> Iterable[bytes]:
            for stated in self._facts(client):
                money = {"amount": stated["amount"], "currency": stated["currency"]}
                body = {"title": "Packing line", **stated, "amount": money}
                body.pop("currency")
                yield request("POST", "/api/v1/deals/", json.dumps(body).encode(), Authorization=tokens[client])

        return self.bench.over_http(requests, 201)
