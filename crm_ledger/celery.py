"""The Celery app. Its settings stand in settings.py, its timetable in schedule.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

from crm_ledger import broker
from crm_ledger.sealing_loop import Sealing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_ledger.settings")

broker.mend()
app = Celery("crm_ledger")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)
app.steps["worker"].add(Sealing)


@setup_logging.connect
def _keep_our_logs(**_: Any) -> None:
    """Being connected is enough: Celery then leaves the logging of settings.py alone."""
