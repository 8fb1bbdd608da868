"""Where a local product keeps its things: all in one ignored folder of the clone."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
LOGS = LOCAL / "log"
STATE = LOCAL / "run.json"
LOCK = LOCAL / "run.lock"


def private_folder(path: Path) -> Path:
    """The folder, made when missing; nobody else may list it."""
    path.mkdir(mode=0o711, parents=True, exist_ok=True)
    return path
