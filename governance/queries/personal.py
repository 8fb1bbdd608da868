"""Finds a person in every table: each column that can hold text is asked, also those of tables made tomorrow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from django.apps import apps
from django.db import connection

from governance.rules.personal import BY_NAME, NOT_PERSONAL

_TYPES = ("text", "character varying", "jsonb", "json", "character", "ARRAY")


class Table(NamedTuple):
    """A table with its key and the columns that can hold text."""

    name: str
    key: str
    columns: tuple[str, ...]


@cache
def tables() -> tuple[Table, ...]:
    """Tables of installed models, except those that are looked after by name and those that hold no person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = ANY (%s) GROUP BY table_name ORDER BY table_name",
            [list(_TYPES)],
        )
        columns = {name: tuple(found) for name, found in cursor.fetchall()}
    found = []
    for model in apps.get_models(include_auto_created=True):
        name = model._meta.db_table
        if name not in columns or name in BY_NAME | NOT_PERSONAL or model._meta.proxy:
            continue
        field = model._meta.pk
        key = field.column or "ctid"  # a key of several columns: the row is named by its place, within this act
        found.append(Table(name, key, columns[name]))
    return tuple({table.name: table for table in found}.values())


def rows(patterns: Sequence[str]) -> list[str]:
    """`table/key` of every row that holds one of these patterns of LIKE, whatever the case."""
    found = []
    for table in tables():
        said = " || E'\\n' || ".join(f"coalesce(\"{column}\"::text, '')" for column in table.columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT "{table.key}"::text FROM "{table.name}" WHERE {said} ILIKE ANY (%s) ORDER BY 1',
                [list(patterns)],
            )
            found += [f"{table.name}/{row[0]}" for row in cursor.fetchall()]
    return found


def evidence(patterns: Sequence[str]) -> list[int]:
    """Evidence whose name or value holds one of these patterns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM governance_evidence WHERE name || E'\\n' || value ILIKE ANY (%s) ORDER BY id",
            [list(patterns)],
        )
        return [row[0] for row in cursor.fetchall()]


def with_copies(numbers: Sequence[int]) -> list[int]:
    """These pieces, and every other one that is the same file: bytes with a person in them are so everywhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM governance_evidence WHERE id = ANY (%(ids)s) OR kind = 'file' AND sha256 IN"
            " (SELECT sha256 FROM governance_evidence WHERE id = ANY (%(ids)s) AND kind = 'file') ORDER BY id",
            {"ids": list(numbers)},
        )
        return [row[0] for row in cursor.fetchall()]


def files() -> list[tuple[int, str]]:
    """(evidence, SHA-256) of every file that no erasure took."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, sha256 FROM governance_evidence WHERE kind = 'file' AND name <> '' ORDER BY id")
        return [(number, digest) for number, digest in cursor.fetchall()]


def people(patterns: Sequence[str]) -> list[str]:
    """People and contacts who still have such a name or address: each is a subject of their own."""
    found = []
    for table in ("pipeline_person", "pipeline_contact"):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM {table} WHERE name || E'\\n' || coalesce(email, '') ILIKE ANY (%s) ORDER BY id",
                [list(patterns)],
            )
            found += [f"{table}/{row[0]}" for row in cursor.fetchall()]
    return found
