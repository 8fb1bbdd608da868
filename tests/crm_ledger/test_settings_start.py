"""The switches of the product that must never be combined."""

import os
import subprocess
import sys

import pytest

from tests.databases import ROOT


def _start(**variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "crm_ledger.settings", **variables}
    command = [
        sys.executable,
        "-c",
        "from django.conf import settings; print(settings.DEMO, settings.DEBUG, settings.SESSION_COOKIE_NAME)",
    ]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DEBUG": "0", "DEMO": "1", "SECRET_KEY": "x"}, "set DEMO=0, or DEBUG=1"),
        ({"DEBUG": "0"}, "SECRET_KEY is missing"),
        ({"DEBUG": "0", "DJANGO_DEBUG": "1", "SECRET_KEY": "x"}, "unset DJANGO_DEBUG"),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'; set it to 1 or 0"),
        ({"DEBUG": "1", "DATABASE_URL": "sqlite:///x"}, "DATABASE_URL is no address"),
    ],
)
def test_refused_with_one_sentence(variables: dict[str, str], sentence: str) -> None:
    result = _start(**variables)
    assert result.returncode == 1
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_demo_runs_without_djangos_debug() -> None:
    # Django's own DEBUG keeps every statement in memory; a demo that runs for days must not grow.
    assert _start(DEBUG="1").stdout == "True False crm_ledger_session\n"


def test_production_has_no_demo() -> None:
    assert _start(SECRET_KEY="x").stdout == "False False __Host-crm_ledger_session\n"
