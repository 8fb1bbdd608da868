"""The files of one import, read before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

from ledger.rules.problems import Fault, bad_input
from pipeline.rules.importing import columns, fields, mapping, reading
from pipeline.rules.importing.columns import Columns
from pipeline.rules.importing.mapping import ValueMap
from pipeline.rules.importing.reading import MOST_BYTES, MOST_ROWS, Sheet

POSTED = ("file", "accounts", "products", "teams", "map")
MOST_ROWS_ONLINE = 20_000  # about ten seconds; the command takes more


@dataclass(frozen=True, slots=True)
class Upload:
    """A file by name, as it came in."""

    name: str
    data: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Files:
    """The deals, and what may come with them."""

    deals: Upload
    accounts: Upload | None = None
    products: Upload | None = None
    teams: Upload | None = None
    map: Upload | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose columns are found."""

    sheet: Sheet
    columns: Columns


@dataclass(frozen=True, slots=True)
class Contents:
    """What the files hold. `tables` has `deals`, and `accounts`, `products`, `teams` where they were given."""

    map: ValueMap
    tables: Mapping[str, Table]


_FIELDS = {
    "deals": (fields.DEALS, ()),
    "accounts": (fields.ACCOUNTS, fields.ACCOUNTS_MORE),
    "products": (fields.PRODUCTS, fields.PRODUCTS_MORE),
    "teams": (fields.TEAMS, ()),
}
# Columns of the reference input that are no fields of ours; saying so of each would hide what matters.
_KNOWN_SPARE = frozenset({"year_established", "revenue", "employees"})


def read(files: Files, *, most_rows: int = MOST_ROWS) -> Contents:
    """Reads every file. Raises Problem "unreadable-file" for the first that cannot be read as a whole."""
    said = mapping.load(files.map.name, files.map.data) if files.map else mapping.NOTHING
    tables = {}
    for name, (needed, more) in _FIELDS.items():
        upload: Upload | None = getattr(files, name)
        if upload is None:
            continue
        theirs = {old for old, new in said.columns.items() if new in (*needed, *more)}
        expected = {*needed, *more, *theirs}
        sheet = reading.sheet(upload.name, upload.data, expected, encoding=said.encoding, most_rows=most_rows)
        found = columns.find(sheet, needed, more, said.columns)
        unread = tuple(fault for fault in found.faults if fault.column not in _KNOWN_SPARE)
        tables[name] = Table(sheet, Columns(found.places, found.wide, unread, upload.name))
    return Contents(said, tables)


class Posted(Protocol):
    """A file of a form, as frameworks hand it over."""

    name: str | None
    size: int | None

    def read(self, size: int = -1, /) -> bytes: ...


def posted(given: Mapping[str, Any]) -> Files:
    """The files of a form: `file`, and `accounts`, `products`, `teams`, `map` where they were chosen."""
    found = {"deals" if name == "file" else name: _upload(given[name]) for name in POSTED if given.get(name)}
    if "deals" not in found:
        raise bad_input([Fault("/file", "IMPORT-FILE-1", "Choose the file of deals.")], "There is no file")
    return Files(**found)


def _upload(one: Posted) -> Upload:
    return Upload((one.name or "file")[-200:], one.read(MOST_BYTES + 1))
