"""JSON as the record needs it: what is ambiguous or cannot be stored is refused, never guessed."""

import json
from typing import Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

_DEEPEST = 64
_LONGEST_INTEGER = 400


def loads(raw: bytes) -> Any:
    """The value, or ValueError with a sentence.

    Refused: invalid UTF-8, duplicate keys, NaN and Infinity, numbers beyond reason, NUL, lone surrogates, and
    nesting beyond 64.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("The body is not valid UTF-8.") from None
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
        _walk(value, 0)
    except json.JSONDecodeError as fault:
        raise ValueError(f"The body is not valid JSON: {fault}.") from None
    except RecursionError:  # no ValueError, so it would be a server error
        raise ValueError(f"The body is nested deeper than {_DEEPEST} levels.") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"The key {key!r} stands twice in one object.")
        found[key] = value
    return found


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_INTEGER:
        raise ValueError("A number is too large.")
    return int(digits)


def _constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number.")


def _walk(value: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _walk(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _walk(item, depth + 1)
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise ValueError("A number is too large.")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise ValueError("Text must not contain the NUL character.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("Text must not contain a lone surrogate.") from None


class StrictJSONParser(BaseParser):
    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return loads(stream.read())
        except ValueError as fault:
            raise ParseError(str(fault)) from None
