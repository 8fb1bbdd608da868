"""Files of runs from a browser or a program, for a day: all faults as a CSV, and after a dry run what was tried.

They lie beside the evidence, readable by the product alone. Nothing in them is a fact; losing them loses nothing.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from pipeline.commands.importing.files import Files, Upload
from pipeline.rules.importing.faults import RowFault
from pipeline.rules.importing.report import faults_csv

KEPT_SECONDS = 24 * 3600
_NAMES = ("deals", "accounts", "products", "teams", "map")


def keep(batch: int, faults: Sequence[RowFault], files: Files | None = None) -> None:
    """Keeps the faults of a run and, with `files`, what it read. Sweeps what is older than a day."""
    _sweep()
    folder = _folder(batch)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(folder / "faults.csv", faults_csv(faults).encode())
    if files is None:
        return
    names = {}
    for name in _NAMES:
        upload: Upload | None = getattr(files, name)
        if upload is not None:
            names[name] = upload.name
            _put(folder / name, upload.data)
    _put(folder / "names.json", json.dumps(names).encode())


def faults(batch: int) -> bytes | None:
    """The whole faults CSV of a run, while it is kept."""
    try:
        return (_folder(batch) / "faults.csv").read_bytes()
    except OSError:
        return None


def files(batch: int) -> Files | None:
    """What a dry run read, while it is kept."""
    folder = _folder(batch)
    try:
        names = json.loads((folder / "names.json").read_bytes())
        return Files(**{name: Upload(names[name], (folder / name).read_bytes()) for name in _NAMES if name in names})
    except (OSError, ValueError, TypeError):
        return None


def remove(batch: int) -> None:
    """Takes away everything of a run, before its day is over."""
    shutil.rmtree(_folder(batch), ignore_errors=True)


def _put(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)


def _folder(batch: int) -> Path:
    return _root() / str(int(batch))


def _root() -> Path:
    return Path(settings.EVIDENCE_ROOT).parent / "imports"


def _sweep() -> None:
    oldest = time.time() - KEPT_SECONDS
    with suppress(OSError):
        for folder in _root().iterdir():
            if folder.name.isdigit() and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)
