"""Schema and static files, in one process so that Django is loaded once. Run as `python -m crm_ledger.local.prepare`.

The last line on standard output says what the demo needs: `build`, `keep` or `none`.
"""

import hashlib
import sys

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.management import call_command, get_commands
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from crm_ledger.local.paths import LOCAL, ROOT


def main() -> None:
    django.setup()
    _migrate()
    refuse_without_guards()
    _collect_static()
    print(_demo())


def _migrate() -> None:
    if "owner" in connections.settings:
        call_command("migrate", interactive=False, verbosity=1)
        return
    executor = MigrationExecutor(connections["default"])
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        sys.exit(
            f"{len(missing)} migrations are not applied, and DATABASE_URL may not change the schema; "
            "set DATABASE_OWNER_URL to the address of a role that may."
        )


def refuse_without_guards() -> None:
    """As the application: whether the guards of the record are those of the migrations (ledger/checks.py)."""
    if found := checks.run_checks(tags=[checks.Tags.database], databases=["default"]):
        sys.exit("The database is not guarded as it must be:\n" + "\n".join(f"- {fault.msg}" for fault in found))


def _collect_static() -> None:
    """Only when a file of ours or a dependency changed: hashing and compressing all of them takes seconds."""
    stamp = LOCAL / "static.stamp"
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for app in ("crm_ledger", "ledger", "pipeline", "governance", "reporting"):
        for file in sorted((ROOT / app).glob("static/**/*")):
            seen = file.stat()
            digest.update(f"{file.relative_to(ROOT)} {seen.st_size} {seen.st_mtime_ns}\n".encode())
    mark = digest.hexdigest()
    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if manifest.exists() and stamp.exists() and stamp.read_text() == mark:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(mark)


def _demo() -> str:
    if not settings.DEMO or "demo" not in get_commands():
        return "none"
    return "keep" if get_user_model().objects.exists() else "build"


if __name__ == "__main__":
    main()
