"""A record that nobody touched holds in all three verdicts."""

import json

import pytest
from django.core.management import call_command

from crm_ledger.verify.run import verify


def test_a_true_record_holds(lived):
    report = verify()
    assert report.ok, [str(one) for verdict in report.verdicts.values() for one in verdict.violations]
    assert report.tree_size == report.entries and report.unsealed == 0
    assert all(verdict.checked > 20 for verdict in report.verdicts.values())


def test_the_command_prints_the_agreed_shape(lived, capsys):
    with pytest.raises(SystemExit) as left:
        call_command("verify_ledger", "--json")
    said = json.loads(capsys.readouterr().out)
    assert left.value.code == 0
    assert set(said) >= {"integrity", "completeness", "lawfulness", "tree_size"}
    assert {"ok", "checked", "first"} <= set(said["integrity"])
    assert said["lawfulness"]["ok"] is True and said["lawfulness"]["first"] is None
