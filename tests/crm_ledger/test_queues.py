"""What the workers promise: urgency, late acknowledgement, limits that fit together, and every task has a place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.conf import settings

from crm_ledger import queues
from crm_ledger.celery import app
from crm_ledger.local import parts
from crm_ledger.schedule import BEAT_SCHEDULE
from tests.databases import ROOT

OURS = ("crm_ledger", "ledger", "pipeline", "governance", "reporting")


def tasks():
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if name.startswith(OURS)}


def queue_of(name, options=None):
    return app.amqp.router.route(dict(options or {}), name)["queue"].name


def test_a_lost_message_comes_back_and_a_running_one_does_not():
    """Late ack, rejected when the worker is lost, and hidden for longer than the longest task may run."""
    conf = app.conf
    assert conf.task_acks_late and conf.task_reject_on_worker_lost and conf.worker_prefetch_multiplier == 1
    hidden = conf.broker_transport_options["visibility_timeout"]
    for task in tasks().values():
        limit = task.time_limit or conf.task_time_limit
        soft = task.soft_time_limit or conf.task_soft_time_limit
        assert soft < limit < hidden, task.name
        assert task.acks_late and task.reject_on_worker_lost, task.name
        assert task.ignore_result, task.name


def test_retries_are_spread():
    retried = [task for task in tasks().values() if getattr(task, "autoretry_for", ())]
    assert {task.name for task in retried} >= {"ledger.tasks.deliver", "governance.tasks.send"}
    assert all(task.retry_jitter and task.retry_backoff for task in retried)


def test_every_task_goes_to_a_queue_that_somebody_serves():
    found = {name: queue_of(name) for name in tasks()}
    assert set(found.values()) <= set(queues.ALL)
    assert set(queues.WORKER) & set(queues.COURIER) == set()
    sweeps = {name for name, queue in found.items() if queue == queues.SWEEP}
    assert {
        "ledger.tasks.relay_outbox",
        "governance.tasks.relay_deliveries",
        "governance.tasks.sweep_expired",
    } <= sweeps
    assert all(name in sweeps for name in found if ".sweep_" in name)
    assert found["ledger.tasks.seal"] == queues.SEAL
    # The only one that calls others' machines is the only one on the courier's queue.
    assert [name for name, queue in found.items() if queue == queues.POST] == ["governance.tasks.send"]


def test_the_timetable_names_tasks_that_exist_and_each_run_expires():
    for line, entry in BEAT_SCHEDULE.items():
        assert entry["task"] in tasks(), line
        if isinstance(entry["schedule"], float | int):
            assert entry["options"]["expires"] >= 10, line
    signs = {(entry["args"], entry["options"]["queue"]) for entry in BEAT_SCHEDULE.values()
             if entry["task"] == "crm_ledger.tasks.sign_of_life"}  # fmt: skip
    assert signs == {(("worker",), queues.SWEEP), (("courier",), queues.POST)}


def test_a_queue_that_nobody_serves_is_refused_where_it_is_sent():
    from kombu.exceptions import KombuError

    with pytest.raises((KombuError, KeyError)):
        app.send_task("governance.tasks.sweep_expired", queue="nowhere")


def served(command):
    words = command.split() if isinstance(command, str) else command
    return words[words.index("-Q") + 1].split(",")


def test_local_start_and_compose_serve_every_queue_in_the_order_of_urgency():
    started = {part.name: part for part in parts.product_parts({}, "127.0.0.1", 1, {})}
    assert {"web", "worker", "courier", "beat"} == set(started)
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert served(compose["worker"]["command"]) == list(queues.WORKER)
    assert served(compose["courier"]["command"]) == list(queues.COURIER)
    source = Path(parts.__file__).read_text()
    assert '"-Q", ",".join(queues.WORKER)' in source and '"-Q", ",".join(queues.COURIER)' in source


def test_the_worker_looks_at_its_most_urgent_queue_first():
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["queue_order_strategy"] == "priority"
    assert queues.WORKER[0] == queues.SWEEP
