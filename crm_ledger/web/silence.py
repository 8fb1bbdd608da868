"""What a page says when a part of the product is silent: figures stay true, but nothing acts by itself meanwhile."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.utils.translation import gettext as _

from crm_ledger import heartbeat

log = logging.getLogger(__name__)
_all_were_well = -float("inf")  # when this process last heard of everybody


def sentence() -> str:
    """Empty while all is well. What is shown on a page is computed when it is read, so no figure is wrong."""
    global _all_were_well
    began = time.monotonic()
    if began - _all_were_well < settings.LOOK_EVERY_SECONDS:
        return ""
    said = _sentence()
    if not said:
        _all_were_well = began
    return said


def _sentence() -> str:
    try:
        silent = heartbeat.silent()
    except Exception as fault:  # the page must come all the same
        log.warning("nobody can be heard: %s", fault)
        return _("The broker does not answer: messages and sweeps wait. What you see and do is not affected.")
    if "scheduler" in silent or "worker" in silent:
        part = _("scheduler") if "scheduler" in silent else _("worker")
        return _("The %(part)s is silent: deadlines are noted when somebody looks, and messages wait.") % {"part": part}
    if "courier" in silent:
        return _("Messages wait: nothing leaves by mail or webhook at the moment.")
    return ""
