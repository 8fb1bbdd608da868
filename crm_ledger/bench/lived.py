"""What becomes of booked deals after the booking: who owes a delivery plans it anew, and its revenue moves.

Entries as the commands write them, judged by the same rules, many to a statement.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from crm_ledger.bench import stock
from crm_ledger.bench.firm import Firm
from crm_ledger.bench.report import say
from governance.rules import replanning
from ledger.commands.append import Draft, append_many, lock_many
from ledger.rules.chain import Chain
from pipeline.queries import calendars, deals, policies
from pipeline.rules.calendar import Calendar
from reporting.commands import revenue
from reporting.queries import revenue as query

KEY = "delivered"  # the milestone that revenue hangs on
NOTE = "The site is not ready"
_POSTINGS = "SELECT count(*) FROM ledger_posting"
# Two of three booked deals in each round, other ones each time.
_CHOSEN = """
SELECT d.unit, d.deal_id FROM pipeline_dealstate d JOIN reporting_revenue r ON r.deal_id = d.deal_id
JOIN ledger_standing s ON s.stream = d.stream AND s.key = %(key)s AND s.status = 'planned'
WHERE d.place = 'booked' AND mod(hashint8extended(d.deal_id, %(round)s), 3) <> 0
ORDER BY hashint8extended(d.deal_id, %(round)s)
"""
_LATER, _SOONER = (5, 60), (3, 20)  # days; every fifth plan that was late before comes sooner again
_MOST_ROUNDS = 12


def replan_until(firm: Firm, postings: int) -> None:
    """Moves deliveries of booked deals until the record holds so many postings."""
    held = before = _postings()
    for turn in range(_MOST_ROUNDS):
        waiting = _chosen(turn)
        while held < postings and waiting:
            # Too few rather than too many: what is missing then is another, shorter turn.
            many = max((postings - held) // 12, 2 * stock.BATCH)
            batches = _batches(waiting[:many])
            stock.in_processes([_Plans(firm, unit, tuple(numbers), turn) for unit, numbers in batches])
            waiting, held = waiting[many:], _postings()
        if held >= postings:
            say(f"{held:,} postings, {held - before:,} of them by plans of deliveries that moved")
            return
    raise RuntimeError(f"{postings:,} postings are more than {_MOST_ROUNDS} rounds of plans make: {held:,}")


def _postings() -> int:
    with connection.cursor() as cursor:
        cursor.execute(_POSTINGS)
        found: int = cursor.fetchone()[0]
    return found


def _chosen(turn: int) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN, {"key": KEY, "round": turn})
        return cursor.fetchall()


def _batches(rows: Sequence[tuple[str, int]]) -> list[tuple[str, list[int]]]:
    """Runs of deals of one unit, whose operations move their plans; units take turns, so each has its process."""
    by_unit: dict[str, list[int]] = {}
    for unit, number in rows:
        by_unit.setdefault(unit, []).append(number)
    runs = [
        (at, unit, numbers[at : at + stock.BATCH])
        for unit, numbers in sorted(by_unit.items())
        for at in range(0, len(numbers), stock.BATCH)
    ]
    return [(unit, numbers) for _, unit, numbers in sorted(runs, key=lambda run: run[:2])]


@dataclass(frozen=True, slots=True)
class _Plans:
    firm: Firm
    unit: str
    numbers: tuple[int, ...]
    turn: int

    def run(self) -> None:
        by, calendar = self.firm.by("ops", self.unit), calendars.of_unit(self.unit)
        chance = random.Random(f"{self.turn}/{self.numbers[0]}")
        with transaction.atomic():
            chains = lock_many([f"deal/{number}" for number in self.numbers])
            found = deals.read(self.numbers)
            append_many([(one, [_moved(found[_number(one)], one, calendar, chance)]) for one in chains], by=by)
            self._restate(chains)

    def _restate(self, chains: Sequence[Chain]) -> None:
        """As `revenue.restate` does for one deal, after what was just written."""
        found, known, batch = deals.read(self.numbers), query.known(self.numbers), []
        for chain in chains:
            number = _number(chain)
            policy = policies.version(found[number].view.policy_version)
            plan = revenue.plan_of(policy, found[number], known[number], chain, self.firm.company, {})
            today = revenue.day_of(chain, self.firm.company)
            batch.append((chain, revenue.drafts("variance.recorded", {}, number, today, plan, known[number],
                                                "replanned", self.firm.company, policy.version)))  # fmt: skip
        append_many(batch, by=self.firm.by("ops", self.unit))


def _moved(deal: deals.Deal, chain: Chain, calendar: Calendar, chance: random.Random) -> Draft:
    standing = deal.standings[KEY]
    assert standing.due_at is not None and standing.first_due_at is not None
    today, first = calendar.day_of(chain.now), calendar.day_of(standing.first_due_at)
    day = _day(calendar.day_of(standing.due_at), first, today, chance)
    due: datetime = calendar.end_of_work(day)
    faults = replanning.faults(day, NOTE, standing.due_at, due, today, first)
    if faults:
        raise RuntimeError(f"the bench plans what the rules refuse: {faults}")
    said = {"key": KEY, "requirement": "milestone", "function": standing.function, "due": due, "was": standing.due_at}
    return Draft("milestone.replanned", said, private={"note": NOTE}, policy=deal.view.policy_version)


def _day(planned: date, first: date, today: date, chance: random.Random) -> date:
    """The day that a delivery is planned for instead of `planned`; `first` is that of its first plan."""
    if planned > first and not chance.randrange(5):
        sooner = planned - timedelta(days=chance.randint(*_SOONER))
        if sooner > today:
            return sooner
    later = max(planned, today) + timedelta(days=chance.randint(*_LATER))
    farthest = max(today, first) + replanning.FARTHEST
    return later if later <= farthest else planned - timedelta(days=chance.randint(*_SOONER))


def _number(chain: Chain) -> int:
    return int(chain.stream.split("/")[1])
