"""Keys and publication, as the worker runs them."""

import json
import stat

import pytest

from ledger.commands import keys, publish, receipt_keys, sealing
from ledger.notify import checkpoints, key_file, receipt_key
from ledger.queries import keys as known
from ledger.queries import tree
from ledger.rules import checkpoint
from tests.ledger.sealing.writing import entry, insert


@pytest.fixture
def house(sealer, committed_db, settings, tmp_path, monkeypatch):
    settings.LEDGER_SIGNING_KEY_FILE = str(tmp_path / "secrets" / "signing_key")
    settings.LEDGER_ORIGIN = "tests"
    settings.CHECKPOINT_DIR = tmp_path / "checkpoints"
    monkeypatch.setattr(sealing, "is_set", lambda: True)
    return tmp_path


def one_more(database, name):
    with database.app() as app:
        insert(app, entry(f"import/{name}"))
        app.commit()


def rounds(name, database):
    """Until this entry is under a head that has left the house."""
    one_more(database, name)
    before = tree.head().size if tree.head() else 0
    for _ in range(500):
        sealing.run()
        if tree.head() and tree.head().size > before:
            return checkpoint.parse(tree.head().note)
    raise AssertionError("nothing was sealed")


def test_a_key_is_made_once_for_its_owner_alone(house):
    file = house / "secrets" / "signing_key"
    key_file.make(file)
    first = key_file.read(file, "tests")
    key_file.make(file)
    assert key_file.read(file, "tests")[0].key == first[0].key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_rotation_overlaps_and_both_keys_are_on_the_record(house, committed_db):
    file = house / "secrets" / "signing_key"
    old = sealing.signers()[0].key
    assert rounds("one key", committed_db).signed_by([old])
    keys.rotate(file)
    new = sealing.signers()[0].key
    assert new != old and {new, old} == {signer.key for signer in sealing.signers()}
    both = rounds("two keys", committed_db)
    assert both.signed_by([old]) and both.signed_by([new])
    keys.retire(file)
    after = rounds("new key alone", committed_db)
    assert after.signed_by([new]) and not after.signed_by([old])
    assert new in known.announced() and old not in known.announced() and old in known.announced(retired=True)
    pinned = (house / "checkpoints" / checkpoints.KEYS).read_text().split("\n")
    assert {old.text(), new.text()} <= set(pinned)


def test_each_head_is_published_once_and_in_order(house, committed_db):
    for number in range(3):
        rounds(f"published {number}", committed_db)
    lines = [json.loads(line) for line in (house / "checkpoints" / checkpoints.FILE).read_text().splitlines()]
    sizes = [line["size"] for line in lines]
    assert sizes == sorted(set(sizes)) and sizes[-1] == tree.head().size
    assert checkpoint.parse(lines[-1]["note"]).root == tree.head().root
    assert publish.publish() == {"file": 0}


def test_a_channel_that_fails_keeps_its_place(house, committed_db, settings):
    settings.CHECKPOINT_WEBHOOK_URL = "http://127.0.0.1:9/nobody-listens"
    rounds("unheard", committed_db)
    assert publish.publish() == {"file": 0, "webhook": 0}


def test_mail_tells_the_newest_head_only(house, committed_db, settings, mailoutbox):
    settings.CHECKPOINT_MAIL = ["auditor@test.example"]
    rounds("mailed", committed_db)
    rounds("not mailed", committed_db)
    assert len(mailoutbox) == 1
    assert checkpoint.parse(mailoutbox[0].body).origin == "tests"


def test_a_lost_key_is_replaced_and_old_heads_still_verify(house, committed_db):
    file = house / "secrets" / "signing_key"
    before = rounds("before the loss", committed_db)
    old = sealing.signers()[0].key
    file.unlink()
    after = rounds("after the loss", committed_db)
    new = sealing.signers()[0].key
    assert new != old and after.signed_by([new]) and not after.signed_by([old])
    assert before.signed_by(known.announced(retired=True)) == (old,)
    assert new in known.announced() and old not in known.announced()


def test_a_key_of_receipts_counts_for_no_head(house, committed_db, settings):
    settings.RECEIPT_KEY_FILE = str(house / "receipts" / "key")
    receipt_keys.announce()
    key = receipt_key.signers()[0].key
    assert key in known.announced(known.RECEIPTS) and key not in known.announced(retired=True)
