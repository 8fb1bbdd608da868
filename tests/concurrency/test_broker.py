"""Redis is killed again and again while workers take tasks: they connect anew by themselves, and nobody starts them."""

import random
import time

import pytest
import redis
from django.db import connection as database_connection

from crm_ledger.celery import app
from crm_ledger.local.redis_server import RedisServer
from tests import walking
from tests.concurrency.workers import Crew
from tests.receivers import MailReceiver


@pytest.mark.parametrize("act", ["basic_ack", "basic_reject", "_size"])
def test_a_channel_that_outlived_its_connection_says_that_the_broker_is_gone(act):
    """In words that a worker understands: after any other error it ends instead of connecting anew."""
    with app.connection_for_write() as connection:
        channel = connection.channel()
        connection.collect()
        with pytest.raises(connection.connection_errors):
            getattr(channel, act)("a message or a queue")


@pytest.mark.slow
def test_workers_outlive_their_broker(committed_company, tmp_path):
    database, company = committed_company
    chance = random.Random(6)
    broker = RedisServer(tmp_path / "redis", password="crew", log=tmp_path / "redis.txt", durable=False)
    broker.start()
    with MailReceiver() as mail:
        crew = Crew(database, tmp_path, broker.url, CREW_MAIL_PORT=str(mail.port))
        try:
            parts = [crew.worker(), crew.courier(), crew.beat()]
            crew.until(lambda: "ready." in (tmp_path / "worker0.log").read_text(), 90)
            for _ in range(6):
                walking.opened(company)
                broker.process.kill()
                broker.process.wait()
                time.sleep(chance.uniform(0.1, 2.5))
                broker.start()
                time.sleep(chance.uniform(0.05, 2))
            walking.opened(company)
            with redis.Redis.from_url(broker.url) as client:
                crew.until(lambda: not waiting() and client.llen("post") + client.llen("steady") == 0, 60)
            assert [part.poll() for part in parts] == [None, None, None], logs(tmp_path)
        finally:
            crew.end()
            broker.stop()
            database_connection.close()


def waiting():
    with database_connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_outbox WHERE available_at <= ledger_now()")
        return cursor.fetchone()[0]


def logs(folder):
    return "\n".join(f"{log.name}: {log.read_text()[-6000:]}" for log in sorted(folder.glob("*.log")))
