"""`python -m crm_ledger.local.deploy`: roles and schema on a real server, before web, worker and beat start.

DATABASE_ADMIN_URL may make roles. DATABASE_URL and DATABASE_OWNER_URL name the two doors that it makes, with
their passwords. Safe to repeat at each release.
"""

from urllib.parse import unquote, urlsplit

from crm_ledger.database_url import SCHEMES
from crm_ledger.env import WrongEnvironment, env_url
from crm_ledger.local import provision


def main() -> None:
    admin, app, owner = (_address(name) for name in ("DATABASE_ADMIN_URL", "DATABASE_URL", "DATABASE_OWNER_URL"))
    sealer = env_url("SEALER_DATABASE_URL", SCHEMES)
    provision.provision(
        admin,
        unquote(urlsplit(app).path.lstrip("/")),
        app_password=_password("DATABASE_URL", app, provision.APP),
        migrate_password=_password("DATABASE_OWNER_URL", owner, provision.MIGRATE),
        sealer_password=_password("SEALER_DATABASE_URL", sealer, provision.SEALER) if sealer else "",
    )
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "migrate", "--no-input"])
    from crm_ledger.local.prepare import refuse_without_guards

    refuse_without_guards()


def _address(name: str) -> str:
    found = env_url(name, SCHEMES)
    if found is None:
        raise WrongEnvironment(f"{name} is missing; see the service `migrate` in docker-compose.yml.")
    return found


def _password(name: str, url: str, role: str) -> str:
    parts = urlsplit(url)
    if parts.username != role or not parts.password:
        raise WrongEnvironment(f"{name} must log in as {role} with a password.")
    return unquote(parts.password)


if __name__ == "__main__":
    main()
