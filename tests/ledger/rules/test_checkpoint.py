"""Signed notes: what is written is read again, and what nobody signed convinces nobody."""

import pytest

from ledger.rules import checkpoint
from ledger.rules.checkpoint import Checkpoint, Signer

OLD, NEW = Signer.from_seed("ledger.example", bytes(32)), Signer.from_seed("ledger.example", bytes([7] * 32))
ROOT = bytes(range(32))


def test_the_published_key_of_the_note_format():
    """The example key of golang.org/x/mod/sumdb/note."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert checkpoint.key_of(text).text() == text


def test_the_published_note_is_verified():
    """The example note of golang.org/x/mod/sumdb/note, whose text is no checkpoint: only its signature is read."""
    key = checkpoint.key_of("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    signature = checkpoint._signature(line)
    assert (signature.name, signature.key_id) == ("PeterNeumann", key.id)
    assert key.verifies(signature.signature, text)
    assert not key.verifies(signature.signature, text.replace("your", "my"))


def test_a_note_is_read_as_it_was_written():
    read = checkpoint.parse(checkpoint.signed("ledger.example/record", 12, ROOT, [OLD]))
    assert (read.origin, read.size, read.root) == ("ledger.example/record", 12, ROOT)
    assert read.signed_by([OLD.key]) == (OLD.key,)
    assert checkpoint.key_of(OLD.key.text()) == OLD.key


def test_two_keys_sign_during_a_rotation():
    read = checkpoint.parse(checkpoint.signed("o", 1, ROOT, [OLD, NEW]))
    assert read.signed_by([OLD.key]) and read.signed_by([NEW.key])
    assert read.signed_by([NEW.key, OLD.key]) == (NEW.key, OLD.key)


@pytest.mark.parametrize("changed", [{"size": 13}, {"root": bytes(32)}, {"origin": "p"}])
def test_a_changed_head_loses_its_signature(changed):
    read = checkpoint.parse(checkpoint.signed("o", 12, ROOT, [OLD]))
    said = {"origin": read.origin, "size": read.size, "root": read.root} | changed
    assert not Checkpoint(**said, signatures=read.signatures).signed_by([OLD.key])


def test_another_key_under_the_same_name_convinces_nobody():
    read = checkpoint.parse(checkpoint.signed("o", 12, ROOT, [NEW]))
    assert not read.signed_by([OLD.key])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "o\n1\n",
        "o\n01\nAAAA\n\n— x AAAA\n",
        "o\n1\nAAAA\n\n— x AAAAAAAA\n",
        "o\n-1\n\n\n",
        "o\n１\nAAAA\n\n— x A\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(note):
    with pytest.raises(checkpoint.NotANote):
        checkpoint.parse(note)


@pytest.mark.parametrize(
    "text", ["", "a+b", "a+00000000+AAAA", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(checkpoint.NotANote):
        checkpoint.key_of(text)
