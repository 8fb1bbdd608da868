"""What the processes of the product are told, and what is kept from them."""

import os
from collections.abc import Mapping

from crm_ledger.env import env_bool, env_secret
from crm_ledger.local import mirror
from crm_ledger.local.paths import LOCAL
from crm_ledger.local.secrets import keep
from crm_ledger.local.services import Services

# The owner's address never reaches the web, the worker or the scheduler. The others are given anew below.
_KEPT_BACK = {"DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE", "DATABASE_URL_FILE", "REDIS_URL_FILE", "SECRET_KEY_FILE"}
# The role and the key that seal the record reach the worker alone.
_KEPT_BACK |= {"SEALER_DATABASE_URL", "SEALER_DATABASE_URL_FILE", "LEDGER_SIGNING_KEY_FILE"}


def product(services: Services) -> dict[str, str]:
    """The variables that every process of this run shares, and that `manage.py` adopts later."""
    debug = env_bool("DEBUG", True)
    return {
        "DATABASE_URL": services.app_url,
        "REDIS_URL": services.redis_url,
        "SECRET_KEY": env_secret("SECRET_KEY") or keep("secret_key"),
        "DEBUG": str(int(debug)),
        "DEMO": str(int(env_bool("DEMO", debug))),
        "DJANGO_SETTINGS_MODULE": "crm_ledger.settings",
        "CHECKPOINT_MIRROR_DIR": mirror.folder(),
    }


def sealer(services: Services) -> dict[str, str]:
    """What only the worker, and `manage.py seal`, are told."""
    if not services.sealer_url:
        return {}
    key = os.environ.get("LEDGER_SIGNING_KEY_FILE") or str(LOCAL / "secrets" / "signing_key")
    return {"SEALER_DATABASE_URL": services.sealer_url, "LEDGER_SIGNING_KEY_FILE": key}


def for_process(shared: Mapping[str, str], **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in _KEPT_BACK}
    return {**inherited, **shared, **more}
