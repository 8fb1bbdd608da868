"""Addresses of PostgreSQL: from a URL to Django's words and back."""

from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from crm_ledger.env import WrongEnvironment

SCHEMES = ("postgresql", "postgres")


def django_database(url: str, *, application: str, statement_timeout_ms: int = 0) -> dict[str, Any]:
    """Django's settings for one database. A `host` in the query is the folder of a socket."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", "") or unquote(parts.hostname or "")
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in SCHEMES or not name:
        raise WrongEnvironment("the address of the database must look like postgresql://user:password@host:5432/name.")
    options: dict[str, Any] = {**query, "application_name": application}
    if statement_timeout_ms:
        options["options"] = f"-c statement_timeout={statement_timeout_ms}"
    return {
        "ENGINE": "crm_ledger.postgres",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        # Connections stay open, one a thread; a health check replaces one that the server has closed.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


def build_url(*, user: str, password: str, database: str, host: str, port: int | str = "") -> str:
    """An address of a socket folder (a host that starts with a slash) or of a TCP server."""
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    if host.startswith("/"):
        return f"postgresql://{login}@/{quote(database)}?{urlencode({'host': host})}"
    address = f"{host}:{port}" if port else host
    return f"postgresql://{login}@{address}/{quote(database)}"


def with_login(url: str, *, user: str, password: str, database: str | None = None) -> str:
    """The same server, and the same database unless another is named, under another log-in."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    path = f"/{quote(database)}" if database is not None else parts.path
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return parts._replace(netloc=f"{login}@{address}", path=path).geturl()


def with_database(url: str, database: str) -> str:
    """The same server and log-in, another database."""
    return urlsplit(url)._replace(path=f"/{quote(database)}").geturl()
