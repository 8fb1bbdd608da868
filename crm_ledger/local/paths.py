"""Where a local product keeps its things: all in one ignored folder of the clone."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
LOGS = LOCAL / "log"
METRICS = LOCAL / "metrics"
STATE = LOCAL / "run.json"
LOCK = LOCAL / "run.lock"
