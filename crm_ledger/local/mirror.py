"""The second place where a local product publishes signed heads: outside the clone, so that it outlives `.local/`."""

import hashlib
import os
from pathlib import Path

from crm_ledger.local.paths import ROOT
from crm_ledger.local.say import say
from crm_ledger.local.secrets import keep


def folder() -> str:
    """CHECKPOINT_MIRROR_DIR where it is set (empty: none); else a folder of this record in the user's state folder.

    Its name comes from a secret in `.local/`: a record that begins anew gets a mirror of its own, and one that is
    restored from a copy of `.local/` finds what it published before.
    """
    given = os.environ.get("CHECKPOINT_MIRROR_DIR")
    if given is not None:
        return given
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    name = f"{ROOT.name}-{hashlib.sha256(keep('record').encode()).hexdigest()[:12]}"
    found = Path(state) / "crm-ledger" / name
    try:
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        say(f"Signed heads have no second place: {fault}. CHECKPOINT_MIRROR_DIR names another one.")
        return ""
    return str(found)
