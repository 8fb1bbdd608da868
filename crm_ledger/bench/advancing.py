"""W2: a deal passes its first gate, which plans two milestones."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from crm_ledger.bench import pgbench, recording, stock
from crm_ledger.bench.bench import ROUNDS, Bench
from crm_ledger.bench.clients import WARM, Measured, request, together
from crm_ledger.bench.firm import CLIENTS
from pipeline.commands import advancing
from pipeline.queries.deals import ref_of

_PGBENCH_RATE = 600  # a second, about: pgbench is told how often, since it would run into deals that are not there
_PLAYS = 4 * ROUNDS  # two values and their limits
_MOST_SECONDS = 1.0  # of advances that are opened for a play, where the stock has too few that are ready


class Advancing:
    def __init__(self, bench: Bench) -> None:
        self.bench, self.firm = bench, bench.firm
        self.to = bench.firm.policy.stages[1].key
        wanted = _PLAYS * (WARM + self._as_many(min(bench.seconds, _MOST_SECONDS))) + 1
        if bench.supply.left < wanted:  # a stock that was kept, or a small one
            bench.supply = stock.ready(bench.firm, wanted)
        self.script = recording.advance(bench.firm, bench.supply)
        self.each = bench.supply.left // _PLAYS

    def run(self) -> None:
        bench = self.bench
        limit, command = bench.in_turns(self._pgbench, self._command)
        bench.say("advance, pgbench", limit.rate, "1/s")
        bench.say("W2 advance, command", command.rate, "1/s", limit=limit.rate,
                  against="pgbench, the same statements", target="ratio ≥ 0.30 at 100,000")  # fmt: skip
        bench.say_p95_and_cost("W2 advance, command", command)
        with bench.bare_view(self.script) as port:
            bench.warm_up()
            view, product = bench.in_turns(lambda: self._bare(port), self._http)
        bench.say("advance, bare view", view.rate, "1/s", limit=limit.rate, against="pgbench, the same statements")
        bench.say("W2 advance, HTTP", product.rate, "1/s", limit=view.rate,
                  against="bare Django view, the same statements",
                  target="ratio ≥ 0.30, and ≥ 300/s where the view makes 1,300")  # fmt: skip
        bench.say_p95_and_cost("W2 advance, HTTP", product)

    @staticmethod
    def _as_many(seconds: float) -> int:
        """What one client of pgbench does in so many seconds, about."""
        return max(1, round(_PGBENCH_RATE * seconds / CLIENTS))

    def _places(self) -> range:
        """What one play may use up, so that the stock lasts for all of them; time may end it earlier."""
        return self.bench.supply.take(self.each)

    def _pgbench(self) -> Measured:
        places, supply = self._places(), self.bench.supply
        variables = {"first": supply.first, "each": supply.each, "i": places.start - 1}
        times = min(len(places), WARM + self._as_many(self.bench.seconds))
        return pgbench.play(self.bench.servers, [self.script], times=times, variables=variables, warm=WARM)

    def _command(self) -> Measured:
        places, supply = self._places(), self.bench.supply

        def prepare(client: int) -> tuple[Callable[[int], Any], Iterable[int]]:
            by = self.firm.reps[client].actor()

            def act(number: int) -> None:
                if not advancing.advance(number, self.to, by=by, expected=1).passed:
                    raise RuntimeError(f"deal {number} was not ready")

            return act, (supply.number(client, place) for place in places)

        return together(prepare, self.bench.seconds)

    def _bare(self, port: int) -> Measured:
        places, supply = self._places(), self.bench.supply

        def requests(client: int) -> Iterable[bytes]:
            person = self.firm.reps[client].person
            return (request("POST", f"/{supply.number(client, place)}/{person}") for place in places)

        return self.bench.over_http(requests, 201, port=port)

    def _http(self) -> Measured:
        places, supply = self._places(), self.bench.supply
        tokens = [self.bench.token(rep.person) for rep in self.firm.reps]
        body = json.dumps({"to": self.to}).encode()

        def requests(client: int) -> Iterable[bytes]:
            head = {"Authorization": tokens[client], "If_Match": '"1"'}
            for place in places:
                ref = ref_of(supply.number(client, place))
                yield request("POST", f"/api/v1/deals/{ref}/advances/", body, **head)

        return self.bench.over_http(requests, 201)
