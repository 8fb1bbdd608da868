"""The limit: the same statements without any Python between them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from crm_ledger.bench.clients import Measured
from crm_ledger.bench.firm import CLIENTS
from crm_ledger.bench.script import Script
from crm_ledger.bench.workbench import Workbench

_RATE = re.compile(r"tps = ([\d.]+)")


def play(
    bench: Workbench,
    scripts: Sequence[Script],
    *,
    seconds: float = 0,
    times: int = 0,
    variables: Mapping[str, object] | None = None,
    clients: int = CLIENTS,
    url: str = "",
    builtin: str = "",
    warm: int = 0,
) -> Measured:
    """Eight connections play the scripts, one by chance after the other, for a time or so many times each.

    `url` names another database, `builtin` one of pgbench's own scripts. The first `warm` of each connection do not
    count.
    """
    folder = bench.folder / "pgbench"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    command = [str(bench.binary("pgbench")), url or bench.environment["DATABASE_URL"], "--no-vacuum", "--log"]
    command += [
        "--log-prefix",
        str(folder / "log"),
        f"--client={clients}",
        f"--jobs={min(2, clients)}",
        "--protocol=simple",
    ]
    command += [f"--transactions={times}"] if times else [f"--time={max(1, round(seconds))}"]
    for name, known in (variables or {}).items():
        command += ["--define", f"{name}={known}"]
    if builtin:
        command += [f"--builtin={builtin}"]
    for at, script in enumerate(scripts):
        file = folder / f"{at}.sql"
        file.write_text(script.for_pgbench(), encoding="utf-8")
        command += ["--file", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PGOPTIONS": ""})
    rate = _RATE.search(done.stdout)
    if done.returncode or rate is None or "aborted" in done.stderr:
        raise RuntimeError(f"pgbench failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    if warm:
        return _warmed(folder, warm)
    return Measured(float(rate[1]), [took for mine in _logged(folder).values() for _, took in mine])


def _warmed(folder: Path, warm: int) -> Measured:
    """From the end of a connection's last warm transaction to its end, summed over the connections."""
    rate, samples = 0.0, []
    for mine in _logged(folder).values():
        counted = mine[warm:]
        if counted:
            rate += len(counted) / (counted[-1][0] - mine[warm - 1][0])
            samples += [took for _, took in counted]
    return Measured(rate, samples)


def _logged(folder: Path) -> dict[str, list[tuple[float, float]]]:
    """Connection → (when it ended, how long it took), in seconds, of each transaction in its order."""
    found: dict[str, list[tuple[float, float]]] = {}
    for log in folder.glob("log.*"):
        for line in log.open():
            client, _, took, _, seconds, micros, *_ = line.split()
            found.setdefault(client, []).append((int(seconds) + int(micros) / 1e6, int(took) / 1e6))
    return found
