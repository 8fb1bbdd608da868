"""A stranger with the bundle, the public key and the verifier alone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from ledger.notify import checkpoints
from tests.crm_ledger.verify.conftest import SIGNER

VERIFIER = Path(__file__).resolve().parents[3] / "verify" / "verify_bundle.py"


@pytest.fixture
def bundle(lived, tmp_path, capsys):
    call_command("export_bundle", tmp_path / "bundle")
    return tmp_path / "bundle"


def stranger(folder, *words, key=SIGNER.key):
    """Outside the product: no variable of ours, no folder of ours."""
    command = [sys.executable, "-I", str(VERIFIER), str(folder), "--key", key.text(), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd="/", env={})


def entry_file(folder):
    return sorted(path for path in (folder / "entries").rglob("*") if path.is_file())[0]


def test_the_record_holds_for_a_stranger(bundle, outside):
    done = stranger(bundle, "--checkpoints", outside / "checkpoints" / checkpoints.FILE)
    assert done.returncode == 0, done.stdout + done.stderr
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_entry")
        assert f"{cursor.fetchone()[0]:,} entries hold" in done.stdout


def test_the_same_record_is_the_same_bytes(bundle, tmp_path, capsys):
    call_command("export_bundle", tmp_path / "again")
    names = sorted(path.relative_to(bundle) for path in bundle.rglob("*") if path.is_file())
    assert names == sorted(
        path.relative_to(tmp_path / "again") for path in (tmp_path / "again").rglob("*") if path.is_file()
    )
    assert all((bundle / name).read_bytes() == (tmp_path / "again" / name).read_bytes() for name in names)


def test_the_stranger_reproduces_booked_at_any_moment(bundle):
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT recorded_at FROM ledger_posting WHERE place = 'booked' ORDER BY 1")
        moments = [row[0] for row in cursor.fetchall()]
        for moment in moments:
            cursor.execute(
                "SELECT to_char(period, 'YYYY-MM'), unit, sum(amount), currency FROM ledger_posting"
                " WHERE book = 'bookings' AND place = 'booked' AND recorded_at <= %s GROUP BY 1, 2, 4 ORDER BY 1, 2",
                [moment],
            )
            expected = [f"booked {row[0]} {row[1]} {row[2]} minor units of {row[3]}" for row in cursor.fetchall()]
            said = stranger(bundle, "--booked-at", moment.isoformat()).stdout
            assert re.findall(r"^booked .*$", said, re.M) == expected
    assert len(moments) >= 3


def test_a_changed_byte_is_named(bundle):
    file = entry_file(bundle)
    data = bytearray(file.read_bytes())
    data[data.index(b'"channel":"shell"') + 12] ^= 1
    file.write_bytes(data)
    done = stranger(bundle)
    assert done.returncode == 1 and done.stdout.startswith("BROKEN"), done.stdout


def test_a_missing_tail_is_named(bundle):
    file = entry_file(bundle)
    data = file.read_bytes()
    first = 2 + int.from_bytes(data[:2], "big")
    file.write_bytes(data[:first])
    assert stranger(bundle).returncode == 1


def test_another_key_convinces_nobody(bundle):
    from ledger.rules.checkpoint import Signer

    done = stranger(bundle, key=Signer.from_seed("tests", bytes([9] * 32)).key)
    assert done.returncode == 1 and "signature" in done.stdout


def test_an_older_bundle_than_the_kept_heads_is_a_rollback(bundle, outside):
    lines = (bundle / "checkpoints.jsonl").read_text().splitlines(keepends=True)
    import json

    size = json.loads(lines[0])["size"]
    (bundle / "checkpoints.jsonl").write_text(lines[0])
    files = sorted(path for path in (bundle / "entries").rglob("*") if path.is_file())
    data, at = files[0].read_bytes(), 0
    for _ in range(size):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
    files[0].write_bytes(data[:at])
    for file in files[1:]:
        file.unlink()
    assert stranger(bundle).returncode == 0
    done = stranger(bundle, "--checkpoints", outside / "checkpoints" / checkpoints.FILE)
    assert done.returncode == 1 and "leaves, the bundle has" in done.stdout
