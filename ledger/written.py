"""What the migrations say that the database should hold: the text of functions, the bodies of views."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from django.apps import apps

_COMMENT = re.compile(r"--[^\n]*")
_VIEW = re.compile(r"CREATE (?:OR REPLACE )?VIEW (?:public\.)?([\w.]+) AS\b([^;]*);")


def sql() -> str:
    """Every file in migrations/sql of every app, of every version of the schema."""
    folders = [Path(app.path) / "migrations" / "sql" for app in apps.get_app_configs()]
    return "\n".join(file.read_text() for folder in folders for file in sorted(folder.glob("*.sql")))


def views(text: str) -> dict[str, list[str]]:
    """Name, with its schema unless that is public → the bodies it was given by one migration or another."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, body in _VIEW.findall(_COMMENT.sub("", text)):
        found[name].append(body.strip())
    return found
