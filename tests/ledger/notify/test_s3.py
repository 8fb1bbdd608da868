"""Checkpoints in a store that checks the signature of every request."""

import base64
import hashlib
import urllib.error
from datetime import UTC, datetime

import pytest

from ledger.notify import s3
from ledger.notify.notice import Notice
from tests.ledger.notify import store as stores

NOTICE = Notice(12, "crm-ledger\n12\nroot\n\n— signed\n", datetime(2026, 11, 22, tzinfo=UTC))
PATH = "/bucket/a%20company/000000000000012.checkpoint"


@pytest.fixture
def store(settings):
    with stores.running() as (url, kept):
        settings.CHECKPOINT_S3_URL, settings.CHECKPOINT_S3_REGION = url, stores.REGION
        settings.CHECKPOINT_S3_KEY_ID, settings.CHECKPOINT_S3_SECRET = stores.KEY_ID, stores.SECRET
        settings.CHECKPOINT_S3_LOCK_DAYS, settings.LEDGER_ORIGIN = 0, "a company"
        yield kept


def test_a_head_is_an_object_under_its_size(store):
    s3.send(NOTICE)
    assert store.objects == {PATH: NOTICE.note.encode()}
    digest = base64.b64encode(hashlib.sha256(NOTICE.note.encode()).digest()).decode()
    assert store.headers_of[PATH]["x-amz-checksum-sha256"] == digest
    assert "x-amz-object-lock-mode" not in store.headers_of[PATH]


def test_the_same_head_again_is_harmless(store):
    s3.send(NOTICE)
    s3.send(NOTICE)
    assert store.objects == {PATH: NOTICE.note.encode()}


def test_another_head_of_the_same_size_is_refused_and_the_first_stays(store):
    s3.send(NOTICE)
    with pytest.raises(s3.AnotherHead, match="another checkpoint of 12"):
        s3.send(NOTICE._replace(note="rewritten\n"))
    assert store.objects == {PATH: NOTICE.note.encode()}


def test_a_lock_is_asked_for_and_signed(store, settings):
    settings.CHECKPOINT_S3_LOCK_DAYS = 3650
    s3.send(NOTICE)
    sent = store.headers_of[PATH]
    assert sent["x-amz-object-lock-mode"] == "COMPLIANCE"
    assert sent["x-amz-object-lock-retain-until-date"] > "2036"
    assert "x-amz-object-lock-retain-until-date" in sent["authorization"]


def test_a_wrong_secret_is_refused(store, settings):
    settings.CHECKPOINT_S3_SECRET = "another"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        s3.send(NOTICE)
    assert store.objects == {}


def test_only_the_web_is_an_address(settings):
    settings.CHECKPOINT_S3_URL = "file:///etc"
    with pytest.raises(ValueError, match="no web address"):
        s3.send(NOTICE)
