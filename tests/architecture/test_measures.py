"""A number is computed in one place: a query that a measure of the table leads to."""

import ast
import re

from reporting.queries.measures import MEASURES
from tests.architecture.walker import APPS
from tests.databases import ROOT

MOUTHS = ("web", "api", "exports", "commands", "tasks", "admin")
# Those that check, attack or time the record, and show their sums to nobody as a number of the company.
WATCHERS = ("crm_ledger.verify.", "crm_ledger.tamper.", "crm_ledger.bench.")
# What the book of revenue holds for one deal, which its own next postings are counted from; and what a reconciliation
# compares deal by deal, of which an entry says what came out.
WRITERS = {"reporting.queries.revenue", "reporting.queries.three_way"}
# What the pools of capacity had given at a moment: they belong to governance, whose gate reads the same pools.
POOLS = "governance.queries.capacity"
SUM_OF_POSTINGS = re.compile(r"\bsum\s*\(", re.IGNORECASE)
POSTINGS = re.compile(r"\bledger_(posting|total|balance_parts)\b")


def sources():
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path.read_text()


def imported(text):
    """Every module that a text may import, functions counted with their module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def adds_up(name, text):
    """Whether a module computes a number from postings."""
    if name == "ledger.queries.balances" or name.startswith(WATCHERS) or name in WRITERS:
        return False
    asks = "ledger.queries.balances" in imported(text)
    return asks or bool(POSTINGS.search(text) and SUM_OF_POSTINGS.search(text))


def reached():
    """Modules that the measures lead to."""
    texts = dict(sources())
    waiting = ["reporting.queries.measures"]
    found = set()
    while waiting:
        name = waiting.pop()
        if name in texts and (name.startswith("reporting.queries.") or name == POOLS) and name not in found:
            found.add(name)
            waiting += imported(texts[name])
    return found


def test_only_queries_of_reporting_add_up_postings():
    homes = ("reporting.queries.", POOLS)
    assert [name for name, text in sources() if adds_up(name, text) and not name.startswith(homes)] == []


def test_every_query_that_adds_up_postings_is_one_of_a_measure():
    numbers = {name for name, text in sources() if adds_up(name, text)}
    assert "reporting.queries.booked" in numbers
    assert numbers - reached() == set()


def test_no_page_call_or_file_asks_the_database_itself():
    """What a mouth shows it was given."""
    asking = [
        name
        for name, text in sources()
        if name.startswith("reporting.") and name.split(".")[1] in MOUTHS
        and ("django.db.connection" in imported(text) or POSTINGS.search(text))
    ]  # fmt: skip
    assert asking == []


def test_a_second_way_to_a_number_is_found():
    page = "from ledger.queries import balances\n"
    assert adds_up("pipeline.web.figures", page)
    assert adds_up("governance.queries.totals", "SQL = 'SELECT sum(amount) FROM ledger_posting'")
    assert not adds_up("governance.queries.totals", "SQL = 'SELECT amount FROM ledger_posting'")


def test_the_table_says_of_each_number_what_it_is():
    assert len(MEASURES) >= 9
    for name, measure in MEASURES.items():
        assert name == measure.name and re.fullmatch(r"[a-z][a-z-]+", name)
        assert measure.title and measure.definition.endswith(".") and measure.decision.endswith(".")
        assert measure.owner in ("sales", "operations", "finance", "marketing", "legal")
        assert measure.version is None or measure.version >= 1
        assert len(set(measure.ways)) == len(measure.ways) and measure.by_period == ("period" in measure.ways)
    definitions = [measure.definition for measure in MEASURES.values()]
    assert len(set(definitions)) == len(definitions)
