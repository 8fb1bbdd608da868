"""What is late is told: an entry without a seal, a head that did not leave the house."""

from datetime import timedelta

import pytest
from django.test import Client

from ledger.commands import publish
from ledger.notify import checkpoints
from ledger.notify.checkpoints import Channel
from ledger.queries import lag
from tests.ledger.notify import store as stores
from tests.ledger.sealing.writing import entry, insert


@pytest.fixture
def house(sealer, settings, tmp_path, committed_db):
    settings.CHECKPOINT_DIR, settings.LEDGER_ORIGIN = tmp_path / "checkpoints", "tests"
    with committed_db.owner() as owner:
        owner.cursor().execute("UPDATE ledger_clock SET demo = true")
        owner.commit()
    return committed_db


def write(database, name):
    with database.app() as app:
        insert(app, entry(f"import/{name}", at=_now(app)))
        app.commit()


def _now(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_now()")
        return cursor.fetchone()[0]


def later(database, seconds):
    with database.app() as app:
        app.cursor().execute("SELECT ledger_move_demo_clock(ledger_now() + %s)", [timedelta(seconds=seconds)])
        app.commit()


def test_an_entry_without_a_seal_is_late_after_five_seconds(house, seal_all):
    write(house, "waits")
    assert not lag.lag().sealing_is_late
    later(house, 6)
    assert lag.lag().sealing_is_late
    said = Client().get("/readyz").json()["sealing"]
    assert said.startswith("the oldest entry without a seal is ") and said.endswith(" s old")
    seal_all()
    found = lag.lag()
    assert found.unsealed is None and found.size > 0 and lag.sealing_sentence(found) == "ok"


def test_one_channel_that_lags_is_told_and_all_of_them_are_too_many(house, seal_all, settings):
    settings.CHECKPOINT_WEBHOOK_URL = "http://127.0.0.1:9/nobody-listens"
    write(house, "published")
    seal_all()
    publish.declare()
    assert publish.publish()["file"] >= 1
    later(house, 6)
    found = lag.lag()
    late = {channel.name: channel.fault for channel in found.late_channels}
    assert list(late) == ["webhook"] and "refused" in late["webhook"]
    assert lag.publication_sentence(found).startswith("ok; webhook is ")
    write(house, "published later")
    seal_all()
    later(house, 6)
    assert [channel.name for channel in lag.lag().late_channels] == ["file", "webhook"]
    answer = Client().get("/readyz")
    assert answer.status_code == 503 and answer.json()["publication"].startswith("file is ")
    assert 'crm_ledger_unpublished_seconds{channel="webhook"}' in Client().get("/metrics").content.decode()


def test_a_channel_that_is_no_more_is_not_late(house, settings):
    settings.CHECKPOINT_WEBHOOK_URL = ""
    publish.declare()
    publish.publish()
    found = lag.lag()
    assert [channel.name for channel in found.channels] == ["file"] and not found.late_channels


def test_two_files_and_a_store_hold_the_same_heads(house, seal_all, settings, tmp_path):
    settings.CHECKPOINT_MIRROR_DIR = str(tmp_path / "mirror")
    with stores.running() as (url, kept):
        settings.CHECKPOINT_S3_URL, settings.CHECKPOINT_S3_REGION = url, stores.REGION
        settings.CHECKPOINT_S3_KEY_ID, settings.CHECKPOINT_S3_SECRET = stores.KEY_ID, stores.SECRET
        write(house, "thrice")
        seal_all()
        publish.publish()
    one, two = ((folder / checkpoints.FILE).read_text() for folder in (tmp_path / "checkpoints", tmp_path / "mirror"))
    assert two.endswith(one) and len(kept.objects) == len(two.splitlines()) > 0


def test_two_machines_never_send_through_one_channel_at_once(house, seal_all, sealer):
    write(house, "once")
    seal_all()
    sent = []

    def send(notice):
        with house.superuser() as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext('slow'))", [publish.LOCK])
            sent.append((notice.size, cursor.fetchone()[0]))

    count = publish.through("slow", Channel(send))
    assert count == len(sent) > 0 and not any(taken for _, taken in sent)
    assert publish.through("slow", Channel(send)) == 0
