"""Settings of the tests: the product's own, on servers that only the tests use."""

import os
import tempfile
from pathlib import Path

from tests.databases import servers

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("DEMO", "1")
os.environ.setdefault("STATIC_FROM_SOURCE", "1")
os.environ.setdefault("API_RATE_USER", "100000/min")
os.environ.setdefault("API_RATE_ANONYMOUS", "100000/min")
os.environ.setdefault("LOG_LEVEL", "WARNING")
# A key of this run's own; a live site and the programs that a test starts inherit it.
os.environ.setdefault("RECEIPT_KEY_FILE", str(Path(tempfile.mkdtemp(prefix="crm-ledger-keys-")) / "receipt_key"))
# Heads that a product in this clone has published say nothing about the tests' records.
os.environ.setdefault("CHECKPOINT_DIR", str(servers.folder / "checkpoints"))
# Never a real database by accident: the name is set to a fresh copy when the first test asks for it. A live site
# (tests/web_server.py) is told its own.
os.environ["DATABASE_URL"] = os.environ.get("TESTS_SITE_URL", "postgresql://ledger_app@localhost/set_by_the_tests")
os.environ["DATABASE_OWNER_URL"] = os.environ.get("TESTS_SITE_OWNER_URL", "")
os.environ["REDIS_URL"] = servers.redis_url()

from crm_ledger.settings import *  # noqa: F403
from crm_ledger.settings import ACCOUNT_RATE_LIMITS

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ACCOUNT_RATE_LIMITS = dict.fromkeys(ACCOUNT_RATE_LIMITS, "100000/m/ip")
