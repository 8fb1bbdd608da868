"""The benchmark itself: it runs, it says what it must, and its scripts are what the product sends."""

import json
import subprocess
import sys

import pytest

from crm_ledger.bench.clients import together
from crm_ledger.bench.report import percentile
from crm_ledger.bench.script import Script, Step
from tests.databases import ROOT


def test_percentile_is_a_sample():
    assert percentile([3.0, 1.0, 2.0], 0.95) == 3.0
    assert percentile(list(range(100)), 0.95) == 95


class Recorder:
    description = ()

    def __init__(self):
        self.sent = []

    def execute(self, sql):
        self.sent.append(sql)


def test_a_script_reads_the_same_for_pgbench_and_python():
    script = Script((Step("SELECT :deal, '{\"deal\": :deal}'::jsonb, 'at 12:30'"),), {"deal": ":client_id + 1"})
    assert script.for_pgbench() == (
        "\\set deal :client_id + 1\nSELECT :deal, '{\"deal\": :deal}'::jsonb, 'at 12:30';\n"
    )
    cursor = Recorder()
    script.play(cursor, {"deal": 7})
    assert cursor.sent == ["SELECT 7, '{\"deal\": 7}'::jsonb, 'at 12:30'"]


def test_a_client_that_fails_ends_the_others():
    def prepare(client):
        def act(piece):
            if (client, piece) == (1, 2):
                raise ValueError("refused")

        return act, range(100)

    with pytest.raises(RuntimeError, match="client 1: ValueError: refused"):
        together(prepare, seconds=1, clients=2)


@pytest.mark.slow
def test_a_tiny_run_says_every_line():
    done = subprocess.run(
        [sys.executable, "-m", "crm_ledger.bench", "--deals", "300", "--seconds", "0.2", "--only", "W2,W5,W6"],
        cwd=ROOT, capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(set(line) == {"name", "value", "unit", "ratio", "against"} for line in lines)
    values = {line["name"].partition(",")[0]: line["value"] for line in lines}
    assert {"advance", "W2 advance", "W5 import", "W6 as of", "memory of all web processes"} <= set(values)
    assert all(line["value"] > 0 for line in lines if line["name"] != "machine, idle before the run")
    assert all(line["against"] for line in lines if line["ratio"] is not None)


@pytest.mark.slow
def test_a_tiny_run_sweeps_and_computes_variance_again():
    done = subprocess.run(
        [sys.executable, "-m", "crm_ledger.bench", "--deals", "300", "--only", "O1,O2,O3"],
        cwd=ROOT, capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    said = {line["name"].partition(",")[2].split(",")[-1].strip(): line for line in lines if "O1" in line["name"]}
    assert {"by the clock", "alerts", "revenue", "Python", "PostgreSQL", "memory of a worker's process"} <= set(said)
    assert all(line["value"] > 0 for line in said.values())
    missed = int(next(line["name"] for line in lines if "O1" in line["name"]).split()[2])
    assert said["alerts"]["value"] == missed, "each miss opens an alert"
    assert {"O2 sweep with nothing due", "O3 variance again"} <= {line["name"].partition(",")[0] for line in lines}
