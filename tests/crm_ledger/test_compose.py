"""docker-compose.yml says the same as the code: names of variables, modules, roles; and nothing floats."""

import importlib.util
import re
from typing import Any

import pytest
import yaml

from crm_ledger.local import environment, provision
from tests.databases import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "courier", "beat"]
# Read by a library, not by us.
_THEIRS = {"PROMETHEUS_MULTIPROC_DIR"}


def _known_variables() -> set[str]:
    found = set()
    for file in (ROOT / "crm_ledger").rglob("*.py"):
        found.update(re.findall(r'env_\w+\(\s*"([A-Z0-9_]+)"', file.read_text()))
        found.update(re.findall(r'\("(DATABASE_[A-Z_]+)", "(?:DATABASE_[A-Z_]+)"', file.read_text()))
    found.add("DATABASE_ADMIN_URL")
    return found | _THEIRS


def test_the_parts_are_there() -> None:
    assert set(SERVICES) == {"postgres", "redis", *OURS}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_one_that_the_code_reads(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= _known_variables()


@pytest.mark.parametrize("name", OURS)
def test_secrets_come_from_outside(name: str) -> None:
    for variable, value in SERVICES[name]["environment"].items():
        if re.search("KEY|PASSWORD|URL", variable):
            assert "${" in value, variable


@pytest.mark.parametrize("name", ["web", "worker", "courier", "beat"])
def test_only_migrate_knows_the_owner(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert not {"DATABASE_OWNER_URL", "DATABASE_ADMIN_URL"} & set(environment)
    assert environment["DATABASE_URL"].startswith(f"postgresql://{provision.APP}:")
    assert environment["DEBUG"] == environment["DEMO"] == "0"


def test_the_migrating_role() -> None:
    assert SERVICES["migrate"]["environment"]["DATABASE_OWNER_URL"].startswith(f"postgresql://{provision.MIGRATE}:")


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_images_are_pinned(name: str) -> None:
    assert re.fullmatch(rf"{name}:\d+\.\d+(\.\d+)?", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_health_is_checked(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    assert check.get("test") or (name == "migrate" and check == {"disable": True})


@pytest.mark.parametrize("name", OURS)
def test_the_modules_named_exist(name: str) -> None:
    for module in re.findall(r"crm_ledger(?:\.\w+)*", SERVICES[name]["command"]):
        assert importlib.util.find_spec(module), module


def test_the_web_cannot_read_the_key_of_the_heads() -> None:
    """Nor is it told of it by `make run`. The key of receipts is another one, and the web holds it."""
    for name in ("web", "beat", "migrate"):
        assert "LEDGER_SIGNING_KEY_FILE" not in SERVICES[name]["environment"]
        assert not [volume for volume in SERVICES[name].get("volumes", []) if volume.startswith("signing:")]
    assert "LEDGER_SIGNING_KEY_FILE" in environment._KEPT_BACK
    assert SERVICES["web"]["environment"]["RECEIPT_KEY_FILE"] == SERVICES["worker"]["environment"]["RECEIPT_KEY_FILE"]
    for name in ("web", "worker"):
        assert "receipts:/data/receipts" in SERVICES[name]["volumes"]
