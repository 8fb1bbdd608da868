"""Completeness: what the record derives (state.py), held against every table, both ways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crm_ledger.verify import state
from crm_ledger.verify.fold import Stream
from crm_ledger.verify.reading import Reader
from crm_ledger.verify.state import Difference, Table
from ledger.rules.replay import Entry
from pipeline.rules.replay import Organisation

# A milestone is a row of the application; without a standing nothing in the record speaks of it.
_MILESTONES = (
    "SELECT m.stream || ' ' || m.key FROM governance_milestone m WHERE NOT EXISTS (SELECT FROM ledger_standing s"
    " WHERE (s.stream, s.key) = (m.stream, m.key)) ORDER BY m.id LIMIT 1"
)


def of_entries(reader: Reader, entries: Iterable[Entry]) -> Iterator[tuple[Difference, Entry]]:
    """Lines of a chunk of entries. Found by deal and entry, the way that the index goes."""
    known = {entry.id: entry for entry in entries}
    for table in state.BY_ENTRY:
        assert table.of_entry is not None
        wanted = [row for entry in known.values() for row in table.of_entry(entry)]
        place = table.all.index("deal_id")
        deals = sorted({row[place] for row in wanted if row[place] is not None})
        loose = any(row[place] is None for row in wanted)
        numbers = sorted({row[0] for row in wanted})
        held = reader.ask(
            f"{table.select} WHERE (deal_id = ANY (%s) OR (%s AND deal_id IS NULL)) AND entry_id = ANY (%s)",
            [deals, loose, numbers],
        ) if wanted else []  # fmt: skip
        for found in state.differences(table, wanted, held):
            yield found, known[found.key[0]]


def of_streams(reader: Reader, done: list[Stream]) -> Iterator[tuple[Difference, Stream]]:
    """Heads, standings and states of streams that were read to their end."""
    if not done:
        return
    by_name = {stream.id: stream for stream in done}
    for table in state.BY_STREAM:
        assert table.of_stream is not None
        wanted = [row for stream in done for row in table.of_stream(stream)]
        held = reader.ask(f"{table.select} WHERE {table.stream} = ANY (%s)", [list(by_name)])
        place = table.key.index(table.stream)
        for found in state.differences(table, wanted, held):
            yield found, by_name[found.key[place]]


def of_record(reader: Reader, said: Organisation) -> Iterator[Difference]:
    """Seats, rates and policy versions: small tables, compared whole."""
    for table in state.BY_RECORD:
        assert table.of_record is not None
        yield from state.differences(table, table.of_record(said), reader.rows(table.select))


def orphans(reader: Reader) -> Iterator[Difference]:
    """Rows of a table although its stream, or its entry, has never been written."""
    for table in state.BY_STREAM + state.BY_ENTRY:
        link = f"e.stream = t.{table.stream}" if table.of_stream else "e.id = t.entry_id"
        key = ", ".join(f"t.{name}" for name in table.key)
        missing = f"NOT EXISTS (SELECT FROM ledger_entry e WHERE {link})"
        for row in reader.rows(f"SELECT {key} FROM {table.name} t WHERE {missing} ORDER BY {key}"):
            yield Difference(table, row, "row", None, "a row that no entry wrote")


def strays(reader: Reader) -> Iterator[Difference]:
    """Lines of an entry that speaks of no such deal: no chunk asks for them."""
    for table in state.BY_ENTRY:
        for row in reader.rows(
            f"SELECT {', '.join(f't.{name}' for name in table.all)} FROM {table.name} t JOIN ledger_entry e"
            " ON e.id = t.entry_id WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(coalesce("
            " convert_from(e.envelope, 'UTF8')::jsonb #> '{body,postings}', '[]')) AS line"
            " WHERE (line ->> 'deal')::bigint IS NOT DISTINCT FROM t.deal_id)"
        ):
            yield Difference(table, row[:1], "row", None, state.named(table, row[1:]))


def count(reader: Reader, table: Table) -> int:
    ((rows,),) = reader.ask(f"SELECT count(*) FROM {table.name}")
    number: int = rows
    return number


def milestones(reader: Reader) -> Iterator[str]:
    for (found,) in reader.ask(_MILESTONES):
        yield found
