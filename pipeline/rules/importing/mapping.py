"""A map: what a person decided that words and columns of a file mean. Exact words only; the claim keeps the old one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import yaml

from pipeline.rules.importing import fields
from pipeline.rules.importing.faults import FILE_REFUSED, RowFault, shown, unreadable
from pipeline.rules.importing.near import Near
from pipeline.rules.importing.reading import ENCODINGS

MOST_BYTES = 256 * 1024
DEFAULT_SOURCE = "crm"
# Key of the map → the fields whose values it replaces.
VALUES = {
    "product": ("product",),
    "account": ("account", "subsidiary_of"),
    "sector": ("sector",),
    "stage": ("deal_stage",),
    "agent": ("sales_agent",),
    "manager": ("manager",),
    "office": ("regional_office",),
    "country": ("office_location",),
}
KEYS = (*VALUES, "columns", "encoding", "source")
KEY_OF = {name: key for key, names in VALUES.items() for name in names}


@dataclass(frozen=True, slots=True)
class ValueMap:
    """`words`: field → what is written → what is meant. `source` names the system whose ids the file carries."""

    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    source: str = DEFAULT_SOURCE
    sha256: str = ""

    def apply(self, cells: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """The cells with mapped values replaced, and the replaced ones as they were written. Applying it to the
        result again may map once more only if the map itself chains words; a value is looked up once."""
        meant, written = dict(cells), {}
        for name, words in self.words.items():
            value = meant.get(name)
            if value is not None and value in words and words[value] != value:
                meant[name] = words[value]
                written[name] = value
        return meant, written


NOTHING = ValueMap()


def load(file: str, data: bytes) -> ValueMap:
    """Reads a map. Raises Problem "unreadable-file" with every fault at once."""
    faults: list[RowFault] = []

    def fault(column: str, what: str, remedy: str, suggestion: str = "", line: int = 0) -> None:
        faults.append(RowFault(line, column, "", "IMPORT-MAP-1", what, remedy, suggestion, FILE_REFUSED, file))

    said = _yaml(data, fault)
    keys = Near(KEYS)
    for key in said:
        if key not in KEYS:
            near = keys.to(str(key))
            fault(shown(str(key)), f"“{shown(str(key))}” is no key of a map.", f"Use one of: {', '.join(KEYS)}.", near)
    words: dict[str, dict[str, str]] = {}
    for key, names in VALUES.items():
        for name in names:
            words[name] = _words(said.get(key), key, fault)
    columns = _words(said.get("columns"), "columns", fault)
    for name in sorted(set(columns.values()) - fields.EVERY):
        near = Near(fields.EVERY).to(name)
        fault("columns", f"“{shown(name)}” is no field of an import.", f"Use: {', '.join(sorted(fields.EVERY))}.", near)
    encoding, source = said.get("encoding") or "", said.get("source") or DEFAULT_SOURCE
    if encoding and encoding not in ENCODINGS:
        fault("encoding", f"Encoding “{shown(str(encoding))}” is not read.", f"Use one of: {', '.join(ENCODINGS)}.")
    if not isinstance(source, str) or not 1 <= len(source) <= 100 or not source.isprintable():
        fault("source", "A source is a name of 1 to 100 characters.", "Write it as source: salesforce.")
    if faults:
        raise unreadable(faults)
    return ValueMap(words, columns, encoding, source, sha256(data).hexdigest())


def proposal(suggestions: Mapping[str, Mapping[str, str]]) -> str:
    """A map of suggestions, for a person to read, shorten and accept."""
    head = (
        "# Suggested by the import; nothing of it is applied until a person gives this file as the map.\n"
        "# Delete the lines that do not say what is meant; add it to the map you have, if you gave one.\n"
    )
    said = {key: dict(sorted(words.items())) for key, words in sorted(suggestions.items()) if words}
    return head + yaml.safe_dump(said, allow_unicode=True, sort_keys=False)


def extended(said: ValueMap, accepted: Mapping[str, Mapping[str, str]]) -> str:
    """The YAML of a map with more words in it; an accepted word wins."""
    document: dict[str, Any] = {"source": said.source}
    if said.encoding:
        document["encoding"] = said.encoding
    columns = {**said.columns, **accepted.get("columns", {})}
    words = {key: {**said.words.get(names[0], {}), **accepted.get(key, {})} for key, names in VALUES.items()}
    document |= {key: meant for key, meant in {"columns": columns, **words}.items() if meant}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def _yaml(data: bytes, fault: Any) -> Mapping[Any, Any]:
    if len(data) > MOST_BYTES:
        fault("", f"The map has {len(data):,} bytes; {MOST_BYTES:,} are the most.", "Shorten it.")
        return {}
    try:
        # Every scalar is text: a product called 500, No or 2017-01-01 stays what was written.
        said = yaml.load(data.decode("utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506  # builds text, lists, mappings
    except UnicodeDecodeError:
        fault("", "The map is not UTF-8.", "Save it as UTF-8.")
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        what = f"The map is no YAML: {getattr(error, 'problem', None) or 'it nests too deep'}."
        fault("", what, "Mend it at the line named.", "", mark.line + 1 if mark else 0)
    else:
        if isinstance(said, Mapping):
            return said
        if said not in (None, ""):
            fault("", "A map has keys and values.", "Write it as product: {GTXPro: GTX Pro}.")
    return {}


def _words(said: Any, key: str, fault: Any) -> dict[str, str]:
    if said in (None, ""):
        return {}
    if not isinstance(said, Mapping) or not all(
        isinstance(old, str) and isinstance(new, str) for old, new in said.items()
    ):
        fault(key, f"“{key}” maps one word to another.", f"Write it as {key}: {{as written: as meant}}.")
        return {}
    return dict(said)
