"""Web processes, workers and backends of the database are killed under load. What was answered is there, nothing is
there twice, the chains hold, the tables are what the record derives, and every book sums to zero.

Seen to fail with another key for each attempt of a request.
"""

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter

import psutil
import pytest
from django.db import connection

from crm_ledger.verify.run import verify
from tests.concurrency.workers import Crew
from tests.programs import Program, terms
from tests.web_server import LiveSite

pytestmark = pytest.mark.slow
SECONDS, CLIENTS = 12, 4


class Client(threading.Thread):
    """Opens deals and moves them on; each request goes out with its key until it is answered, as a retry does."""

    def __init__(self, port, secret, body, stop, number):
        super().__init__()
        self.port, self.secret, self.body, self.stop, self.chance = port, secret, body, stop, random.Random(number)
        self.asked, self.opened, self.advanced, self.odd = [], {}, [], []

    def run(self):
        while not self.stop.is_set():
            title = f"Torture {uuid.uuid4().hex}"
            self.asked.append(title)
            answer = self.until_answered("/deals/", {**self.body, "title": title, "need": f"{title} says why"}, {})
            if answer is None:
                continue
            self.opened[title] = answer["ref"]
            tag = {"If-Match": '"1"'}
            moved = self.until_answered(f"/deals/{answer['ref']}/advances/", {"to": "solution"}, tag)
            if moved is not None:
                self.advanced.append(answer["ref"])

    def until_answered(self, address, body, headers):
        """None when the test ended first: then nobody knows, which is what the key is for."""
        key = uuid.uuid4().hex
        end = time.monotonic() + SECONDS + 15
        while time.monotonic() < end:
            try:
                status, said = self.send(address, body, {**headers, "Idempotency-Key": key})
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(self.chance.uniform(0.01, 0.1))
                continue
            if status in (200, 201):
                return said
            if status < 500 and status not in (409, 429):
                self.odd.append((address, status, said))
                return None
            time.sleep(self.chance.uniform(0.01, 0.1))
        return None

    def send(self, address, body, headers):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=8)
        try:
            named = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json", **headers}
            line.request("POST", f"/api/v1{address}", json.dumps(body), named)
            response = line.getresponse()
            return response.status, json.loads(response.read())
        finally:
            line.close()


@pytest.fixture
def site(committed_company, tmp_path):
    site = LiveSite(committed_company[0], tmp_path)
    site.start()
    yield site
    site.stop()


def test_nothing_is_lost_or_doubled(committed_company, site, tmp_path):
    database, company = committed_company
    secret, body = Program(company, "rep").secret, terms(company)
    crew, stop, chance, struck = Crew(database, tmp_path, ""), threading.Event(), random.Random(5), Counter()
    worker = crew.worker()
    clients = [Client(site.port, secret, body, stop, number) for number in range(CLIENTS)]
    connection.close()
    try:
        for client in clients:
            client.start()
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(chance.uniform(0.2, 0.9))
            blow = chance.choice(("web", "backend", "backend", "worker"))
            struck[blow] += 1
            if blow == "web":
                kill_one(psutil.Process(site._process.pid), chance)
            elif blow == "worker":
                kill_one(psutil.Process(worker.pid), chance)
            else:
                terminate_some(database)
        stop.set()
        for client in clients:
            client.join(60)
    finally:
        stop.set()
        crew.end()
    assert min(struck[blow] for blow in ("web", "backend", "worker")) > 0, struck
    assert [client.odd for client in clients if client.odd] == []
    judge(clients)


def kill_one(parent, chance):
    """A child at random, as the kernel does that is out of memory; its parent makes another."""
    children = parent.children()
    if children:
        chance.choice(children).kill()


def terminate_some(database):
    with database.superuser() as root, root.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = 'ledger_app' ORDER BY random() LIMIT 2"
        )


def judge(clients):
    asked = [title for client in clients for title in client.asked]
    opened = {title: ref for client in clients for title, ref in client.opened.items()}
    advanced = [ref for client in clients for ref in client.advanced]
    assert len(opened) >= 3 and len(advanced) >= 2, (len(opened), len(advanced))
    with connection.cursor() as cursor:
        cursor.execute("SELECT title, id FROM pipeline_deal WHERE title LIKE 'Torture %'")
        there = cursor.fetchall()
        cursor.execute("SELECT stream, count(*) FROM ledger_entry WHERE kind = 'deal.advanced' GROUP BY stream")
        moves = dict(cursor.fetchall())
        cursor.execute("SELECT book, currency, sum(amount) FROM ledger_posting GROUP BY 1, 2 HAVING sum(amount) <> 0")
        lopsided = cursor.fetchall()
    # I1: what was answered is there, as answered.
    assert set(opened.items()) <= {(title, f"D-{number:06d}") for title, number in there}
    assert set(advanced) <= {f"D-{int(stream.split('/')[1]):06d}" for stream in moves}
    # I2: what was asked again and again is there once.
    assert max(Counter(title for title, _ in there).values()) == 1 and {title for title, _ in there} <= set(asked)
    assert {moves.get(f"deal/{number}", 0) for _, number in there} <= {0, 1}
    # I3, I4: chains, and every table from the record; I5: books.
    report = verify()
    assert report.ok, [str(one) for verdict in report.verdicts.values() for one in verdict.violations][:5]
    assert lopsided == []
