"""The web server: few processes, some threads, connections that stay open."""

import gc
import os
import threading

from crm_ledger.env import env_int

wsgi_app = "crm_ledger.wsgi"
worker_class = "gthread"
workers = env_int("WEB_WORKERS", 2, least=1, most=64)
threads = env_int("WEB_THREADS", 24, least=1, most=64)  # settings.py lets three quarters of them hold streams
# Loaded once, then forked: a fault of the code ends the start at once, and the processes share memory.
preload_app = True
keepalive = 30
timeout = 60
# Open streams would hold a restart for longer; pages ask again by themselves.
graceful_timeout = 5
max_requests = 50_000
max_requests_jitter = 5_000
control_socket_disable = True
if os.access("/dev/shm", os.W_OK):  # noqa: S108  (the heartbeat of the workers must not wait for a disk)
    worker_tmp_dir = "/dev/shm"  # noqa: S108


def when_ready(server: object) -> None:
    """What is loaded stays: no process need look at it again, and its memory stays shared after the fork."""
    gc.collect()
    gc.freeze()


def post_fork(server: object, worker: object) -> None:
    """A request makes thousands of objects that die with it; only cycles need the collector, and they are few."""
    gc.set_threshold(25_000, 20, 50)


def post_worker_init(worker: object) -> None:
    """What is remembered of deals is read before somebody waits for it."""
    from crm_ledger import remembering

    threading.Thread(target=remembering.ahead, name="remembering", daemon=True).start()


def child_exit(server: object, worker: object) -> None:
    """Gauges of a process that is gone are forgotten."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[attr-defined, no-untyped-call]
