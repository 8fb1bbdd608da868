"""PostgreSQL refuses to run as root; then it runs as an ordinary user of the machine."""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from crm_ledger.env import WrongEnvironment

# The name that the library of the embedded server uses too, so a machine gets one such user, not two.
NAME = "pgserver"


def postgres_user() -> pwd.struct_passwd | None:
    """Who runs PostgreSQL: None means ourselves. As root the user is made when it is missing."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise WrongEnvironment(
            f"PostgreSQL does not run as root and no user {NAME!r} can be made here (useradd is missing); "
            "start as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        )
    made = subprocess.run([useradd, "--system", "--no-create-home", NAME], capture_output=True, text=True)
    try:
        return pwd.getpwnam(NAME)  # also when another start made it in the meantime
    except KeyError:
        raise WrongEnvironment(
            f"the user {NAME!r} for PostgreSQL could not be made ({made.stderr.strip()}); "
            "start as an ordinary user, or set DATABASE_URL to a PostgreSQL server."
        ) from None


def open_the_way(target: Path) -> list[Path]:
    """Lets other users pass through (not list) the folders above `target`; returns those it had to change."""
    changed = []
    for folder in target.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
            changed.append(folder)
    return changed


def make_readable(tree: Path) -> None:
    """Gives back the reading rights that a strict umask took from installed files."""
    if tree.stat().st_mode & stat.S_IROTH and tree.stat().st_mode & stat.S_IXOTH:
        return
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IRGRP | stat.S_IROTH | (0o011 if mode & stat.S_IXUSR else 0))
