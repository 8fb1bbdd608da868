"""Settings of workers that a test starts: the broker may be one of its own, and mail leaves by SMTP."""

import os

from tests.settings import *  # noqa: F403

if os.environ.get("CREW_REDIS_URL"):
    REDIS_URL = CELERY_BROKER_URL = os.environ["CREW_REDIS_URL"]
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "crm",
        }
    }
EMAIL_BACKEND = "governance.notify.email.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ.get("CREW_MAIL_PORT", "9"))
