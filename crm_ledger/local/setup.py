"""Between the services and the product: schema, static files and, on an empty database, the demo."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence

from crm_ledger.local import environment, process
from crm_ledger.local.paths import LOCAL, LOGS, ROOT
from crm_ledger.local.say import CannotStart, say
from crm_ledger.local.services import Services

# There while the demo is built; found at a start, it tells of a build that was cut off.
_HALF_BUILT = LOCAL / "demo.building"


def prepare(services: Services, shared: Mapping[str, str], still_wanted: Callable[[], bool]) -> bool:
    """Makes the database ready for work; returns whether the demo people are in it."""
    if _HALF_BUILT.exists() and "postgres" in services.servers:
        say("The demo was cut off while it was built; its database starts anew.")
        services.start_database_anew()
    owner = {"DATABASE_OWNER_URL": services.owner_url} if services.owner_url else {}
    variables = environment.for_process(shared, **owner)
    words = _run("prepare", ["-m", "crm_ledger.local.prepare"], variables, still_wanted)
    demo = words.rsplit(maxsplit=1)[-1]
    if demo == "build":
        say("Building the demo company; this happens once …")
        _HALF_BUILT.touch()
        _run("demo", ["manage.py", "demo"], variables, still_wanted)
    _HALF_BUILT.unlink(missing_ok=True)
    return demo != "none"


def _run(name: str, words: Sequence[str], variables: Mapping[str, str], still_wanted: Callable[[], bool]) -> str:
    """The output of a step that must succeed."""
    log = LOGS / f"{name}.log"
    log.write_bytes(b"")
    step = process.start([sys.executable, *words], log=log, env=variables, cwd=ROOT)
    try:
        while step.poll() is None:
            still_wanted()
            time.sleep(0.05)
    finally:
        process.stop(step)
    if step.returncode:
        raise CannotStart(f"The step {name!r} failed:\n{process.tail(log, 60)}")
    return log.read_text(encoding="utf-8", errors="replace")
