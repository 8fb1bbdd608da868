"""What a linter of imports cannot see, and that the linter itself is content."""

import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

from crm_ledger import reactions
from tests.architecture import walker
from tests.databases import ROOT

ORDER = ("ledger", "pipeline", "governance", "reporting", "crm_ledger")


def ours():
    return [model for model in apps.get_models() if model._meta.app_config.name in ORDER]


def test_foreign_keys_point_down():
    """Also those written as strings."""
    up = []
    for model in ours():
        here = ORDER.index(model._meta.app_config.name)
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model:
                there = field.related_model._meta.app_config.name
                if there in ORDER and ORDER.index(there) > here:
                    up.append(f"{model._meta.label}.{field.name} → {field.related_model._meta.label}")
    assert up == []
    assert any(field.is_relation and field.concrete for model in ours() for field in model._meta.get_fields())


def test_no_foreign_key_into_the_record():
    """History must never be able to cascade."""
    into = [field for model in apps.get_models() for field in model._meta.get_fields()
            if field.is_relation and field.concrete and field.related_model
            and field.related_model._meta.app_label == "ledger"]  # fmt: skip
    assert into == []


def test_imports_point_down():
    run = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-3000:]


def test_reactions_resolve_and_lead_nowhere_but_down():
    """Read from the code: every kind that a reaction's module writes. What follows from it is followed no further."""
    from ledger.rules.kinds import KINDS

    assert set(reactions.REACTIONS) | set(reactions.AFTER_COMMIT) <= set(KINDS)
    topics = {topic for topics in reactions.AFTER_COMMIT.values() for topic in topics}
    assert topics == set(reactions.HANDLERS)
    follows: dict[str, set[str]] = {}
    for kind, functions in reactions.REACTIONS.items():
        for one in functions:
            reached = {name.rsplit(".", 1)[0] for name in walker.reached(f"{one.__module__}.{one.__qualname__}")}
            written = set()
            for name in reached:
                file = next(ROOT.glob(f"*/commands/{name.replace('.', '/')}.py"))
                written |= {kind for kind in KINDS if f'"{kind}"' in file.read_text()}
            assert written
            follows.setdefault(kind, set()).update(written & set(reactions.REACTIONS))
    second = set().union(*follows.values())
    assert {kind: follows[kind] for kind in second if follows[kind]} == {}


def sources():
    for app in ORDER:
        for file in (ROOT / app).rglob("*"):
            if file.suffix in (".py", ".sql") and "static" not in file.parts and file.name != "__init__.py":
                yield file


def test_rooms_stay_small():
    lengths = {file.relative_to(ROOT): len(file.read_text().splitlines()) for file in sources()}
    assert len(lengths) > 100
    assert {str(file): length for file, length in lengths.items() if length >= 400} == {}
    assert statistics.median(lengths.values()) < 70


def test_no_room_is_called_misc():
    assert [str(file) for file in sources() if file.stem in ("utils", "helpers", "misc", "common", "manager")] == []


# A connection that each thread keeps says nothing about who acts or when.
KEPT = {"ledger/api/throttling.py": "threading.local"}


@pytest.mark.parametrize("word", ["receiver(", "post_save", "pre_save", "threading.local"])
def test_nothing_acts_in_secret(word):
    found = {str(file.relative_to(ROOT)) for file in sources() if file.suffix == ".py" and word in file.read_text()}
    assert found - {file for file, kept in KEPT.items() if kept == word} == set()
