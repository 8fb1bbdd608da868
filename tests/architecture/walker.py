"""Finds every door into the product, and which commands each can reach, by reading the code behind it.

A door is an address, a management command, a task of the timetable, or a line of the reactions table. From its function
the walk follows every name into our own modules, down to functions of `commands/`: what it finds there is what the
door can do. Names put together at run time would escape it; `dispatch` is the one place where the product does that,
and its tables are doors of their own.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import URLPattern, get_resolver

APPS = ("crm_ledger", "reporting", "governance", "pipeline", "ledger")
METHODS = ("get", "post", "put", "patch", "delete")


def doors() -> Iterator[tuple[str, str]]:
    """(door, dotted name of the function behind it)."""
    yield from addresses()
    yield from management_commands()
    yield from tasks()
    yield from lines_of_reactions()


def addresses(patterns: Any = None, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """Ours only: what Django's admin and the accounts serve is named by test_admin_and_accounts_reach_no_deal."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from addresses(pattern.url_patterns, path)
            continue
        view: Any = pattern.callback
        view = getattr(view, "view_class", getattr(view, "cls", view))
        if not view.__module__.startswith(APPS):
            continue
        name = f"{view.__module__}.{view.__qualname__}"
        if inspect.isclass(view):
            yield from ((f"{verb.upper()} {path}", f"{name}.{verb}") for verb in METHODS if hasattr(view, verb))
        else:
            yield f"page {path}", name


def management_commands() -> Iterator[tuple[str, str]]:
    for app in APPS:
        folder = Path(importlib.import_module(app).__path__[0]) / "management" / "commands"
        for found in pkgutil.iter_modules([str(folder)]):
            yield f"manage.py {found.name}", f"{app}.management.commands.{found.name}.Command"


def tasks() -> Iterator[tuple[str, str]]:
    from crm_ledger.celery import app

    app.loader.import_default_modules()
    yield from ((f"task {name}", name) for name in app.tasks if name.startswith(APPS))


def lines_of_reactions() -> Iterator[tuple[str, str]]:
    from crm_ledger import reactions

    for kind, functions in reactions.REACTIONS.items():
        yield from ((f"reaction {kind}", f"{one.__module__}.{one.__qualname__}") for one in functions)
    for topic, one in reactions.HANDLERS.items():
        yield f"topic {topic}", f"{one.__module__}.{one.__qualname__}"


def reached(door: str) -> frozenset[str]:
    """Functions of `commands/` that the function of this name can come to, without the folder: `advancing.advance`."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [door]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        module, _, rest = _split(name)
        if not module:
            continue
        if ".commands." in module and ".management." not in module:
            if inspect.isfunction(getattr(importlib.import_module(module), rest.split(".")[0], None)):
                found.add(f"{module.split('.commands.')[1]}.{rest}")
            continue
        waiting += _mentions(module).get(rest, ())
    return frozenset(found)


def _split(name: str) -> tuple[str, str, str]:
    """The longest beginning of a dotted name that is one of our modules, and the rest."""
    parts = name.split(".")
    if parts[0] in APPS:
        for at in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:at])
            if _is_module(module):
                return module, ".", ".".join(parts[at:])
    return "", "", ""


@cache
def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@cache
def _mentions(module: str) -> dict[str, set[str]]:
    """Each function, method, class and constant of a module → the dotted names that it mentions."""
    file = importlib.import_module(module).__file__
    assert file
    tree = ast.parse(Path(file).read_text())
    package = module if file.endswith("__init__.py") else module.rpartition(".")[0]
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively: {package}"
            known |= {(one.asname or one.name): f"{node.module}.{one.name}" for one in node.names}
        elif isinstance(node, ast.Import):
            known |= {(one.asname or one.name.split(".")[0]): (one.asname and one.name) or one.name.split(".")[0]
                      for one in node.names}  # fmt: skip
    for node in tree.body:
        for name in _names(node):
            known.setdefault(name, f"{module}.{name}")
    said: dict[str, set[str]] = {}
    for node in tree.body:
        for name in _names(node):
            said.setdefault(name, set()).update(_dotted(node, known))
        if isinstance(node, ast.ClassDef):
            mine = known | {f"self.{one.name}": f"{module}.{node.name}.{one.name}"
                            for one in node.body if isinstance(one, ast.FunctionDef)}  # fmt: skip
            for one in node.body:
                if isinstance(one, ast.FunctionDef):
                    said[f"{node.name}.{one.name}"] = _dotted(one, mine)
            said[node.name] |= {
                f"{module}.{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)
            }
    return said


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _dotted(node: ast.AST, known: dict[str, str]) -> set[str]:
    found = set()
    for one in ast.walk(node):
        text = ast.unparse(one) if isinstance(one, (ast.Name, ast.Attribute)) else ""
        first, _, rest = text.partition(".")
        if text in known:
            found.add(known[text])
        elif first in known and rest:
            found.add(f"{known[first]}.{rest}")
    return found
